/**
 * Owns: what was asked and answered, and how many requests ran at once per mailbox.
 * Does not own: refusing the fifth (gate.ts).
 * Invariants: holds no headers and no bodies, so no token can be in it.
 */
export interface LogEntry {
  readonly method: string;
  /** Path and query below the version root. */
  readonly url: string;
  readonly status: number;
  /** Rows in the answer; 0 for single entities. */
  readonly rows: number;
  /** Bytes of the body sent; 0 for a part of a batch. */
  readonly bytes: number;
  /** True for a part of a $batch, which is logged beside its batch. */
  readonly inBatch: boolean;
  readonly mailbox: string | null;
  /** Name of the fault that was injected, if any. */
  readonly fault: string | null;
}

export class RequestLog {
  readonly #limit: number;
  #entries: LogEntry[] = [];
  #dropped = 0;
  readonly #peaks = new Map<string, number>();

  /** Keeps the last `limit` entries. */
  constructor(limit = 20_000) {
    this.#limit = limit;
  }

  add(entry: LogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit * 1.5) {
      this.#dropped += this.#entries.length - this.#limit;
      this.#entries = this.#entries.slice(-this.#limit);
    }
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Entries that were too old to keep. */
  get dropped(): number {
    return this.#dropped;
  }

  notePeak(mailbox: string, running: number): void {
    if (running > (this.#peaks.get(mailbox) ?? 0)) this.#peaks.set(mailbox, running);
  }

  /** Highest number of requests in flight at once, by mailbox. */
  get peaks(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#peaks);
  }

  reset(): void {
    this.#entries = [];
    this.#dropped = 0;
    this.#peaks.clear();
  }
}
