/**
 * Owns: a running statement as an async iterable of rows, with columns, warnings and statistics.
 * Invariants: nothing is requested before the first pull (of columns or rows); breaking out of the loop stops the requests.
 */
import type { RunStatistics, Warning } from '../scan/source.js';
import type { RowReport } from '../errors.js';
import type { Column } from './results.js';
import type { DryRunSummary } from './write-dry-run.js';
import type { WriteSummary } from './write-outcomes.js';

/** What a running statement delivers; `columns` resolves before the first row. */
export interface RunningStatement {
  readonly columns: readonly Column[];
  readonly batches: AsyncGenerator<readonly (readonly unknown[])[], void, void>;
  readonly warnings: readonly Warning[];
  readonly statistics: RunStatistics;
  /** Of a writing statement; filled when its rows have come. */
  readonly written?: WriteSummary;
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

  /** Rows inserted, updated or deleted; undefined before the statement has ended, and for SELECT. */
  get affectedRows(): number | undefined {
    return this.#known?.written?.affectedRows;
  }

  /** What became of each row of a statement that wrote a mailbox; undefined before it has ended, and for any other. */
  get outcomes(): readonly RowReport[] | undefined {
    return this.#known?.written?.outcomes;
  }

  /** Of a dry run that has ended. */
  get dryRun(): DryRunSummary | undefined {
    return this.#known?.written?.dryRun;
  }

  /** Rows batch by batch, as they come: about a page of the service each. A stream is iterated once, one way or the other. */
  async *batches(): AsyncGenerator<Row[], void, void> {
    if (this.#iterated) throw new TypeError('a row stream can be iterated once');
    this.#iterated = true;
    const { batches, columns } = await this.#open();
    const shape = this.#shape(columns);
    for await (const batch of batches) yield batch.map(shape);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Row, void, void> {
    return new Rows(this.batches());
  }

  /** Ends the statement if its rows are not wanted after all. */
  async close(): Promise<void> {
    if (this.#running === undefined) return;
    const running = await this.#running;
    await running.batches.return();
  }
}

/**
 * Rows of batches, one by one. An async generator would do the same and cost several turns of the microtask queue a row; here
 * a row that is at hand costs one.
 */
class Rows<Row> implements AsyncGenerator<Row, void, void> {
  readonly #batches: AsyncGenerator<Row[], void, void>;
  #batch: readonly Row[] = [];
  #at = 0;
  /** The pull that waits for the next batch; later pulls queue behind it. */
  #waiting: Promise<unknown> | undefined;
  #ended = false;

  constructor(batches: AsyncGenerator<Row[], void, void>) {
    this.#batches = batches;
  }

  next(): Promise<IteratorResult<Row, void>> {
    if (this.#waiting === undefined && this.#at < this.#batch.length) return Promise.resolve({ done: false, value: this.#batch[this.#at++]! });
    const pull = (this.#waiting ?? Promise.resolve()).then(() => this.#pull());
    const settled: Promise<unknown> = pull.then(
      () => { this.#release(settled); },
      () => { this.#release(settled); },
    );
    this.#waiting = settled;
    return pull;
  }

  #release(pull: Promise<unknown>): void {
    if (this.#waiting === pull) this.#waiting = undefined;
  }

  async #pull(): Promise<IteratorResult<Row, void>> {
    while (this.#at >= this.#batch.length) {
      if (this.#ended) break;
      let next: IteratorResult<Row[], void>;
      try {
        next = await this.#batches.next();
      } catch (error) {
        this.#ended = true;
        throw error;
      }
      // Ended by return() meanwhile: whatever still came is dropped.
      if (next.done === true || this.#ended) {
        this.#end();
        return { done: true, value: undefined };
      }
      this.#batch = next.value;
      this.#at = 0;
    }
    return this.#ended ? { done: true, value: undefined } : { done: false, value: this.#batch[this.#at++]! };
  }

  #end(): void {
    this.#ended = true;
    this.#batch = [];
    this.#at = 0;
  }

  async return(): Promise<IteratorResult<Row, void>> {
    this.#end();
    await this.#batches.return();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Row, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
