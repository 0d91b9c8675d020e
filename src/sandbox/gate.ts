/**
 * Owns: how many requests run at once per mailbox, how many in ten minutes, and how much is uploaded in five (facts 4.2).
 * Does not own: queueing: the service refuses, it does not wait.
 * Invariants: every `enter` that returns is followed by one call of what it returned.
 */
import type { Clock } from './clock.js';
import type { FaultBox } from './faults.js';
import { GraphError } from './graph-error.js';
import type { RequestLog } from './request-log.js';

const WINDOW_MS = 600_000;
const UPLOAD_WINDOW_MS = 300_000;
const MEGABYTE = 1024 * 1024;

export class Gate {
  readonly #faults: FaultBox;
  readonly #log: RequestLog;
  readonly #clock: Clock;
  readonly #running = new Map<string, number>();
  readonly #windows = new Map<string, { start: number; count: number }>();
  readonly #uploads = new Map<string, { start: number; bytes: number }>();

  constructor(faults: FaultBox, log: RequestLog, clock: Clock) {
    this.#faults = faults;
    this.#log = log;
    this.#clock = clock;
  }

  /** Takes a place; throws 429 ApplicationThrottled when there is none. */
  enter(mailbox: string): () => void {
    const { concurrencyLimit, requestLimit } = this.#faults.get();
    const running = this.#running.get(mailbox) ?? 0;
    this.#log.notePeak(mailbox, running + 1);
    if (concurrencyLimit > 0 && running >= concurrencyLimit) throw this.#refusal('Application is over its MailboxConcurrency limit.');
    if (requestLimit > 0) this.#count(mailbox, requestLimit);
    this.#running.set(mailbox, running + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#running.set(mailbox, (this.#running.get(mailbox) ?? 1) - 1);
    };
  }

  /** Counts the body of a write; throws 429 when the mailbox has taken too much lately. */
  upload(mailbox: string, bytes: number): void {
    const { uploadLimitMb } = this.#faults.get();
    if (uploadLimitMb <= 0 || bytes === 0) return;
    const now = this.#clock.now();
    let window = this.#uploads.get(mailbox);
    if (window === undefined || now - window.start >= UPLOAD_WINDOW_MS) {
      window = { start: now, bytes: 0 };
      this.#uploads.set(mailbox, window);
    }
    if (window.bytes + bytes > uploadLimitMb * MEGABYTE) throw this.#refusal('Application is over its upload limit.');
    window.bytes += bytes;
  }

  #count(mailbox: string, limit: number): void {
    const now = this.#clock.now();
    let window = this.#windows.get(mailbox);
    if (window === undefined || now - window.start >= WINDOW_MS) {
      window = { start: now, count: 0 };
      this.#windows.set(mailbox, window);
    }
    window.count++;
    if (window.count > limit) throw this.#refusal('Application is over its request limit.');
  }

  #refusal(message: string): GraphError {
    return new GraphError(429, 'ApplicationThrottled', message, { 'retry-after': this.#faults.retryAfter() });
  }
}
