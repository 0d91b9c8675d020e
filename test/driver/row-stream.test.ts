import { describe, expect, test } from 'vitest';
import { RowStream } from '../../src/driver/row-stream.js';

type Batches = AsyncGenerator<readonly (readonly unknown[])[], void, void>;

const stream = (batches: () => Batches): RowStream<unknown> =>
  new RowStream(
    () => Promise.resolve({ columns: [], batches: batches(), warnings: [], statistics: { requests: 0, bytes: 0, rowsRead: 0, retries: 0 } }),
    () => ([value]) => value,
  );

async function* numbers(log: string[] = []): Batches {
  try {
    for (const batch of [[1, 2], [], [3], [4, 5, 6]]) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.push(`batch of ${String(batch.length)}`);
      yield batch.map((value) => [value]);
    }
  } finally {
    log.push('ended');
  }
}

async function collect(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

describe('rows of a stream', () => {
  test('come in order, empty batches left out', async () => {
    expect(await collect(stream(() => numbers()))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('asked for many at once, come each once and in order', async () => {
    const rows = stream(() => numbers())[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 9 }, () => rows.next()));
    expect(results.map(({ value }) => value as unknown)).toEqual([1, 2, 3, 4, 5, 6, undefined, undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, false, false, false, true, true, true]);
  });

  test('asked for again while one waits, come in order too', async () => {
    const rows = stream(() => numbers())[Symbol.asyncIterator]();
    const first = rows.next();
    const second = first.then(() => rows.next());
    const third = rows.next();
    expect([await first, await third, await second].map(({ value }) => value as unknown)).toEqual([1, 2, 3]);
  });

  test('end the batches when the loop is left, and no batch is made that is not wanted', async () => {
    const log: string[] = [];
    for await (const row of stream(() => numbers(log))) if (row === 2) break;
    expect(log).toEqual(['batch of 2', 'ended']);
  });

  test('are none after return, even those that were on their way', async () => {
    const rows = stream(() => numbers())[Symbol.asyncIterator]();
    await rows.next();
    await rows.next();
    const pending = rows.next();
    const returned = rows.return();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await returned).toEqual({ done: true, value: undefined });
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  test('stop at an error, which is thrown once', async () => {
    const rows = stream(async function* () {
      yield [[1]];
      await Promise.resolve();
      throw new Error('broken');
    })[Symbol.asyncIterator]();
    expect(await rows.next()).toEqual({ done: false, value: 1 });
    await expect(rows.next()).rejects.toThrow('broken');
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  test('are read once, one by one or in batches', async () => {
    const once = stream(() => numbers());
    expect(await collect(once.batches())).toEqual([[1, 2], [], [3], [4, 5, 6]]);
    await expect(collect(once)).rejects.toThrow('once');
  });
});
