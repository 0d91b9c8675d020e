/**
 * Owns: `exchange-sql describe TABLE`.
 */
import { ExchangeSqlError } from '../../errors.js';
import { nearest, parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openConnection } from '../connect.js';
import { FORMATS, isFormat, writeRows } from '../format/index.js';

export async function describe(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { ...CONNECTION_OPTIONS, format: { type: 'string', short: 'f' }, help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(`Usage: exchange-sql describe TABLE [--format F] [connection]\n\n${CONNECTION_HELP}\n`);
    return;
  }
  const [table, ...more] = parsed.positionals;
  if (table === undefined || more.length > 0) throw new UsageError('one table name, please: exchange-sql describe Messages');
  const format = parsed.value('format') ?? 'table';
  if (!isFormat(format)) throw new UsageError(`unknown format '${format}'; one of ${FORMATS.join(', ')}`);
  const open = await openConnection(parsed);
  try {
    const { rows } = await open.connection.query('SELECT TableName FROM sys_tables', [], { rowMode: 'array' });
    const names = rows.map((row) => String(row[0]));
    const name = names.find((candidate) => candidate.toLowerCase() === table.toLowerCase());
    if (name === undefined) {
      const near = nearest(table, names);
      throw new ExchangeSqlError('UNKNOWN_TABLE', `no such table: ${table}`, { hint: near === undefined ? 'exchange-sql tables lists them' : `Did you mean ${near}?` });
    }
    const stream = open.connection.stream('SELECT ColumnName, DataTypeName, IsNullable, IsKey, Description FROM sys_tablecolumns WHERE TableName = ? ORDER BY Ordinal', [name], { rowMode: 'array' });
    await writeRows(format, await stream.columns(), stream, process.stdout);
  } finally {
    await open.close();
  }
}
