/**
 * Owns: one attempt in the air: what its caller waits for, and when the service is done with it.
 * Does not own: the slots it holds meanwhile (governor.ts) or retries (channel.ts).
 * Invariants: the caller is told of an abort at once; a request that only became unneeded is not cut off, for the service
 * works on it to its end either way, and a broken connection costs a handshake.
 */
import { ExchangeSqlError } from '../errors.js';
import { abortError, isUnneeded } from './abort.js';
import type { HttpRequest, HttpResponse, HttpTransport } from './transport.js';

/**
 * How long the service is taken to go on with a request whose connection was cut, in ms. It learns of the cut late and says
 * nothing, while the request still counts against the mailbox's 4: about what an ordinary answer takes.
 */
export const LINGER_MS = 500;
/** Longest wait for an answer that nobody needs, in ms: then the connection is cut after all. */
const DRAIN_MS = 5_000;

export interface Flight {
  /** Rejects as soon as the request's signal is aborted. */
  readonly answer: Promise<HttpResponse>;
  /** Settles when the connection is done with the request; gives the ms for which the service may still work on it. */
  readonly over: Promise<number>;
}

export function launch(transport: HttpTransport, request: HttpRequest): Flight {
  const { signal } = request;
  const cut = new AbortController();
  const sent = transport.request({ ...request, signal: cut.signal });
  const over = sent.then(() => 0, (error: unknown) => (cut.signal.aborted || hungUp(error) ? LINGER_MS : 0));
  if (signal === undefined) return { answer: sent, over };
  const answer = new Promise<HttpResponse>((resolve, reject) => {
    let drain: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      reject(abortError(signal));
      if (isUnneeded(signal.reason)) drain = setTimeout(() => { cut.abort(signal.reason); }, DRAIN_MS);
      else cut.abort(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => {
      clearTimeout(drain);
      signal.removeEventListener('abort', onAbort);
    };
    sent.then((response) => { settled(); resolve(response); }, (error: unknown) => { settled(); reject(error as Error); });
  });
  return { answer, over };
}

/** Whether it was this side that broke off: out of patience, or the connections were closed. */
function hungUp(error: unknown): boolean {
  return error instanceof ExchangeSqlError && (error.code === 'TIMEOUT' || error.code === 'CLOSED');
}
