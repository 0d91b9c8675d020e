/**
 * Owns: `exchange-sql tables`: names and descriptions. The tables are known without a connection.
 */
import { parseArguments, UsageError } from '../arguments.js';
import { tablesStatement } from '../catalog-statements.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openCatalog } from '../connect.js';
import { FORMATS, formatNamed } from '../format/index.js';
import { runStatement } from '../run-statement.js';

const HELP = `Usage: exchange-sql tables [TEXT] [--format F] [connection]

  TEXT                only tables with this text in their name
  -f, --format F      ${FORMATS.join(' | ')} (default table)
      --system        the tables about the tables (sys_…, information_schema) instead

No connection is needed.

${CONNECTION_HELP}
`;

export async function tables(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, {
    ...CONNECTION_OPTIONS,
    format: { type: 'string', short: 'f' },
    system: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const [text, ...more] = parsed.positionals;
  if (more.length > 0) throw new UsageError('one text at most: exchange-sql tables event');
  const format = formatNamed(parsed.value('format') ?? 'table');
  const open = await openCatalog(parsed);
  try {
    await runStatement(open.connection, { ...tablesStatement(parsed.flag('system'), text), format });
  } finally {
    await open.close();
  }
}
