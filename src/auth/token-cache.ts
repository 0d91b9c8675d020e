/**
 * Owns: one token in memory, renewed in time, fetched once however many ask for it.
 * Does not own: fetching.
 * Invariants: at most one fetch runs; a caller who gives up does not end the fetch for the others; failures are not kept.
 */
import { abortError } from '../http/abort.js';

export interface FetchedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

// Microsoft's own libraries renew five minutes early; a service's clock may be off by as much.
const EARLY_MS = 5 * 60 * 1000;

export class TokenCache {
  readonly #fetch: (forceRefresh: boolean) => Promise<FetchedToken>;
  readonly #now: () => number;
  #token: FetchedToken | undefined;
  /** When the token should be renewed: early, but never before half of a short life is over. */
  #renewAt = 0;
  #running: Promise<FetchedToken> | undefined;

  constructor(fetch: (forceRefresh: boolean) => Promise<FetchedToken>, now: () => number = Date.now) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** @param rejected a token the service has refused. */
  async get(signal: AbortSignal | undefined, rejected?: string): Promise<string> {
    const token = this.#token;
    // Several statements may learn of the same dead token: only the first refreshes it.
    const stale = rejected !== undefined && rejected === token?.token;
    if (token !== undefined && !stale && this.#now() < this.#renewAt) return token.token;
    this.#running ??= this.#start(stale);
    return (await abandonable(this.#running, signal)).token;
  }

  async #start(forceRefresh: boolean): Promise<FetchedToken> {
    try {
      const token = await this.#fetch(forceRefresh);
      const now = this.#now();
      this.#token = token;
      this.#renewAt = Math.max(token.expires - EARLY_MS, now + (token.expires - now) / 2);
      return token;
    } finally {
      this.#running = undefined;
    }
  }
}

/** Waits for the promise or the signal, whichever comes first; the promise goes on. */
function abandonable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
