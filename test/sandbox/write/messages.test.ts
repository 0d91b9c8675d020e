import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, BOB, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const IMMUTABLE = { Prefer: 'IdType="ImmutableId"' };
const to = (address: string): Row => ({ emailAddress: { address } });

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox, `sandbox-${ANN}`);
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.reset();
});

const draft = async (members: Row = {}, headers: Record<string, string> = {}): Promise<Row> => {
  const answer = await client.post('/me/messages', { subject: 'A draft', ...members }, headers);
  expect(answer.text).toContain('"id"');
  expect(answer.status).toBe(201);
  return answer.body;
};
const received = async (): Promise<Row> => (await client.get('/me/mailFolders/inbox/messages?$top=1')).rows[0]!;
const folderOf = async (name: string): Promise<unknown> => (await client.get(`/me/mailFolders/${name}`)).body.id;
const countIn = async (name: string): Promise<number> => Number((await client.get(`/me/mailFolders/${name}/messages/$count`)).text);

describe('create', () => {
  test('a draft in Drafts, with Location and ETag, and what the service adds', async () => {
    const answer = await client.post('/me/messages', { subject: 'Plan', importance: 'High', toRecipients: [to(BOB)], categories: ['Red'], body: { contentType: 'HTML', content: '<p>Hello</p>' } });
    expect(answer.status).toBe(201);
    const { body } = answer;
    expect(body).toMatchObject({
      subject: 'Plan', importance: 'high', isDraft: true, isRead: true, hasAttachments: false, bodyPreview: 'Hello', categories: ['Red'], flag: { flagStatus: 'notFlagged' },
      toRecipients: [{ emailAddress: { name: 'Bob Baker', address: BOB } }], body: { contentType: 'html', content: '<p>Hello</p>' }, createdDateTime: '2026-02-02T10:00:00Z',
      parentFolderId: await folderOf('drafts'),
    });
    expect(body.internetMessageId).toMatch(/^<.+@.+>$/);
    expect(answer.headers.get('etag')).toBe(body['@odata.etag']);
    const location = answer.headers.get('location')!;
    expect((await client.get(location)).body.id).toBe(body.id);
    expect((await client.get(`/me/messages/${String(body.id)}`)).body).toMatchObject({ subject: 'Plan', conversationId: body.conversationId });
  });

  test('in a folder; an empty object is a draft too', async () => {
    const answer = await client.post('/me/mailFolders/archive/messages', {});
    expect(answer.body).toMatchObject({ subject: '', isDraft: true, parentFolderId: await folderOf('archive'), body: { contentType: 'text', content: '' } });
  });

  test('Prefer: return=minimal sends no entity', async () => {
    const answer = await client.post('/me/messages', { subject: 'Quiet' }, { Prefer: 'return=minimal, IdType="ImmutableId"' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('preference-applied')).toBe('return=minimal, IdType="ImmutableId"');
    expect((await client.get(answer.headers.get('location')!)).body.subject).toBe('Quiet');
  });

  test('from MIME, which is served again', async () => {
    const mime = `From: ann@contoso.example\r\nTo: ${BOB}\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <mime-1@contoso.example>\r\n\r\nText\r\n`;
    const answer = await client.raw('POST', '/me/messages', Buffer.from(mime).toString('base64'), { 'content-type': 'text/plain' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ subject: 'Grüße', isDraft: true, internetMessageId: '<mime-1@contoso.example>', toRecipients: [{ emailAddress: { address: BOB } }] });
    expect((await client.get(`/me/messages/${String(answer.body.id)}/$value`)).text).toBe(mime);
    const broken = await client.raw('POST', '/me/messages', 'no base64!', { 'content-type': 'text/plain' });
    expect([broken.status, broken.error.code]).toEqual([400, 'ErrorMimeContentInvalidBase64String']);
  });

  test('headers start with x- and are set on create only', async () => {
    const made = await draft({ internetMessageHeaders: [{ name: 'x-ref', value: '7' }] });
    expect((await client.get(`/me/messages/${String(made.id)}?$select=internetMessageHeaders`)).body.internetMessageHeaders).toEqual([{ name: 'x-ref', value: '7' }]);
    expect((await client.post('/me/messages', { internetMessageHeaders: [{ name: 'Ref', value: '7' }] })).error.code).toBe('InvalidInternetMessageHeader');
    expect((await client.post('/me/messages', { internetMessageHeaders: Array.from({ length: 6 }, (_, n) => ({ name: `x-${String(n)}`, value: '7' })) })).status).toBe(400);
    expect((await client.patch(`/me/messages/${String(made.id)}`, { internetMessageHeaders: [] })).error.code).toBe('ErrorInvalidPropertySet');
  });

  test('message flags and times by MAPI property make imported mail', async () => {
    const made = await draft({ singleValueExtendedProperties: [{ id: 'Integer 0x0E07', value: '1' }, { id: 'SystemTime 0x0E06', value: '2020-05-01T08:00:00Z' }, { id: 'SystemTime 0x0039', value: '2020-05-01T07:59:00Z' }] });
    expect(made).toMatchObject({ isDraft: false, isRead: true, receivedDateTime: '2020-05-01T08:00:00Z', sentDateTime: '2020-05-01T07:59:00Z' });
  });
});

describe('bodies the service refuses', () => {
  const refused: readonly (readonly [string, unknown, string, string])[] = [
    ['unknown property', { colour: 'red' }, 'RequestBodyRead', "The property 'colour' does not exist on type 'microsoft.graph.message'."],
    ['spelling', { Subject: 'x' }, 'RequestBodyRead', "The property 'Subject' does not exist"],
    ['unknown member', { toRecipients: [{ name: 'x' }] }, 'RequestBodyRead', "on type 'microsoft.graph.recipient'"],
    ['wrong type', { isRead: 'yes' }, 'RequestBodyRead', "Cannot convert the literal 'yes' to the expected type 'Edm.Boolean'."],
    ['list for text', { subject: ['x'] }, 'RequestBodyRead', "An unexpected 'StartArray' node"],
    ['text for list', { categories: 'x' }, 'RequestBodyRead', "A 'StartArray' node was expected"],
    ['enumeration', { importance: 'huge' }, 'RequestBodyRead', "to the expected type 'microsoft.graph.importance'"],
    ['read-only', { isDraft: false }, 'ErrorInvalidPropertySet', 'Set action is invalid for property.'],
    ['read-only time', { receivedDateTime: '2026-01-01T00:00:00Z' }, 'ErrorInvalidPropertySet', 'Set action is invalid'],
    ['due without start', { flag: { flagStatus: 'flagged', dueDateTime: { dateTime: '2026-01-01T00:00:00', timeZone: 'UTC' } } }, 'ErrorInvalidArgument', 'startDateTime'],
    ['unknown zone', { flag: { startDateTime: { dateTime: '2026-01-01T00:00:00', timeZone: 'Nowhere' } } }, 'TimeZoneNotSupportedException', 'Nowhere'],
    ['property id', { singleValueExtendedProperties: [{ id: 'String Name x', value: 'x' }] }, 'ErrorInvalidExtendedProperty', 'attribute combination'],
    ['attachment without a type', { attachments: [{ name: 'x' }] }, 'BadRequest', '@odata.type'],
    ['content of no type', { attachments: [{ name: 'x', contentBytes: '' }] }, 'RequestBodyRead', "on type 'microsoft.graph.attachment'"],
    ['type of another family', { '@odata.type': '#microsoft.graph.event' }, 'RequestBodyRead', 'not assignable'],
  ];
  test.each(refused)('%s', async (_name, body, code, message) => {
    const answer = await client.post('/me/messages', body);
    expect([answer.status, answer.error.code]).toEqual([400, code]);
    expect(answer.error.message).toContain(message);
  });

  test('no JSON, no content type, nothing, too much', async () => {
    const json = { 'content-type': 'application/json' };
    expect((await client.raw('POST', '/me/messages', '{"subject":', json)).error.message).toContain('Unable to read JSON request payload');
    expect((await client.raw('POST', '/me/messages', Buffer.from('{"subject":"x"}'))).error.message).toContain('Content-Type header');
    expect((await client.raw('POST', '/me/messages', undefined, json)).error.message).toContain('Empty Payload');
    expect((await client.raw('POST', '/me/messages', '[1]', json)).error.code).toBe('RequestBodyRead');
    expect((await client.post('/me/messages', { subject: 'x'.repeat(4_200_000) })).status).toBe(413);
    expect((await client.raw('PUT', '/me/messages', '{}', json)).status).toBe(405);
  });
});

describe('change', () => {
  test('a draft: collections whole, null clears, and a new version', async () => {
    const made = await draft({ toRecipients: [to(BOB), to(ANN)], categories: ['Red', 'Blue'], importance: 'low' });
    sandbox.setClock(new Date('2026-02-02T11:00:00Z'));
    const answer = await client.patch(`/me/messages/${String(made.id)}`, { subject: 'Other', toRecipients: [to('zed@fabrikam.example')], categories: null, body: { contentType: 'text', content: 'Now text' } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      id: made.id, subject: 'Other', importance: 'low', categories: [], toRecipients: [{ emailAddress: { name: 'zed@fabrikam.example', address: 'zed@fabrikam.example' } }],
      body: { contentType: 'text', content: 'Now text' }, bodyPreview: 'Now text', lastModifiedDateTime: '2026-02-02T11:00:00Z', createdDateTime: made.createdDateTime,
    });
    expect(answer.body.changeKey).not.toBe(made.changeKey);
    expect((await client.get("/me/messages?$filter=subject eq 'Other'")).rows.map((row) => row.id)).toContain(made.id);
  });

  test('received mail takes isRead, categories, flag, importance, and refuses what only drafts have', async () => {
    const row = await received();
    const path = `/me/messages/${String(row.id)}`;
    const unread = (await client.get('/me/mailFolders/inbox')).body.unreadItemCount as number;
    const answer = await client.patch(path, {
      isRead: row.isRead !== true, categories: ['Green'], importance: 'high', inferenceClassification: 'other',
      flag: { flagStatus: 'flagged', startDateTime: { dateTime: '2026-03-01T09:00:00', timeZone: 'Europe/Berlin' }, dueDateTime: { dateTime: '2026-03-02T09:00:00', timeZone: 'Europe/Berlin' } },
    });
    expect(answer.body).toMatchObject({ isRead: row.isRead !== true, categories: ['Green'], importance: 'high', inferenceClassification: 'other', flag: { flagStatus: 'flagged', dueDateTime: { dateTime: '2026-03-02T09:00:00.0000000' } } });
    expect((await client.get('/me/mailFolders/inbox')).body.unreadItemCount).toBe(unread + (row.isRead === true ? 1 : -1));
    expect((await client.get("/me/messages?$filter=flag/flagStatus eq 'flagged'")).rows.map((found) => found.id)).toEqual([row.id]);
    for (const members of [{ subject: 'x' }, { body: { content: 'x' } }, { from: to(BOB) }, { replyTo: [] }, { internetMessageId: '<x@y>' }, { isRead: true, subject: null }]) {
      const refused = await client.patch(path, members);
      expect([refused.status, refused.error.code, refused.error.message]).toEqual([400, 'ErrorInvalidPropertySet', 'Message is not draft.']);
    }
    expect((await client.patch(path, { flag: { flagStatus: 'notFlagged' } })).body.flag).toEqual({ flagStatus: 'notFlagged' });
  });

  test('If-Match: the current key passes, a stale one is 412, garbage 400', async () => {
    const made = await draft();
    const path = `/me/messages/${String(made.id)}`;
    const etag = String(made['@odata.etag']);
    expect((await client.patch(path, { subject: 'one' }, { 'If-Match': etag })).status).toBe(200);
    const stale = await client.patch(path, { subject: 'two' }, { 'If-Match': etag });
    expect([stale.status, stale.error.code]).toEqual([412, 'ErrorIrresolvableConflict']);
    expect((await client.del(path, { 'If-Match': etag })).status).toBe(412);
    expect((await client.patch(path, { subject: 'two' }, { 'If-Match': 'W/"garbage"' })).error.code).toBe('ErrorInvalidChangeKey');
    expect((await client.patch(path, { subject: 'two' }, { 'If-Match': 'garbage' })).status).toBe(400);
    expect((await client.patch(path, { subject: 'two' }, { 'If-Match': '*' })).status).toBe(200);
    expect((await client.get(path)).body.subject).toBe('two');
  });

  test('the signed-in user needs Mail.ReadWrite', async () => {
    const made = await draft();
    await fetch(`${sandbox.adminEndpoint}/authorization`, { method: 'POST', body: JSON.stringify({ scopes: ['Mail.Read', 'Mail.Send'] }) });
    try {
      const answer = await client.patch(`/me/messages/${String(made.id)}`, { subject: 'x' });
      expect([answer.status, answer.error.code]).toEqual([403, 'ErrorAccessDenied']);
      expect((await client.get(`/me/messages/${String(made.id)}`)).status).toBe(200);
    } finally {
      await fetch(`${sandbox.adminEndpoint}/authorization`, { method: 'POST', body: JSON.stringify({ scopes: null }) });
    }
  });
});

describe('delete, move, copy', () => {
  test('deletion goes to Deleted Items, then to the recoverable items, then away', async () => {
    const made = await draft({}, IMMUTABLE);
    const path = `/me/messages/${String(made.id)}`;
    const before = await countIn('deleteditems');
    expect((await client.del(path)).status).toBe(204);
    expect((await client.get(path, IMMUTABLE)).body).toMatchObject({ id: made.id, parentFolderId: await folderOf('deleteditems') });
    expect(await countIn('deleteditems')).toBe(before + 1);
    await client.del(path);
    expect((await client.get(path)).body.parentFolderId).toBe(await folderOf('recoverableitemsdeletions'));
    await client.del(path);
    expect((await client.del(path)).error.code).toBe('ErrorItemNotFound');
  });

  test('permanentDelete leaves nothing', async () => {
    const made = await draft();
    const path = `/me/messages/${String(made.id)}`;
    expect((await client.raw('POST', `${path}/microsoft.graph.permanentDelete`)).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
    expect((await client.raw('POST', `${path}/permanentDelete`)).status).toBe(404);
  });

  test('a regular id changes with a move, an immutable one stays', async () => {
    const made = await draft();
    const immutable = (await client.get(`/me/messages/${String(made.id)}?$select=id`, IMMUTABLE)).body.id;
    const moved = await client.post(`/me/messages/${String(made.id)}/move`, { destinationId: 'archive' });
    expect(moved.status).toBe(201);
    expect(moved.body).toMatchObject({ subject: 'A draft', parentFolderId: await folderOf('archive') });
    expect(moved.body.id).not.toBe(made.id);
    expect((await client.get(`/me/messages/${String(made.id)}`)).status).toBe(404);
    const back = await client.post(`/me/messages/${String(immutable)}/move`, { DestinationId: await folderOf('inbox') }, IMMUTABLE);
    expect(back.body.id).toBe(immutable);
  });

  test('a copy has ids of its own in both spaces, and its attachments', async () => {
    const made = await draft({ attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.txt', contentBytes: Buffer.from('abc').toString('base64') }] });
    expect(made.hasAttachments).toBe(true);
    const copied = await client.post(`/me/messages/${String(made.id)}/copy`, { destinationId: 'inbox' });
    expect(copied.status).toBe(201);
    expect(copied.body.id).not.toBe(made.id);
    const files = await client.get(`/me/messages/${String(copied.body.id)}/attachments`);
    expect(files.rows).toMatchObject([{ name: 'a.txt', contentBytes: 'YWJj' }]);
    expect((await client.get(`/me/messages/${String(made.id)}`)).status).toBe(200);
  });

  test('a destination is needed, and is looked up', async () => {
    const made = await draft();
    expect((await client.post(`/me/messages/${String(made.id)}/move`, {})).status).toBe(400);
    expect((await client.post(`/me/messages/${String(made.id)}/move`, { folder: 'inbox' })).error.message).toContain("The parameter 'folder'");
    expect((await client.post(`/me/messages/${String(made.id)}/move`, { destinationId: 'nowhere' })).error.code).toBe('ErrorInvalidIdMalformed');
    expect((await client.post(`/me/messages/${String(made.id)}/move`, { destinationId: made.id })).error.code).toBe('ErrorItemNotFound');
  });
});

describe('delta over writes', () => {
  test('a created, a changed and a moved message', async () => {
    const first = await client.get('/me/mailFolders/drafts/messages/delta?$select=subject', { Prefer: 'odata.maxpagesize=500' });
    const made = await draft({ subject: 'tracked' });
    const second = await client.get(String(first.body['@odata.deltaLink']), { Prefer: 'odata.maxpagesize=500' });
    expect(second.rows).toMatchObject([{ id: made.id, subject: 'tracked' }]);
    await client.patch(`/me/messages/${String(made.id)}`, { subject: 'changed' });
    const third = await client.get(String(second.body['@odata.deltaLink']));
    expect(third.rows).toMatchObject([{ id: made.id, subject: 'changed' }]);
    await client.del(`/me/messages/${String(made.id)}`);
    const fourth = await client.get(String(third.body['@odata.deltaLink']));
    expect(fourth.rows).toMatchObject([{ id: made.id, '@removed': { reason: 'deleted' } }]);
  });
});
