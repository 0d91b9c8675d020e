/**
 * Owns: `exchange-sql query`: run one statement, whatever it is, and print its rows.
 */
import { parseArguments } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openConnection } from '../connect.js';
import { FORMATS, formatNamed } from '../format/index.js';
import { parameterValues } from '../parameters.js';
import { inStatement } from '../print-error.js';
import { isExplain, runStatement } from '../run-statement.js';
import { WRITE_OPTIONS, writeOptions } from '../write-options.js';
import { statementText } from '../statement-text.js';

const HELP = `Usage: exchange-sql query [options] "SELECT …"

  -f, --format F      ${FORMATS.join(' | ')} (default table)
      --json          the same as --format json
  -p, --param VALUE   value of the next ?; --param name=VALUE for @name, :name, $name; may be repeated.
                      Numbers, true, false and null are read as such; quote a text: --param "name='42'"
      --file FILE     read the statement from a file (- for standard input)
      --max-rows N    stop after N rows

Statements that write:
      --dry-run       read the rows, write nothing, print each request that would be sent and who would get mail
      --on-row-error A      stop (default) or continue after a row that cannot be written
      --max-affected-rows N refuse to write more rows (default 1000, 0 for no limit)
      --allow-full-table    UPDATE and DELETE without WHERE may run

${CONNECTION_HELP}
`;

export async function query(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, {
    ...CONNECTION_OPTIONS,
    format: { type: 'string', short: 'f' },
    json: { type: 'boolean' },
    param: { type: 'string', short: 'p', multiple: true },
    file: { type: 'string' },
    'max-rows': { type: 'string' },
    ...WRITE_OPTIONS,
    help: { type: 'boolean', short: 'h' },
  });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const named = parsed.flag('json') ? 'json' : parsed.value('format');
  const format = formatNamed(named ?? 'table');
  const sql = await statementText('query', parsed.positionals, parsed.value('file'));
  const parameters = parameterValues(parsed.values('param'));
  const maxRows = parsed.integer('max-rows', 1);

  const open = await openConnection(parsed);
  try {
    await inStatement(sql, () =>
      runStatement(open.connection, {
        sql,
        parameters,
        format: named === undefined && isExplain(sql) ? 'plan' : format,
        ...(maxRows === undefined ? {} : { maxRows }),
        write: writeOptions(parsed),
      }),
    );
  } finally {
    await open.close();
  }
}
