/**
 * Owns: which failures are worth another attempt, and how long to wait before it.
 * Does not own: sending (channel.ts) or waiting for the whole mailbox (governor.ts).
 * Invariants: a request that may have changed something is repeated only when the service says it was not executed.
 */
import type { HttpMethod } from './transport.js';
import { failureOf } from './transport-error.js';

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** First wait in ms where the service names none: after a broken connection. Doubles each time, with jitter. */
  readonly resetBaseMs: number;
  /** The same after 429, 502, 503, 504 and transient 500. */
  readonly throttleBaseMs: number;
  /** Longest wait of one's own in ms. */
  readonly capMs: number;
  /** Longest Retry-After obeyed in ms; beyond it the statement fails and says when to come back. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 8,
  resetBaseMs: 100,
  throttleBaseMs: 500,
  capMs: 20_000,
  maxRetryAfterMs: 300_000,
};

/** Attempts at an answer that cannot be read: more would only delay the error where something else than the service answers. */
export const GARBLED_ATTEMPTS = 4;

/** GET, HEAD and the like may be repeated whatever happened. */
export function isIdempotent(method: HttpMethod): boolean {
  return method === 'GET' || method === 'HEAD';
}

export type Verdict = 'throttled' | 'transient' | 'final';

/**
 * Judges an HTTP status and the service's error code.
 * Sources: facts 4.3 (429, 503: not executed; 504, 502 and transient 500: unknown, harmless for reads).
 */
export function judgeStatus(status: number, serviceCode: string | undefined, idempotent: boolean): Verdict {
  if (status === 429 || status === 503) return 'throttled';
  if (!idempotent) return 'final';
  if (status === 502 || status === 504) return 'transient';
  if (status === 500 && (serviceCode === 'ErrorInternalServerTransientError' || serviceCode === 'ErrorInternalServerError')) return 'transient';
  return 'final';
}

/** Judges what `HttpTransport.request` threw. */
export function judgeFailure(error: unknown, idempotent: boolean): Verdict {
  const failure = failureOf(error);
  return idempotent && (failure === 'reset' || failure === 'garbled') ? 'transient' : 'final';
}

/** Exponential wait with jitter: between half and the whole of base × 2^(attempt-1), in ms. `attempt` counts from 1. */
export function backoffMs(policy: RetryPolicy, baseMs: number, attempt: number, random: () => number = Math.random): number {
  const full = Math.min(policy.capMs, baseMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
