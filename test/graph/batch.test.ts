import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_SIZE, batchGet, pack } from '../../src/graph/batch.js';
import type { BatchPart } from '../../src/graph/batch.js';
import { failureOf, json, pause, serve } from '../http/server.js';
import type { TestServer } from '../http/server.js';
import { client, statistics } from './client-fixture.js';

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
}

const partsOf = (body: string): Part[] => (JSON.parse(body) as { requests: Part[] }).requests;
const parts = (count: number, mailbox?: string): BatchPart[] => Array.from({ length: count }, (_, i) => ({ id: `m${i}`, url: `/me/messages/m${i}`, mailbox }));

/** Answers each part by `answer`, in reverse order. */
const batchServer = (answer: (part: Part, call: number) => object): Promise<TestServer> => {
  let calls = 0;
  return serve(async (request, response) => {
    const call = ++calls;
    await pause(2);
    json(response, { responses: partsOf(request.body).map((part) => ({ id: part.id, ...answer(part, call) })).reverse() });
  });
};

describe('batchGet', () => {
  it('sends 20 parts a call and gives each its answer, in the order asked', async () => {
    const server = await batchServer(({ url }) => ({ status: 200, headers: { 'Content-Type': 'application/json' }, body: { url } }));
    const counters = statistics();
    const results = await batchGet(client(server.origin), parts(100), { statistics: counters });
    expect(results.map(({ id }) => id)).toEqual(parts(100).map(({ id }) => id));
    expect(results.every((result) => result.error === undefined && (result.body as { url: string }).url === `/me/messages/${result.id}`)).toBe(true);
    expect(server.seen).toHaveLength(5);
    expect(counters).toMatchObject({ requests: 5, retries: 0 });
    // A batch to one mailbox takes all its four slots.
    expect(server.peak()).toBe(1);
    expect(server.seen.every(({ url, method }) => url === '/v1.0/$batch' && method === 'POST')).toBe(true);
  });

  it('sends headers with each part and numbers the parts itself', async () => {
    const server = await batchServer(({ headers }) => ({ status: 200, body: headers }));
    const results = await batchGet(client(server.origin), [
      { id: 'AAMkA', url: '/me/messages/AAMkA', headers: { Prefer: 'IdType="ImmutableId"' } },
      { id: 'AAMka', url: '/me/messages/AAMka' },
    ]);
    expect(results).toMatchObject([{ id: 'AAMkA', body: { Prefer: 'IdType="ImmutableId"' } }, { id: 'AAMka', body: undefined }]);
    expect(partsOf(server.seen[0]!.body).map(({ id }) => id.toLowerCase())).toEqual(['1', '2']);
  });

  it('sends throttled parts again after the longest Retry-After, and only those', async () => {
    const server = await batchServer(({ url }, call) =>
      call === 1 && /m[135]$/.test(url) ? { status: 429, headers: { 'Retry-After': url.endsWith('3') ? '0.1' : '0.02' }, body: { error: { code: 'TooManyRequests' } } } : { status: 200, body: {} },
    );
    const counters = statistics();
    const started = performance.now();
    const results = await batchGet(client(server.origin), parts(6), { statistics: counters });
    expect(performance.now() - started).toBeGreaterThanOrEqual(99);
    expect(results.every(({ status }) => status === 200)).toBe(true);
    expect(partsOf(server.seen[1]!.body).map(({ url }) => url.slice(-2))).toEqual(['m1', 'm3', 'm5']);
    expect(counters).toMatchObject({ requests: 2, retries: 1 });
  });

  it('gives the errors of parts as values', async () => {
    const server = await batchServer(({ url }) =>
      url.endsWith('m1') ? { status: 404, body: { error: { code: 'ErrorItemNotFound', message: 'no' } } } : url.endsWith('m2') ? { status: 403, body: { error: { code: 'ErrorAccessDenied' } } } : { status: 200, body: {} },
    );
    const results = await batchGet(client(server.origin), parts(3, 'ann'), { permission: 'Mail.Read' });
    expect(results).toMatchObject([{ status: 200 }, { status: 404, error: { code: 'NOT_FOUND' } }, { status: 403, error: { code: 'PERMISSION' } }]);
    expect(results[2]!.error?.hint).toContain('Mail.Read');
    expect(results[2]!.error?.message).toContain("'ann'");
  });

  it('gives up on parts that stay throttled or unanswered', async () => {
    const server = await serve((request, response) =>
      json(response, { responses: partsOf(request.body).filter(({ url }) => !url.endsWith('m0')).map(({ id }) => ({ id, status: 503, body: { error: { code: 'ServiceUnavailable' } } })) }),
    );
    const results = await batchGet(client(server.origin), parts(2), { retry: { attempts: 3, throttleBaseMs: 1 } });
    expect(results).toMatchObject([{ error: { code: 'BAD_RESPONSE' } }, { error: { code: 'THROTTLED' } }]);
    expect(server.seen).toHaveLength(3);
  });

  it('throws what befalls a whole call, and ends the others', async () => {
    let ended = 0;
    const server = await serve(async (request, response) => {
      if (partsOf(request.body).some(({ url }) => url.endsWith('m0'))) {
        await pause(20);
        json(response, { error: { code: 'BadRequest' } }, 400);
      } else response.on('close', () => ended++);
    });
    // Two mailboxes with a batch each at the same time; only the first holds m0.
    const graph = client(server.origin);
    const all = [...parts(20, 'a'), ...Array.from({ length: 20 }, (_, i) => ({ id: `n${i}`, url: `/users/b${i}/x`, mailbox: `b${i}` }))];
    await expect(batchGet(graph, all)).rejects.toMatchObject({ code: 'SERVICE', status: 400 });
    const groups = server.seen.length;
    await pause(30);
    expect(groups).toBe(server.seen.length);
    expect(ended).toBe(groups - 1);
    const nonsense = await serve((_, response) => json(response, { value: [] }));
    await expect(batchGet(client(nonsense.origin), parts(1))).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });

  it('stops at once when cancelled', async () => {
    const server = await serve(() => undefined);
    const controller = new AbortController();
    const running = failureOf(batchGet(client(server.origin), parts(50), { signal: controller.signal }));
    while (server.seen.length === 0) await pause(5);
    controller.abort();
    expect(await running).toMatchObject({ code: 'CANCELLED' });
    expect(server.seen).toHaveLength(1);
    expect(await failureOf(batchGet(client(server.origin), parts(1), { signal: AbortSignal.abort() }))).toMatchObject({ code: 'CANCELLED' });
  });

  it('needs no call for no parts', async () => {
    expect(await batchGet(client('http://127.0.0.1:1'), [])).toEqual([]);
  });

  it('sends fewer at once where the service runs fewer at once', async () => {
    const sizes: number[] = [];
    // Takes the first of a batch and nothing beside it.
    const server = await serve((request, response) => {
      const all = partsOf(request.body);
      sizes.push(all.length);
      json(response, { responses: all.map(({ id }, index) => (index === 0 ? { id, status: 200, body: { id } } : { id, status: 429, headers: { 'Retry-After': '0.01' }, body: { error: { code: 'ApplicationThrottled' } } })) });
    });
    const results = await batchGet(client(server.origin), parts(20));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(Math.max(...sizes.slice(-5))).toBe(1);
  });

  it('gives up when the time is over, and says what the service said', async () => {
    const server = await serve((request, response) => json(response, { responses: partsOf(request.body).map(({ id }) => ({ id, status: 429, headers: { 'Retry-After': '0.2' }, body: { error: { code: 'ApplicationThrottled' } } })) }));
    const results = await batchGet(client(server.origin, { timeoutMs: 300 }), parts(2));
    expect(results.map(({ error }) => error?.code)).toEqual(['THROTTLED', 'THROTTLED']);
    expect(server.seen).toHaveLength(2);
  });

  it('never exceeds four parts of a mailbox in flight', async () => {
    const running = new Map<string, number>();
    let peak = 0;
    const server = await serve(async (request, response) => {
      const counts = new Map<string, number>();
      for (const { url } of partsOf(request.body)) counts.set(url.split('/')[2]!, Math.min(4, (counts.get(url.split('/')[2]!) ?? 0) + 1));
      for (const [box, count] of counts) {
        running.set(box, (running.get(box) ?? 0) + count);
        peak = Math.max(peak, running.get(box)!);
      }
      await pause(3);
      for (const [box, count] of counts) running.set(box, running.get(box)! - count);
      json(response, { responses: partsOf(request.body).map(({ id }) => ({ id, status: 200, body: {} })) });
    });
    const graph = client(server.origin);
    const all = Array.from({ length: 120 }, (_, i) => ({ id: String(i), url: `/users/u${i % 7}/x`, mailbox: `u${i % 7}` }));
    await Promise.all([batchGet(graph, all), batchGet(graph, all.slice(0, 30))]);
    expect(peak).toBe(4);
  });
});

describe('pack', () => {
  it('keeps all items, in few groups, each full but the last', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 200 }), (boxes) => {
        const items = boxes.map((box, i) => ({ box, i }));
        const groups = pack(items, ({ box }) => box);
        expect(groups.flat().map(({ i }) => i).sort((a, b) => a - b)).toEqual(items.map(({ i }) => i));
        expect(groups).toHaveLength(Math.ceil(items.length / BATCH_SIZE));
        for (const group of groups.slice(0, -1)) expect(group).toHaveLength(BATCH_SIZE);
      }),
    );
  });

  it('mixes mailboxes so that none has more than four where there are five', () => {
    const items = Array.from({ length: 100 }, (_, i) => ({ box: `u${Math.floor(i / 20)}` }));
    for (const group of pack(items, ({ box }) => box)) {
      for (const box of new Set(group.map((item) => item.box))) expect(group.filter((item) => item.box === box)).toHaveLength(4);
    }
  });
});
