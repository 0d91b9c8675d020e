/**
 * Choices of a generator. They come from a list of numbers that fast-check makes and shrinks (a number nearer to 0 is the
 * simpler choice, a list that is used up gives 0), or from a seed.
 */
import fc from 'fast-check';

export interface Draw {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  /** True in `of` cases out of `outOf`; shrinks to false. */
  chance(of: number, outOf: number): boolean;
  /** One of a list; shrinks to the first. */
  pick<T>(list: readonly T[]): T;
  /** Some of a list in its order, at least `least`. */
  some<T>(list: readonly T[], least: number, most: number): readonly T[];
}

function drawOf(next: () => number): Draw {
  const below = (n: number): number => (n <= 1 ? 0 : next() % n);
  return {
    below,
    chance: (of, outOf) => below(outOf) >= outOf - of,
    pick: (list) => {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[below(list.length)]!;
    },
    some: (list, least, most) => {
      const count = Math.min(list.length, least + below(most - least + 1));
      const start = below(list.length);
      const step = 1 + below(Math.max(1, list.length - 1));
      const chosen = new Set<number>();
      for (let at = start; chosen.size < count; at = (at + step) % list.length) {
        if (chosen.has(at)) at = (at + 1) % list.length;
        chosen.add(at);
      }
      return [...chosen].map((at) => list[at]!);
    },
  };
}

/** From numbers; 0 when they are used up. */
export function drawFrom(choices: readonly number[]): Draw {
  let at = 0;
  return drawOf(() => choices[at++] ?? 0);
}

/** From a seed (mulberry32). */
export function seeded(seed: number): Draw {
  let state = seed >>> 0;
  return drawOf(() => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  });
}

/** Lists of choices, long enough for the largest statement. */
export const choices = (): fc.Arbitrary<number[]> => fc.noBias(fc.array(fc.nat(0xffff), { minLength: 0, maxLength: 240, size: 'max' }));
