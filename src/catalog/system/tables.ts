/**
 * Owns: the system tables about catalogs, schemas, tables, columns and what goes down to the service.
 * Does not own: keys (keys.ts), the standard's views (information-schema.ts).
 * Invariants: derived from the declarations alone.
 */
import type { Capability, FilterCapabilities } from '../table.js';
import { collationOf, displaySizeOf, lengthOf, sqlTypeOf } from './sql-types.js';
import { CATALOG_NAME, isWritable, isWritableColumn, prefixOf, schemaNameOf, systemTable, type SystemTable } from './system-table.js';

const OPERATORS: readonly (readonly [keyof FilterCapabilities, string])[] = [
  ['eq', '='],
  ['ne', '<>'],
  ['range', '< <= > >='],
  ['in', 'IN'],
  ['prefix', "LIKE 'x%'"],
  ['contains', "LIKE '%x%'"],
];

/** What a capability asks for beside itself, in words. */
function conditionOf(capability: Capability): string | undefined {
  const conditions = [
    capability.as === 'any' ? `one element, written as JSON: LIKE '%${capability.member === undefined ? '' : `"${capability.member}":`}"x"%'` : undefined,
    capability.widen === undefined ? undefined : `sent ${String(capability.widen)} hours wider`,
    capability.closed === true ? '< and > are sent as <= and >=' : undefined,
    capability.notWithOrder === true ? 'not together with a sort' : undefined,
    capability.advanced === true ? 'as an advanced query of the directory' : undefined,
  ].filter((condition) => condition !== undefined);
  return conditions.length === 0 ? undefined : conditions.join('; ');
}

export const TABLE_TABLES: readonly SystemTable[] = [
  systemTable('main', 'sys_catalogs', 'Catalogs: the first part of three-part names.', ['CatalogName text: Name of the catalog.'], () => [[CATALOG_NAME]]),
  systemTable(
    'main',
    'sys_schemas',
    'Schemas: the second part of three-part names.',
    ['CatalogName text: Catalog of the schema.', 'SchemaName text: Name of the schema.'],
    ({ catalog }) => [[CATALOG_NAME, schemaNameOf(catalog)]],
  ),
  systemTable(
    'main',
    'sys_tables',
    'Tables and views that can be read.',
    ['CatalogName text: Catalog of the table.', 'SchemaName text: Schema of the table.', 'TableName text: Name of the table.', 'TableType text: TABLE, or VIEW where the service takes no writes.', 'Description text: What the rows are.', 'IsUpdateable boolean: Whether the service takes writes.'],
    ({ catalog }) => catalog.tables().map((table) => [...prefixOf(catalog, table), isWritable(table) ? 'TABLE' : 'VIEW', table.description, isWritable(table)]),
  ),
  systemTable(
    'main',
    'sys_tablecolumns',
    'Columns of the tables, in their order.',
    [
      'CatalogName text: Catalog of the table.', 'SchemaName text: Schema of the table.', 'TableName text: Table of the column.', 'ColumnName text: Name of the column.',
      'DataTypeName text: SQL name of the type.', 'DataType integer: JDBC and ODBC code of the type.', 'Length integer: Longest text in characters; NULL if the service sets no limit.',
      'DisplaySize integer: Characters that show any value; NULL if there is no bound.', 'NumericPrecision integer: Decimal digits of a number.', 'NumericScale integer: Digits after the point, of a second for timestamps.',
      'IsNullable boolean: Whether the column can be NULL.', 'Description text: What the column holds.', 'Ordinal integer: Position in the table, from 1.', 'IsAutoIncrement boolean: Always 0.',
      'IsGeneratedColumn boolean: Computed by the driver.', 'IsHidden boolean: An input for WHERE only.', 'IsArray boolean: A collection, as JSON text.', 'IsReadOnly boolean: The service takes no value for it.',
      'IsKey boolean: Part of the primary key.', 'ColumnType text: Column, or Pseudo-Column for an input.', 'AllowedValues text: Closed list of values, separated by commas.',
      'Collation text: How texts compare: BINARY, by code and so with case.',
    ],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        for (const [index, column] of table.columns.entries()) {
          const type = sqlTypeOf(column);
          const pseudo = column.pseudo === true;
          yield [
            ...prefixOf(catalog, table), column.name, type.name, type.code, lengthOf(column), displaySizeOf(column), type.precision, type.scale,
            column.nullable !== false, column.description, index + 1, false, column.origin === 'computed', pseudo, column.type === 'json', !isWritableColumn(column),
            table.key.includes(column.name), pseudo ? 'Pseudo-Column' : 'Column', column.values?.join(','), collationOf(column),
          ];
        }
      }
    },
  ),
  systemTable(
    'main',
    'sys_pushdown',
    'What the service evaluates itself: operators by column, and sorting.',
    ['CatalogName text: Catalog of the table.', 'SchemaName text: Schema of the table.', 'TableName text: Table of the column.', 'ColumnName text: Name of the column.', 'Operator text: SQL operator, or ORDER BY.', 'Exactness text: exact, or inexact where the rows are looked at again.', 'Form text: How the service is asked.', 'Condition text: What it depends on.'],
    function* ({ catalog }) {
      for (const table of catalog.tables()) {
        for (const column of table.columns) {
          for (const [member, operator] of OPERATORS) {
            const capability = column.filter?.[member];
            if (capability !== undefined) yield [...prefixOf(catalog, table), column.name, operator, capability.push, capability.as, conditionOf(capability)];
          }
          if (column.sort !== undefined) yield [...prefixOf(catalog, table), column.name, 'ORDER BY', column.sort, 'orderby', null];
        }
      }
    },
  ),
];
