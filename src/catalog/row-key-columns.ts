/**
 * Owns: which RowKey columns a table gets beside its declared ones, and what its primary key is declared as.
 * Does not own: the encoding (row-key.ts), the columns in the files (schema/).
 * Invariants: a RowKey column names the column it is made from; what identifies a row (`identityOf`) never depends on the
 * declared key.
 */
import { longestRowKey } from './row-key.js';
import type { ColumnDeclaration, TableDeclaration } from './table.js';

/** What tables declare as their primary key: id and version, the id alone, or its RowKey. */
export type PrimaryKey = 'composite' | 'id' | 'RowKey';

/** `compute` of a RowKey column; its `column` is the id it stands for. */
export const ROW_KEY = 'rowKey';

/** Columns that tell a row from all others of its table, in every version of it. */
export function identityOf(declaration: TableDeclaration): readonly string[] {
  return declaration.identity ?? declaration.key.filter((name) => name !== 'changeKey');
}

/** The column whose value a RowKey column encodes; the column itself for any other. */
export function sourceOf(column: ColumnDeclaration, declaration: TableDeclaration): ColumnDeclaration {
  if (column.compute !== ROW_KEY) return column;
  return declaration.columns.find(({ name }) => name === column.column) ?? column;
}

/** The declaration with RowKey columns after the ids they stand for, and with the chosen key. */
export function withRowKeys(declaration: TableDeclaration, primaryKey: PrimaryKey): TableDeclaration {
  if (declaration.shape.kind === 'not-offered') return declaration;
  const taken = new Set(declaration.columns.map(({ name }) => name.toLowerCase()));
  const twins = new Map<string, string>();
  const columns = declaration.columns.flatMap((column) => {
    const name = twinName(column.name, declaration);
    if (name === undefined || column.type !== 'text' || taken.has(name.toLowerCase())) return [column];
    twins.set(column.name, name);
    return [column, twinOf(column, name)];
  });
  const stable = declaration.key.filter((name) => name !== 'changeKey');
  const key = primaryKey === 'composite' ? declaration.key : primaryKey === 'id' ? stable : stable.map((name) => twins.get(name) ?? name);
  return { ...declaration, columns, key, ...(primaryKey === 'RowKey' ? { identity: identityOf(declaration) } : {}) };
}

/** `RowKey` for the row's own id; `messageRowKey` for the `messageId` of the row it belongs to. */
function twinName(column: string, { shape }: TableDeclaration): string | undefined {
  if (column === 'id') return 'RowKey';
  const parents =
    shape.kind === 'children' ? [shape.parentColumn, shape.grandparentColumn] : shape.kind === 'elements' ? [shape.parentColumn] : shape.kind === 'extended-properties' ? ['entityId'] : [];
  return parents.includes(column) && column.endsWith('Id') ? `${column.slice(0, -2)}RowKey` : undefined;
}

function twinOf(column: ColumnDeclaration, name: string): ColumnDeclaration {
  const length = column.length === undefined ? undefined : longestRowKey(column.length);
  const size = length === undefined ? 'at most 8/5 of its length' : `at most ${String(length)} characters`;
  return {
    name,
    type: 'text',
    nullable: column.nullable ?? true,
    description: `Case-safe form of ${column.name}, for databases that compare text without case: digits and capital letters, ${size}; stays when the row is edited.`,
    origin: 'computed',
    compute: ROW_KEY,
    column: column.name,
    // A new row may name the one it belongs to by either.
    ...((column.write?.create ?? false) === false ? {} : { write: { create: true } }),
    ...(column.references === undefined ? {} : { references: column.references.replace(/\.id$/, '.RowKey') }),
    ...(length === undefined ? {} : { length }),
  };
}
