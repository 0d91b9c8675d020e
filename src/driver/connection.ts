/**
 * Owns: the public face of a connection: query, stream, prepare, explain, close.
 * Does not own: the life of a statement (statement.ts).
 * Invariants: any number of statements may run at once; each has its own rows; closing cancels them all.
 */
import { ExchangeSqlError, type RowReport } from '../errors.js';
import type { RunStatistics, Warning } from '../scan/source.js';
import { insertRows, type BulkInsertOptions, type BulkInsertResult, type NewRow } from './bulk-insert.js';
import { arrayShape, objectShape, type Column, type TimestampMode, type Value } from './results.js';
import { RowStream } from './row-stream.js';
import type { Session } from './session.js';
import type { DryRunSummary } from './write-dry-run.js';
import type { WriteOptions } from './write-options.js';
import { examineStatement, startStatement, type StatementOptions } from './statement.js';

/**
 * Values for `?`, `?1` and `$1` in order, or for `@name`, `:name` and `$name` by name (with or without the sigil).
 * A Date becomes a UTC timestamp, a boolean 1 or 0; `undefined` and objects are refused.
 */
export type Parameters = readonly ParameterValue[] | Readonly<Record<string, ParameterValue>>;
export type ParameterValue = null | boolean | number | bigint | string | Uint8Array | Date;

export interface QueryOptions extends WriteOptions {
  /**
   * Aborts the statement and its HTTP requests at once; the statement ends with CANCELLED, or TIMEOUT for a timeout signal.
   * While SQLite itself computes, nothing can reach it: joins that would not end are refused before they run
   * (STATEMENT_TOO_LARGE), and recursion without end stops after the connection's Timeout.
   */
  readonly signal?: AbortSignal;
  /** `object` (default): rows by column name, repeated names get `_2`; `array`: values in column order. */
  readonly rowMode?: 'object' | 'array';
  /** `text` (default): ISO 8601 UTC text; `date`: Date. For columns of a table; an expression keeps the type of its value. */
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
  /** What the rows do not say: a mailbox left out, a search at its limit. Also in `sys_warnings` until the next statement ends. */
  readonly warnings: readonly Warning[];
  /** What the statement cost: requests, bytes of answers, rows the service sent, retries. */
  readonly statistics: RunStatistics;
  /** Rows inserted, updated or deleted; undefined for a statement that only reads. */
  readonly affectedRows?: number;
  /** What became of each row of a statement that wrote a mailbox, in the statement's order. */
  readonly outcomes?: readonly RowReport[];
  /** Of a dry run: how many rows would be written, and who would get mail. The result's rows are the requests. */
  readonly dryRun?: DryRunSummary;
}

/**
 * A connection to one service with one identity. Made by `connect`.
 *
 * Any number of statements may run at once; none sees another's rows. Requests of all connections of the process share one
 * governor: at most four at a time per application and mailbox.
 *
 * @example
 * const [messages, folders] = await Promise.all([
 *   connection.query('SELECT count(*) AS n FROM Messages'),
 *   connection.query('SELECT path, totalItemCount FROM MailFolders ORDER BY path'),
 * ]);
 * console.log(messages.rows[0].n, folders.rows.length);
 */

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
   * @param sql any statement: SELECT, WITH, VALUES, EXPLAIN, INSERT, UPDATE, DELETE, UPSERT, or one on temporary tables.
   * @throws ExchangeSqlError SYNTAX, UNKNOWN_TABLE, UNKNOWN_COLUMN and the like before anything is sent; PERMISSION, THROTTLED,
   * UNREACHABLE, … from the service; CANCELLED, TIMEOUT, CLOSED.
   * @example
   * const { rows, columns } = await connection.query('SELECT subject, receivedDateTime FROM Messages WHERE isRead = ? LIMIT 5', [false]);
   * console.log(columns.map(({ name, type }) => `${name}: ${type}`), rows);
   * @example
   * const { rows } = await connection.query('SELECT subject, receivedDateTime FROM Messages LIMIT 3', [], { rowMode: 'array', timestamps: 'date' });
   * for (const [subject, at] of rows) console.log(subject, at instanceof Date);
   */
  query(sql: string, parameters: Parameters | undefined, options: QueryOptions & ArrayMode): Promise<QueryResult<RowArray>>;
  query(sql: string, parameters?: Parameters, options?: QueryOptions): Promise<QueryResult>;
  async query(sql: string, parameters: Parameters = [], options: QueryOptions = {}): Promise<QueryResult<RowObject | RowArray>> {
    const stream = this.#stream(sql, parameters, options);
    const rows: (RowObject | RowArray)[] = [];
    for await (const batch of stream.batches()) for (const row of batch) rows.push(row);
    const { warnings, statistics, affectedRows, outcomes, dryRun } = stream;
    return { columns: await stream.columns(), rows, warnings, statistics, ...(affectedRows === undefined ? {} : { affectedRows }), ...(outcomes === undefined ? {} : { outcomes }), ...(dryRun === undefined ? {} : { dryRun }) };
  }

  /**
   * Inserts rows given as objects, many in a statement. Rows may come from an async iterator; they are not held.
   *
   * @param table its name, as in SQL without quotes.
   * @throws ExchangeSqlError as an INSERT does; `outcomes` tells of every row taken so far. With `onRowError: 'continue'` rows that cannot
   * be written are outcomes, not errors.
   * @example
   * const { affectedRows, outcomes } = await connection.insertRows('Contacts', [{ givenName: 'Ada', surname: 'Miller' }, { givenName: 'Bo' }]);
   */
  insertRows(table: string, rows: Iterable<NewRow> | AsyncIterable<NewRow>, options: BulkInsertOptions = {}): Promise<BulkInsertResult> {
    return insertRows((sql, parameters, given) => this.query(sql, parameters, given), table, rows, options);
  }

  /**
   * Runs a statement and hands out its rows as they come. A slow consumer holds the requests up (about two pages are read
   * ahead); leaving the loop ends them. Statements that sort, group or join read first what they need.
   *
   * @example
   * for await (const { subject } of connection.stream('SELECT subject FROM Messages')) {
   *   console.log(subject);
   *   if (subject === 'Lunch') break;
   * }
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
   * Checks a statement now, to run it with different parameters later. Nothing is sent.
   *
   * @throws ExchangeSqlError as `query` does for syntax and names.
   * @example
   * const unread = connection.prepare('SELECT count(*) AS n FROM Messages WHERE parentFolderId = @folder AND isRead = 0');
   * const { rows } = await unread.query({ folder: 'inbox' });
   */
  prepare(sql: string): PreparedStatement {
    return new PreparedStatement(this, sql, examineStatement(this.#open(), sql));
  }

  /**
   * What a SELECT would send, without sending it; with `analyze` it runs and is measured.
   *
   * @returns the rows of `EXPLAIN [ANALYZE]`: requests with URL and columns, conditions with how they go down or why not.
   * @example
   * const { rows } = await connection.explain("SELECT subject FROM Messages WHERE isRead = 0 AND subject LIKE '%plan%'");
   * for (const { operation, detail, handled, reason } of rows) console.log(operation, detail, handled, reason);
   */
  explain(sql: string, parameters: Parameters = [], options: { readonly analyze?: boolean; readonly signal?: AbortSignal } = {}): Promise<QueryResult> {
    const { analyze = false, signal } = options;
    return this.query(`EXPLAIN ${analyze ? 'ANALYZE ' : ''}${sql}`, parameters, signal === undefined ? {} : { signal });
  }

  /**
   * Cancels running statements, drops temporary tables and releases the connection's sockets. `await using` calls it.
   * A second call does nothing.
   */
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

/** A checked statement of a connection, made by `prepare`. */
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

function statementOptions({ rowMode: _rowMode, timestamps: _timestamps, ...options }: QueryOptions): StatementOptions {
  const { maxRows } = options;
  if (maxRows !== undefined && !(Number.isSafeInteger(maxRows) && maxRows >= 0)) throw new ExchangeSqlError('BAD_PARAMETER', `maxRows must be a whole number from 0, not ${String(maxRows)}`);
  return options;
}

function shapeRow(columns: readonly Column[], { rowMode = 'object', timestamps = 'text' }: QueryOptions): (row: readonly unknown[]) => RowObject | RowArray {
  return (rowMode === 'array' ? arrayShape(columns, timestamps) : objectShape(columns, timestamps)) as (row: readonly unknown[]) => RowObject | RowArray;
}
