/** Procedures of mail: what they change in the sandbox's mailboxes, and what they send. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/index.js';
import { NO_FAULTS } from '../../../src/sandbox/faults.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { BEN, listed, logged, MAIN, open, refusal, startOffice, values } from '../../driver/office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});
beforeEach(() => {
  sandbox.faults.set(NO_FAULTS);
});

const id = async (subject: string): Promise<string> => String((await values(connection, 'SELECT id FROM Messages WHERE subject = ? LIMIT 1', [subject]))[0]);
const message = async (key: string): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${sandbox.graphEndpoint}/users/${MAIN}/messages/${key}`, { headers: { prefer: 'IdType="ImmutableId"' } });
  return (await answer.json()) as Record<string, unknown>;
};
const bens = (subject: string): Promise<Record<string, unknown>[]> => listed(sandbox, `/users/${BEN}/mailFolders/inbox/messages?$filter=${encodeURIComponent(`startswith(subject,'${subject}')`)}`);
const sent = (subject: string): Promise<Record<string, unknown>[]> => listed(sandbox, `/users/${MAIN}/mailFolders/sentitems/messages?$filter=${encodeURIComponent(`startswith(subject,'${subject}')`)}`);

describe('move and copy', () => {
  test('by path, by well-known name, by id; the new place and version come back', async () => {
    const [clients] = await values(connection, "SELECT id FROM MailFolders WHERE path = '/Inbox/Clients'");
    const key = await id('Lunch 20');
    const { rows } = await connection.query("EXEC MoveMail MessageId = ?, DestinationId = FOLDER('/Inbox/Clients')", [key]);
    expect(rows).toEqual([{ Status: 'Success', Id: key, ChangeKey: expect.any(String) as unknown, ParentFolderId: clients }]);
    expect((await message(key))['parentFolderId']).toBe(clients);
    const { calls } = await logged(sandbox, () => connection.query("CALL MoveMail(?, 'Inbox')", [key]));
    expect(calls.map(({ url }) => url.replace(/messages\/[^/]+/, 'messages/…'))).toEqual([`/users/${encodeURIComponent(MAIN)}/messages/…/move`]);
    await connection.query('EXEC MoveMail @MessageId = @m, @DestinationId = @f', { m: key, f: clients as string });
    expect((await message(key))['parentFolderId']).toBe(clients);
  });

  test('with regular ids a move gives a new id', async () => {
    await using own = await open(sandbox, 'IdType=Regular');
    const key = String((await values(own, "SELECT id FROM Messages WHERE subject = 'Lunch 21'"))[0]);
    const [row] = (await own.query("EXEC MoveMail ?, 'archive'", [key])).rows;
    expect(row!['Id']).not.toBe(key);
    expect(await values(own, 'SELECT subject FROM Messages WHERE id = ?', [row!['Id'] as string])).toEqual(['Lunch 21']);
  });

  test('a copy leaves the original', async () => {
    const key = await id('Lunch 22');
    const [row] = (await connection.query("EXEC CopyMail ?, 'archive'", [key])).rows;
    expect(row!['Id']).not.toBe(key);
    expect((await message(String(row!['Id'])))['subject']).toBe('Lunch 22');
    expect((await message(key))['subject']).toBe('Lunch 22');
  });

  test('what is not there', async () => {
    expect((await refusal(connection.query("EXEC MoveMail 'AAMkNothing', 'archive'"))).message).toMatch(/Id is malformed|does not have/);
  });
});

describe('SendMail', () => {
  test('a whole message in one request, with everything it can say', async () => {
    const { result, calls } = await logged(sandbox, () =>
      connection.query(
        "EXEC SendMail ToRecipients = @to, CCRecipients = 'Dora <dora@contoso.example>', BccRecipients = '[\"main@contoso.example\"]', Subject = @subject, Content = '<p>Hi</p>', ContentType = 'HTML', Importance = 'high', Categories = 'Red; Blue', IsReadReceiptRequested = true, ReplyTo = 'desk@contoso.example', Attachments = 'a.txt,aGVsbG8=; b.txt,d29ybGQ='",
        { to: `Ben Okafor <${BEN}>`, subject: 'Offer 1' },
      ),
    );
    expect(result.rows).toEqual([{ Status: 'Success', Id: null }]);
    expect(calls.map(({ method, url, status }) => [method, url, status])).toEqual([['POST', `/users/${encodeURIComponent(MAIN)}/sendMail`, 202]]);
    const [got] = await bens('Offer 1');
    expect(got).toMatchObject({ subject: 'Offer 1', importance: 'high', hasAttachments: true, isReadReceiptRequested: true, body: { contentType: 'html' }, bccRecipients: [], from: { emailAddress: { address: MAIN } }, replyTo: [{ emailAddress: { address: 'desk@contoso.example' } }], ccRecipients: [{ emailAddress: { name: 'Dora', address: 'dora@contoso.example' } }] });
    expect((await sent('Offer 1'))[0]).toMatchObject({ categories: ['Red', 'Blue'], bccRecipients: [{ emailAddress: { address: MAIN } }] });
    const attached = await listed(sandbox, `/users/${BEN}/messages/${String(got!['id'])}/attachments`);
    expect(attached.map(({ name, contentBytes }) => [name, Buffer.from(String(contentBytes), 'base64').toString()])).toEqual([['a.txt', 'hello'], ['b.txt', 'world']]);
  });

  test('without a copy in Sent Items', async () => {
    await connection.query('EXEC SendMail ToRecipients = ?, Subject = ?, Content = ?, SaveToSentItems = false', [BEN, 'Offer 2', 'x']);
    expect([(await bens('Offer 2')).length, (await sent('Offer 2')).length]).toEqual([1, 0]);
  });

  test('a draft by id, changed on the way; SendItem sends it as it is', async () => {
    const draft = async (subject: string): Promise<string> => {
      const answer = await fetch(`${sandbox.graphEndpoint}/users/${MAIN}/messages`, { method: 'POST', headers: { 'content-type': 'application/json', prefer: 'IdType="ImmutableId"' }, body: JSON.stringify({ subject, toRecipients: [{ emailAddress: { address: BEN } }] }) });
      return String(((await answer.json()) as { id: unknown }).id);
    };
    const first = await draft('Draft 1');
    const { result, calls } = await logged(sandbox, () => connection.query('EXEC SendMail Id = ?', [first]));
    expect([result.rows[0], calls.length]).toEqual([{ Status: 'Success', Id: first }, 1]);
    expect((await message(first))['isDraft']).toBe(false);
    await connection.query("EXEC SendMail Id = ?, Subject = 'Draft 2, changed', Importance = 'low'", [await draft('Draft 2')]);
    expect((await bens('Draft 2'))[0]).toMatchObject({ subject: 'Draft 2, changed', importance: 'low' });
    await connection.query('EXEC SendItem ?', [await draft('Draft 3')]);
    expect(await bens('Draft 3')).toHaveLength(1);
  });

  test('an attachment from a file', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'send-')), 'plan.txt');
    writeFileSync(path, 'the plan');
    await connection.query("EXEC SendMail ToRecipients = ?, Subject = 'File 1', Content = '', LocalFile = ?, Attachments = ?", [BEN, path, `other.txt,@${path}`]);
    const [got] = await bens('File 1');
    const attached = await listed(sandbox, `/users/${BEN}/messages/${String(got!['id'])}/attachments`);
    expect(attached.map(({ name, contentBytes }) => [name, Buffer.from(String(contentBytes), 'base64').toString()])).toEqual([['other.txt', 'the plan'], ['plan.txt', 'the plan']]);
    await connection.query("EXEC SendMail ToRecipients = ?, Subject = 'File 2', FileName = 'bytes.bin', ContentBytes = ?", [BEN, new Uint8Array([1, 2, 3])]);
    expect((await bens('File 2'))[0]).toMatchObject({ hasAttachments: true });
  });

  test.each<[string, string, string]>([
    ["EXEC SendMail Subject = 'x'", 'BAD_PARAMETER', 'needs the input ToRecipients'],
    ["EXEC SendMail ToRecipients = 'nobody'", 'BAD_VALUE', "ToRecipients of SendMail holds 'nobody', which is no mail address"],
    ["EXEC SendMail ToRecipients = '[1]'", 'BAD_VALUE', 'no mail address'],
    ["EXEC SendMail ToRecipients = 'a@x.example', FromEmail = 'a@x.example; b@x.example'", 'BAD_VALUE', 'FromEmail of SendMail names several people'],
    ["EXEC SendMail ToRecipients = 'a@x.example', Importance = 'urgent'", 'BAD_VALUE', 'one of low, normal, high'],
    ["EXEC SendMail ToRecipients = 'a@x.example', Attachments = 'a.txt'", 'BAD_VALUE', 'Attachments of SendMail has a part without a name'],
    ["EXEC SendMail ToRecipients = 'a@x.example', Attachments = 'a.txt,%%%'", 'BAD_VALUE', 'content for a.txt that is no base64'],
    ["EXEC SendMail ToRecipients = 'a@x.example', FileName = 'a.txt'", 'BAD_VALUE', 'stands without a content'],
    ["EXEC SendMail ToRecipients = 'a@x.example', ContentBytes = 'aGk='", 'BAD_VALUE', 'ContentBytes of SendMail needs a name'],
    ["EXEC SendMail ToRecipients = 'a@x.example', LocalFile = 'x', ContentBytes = 'aGk=', FileName = 'x'", 'BAD_PARAMETER', 'LocalFile and ContentBytes contradict each other'],
    ["EXEC SendMail ToRecipients = 'a@x.example', LocalFile = '/nothing/here.txt'", 'BAD_VALUE', 'LocalFile'],
    ["EXEC SendMail ToRecipients = 'a@x.example', Sensitivity = 'private'", 'NOT_SUPPORTED', 'the input Sensitivity of SendMail is not offered'],
  ])('%s is refused before anything is sent', async (sql, code, text) => {
    const { result, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
    expect([result.code, result.message, calls]).toEqual([code, expect.stringContaining(text), []]);
  });

  test('the error has no content of the mail', async () => {
    const error = await refusal(connection.query("EXEC SendMail ToRecipients = ?, FromEmail = ?, Content = 'very private words'", [BEN, BEN]));
    expect(error.code).toBe('PERMISSION');
    expect(`${error.message} ${error.hint ?? ''}`).not.toContain('private words');
  });

  test('an answer that is lost: the outcome is unknown, and the mail goes out once', async () => {
    sandbox.faults.set({ cutAfterWriteEvery: 1 });
    const { result, calls } = await logged(sandbox, () => refusal(connection.query("EXEC SendMail ToRecipients = ?, Subject = 'Once', Content = 'x'", [BEN])));
    expect([result.code, result.sqlState, calls.length]).toEqual(['OUTCOME_UNKNOWN', '40003', 1]);
    expect(result.retryable).toBe(false);
    sandbox.faults.set(NO_FAULTS);
    expect(await bens('Once')).toHaveLength(1);
  });

  test('a throttled send was not executed and is repeated', async () => {
    sandbox.faults.set({ throttleEvery: 2, retryAfter: 0.01 });
    for (let n = 0; n < 4; n += 1) await connection.query("EXEC SendMail ToRecipients = ?, Subject = ?, Content = 'x'", [BEN, `Throttled ${String(n)}`]);
    sandbox.faults.set(NO_FAULTS);
    expect(await bens('Throttled')).toHaveLength(4);
  });
});

describe('reply and forward', () => {
  const subjects = async (): Promise<string[]> => (await listed(sandbox, `/users/${BEN}/mailFolders/inbox/messages?$top=1000`)).map(({ subject }) => String(subject));

  test('at once, with copies', async () => {
    const key = await id('Lunch 27');
    const { calls } = await logged(sandbox, () => connection.query("EXEC ReplyToMessage MessageId = ?, Comment = 'Thanks.', CCRecipients = 'dora@contoso.example'", [key]));
    expect(calls.map(({ url, status }) => [url.split('/').at(-1), status])).toEqual([['reply', 202]]);
    const [got] = await bens('RE: Lunch 27');
    expect(got).toMatchObject({ ccRecipients: [{ emailAddress: { address: 'dora@contoso.example' } }] });
    expect(JSON.stringify(got)).toContain('Thanks.');
  });

  test('to all, forwarded, as HTML above the original', async () => {
    const key = await id('Lunch 36');
    await connection.query('EXEC ReplyToMessage MessageId = ?, ToAll = true', [key]);
    expect(await subjects()).toContain('RE: Lunch 36');
    const [row] = (await connection.query("EXEC ForwardMail MessageId = ?, ToRecipients = ?, Comment = '<b>Look</b>', ContentType = 'html'", [key, BEN])).rows;
    expect(row).toEqual({ Status: 'Success', Id: expect.any(String) as unknown });
    const [got] = await bens('FW: Lunch 36');
    expect((got!['body'] as { content: string }).content).toMatch(/<b>Look<\/b>[^]*Message 36/);
    expect((await message(String(row!['Id'])))['isDraft']).toBe(false);
  });

  test('as a draft only', async () => {
    const key = await id('Lunch 33');
    const before = (await subjects()).length;
    for (const [sql, subject] of [["EXEC ReplyToMessage MessageId = ?, Comment = 'Later', DraftOnly = true", 'RE: Lunch 33'], ["EXEC ForwardMail ?, 'x@contoso.example', DraftOnly = 1, ContentType = 'html', Comment = '<i>Later</i>'", 'FW: Lunch 33'], ['EXEC ForwardMail ?, DraftOnly = 1', 'FW: Lunch 33']] as const) {
      const [row] = (await connection.query(sql, [key])).rows;
      expect(await message(String(row!['Id']))).toMatchObject({ isDraft: true, subject });
    }
    expect((await subjects()).length).toBe(before);
  });

  test('a forward that is sent needs somebody', async () => {
    expect(await refusal(connection.query("EXEC ForwardMail MessageId = 'x'"))).toMatchObject({ code: 'BAD_PARAMETER', message: 'ForwardMail needs the input ToRecipients' });
  });

  test('a failure after the draft says where it is', async () => {
    const key = await id('Lunch 34');
    // Nobody to send it to: the draft is made, the send is refused.
    const error = await refusal(connection.query("EXEC SendMail Id = ?, Subject = 'x'", [String((await connection.query('EXEC ForwardMail ?, DraftOnly = 1', [key])).rows[0]!['Id'])]));
    expect(error.message).toMatch(/while sending it, and the draft stays in Drafts \(id \S+\)/);
    expect(error.hint).toContain('EXEC SendMail Id = …');
  });
});

describe('many messages', () => {
  test('MarkAsRead goes 20 a request and answers for each', async () => {
    const ids = (await values(connection, "SELECT id FROM Messages WHERE parentFolderId = 'inbox' AND isRead = 0 LIMIT 25")) as string[];
    const { result, calls, parts } = await logged(sandbox, () => connection.query('EXEC MarkAsRead Ids = ?', [[...ids, 'AAMkNothing'].join('; ')]));
    expect(result.rows.map(({ Id, Status }) => [Id, Status])).toEqual([...ids.map((one) => [one, 'Success']), ['AAMkNothing', 'Failed']]);
    expect(result.rows.at(-1)!['Code']).toBeTruthy();
    expect(calls.length).toBe(2);
    expect(parts.length).toBe(26);
    expect(await values(connection, `SELECT count(*) FROM Messages WHERE isRead = 0 AND id IN (${ids.map(() => '?').join(',')})`, ids)).toEqual([0]);
    await connection.query('EXEC MarkAsRead ?, 0', [JSON.stringify(ids.slice(0, 2))]);
    expect((await message(ids[0]!))['isRead']).toBe(false);
  });

  test('a lost answer is no harm where a repeat changes nothing', async () => {
    const ids = (await values(connection, "SELECT id FROM Messages WHERE parentFolderId = 'inbox' AND isRead = 0 LIMIT 3")) as string[];
    sandbox.faults.set({ cutAfterWriteEvery: 2 });
    for (const key of ids) expect((await connection.query('EXEC MarkAsRead ?', [key])).rows[0]).toMatchObject({ Status: 'Success' });
    sandbox.faults.set(NO_FAULTS);
  });

  test('a repeat that is refused does not make a lost change a failed one', async () => {
    const [key] = (await values(connection, "SELECT id FROM Messages WHERE parentFolderId = 'inbox' AND isRead = 0 LIMIT 1")) as string[];
    const seen = sandbox.log.entries.length;
    sandbox.faults.set({ cutAfterWriteEvery: 1 });
    const call = connection.query('EXEC MarkAsRead ?', [key!]);
    while (!sandbox.log.entries.slice(seen).some(({ method }) => method === 'PATCH')) await new Promise((resolve) => setTimeout(resolve, 1));
    // Longer than the driver waits.
    sandbox.faults.set({ cutAfterWriteEvery: 0, throttleEvery: 1, repeatFaults: true, retryAfter: 400 });
    expect((await call).rows[0]).toMatchObject({ Status: 'Unknown', Code: 'OUTCOME_UNKNOWN' });
    sandbox.faults.set(NO_FAULTS);
    expect((await message(key!))['isRead']).toBe(true);
  });

  test('an empty id is none', async () => {
    const { result: refused, calls } = await logged(sandbox, () => refusal(connection.query('EXEC PermanentDelete ?', ['["AAMkNothing", ""]'])));
    expect([refused.code, calls]).toEqual(['BAD_VALUE', []]);
  });

  test('PermanentDelete', async () => {
    const key = await id('Lunch 40');
    sandbox.faults.set({ cutAfterWriteEvery: 1 });
    await connection.query('EXEC PermanentDelete ?', [key]);
    sandbox.faults.set(NO_FAULTS);
    expect(await values(connection, "SELECT count(*) FROM Messages WHERE subject = 'Lunch 40'")).toEqual([0]);
  });
});

describe('MIME', () => {
  const mime = ['From: Ada <ada@contoso.example>', 'To: ben@contoso.example', 'Subject: From MIME', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', '', 'Hello', ''].join('\r\n');

  test.each(['text', 'base64', 'file'])('makes a draft of %s', async (how) => {
    const path = join(mkdtempSync(join(tmpdir(), 'mime-')), 'a.eml');
    writeFileSync(path, mime);
    const [row] = (await connection.query(how === 'file' ? 'EXEC CreateFromMime LocalFile = ?' : 'EXEC CreateFromMime Content = ?', [how === 'file' ? path : how === 'text' ? mime : Buffer.from(mime).toString('base64')])).rows;
    expect(row).toMatchObject({ Subject: 'From MIME', Status: 'Success' });
    expect(await message(String(row!['Id']))).toMatchObject({ isDraft: true, subject: 'From MIME' });
  });

  test('in a folder', async () => {
    const [row] = (await connection.query("EXEC CreateFromMime Content = ?, FolderId = FOLDER('/Inbox/Clients')", [mime])).rows;
    expect(await values(connection, "SELECT path FROM MailFolders WHERE id = ?", [row!['ParentFolderId'] as string])).toEqual(['/Inbox/Clients']);
  });
});
