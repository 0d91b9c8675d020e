/**
 * Owns: the system tables about stored procedures.
 * Does not own: running procedures.
 * Invariants: derived from the declarations alone; inputs come first, in the order of a call by position, then the result's columns.
 */
import { offered } from '../procedure-inputs.js';
import type { InputDeclaration, OutputDeclaration, ProcedureDeclaration } from '../procedure.js';
import { lengthOf, sqlTypeOf } from './sql-types.js';
import { CATALOG_NAME, schemaNameOf, systemTable, type Cell, type SystemTable } from './system-table.js';
import type { Catalog } from '../catalog.js';

const PLACE = ['CatalogName text: Catalog of the procedure.', 'SchemaName text: Schema of the procedure.'];
const prefixOf = (catalog: Catalog, { name }: ProcedureDeclaration): Cell[] => [CATALOG_NAME, schemaNameOf(catalog), name];

/** JDBC: 1 in, 3 result column. */
const IN = 1;
const RESULT = 3;

export const PROCEDURE_TABLES: readonly SystemTable[] = [
  systemTable(
    'main',
    'sys_procedures',
    'Stored procedures.',
    [
      ...PLACE, 'ProcedureName text: Name of the procedure.', 'Description text: What it does.', 'ProcedureType text: PROCEDURE.', 'Kind text: read, write, or send where mail may go out.',
      'UsesFiles boolean: Whether it can read or write files on the machine of the driver.', 'Permission text: Least permission that it needs.', 'Example text: A call.',
    ],
    ({ catalog }) => catalog.procedures().map((one) => [...prefixOf(catalog, one), one.description, 'PROCEDURE', one.kind, one.files === true, permission(one), one.example]),
  ),
  systemTable(
    'main',
    'sys_procedureparameters',
    'Inputs and result columns of stored procedures.',
    [
      ...PLACE, 'ProcedureName text: Procedure of the parameter.', 'ColumnName text: Name of the parameter.', 'Direction integer: 1 for an input, 3 for a result column.',
      'DataTypeName text: SQL name of the type.', 'DataType integer: JDBC and ODBC code of the type.', 'Length integer: Longest text in characters.', 'NumericPrecision integer: Decimal digits of a number.',
      'NumericScale integer: Digits after the point.', 'IsNullable boolean: Whether it can be NULL.', 'IsRequired boolean: Whether it has to be given.', 'IsArray boolean: Whether it takes several values.',
      'Description text: What it means.', 'Values text: Values it takes, separated by commas.', 'Ordinal integer: Position, from 1.', 'DefaultValue text: Value of an input that is not given.',
    ],
    function* ({ catalog }) {
      for (const one of catalog.procedures()) {
        for (const [index, input] of offered(one).entries()) {
          yield [...prefixOf(catalog, one), input.name, IN, ...typeOf(input), input.required !== true, input.required === true, isArray(input), input.description, input.values?.join(','), index + 1, input.default === undefined ? null : String(input.default)];
        }
        for (const [index, output] of one.outputs.entries()) {
          yield [...prefixOf(catalog, one), output.name, RESULT, ...typeOf(output), true, false, false, output.description, null, index + 1, null];
        }
      }
    },
  ),
];

const isArray = ({ format }: InputDeclaration): boolean => format === 'list' || format === 'recipients' || format === 'attachments';

function typeOf(parameter: InputDeclaration | OutputDeclaration): Cell[] {
  const { name, type, description } = parameter;
  const column = { name, type, description, ...('values' in parameter && parameter.values !== undefined ? { values: parameter.values } : {}) };
  const sql = sqlTypeOf(column);
  return [sql.name, sql.code, lengthOf(column), sql.precision, sql.scale];
}

function permission({ permissions }: ProcedureDeclaration): string | undefined {
  if (permissions === undefined) return undefined;
  const { delegated, application } = permissions;
  return application === undefined || application === delegated ? delegated : `${delegated} (delegated) or ${application} (application)`;
}
