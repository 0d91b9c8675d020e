/**
 * Owns: running one statement for a person: rows to a stream, progress, warnings to stderr, Ctrl-C cancels.
 * Does not own: where the connection comes from (connect.ts), formats (format/).
 */
import type { Writable } from 'node:stream';
import { ExchangeSqlError, type Connection, type Parameters, type Warning } from '../index.js';
import { writeRows, type Layout } from './format/index.js';
import { onInterrupt } from './interrupt.js';
import { startProgress } from './progress.js';
import { printable } from './printable.js';

export interface StatementRun {
  readonly sql: string;
  readonly parameters?: Parameters;
  /** `plan` prints EXPLAIN as indented text, and is what `table` means for EXPLAIN unless asked for by name. */
  readonly format: Layout;
  readonly maxRows?: number;
  /** Where rows go, once there are columns; stdout unless given. */
  readonly output?: (write: (out: Writable) => Promise<void>) => Promise<void>;
}

/** Throws what the statement throws. */
export async function runStatement(connection: Connection, { sql, parameters = [], format, maxRows, output = (write) => write(process.stdout) }: StatementRun): Promise<void> {
  const abort = new AbortController();
  const interrupt = onInterrupt(() => {
    abort.abort();
  });
  const progress = startProgress(process.stderr, process.stdout.isTTY);
  try {
    const stream = connection.stream(sql, parameters, { rowMode: 'array', signal: abort.signal, ...(maxRows === undefined ? {} : { maxRows }) });
    const columns = await stream.columns();
    await output((out) => writeRows(format, columns, progress.watch(stream), out));
    progress.stop();
    printWarnings(stream.warnings);
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
