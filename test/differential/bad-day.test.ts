/** Random statements against plain SQLite over the same rows, while the service has a bad day. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Faults } from '../../src/sandbox/index.js';
import { checkRandomly, minutes, runs, SEED, setFaults, startBench, type Bench } from './harness/runner.js';

/** A mailbox where mail moves meanwhile has no one right answer: moving.test.ts. */
const DAYS: readonly (readonly [name: string, statements: number, faults: Partial<Faults>])[] = [
  ['filter and sort only as documented', 80, { filterMode: 'strict' }],
  ['eq loses rows', 60, { lossyEq: true }],
  ['filtered rows come newest first', 40, { filteredOrder: 'newest' }],
  ['counts of -1', 60, { countMinusOne: true }],
  ['short pages', 50, { shortPages: true }],
  ['empty pages', 50, { emptyPages: true }],
  ['rows twice', 60, { repeatRows: true }],
  ['no contains', 40, { refuseContains: true }],
  ['contains finds words', 40, { containsWords: true }],
  ['events come in the other order', 30, { invertedEventOrder: true }],
  ['large pages are refused', 30, { topTooLarge: 'refuse' }],
  ['throttled, whole seconds', 8, { throttleEvery: 9, retryAfter: 1 }],
  ['throttled, parts of seconds', 60, { throttleEvery: 7, retryAfter: 0.03 }],
  ['503', 40, { serviceUnavailableEvery: 11, retryAfter: 0.05 }],
  ['504', 40, { gatewayTimeoutEvery: 11 }],
  ['connections cut', 40, { resetEvery: 11 }],
  ['bodies cut', 40, { truncateEvery: 13 }],
  ['bodies that are no JSON', 40, { malformedJsonEvery: 13 }],
  ['strict, lossy, short, empty, repeated, miscounted', 120, { filterMode: 'strict', lossyEq: true, shortPages: true, emptyPages: true, repeatRows: true, countMinusOne: true, refuseContains: true, filteredOrder: 'newest' }],
  ['everything', 60, { filterMode: 'strict', lossyEq: true, shortPages: true, emptyPages: true, repeatRows: true, countMinusOne: true, refuseContains: true, throttleEvery: 23, retryAfter: 0.02, serviceUnavailableEvery: 37, resetEvery: 41, truncateEvery: 43 }],
];

describe(`random statements give the rows of plain SQLite on a bad day (SEED=${String(SEED)})`, () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench({ messages: 160 });
  });
  afterAll(() => bench.close());

  it.each(DAYS)('%s', async (_name, statements, faults) => {
    setFaults(bench.sandbox, faults);
    await checkRandomly(bench, bench.open({ Pagesize: 60 }), runs(statements), 100);
  }, minutes(4));
});
