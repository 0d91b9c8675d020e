import { describe, expect, it } from 'vitest';
import { isOther, SeenIds } from '../../src/graph/seen-ids.js';
import { client } from './client-fixture.js';
import { fakeService } from './fake-service.js';
import { context, eq, oneOf, rows, scan, sourceOf } from './source-fixture.js';

describe('ids seen', () => {
  it('name the one most like a text', () => {
    const seen = new SeenIds();
    for (const id of ['AbCd', 'AbcDe', 'XyZ']) seen.note(id);
    expect(seen.like('abcd')).toEqual({ id: 'AbCd', likeness: 'case' });
    expect(seen.like('abc')).toEqual({ id: 'AbCd', likeness: 'longer' });
    expect(seen.like('AbCd')).toEqual({ id: 'AbCd', likeness: 'same' });
    expect(seen.like('AbCdEf')).toBeUndefined();
    expect(seen.like('xyz1')).toBeUndefined();
  });

  it('fold the letters of ASCII only', () => {
    const seen = new SeenIds();
    seen.note('\u212aÄ');
    expect(seen.like('kä')).toBeUndefined();
  });

  it('are forgotten, so that memory stays flat', () => {
    const seen = new SeenIds();
    for (let n = 0; n < 100_000; n += 1) seen.note(`Id-${String(n)}`);
    expect(seen.like('id-0')).toBeUndefined();
    expect(seen.like('id-99999')).toEqual({ id: 'Id-99999', likeness: 'case' });
    expect(seen.like('id-95000')).toEqual({ id: 'Id-95000', likeness: 'case' });
  });
});

describe('an item that the service takes for another', () => {
  const item = { id: 'AAMkAbC=', subject: 'a neighbour' };

  it('is known by its id', () => {
    expect(isOther('AAMkAbC=', 'AAMkAbC=')).toBe(false);
    for (const key of ['AAMkABC=', 'aamkabc=', 'AAMkAbC', 'AAMk', 'AAMkAbC==']) expect([key, isOther('AAMkAbC=', key)]).toEqual([key, true]);
    // The other kind of id finds its row.
    expect(isOther('AAkALgAAAA=', 'AAMkAbC=')).toBe(false);
  });

  it('gives no row, however lenient the service is about the key', async () => {
    const service = await fakeService(() => ({ body: item }));
    const source = sourceOf(client(service.origin));
    const columns = ['id', 'RowKey', 'subject'];
    expect(await rows(source, source.plan(scan('Messages', { columns, where: [eq('id', 'AAMkAbC=')] })))).toHaveLength(1);
    for (const key of ['AAMkABC=', 'AAMkAbC']) {
      const running = context();
      expect(await rows(source, source.plan(scan('Messages', { columns, where: [eq('id', key)] })), running)).toEqual([]);
      expect(running.statistics.requests).toBe(1);
    }
    expect(await rows(source, source.plan(scan('Messages', { columns: ['subject'], where: [oneOf('id', 'AAMkABC=', 'AAMkAbC=', 'AAMkAb')] })))).toEqual([['a neighbour']]);
  });
});
