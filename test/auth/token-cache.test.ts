import { describe, expect, it } from 'vitest';
import { TokenCache } from '../../src/auth/token-cache.js';

describe('TokenCache', () => {
  it('renews five minutes early, but not before half of a short life is over', async () => {
    for (const [life, renewAfter] of [
      [3_600_000, 3_300_000],
      [200_000, 100_000],
    ] as const) {
      let now = 1_000_000;
      let fetched = 0;
      const cache = new TokenCache(() => Promise.resolve({ token: `t${++fetched}`, expires: now + life }), () => now);
      expect(await cache.get(undefined)).toBe('t1');
      now += renewAfter - 1;
      expect(await cache.get(undefined)).toBe('t1');
      now += 1;
      expect(await cache.get(undefined)).toBe('t2');
    }
  });

  it('keeps no failure', async () => {
    let fetched = 0;
    const cache = new TokenCache(() => (++fetched === 1 ? Promise.reject(new Error('down')) : Promise.resolve({ token: 't', expires: Date.now() + 1e6 })));
    await expect(Promise.all([cache.get(undefined), cache.get(undefined)])).rejects.toThrow('down');
    expect(fetched).toBe(1);
    expect(await cache.get(undefined)).toBe('t');
  });

  it('ignores a refusal of a token that was replaced since', async () => {
    let fetched = 0;
    const cache = new TokenCache(() => Promise.resolve({ token: `t${++fetched}`, expires: Date.now() + 1e6 }));
    await cache.get(undefined);
    expect(await cache.get(undefined, 't1')).toBe('t2');
    expect(await cache.get(undefined, 't1')).toBe('t2');
  });
});
