/**
 * Owns: telling whether a request that the service answered with a failure may have been done all the same.
 * Does not own: answers that were lost (write-batch.ts tells), finding out (the callers that can look).
 */
import { ExchangeSqlError } from '../errors.js';

/** The service failed while it worked on it: 500, 502, 504. With 501 and 503 it says that it did not begin. */
export function mayHaveBeenDone({ status }: ExchangeSqlError): boolean {
  return status !== undefined && status >= 500 && status !== 501 && status !== 503;
}

/** The error to throw in place of one after which nobody knows what became of the request. */
export function outcomeUnknown(what: string, look: string, cause: unknown): ExchangeSqlError {
  return new ExchangeSqlError('OUTCOME_UNKNOWN', `${what} may have been done: it was sent, but no answer came.`, { hint: look, cause });
}
