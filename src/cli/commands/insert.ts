/**
 * Owns: `exchange-sql insert`: rows of a file into a table, with progress and a file of the rows that failed.
 * Does not own: reading files (rows/), writing (the library).
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { NewRow, RowReport } from '../../index.js';
import { parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openConnection } from '../connect.js';
import { onInterrupt } from '../interrupt.js';
import { printable } from '../printable.js';
import { FILE_FORMATS, formatOf, readRows, type FileRow } from '../rows/index.js';

const HELP = `Usage: exchange-sql insert [options] TABLE FILE

Inserts the rows of a file (- for standard input): CSV with a header line, or one JSON object a line. The names of the columns are
those of the table; an empty cell is left to the service ("" is an empty text).

      --format F          ${FILE_FORMATS.join(' | ')}; default by the file's name
      --failed FILE       write the rows that were not inserted to FILE (NDJSON, with why); it can be given to insert again
      --on-row-error W    continue (default): write the other rows; stop: send nothing further
      --rows N            rows of one statement, 1 to 1000 (default 400)

${CONNECTION_HELP}

Exit code 0 if every row was inserted, 1 otherwise.
`;

/** Failures named on the screen; the file holds all. */
const MOST_SHOWN = 20;

export async function insert(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, {
    ...CONNECTION_OPTIONS,
    format: { type: 'string', short: 'f' },
    failed: { type: 'string' },
    'on-row-error': { type: 'string' },
    rows: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const [table, path, ...more] = parsed.positionals;
  if (table === undefined || path === undefined || more.length > 0) throw new UsageError('insert takes a table and a file: exchange-sql insert Contacts people.csv');
  const format = formatOf(path, parsed.value('format'));
  const rowsPerStatement = parsed.integer('rows', 1, 1000);
  const onRowError = parsed.value('on-row-error') ?? 'continue';
  if (onRowError !== 'continue' && onRowError !== 'stop') throw new UsageError(`--on-row-error is continue or stop, not '${onRowError}'`);

  const open = await openConnection(parsed);
  const abort = new AbortController();
  const interrupt = onInterrupt(() => abort.abort());
  const waiting: FileRow[] = [];
  const failures = new Failures(parsed.value('failed'));
  let counted = 0;
  let done = 0;
  async function* rows(): AsyncGenerator<NewRow, void, void> {
    for await (const row of readRows(path!, format)) {
      waiting.push(row);
      counted += 1;
      yield row.values;
    }
  }
  try {
    const result = await open.connection.insertRows(table, rows(), {
      signal: abort.signal,
      onRowError,
      ...(rowsPerStatement === undefined ? {} : { rowsPerStatement }),
      // Rows whose outcome is known leave the memory.
      onProgress: ({ rows: sent, failed, outcomes }) => {
        hideProgress();
        for (const outcome of outcomes) {
          const row = waiting.shift();
          if (outcome.status === 'done') done += 1;
          else if (row !== undefined) failures.add(row, outcome);
        }
        showProgress(sent, failed);
      },
    });
    hideProgress();
    for (const { code, message } of result.warnings) process.stderr.write(`warning ${code}: ${printable(message)}\n`);
    summary(result.affectedRows, counted, failures);
    if (result.affectedRows < counted) process.exitCode = 1;
  } catch (error) {
    hideProgress();
    // A file that cannot be read on, too: what was inserted must not be inserted again.
    for (const row of waiting.splice(0)) failures.add(row, { row: 0, status: 'skipped' });
    if (counted > 0) summary(done, counted, failures);
    throw error;
  } finally {
    interrupt.remove();
    await failures.close();
    await open.close();
  }
}

function summary(done: number, all: number, failures: Failures): void {
  process.stderr.write(`${String(done)} of ${String(all)} rows inserted${failures.count === 0 ? '' : `, ${String(failures.count)} not${failures.path === undefined ? ' (--failed FILE keeps them)' : `: ${failures.path}`}`}\n`);
}

class Failures {
  readonly path: string | undefined;
  count = 0;
  #out: ReturnType<typeof createWriteStream> | undefined;

  constructor(path: string | undefined) {
    this.path = path;
  }

  add({ line, values }: FileRow, { status, code, message }: RowReport): void {
    this.count += 1;
    if (this.count <= MOST_SHOWN) process.stderr.write(`line ${String(line)}: ${status}${code === undefined ? '' : ` ${code}`}${message === undefined ? '' : `: ${printable(message)}`}\n`);
    else if (this.count === MOST_SHOWN + 1) process.stderr.write('further rows are not named here\n');
    if (this.path === undefined) return;
    this.#out ??= createWriteStream(this.path, { mode: 0o600 });
    this.#out.write(`${JSON.stringify({ ...values, _line: line, _status: status, ...(code === undefined ? {} : { _code: code }), ...(message === undefined ? {} : { _message: message }) })}\n`);
  }

  async close(): Promise<void> {
    if (this.#out === undefined) return;
    this.#out.end();
    await once(this.#out, 'finish');
  }
}

function showProgress(rows: number, failed: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${rows.toLocaleString('en')} rows sent${failed > 0 ? `, ${failed.toLocaleString('en')} failed` : ''} (Ctrl-C cancels)`);
}

function hideProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
