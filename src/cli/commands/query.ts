/**
 * Owns: `exchange-sql query`: run one statement, print its rows, warnings to stderr, Ctrl-C cancels.
 */
import { readFileSync } from 'node:fs';
import { ExchangeSqlError } from '../../errors.js';
import { parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openConnection } from '../connect.js';
import { FORMATS, isFormat, writeRows } from '../format/index.js';
import { parameterValues } from '../parameters.js';
import { printError } from '../print-error.js';
import { startProgress } from '../progress.js';
import { onInterrupt } from '../interrupt.js';

const HELP = `Usage: exchange-sql query [options] "SELECT …"

  -f, --format F      ${FORMATS.join(' | ')} (default table)
  -p, --param VALUE   value of the next ?; --param name=VALUE for @name, :name, $name; may be repeated.
                      Numbers, true, false and null are read as such; quote a text: --param "name='42'"
      --file FILE     read the statement from a file (- for standard input)
      --max-rows N    stop after N rows

${CONNECTION_HELP}
`;

export async function query(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, {
    ...CONNECTION_OPTIONS,
    format: { type: 'string', short: 'f' },
    param: { type: 'string', short: 'p', multiple: true },
    file: { type: 'string' },
    'max-rows': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const format = parsed.value('format') ?? 'table';
  if (!isFormat(format)) throw new UsageError(`unknown format '${format}'; one of ${FORMATS.join(', ')}`);
  const sql = statementText(parsed.positionals, parsed.value('file'));
  const parameters = parameterValues(parsed.values('param'));
  const maxRows = parsed.integer('max-rows', 1);

  const open = await openConnection(parsed);
  const abort = new AbortController();
  const interrupt = onInterrupt(() => {
    abort.abort();
  });
  const progress = startProgress(process.stderr);
  try {
    const stream = open.connection.stream(sql, parameters, {
      rowMode: 'array',
      signal: abort.signal,
      ...(maxRows === undefined ? {} : { maxRows }),
    });
    const columns = await stream.columns();
    await writeRows(format, columns, progress.count(stream), process.stdout);
    progress.stop();
    for (const warning of stream.warnings) process.stderr.write(`warning ${warning.code}: ${warning.message}\n`);
  } catch (error) {
    progress.stop();
    if (error instanceof ExchangeSqlError && error.position !== undefined) {
      printError(error, process.stderr, sql);
      process.exitCode = 1;
      return;
    }
    throw error;
  } finally {
    interrupt.remove();
    await open.close();
  }
}

export function statementText(positionals: readonly string[], file: string | undefined): string {
  if (file !== undefined) {
    if (positionals.length > 0) throw new UsageError('give the statement or --file, not both');
    try {
      return readFileSync(file === '-' ? 0 : file, 'utf8');
    } catch (error) {
      throw new UsageError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    }
  }
  if (positionals.length === 0) throw new UsageError('no statement: exchange-sql query "SELECT …"');
  if (positionals.length > 1) throw new UsageError(`one statement, please; put it in quotes (got ${String(positionals.length)} arguments: ${positionals.slice(0, 3).join(' ')} …)`);
  return positionals[0]!;
}
