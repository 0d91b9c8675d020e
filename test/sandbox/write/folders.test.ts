import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox, `sandbox-${ANN}`);
});
afterAll(() => sandbox.close());

const make = async (displayName: string, under = ''): Promise<Row> => {
  const answer = await client.post(`/me/mailFolders${under}`, { displayName });
  expect(answer.status).toBe(201);
  return answer.body;
};
const path = (folder: Row): string => `/me/mailFolders/${String(folder.id)}`;
const names = async (under: string): Promise<unknown[]> => (await client.all(`/me/mailFolders${under}?$top=100`)).map((row) => row.displayName);

test('top level and children, hidden ones only on demand', async () => {
  const top = await make('Projects');
  expect(top).toMatchObject({ displayName: 'Projects', childFolderCount: 0, totalItemCount: 0, isHidden: false, parentFolderId: (await client.get('/me/mailFolders/msgfolderroot')).body.id });
  const child = await make('Alpha', `/${String(top.id)}/childFolders`);
  expect(child.parentFolderId).toBe(top.id);
  expect((await client.get(path(top))).body.childFolderCount).toBe(1);
  await client.post('/me/mailFolders', { displayName: 'Shadow', isHidden: true });
  expect(await names('')).not.toContain('Shadow');
  expect(await names('')).toContain('Projects');
});

test('names are unique without case under one parent', async () => {
  const one = await make('Unique');
  const answer = await client.post('/me/mailFolders', { displayName: 'UNIQUE' });
  expect([answer.status, answer.error.code, answer.error.message]).toEqual([409, 'ErrorFolderExists', "A folder with the specified name already exists., Could not create folder 'UNIQUE'."]);
  const other = await make('Unique', `/${String(one.id)}/childFolders`);
  expect((await client.post(`${path(other)}/move`, { destinationId: 'msgfolderroot' })).status).toBe(409);
  const second = await make('Second');
  expect((await client.patch(path(second), { displayName: 'unique' })).error.code).toBe('ErrorFolderExists');
  expect((await client.patch(path(second), { displayName: 'SECOND' })).body.displayName).toBe('SECOND');
  for (const body of [{}, { displayName: '' }, { displayName: 'x', isHidden: 'no' }, { displayName: 'x', unreadItemCount: 3 }]) expect((await client.post('/me/mailFolders', body)).status).toBe(400);
  expect((await client.patch(path(second), { isHidden: true })).error.code).toBe('ErrorInvalidPropertySet');
});

test('move keeps the id and the messages, copy makes new ones', async () => {
  const source = await make('Source');
  const inner = await make('Inner', `/${String(source.id)}/childFolders`);
  await client.post(`${path(inner)}/messages`, { subject: 'Deep' });
  const moved = await client.post(`${path(source)}/move`, { destinationId: 'archive' });
  expect([moved.status, moved.body.id]).toEqual([200, source.id]);
  expect(moved.body.parentFolderId).toBe((await client.get('/me/mailFolders/archive')).body.id);
  expect((await client.post(`${path(source)}/move`, { destinationId: inner.id })).error.code).toBe('ErrorMoveCopyFailed');
  const copied = await client.post(`${path(source)}/copy`, { destinationId: 'inbox' });
  expect(copied.status).toBe(200);
  expect(copied.body.id).not.toBe(source.id);
  const [copyOfInner] = await client.all(`${path(copied.body)}/childFolders`);
  expect((await client.get(`${path(copyOfInner!)}/messages`)).rows.map((row) => row.subject)).toEqual(['Deep']);
  expect((await client.get(`${path(inner)}/messages`)).rows.map((row) => row.subject)).toEqual(['Deep']);
});

test('deletion puts a folder into Deleted Items, and from there its mail into the recoverable items', async () => {
  const folder = await make('Gone');
  const message = (await client.post(`${path(folder)}/messages`, { subject: 'Inside' }, { Prefer: 'IdType="ImmutableId"' })).body;
  expect((await client.del(path(folder))).status).toBe(204);
  expect(await names('/deleteditems/childFolders')).toContain('Gone');
  await client.del(path(await make('Gone')));
  expect(await names('/deleteditems/childFolders')).toContain('Gone1');
  await client.del(path(folder));
  expect((await client.get(path(folder))).error.code).toBe('ErrorItemNotFound');
  expect((await client.get(`/me/messages/${String(message.id)}`)).body.parentFolderId).toBe((await client.get('/me/mailFolders/recoverableitemsdeletions')).body.id);
  const last = await make('Last');
  const inside = (await client.post(`${path(last)}/messages`, {})).body;
  expect((await client.raw('POST', `${path(last)}/permanentDelete`)).status).toBe(204);
  expect((await client.get(`/me/messages/${String(inside.id)}`)).status).toBe(404);
});

test('the folders a mailbox is born with stay', async () => {
  expect((await client.del('/me/mailFolders/inbox')).error.code).toBe('ErrorDeleteDistinguishedFolder');
  expect((await client.raw('POST', '/me/mailFolders/inbox/permanentDelete')).status).toBe(400);
  expect((await client.post('/me/mailFolders/inbox/move', { destinationId: 'archive' })).error.code).toBe('ErrorMoveDistinguishedFolder');
  expect((await client.patch('/me/mailFolders/inbox', { displayName: 'In' })).status).toBe(403);
});

test('folder delta follows', async () => {
  const first = await client.get('/me/mailFolders/delta', { Prefer: 'odata.maxpagesize=500' });
  const folder = await make('Followed');
  const second = await client.get(String(first.body['@odata.deltaLink']));
  expect(second.rows.map((row) => row.id)).toContain(folder.id);
  await client.raw('POST', `${path(folder)}/permanentDelete`);
  const third = await client.get(String(second.body['@odata.deltaLink']));
  expect(third.rows).toMatchObject([{ id: folder.id, '@removed': { reason: 'deleted' } }]);
});

describe('extended properties', () => {
  const MARK = 'String {7d3a1c52-0e0f-4f57-8f1d-3c2a9b6f1e01} Name Mark';
  const LIST = 'StringArray {7d3a1c52-0e0f-4f57-8f1d-3c2a9b6f1e01} Name Marks';
  const NUMBER = 'Integer 0x3FFD';
  const written = { singleValueExtendedProperties: [{ id: MARK, value: 'x-1' }, { id: NUMBER, value: '7' }], multiValueExtendedProperties: [{ id: LIST, value: ['a', 'b'] }] };
  const expand = `$expand=singleValueExtendedProperties($filter=id eq '${MARK}' or id eq 'integer 0x3ffd'),multiValueExtendedProperties($filter=id eq '${LIST}')`;
  const filter = (value: string): string => `$filter=${encodeURIComponent(`singleValueExtendedProperties/any(ep:ep/id eq '${MARK}' and ep/value eq '${value}')`)}`;
  const kinds: readonly (readonly [string, string, Row])[] = [
    ['messages', '/me/messages', { subject: 'Marked' }],
    ['mail folders', '/me/mailFolders', { displayName: 'Marked' }],
    ['contacts', '/me/contacts', { displayName: 'Marked' }],
    ['contact folders', '/me/contactFolders', { displayName: 'Marked' }],
    ['events', '/me/events', { subject: 'Marked', start: { dateTime: '2026-02-03T09:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-02-03T10:00:00', timeZone: 'UTC' } }],
  ];

  test.each(kinds)('%s: written, expanded, found, changed, removed', async (_name, collection, members) => {
    const made = await client.post(collection, { ...members, ...written });
    expect(made.status).toBe(201);
    expect(made.body.singleValueExtendedProperties).toBeUndefined();
    const one = `${collection}/${String(made.body.id)}`;
    expect((await client.get(`${one}?${expand}`)).body).toMatchObject({ singleValueExtendedProperties: [{ id: MARK, value: 'x-1' }, { id: NUMBER, value: '7' }], multiValueExtendedProperties: [{ id: LIST, value: ['a', 'b'] }] });
    expect((await client.get(`${collection}?${filter('X-1')}&$top=5`)).rows.map((row) => row.id)).toEqual([made.body.id]);
    expect((await client.get(`${collection}?$filter=${encodeURIComponent("singleValueExtendedProperties/any(ep:ep/id eq 'Integer 0x3ffd' and cast(ep/value, Edm.Int32) ge 7)")}`)).rows).toHaveLength(1);
    const changed = await client.patch(one, { singleValueExtendedProperties: [{ id: MARK, value: 'x-2' }, { id: NUMBER, value: null }] });
    expect(changed.status).toBe(200);
    expect((await client.get(`${collection}?${filter('x-1')}`)).rows).toEqual([]);
    expect((await client.get(`${collection}?${filter('x-2')}`)).rows).toHaveLength(1);
    expect((await client.get(`${one}?${expand}`)).body.singleValueExtendedProperties).toEqual([{ id: MARK, value: 'x-2' }]);
    expect((await client.get(`${one}?$expand=multiValueExtendedProperties`)).status).toBe(400);
  });

  test('an id is one of the three forms; arrays only among the multi-value ones', async () => {
    for (const id of ['String', 'Text 0x1234', 'StringArray 0x1234', 'String {no-guid} Name x', 'String 0x12345', `${MARK.slice(0, -5)}`]) {
      const answer = await client.post('/me/messages', { singleValueExtendedProperties: [{ id, value: 'x' }] });
      expect([id, answer.status]).toEqual([id, 400]);
    }
    expect((await client.post('/me/messages', { multiValueExtendedProperties: [{ id: MARK, value: ['x'] }] })).error.code).toBe('ErrorInvalidExtendedProperty');
    expect((await client.post('/me/messages', { singleValueExtendedProperties: [{ id: MARK, value: 7 }] })).error.code).toBe('RequestBodyRead');
  });
});
