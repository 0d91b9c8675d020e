/**
 * Owns: the statements behind `tables`, `describe` and the shell's \d commands.
 * Does not own: the tables (catalog/).
 * Invariants: they need no service; system tables are listed although sys_tables does not list itself.
 */
import { similarNames } from '../catalog/similar.js';
import { SYSTEM_TABLES, type SystemTable } from '../catalog/system/index.js';
import { ExchangeSqlError, type Connection } from '../index.js';

export interface CatalogStatement {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** Tables of a mailbox, or the tables about the tables; with `text`, those that have it in their name. */
export function tablesStatement(system: boolean, text = ''): CatalogStatement {
  const narrowed = (name: string): string => `instr(lower(${name}), lower(?)) > 0`;
  if (!system) {
    return { sql: `SELECT TableName, TableType, Description FROM sys_tables WHERE TableType <> 'SYSTEM TABLE' AND ${narrowed('TableName')} ORDER BY TableName`, parameters: [text] };
  }
  const tables = SYSTEM_TABLES.map((table) => ({ name: nameOf(table), description: table.description }));
  return {
    sql: `SELECT value ->> 'name' AS TableName, 'SYSTEM TABLE' AS TableType, value ->> 'description' AS Description FROM json_each(?) WHERE ${narrowed("value ->> 'name'")} ORDER BY 1`,
    parameters: [JSON.stringify(tables), text],
  };
}

/** Columns of a table, or inputs of a procedure, in any spelling. Throws UNKNOWN_TABLE with the nearest names. */
export async function columnsStatement(connection: Connection, given: string): Promise<CatalogStatement> {
  const bare = given.replace(/^(?:\[?\w+\]?\.)*?(?=[^.]*$)/, '').replace(/^[["`](.*)[\]"`]$/, '$1');
  const fold = (name: string): string => name.toLowerCase();
  const system = SYSTEM_TABLES.find((table) => fold(nameOf(table)) === fold(given));
  if (system !== undefined) {
    const columns = system.columns.map(({ name, type, description, nullable }) => ({ name, type, description, nullable }));
    return {
      sql: "SELECT value ->> 'name' AS ColumnName, upper(value ->> 'type') AS DataTypeName, value ->> 'description' AS Description FROM json_each(?)",
      parameters: [JSON.stringify(columns)],
    };
  }
  const { rows } = await connection.query('SELECT TableName FROM sys_tables', [], { rowMode: 'array' });
  const names = rows.map((row) => String(row[0]));
  const name = names.find((candidate) => fold(candidate) === fold(bare));
  if (name === undefined) {
    const procedures = (await connection.query('SELECT ProcedureName FROM sys_procedures', [], { rowMode: 'array' })).rows.map((row) => String(row[0]));
    const procedure = procedures.find((candidate) => fold(candidate) === fold(bare));
    if (procedure !== undefined) {
      return {
        sql: `SELECT ColumnName AS Parameter, iif(Direction = ${INPUT}, 'in', 'out') AS Direction, DataTypeName, IsRequired, DefaultValue, "Values", Description FROM sys_procedureparameters WHERE ProcedureName = ? ORDER BY Direction, Ordinal`,
        parameters: [procedure],
      };
    }
    const near = similarNames(bare, [...names, ...procedures, ...SYSTEM_TABLES.map(nameOf)]);
    throw new ExchangeSqlError('UNKNOWN_TABLE', `there is no table ${given}`, { hint: near.length === 0 ? '`exchange-sql tables`, or \\d in the shell, lists them.' : `Did you mean ${near.join(' or ')}?` });
  }
  return { sql: 'SELECT ColumnName, DataTypeName, IsNullable, IsKey, IsReadOnly, Description FROM sys_tablecolumns WHERE TableName = ? ORDER BY Ordinal', parameters: [name] };
}

/** `sys_procedureparameters.Direction` of an input. */
const INPUT = '1';

const nameOf = ({ schema, name }: SystemTable): string => (schema === 'main' ? name : `${schema}.${name}`);
