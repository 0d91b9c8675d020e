/**
 * Owns: `exchange-sql describe NAME`: columns of a table, inputs and outputs of a procedure. They are known without a connection.
 */
import { parseArguments, UsageError } from '../arguments.js';
import { columnsStatement } from '../catalog-statements.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openCatalog } from '../connect.js';
import { FORMATS, formatNamed } from '../format/index.js';
import { runStatement } from '../run-statement.js';

const HELP = `Usage: exchange-sql describe TABLE|PROCEDURE [--format F] [connection]

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
    await runStatement(open.connection, { ...(await columnsStatement(open.connection, table)), format });
  } finally {
    await open.close();
  }
}
