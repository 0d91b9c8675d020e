/**
 * SQL for Microsoft Exchange and Microsoft 365 mailboxes.
 *
 * Owns: what a program may import. Does not own: any logic. Invariants: nothing here changes without a major version.
 *
 * @example
 * import { connect } from 'exchange-sql';
 * await using connection = await connect('Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=…');
 * const { rows } = await connection.query('SELECT subject FROM Messages WHERE isRead = 0 LIMIT 5');
 * console.log(rows);
 * @example
 * import { connect, ExchangeSqlError } from 'exchange-sql';
 * await using connection = await connect({ OAuthAccessToken: '…', UserId: 'ada@contoso.example' });
 * try {
 *   await connection.query('SELECT subjct FROM Messages');
 * } catch (error) {
 *   if (error instanceof ExchangeSqlError) console.log(error.code, error.position, error.hint); // UNKNOWN_COLUMN 7 Did you mean subject?
 * }
 * @example
 * import { connect } from 'exchange-sql';
 * import { startSandbox } from 'exchange-sql/sandbox';
 * await using sandbox = await startSandbox({ messages: 50 });
 * await using connection = await connect(sandbox.connectionString);
 * const { rows } = await connection.query('SELECT count(*) AS n FROM Messages');
 * console.log(rows[0].n);
 */
export { connect, type ConnectOptions } from './driver/connect.js';
export {
  Connection,
  PreparedStatement,
  type Parameters,
  type ParameterValue,
  type QueryOptions,
  type QueryResult,
  type RowArray,
  type RowObject,
} from './driver/connection.js';
export type { BulkInsertOptions, BulkInsertProgress, BulkInsertResult, NewRow } from './driver/bulk-insert.js';
export type { Column, TimestampMode, Value } from './driver/results.js';
export type { FileAccess } from './driver/files.js';
export { signIn, type SignedIn, type SignInOptions } from './driver/sign-in/login.js';
export { testConnection, type TestOptions, type TestStep } from './driver/test-connection.js';
export { RowStream } from './driver/row-stream.js';
export type { DryRunSummary } from './driver/write-dry-run.js';
export type { WriteOptions } from './driver/write-options.js';
export { ExchangeSqlError, type ErrorCode, type RowReport } from './errors.js';
export type { RunStatistics, Warning } from './scan/source.js';
