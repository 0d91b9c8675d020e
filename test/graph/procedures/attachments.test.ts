/** Attachments: small ones in one request, large ones by upload session, mail above 3 MB by way of a draft. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/index.js';
import { NO_FAULTS } from '../../../src/sandbox/faults.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { BEN, listed, logged, MAIN, open, refusal, startOffice, values } from '../../driver/office.js';

const MEGABYTE = 1024 * 1024;
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let sandbox: Sandbox;
let connection: Connection;
let serial = 0;

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

const create = async (path: string, body: unknown): Promise<string> => {
  const answer = await fetch(`${sandbox.graphEndpoint}/users/${MAIN}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', prefer: 'IdType="ImmutableId"' }, body: JSON.stringify(body) });
  return String(((await answer.json()) as { id: unknown }).id);
};
const draft = (): Promise<string> => create('/messages', { subject: `Draft ${String((serial += 1))}`, toRecipients: [{ emailAddress: { address: BEN } }] });
const received = async (subject: string): Promise<string> => {
  const found = await listed(sandbox, `/users/${BEN}/mailFolders/inbox/messages?$filter=${encodeURIComponent(`startswith(subject,'${subject}')`)}`);
  expect(found).toHaveLength(1);
  return String(found[0]!['id']);
};
const attachmentsOf = (mailbox: string, owner: string): Promise<Record<string, unknown>[]> => listed(sandbox, `/users/${mailbox}/${owner}/attachments?$select=id,name,size,contentType,isInline`);
const contents = async (mailbox: string, owner: string): Promise<[string, string][]> => {
  const all: [string, string][] = [];
  for (const { id, name } of await attachmentsOf(mailbox, owner)) {
    const answer = await fetch(`${sandbox.graphEndpoint}/users/${mailbox}/${owner}/attachments/${String(id)}/$value`);
    all.push([String(name), hash(new Uint8Array(await answer.arrayBuffer()))]);
  }
  return all.sort(([a], [b]) => (a < b ? -1 : 1));
};
const files = (sizes: readonly number[]): { readonly paths: string[]; readonly expected: [string, string][] } => {
  const folder = mkdtempSync(join(tmpdir(), 'attach-'));
  const written = sizes.map((size, n) => {
    const bytes = randomBytes(size);
    const name = `file-${String(n).padStart(2, '0')}.bin`;
    writeFileSync(join(folder, name), bytes);
    return { path: join(folder, name), entry: [name, hash(bytes)] as [string, string] };
  });
  return { paths: written.map(({ path }) => path), expected: written.map(({ entry }) => entry) };
};

describe('SendMail above 3 MB', () => {
  test('one attachment of 40 MB: draft, upload session, send', async () => {
    const { paths, expected } = files([40 * MEGABYTE]);
    const { result, calls } = await logged(sandbox, () => connection.query("EXEC SendMail ToRecipients = ?, Subject = 'Forty', Content = 'x', LocalFile = ?", [BEN, paths[0]!]));
    expect(result.rows).toEqual([{ Status: 'Success', Id: expect.any(String) as unknown }]);
    const shown = calls.map(({ method, url }) => `${method} ${url.split('?')[0]!.split('/').filter((part) => !/^AA/.test(part)).at(-1)!}`);
    expect(shown.slice(0, 2)).toEqual(['POST messages', 'POST createUploadSession']);
    expect(shown.at(-1)).toBe('POST send');
    expect(shown.filter((line) => line.startsWith('PUT'))).toHaveLength(13);
    expect(await contents(BEN, `messages/${await received('Forty')}`)).toEqual(expected);
  }, 30_000);

  test('30 attachments of 1 MB', async () => {
    const { paths, expected } = files(Array.from({ length: 30 }, () => MEGABYTE));
    const { calls } = await logged(sandbox, () => connection.query("EXEC SendMail ToRecipients = ?, Subject = 'Thirty', Content = 'x', Attachments = ?", [BEN, paths.map((path) => `@${path}`).join('; ')]));
    expect(calls).toHaveLength(32);
    expect(await contents(BEN, `messages/${await received('Thirty')}`)).toEqual(expected);
  }, 30_000);

  test('bytes as a parameter, beside small ones', async () => {
    const big = randomBytes(4 * MEGABYTE);
    await connection.query("EXEC SendMail ToRecipients = ?, Subject = 'Mixed', Attachments = 'a.txt,aGVsbG8=', FileName = 'big.bin', ContentBytes = ?", [BEN, big]);
    expect(await contents(BEN, `messages/${await received('Mixed')}`)).toEqual([['a.txt', hash(Buffer.from('hello'))], ['big.bin', hash(big)]]);
  });

  test('sizes around the limits', async () => {
    for (const [n, size] of [2 * MEGABYTE, 3 * MEGABYTE - 1000, 3 * MEGABYTE, 3 * MEGABYTE + 1].entries()) {
      const bytes = randomBytes(size);
      await connection.query("EXEC SendMail ToRecipients = ?, Subject = ?, FileName = 'x.bin', ContentBytes = ?", [BEN, `Limit ${String(n)}`, bytes]);
      expect(await contents(BEN, `messages/${await received(`Limit ${String(n)}`)}`)).toEqual([['x.bin', hash(bytes)]]);
    }
  }, 30_000);

  test('a failure midway leaves the draft and says where; SendMail goes on with it', async () => {
    // The third is too small for an upload session and too large for one request.
    const { paths, expected } = files([MEGABYTE, MEGABYTE, 3 * MEGABYTE - 1, MEGABYTE]);
    const { result: error, calls } = await logged(sandbox, () => refusal(connection.query("EXEC SendMail ToRecipients = ?, Subject = 'Broken', Content = 'x', Attachments = ?", [BEN, paths.map((path) => `@${path}`).join('; ')])));
    expect([error.code, error.status, calls.some(({ url }) => url.endsWith('/send'))]).toEqual(['SERVICE', 413, false]);
    const [, step, id] = /it happened while (adding attachment 3 of 4), and the draft stays in Drafts \(id (\S+)\)/.exec(error.message) ?? [];
    expect([step, await values(connection, 'SELECT isDraft FROM Messages WHERE id = ?', [id!])]).toEqual(['adding attachment 3 of 4', [true]]);
    expect(error.hint).toContain('EXEC SendMail Id');
    expect(await contents(MAIN, `messages/${id!}`)).toEqual(expected.slice(0, 2));
    await connection.query('EXEC SendMail Id = ?, LocalFile = ?', [id!, paths[3]!]);
    expect(await contents(BEN, `messages/${await received('Broken')}`)).toEqual([...expected.slice(0, 2), expected[3]]);
  });

  test('an attachment whose answer was lost is found, not added again', async () => {
    const { paths, expected } = files([MEGABYTE, MEGABYTE, MEGABYTE, MEGABYTE]);
    // Draft or attachment, whichever it hits; what repeats it is not hit again.
    sandbox.faults.set({ gatewayTimeoutAfterWriteEvery: 5 });
    const drafts = await values(connection, 'SELECT count(*) FROM Messages WHERE isDraft = 1');
    const unknown = await connection.query("EXEC SendMail ToRecipients = ?, Subject = 'Lost', Content = 'x', Attachments = ?", [BEN, paths.map((path) => `@${path}`).join('; ')]).then(() => undefined, (error: unknown) => error);
    sandbox.faults.set(NO_FAULTS);
    // Only the send itself may be in doubt; it was done, once.
    if (unknown !== undefined) expect(unknown).toMatchObject({ code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('while sending it') as unknown });
    expect(await contents(BEN, `messages/${await received('Lost')}`)).toEqual(expected);
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE isDraft = 1')).toEqual(drafts);
  });

  test('given up midway: the error still says where the draft is', async () => {
    const { paths } = files(Array.from({ length: 12 }, () => MEGABYTE));
    const abort = new AbortController();
    sandbox.faults.set({ latencyMs: 40 });
    setTimeout(() => { abort.abort(); }, 300);
    const error = await refusal(connection.query("EXEC SendMail ToRecipients = ?, Subject = 'Given up', Content = 'x', Attachments = ?", [BEN, paths.map((path) => `@${path}`).join('; ')], { signal: abort.signal }));
    expect([['CANCELLED', 'OUTCOME_UNKNOWN'].includes(error.code), error.message]).toEqual([true, expect.stringMatching(/the draft stays in Drafts/)]);
  });

  test('a large mail without a copy is not offered', async () => {
    const { result, calls } = await logged(sandbox, () => refusal(connection.query("EXEC SendMail ToRecipients = ?, FileName = 'x', ContentBytes = ?, SaveToSentItems = 0", [BEN, randomBytes(4 * MEGABYTE)])));
    expect([result.code, calls]).toEqual(['NOT_SUPPORTED', []]);
  });

  test('broken connections during the upload', async () => {
    const bytes = randomBytes(10 * MEGABYTE);
    const key = await draft();
    sandbox.faults.set({ cutAfterWriteEvery: 3 });
    const { rows } = await connection.query("EXEC AddAttachments MessageId = ?, FileName = 'x.bin', ContentBytes = ?", [key, bytes]);
    sandbox.faults.set(NO_FAULTS);
    expect(rows).toHaveLength(1);
    expect(await contents(MAIN, `messages/${key}`)).toEqual([['x.bin', hash(bytes)]]);
  });
});

describe('AddAttachments and DeleteAttachment', () => {
  test('to a draft, small and large, with type and inline', async () => {
    const key = await draft();
    const { rows } = await connection.query("EXEC AddAttachments MessageId = ?, FileName = 'logo.png', ContentBytes = 'iVBORw0=', ContentType = 'image/png', IsInline = true, ContentId = 'logo'", [key]);
    expect(rows).toEqual([{ Id: expect.any(String) as unknown, Name: 'logo.png', Size: 5, Status: 'Success' }]);
    const [big] = (await connection.query("EXEC AddAttachments MessageId = ?, FileName = 'big.bin', ContentBytes = ?", [key, randomBytes(5 * MEGABYTE)])).rows;
    const all = await attachmentsOf(MAIN, `messages/${key}`);
    expect(all.map(({ id, name, isInline }) => [id, name, isInline])).toEqual([[rows[0]!['Id'], 'logo.png', true], [big!['Id'], 'big.bin', false]]);
    expect((await connection.query('EXEC DeleteAttachment AttachmentId = ?, MessageId = ?', [String(big!['Id']), key])).rows).toEqual([{ Status: 'Success' }]);
    expect(await attachmentsOf(MAIN, `messages/${key}`)).toHaveLength(1);
  });

  test('to an event, several at once', async () => {
    const key = await create('/events', { subject: 'With papers', start: { dateTime: '2026-05-04T09:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-05-04T10:00:00', timeZone: 'UTC' } });
    const { rows } = await connection.query("EXEC AddAttachments EventId = ?, Attachments = 'a.txt,YQ==; b.txt,Yg=='", [key]);
    expect(rows.map(({ Name }) => Name)).toEqual(['a.txt', 'b.txt']);
    expect((await connection.query("EXEC DownloadAttachments 'Event', ?", [key])).rows.map(({ ContentBytes }) => Buffer.from(ContentBytes as Uint8Array).toString())).toEqual(['a', 'b']);
    await connection.query('EXEC DeleteAttachment ?, EventId = ?', [String(rows[0]!['Id']), key]);
    expect((await attachmentsOf(MAIN, `events/${key}`)).map(({ name }) => name)).toEqual(['b.txt']);
  });

  test.each([
    ["EXEC AddAttachments Attachments = 'a,YQ=='", 'needs the input MessageId or EventId'],
    ["EXEC AddAttachments MessageId = 'x', EventId = 'y', Attachments = 'a,YQ=='", 'MessageId and EventId contradict each other'],
    ["EXEC AddAttachments MessageId = 'x'", 'needs the input Attachments, or FileName'],
    ["EXEC DeleteAttachment 'x'", 'needs the input MessageId or EventId'],
  ])('%s is refused', async (sql, message) => {
    const { result, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
    expect([result.message, calls]).toEqual([expect.stringContaining(message), []]);
  });

  test('EXPLAIN shows the way by session only where it is known', async () => {
    const { rows } = await connection.query("EXPLAIN EXEC AddAttachments MessageId = 'x', FileName = 'a', ContentBytes = ?", [randomBytes(4 * MEGABYTE)]);
    expect(rows.filter(({ operation }) => operation === 'request').map(({ detail }) => String(detail).replace(/\/users\/[^/]+/, ''))).toEqual(['POST /messages/x/attachments/createUploadSession', 'PUT {uploadUrl}', 'GET /messages/x/attachments/%7Bid%7D?$select=id']);
  });
});
