/**
 * Owns: a running statement as an async iterable of rows, with columns, warnings and statistics.
 * Invariants: nothing is requested before the first pull (of columns or rows); breaking out of the loop stops the requests.
 */
import type { RunStatistics, Warning } from '../scan/source.js';
import type { Column } from './results.js';

/** What a running statement delivers; `columns` resolves before the first row. */
export interface RunningStatement {
  readonly columns: readonly Column[];
  readonly batches: AsyncGenerator<readonly (readonly unknown[])[], void, void>;
  readonly warnings: readonly Warning[];
  readonly statistics: RunStatistics;
}

export class RowStream<Row> implements AsyncIterable<Row> {
  readonly #start: () => Promise<RunningStatement>;
  readonly #shape: (columns: readonly Column[]) => (row: readonly unknown[]) => Row;
  #running: Promise<RunningStatement> | undefined;
  #known: RunningStatement | undefined;
  #iterated = false;

  constructor(start: () => Promise<RunningStatement>, shape: (columns: readonly Column[]) => (row: readonly unknown[]) => Row) {
    this.#start = start;
    this.#shape = shape;
  }

  async #open(): Promise<RunningStatement> {
    this.#running ??= this.#start();
    this.#known = await this.#running;
    return this.#known;
  }

  /** Column metadata; plans the statement, sends nothing that its rows would not need. */
  async columns(): Promise<readonly Column[]> {
    return (await this.#open()).columns;
  }

  /** Warnings so far; complete when the last row has come. */
  get warnings(): readonly Warning[] {
    return this.#known?.warnings ?? [];
  }

  /** Requests, bytes, rows read and retries so far. */
  get statistics(): RunStatistics {
    return this.#known?.statistics ?? { requests: 0, bytes: 0, rowsRead: 0, retries: 0 };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, void> {
    if (this.#iterated) throw new TypeError('a row stream can be iterated once');
    this.#iterated = true;
    const { batches, columns } = await this.#open();
    const shape = this.#shape(columns);
    for await (const batch of batches) {
      for (const row of batch) yield shape(row);
    }
  }

  /** Ends the statement if its rows are not wanted after all. */
  async close(): Promise<void> {
    if (this.#running === undefined) return;
    const running = await this.#running;
    await running.batches.return();
  }
}
