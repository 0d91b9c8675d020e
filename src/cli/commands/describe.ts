/**
 * Owns: `exchange-sql describe TABLE`: its columns. They are known without a connection.
 */
import { similarNames } from '../../catalog/similar.js';
import { ExchangeSqlError, type Connection } from '../../index.js';
import { parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openCatalog } from '../connect.js';
import { FORMATS, formatNamed } from '../format/index.js';
import { runStatement } from '../run-statement.js';

const HELP = `Usage: exchange-sql describe TABLE [--format F] [connection]

  -f, --format F      ${FORMATS.join(' | ')} (default table)

No connection is needed.

${CONNECTION_HELP}
`;

export async function describe(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { ...CONNECTION_OPTIONS, format: { type: 'string', short: 'f' }, help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const [table, ...more] = parsed.positionals;
  if (table === undefined || more.length > 0) throw new UsageError('one table name, please: exchange-sql describe Messages');
  const format = formatNamed(parsed.value('format') ?? 'table');
  const open = await openCatalog(parsed);
  try {
    await runStatement(open.connection, { sql: COLUMNS_SQL, parameters: [await tableNamed(open.connection, table)], format });
  } finally {
    await open.close();
  }
}

/** Rows of the columns of the table `?`. */
export const COLUMNS_SQL = 'SELECT ColumnName, DataTypeName, IsNullable, IsKey, Description FROM sys_tablecolumns WHERE TableName = ? ORDER BY Ordinal';

/** The table's own spelling of a name. Throws UNKNOWN_TABLE with the nearest one. */
export async function tableNamed(connection: Connection, given: string): Promise<string> {
  const { rows } = await connection.query('SELECT TableName FROM sys_tables', [], { rowMode: 'array' });
  const names = rows.map((row) => String(row[0]));
  const bare = given.replace(/^.*\./, '').replace(/^[["`](.*)[\]"`]$/, '$1');
  const name = names.find((candidate) => candidate.toLowerCase() === given.toLowerCase()) ?? names.find((candidate) => candidate.toLowerCase() === bare.toLowerCase());
  if (name !== undefined) return name;
  const near = similarNames(bare, names);
  throw new ExchangeSqlError('UNKNOWN_TABLE', `there is no table ${given}`, { hint: near.length === 0 ? '`exchange-sql tables`, or \\d in the shell, lists them.' : `Did you mean ${near.join(' or ')}?` });
}
