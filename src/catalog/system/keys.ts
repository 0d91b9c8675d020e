/**
 * Owns: primary and foreign keys of the catalog as one list each, and the system tables made of them.
 * Does not own: the declarations they come from (schema/).
 * Invariants: names of constraints are unique in a schema; a foreign key is one column.
 */
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
    [...PLACE, 'PrimaryKeyName text: Primary key referred to.', 'ForeignKeyName text: Name of the foreign key.', ...REFERENCED, 'KeySeq integer: Position in the key, from 1.'],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        for (const key of foreignKeysOf(table)) {
          yield [...prefixOf(catalog, table), key.column.name, primaryKeyName(key.referencedTable), key.name, ...referenced(catalog, key), 1];
        }
      }
    },
  ),
  systemTable(
    'main',
    'sys_indexes',
    'Indexes: the primary keys, by which the service finds a row.',
    [...PLACE, 'IndexName text: Name of the index.', 'IsUnique boolean: Every value stands once.', 'IsPrimary boolean: Made by the primary key.', 'SortOrder text: A for ascending; NULL, since the index has no order.', 'OrdinalPosition integer: Position in the index, from 1.'],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        for (const [index, name] of table.key.entries()) yield [...prefixOf(catalog, table), name, primaryKeyName(table.name), true, true, null, index + 1];
      }
    },
  ),
];
