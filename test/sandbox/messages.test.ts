import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from './support/client.js';
import { ANN, BOB, COUNT, fill, NEWEST, NOBODY } from './support/fill.js';

let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox, `sandbox-${ANN}`);
});
afterAll(() => sandbox.close());

const numbers = (rows: readonly Row[]): number[] => rows.map((row) => Number(/\d+$/.exec(String(row.subject))?.[0]));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe('listing', () => {
  test('ten rows by default, newest first, with an absolute nextLink', async () => {
    const page = await client.get('/me/messages');
    expect(numbers(page.rows)).toEqual(range(0, 10));
    expect(String(page.body['@odata.nextLink'])).toMatch(new RegExp(`^${sandbox.graphEndpoint}/me/messages\\?`));
    expect(numbers(await client.all('/me/messages'))).toEqual(range(0, COUNT));
  });

  test('a filtered listing comes oldest first', async () => {
    const rows = await client.all('/me/messages?$filter=isRead eq true&$select=subject&$top=3');
    expect(numbers(rows)).toEqual(range(0, COUNT).filter((index) => index % 3 === 0).reverse());
    expect(Object.keys(rows[0]!).sort()).toEqual(['@odata.etag', 'id', 'subject']);
  });

  test('nextLinks are built from what a proxy forwards', async () => {
    const page = await client.get('/me/messages?$top=1', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'mail.contoso.example' });
    expect(String(page.body['@odata.nextLink'])).toMatch(/^https:\/\/mail\.contoso\.example\/v1\.0\//);
  });

  test('a folder by well-known name and by id, its counts and $count', async () => {
    const inbox = await client.get('/me/mailFolders/inbox');
    expect(inbox.body).toMatchObject({ displayName: 'Inbox', totalItemCount: 30, unreadItemCount: 20, childFolderCount: 1 });
    const byId = await client.get(`/me/mailFolders/${String(inbox.body.id)}/messages?$count=true&$top=1`);
    expect(byId.body['@odata.count']).toBe(30);
    expect((await client.get('/me/mailFolders/inbox/messages/$count')).text).toBe('30');
    expect((await client.get("/me/mailFolders('inbox')/messages/$count?$filter=isRead eq false")).text).toBe('20');
  });

  test('times are stored in milliseconds, shown in whole seconds, and compared as stored', async () => {
    const [row] = (await client.get('/me/messages?$top=1')).rows;
    expect(row!.receivedDateTime).toBe('2026-02-01T12:00:00Z');
    expect((await client.get('/me/messages?$filter=receivedDateTime gt 2026-02-01T12:00:00Z')).rows).toHaveLength(1);
    expect((await client.get('/me/messages?$filter=receivedDateTime eq 2026-02-01T12:00:00Z')).rows).toHaveLength(0);
    expect((await client.get(`/me/messages?$filter=receivedDateTime eq ${new Date(NEWEST).toISOString()}`)).rows).toHaveLength(1);
  });

  test('$top: zero is refused, a large one is clamped or refused by the switch', async () => {
    expect((await client.get('/me/messages?$top=0')).status).toBe(400);
    expect((await client.get('/me/messages?$top=5000')).rows).toHaveLength(COUNT);
    sandbox.faults.set({ topTooLarge: 'refuse' });
    expect((await client.get('/me/messages?$top=5000')).status).toBe(400);
    sandbox.faults.reset();
  });
});

describe('filters', () => {
  const filtered = async (filter: string): Promise<number[]> => numbers(await client.all(`/me/messages?$filter=${encodeURIComponent(filter)}&$top=100`)).sort((left, right) => left - right);

  test('strings compare without case', async () => {
    expect(await filtered("from/emailAddress/address eq 'carla@FABRIKAM.example'")).toEqual(range(0, COUNT).filter((index) => index % 2 === 1));
    expect(await filtered("startswith(subject,'bUdGet 1')")).toEqual([10, 15]);
    expect(await filtered("contains(subject,'UNCH 3')")).toEqual([3, 31, 32, 33, 34, 36, 37, 38, 39]);
  });

  test('lambdas, enumerations, and, or, not', async () => {
    expect(await filtered("categories/any(c:c eq 'red')")).toEqual([0, 10, 20, 30]);
    expect(await filtered("importance eq 'high' or (isRead eq true and hasAttachments eq true)")).toEqual([0, 7]);
    expect(await filtered("not (importance eq 'normal')")).toEqual([7]);
    expect(await filtered("singleValueExtendedProperties/any(ep:ep/id eq 'String 0x007D' and contains(ep/value,'mx'))")).toEqual([5]);
  });

  test('one conversation by references', async () => {
    const [first] = (await client.get("/me/messages?$filter=internetMessageId eq '<m0@contoso.example>'")).rows;
    expect(await filtered(`conversationId eq '${String(first!.conversationId)}'`)).toEqual([0, 1, 2, 3]);
  });

  test('refusals carry the service’s code and text', async () => {
    const refused = async (query: string): Promise<string> => {
      const answer = await client.get(`/me/messages?${query}`);
      expect(answer.body.error).toMatchObject({ innerError: { 'request-id': expect.any(String) as string } });
      return `${String(answer.status)} ${answer.error.code}: ${answer.error.message}`;
    };
    const invalid = '400 ErrorInvalidUrlQueryFilter: The query filter contains one or more invalid nodes.';
    expect(await refused("$filter=endswith(subject,'x')")).toBe(invalid);
    expect(await refused("$filter=toRecipients/any(r:r/emailAddress/address eq 'x')")).toBe(invalid);
    expect(await refused("$filter=isof('microsoft.graph.eventMessage')")).toBe(invalid);
    expect(await refused('$select=x')).toBe("400 BadRequest: Parsing OData Select and Expand failed: Could not find a property named 'x' on type 'microsoft.graph.message'.");
    expect(await refused('$filter=flag/dueDateTime ne null')).toMatch(/^500 /);
    expect(await refused('$filter=isRead eq')).toMatch(/^400 BadRequest/);
    expect(await refused("$search=\"x\"&$orderby=subject")).toBe("400 SearchWithOrderBy: The query parameter '$orderBy' is not supported with '$search'.");
    expect(await refused('$nonsense=1')).toMatch(/^400 BadRequest/);
    expect(await refused('$expand=nonsense')).toMatch(/^400 BadRequest/);
  });

  test('a filter on the body is taken and finds nothing', async () => {
    expect(await filtered("contains(body/content,'Hello')")).toEqual([]);
  });
});

describe('the rule of $filter with $orderby', () => {
  const status = async (filter: string, orderby: string): Promise<string> => (await client.get(`/me/messages?$filter=${encodeURIComponent(filter)}&$orderby=${orderby}`)).error.code;
  const FLOOR = 'receivedDateTime ge 1900-01-01T00:00:00Z and ';

  test('live: the lenient set needs no floor, everything else does', async () => {
    expect(await status('isRead eq false', 'receivedDateTime desc')).toBe('');
    expect(await status("categories/any(c:c eq 'Red')", 'receivedDateTime desc')).toBe('');
    expect(await status("importance eq 'high'", 'receivedDateTime desc')).toBe('InefficientFilter');
    expect(await status(`${FLOOR}importance eq 'high'`, 'receivedDateTime desc')).toBe('');
    expect(await status(`${FLOOR}contains(subject,'x')`, 'receivedDateTime desc')).toBe('InefficientFilter');
    expect(await status('isRead eq false', 'subject')).toBe('InefficientFilter');
  });

  test('strict: the sort property stands first in the filter', async () => {
    sandbox.faults.set({ filterMode: 'strict' });
    expect(await status('isRead eq false', 'receivedDateTime desc')).toBe('InefficientFilter');
    expect(await status(`${FLOOR}isRead eq false`, 'receivedDateTime desc')).toBe('');
    expect(await status('isRead eq false and receivedDateTime ge 1900-01-01T00:00:00Z', 'receivedDateTime desc')).toBe('InefficientFilter');
    sandbox.faults.reset();
  });
});

describe('$search', () => {
  test('newest first, regular ids whatever was preferred, no count', async () => {
    const answer = await client.get('/me/messages?$search="subject:budget from:bob"&$count=true&$top=2', { prefer: 'IdType="ImmutableId"' });
    expect(numbers(answer.rows)).toEqual([0, 10]);
    expect(answer.body['@odata.count']).toBeUndefined();
    expect(String(answer.body['@odata.nextLink'])).toContain('skiptoken');
    expect(String(answer.rows[0]!.id)).toMatch(/^AAMkAG/);
    expect(numbers(await client.all('/me/messages?$search="subject:budget"&$top=3'))).toEqual([0, 5, 10, 15, 20, 25, 30, 35]);
  });
});

describe('one message', () => {
  test('by either kind of id, answered in the kind asked for', async () => {
    const [row] = (await client.get('/me/messages?$top=1')).rows;
    const immutable = await client.get(`/me/messages/${String(row!.id)}?$select=subject`, { prefer: 'IdType="ImmutableId"' });
    expect(immutable.headers.get('preference-applied')).toBe('IdType="ImmutableId"');
    expect(immutable.body.id).not.toBe(row!.id);
    const back = await client.get(`/users('${encodeURIComponent(ANN)}')/messages('${String(immutable.body.id)}')`);
    expect(back.body.id).toBe(row!.id);
    const translated = await client.post('/me/translateExchangeIds', { inputIds: [row!.id], sourceIdType: 'restId', targetIdType: 'restImmutableEntryId' });
    expect(translated.rows[0]).toEqual({ sourceId: row!.id, targetId: immutable.body.id });
  });

  test('regular ids change when a message moves, immutable ones do not', async () => {
    const made = sandbox.store.database.get<{ n: number }>('SELECT n FROM message ORDER BY received LIMIT 1')!.n;
    const before = { regular: sandbox.store.id('message', made, false, 0), immutable: sandbox.store.id('message', made, true) };
    const archive = sandbox.store.wellKnown(1, 'mailFolder', 'archive') ?? sandbox.store.wellKnown(2, 'mailFolder', 'archive');
    const home = sandbox.store.messages.row(made)!.folder;
    sandbox.store.messages.move(made, archive!.n, sandbox.store.clock.now());
    expect((await client.get(`/me/messages/${before.regular}`)).error.code).toBe('ErrorItemNotFound');
    const found = await client.get(`/me/messages/${before.immutable}`);
    expect(found.status).toBe(200);
    expect(found.body.id).not.toBe(before.regular);
    sandbox.store.messages.move(made, home, sandbox.store.clock.now());
  });

  test('headers and unique body come only when selected; bodies as text on demand', async () => {
    const [row] = (await client.get('/me/messages?$top=1')).rows;
    expect(row).not.toHaveProperty('internetMessageHeaders');
    expect(row).not.toHaveProperty('uniqueBody');
    const picked = await client.get('/me/messages?$top=1&$select=internetMessageHeaders,uniqueBody,body', { prefer: 'outlook.body-content-type="text"' });
    expect(picked.rows[0]).toMatchObject({ internetMessageHeaders: [{ name: 'X-Number', value: '0' }], uniqueBody: { contentType: 'text', content: 'Hello number 0' } });
  });

  test('attachments: list, expansion, bytes', async () => {
    const [row] = (await client.get('/me/messages?$top=1&$expand=attachments($select=name,size)')).rows;
    expect(row!.attachments).toMatchObject([{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.txt' }]);
    expect((row!.attachments as Row[])[0]).not.toHaveProperty('contentBytes');
    const base = `/me/messages/${String(row!.id)}/attachments`;
    const [whole] = (await client.get(`${base}?$filter=name eq 'nonsense'`)).rows;
    expect(Buffer.from(String(whole!.contentBytes), 'base64').toString()).toBe('attached');
    expect((await client.get(`${base}/${String(whole!.id)}/$value`)).text).toBe('attached');
    expect((await client.get(`/me/messages/${String(row!.id)}/$value`)).text).toMatch(/^From: "Bob Baker" <bob@contoso\.example>/);
  });

  test('extended properties by expansion', async () => {
    const rows = await client.all("/me/messages?$top=50&$expand=singleValueExtendedProperties($filter=id eq 'String 0x001A' or id eq 'String 0x7D')");
    expect(rows[5]!.singleValueExtendedProperties).toEqual([{ id: 'String 0x1a', value: 'IPM.Note' }, { id: 'String 0x007d', value: 'Received: from mx' }]);
  });
});

describe('whom a path is about', () => {
  test('/me is the user the token names', async () => {
    expect((await client.get('/me')).body.userPrincipalName).toBe(ANN);
    expect((await clientOf(sandbox).get('/me', { authorization: `Bearer sandbox-${BOB}` })).body.userPrincipalName).toBe(BOB);
  });

  test('unknown users, users without a mailbox, ids of other mailboxes, unknown paths, methods', async () => {
    expect((await client.get('/users/x@contoso.example/messages')).error.code).toBe('ErrorInvalidUser');
    expect((await client.get('/users/x@contoso.example')).error.code).toBe('Request_ResourceNotFound');
    expect((await client.get(`/users/${NOBODY}/messages`)).error.code).toBe('MailboxNotEnabledForRESTAPI');
    const [row] = (await client.get('/me/messages?$top=1')).rows;
    expect((await client.get(`/users/${BOB}/messages/${String(row!.id)}`)).error.code).toBe('ErrorItemNotFound');
    expect((await client.get('/me/messages/garbage')).error.code).toBe('ErrorInvalidIdMalformed');
    expect((await client.get('/me/nonsense')).error.code).toBe('ResourceNotFound');
    expect((await client.put('/me/messages', {})).status).toBe(405);
  });

  test('folders: tree, hidden ones on demand', async () => {
    const names = async (query: string): Promise<unknown[]> => (await client.all(`/me/mailFolders${query}`)).map((row) => row.displayName);
    expect(await names('')).not.toContain('Secret');
    expect(await names('?includeHiddenFolders=true&$top=100')).toContain('Secret');
    expect(await names('/inbox/childFolders')).toEqual(['Clients']);
    expect(await names("?$filter=displayName eq 'drafts'")).toEqual(['Drafts']);
    const [inbox] = (await client.get("/me/mailFolders?$filter=displayName eq 'Inbox'&$expand=childFolders")).rows;
    expect(inbox!.childFolders).toMatchObject([{ displayName: 'Clients' }]);
  });
});
