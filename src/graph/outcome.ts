/**
 * Owns: telling whether a write that failed may have been done all the same.
 * Does not own: finding out (the callers that can look), words of the failure itself (errors.ts).
 * Invariants: an error is "certain" only if the service said that it refused, or nothing was sent.
 */
import { ExchangeSqlError } from '../errors.js';
import { failureOf } from '../http/transport-error.js';

/** True if the request may have been executed although it ended with this error. `sent`: some of it went out. */
export function mayHaveBeenDone(error: unknown, sent: boolean): boolean {
  if (!sent || !(error instanceof ExchangeSqlError) || error.code === 'OUTCOME_UNKNOWN') return false;
  if (error.status !== undefined) return error.status >= 500 && error.status !== 501 && error.status !== 503;
  return failureOf(error) !== 'unreachable' && ['UNREACHABLE', 'TIMEOUT', 'CANCELLED', 'CLOSED', 'BAD_RESPONSE'].includes(error.code);
}

/** The error to throw in place of one after which nobody knows what became of the request. */
export function outcomeUnknown(what: string, look: string, cause: unknown): ExchangeSqlError {
  return new ExchangeSqlError('OUTCOME_UNKNOWN', `${what} may have been done: it was sent, but no answer came.`, { hint: look, cause });
}
