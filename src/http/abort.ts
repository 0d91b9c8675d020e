/**
 * Owns: what an aborted signal means to a caller, and waiting that ends at once when the signal does.
 * Does not own: who aborts and why (the reason travels in `signal.reason`).
 * Invariants: no listener or timer outlives the promise it was made for.
 */
import { setMaxListeners } from 'node:events';
import { ExchangeSqlError } from '../errors.js';

/**
 * The error an aborted signal stands for: its reason if that is an ExchangeSqlError, TIMEOUT for `AbortSignal.timeout`,
 * otherwise CANCELLED.
 */
export function abortError(signal: AbortSignal): ExchangeSqlError {
  const reason: unknown = signal.reason;
  if (reason instanceof ExchangeSqlError) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new ExchangeSqlError('TIMEOUT', 'The statement ran longer than its Timeout allows.', {
      hint: 'Raise Timeout (seconds, 0 for none) or narrow the statement.',
      retryable: true,
    });
  }
  return new ExchangeSqlError('CANCELLED', 'The statement was cancelled.');
}

const UNNEEDED = new WeakSet<object>();

/** A reason to abort with when nobody went away: the work is done, and what is still on its way is merely of no use. */
export function unneeded(message: string): ExchangeSqlError {
  const reason = new ExchangeSqlError('CANCELLED', message);
  UNNEEDED.add(reason);
  return reason;
}

export function isUnneeded(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && UNNEEDED.has(reason);
}

/** @throws ExchangeSqlError (see `abortError`) if the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** Many requests of one statement listen to its signal; Node would warn of a leak from the eleventh on. */
export function allowManyListeners(signal: AbortSignal | undefined): void {
  if (signal !== undefined) setMaxListeners(0, signal);
}

/**
 * Waits `ms` milliseconds.
 *
 * @throws ExchangeSqlError (see `abortError`) as soon as the signal is aborted.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(abortError(signal as AbortSignal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
