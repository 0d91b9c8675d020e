/**
 * Owns: `exchange-sql tables`.
 */
import { CONNECTION_HELP } from '../connect.js';
import { query } from './query.js';

export async function tables(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`Usage: exchange-sql tables [--format F] [connection]\n\n${CONNECTION_HELP}\n`);
    return;
  }
  await query([...args, '--', "SELECT TableName, TableType, Description FROM sys_tables WHERE TableType <> 'SYSTEM TABLE' ORDER BY TableName"]);
}
