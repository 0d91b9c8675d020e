/** Random statements against plain SQLite over the same rows, on days when the service behaves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eagerSource } from './harness/eager-source.js';
import { checkRandomly, minutes, runs, SEED, startBench, unexplained429s, type Bench } from './harness/runner.js';

describe(`random statements give the rows of plain SQLite (SEED=${String(SEED)})`, () => {
  let bench: Bench;
  let regular: Bench;
  beforeAll(async () => {
    bench = await startBench();
    regular = await startBench({ messages: 120 }, { IdType: 'Regular' });
  });
  afterAll(async () => {
    await bench.close();
    await regular.close();
  });

  it('with pushdown', async () => {
    await checkRandomly(bench, bench.open(), runs(1000), 1);
  }, minutes(4));

  it('without pushdown', async () => {
    await checkRandomly(bench, bench.open({ DisableServerSideFiltering: true }), runs(250), 2);
  }, minutes(4));

  it('on a service that takes everything', async () => {
    await checkRandomly(bench, bench.open().asking(eagerSource(bench.oracle)), runs(700), 5);
  }, minutes(4));

  it('in small pages', async () => {
    await checkRandomly(bench, bench.open({ Pagesize: 7 }), runs(200), 3);
  }, minutes(4));

  it('with the ids that change on move', async () => {
    await checkRandomly(regular, regular.open(), runs(150), 4);
  }, minutes(4));

  it('and no request was one too many', () => {
    expect(unexplained429s(bench.sandbox)).toBe(0);
    expect(unexplained429s(regular.sandbox)).toBe(0);
  });
});
