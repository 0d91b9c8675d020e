/**
 * Owns: the sandbox's time, which can be set.
 * Does not own: timers (latency is real time).
 * Invariants: while it is frozen the clock stands still; set free it runs on from the set moment.
 */
export class Clock {
  #base: number;
  #from: number | undefined;

  /** `now` freezes the clock; without it real time runs. */
  constructor(now?: Date) {
    this.#base = now?.getTime() ?? Date.now();
    this.#from = now === undefined ? Date.now() : undefined;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#from === undefined ? this.#base : this.#base + (Date.now() - this.#from);
  }

  set(now: Date, frozen = true): void {
    this.#base = now.getTime();
    this.#from = frozen ? undefined : Date.now();
  }

  get frozen(): boolean {
    return this.#from === undefined;
  }
}
