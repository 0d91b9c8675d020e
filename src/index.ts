/**
 * SQL for Microsoft Exchange and Microsoft 365 mailboxes.
 *
 * @example
 * import { connect } from 'exchange-sql';
 * await using connection = await connect('Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=…');
 * const { rows } = await connection.query('SELECT subject FROM Messages WHERE isRead = 0 LIMIT 5');
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
export type { Column, TimestampMode, Value } from './driver/results.js';
export { RowStream } from './driver/row-stream.js';
export { ExchangeSqlError, type ErrorCode } from './errors.js';
export type { RunStatistics, Warning } from './scan/source.js';
