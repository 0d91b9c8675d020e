import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { client } from './client-fixture.js';
import { fakeService, listing, refusal } from './fake-service.js';
import type { Asked, FakeRow } from './fake-service.js';
import { compare, context, eq, rows, scan, sourceOf } from './source-fixture.js';

const at = (second: number): string => new Date(Date.UTC(2024, 0, 1) + second * 1000).toISOString().replace('.000Z', 'Z');
const messages = (count: number, perSecond = 1): FakeRow[] => Array.from({ length: count }, (_, index) => ({ id: `m${index}`, receivedDateTime: at(Math.floor(index / perSecond)), subject: `s${index}` }));
const lists = (asked: readonly Asked[]): Asked[] => asked.filter(({ method, path }) => method === 'GET' && path.includes('/messages'));

describe('no lasting row is missed', () => {
  test('while messages on pages already read are deleted (keyset)', async () => {
    let stored = messages(95);
    const service = await fakeService((asked, origin) => {
      const answer = listing(stored, asked, origin);
      // After each page two of the newest vanish, which shifts every $skip link.
      const newest = [...stored].sort((a, b) => (a.receivedDateTime < b.receivedDateTime ? 1 : -1)).slice(0, 2);
      stored = stored.filter((row) => !newest.includes(row));
      return answer;
    });
    const source = sourceOf(client(service.origin), { pageSize: 10 });
    const got = (await rows(source, source.plan(scan('Messages')))).map(([id]) => id);
    expect(stored.map(({ id }) => id).filter((id) => !got.includes(id))).toEqual([]);
    expect(new Set(got).size).toBe(got.length);
    expect(lists(service.asked).every(({ query }) => !query.has('$skip'))).toBe(true);
  });

  test('the same service loses rows when its links are followed blindly, so the test above can fail', async () => {
    let stored = messages(95);
    const service = await fakeService((asked, origin) => {
      const answer = listing(stored, asked, origin);
      stored = stored.slice(0, -2);
      return answer;
    });
    const got: unknown[] = [];
    for await (const page of client(service.origin).pages('/me/messages?$top=10&$orderby=receivedDateTime desc'.replace(' ', '%20'))) got.push(...page.value.map(({ id }) => id));
    expect(stored.map(({ id }) => id).filter((id) => !got.includes(id)).length).toBeGreaterThan(0);
  });

  test('with many messages in one second, in both directions', async () => {
    const stored = messages(120, 25);
    const service = await fakeService((asked, origin) => listing(stored, asked, origin));
    for (const descending of [true, false]) {
      const source = sourceOf(client(service.origin), { pageSize: 10 });
      const got = await rows(source, source.plan(scan('Messages', { columns: ['receivedDateTime', 'id'], order: [{ column: 'receivedDateTime', descending }] })));
      expect(new Set(got.map(([, id]) => id)).size).toBe(120);
      expect(got).toHaveLength(120);
      const times = got.map(([time]) => String(time));
      expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0) * (descending ? -1 : 1)));
    }
  });

  test('whatever vanishes whenever (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9 }), fc.array(fc.array(fc.nat({ max: 59 }), { maxLength: 4 }), { maxLength: 8 }), async (count, perSecond, pageSize, losses) => {
        let stored = messages(count, perSecond);
        let call = 0;
        const service = await fakeService((asked, origin) => {
          const answer = listing(stored, asked, origin);
          const lost = new Set((losses[call++] ?? []).map((index) => `m${index}`));
          stored = stored.filter(({ id }) => !lost.has(id));
          return answer;
        });
        const source = sourceOf(client(service.origin), { pageSize });
        const got = new Set((await rows(source, source.plan(scan('Messages')))).map(([id]) => id));
        expect(stored.filter(({ id }) => !got.has(id))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('and none comes twice, however the service muddles its pages (property)', async () => {
    const muddles = fc.record({ reversed: fc.boolean(), repeated: fc.boolean(), arrivals: fc.nat({ max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9 }), fc.array(muddles, { maxLength: 8 }), fc.boolean(), async (count, perSecond, pageSize, pages, refuses) => {
        const stored = messages(count, perSecond);
        let call = 0;
        const service = await fakeService((asked, origin) => {
          if (refuses && asked.query.has('$filter')) return refusal(400, 'ErrorInvalidUrlQueryFilter');
          const body = listing(stored, asked, origin).body as { value: FakeRow[] };
          const { reversed = false, repeated = false, arrivals = 0 } = pages[call++] ?? {};
          for (let index = 0; index < arrivals; index++) stored.push({ id: `new${call}-${index}`, receivedDateTime: at(1000 + call), subject: '' });
          const value = [...body.value, ...(repeated ? body.value.slice(-1) : [])];
          return { body: { ...body, value: reversed ? value.reverse() : value } };
        });
        const source = sourceOf(client(service.origin), { pageSize });
        const got = (await rows(source, source.plan(scan('Messages')))).map(([id]) => String(id));
        expect(got.filter((id) => id.startsWith('m')).sort()).toEqual(messages(count).map(({ id }) => id).sort());
        expect(new Set(got).size).toBe(got.length);
      }),
      { numRuns: 60 },
    );
  });

  test('in collections without a key the count tells, and the set is read again', async () => {
    const stored = new Set(Array.from({ length: 30 }, (_, index) => `e${index}`));
    let call = 0;
    const service = await fakeService(({ path, query }, origin) => {
      const all = [...stored];
      const skip = Number(query.get('$skip') ?? 0);
      if (++call === 1) stored.delete('e0');
      return { body: { value: all.slice(skip, skip + 10).map((id) => ({ id })), '@odata.count': all.length, ...(skip + 10 < all.length ? { '@odata.nextLink': `${origin}/v1.0${path}?$skip=${skip + 10}` } : {}) } };
    });
    const source = sourceOf(client(service.origin));
    const running = context();
    const got = (await rows(source, source.plan(scan('Events')), running)).map(([id]) => id);
    expect([...stored].filter((id) => !got.includes(id))).toEqual([]);
    expect(got).toHaveLength(30);
    expect(running.warnings).toEqual([]);
  });

  test('a count of -1 proves nothing: a second pass confirms', async () => {
    const all = Array.from({ length: 20 }, (_, index) => ({ id: `e${index}` }));
    const service = await fakeService(({ path, query }, origin) => {
      const skip = Number(query.get('$skip') ?? 0);
      return { body: { value: all.slice(skip, skip + 10), '@odata.count': -1, ...(skip === 0 ? { '@odata.nextLink': `${origin}/v1.0${path}?$skip=10` } : {}) } };
    });
    const source = sourceOf(client(service.origin));
    expect(await rows(source, source.plan(scan('Events')))).toHaveLength(20);
    expect(service.asked).toHaveLength(4);
  });
});

describe('links', () => {
  test('are followed byte for byte, empty and short pages too', async () => {
    const targets: string[] = [];
    const service = await fakeService(({ query }, origin) => {
      targets.push(query.get('token') ?? 'first');
      const step = targets.length;
      const link = `${origin}/v1.0/me/contacts?$sk%69ptoken=a%2Bb%3d&token=${step}&x='y'`;
      return { body: { value: step === 2 ? [] : [{ id: `c${step}` }], '@odata.count': 2, ...(step < 3 ? { '@odata.nextLink': link } : {}) } };
    });
    const source = sourceOf(client(service.origin));
    expect(await rows(source, source.plan(scan('Contacts')))).toEqual([['c1'], ['c3']]);
    expect(targets).toEqual(['first', '1', '2']);
  });

  test('that go round end where nothing new comes (people)', async () => {
    const service = await fakeService(({ path }, origin) => ({ body: { value: [{ id: 'p1' }], '@odata.nextLink': `${origin}/v1.0${path}?$skip=0` } }));
    const source = sourceOf(client(service.origin));
    expect(await rows(source, source.plan(scan('People')))).toEqual([['p1']]);
    expect(service.asked.length).toBeLessThan(5);
  });
});

describe('what is asked for', () => {
  test('a row that comes again is given once', async () => {
    const stored = messages(40);
    const service = await fakeService((asked, origin) => {
      const answer = listing(stored, asked, origin);
      const body = answer.body as { value: FakeRow[] };
      return { body: { ...body, value: [...body.value, ...body.value.slice(-1)] } };
    });
    const source = sourceOf(client(service.origin), { pageSize: 10 });
    expect(await rows(source, source.plan(scan('Messages')))).toHaveLength(40);
  });

  test('a limit that is honoured stops there and asks for no more', async () => {
    const stored = messages(40);
    const service = await fakeService((asked, origin) => listing(stored, asked, origin));
    const source = sourceOf(client(service.origin));
    const plan = source.plan(scan('Messages', { order: [{ column: 'receivedDateTime', descending: true }], limit: 7 }));
    expect([plan.order, plan.limit]).toEqual(['honoured', 'honoured']);
    const running = context();
    expect(await rows(source, plan, running)).toHaveLength(7);
    expect(running.statistics).toMatchObject({ requests: 1, rowsRead: 7 });
  });

  test('a consumer that stops has at most one page fetched ahead', async () => {
    const stored = messages(100);
    const service = await fakeService((asked, origin) => listing(stored, asked, origin));
    const source = sourceOf(client(service.origin), { pageSize: 10 });
    for await (const page of source.run(source.plan(scan('Messages')), context())) {
      expect(page.rows).toHaveLength(10);
      break;
    }
    expect(service.asked.length).toBeLessThanOrEqual(2);
  });

  test('a consumer that needs few rows gets a small page and no prefetch', async () => {
    const stored = messages(100);
    const service = await fakeService((asked, origin) => listing(stored, asked, origin));
    const source = sourceOf(client(service.origin));
    for await (const page of source.run(source.plan(scan('Messages')), context({ expectedRows: 12 }))) {
      expect(page.rows).toHaveLength(24);
      break;
    }
    expect(service.asked).toHaveLength(1);
  });

  test('an abort ends a request under way', async () => {
    const stop = new AbortController();
    const service = await fakeService(() => new Promise(() => setTimeout(() => stop.abort(), 5)));
    const source = sourceOf(client(service.origin));
    await expect(rows(source, source.plan(scan('Messages')), context({ signal: stop.signal }))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('a page that times out at the service is asked for in halves', async () => {
    const stored = messages(60);
    const service = await fakeService((asked, origin) => (Number(asked.query.get('$top')) > 300 ? refusal(504, 'GatewayTimeout') : listing(stored, asked, origin)));
    const source = sourceOf(client(service.origin, { retry: { attempts: 1 } }));
    expect(await rows(source, source.plan(scan('Messages')))).toHaveLength(60);
    expect(lists(service.asked).map(({ query }) => query.get('$top'))).toEqual(['1000', '500', '250']);
  });

  test('every page carries the id kind', async () => {
    const stored = messages(30);
    const service = await fakeService((asked, origin) => listing(stored, asked, origin));
    const source = sourceOf(client(service.origin), { pageSize: 10 });
    await rows(source, source.plan(scan('Messages', { where: [compare('receivedDateTime', 'ge', '2000-01-01T00:00:00Z')] })));
    expect(service.asked.map(({ headers }) => headers['prefer'])).toEqual(service.asked.map(() => 'IdType="ImmutableId"'));
    const regular = sourceOf(client(service.origin), { idType: 'Regular' });
    await rows(regular, regular.plan(scan('Messages', { where: [eq('isRead', 1n)] })));
    expect(service.asked.at(-1)?.headers['prefer']).toBeUndefined();
  });
});
