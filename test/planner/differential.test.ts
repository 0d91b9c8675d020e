import { describe, expect, it } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import { Generator, Random, randomData } from './generator.js';
import { answers } from './oracle.js';

const SEED = Number(process.env['SEED'] ?? 20240601);
const STATEMENTS = process.env['LONG'] === undefined ? 1000 : 30_000;

describe('plans against plain SQLite', () => {
  it(`gives the same rows (seed ${String(SEED)})`, () => {
    const modes = new Map<string, number>();
    let refused = 0;
    for (let index = 0; index < STATEMENTS; index += 1) {
      const random = new Random(SEED + index);
      const data = randomData(random);
      const { sql, inOrder } = new Generator(random).statement();
      let both: ReturnType<typeof answers>;
      try {
        both = answers(sql, data, random, { inOrder });
      } catch (error) {
        // A timestamp beside something else, or a name the generator made ambiguous.
        if (!(error instanceof ExchangeSqlError) || error.code === 'INTERNAL') throw new Error(`seed ${String(SEED + index)}: ${sql}`, { cause: error });
        refused += 1;
        continue;
      }
      modes.set(both.plan.mode, (modes.get(both.plan.mode) ?? 0) + 1);
      expect(both.actual, `seed ${String(SEED + index)}: ${sql}`).toEqual(both.expected);
    }
    // The generator must reach every way to run, and most of what it makes must run.
    expect([...modes.keys()].sort()).toEqual(['bypass', 'constant', 'count', 'rowwise', 'staged']);
    expect(refused).toBeLessThan(STATEMENTS / 5);
  }, 120_000);
});
