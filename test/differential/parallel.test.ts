/** Many statements at once on one connection, and on several: each has its own rows, none is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from './harness/draw.js';
import { check, minutes, runs, SEED, setFaults, startBench, type Bench } from './harness/runner.js';
import { statement } from './statements/selects.js';

const AT_ONCE = 20;

describe(`${String(AT_ONCE)} statements at once (SEED=${String(SEED)})`, () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.close());

  const statements = (from: number): Promise<void>[] => Array.from({ length: AT_ONCE }, (_, index) => check(links[index % links.length]!, statement(seeded(from + index), bench.worlds), bench.oracle));
  const links: ReturnType<Bench['open']>[] = [];

  it.each([1, 3])('on %i connections are not refused once', async (connections) => {
    setFaults(bench.sandbox, { latencyMs: 3 });
    links.splice(0, links.length, ...Array.from({ length: connections }, () => bench.open()));
    bench.sandbox.log.reset();
    for (let round = 0; round < runs(6); round += 1) await Promise.all(statements(SEED + round * 1000));
    const refused = bench.sandbox.log.entries.filter(({ status }) => status === 429);
    expect(refused.map(({ url, mailbox }) => `${String(mailbox)} ${url}`)).toEqual([]);
    expect(Math.max(...Object.values(bench.sandbox.log.peaks))).toBeLessThanOrEqual(4);
    // Work is not queued needlessly: the mailbox is kept as busy as it may be.
    expect(Math.max(...Object.values(bench.sandbox.log.peaks))).toBe(4);
  }, minutes(2));

  it('learn of one refusal together', async () => {
    setFaults(bench.sandbox, { filterMode: 'strict', refuseContains: true });
    links.splice(0, links.length, bench.open());
    for (let round = 0; round < runs(2); round += 1) await Promise.all(statements(SEED + 90_000 + round * 1000));
    // The same form many times at once, which one 400 has to teach all of them.
    const fresh = bench.open();
    const asked = { sql: 'SELECT id, subject FROM Messages WHERE isRead = 0 AND isDraft = 0 ORDER BY receivedDateTime DESC, id', check: { kind: 'sequence' }, scope: 'own', covers: [] } as const;
    await Promise.all(Array.from({ length: AT_ONCE }, () => check(fresh, asked, bench.oracle)));
  }, minutes(2));
});
