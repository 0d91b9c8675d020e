import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Answer, type Row, type TestClient } from '../support/client.js';
import { ANN, BOB, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox, `sandbox-${ANN}`);
});
afterAll(() => sandbox.close());
afterEach(() => {
  sandbox.faults.reset();
  sandbox.log.reset();
});

const drafts = async (subject: string): Promise<number> => (await client.all(`/me/mailFolders/drafts/messages?$filter=startswith(subject,'${subject}')&$top=100`)).length;
const part = (id: number, method: string, url: string, body?: Row, more: Row = {}): Row => ({ id: String(id), method, url, ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body }), ...more });
const batch = async (...requests: readonly Row[]): Promise<ReadonlyMap<string, Row>> => {
  const answer = await client.post('/$batch', { requests });
  expect(answer.status).toBe(200);
  return new Map((answer.body.responses as Row[]).map((response) => [String(response.id), response]));
};

describe('after the fact', () => {
  test('cutAfterWriteEvery: the write is done, the answer is lost, reads are left alone', async () => {
    sandbox.faults.set({ cutAfterWriteEvery: 1 });
    await expect(client.post('/me/messages', { subject: 'cut' })).rejects.toThrow();
    expect(await drafts('cut')).toBe(1);
    expect(sandbox.log.entries.find((entry) => entry.method === 'POST')).toMatchObject({ status: 0, fault: 'cutAfterWriteEvery', mailbox: ANN });
    // A blind repetition gets through, and makes a second one: that is the trap.
    expect((await client.post('/me/messages', { subject: 'cut' })).status).toBe(201);
    expect(await drafts('cut')).toBe(2);
  });

  test('a refused write cuts nothing', async () => {
    sandbox.faults.set({ cutAfterWriteEvery: 1 });
    expect((await client.post('/me/messages', { colour: 'red' })).status).toBe(400);
    expect((await client.del('/me/messages/garbage')).status).toBe(400);
  });

  test('a whole batch is cut when a part of it wrote', async () => {
    sandbox.faults.set({ cutAfterWriteEvery: 1 });
    await expect(client.post('/$batch', { requests: [part(1, 'POST', '/me/messages', { subject: 'batch cut' }), part(2, 'GET', '/me/messages')] })).rejects.toThrow();
    expect(await drafts('batch cut')).toBe(1);
    expect((await batch(part(1, 'GET', '/me/messages'), part(2, 'PATCH', '/me/messages/garbage', {}))).get('1')!.status).toBe(200);
  });

  test('gatewayTimeoutAfterWriteEvery: 504, and it is done; in parts of a batch too', async () => {
    sandbox.faults.set({ gatewayTimeoutAfterWriteEvery: 1 });
    expect((await client.post('/me/sendMail', { message: { subject: 'timed out', toRecipients: [{ emailAddress: { address: BOB } }] } })).status).toBe(504);
    const inbox = (await clientOf(sandbox, `sandbox-${BOB}`).get('/me/messages')).rows;
    expect(inbox.filter((row) => row.subject === 'timed out')).toHaveLength(1);
    const answers = await batch(part(1, 'POST', '/me/messages', { subject: 'late 1' }), part(2, 'POST', '/me/messages', { subject: 'late 2' }));
    expect([answers.get('1')!.status, answers.get('2')!.status]).toEqual([504, 504]);
    expect(await drafts('late')).toBe(2);
  });

  test('spuriousConflictEvery: not done, once', async () => {
    const made = (await client.post('/me/messages', { subject: 'conflict' })).body;
    sandbox.faults.set({ spuriousConflictEvery: 1 });
    const path = `/me/messages/${String(made.id)}`;
    const refused = await client.patch(path, { subject: 'changed' });
    expect([409, 412]).toContain(refused.status);
    expect(refused.error.code).toBe('ErrorIrresolvableConflict');
    expect((await client.get(path)).body.subject).toBe('conflict');
    expect((await client.patch(path, { subject: 'changed' })).status).toBe(200);
    expect((await client.post('/me/messages', { subject: 'conflict 2' })).status).toBe(201);
  });

  test('a throttled write is not done', async () => {
    sandbox.faults.set({ throttleEvery: 1, retryAfter: 0.5 });
    const refused = await client.post('/me/messages', { subject: 'throttled' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '0.5']);
    sandbox.faults.reset();
    expect(await drafts('throttled')).toBe(0);
  });
});

describe('$batch of writes', () => {
  test('bodies, statuses, headers of parts, If-Match', async () => {
    const made = (await client.post('/me/messages', { subject: 'one' })).body;
    const url = `/me/messages/${String(made.id)}`;
    const answers = await batch(
      part(1, 'POST', '/me/messages', { subject: 'in a batch' }),
      { id: '2', method: 'PATCH', url, headers: { 'Content-Type': 'application/json', 'If-Match': 'W/"CQAAABYAAAAstaleStaleStaleStaleStaleStaleSta"' }, body: { subject: 'two' } },
      part(3, 'POST', '/me/messages', { colour: 'red' }),
      { id: '4', method: 'POST', url: '/me/messages', headers: { 'Content-Type': 'application/json', Prefer: 'return=minimal' }, body: { subject: 'quiet' } },
    );
    expect(answers.get('1')).toMatchObject({ status: 201, body: { subject: 'in a batch', isDraft: true }, headers: { Location: expect.stringContaining('/messages(') as string } });
    expect(answers.get('2')).toMatchObject({ status: 412, body: { error: { code: 'ErrorIrresolvableConflict' } } });
    expect(answers.get('3')).toMatchObject({ status: 400, body: { error: { code: 'RequestBodyRead' } } });
    expect(answers.get('4')).toMatchObject({ status: 204, headers: { 'Preference-Applied': 'return=minimal' } });
    expect(answers.get('4')!.body).toBeUndefined();
  });

  test('a chain runs in its order and stops at the first failure', async () => {
    const made = (await client.post('/me/messages', { subject: 'chain' }, { Prefer: 'IdType="ImmutableId"' })).body;
    const url = `/me/messages/${String(made.id)}`;
    const answers = await batch(
      part(3, 'POST', `${url}/send`, undefined, { dependsOn: ['2'] }), part(2, 'PATCH', url, { subject: 'chain 2', toRecipients: [{ emailAddress: { address: BOB } }] }, { dependsOn: ['1'] }), part(1, 'PATCH', url, { subject: 'chain 1' }),
    );
    expect(['1', '2', '3'].map((id) => answers.get(id)!.status)).toEqual([200, 200, 202]);
    expect((await client.get(url)).body).toMatchObject({ subject: 'chain 2', isDraft: false });
    const broken = await batch(part(1, 'PATCH', url, { subject: 'no draft' }), part(2, 'POST', `${url}/move`, { destinationId: 'archive' }, { dependsOn: ['1'] }), part(3, 'DELETE', url, undefined, { dependsOn: ['2'] }));
    expect(['1', '2', '3'].map((id) => broken.get(id)!.status)).toEqual([400, 424, 424]);
    expect((await client.get(url)).status).toBe(200);
  });

  test('bodies that are not JSON are base64url; a body needs a content type', async () => {
    const mime = Buffer.from(Buffer.from('Subject: batched MIME\r\n\r\nx').toString('base64')).toString('base64url');
    const answers = await batch({ id: '1', method: 'POST', url: '/me/messages', headers: { 'Content-Type': 'text/plain' }, body: mime });
    expect(answers.get('1')).toMatchObject({ status: 201, body: { subject: 'batched MIME' } });
    const missing: Answer = await client.post('/$batch', { requests: [{ id: '1', method: 'POST', url: '/me/messages', body: {} }] });
    expect([missing.status, missing.error.message]).toEqual([400, 'Content-Type header is required for a request with a body.']);
  });

  test('a batch of more than four megabytes is refused as a whole', async () => {
    const answer = await client.post('/$batch', { requests: Array.from({ length: 5 }, (_, index) => part(index, 'POST', '/me/messages', { subject: 'too much', body: { contentType: 'text', content: 'x'.repeat(900_000) } })) });
    expect(answer.status).toBe(413);
    expect(await drafts('too much')).toBe(0);
  });

  test('twenty creations at once are twenty messages', async () => {
    sandbox.faults.set({ throttleEvery: 4 });
    let open = Array.from({ length: 20 }, (_, index) => index + 1);
    for (let round = 0; open.length > 0 && round < 10; round++) {
      const answers = await batch(...open.map((id) => part(id, 'POST', '/me/messages', { subject: `twenty ${String(id)}` })));
      open = open.filter((id) => answers.get(String(id))!.status === 429);
    }
    sandbox.faults.reset();
    expect(await drafts('twenty')).toBe(20);
    expect(sandbox.log.peaks[ANN]).toBeLessThanOrEqual(4);
  });
});

test('what was written is still there when the store file is opened again, and no number is given twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  try {
    const data = join(folder, 'store.db');
    const run = async (): Promise<{ readonly ids: string[]; readonly attachment: string }> => {
      await using other = await startSandbox({ data, messages: 0 });
      if (other.writer.mailbox(ANN) === undefined) fill(other.writer);
      const ann = clientOf(other, `sandbox-${ANN}`);
      const made = (await ann.post('/me/messages', { subject: 'kept' })).body;
      const file = (await ann.post(`/me/messages/${String(made.id)}/attachments`, { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a', contentBytes: 'YQ==' })).body;
      await ann.del(`/me/messages/${String(made.id)}/attachments/${String(file.id)}`);
      return { ids: (await ann.all("/me/messages?$filter=subject eq 'kept'&$select=id")).map((row) => String(row.id)), attachment: String(file.id) };
    };
    const first = await run();
    const second = await run();
    expect(second.ids).toHaveLength(2);
    expect(second.ids).toContain(first.ids[0]);
    expect(second.attachment).not.toBe(first.attachment);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('mail that arrives while a client pages does not disturb what it writes', async () => {
  const made = (await client.post('/me/messages', { subject: 'in the crowd' }, { Prefer: 'IdType="ImmutableId"' })).body;
  sandbox.faults.set({ busyMailbox: 20 });
  for (let round = 0; round < 5; round++) {
    await client.get('/me/mailFolders/inbox/messages?$top=5');
    expect((await client.patch(`/me/messages/${String(made.id)}`, { subject: `in the crowd ${String(round)}` })).status).toBe(200);
  }
  expect((await client.get(`/me/messages/${String(made.id)}`)).body.subject).toBe('in the crowd 4');
});
