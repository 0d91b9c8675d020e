import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileStore } from '../../src/driver/files.js';
import { ExchangeSqlError } from '../../src/errors.js';
import { isLate } from '../../src/graph/write-step.js';
import type { StepAnswer, WriteJob } from '../../src/graph/write-step.js';
import type { SqlValue } from '../../src/scan/value.js';
import { job, plans, read, requests, shapeOf } from './write-fixture.js';
import type { Values, Wish } from './write-fixture.js';
import type { WriteKind } from '../../src/scan/write.js';

const answer = (body: unknown, status = 200): StepAnswer => ({ status, headers: {}, body });

function refused(kind: WriteKind, table: string, wish: Wish): ExchangeSqlError {
  try {
    job(kind, table, wish);
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** The one job of several rows. */
function jobs(kind: WriteKind, table: string, sets: readonly Values[], targets: readonly Values[] = []): readonly WriteJob[] {
  const planner = plans();
  const plan = planner.planWrite({ ...shapeOf(kind, table, { set: sets[0] ?? {} }), returning: kind === 'delete' ? [] : ['emailAddress_address', 'ordinal'] });
  const rows = (sets.length > 0 ? sets : targets).map((_, row) => ({ row, values: Object.values(sets[row] ?? {}), target: plan.read.map((name): SqlValue => targets[row]?.[name] ?? null) }));
  rows.forEach((row) => planner.checkRow(plan, row));
  return [...planner.jobs(plan, rows, () => 'new')];
}

async function built({ steps: [, step] }: WriteJob, before: unknown): Promise<unknown> {
  if (step === undefined || !isLate(step.body)) throw new Error('no late body');
  const body = await step.body.build([answer(before)]);
  return body !== undefined && 'json' in body ? body.json : undefined;
}

const person = (address: string, name?: string): unknown => ({ emailAddress: { ...(name === undefined ? {} : { name }), address } });

describe('recipients', () => {
  const before = { '@odata.etag': 'W/"1"', isDraft: true, toRecipients: [person('a@x.example'), person('b@x.example', 'B')], ccRecipients: [] };

  it('of one message are one rewrite under If-Match', async () => {
    const all = jobs('insert', 'MessageRecipients', [
      { messageId: 'M', kind: 'to', emailAddress_address: 'c@x.example', emailAddress_name: 'C' },
      { messageId: 'N', kind: 'to', emailAddress_address: 'd@x.example', emailAddress_name: null },
      { messageId: 'M', kind: 'CC', emailAddress_address: 'e@x.example', emailAddress_name: undefined },
    ]);
    expect(all.map(({ rows }) => rows)).toEqual([[0, 2], [1]]);
    const [first] = all as [WriteJob];
    expect(first.steps).toMatchObject([
      { method: 'GET', url: '/me/messages/M?$select=toRecipients,ccRecipients' },
      { method: 'PATCH', url: '/me/messages/M', ifMatch: { etagFrom: 0 }, repeat: 'absolute' },
    ]);
    expect(first.restartOnConflict).toBe(true);
    const after = { toRecipients: [person('a@x.example'), person('b@x.example', 'B'), person('c@x.example', 'C')], ccRecipients: [person('e@x.example')] };
    expect(await built(first, before)).toEqual(after);
    expect(first.outcome([answer(before), answer({ id: 'M', ...after })])).toEqual([
      { row: 0, key: { messageId: 'M', kind: 'to', ordinal: 2n }, values: ['c@x.example', 2n] },
      { row: 2, key: { messageId: 'M', kind: 'cc', ordinal: 0n }, values: ['e@x.example', 0n] },
    ]);
  });

  it('are found by place and address, or by address alone, or the row fails', async () => {
    const target = { messageId: 'M', userId: 'me', kind: 'to', ordinal: 1n, emailAddress_address: 'b@x.example', emailAddress_name: 'B' };
    const [change] = jobs('update', 'MessageRecipients', [{ emailAddress_name: 'Ben' }], [target]) as [WriteJob];
    expect(await built(change, before)).toEqual({ toRecipients: [person('a@x.example'), person('b@x.example', 'Ben')] });
    const shifted = { ...before, toRecipients: [person('b@x.example', 'B'), person('a@x.example')] };
    expect(await built(change, shifted)).toEqual({ toRecipients: [person('b@x.example', 'Ben'), person('a@x.example')] });
    const gone = { ...before, toRecipients: [person('a@x.example')] };
    expect(change.steps[0]!.check?.(answer(gone))).toMatchObject({ code: 'CONFLICT' });
    const [removed] = jobs('delete', 'MessageRecipients', [], [target, { ...target, ordinal: 0n, emailAddress_address: 'a@x.example', emailAddress_name: null }]) as [WriteJob];
    expect(await built(removed, before)).toEqual({ toRecipients: [] });
    expect(removed.outcome([answer(before), answer({ id: 'M' })]).map(({ key }) => key)).toEqual([{ messageId: 'M', kind: 'to', ordinal: 1n }, { messageId: 'M', kind: 'to', ordinal: 0n }]);
  });

  it('whose array belongs to drafts are refused on other messages', () => {
    const [reply] = jobs('insert', 'MessageRecipients', [{ messageId: 'M', kind: 'replyTo', emailAddress_address: 'c@x.example' }]) as [WriteJob];
    expect(reply.steps[0]!.url).toBe('/me/messages/M?$select=replyTo,isDraft');
    expect(reply.steps[0]!.check?.(answer({ isDraft: false, replyTo: [] }))).toMatchObject({ code: 'NOT_WRITABLE' });
    expect(reply.steps[0]!.check?.(answer({ isDraft: true, replyTo: [] }))).toBeUndefined();
  });

  it('refuse what they cannot be', () => {
    expect(refused('insert', 'MessageRecipients', { set: { messageId: 'M', kind: 'to' } })).toMatchObject({ code: 'MISSING_COLUMN' });
    expect(refused('insert', 'MessageRecipients', { set: { messageId: 'M', kind: 'via', emailAddress_address: 'a@x.example' } })).toMatchObject({ code: 'BAD_VALUE' });
    expect(refused('update', 'MessageRecipients', { set: { ordinal: 1n } })).toMatchObject({ code: 'NOT_WRITABLE' });
    expect(refused('insert', 'MessageHeaders', { set: { name: 'x-a' } }).hint).toBe('Headers can only be given when the message is made: INSERT INTO Messages (internetMessageHeaders, …).');
  });

  it('attendees keep their answers', async () => {
    const status = { response: 'accepted', time: '2026-01-01T00:00:00Z' };
    const event = { attendees: [{ type: 'required', status, emailAddress: { address: 'a@x.example', name: 'A' } }] };
    const [change] = jobs('update', 'EventAttendees', [{ type: 'OPTIONAL' }], [{ eventId: 'E', userId: 'me', ordinal: 0n, emailAddress_address: 'a@x.example', emailAddress_name: 'A', type: 'required' }]) as [WriteJob];
    expect(change.steps[0]!.url).toBe('/me/events/E?$select=attendees');
    expect(await built(change, event)).toEqual({ attendees: [{ type: 'optional', status, emailAddress: { address: 'a@x.example', name: 'A' } }] });
    expect(change.mails).toEqual(['a@x.example']);
  });
});

describe('attachments', () => {
  const small = { messageId: 'M', name: 'a.txt' };

  it.each([
    ['a blob', { contentBytes: new Uint8Array([104, 105]) }],
    ['base64', { contentBytes: 'aGk=' }],
    ['text', { content: 'hi' }],
  ] as const)('of less than 3 MB are one POST: %s', (_, content) => {
    const made = job('insert', 'MessageAttachments', { set: { ...small, ...content, contentType: 'text/plain' } });
    expect(made.steps).toMatchObject([{ method: 'POST', url: '/me/messages/M/attachments', kind: 'batchable', body: { json: { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.txt', contentType: 'text/plain', contentBytes: 'aGk=' } } }]);
    expect(made.steps[0]!.repeat).toMatchObject({ find: { by: 'likeness', equal: { name: 'a.txt' }, url: '/me/messages/M/attachments?$select=id,name,contentType,size,isInline,lastModifiedDateTime' } });
  });

  it('from 3 MB on go by an upload session', () => {
    const size = 3 * 1024 * 1024;
    expect(job('insert', 'EventAttachments', { set: { eventId: 'E', name: 'a.bin', contentBytes: new Uint8Array(size - 1) } }).steps).toMatchObject([{ url: '/me/events/E/attachments', kind: 'alone' }]);
    const large = job('insert', 'EventAttachments', { set: { eventId: 'E', name: 'a.bin', isInline: 0n, contentBytes: new Uint8Array(size) }, returning: ['id', 'size'] });
    expect(large.steps[0]).toMatchObject({ method: 'POST', url: '/me/events/E/attachments/createUploadSession', body: { json: { AttachmentItem: { attachmentType: 'file', name: 'a.bin', isInline: false, size } } }, upload: { pieceBytes: 3_932_160, content: { size } } });
    expect(large.steps[1]).toMatchObject({ method: 'GET', url: '/me/events/E/attachments/{id}', idFrom: 0, readBack: true });
  });

  it('have one content, no more than the service takes', () => {
    expect(refused('insert', 'MessageAttachments', { set: small })).toMatchObject({ code: 'MISSING_COLUMN' });
    expect(refused('insert', 'MessageAttachments', { set: { ...small, content: 'a', contentBytes: 'aGk=' } })).toMatchObject({ code: 'BAD_VALUE' });
    expect(refused('insert', 'MessageAttachments', { set: { ...small, contentBytes: 'no base64!' } })).toMatchObject({ code: 'BAD_VALUE' });
    expect(refused('insert', 'MessageAttachments', { set: { ...small, contentBytes: new Uint8Array(150 * 1024 * 1024 + 1) } })).toMatchObject({ code: 'BAD_VALUE' });
  });

  const folder = mkdtempSync(join(tmpdir(), 'attachment-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('come from a file where the connection allows it', async () => {
    writeFileSync(join(folder, 'note.txt'), 'hi');
    writeFileSync(join(folder, 'large.bin'), Buffer.alloc(4 * 1024 * 1024, 7));
    expect(refused('insert', 'MessageAttachments', { set: { ...small, LocalFile: 'note.txt' } })).toMatchObject({ code: 'STATEMENT_REFUSED' });
    expect(refused('insert', 'MessageAttachments', { set: { ...small, LocalFile: 'note.txt' }, options: { files: fileStore('off') } })).toMatchObject({ code: 'STATEMENT_REFUSED' });
    const options = { files: fileStore({ folder }) };
    expect((await job('insert', 'MessageAttachments', { set: { ...small, LocalFile: 'note.txt' }, options }).prepare?.())?.steps).toMatchObject([{ url: '/me/messages/M/attachments', body: { json: { contentBytes: 'aGk=' } } }]);
    const large = await job('insert', 'MessageAttachments', { set: { ...small, LocalFile: 'large.bin' }, options }).prepare?.();
    expect(large?.steps[0]).toMatchObject({ url: '/me/messages/M/attachments/createUploadSession', upload: { content: { size: 4 * 1024 * 1024 } } });
    expect(Buffer.from((await large?.steps[0]?.upload?.content.read(4, 8)) ?? [])).toEqual(Buffer.alloc(4, 7));
    await expect(job('insert', 'MessageAttachments', { set: { ...small, LocalFile: '../secret' }, options }).prepare?.()).rejects.toMatchObject({ code: 'STATEMENT_REFUSED' });
  });

  it('are deleted below their message', () => {
    expect(read('delete', 'MessageAttachments', {})).toEqual(['id', 'messageId', 'userId']);
    expect(requests('delete', 'MessageAttachments', { of: { id: 'A', messageId: 'M', userId: 'me' } })).toEqual([['DELETE /me/messages/M/attachments/A', undefined]]);
  });
});

describe('extended properties', () => {
  const set = { entity: 'Message', entityId: 'M', id: 'String {00020329-0000-0000-c000-000000000046} Name Colour', value: 'blue' };
  it('are a PATCH of their item', () => {
    expect(requests('insert', 'ExtendedProperties', { set })).toEqual([['PATCH /me/messages/M', { singleValueExtendedProperties: [{ id: set.id, value: 'blue' }] }]]);
    expect(requests('update', 'ExtendedProperties', { set: { value: '["a"]' }, of: { ...set, entity: 'Contact', id: 'StringArray {00020329-0000-0000-c000-000000000046} Id 0x8001', userId: 'me' } })).toEqual([
      ['PATCH /me/contacts/M', { multiValueExtendedProperties: [{ id: 'StringArray {00020329-0000-0000-c000-000000000046} Id 0x8001', value: ['a'] }] }],
    ]);
  });
  it('refuse what they cannot be', () => {
    expect(refused('insert', 'ExtendedProperties', { set: { ...set, entity: 'Task' } })).toMatchObject({ code: 'BAD_VALUE' });
    expect(refused('insert', 'ExtendedProperties', { set: { ...set, id: 'Colour' } })).toMatchObject({ code: 'BAD_VALUE' });
    expect(refused('delete', 'ExtendedProperties', {})).toMatchObject({ code: 'NOT_WRITABLE', hint: 'Graph cannot remove an extended property; set its value.' });
  });
});

describe('the directory', () => {
  it('members are added and removed by reference', () => {
    expect(requests('insert', 'GroupMembers', { set: { groupId: 'G', id: 'U' } })).toEqual([['POST /groups/G/members/$ref', { '@odata.id': 'https://graph.contoso.example/v1.0/directoryObjects/U' }]]);
    expect(requests('delete', 'GroupMembers', { of: { groupId: 'G', id: 'U' } })).toEqual([['DELETE /groups/G/members/U/$ref', undefined]]);
    expect(job('insert', 'GroupMembers', { set: { groupId: 'G', id: 'U' } }).steps[0]).toMatchObject({ repeat: 'present', mailbox: null });
  });
  it('users are made, changed and deleted', () => {
    const set = { displayName: 'Ann', userPrincipalName: 'ann@contoso.example', mailNickname: 'ann', accountEnabled: 1n, passwordProfile_password: 'once' };
    expect(requests('insert', 'Users', { set })[0]).toEqual(['POST /users', { displayName: 'Ann', userPrincipalName: 'ann@contoso.example', mailNickname: 'ann', accountEnabled: true, passwordProfile: { password: 'once' } }]);
    expect(refused('insert', 'Users', { set: { displayName: 'Ann' } })).toMatchObject({ code: 'MISSING_COLUMN' });
    expect(requests('update', 'Users', { set: { jobTitle: 'Buyer' }, of: { id: 'U' }, returning: ['displayName'] })).toEqual([
      ['PATCH /users/U', { jobTitle: 'Buyer' }],
      ['GET /users/U?$select=displayName,id', undefined],
    ]);
  });
});

describe('files', () => {
  it('without contents are folders', () => {
    expect(requests('insert', 'Files', { set: { name: 'Plans' } })).toEqual([['POST /me/drive/root/children', { name: 'Plans', folder: {}, '@microsoft.graph.conflictBehavior': 'fail' }]]);
    expect(requests('insert', 'Files', { set: { name: 'Plans', parentReference_id: 'P' } })[0]![0]).toBe('POST /me/drive/items/P/children');
  });
  it('go in one PUT up to 4 MB, by session above', () => {
    const url = 'PUT /me/drive/root:/a%20b.txt:/content?@microsoft.graph.conflictBehavior=fail';
    expect(requests('insert', 'Files', { set: { name: 'a b.txt', content: 'hi' } }).map(([request]) => decodeURI(request))).toEqual([decodeURI(url)]);
    expect(requests('insert', 'Files', { set: { name: 'a.txt', content: 'hi', description: 'x' } })[1]).toEqual(['PATCH /me/drive/items/{id}', { description: 'x' }]);
    const large = job('insert', 'Files', { set: { name: 'a.bin', contentBytes: new Uint8Array(4 * 1024 * 1024 + 1) } });
    expect(large.steps[0]).toMatchObject({ url: '/me/drive/root:/a.bin:/createUploadSession', body: { json: { item: { name: 'a.bin', '@microsoft.graph.conflictBehavior': 'fail' } } }, upload: { pieceBytes: 5 * 1024 * 1024 } });
  });
  it('are renamed, moved, refilled and deleted', () => {
    const of = { id: 'F', userId: 'me', eTag: '"{x},1"' };
    expect(requests('update', 'Files', { set: { name: 'b.txt', parentReference_id: 'P' }, of })).toEqual([['PATCH /me/drive/items/F', { name: 'b.txt', parentReference: { id: 'P' } }]]);
    expect(requests('update', 'Files', { set: { content: 'new' }, of })[0]![0]).toBe('PUT /me/drive/items/F/content');
    expect(job('update', 'Files', { set: { name: 'b.txt' }, of, guarded: true }).steps[0]).toMatchObject({ ifMatch: '"{x},1"' });
    expect(requests('delete', 'Files', { of })).toEqual([['DELETE /me/drive/items/F', undefined]]);
    expect(refused('insert', 'Files', { set: { name: 'a/b' } })).toMatchObject({ code: 'BAD_VALUE' });
  });
});
