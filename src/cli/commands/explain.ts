/**
 * Owns: `exchange-sql explain`: the requests a SELECT would send; with --analyze it runs and counts them.
 */
import { parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openConnection } from '../connect.js';
import { FORMATS, formatNamed } from '../format/index.js';
import { parameterValues } from '../parameters.js';
import { inStatement } from '../print-error.js';
import { isExplain, runStatement } from '../run-statement.js';
import { statementText } from '../statement-text.js';

const HELP = `Usage: exchange-sql explain [options] "SELECT …"

      --analyze       run the statement and add requests, bytes, rows, retries, milliseconds
  -f, --format F      the plan as rows: ${FORMATS.join(' | ')} (default: indented text)
      --json          the plan as one JSON value
  -p, --param VALUE   as for query
      --file FILE     read the statement from a file (- for standard input)

${CONNECTION_HELP}
`;

/** EXPLAIN is a statement; the command only writes it in front. */
export async function explain(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, {
    ...CONNECTION_OPTIONS,
    analyze: { type: 'boolean' },
    format: { type: 'string', short: 'f' },
    json: { type: 'boolean' },
    param: { type: 'string', short: 'p', multiple: true },
    file: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  if (parsed.flag('json') && parsed.flag('format')) throw new UsageError('give --json or --format, not both');
  const named = parsed.value('format');
  const format = named === undefined ? 'plan' : formatNamed(named);
  const statement = await statementText('explain', parsed.positionals, parsed.value('file'));
  if (isExplain(statement)) throw new UsageError('the command explains already: leave EXPLAIN out of the statement');
  const options = [...(parsed.flag('analyze') ? ['ANALYZE'] : []), ...(parsed.flag('json') ? ['FORMAT JSON'] : [])];
  const prefix = options.length === 0 ? 'EXPLAIN ' : `EXPLAIN (${options.join(', ')}) `;
  const parameters = parameterValues(parsed.values('param'));
  const open = await openConnection(parsed);
  try {
    await inStatement(prefix + statement, () => runStatement(open.connection, { sql: prefix + statement, parameters, format }));
  } finally {
    await open.close();
  }
}
