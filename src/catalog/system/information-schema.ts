/**
 * Owns: the views of information_schema, for clients that ask in the words of the SQL standard.
 * Does not own: the sys_ tables, which say more.
 * Invariants: column names and values as the standard has them; system tables are listed as SYSTEM VIEW.
 */
import { offered } from '../procedure-inputs.js';
import { foreignKeysOf, primaryKeyName, referencedKeyName, uniqueKeysOf } from './keys.js';
import { collationOf, lengthOf, sqlTypeOf } from './sql-types.js';
import { CATALOG_NAME, isInsertable, isWritableColumn, prefixOf, schemaNameOf, systemTable, type Cell, type SystemContext, type SystemTable } from './system-table.js';

const view = (name: string, description: string, columns: readonly string[], rows: (context: SystemContext) => Iterable<readonly Cell[]>): SystemTable =>
  systemTable('information_schema', name, description, columns, rows);

const yes = (value: boolean): string => (value ? 'YES' : 'NO');
const TABLE = ['table_catalog text: Catalog of the table.', 'table_schema text: Schema of the table.', 'table_name text: Table.'];
const CONSTRAINT = ['constraint_catalog text: Catalog of the constraint.', 'constraint_schema text: Schema of the constraint.', 'constraint_name text: Constraint.'];

const routineOf = (catalog: SystemContext['catalog'], name: string): string[] => [CATALOG_NAME, schemaNameOf(catalog), name];

/** The views. `others` are the system tables outside this schema, which tables and columns list too. */
export function informationSchema(others: readonly SystemTable[]): readonly SystemTable[] {
  const views: SystemTable[] = [];
  const system = (): readonly SystemTable[] => [...others, ...views];
  views.push(
    view('tables', 'Tables, and the system tables.', [...TABLE, 'table_type text: BASE TABLE, or SYSTEM VIEW.', 'is_insertable_into text: YES where the service takes new rows.'], function* ({ catalog }) {
      for (const table of catalog.tables()) yield [...prefixOf(catalog, table), 'BASE TABLE', yes(isInsertable(table))];
      for (const table of system()) yield [CATALOG_NAME, table.schema, table.name, 'SYSTEM VIEW', 'NO'];
    }),
    view(
      'columns',
      'Columns of the tables, and of the system tables.',
      [
        ...TABLE, 'column_name text: Column.', 'ordinal_position integer: Position, from 1.', 'column_default text: Always NULL.', 'is_nullable text: YES or NO.', 'data_type text: SQL name of the type.',
        'character_maximum_length integer: Longest text in characters.', 'character_octet_length integer: Longest text in bytes of UTF-8.', 'numeric_precision integer: Decimal digits of a number.',
        'numeric_precision_radix integer: 10 for numbers.', 'numeric_scale integer: Digits after the point.', 'datetime_precision integer: Digits of a fraction of a second.', 'is_updatable text: YES where the service takes a value.',
        'description text: What the column holds.', 'character_set_name text: UTF8 for texts.', 'collation_name text: How texts compare: BINARY, by code and so with case.',
      ],
      function* ({ catalog }) {
        const all = [
          ...catalog.tables().map((table) => ({ prefix: prefixOf(catalog, table), columns: table.columns })),
          ...system().map((table) => ({ prefix: [CATALOG_NAME, table.schema, table.name], columns: table.columns })),
        ];
        for (const { prefix, columns } of all) {
          for (const [index, column] of columns.entries()) {
            const type = sqlTypeOf(column);
            const length = lengthOf(column);
            const timestamp = column.type === 'timestamp';
            yield [
              ...prefix, column.name, index + 1, null, yes(column.nullable !== false), type.name, length, length === undefined ? undefined : length * 4, type.precision,
              type.precision === undefined ? undefined : 10, timestamp ? undefined : type.scale, timestamp ? type.scale : undefined, yes(isWritableColumn(column)), column.description,
              collationOf(column) === undefined ? undefined : 'UTF8', collationOf(column),
            ];
          }
        }
      },
    ),
    view('schemata', 'Schemas.', ['catalog_name text: Catalog of the schema.', 'schema_name text: Schema.', 'schema_owner text: Always NULL.', 'default_character_set_name text: Always UTF8.'], ({ catalog }) =>
      [schemaNameOf(catalog), 'main', 'information_schema'].map((name) => [CATALOG_NAME, name, null, 'UTF8']),
    ),
    view('table_constraints', 'Primary and foreign keys, and what else is unique.', [...CONSTRAINT, ...TABLE, 'constraint_type text: PRIMARY KEY, UNIQUE or FOREIGN KEY.'], function* ({ catalog }) {
      for (const table of catalog.tables()) {
        const place = [CATALOG_NAME, schemaNameOf(catalog)];
        yield [...place, primaryKeyName(table.name), ...prefixOf(catalog, table), 'PRIMARY KEY'];
        for (const key of uniqueKeysOf(table)) yield [...place, key.name, ...prefixOf(catalog, table), 'UNIQUE'];
        for (const key of foreignKeysOf(table)) yield [...place, key.name, ...prefixOf(catalog, table), 'FOREIGN KEY'];
      }
    }),
    view(
      'key_column_usage',
      'Columns of primary, unique and foreign keys.',
      [
        ...CONSTRAINT, ...TABLE, 'column_name text: Column.', 'ordinal_position integer: Position in the key, from 1.', 'position_in_unique_constraint integer: Position in the key referred to.',
        'referenced_table_schema text: Schema referred to.', 'referenced_table_name text: Table referred to.', 'referenced_column_name text: Column referred to.',
      ],
      function* ({ catalog }) {
        const schema = schemaNameOf(catalog);
        for (const table of catalog.tables()) {
          for (const [index, name] of table.key.entries()) yield [CATALOG_NAME, schema, primaryKeyName(table.name), ...prefixOf(catalog, table), name, index + 1, null, null, null, null];
          for (const key of uniqueKeysOf(table)) {
            for (const [index, name] of key.columns.entries()) yield [CATALOG_NAME, schema, key.name, ...prefixOf(catalog, table), name, index + 1, null, null, null, null];
          }
          for (const key of foreignKeysOf(table)) yield [CATALOG_NAME, schema, key.name, ...prefixOf(catalog, table), key.column.name, 1, 1, schema, key.referencedTable, key.referencedColumn];
        }
      },
    ),
    view(
      'referential_constraints',
      'Foreign keys with the key they refer to. The service does not enforce them.',
      [...CONSTRAINT, 'unique_constraint_catalog text: Catalog of the key referred to.', 'unique_constraint_schema text: Schema of the key referred to.', 'unique_constraint_name text: Key referred to.', 'match_option text: Always NONE.', 'update_rule text: Always NO ACTION.', 'delete_rule text: Always NO ACTION.'],
      function* ({ catalog }) {
        const place = [CATALOG_NAME, schemaNameOf(catalog)];
        for (const table of catalog.tables()) {
          for (const key of foreignKeysOf(table)) yield [...place, key.name, ...place, referencedKeyName(catalog, key), 'NONE', 'NO ACTION', 'NO ACTION'];
        }
      },
    ),
    view('views', 'Views with a definition; there are none.', [...TABLE, 'view_definition text: Text of the view.', 'check_option text: Always NONE.', 'is_updatable text: YES or NO.'], () => []),
    view(
      'routines',
      'Stored procedures.',
      ['specific_catalog text: Catalog of the routine.', 'specific_schema text: Schema of the routine.', 'specific_name text: Routine.', 'routine_catalog text: Catalog of the routine.', 'routine_schema text: Schema of the routine.', 'routine_name text: Routine.', 'routine_type text: PROCEDURE.', 'data_type text: Always NULL: a procedure gives rows.'],
      ({ catalog }) => catalog.procedures().map(({ name }) => [...routineOf(catalog, name), ...routineOf(catalog, name), 'PROCEDURE', null]),
    ),
    view(
      'parameters',
      'Inputs of stored procedures.',
      ['specific_catalog text: Catalog of the routine.', 'specific_schema text: Schema of the routine.', 'specific_name text: Routine.', 'ordinal_position integer: Position, from 1.', 'parameter_mode text: Always IN.', 'parameter_name text: Parameter.', 'data_type text: SQL name of the type.'],
      ({ catalog }) => catalog.procedures().flatMap((one) => offered(one).map((input, index) => [...routineOf(catalog, one.name), index + 1, 'IN', input.name, sqlTypeOf(input).name])),
    ),
  );
  return Object.freeze(views);
}
