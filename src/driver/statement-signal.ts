/**
 * Owns: one abort signal made of the caller's, the connection's and the statement's own.
 */
import { ExchangeSqlError } from '../errors.js';
import { unneeded } from '../http/abort.js';

export interface StatementSignal {
  readonly signal: AbortSignal;
  /** Stops what still runs for the statement; called when its rows are no longer wanted. */
  end(): void;
}

export function statementSignal(connection: AbortSignal, caller: AbortSignal | undefined): StatementSignal {
  const own = new AbortController();
  const signals = caller === undefined ? [connection, own.signal] : [connection, caller, own.signal];
  return { signal: AbortSignal.any(signals), end: () => { own.abort(ENDED); } };
}

/** One reason for all: without one, every statement would pay for a DOMException with its stack. */
const ENDED = unneeded('the statement has ended');

/** The error a user sees for a statement that was aborted. */
export function abortError(connection: AbortSignal, caller: AbortSignal | undefined): ExchangeSqlError {
  const reason: unknown = caller?.reason;
  if (reason instanceof ExchangeSqlError) return reason;
  if (connection.aborted) return new ExchangeSqlError('CLOSED', 'the connection was closed while the statement ran', { cause: reason });
  if (reason instanceof DOMException && reason.name === 'TimeoutError') return new ExchangeSqlError('TIMEOUT', 'the statement took longer than its signal allows', { cause: reason });
  return new ExchangeSqlError('CANCELLED', 'the statement was cancelled', { cause: reason });
}
