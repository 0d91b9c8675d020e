/**
 * Owns: the public face of a connection: query, stream, prepare, explain, close.
 * Does not own: the life of a statement (statement.ts).
 * Invariants: any number of statements may run at once; each has its own rows; closing cancels them all.
 */
import { ExchangeSqlError } from '../errors.js';
import type { RunStatistics, Warning } from '../scan/source.js';
import { arrayShape, objectShape, type Column, type TimestampMode, type Value } from './results.js';
import { RowStream } from './row-stream.js';
import type { Session } from './session.js';
import { examineStatement, startStatement, type StatementOptions } from './statement.js';

/** Values for `?` in order, or for named parameters by name. */
export type Parameters = readonly ParameterValue[] | Readonly<Record<string, ParameterValue>>;
export type ParameterValue = null | boolean | number | bigint | string | Uint8Array | Date;

export interface QueryOptions {
  /** Aborts the statement and its HTTP requests at once. */
  readonly signal?: AbortSignal;
  /** `object` (default): rows by column name, repeated names get `_2`; `array`: values in column order. */
  readonly rowMode?: 'object' | 'array';
  /** `text` (default): ISO 8601 UTC text; `date`: Date. */
  readonly timestamps?: TimestampMode;
  /** At most this many rows; overrides the connection's MaxRows. */
  readonly maxRows?: number;
}

export type RowObject = Record<string, Value>;
export type RowArray = Value[];
type ArrayMode = { readonly rowMode: 'array' };

export interface QueryResult<Row = RowObject> {
  readonly columns: readonly Column[];
  readonly rows: Row[];
  readonly warnings: readonly Warning[];
  readonly statistics: RunStatistics;
}

export class Connection implements AsyncDisposable {
  readonly #session: Session;
  readonly #shutdown: () => Promise<void>;
  #closed = false;

  /** Use `connect`. */
  constructor(session: Session, shutdown: () => Promise<void>) {
    this.#session = session;
    this.#shutdown = shutdown;
  }

  /**
   * Runs a statement and collects its rows.
   *
   * @throws ExchangeSqlError
   * @example
   * const { rows } = await connection.query('SELECT subject FROM Messages WHERE isRead = ? LIMIT 5', [false]);
   */
  query(sql: string, parameters: Parameters | undefined, options: QueryOptions & ArrayMode): Promise<QueryResult<RowArray>>;
  query(sql: string, parameters?: Parameters, options?: QueryOptions): Promise<QueryResult>;
  async query(sql: string, parameters: Parameters = [], options: QueryOptions = {}): Promise<QueryResult<RowObject | RowArray>> {
    const stream = this.#stream(sql, parameters, options);
    const rows: (RowObject | RowArray)[] = [];
    for await (const batch of stream.batches()) for (const row of batch) rows.push(row);
    return { columns: await stream.columns(), rows, warnings: stream.warnings, statistics: stream.statistics };
  }

  /**
   * Runs a statement and hands out its rows as they come; requests wait for the consumer.
   *
   * @example
   * for await (const { subject } of connection.stream('SELECT subject FROM Messages')) console.log(subject);
   */
  stream(sql: string, parameters: Parameters | undefined, options: QueryOptions & ArrayMode): RowStream<RowArray>;
  stream(sql: string, parameters?: Parameters, options?: QueryOptions): RowStream<RowObject>;
  stream(sql: string, parameters: Parameters = [], options: QueryOptions = {}): RowStream<RowObject> | RowStream<RowArray> {
    return this.#stream(sql, parameters, options) as RowStream<RowObject>;
  }

  #stream(sql: string, parameters: Parameters, options: QueryOptions): RowStream<RowObject | RowArray> {
    return new RowStream(
      () => startStatement(this.#open(), sql, parameters, statementOptions(options)),
      (columns) => shapeRow(columns, options),
    );
  }

  /**
   * Checks a statement now, to run it with different parameters later.
   *
   * @example
   * const unread = connection.prepare('SELECT count(*) AS n FROM Messages WHERE parentFolderId = @folder AND isRead = 0');
   * const { rows } = await unread.query({ folder: 'inbox' });
   */
  prepare(sql: string): PreparedStatement {
    return new PreparedStatement(this, sql, examineStatement(this.#open(), sql));
  }

  /**
   * What a SELECT would send; with `analyze` it runs and is measured.
   *
   * @returns the rows of `EXPLAIN [ANALYZE]`.
   */
  explain(sql: string, parameters: Parameters = [], options: { readonly analyze?: boolean; readonly signal?: AbortSignal } = {}): Promise<QueryResult> {
    const { analyze = false, signal } = options;
    return this.query(`EXPLAIN ${analyze ? 'ANALYZE ' : ''}${sql}`, parameters, signal === undefined ? {} : { signal });
  }

  /** Cancels running statements and releases the connection's sockets. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#shutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): Session {
    if (this.#closed) throw new ExchangeSqlError('CLOSED', 'the connection is closed', { hint: 'Call connect() again.' });
    return this.#session;
  }
}

export class PreparedStatement {
  readonly #connection: Connection;
  readonly sql: string;
  readonly columns: readonly Column[];

  constructor(connection: Connection, sql: string, columns: readonly Column[]) {
    this.#connection = connection;
    this.sql = sql;
    this.columns = columns;
  }

  query(parameters: Parameters | undefined, options: QueryOptions & ArrayMode): Promise<QueryResult<RowArray>>;
  query(parameters?: Parameters, options?: QueryOptions): Promise<QueryResult>;
  query(parameters: Parameters = [], options: QueryOptions = {}): Promise<QueryResult | QueryResult<RowArray>> {
    return this.#connection.query(this.sql, parameters, options);
  }

  stream(parameters: Parameters | undefined, options: QueryOptions & ArrayMode): RowStream<RowArray>;
  stream(parameters?: Parameters, options?: QueryOptions): RowStream<RowObject>;
  stream(parameters: Parameters = [], options: QueryOptions = {}): RowStream<RowObject> | RowStream<RowArray> {
    return this.#connection.stream(this.sql, parameters, options);
  }

  explain(parameters: Parameters = [], options: { readonly analyze?: boolean } = {}): Promise<QueryResult> {
    return this.#connection.explain(this.sql, parameters, options);
  }
}

function statementOptions({ signal, maxRows }: QueryOptions): StatementOptions {
  if (maxRows !== undefined && !(Number.isSafeInteger(maxRows) && maxRows >= 0)) throw new ExchangeSqlError('BAD_PARAMETER', `maxRows must be a whole number from 0, not ${String(maxRows)}`);
  return { ...(signal === undefined ? {} : { signal }), ...(maxRows === undefined ? {} : { maxRows }) };
}

function shapeRow(columns: readonly Column[], { rowMode = 'object', timestamps = 'text' }: QueryOptions): (row: readonly unknown[]) => RowObject | RowArray {
  return (rowMode === 'array' ? arrayShape(columns, timestamps) : objectShape(columns, timestamps)) as (row: readonly unknown[]) => RowObject | RowArray;
}
