/**
 * Owns: `exchange-sql explain`: the requests a SELECT would send; with --analyze it runs and counts them.
 */
import { parseArguments } from '../arguments.js';
import { CONNECTION_HELP } from '../connect.js';
import { query, statementText } from './query.js';

const HELP = `Usage: exchange-sql explain [options] "SELECT …"

      --analyze       run the statement and add requests, bytes, rows, retries, milliseconds
      --json          the plan as JSON
  -p, --param VALUE   as for query

${CONNECTION_HELP}
`;

/** EXPLAIN is a statement; the command only writes it in front and hands over. */
export async function explain(args: readonly string[]): Promise<void> {
  const own = new Set(['--analyze', '--json']);
  const analyze = args.includes('--analyze');
  const json = args.includes('--json');
  const rest = args.filter((arg) => !own.has(arg));
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(HELP);
    return;
  }
  const index = statementIndex(rest);
  const prefix = `EXPLAIN ${json ? (analyze ? '(ANALYZE, FORMAT JSON) ' : '(FORMAT JSON) ') : analyze ? 'ANALYZE ' : ''}`;
  const statement = `${prefix}${statementText(index === -1 ? [] : [rest[index]!], undefined)}`;
  const others = rest.filter((_, position) => position !== index);
  await query([...others, '--', statement]);
}

/** Position of the one argument that is neither an option nor an option's value. */
function statementIndex(args: readonly string[]): number {
  const { positionals } = parseArguments(args, {
    connection: { type: 'string', short: 'c' },
    sandbox: { type: 'boolean' },
    messages: { type: 'string' },
    seed: { type: 'string' },
    import: { type: 'string', multiple: true },
    data: { type: 'string' },
    format: { type: 'string', short: 'f' },
    param: { type: 'string', short: 'p', multiple: true },
    'max-rows': { type: 'string' },
  });
  return positionals.length === 0 ? -1 : args.lastIndexOf(positionals[positionals.length - 1]!);
}
