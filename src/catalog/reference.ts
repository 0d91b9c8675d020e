/**
 * Owns: the reference of tables and columns as Markdown, from the declarations.
 * Does not own: where it is written to (a script under docs/).
 * Invariants: pure; the same catalog gives the same text.
 */
import type { Catalog } from './catalog.js';
import { sqlTypeOf } from './system/sql-types.js';
import { SYSTEM_TABLES } from './system/index.js';
import type { Capability, ColumnDeclaration, TableDeclaration } from './table.js';

/**
 * Markdown of all tables: columns, types, what goes down, what can be written; then names not offered and system tables.
 *
 * @example
 * renderReference(loadCatalog('msgraph')).startsWith('# Tables'); // true
 */
export function renderReference(catalog: Catalog): string {
  const tables = catalog.tables().filter((table) => table.aliasOf === undefined);
  return [
    '# Tables and columns',
    '',
    'Made from the files in `schema/`; change those, not this page.',
    '',
    '- **Filter**: operators the service evaluates. `~` marks those whose rows are looked at again by the driver. Every other predicate works too, and runs in the driver.',
    '- **Sort**: `yes` if ORDER BY goes down, `~` if the rows are sorted again.',
    '- **Write**: `c` on create, `C` required on create, `u` on update, `d` on update of a draft, by what the service takes.',
    '- A name in *italics* is an input for WHERE. A name with `+` is asked for only when a statement uses it.',
    '',
    ...tables.flatMap((table) => [`- [${table.name}](#${table.name.toLowerCase()}) – ${table.description}`]),
    '',
    ...tables.flatMap(section),
    '## Names that are not offered',
    '',
    ...row('Name', 'Why'),
    rule(2),
    ...catalog.notOffered().flatMap((table) => row(table.name, table.shape.kind === 'not-offered' ? table.shape.reason : '')),
    '',
    '## System tables',
    '',
    ...row('Name', 'Rows', 'Columns'),
    rule(3),
    ...SYSTEM_TABLES.flatMap((table) => row(table.schema === 'main' ? table.name : `${table.schema}.${table.name}`, table.description, table.columns.map((column) => column.name).join(', '))),
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: readonly string[]): string[] => [`| ${cells.map(cell).join(' | ')} |`];
const rule = (columns: number): string => `|${'---|'.repeat(columns)}`;

function section(table: TableDeclaration): string[] {
  return [
    `## ${table.name}`,
    '',
    table.description,
    '',
    ...(table.aliases === undefined ? [] : [`Also as ${table.aliases.join(', ')}.`, '']),
    `Key: ${table.key.join(', ')}.${table.permissions === undefined ? '' : ` ${permissions(table.permissions)}`}`,
    '',
    ...row('Column', 'Type', 'Filter', 'Sort', 'Write', 'Description'),
    rule(6),
    ...table.columns.flatMap((column) => row(nameOf(column), typeOf(column), filterOf(column), column.sort === undefined ? '' : column.sort === 'exact' ? 'yes' : '~', writeOf(column), describe(column))),
    '',
  ];
}

function permissions({ delegated, application }: { readonly delegated: string; readonly application?: string }): string {
  return application === undefined ? `Needs ${delegated} (delegated).` : `Needs ${delegated} (delegated) or ${application} (application).`;
}

function nameOf(column: ColumnDeclaration): string {
  if (column.pseudo === true) return `*${column.name}*`;
  return `\`${column.name}\`${column.extra === true || column.single === true ? ' +' : ''}`;
}

function typeOf(column: ColumnDeclaration): string {
  const name = column.type === 'json' ? 'JSON text' : sqlTypeOf(column).name;
  const size = column.length !== undefined ? `(${String(column.length)})` : column.fraction !== undefined && column.fraction > 0 ? `(${String(column.fraction)})` : '';
  return `${name}${size}${column.nullable === false ? ' NOT NULL' : ''}`;
}

function filterOf({ filter }: ColumnDeclaration): string {
  if (filter === undefined) return '';
  const mark = (capability: Capability | undefined, operator: string): string | undefined => (capability === undefined ? undefined : `${operator}${capability.push === 'inexact' ? '~' : ''}`);
  return [
    mark(filter.eq, '='), mark(filter.ne, '<>'), mark(filter.range, '< >'), mark(filter.in, 'IN'), mark(filter.prefix, "LIKE 'x%'"),
    mark(filter.contains, filter.contains?.as === 'any' ? 'element' : "LIKE '%x%'"),
  ].filter((text) => text !== undefined).join(', ');
}

function writeOf({ write }: ColumnDeclaration): string {
  const create = write?.create === 'required' ? 'C' : write?.create === true ? 'c' : '';
  const update = write?.update === 'draft' ? 'd' : write?.update === true ? 'u' : '';
  return create + update;
}

function describe(column: ColumnDeclaration): string {
  const notes = [
    column.description,
    column.references === undefined ? undefined : `Refers to ${column.references}.`,
    column.values === undefined ? undefined : `One of ${column.values.join(', ')}.`,
    column.single === true ? 'Costs a request for each row.' : undefined,
  ];
  return notes.filter((note) => note !== undefined).join(' ');
}
