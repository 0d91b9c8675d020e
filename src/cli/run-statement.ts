/**
 * Owns: running one statement for a person: rows to a stream, progress, warnings to stderr, Ctrl-C cancels.
 * Does not own: where the connection comes from (connect.ts), formats (format/).
 */
import type { Writable } from 'node:stream';
import { ExchangeSqlError, type Connection, type Parameters, type Warning, type WriteOptions } from '../index.js';
import { writeRows, type Layout } from './format/index.js';
import { onInterrupt } from './interrupt.js';
import { startProgress } from './progress.js';
import { printable } from './printable.js';
import { writtenLine } from './write-options.js';

export interface StatementRun {
  readonly sql: string;
  readonly parameters?: Parameters;
  /** `plan` prints EXPLAIN as indented text, and is what `table` means for EXPLAIN unless asked for by name. */
  readonly format: Layout;
  readonly maxRows?: number;
  /** What may be written; rows that were not written make the exit code 1. */
  readonly write?: WriteOptions;
  /** Where rows go, once there are columns; stdout unless given. */
  readonly output?: (write: (out: Writable) => Promise<void>) => Promise<void>;
}

/** Throws what the statement throws. */
export async function runStatement(connection: Connection, { sql, parameters = [], format, maxRows, write, output = (print) => print(process.stdout) }: StatementRun): Promise<void> {
  const abort = new AbortController();
  const interrupt = onInterrupt(() => {
    abort.abort();
  });
  const progress = startProgress(process.stderr, process.stdout.isTTY);
  try {
    const stream = connection.stream(sql, parameters, { rowMode: 'array', signal: abort.signal, ...(maxRows === undefined ? {} : { maxRows }), ...write });
    const columns = await stream.columns();
    await output((out) => writeRows(format, columns, progress.watch(stream), out));
    progress.stop();
    printWarnings(stream.warnings);
    const line = writtenLine(stream);
    if (line !== undefined) process.stderr.write(`${line}\n`);
    if (write !== undefined && stream.dryRun === undefined && stream.outcomes?.some(({ status }) => status === 'failed') === true) process.exitCode = 1;
  } catch (error) {
    // Whatever broke when the user had already given up is not news.
    if (abort.signal.aborted && !(error instanceof ExchangeSqlError)) throw new ExchangeSqlError('CANCELLED', 'the statement was cancelled', { cause: error });
    throw error;
  } finally {
    progress.stop();
    interrupt.remove();
  }
}

function printWarnings(warnings: readonly Warning[]): void {
  for (const { code, message } of warnings) process.stderr.write(`warning ${code}: ${printable(message)}\n`);
}

/** True for a statement that explains. */
export const isExplain = (sql: string): boolean => /^(?:\s|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*explain\b/i.test(sql);
