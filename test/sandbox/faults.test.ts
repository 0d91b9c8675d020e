import { afterEach, beforeAll, afterAll, describe, expect, test } from 'vitest';
import { FaultBox, NO_FAULTS } from '../../src/sandbox/faults.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { admin, clientOf, type Answer, type Row } from './support/client.js';
import { ANN, COUNT, fill } from './support/fill.js';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, seed: 7, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());
afterEach(() => {
  sandbox.faults.reset();
  sandbox.log.reset();
});

const BASE = `/users/${ANN}/messages`;
const ids = (rows: readonly Row[]): string[] => rows.map((row) => String(row.id));

/** Asks again until it works, as a client would; gives the refusals met. */
async function insist(path: string): Promise<{ readonly answer: Answer; readonly met: readonly number[] }> {
  const met: number[] = [];
  for (let attempt = 0; attempt < 5; attempt++) {
    const answer = await client.get(path).catch(() => undefined);
    if (answer?.status === 200 && Object.keys(answer.body).length > 0) return { answer, met };
    met.push(answer?.status === 200 ? -1 : answer?.status ?? 0);
  }
  throw new Error(`never answered: ${met.join(', ')}`);
}

describe('periodic faults', () => {
  test.each([
    ['unauthorizedEvery', 401], ['throttleEvery', 429], ['serviceUnavailableEvery', 503], ['gatewayTimeoutEvery', 504], ['resetEvery', 0], ['truncateEvery', 0], ['malformedJsonEvery', 0],
  ] as const)('%s strikes every n-th request, and its repetition passes', async (name, status) => {
    sandbox.faults.set({ [name]: 3, retryAfter: 0.128 });
    const met: number[] = [];
    for (let index = 0; index < 30; index++) met.push(...(await insist(`${BASE}?$top=${String(index + 1)}`)).met);
    expect(met.length).toBeGreaterThanOrEqual(8);
    expect(new Set(met)).toEqual(new Set([status]));
    expect(sandbox.log.entries.filter((entry) => entry.fault === name)).toHaveLength(met.length);
  });

  test('all at once, a request that was hit passes when it is sent again', async () => {
    sandbox.faults.set({ unauthorizedEvery: 2, throttleEvery: 2, serviceUnavailableEvery: 2, resetEvery: 3, truncateEvery: 3, malformedJsonEvery: 3 });
    let met = 0;
    for (let index = 0; index < 30; index++) {
      const refusals = (await insist(`${BASE}?$top=${String(index + 1)}`)).met.length;
      expect(refusals).toBeLessThanOrEqual(1);
      met += refusals;
    }
    expect(met).toBeGreaterThan(15);
  });

  test('Retry-After is as set, decimals too', async () => {
    sandbox.faults.set({ throttleEvery: 1, retryAfter: 2.128 });
    const answer = await client.get(BASE);
    expect([answer.status, answer.error.code, answer.headers.get('retry-after')]).toEqual([429, 'TooManyRequests', '2.128']);
  });

  test('unknown faults and wrong types are refused', () => {
    const box = new FaultBox(1);
    expect(() => { box.set({ nonsense: 1 } as never); }).toThrow(TypeError);
    expect(() => { box.set({ latencyMs: 'x' } as never); }).toThrow(TypeError);
    expect(box.get()).toEqual(NO_FAULTS);
  });
});

describe('the gate', () => {
  test('the fifth request at once is refused, with Retry-After; the log tells the peak', async () => {
    sandbox.faults.set({ latencyMs: 60, retryAfter: 1 });
    const answers = await Promise.all(Array.from({ length: 7 }, (_, index) => client.get(`${BASE}?$top=${String(index + 1)}`)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(4);
    const refused = answers.find((answer) => answer.status === 429);
    expect(refused?.error).toMatchObject({ code: 'ApplicationThrottled', message: 'Application is over its MailboxConcurrency limit.' });
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(sandbox.log.peaks[ANN]).toBe(5);
  });

  test('mailboxes do not share places, and the directory has none', async () => {
    sandbox.faults.set({ latencyMs: 30 });
    const paths = [...Array.from({ length: 4 }, () => BASE), ...Array.from({ length: 4 }, () => '/users/bob@contoso.example/messages'), ...Array.from({ length: 6 }, () => '/users')];
    expect((await Promise.all(paths.map((path) => client.get(path)))).map((answer) => answer.status)).toEqual(paths.map(() => 200));
  });

  test('requests per ten minutes', async () => {
    sandbox.faults.set({ requestLimit: 3 });
    const codes: string[] = [];
    for (let index = 0; index < 5; index++) codes.push((await client.get(BASE)).error.code);
    expect(codes.slice(-1)).toEqual(['ApplicationThrottled']);
  });
});

describe('pages', () => {
  const clean = async (): Promise<string[]> => ids(await client.all(`${BASE}?$top=7&$select=id`));

  test.each([['shortPages'], ['emptyPages'], ['repeatRows']] as const)('%s loses no row and ends', async (name) => {
    const before = await clean();
    sandbox.log.reset();
    sandbox.faults.set({ [name]: true });
    const rows = ids(await client.all(`${BASE}?$top=7&$select=id`));
    expect([...new Set(rows)]).toEqual(before);
    const pages = sandbox.log.entries.map((entry) => entry.rows);
    if (name === 'shortPages') expect(pages.slice(0, -1).some((count) => count > 0 && count < 7)).toBe(true);
    if (name === 'emptyPages') expect(pages).toContain(0);
    if (name === 'repeatRows') expect(rows.length).toBeGreaterThan(before.length);
  });

  test('a busy mailbox changes while it is read, and settles', async () => {
    const before = ids(await client.all(`${BASE}?$top=50`, { prefer: 'IdType="ImmutableId"' }));
    sandbox.faults.set({ busyMailbox: 6 });
    await client.all(`${BASE}?$top=3&$select=id`, { prefer: 'IdType="ImmutableId"' });
    expect(sandbox.faults.get().busyMailbox).toBe(0);
    const after = ids(await client.all(`${BASE}?$top=50`, { prefer: 'IdType="ImmutableId"' }));
    expect(after).not.toEqual(before);
    expect(ids(await client.all(`${BASE}?$top=50`, { prefer: 'IdType="ImmutableId"' }))).toEqual(after);
    expect(before.length).toBe(COUNT);
  });

  test('count -1 for the whole mailbox with a filter only', async () => {
    sandbox.faults.set({ countMinusOne: true });
    expect((await client.get(`${BASE}?$count=true&$filter=isRead eq false`)).body['@odata.count']).toBe(-1);
    expect((await client.get(`${BASE}?$count=true`)).body['@odata.count']).toBeGreaterThan(0);
    expect((await client.get(`/users/${ANN}/mailFolders/inbox/messages?$count=true&$filter=isRead eq false`)).body['@odata.count']).toBeGreaterThan(0);
  });
});

describe('filters on a bad day', () => {
  const filtered = async (filter: string): Promise<number> => (await client.all(`${BASE}?$filter=${encodeURIComponent(filter)}&$top=100`)).length;

  test('the lossy eq loses rows, startswith does not', async () => {
    const exact = await filtered("from/emailAddress/address eq 'bob@contoso.example'");
    sandbox.faults.set({ lossyEq: true });
    const lossy = await filtered("from/emailAddress/address eq 'bob@contoso.example'");
    expect(lossy).toBeGreaterThan(0);
    expect(lossy).toBeLessThan(exact);
    expect(await filtered("startswith(from/emailAddress/address,'bob@contoso.example')")).toBe(exact);
  });

  test('contains refused, or word-wise', async () => {
    expect(await filtered("contains(subject,'unch 3')")).toBeGreaterThan(0);
    sandbox.faults.set({ containsWords: true });
    expect(await filtered("contains(subject,'unch 3')")).toBe(0);
    sandbox.faults.set({ refuseContains: true });
    expect((await client.get(`${BASE}?$filter=contains(subject,'x')`)).error.code).toBe('InefficientFilter');
  });

  test('filtered order can be newest first', async () => {
    const oldest = ids(await client.all(`${BASE}?$filter=isRead eq false&$top=5`));
    sandbox.faults.set({ filteredOrder: 'newest' });
    expect(ids(await client.all(`${BASE}?$filter=isRead eq false&$top=5`))).toEqual(oldest.reverse());
  });
});

describe('tokens and scopes', () => {
  test('checked only when asked for', async () => {
    expect((await client.get('/me')).status).toBe(200);
    await admin(sandbox, 'POST', '/authorization', { requireToken: true, scopes: ['Mail.ReadBasic', 'User.Read'] });
    const missing = await client.get('/me/messages');
    expect([missing.status, missing.error.code, missing.error.message]).toEqual([401, 'InvalidAuthenticationToken', 'Access token is empty.']);
    expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect((await client.get('/me/messages', { authorization: 'Bearer nonsense' })).status).toBe(401);
    const authorization = `Bearer sandbox-${ANN}`;
    expect((await client.get('/me/messages', { authorization })).status).toBe(200);
    expect((await client.get('/me/events', { authorization })).error.code).toBe('ErrorAccessDenied');
    expect((await client.get('/users', { authorization })).error.code).toBe('Authorization_RequestDenied');
    await admin(sandbox, 'POST', '/authorization', { expired: [`sandbox-${ANN}`] });
    expect((await client.get('/me/messages', { authorization })).status).toBe(401);
    await admin(sandbox, 'POST', '/authorization', { requireToken: false, scopes: null, expired: [] });
    expect((await client.get('/me/messages')).status).toBe(200);
  });

  test('a mailbox can be denied', async () => {
    sandbox.faults.set({ denyMailboxes: [ANN] });
    expect((await client.get(BASE)).error.code).toBe('ErrorAccessDenied');
    expect((await client.get('/users/bob@contoso.example/messages')).status).toBe(200);
  });
});

describe('the admin path', () => {
  test('faults, log, clock, messages', async () => {
    expect((await admin(sandbox, 'POST', '/faults', { latencyMs: 1 })).latencyMs).toBe(1);
    await admin(sandbox, 'DELETE', '/faults');
    await client.get(`${BASE}?$top=2`);
    const log = await admin(sandbox, 'GET', '/log');
    expect((log.entries as Row[]).at(-1)).toMatchObject({ method: 'GET', url: `${BASE}?$top=2`, status: 200, rows: 2 });
    await admin(sandbox, 'DELETE', '/log');
    expect((await admin(sandbox, 'GET', '/log')).entries).toEqual([]);
    await admin(sandbox, 'POST', '/clock', { now: '2030-01-01T00:00:00Z' });
    const made = await admin(sandbox, 'POST', '/messages', { mailbox: ANN, entity: { subject: 'New' } });
    const [newest] = (await client.get(`${BASE}?$top=1`)).rows;
    expect(newest).toMatchObject({ id: made.id, subject: 'New', receivedDateTime: '2030-01-01T00:00:00Z' });
    const moved = await admin(sandbox, 'POST', '/messages/move', { id: made.id, folder: '/Archive' });
    expect(moved.id).not.toBe(made.id);
    await admin(sandbox, 'POST', '/messages/delete', { id: moved.immutableId });
    expect((await client.get(`${BASE}/${String(moved.immutableId)}`)).error.code).toBe('ErrorItemNotFound');
    await expect(admin(sandbox, 'POST', '/faults', { nonsense: 1 })).rejects.toThrow('nonsense');
  });
});
