/**
 * Owns: primary and foreign keys of the catalog as one list each, and the system tables made of them.
 * Does not own: the declarations they come from (schema/).
 * Invariants: names of constraints are unique in a schema; a foreign key is one column.
 */
import { identityOf, ROW_KEY } from '../row-key-columns.js';
import type { Catalog } from '../catalog.js';
import type { ColumnDeclaration, TableDeclaration } from '../table.js';
import { CATALOG_NAME, prefixOf, schemaNameOf, systemTable, type Cell, type SystemTable } from './system-table.js';

export interface ForeignKey {
  readonly name: string;
  readonly table: TableDeclaration;
  readonly column: ColumnDeclaration;
  readonly referencedTable: string;
  readonly referencedColumn: string;
}

export const primaryKeyName = (table: string): string => `PK_${table}`;

export function foreignKeysOf(table: TableDeclaration): ForeignKey[] {
  return table.columns.flatMap((column) => {
    const [referencedTable, referencedColumn] = column.references?.split('.') ?? [];
    if (referencedTable === undefined || referencedColumn === undefined) return [];
    return [{ name: `FK_${table.name}_${column.name}`, table, column, referencedTable, referencedColumn }];
  });
}

export interface UniqueKey {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What identifies a row beside the declared key: the id alone, and its RowKey. */
export function uniqueKeysOf(table: TableDeclaration): UniqueKey[] {
  const ids = identityOf(table);
  const twins = new Map(table.columns.filter(({ compute }) => compute === ROW_KEY).map(({ name, column }) => [column, name]));
  const named = (columns: readonly string[]): UniqueKey => ({ name: `UQ_${table.name}_${columns.join('_')}`, columns });
  const all = [named(ids), named(ids.map((name) => twins.get(name) ?? name))];
  const declared = named(table.key).name;
  return all.filter(({ name }, index) => name !== declared && all.findIndex((key) => key.name === name) === index);
}

/** The key whose one column a foreign key refers to. */
export function referencedKeyName(catalog: Catalog, { referencedTable, referencedColumn }: ForeignKey): string {
  const target = catalog.table(referencedTable);
  const unique = target === undefined ? undefined : uniqueKeysOf(target).find(({ columns }) => columns.length === 1 && columns[0] === referencedColumn);
  return unique?.name ?? primaryKeyName(referencedTable);
}

const referenced = (catalog: Catalog, key: ForeignKey): Cell[] => [CATALOG_NAME, schemaNameOf(catalog), key.referencedTable, key.referencedColumn];

const PLACE = ['CatalogName text: Catalog of the table.', 'SchemaName text: Schema of the table.', 'TableName text: Table.', 'ColumnName text: Column.'];
const REFERENCED = [
  'ReferencedCatalogName text: Catalog of the table referred to.',
  'ReferencedSchemaName text: Schema of the table referred to.',
  'ReferencedTableName text: Table referred to.',
  'ReferencedColumnName text: Column referred to.',
];

export const KEY_TABLES: readonly SystemTable[] = [
  systemTable(
    'main',
    'sys_keycolumns',
    'Columns that are part of a primary or a foreign key.',
    [...PLACE, 'IsKey boolean: Part of the primary key.', 'IsForeignKey boolean: A foreign key.', 'PrimaryKeyName text: Name of the primary key.', 'ForeignKeyName text: Name of the foreign key.', ...REFERENCED],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        const foreign = foreignKeysOf(table);
        for (const column of table.columns) {
          const inKey = table.key.includes(column.name);
          const key = foreign.find((one) => one.column === column);
          if (!inKey && key === undefined) continue;
          yield [
            ...prefixOf(catalog, table), column.name, inKey, key !== undefined, inKey ? primaryKeyName(table.name) : null, key?.name,
            ...(key === undefined ? [null, null, null, null] : referenced(catalog, key)),
          ];
        }
      }
    },
  ),
  systemTable(
    'main',
    'sys_primarykeys',
    'Primary keys, one row for each column.',
    [...PLACE, 'KeySeq integer: Position in the key, from 1.', 'KeyName text: Name of the key.'],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        for (const [index, name] of table.key.entries()) yield [...prefixOf(catalog, table), name, index + 1, primaryKeyName(table.name)];
      }
    },
  ),
  systemTable(
    'main',
    'sys_foreignkeys',
    'Foreign keys: columns that hold the key of another table.',
    [...PLACE, 'PrimaryKeyName text: Primary or unique key referred to.', 'ForeignKeyName text: Name of the foreign key.', ...REFERENCED, 'KeySeq integer: Position in the key, from 1.'],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        for (const key of foreignKeysOf(table)) {
          yield [...prefixOf(catalog, table), key.column.name, referencedKeyName(catalog, key), key.name, ...referenced(catalog, key), 1];
        }
      }
    },
  ),
  systemTable(
    'main',
    'sys_indexes',
    'Indexes: the keys by which the service finds a row.',
    [...PLACE, 'IndexName text: Name of the index.', 'IsUnique boolean: Every value stands once.', 'IsPrimary boolean: Made by the primary key.', 'SortOrder text: A for ascending; NULL, since the index has no order.', 'OrdinalPosition integer: Position in the index, from 1.'],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        for (const [index, name] of table.key.entries()) yield [...prefixOf(catalog, table), name, primaryKeyName(table.name), true, true, null, index + 1];
        for (const key of uniqueKeysOf(table)) {
          for (const [index, name] of key.columns.entries()) yield [...prefixOf(catalog, table), name, key.name, true, false, null, index + 1];
        }
      }
    },
  ),
];
