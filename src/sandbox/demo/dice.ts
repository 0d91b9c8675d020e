/**
 * Owns: drawing from lists by seed.
 * Does not own: hashing of values (random.ts).
 * Invariants: the same seed gives the same draws in the same order.
 */
import { mix } from '../random.js';

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed);
  }

  /** In [0, 1). Mulberry32: some tens of draws stand behind every message, and there may be 200,000. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.roll() < probability;
  }

  /** Whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.roll() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.roll() * list.length)] as T;
  }

  /** `count` different elements (fewer if the list is shorter). */
  some<T>(list: readonly T[], count: number): T[] {
    const rest = [...list];
    const drawn: T[] = [];
    while (drawn.length < count && rest.length > 0) drawn.push(...rest.splice(Math.floor(this.roll() * rest.length), 1));
    return drawn;
  }
}
