import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { clientOf, type Row } from './support/client.js';
import { ANN, fill } from './support/fill.js';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());
afterEach(() => {
  sandbox.faults.reset();
  sandbox.log.reset();
});

const part = (id: number, url = `/users/${ANN}/messages?$top=${String(id)}`): Row => ({ id: String(id), method: 'GET', url });
const responses = (body: Row): Row[] => body.responses as Row[];

describe('$batch', () => {
  test('twenty parts, answered in any order, each with its own status and headers', async () => {
    const answer = await client.post('/$batch', { requests: Array.from({ length: 20 }, (_, index) => part(index + 1)) });
    expect(answer.status).toBe(200);
    const order = responses(answer.body).map((response) => Number(response.id));
    expect(order).not.toEqual([...order].sort((left, right) => left - right));
    for (const response of responses(answer.body)) {
      expect(response.status).toBe(200);
      expect((response.body as Row).value).toHaveLength(Number(response.id));
      expect((response.headers as Row)['Content-Type']).toMatch(/^application\/json/);
    }
    expect(sandbox.log.peaks[ANN]).toBe(4);
    expect(sandbox.log.entries.filter((entry) => entry.inBatch)).toHaveLength(20);
  });

  test('a request beside a full batch is the fifth', { retry: 2 }, async () => {
    sandbox.faults.set({ latencyMs: 600 });
    const [batch, single] = await Promise.all([
      client.post('/$batch', { requests: Array.from({ length: 8 }, (_, index) => part(index + 1)) }),
      new Promise((resolve) => setTimeout(resolve, 250)).then(() => client.get(`/users/${ANN}/messages`)),
    ]);
    expect(single.status).toBe(429);
    expect(responses(batch.body).map((response) => response.status)).toEqual(Array.from({ length: 8 }, () => 200));
  });

  test('throttled parts carry Retry-After, the batch stays 200, and a part sent again passes', async () => {
    sandbox.faults.set({ throttleEvery: 3, retryAfter: 2.5 });
    const first = await client.post('/$batch', { requests: Array.from({ length: 9 }, (_, index) => part(index + 1)) });
    const refused = responses(first.body).filter((response) => response.status === 429);
    expect(first.status).toBe(200);
    expect(refused).toHaveLength(3);
    expect((refused[0]!.headers as Row)['Retry-After']).toBe('2.5');
    const again = await client.post('/$batch', { requests: refused.map((response) => part(Number(response.id))) });
    expect(responses(again.body).every((response) => response.status === 200)).toBe(true);
  });

  test('a part that depends on a failed one is 424', async () => {
    const answer = await client.post('/$batch', { requests: [{ ...part(2), dependsOn: ['1'] }, part(1, '/me/nonsense'), { ...part(3), dependsOn: ['2'] }, part(4)] });
    expect(Object.fromEntries(responses(answer.body).map((response) => [response.id, response.status]))).toEqual({ 1: 404, 2: 424, 3: 424, 4: 200 });
  });

  test('headers of a part are its own; bytes come as base64url', async () => {
    const [row] = (await client.get(`/users/${ANN}/messages?$top=1`)).rows;
    const answer = await client.post('/$batch', { requests: [{ ...part(1, `users/${ANN}/messages/${String(row!.id)}`), headers: { Prefer: 'IdType="ImmutableId"' } }, part(2, `/users/${ANN}/messages/$count`)] });
    const byId = new Map(responses(answer.body).map((response) => [response.id, response]));
    expect((byId.get('1')!.body as Row).id).toMatch(/^AAkALg/);
    expect(Buffer.from(String(byId.get('2')!.body), 'base64url').toString()).toBe('40');
  });

  test('what cannot be read refuses the whole batch', async () => {
    for (const body of [{ requests: Array.from({ length: 21 }, (_, index) => part(index + 1)) }, { requests: [{ ...part(1), id: 'a' }, { ...part(2), id: 'A' }] }, {}, { requests: [{ id: '1' }] }, { requests: [{ ...part(1), dependsOn: ['9'] }] }]) {
      expect((await client.post('/$batch', body)).status).toBe(400);
    }
    expect((await client.get('/$batch')).status).toBe(405);
  });
});
