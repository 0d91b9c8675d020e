/**
 * Owns: inserting many rows given as objects: statements of many rows, outcomes by the rows' own ordinals.
 * Does not own: writing (statement.ts), reading files (cli/).
 * Invariants: rows are taken as they come and never all held; each has one outcome; one that cannot be written does not take its neighbours
 * along where `onRowError` is `continue`.
 */
import { quoteIdentifier } from '../engine/ddl.js';
import { ExchangeSqlError, type RowReport } from '../errors.js';
import type { Warning } from '../scan/source.js';

type NewValue = null | boolean | number | bigint | string | Uint8Array | Date;
/** A row to insert, by column name; a column left out or undefined is the service's to choose. */
export type NewRow = Readonly<Record<string, NewValue | undefined>>;

export interface BulkInsertOptions {
  /** Cancels; rows in flight are reported as they ended, or as unknown. */
  readonly signal?: AbortSignal;
  /** `stop`: after a row that cannot be written nothing further is sent; `continue`: the others are written. Default: the connection's OnRowError. */
  readonly onRowError?: 'stop' | 'continue';
  /** Rows of one statement, 1 to 1000. Default 400: twenty batches of the service. */
  readonly rowsPerStatement?: number;
  /** Called after each statement with the outcomes that are new. */
  readonly onProgress?: (progress: BulkInsertProgress) => void;
}

export interface BulkInsertProgress {
  /** Rows so far. */
  readonly rows: number;
  readonly failed: number;
  readonly outcomes: readonly RowReport[];
}

export interface BulkInsertResult {
  /** Rows known to be written. */
  readonly affectedRows: number;
  /** Of every row, by its ordinal in the input from 0. */
  readonly outcomes: readonly RowReport[];
  readonly warnings: readonly Warning[];
}

interface StatementOptions extends Pick<BulkInsertOptions, 'signal' | 'onRowError'> {
  readonly maxAffectedRows: number;
}
type Query = (sql: string, parameters: readonly NewValue[], options: StatementOptions) => Promise<{ readonly outcomes?: readonly RowReport[]; readonly warnings: readonly Warning[] }>;

/** SQLite takes at most this many parameters in a statement. */
const MOST_PARAMETERS = 32_000;
/** Characters of values in one statement: contents of files are sent a few at a time. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
const DEFAULT_ROWS = 400;

/** Faults of a row's values; anything else befalls the whole statement. */
const OF_ONE_ROW: ReadonlySet<string> = new Set(['BAD_VALUE', 'MISSING_COLUMN', 'BAD_PARAMETER']);

export async function insertRows(query: Query, table: string, rows: Iterable<NewRow> | AsyncIterable<NewRow>, options: BulkInsertOptions = {}): Promise<BulkInsertResult> {
  const most = options.rowsPerStatement ?? DEFAULT_ROWS;
  if (!Number.isSafeInteger(most) || most < 1 || most > 1000) throw new ExchangeSqlError('BAD_PARAMETER', `rowsPerStatement must be a whole number from 1 to 1000, not ${String(most)}`);
  const run = new Run(query, table, options);
  let chunk = new Chunk();
  try {
    for await (const row of rows) {
      if (chunk.isFull(row, most)) {
        if (!(await run.send(chunk.rows))) return run.result(chunk.rows.length);
        chunk = new Chunk();
      }
      chunk.add(row);
    }
  } catch (error) {
    // The rows could not be read on: what was written before is not to be written again.
    throw error instanceof ExchangeSqlError && error.outcomes === undefined ? run.broken(error, chunk.rows.length) : error;
  }
  await run.send(chunk.rows);
  return run.result(0);
}

class Chunk {
  readonly rows: NewRow[] = [];
  readonly #columns = new Set<string>();
  #characters = 0;

  isFull(next: NewRow, most: number): boolean {
    if (this.rows.length === 0) return false;
    const columns = new Set([...this.#columns, ...Object.keys(next)]).size;
    return this.rows.length >= most || (this.rows.length + 1) * columns > MOST_PARAMETERS || this.#characters > MOST_CHARACTERS;
  }

  add(row: NewRow): void {
    this.rows.push(row);
    for (const [name, value] of Object.entries(row)) {
      this.#columns.add(name);
      this.#characters += typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 8;
    }
  }
}

class Run {
  readonly #query: Query;
  readonly #table: string;
  readonly #options: BulkInsertOptions;
  readonly #outcomes: RowReport[] = [];
  readonly #warnings: Warning[] = [];
  #failed = 0;

  constructor(query: Query, table: string, options: BulkInsertOptions) {
    this.#query = query;
    this.#table = table;
    this.#options = options;
  }

  /** @returns false if nothing further is to be sent. */
  async send(rows: readonly NewRow[]): Promise<boolean> {
    if (rows.length === 0) return true;
    const before = this.#outcomes.length;
    try {
      return await this.#statement(rows);
    } finally {
      const outcomes = this.#outcomes.slice(before);
      this.#failed += outcomes.filter(({ status }) => status !== 'done').length;
      this.#options.onProgress?.({ rows: this.#outcomes.length, failed: this.#failed, outcomes });
    }
  }

  result(unsent: number): BulkInsertResult {
    for (let n = 0; n < unsent; n += 1) this.#outcomes.push({ row: this.#outcomes.length, status: 'skipped' });
    return { affectedRows: this.#outcomes.filter(({ status }) => status === 'done').length, outcomes: this.#outcomes, warnings: this.#warnings };
  }

  /** The error with all outcomes, `unsent` rows of them not sent. */
  broken(error: ExchangeSqlError, unsent: number): ExchangeSqlError {
    this.result(unsent);
    return this.#failure(error);
  }

  async #statement(rows: readonly NewRow[]): Promise<boolean> {
    const { signal, onRowError } = this.#options;
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => row[name] !== undefined)))];
    const nul = [this.#table, ...columns].find((name) => name.includes('\0'));
    if (nul !== undefined) throw this.#failure(new ExchangeSqlError('SYNTAX', `no table or column is called '${nul.replaceAll('\0', '\\0')}': a name cannot hold a zero character`));
    const parameters: NewValue[] = [];
    const values = rows.map((row) => `(${columns.map((name) => (row[name] === undefined ? 'DEFAULT' : (parameters.push(row[name]), '?'))).join(', ')})`);
    const sql = columns.length === 0 ? `INSERT INTO ${quoteIdentifier(this.#table)} DEFAULT VALUES` : `INSERT INTO ${quoteIdentifier(this.#table)} (${columns.map(quoteIdentifier).join(', ')}) VALUES ${values.join(', ')}`;
    try {
      // Rows of a temporary table have no outcomes: all of them are there, or the statement has failed.
      const { outcomes = rows.map((_, row): RowReport => ({ row, status: 'done' })), warnings } = await this.#query(sql, parameters, { maxAffectedRows: 0, ...(signal === undefined ? {} : { signal }), ...(onRowError === undefined ? {} : { onRowError }) });
      this.#take(outcomes);
      for (const warning of warnings) if (!this.#warnings.some(({ code, message }) => code === warning.code && message === warning.message)) this.#warnings.push(warning);
      return true;
    } catch (error) {
      if (!(error instanceof ExchangeSqlError)) throw error;
      if (error.outcomes !== undefined) {
        this.#take(error.outcomes);
        if (onRowError === 'continue' && error.code !== 'CANCELLED' && error.code !== 'TIMEOUT') return true;
        throw this.#failure(error);
      }
      if (onRowError !== 'continue' || !OF_ONE_ROW.has(error.code)) throw this.#failure(error);
      return this.#halves(rows, error);
    }
  }

  /** A row whose values cannot be sent is looked for by halves: nothing of the statement was written. */
  async #halves(rows: readonly NewRow[], error: ExchangeSqlError): Promise<boolean> {
    if (rows.length > 1) {
      const middle = rows.length >> 1;
      return (await this.#statement(rows.slice(0, middle))) && this.#statement(rows.slice(middle));
    }
    const { code, sqlState, message } = error;
    this.#outcomes.push({ row: this.#outcomes.length, status: 'failed', code, sqlState, message });
    return true;
  }

  #take(outcomes: readonly RowReport[]): void {
    const first = this.#outcomes.length;
    for (const outcome of outcomes) this.#outcomes.push({ ...outcome, row: first + outcome.row });
  }

  /** The statement's error with the outcomes of all rows so far. */
  #failure(error: ExchangeSqlError): ExchangeSqlError {
    const { hint, retryable, requestId, position, status, serviceCode } = error;
    return new ExchangeSqlError(error.code, error.message, {
      retryable,
      outcomes: [...this.#outcomes],
      cause: error,
      ...(hint === undefined ? {} : { hint }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(position === undefined ? {} : { position }),
      ...(status === undefined ? {} : { status }),
      ...(serviceCode === undefined ? {} : { serviceCode }),
    });
  }
}
