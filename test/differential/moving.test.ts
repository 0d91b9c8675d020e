/** While mail arrives, moves and is deleted: what exists from start to end is never missing, and nothing comes twice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setFaults, startBench, type Bench } from './harness/runner.js';

const STATEMENTS = [
  'SELECT id FROM Messages',
  'SELECT id, subject FROM Messages WHERE isRead = 0',
  'SELECT id FROM Messages ORDER BY receivedDateTime DESC',
  'SELECT id FROM Messages ORDER BY receivedDateTime',
  "SELECT id FROM Messages WHERE subject LIKE 'b%'",
  'SELECT id, count(*) OVER () FROM Messages WHERE importance = \'high\'',
] as const;

describe('a mailbox that is busy', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench({ messages: 300 });
  });
  afterAll(() => bench.close());

  it.each([...STATEMENTS.map((sql) => [sql, 17] as const), [STATEMENTS[0], 40] as const])('%s, %i rows a page', async (sql, pageSize) => {
    const quiet = bench.open();
    const link = bench.open({ Pagesize: pageSize });
    setFaults(bench.sandbox, {});
    const ids = async (): Promise<Set<string>> => new Set((await quiet.run(sql)).rows.map(([id]) => String(id)));
    const before = await ids();
    setFaults(bench.sandbox, { busyMailbox: 12 });
    const during = (await link.run(sql)).rows.map(([id]) => String(id));
    setFaults(bench.sandbox, {});
    const after = await ids();
    const given = new Set(during);
    expect(given.size, 'no row twice').toBe(during.length);
    expect([...before].filter((id) => after.has(id) && !given.has(id)), 'rows that last').toEqual([]);
    expect(during.filter((id) => !before.has(id) && !after.has(id)).length, 'rows nobody else saw are those that came and went').toBeLessThanOrEqual(12);
  });

  it('was busy indeed', async () => {
    setFaults(bench.sandbox, { busyMailbox: 5 });
    await bench.open({ Pagesize: 20 }).run('SELECT id FROM Messages');
    expect(bench.sandbox.faults.get().busyMailbox).toBe(0);
  });
});
