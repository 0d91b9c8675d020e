/**
 * Owns: the system tables about stored procedures.
 * Does not own: running procedures.
 * Invariants: no procedure is offered in this release, so both tables are empty; their columns are those clients ask for.
 */
import { systemTable, type SystemTable } from './system-table.js';

const PLACE = ['CatalogName text: Catalog of the procedure.', 'SchemaName text: Schema of the procedure.'];

export const PROCEDURE_TABLES: readonly SystemTable[] = [
  systemTable('main', 'sys_procedures', 'Stored procedures; none in this release.', [...PLACE, 'ProcedureName text: Name of the procedure.', 'Description text: What it does.', 'ProcedureType text: PROCEDURE.'], () => []),
  systemTable(
    'main',
    'sys_procedureparameters',
    'Parameters and result columns of stored procedures; none in this release.',
    [
      ...PLACE, 'ProcedureName text: Procedure of the parameter.', 'ColumnName text: Name of the parameter.', 'Direction integer: 1 for in, 2 for in and out, 4 for out, 3 for a result column.',
      'DataTypeName text: SQL name of the type.', 'DataType integer: JDBC and ODBC code of the type.', 'Length integer: Longest text in characters.', 'NumericPrecision integer: Decimal digits of a number.',
      'NumericScale integer: Digits after the point.', 'IsNullable boolean: Whether it can be NULL.', 'IsRequired boolean: Whether it has to be given.', 'IsArray boolean: Whether it takes several values.',
      'Description text: What it means.', 'Values text: Values it takes, separated by commas.', 'Ordinal integer: Position, from 1.',
    ],
    () => [],
  ),
];
