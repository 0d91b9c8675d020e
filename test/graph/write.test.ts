import { describe, expect, it } from 'vitest';
import { MARK } from '../../src/graph/write-recover.js';
import { ExchangeSqlError } from '../../src/errors.js';
import { job, plans, read, requests, shapeOf } from './write-fixture.js';
import type { Wish } from './write-fixture.js';
import type { WriteKind } from '../../src/scan/write.js';

function refused(kind: WriteKind, table: string, wish: Wish): ExchangeSqlError {
  try {
    job(kind, table, wish);
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const mark = { singleValueExtendedProperties: [{ id: MARK, value: 'new-1' }] };

it('takes no member of an object for a truth value', () => {
  for (const word of ['constructor', '__proto__', 'toString']) expect(refused('insert', 'Messages', { set: { subject: 'x', isRead: word } }).code).toBe('BAD_VALUE');
});

describe('a new message', () => {
  it('is a draft in Drafts, marked so that it is found after a lost answer', () => {
    const { steps } = job('insert', 'Messages', { set: { subject: 'Hello', isRead: 1n, importance: 'HIGH' } });
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({ method: 'POST', url: '/me/messages', headers: { Prefer: 'IdType="ImmutableId"' }, mailbox: undefined, kind: 'batchable' });
    expect(steps[0]!.body).toEqual({ json: { subject: 'Hello', isRead: true, importance: 'high', ...mark } });
    expect(steps[0]!.repeat).toEqual({ find: { by: 'mark', url: expect.stringMatching(/^\/me\/messages\?\$filter=singleValueExtendedProperties\/any/) } });
  });

  it('is made in its folder and mailbox, both percent-encoded', () => {
    expect(requests('insert', 'Messages', { set: { subject: 'x', parentFolderId: 'A/b?c=', userId: 'ben#1@contoso.example' } })[0]![0]).toBe('POST /users/ben%231%40contoso.example/mailFolders/A%2Fb%3Fc%3D/messages');
  });

  it('nests columns; a body without a type is text; NULL and DEFAULT are left out', () => {
    expect(requests('insert', 'Messages', { set: { body_content: 'Hi', from_emailAddress_address: 'ann@contoso.example', from_emailAddress_name: null, subject: undefined } })[0]![1]).toEqual({
      body: { content: 'Hi', contentType: 'text' },
      from: { emailAddress: { address: 'ann@contoso.example' } },
      ...mark,
    });
  });

  it('takes recipients as JSON or as a list of addresses', () => {
    const to = [{ emailAddress: { address: 'ann@contoso.example' } }];
    expect(requests('insert', 'Messages', { set: { toRecipients: JSON.stringify(to), ccRecipients: 'Ben <ben@contoso.example>; "Dora; N" <dora@contoso.example>' } })[0]![1]).toMatchObject({
      toRecipients: to,
      ccRecipients: [{ emailAddress: { name: 'Ben', address: 'ben@contoso.example' } }, { emailAddress: { name: 'Dora; N', address: 'dora@contoso.example' } }],
    });
  });

  it.each([
    [{ id: 'x' }, 'NOT_WRITABLE', 'Messages.id cannot be written: the service makes ids.'],
    [{ isDraft: 0n }, 'NOT_WRITABLE', 'Messages.isDraft cannot be written: the service sets it.'],
    [{ receivedDateTime: '2026-01-01' }, 'NOT_WRITABLE', 'Messages.receivedDateTime cannot be written: the service sets it.'],
    [{ IncludeSubfolders: 1n }, 'NOT_WRITABLE', 'Messages.IncludeSubfolders cannot be written: it is an input for WHERE.'],
    [{ importance: 'urgent' }, 'BAD_VALUE', "Messages.importance does not take 'urgent'."],
    [{ isRead: 'perhaps' }, 'BAD_VALUE', 'Messages.isRead takes true or false.'],
    [{ subject: 'x'.repeat(256) }, 'BAD_VALUE', 'Messages.subject takes at most 255 characters, not 256.'],
    [{ toRecipients: '{"a":1}' }, 'BAD_VALUE', 'Messages.toRecipients takes a JSON array.'],
    [{ toRecipients: 'ann' }, 'BAD_VALUE', "Messages.toRecipients has 'ann', which is no address."],
    [{ categories: 'Blue' }, 'BAD_VALUE', 'Messages.categories takes JSON, and this text is none.'],
    [{ categories: '[1]' }, 'BAD_VALUE', 'Messages.categories has an element 0 that is no text.'],
    [{ internetMessageHeaders: '[{"name":"Subject","value":"y"}]' }, 'BAD_VALUE', "Messages.internetMessageHeaders takes only headers whose names start with x-, not 'Subject'."],
    [{ flag_dueDateTime_dateTime: '2026-05-01T10:00:00' }, 'BAD_VALUE', 'Messages.flag_dueDateTime_dateTime needs flag_startDateTime_dateTime beside it: the service takes a due date only with a start date.'],
    [{ flag_startDateTime_dateTime: '2026-02-30' }, 'BAD_VALUE', 'Messages.flag_startDateTime_dateTime takes a date or a timestamp.'],
  ] as const)('refuses %o', (set, code, message) => {
    expect(refused('insert', 'Messages', { set })).toMatchObject({ code, message });
  });
});

it('shows how the texts of a list are written', () => {
  expect(refused('insert', 'Contacts', { set: { businessPhones: '+49 1' } })).toMatchObject({ hint: `Write a JSON array of texts: '["first", "second"]'.` });
});

describe('a changed message', () => {
  const of = { id: 'AA=', userId: 'me', isDraft: 1n };

  it('is patched with the columns set alone', () => {
    expect(read('update', 'Messages', { set: { isRead: 1n } })).toEqual(['id', 'userId']);
    expect(requests('update', 'Messages', { set: { isRead: 1n }, of })).toEqual([['PATCH /me/messages/AA%3D', { isRead: true }]]);
    expect(requests('update', 'Messages', { set: { categories: null }, of })).toEqual([['PATCH /me/messages/AA%3D', { categories: null }]]);
  });

  it('repeats the rest of a complex value, which the service replaces whole', () => {
    expect(read('update', 'Messages', { set: { body_content: 'x' } })).toEqual(['id', 'userId', 'body_contentType', 'isDraft']);
    expect(requests('update', 'Messages', { set: { body_content: '<p>x</p>' }, of: { ...of, body_contentType: 'html' } })).toEqual([['PATCH /me/messages/AA%3D', { body: { contentType: 'html', content: '<p>x</p>' } }]]);
    expect(
      requests('update', 'Messages', { set: { flag_dueDateTime_dateTime: '2026-05-02T00:00:00Z' }, of: { ...of, flag_flagStatus: 'flagged', flag_startDateTime_dateTime: '2026-05-01T00:00:00Z', flag_startDateTime_timeZone: 'UTC' } }),
    ).toEqual([['PATCH /me/messages/AA%3D', { flag: { flagStatus: 'flagged', startDateTime: { dateTime: '2026-05-01T00:00:00', timeZone: 'UTC' }, dueDateTime: { dateTime: '2026-05-02T00:00:00', timeZone: 'UTC' } } }]]);
  });

  it('clears a member with NULL, and the whole value with its last member', () => {
    expect(requests('update', 'Messages', { set: { from_emailAddress_name: null }, of: { ...of, from_emailAddress_address: 'ann@contoso.example' } })[0]![1]).toEqual({ from: { emailAddress: { name: null, address: 'ann@contoso.example' } } });
    expect(requests('update', 'Messages', { set: { from_emailAddress_name: null, from_emailAddress_address: null }, of })[0]![1]).toEqual({ from: null });
  });

  it('is refused where only drafts can be changed, before any request', () => {
    expect(refused('update', 'Messages', { set: { subject: 'x' }, of: { ...of, isDraft: 0n } })).toMatchObject({ code: 'NOT_WRITABLE', message: 'Messages.subject cannot be written: the message is no draft, and the service changes it in drafts only.' });
    expect(refused('update', 'Messages', { set: { importance: null }, of })).toMatchObject({ code: 'BAD_VALUE', message: 'Messages.importance cannot be NULL.' });
  });

  it('moves by parentFolderId, after the other columns', () => {
    expect(requests('update', 'Messages', { set: { parentFolderId: 'archive' }, of })).toEqual([['POST /me/messages/AA%3D/move', { destinationId: 'archive' }]]);
    expect(requests('update', 'Messages', { set: { parentFolderId: 'archive', isRead: 1n }, of })).toEqual([
      ['PATCH /me/messages/AA%3D', { isRead: true }],
      ['POST /me/messages/AA%3D/move', { destinationId: 'archive' }],
    ]);
    expect(refused('update', 'Messages', { set: { parentFolderId: null }, of })).toMatchObject({ code: 'BAD_VALUE' });
    const moved = job('update', 'Messages', { set: { parentFolderId: 'archive', isRead: 1n }, of, returning: ['id', 'isRead', 'parentFolderId'] });
    const answer = (body: unknown): { status: number; headers: Record<string, string>; body: unknown } => ({ status: 200, headers: {}, body });
    expect(moved.outcome([answer({ id: 'AA=', isRead: true, parentFolderId: 'inbox-id', changeKey: '1' }), answer({ id: 'BB=', isRead: true, parentFolderId: 'archive-id', changeKey: '2' })])).toEqual([
      { row: 0, key: { id: 'BB=', changeKey: '2' }, values: ['BB=', 1n, 'archive-id'] },
    ]);
  });

  it('names its version in If-Match where the statement does, and looks first where a POST would not heed it', () => {
    const guarded = { ...of, changeKey: 'CQ1' };
    expect(read('update', 'Messages', { set: { isRead: 1n }, guarded: true })).toContain('changeKey');
    expect(job('update', 'Messages', { set: { isRead: 1n }, of: guarded, guarded: true }).steps).toMatchObject([{ method: 'PATCH', ifMatch: 'W/"CQ1"' }]);
    const steps = job('update', 'Messages', { set: { parentFolderId: 'archive' }, of: guarded, guarded: true }).steps;
    expect(steps.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /me/messages/AA%3D?$select=changeKey', 'POST /me/messages/AA%3D/move']);
    expect(steps[0]!.check?.({ status: 200, headers: {}, body: { changeKey: 'CQ2' } })).toMatchObject({ code: 'CONFLICT', sqlState: '40001' });
    expect(steps[0]!.check?.({ status: 200, headers: {}, body: { changeKey: 'CQ1' } })).toBeUndefined();
  });

  it('reads what RETURNING asks for and no answer holds', () => {
    expect(requests('update', 'Messages', { set: { isRead: 1n }, of, returning: ['uniqueBody_content'] })).toEqual([
      ['PATCH /me/messages/AA%3D', { isRead: true }],
      ['GET /me/messages/AA%3D?$select=uniqueBody,id,changeKey', undefined],
    ]);
    expect(job('insert', 'Messages', { set: { subject: 'x' }, returning: ['internetMessageHeaders'] }).steps[1]).toMatchObject({ method: 'GET', url: '/me/messages/{id}?$select=internetMessageHeaders,id,changeKey', idFrom: 0, readBack: true });
    expect(refused('insert', 'MailFolders', { set: { displayName: 'x' }, returning: ['path'] })).toMatchObject({ code: 'NOT_SUPPORTED' });
  });
});

describe('a deleted message', () => {
  const of = { id: 'AA=', userId: 'ben@contoso.example', parentFolderId: 'inbox-id' };

  it.each([
    [{}, 'DELETE /users/ben%40contoso.example/messages/AA%3D', undefined],
    [{ DeleteMode: 'movetodeleteditems' }, 'DELETE /users/ben%40contoso.example/messages/AA%3D', undefined],
    [{ DeleteMode: 'SoftDelete' }, 'POST /users/ben%40contoso.example/messages/AA%3D/move', { destinationId: 'recoverableitemsdeletions' }],
    [{ DeleteMode: 'HardDelete' }, 'POST /users/ben%40contoso.example/messages/AA%3D/permanentDelete', undefined],
  ] as const)('by %o', (set, request, body) => {
    expect(requests('delete', 'Messages', { set, of })).toEqual([[request, body]]);
  });

  it('refuses modes that are none', () => {
    expect(refused('delete', 'Messages', { set: { DeleteMode: 'Shred' }, of })).toMatchObject({ code: 'BAD_VALUE' });
    expect(refused('delete', 'Contacts', { set: { DeleteMode: 'SoftDelete' }, of })).toMatchObject({ code: 'NOT_SUPPORTED', hint: 'Graph has the soft deletion of messages only; use MoveToDeletedItems or HardDelete.' });
  });

  it('is known by the key it had', () => {
    expect(job('delete', 'Messages', { of }).outcome([{ status: 204, headers: {}, body: undefined }])).toEqual([{ row: 0, key: { id: 'AA=' }, values: [] }]);
  });
});

describe('folders and contacts', () => {
  it('are made where they belong', () => {
    expect(requests('insert', 'MailFolders', { set: { displayName: 'Clients', parentFolderId: 'inbox', isHidden: 0n } })).toEqual([['POST /me/mailFolders/inbox/childFolders', { displayName: 'Clients', isHidden: false, ...mark }]]);
    expect(requests('insert', 'MailFolders', { set: { displayName: 'Clients' }, options: { userId: 'ann@contoso.example' } })[0]![0]).toBe('POST /users/ann%40contoso.example/mailFolders');
    expect(requests('insert', 'Contacts', { set: { givenName: 'Ann', parentFolderId: 'F1', emailAddresses: '[{"address":"ann@fabrikam.example"}]' } })).toEqual([['POST /me/contactFolders/F1/contacts', { givenName: 'Ann', emailAddresses: [{ address: 'ann@fabrikam.example' }], ...mark }]]);
  });

  it('are renamed and moved', () => {
    expect(requests('update', 'MailFolders', { set: { displayName: 'New', parentFolderId: 'inbox' }, of: { id: 'F', userId: 'me' } })).toEqual([
      ['PATCH /me/mailFolders/F', { displayName: 'New' }],
      ['POST /me/mailFolders/F/move', { destinationId: 'inbox' }],
    ]);
    expect(refused('update', 'Contacts', { set: { parentFolderId: 'F' } })).toMatchObject({ code: 'NOT_WRITABLE', hint: 'Graph does not move contacts; insert the contact into the other folder and delete this one.' });
  });

  it('a contact keeps its display name, which the service would make anew', () => {
    const of = { id: 'C', userId: 'me', displayName: 'Annie' };
    expect(read('update', 'Contacts', { set: { givenName: 'Ann' } })).toEqual(['id', 'userId', 'displayName']);
    expect(requests('update', 'Contacts', { set: { givenName: 'Ann' }, of })).toEqual([['PATCH /me/contacts/C', { displayName: 'Annie', givenName: 'Ann' }]]);
    expect(requests('update', 'Contacts', { set: { displayName: 'Ann A.' }, of })).toEqual([['PATCH /me/contacts/C', { displayName: 'Ann A.' }]]);
    expect(requests('update', 'Contacts', { set: { homeAddress_city: null }, of: { ...of, homeAddress_street: 'Main St 1' } })[0]![1]).toEqual({ displayName: 'Annie', homeAddress: { city: null, street: 'Main St 1' } });
  });

  it('need what the service needs', () => {
    expect(refused('insert', 'MailFolders', { set: { isHidden: 1n } })).toMatchObject({ code: 'MISSING_COLUMN', message: 'INSERT INTO MailFolders needs a value for displayName.', sqlState: '23502' });
    expect(refused('insert', 'MailFolders', { set: { displayName: null } })).toMatchObject({ code: 'MISSING_COLUMN' });
  });
});

describe('tables that take no writes', () => {
  it.each([
    ['insert', 'People', 'The table People is read-only.'],
    ['delete', 'Organization', 'The table Organization is read-only.'],
    ['insert', 'MailboxSettings', 'INSERT INTO MailboxSettings is not offered.'],
    ['update', 'MessageAttachments', 'UPDATE MessageAttachments is not offered.'],
  ] as const)('%s %s', (kind, table, message) => {
    const error = refused(kind, table, { set: kind === 'delete' ? {} : { id: 'x' } });
    expect(error).toMatchObject({ code: 'NOT_WRITABLE', message });
    expect(error.hint).toMatch(/\.$/);
  });
});

describe('plans', () => {
  it('show the requests of every row for EXPLAIN and each for DryRun', () => {
    const planner = plans({ userId: 'ann@contoso.example' });
    const plan = planner.planWrite(shapeOf('update', 'Messages', { set: { parentFolderId: 'archive', isRead: 1n } }));
    expect(plan.requests.map(({ method, url, columns }) => [method, url, columns])).toEqual([
      ['PATCH', '/users/ann@contoso.example/messages/{id}', ['isRead']],
      ['POST', '/users/ann@contoso.example/messages/{id}/move', ['parentFolderId']],
    ]);
    expect(planner.describeWrites(plan, [{ row: 0, values: ['archive', 1n], target: plan.read.map((name) => (name === 'id' ? 'AA=' : null)) }])).toEqual([
      { row: 0, method: 'PATCH', url: '/users/ann%40contoso.example/messages/AA%3D', headers: { Prefer: 'IdType="ImmutableId"' }, body: '{"isRead":true}', mails: [] },
      { row: 0, method: 'POST', url: '/users/ann%40contoso.example/messages/AA%3D/move', headers: { Prefer: 'IdType="ImmutableId"' }, body: '{"destinationId":"archive"}', mails: [] },
    ]);
  });
});
