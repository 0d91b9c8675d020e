/**
 * Owns: bringing the position of an error back to the user's text.
 */
import { ExchangeSqlError } from '../errors.js';

/** The error with its position in the user's text; anything else as it is. */
export function located(error: unknown, toOriginal: ((offset: number) => number) | undefined): unknown {
  if (!(error instanceof ExchangeSqlError) || error.position === undefined || toOriginal === undefined) return error;
  const { code, message, hint, retryable, requestId, position, status, serviceCode, cause } = error;
  const given = { hint, requestId, status, serviceCode };
  return new ExchangeSqlError(code, message, {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    retryable,
    position: toOriginal(position),
    ...(cause === undefined ? {} : { cause }),
  });
}
