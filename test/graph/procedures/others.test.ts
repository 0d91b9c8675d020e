/** Automatic replies, schema files, additional fields of users, downloads. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/index.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { startHook } from '../../support/hook.js';
import { BEN, CLIENT_MESSAGES, logged, MAIN, open, refusal, startOffice, values } from '../../driver/office.js';

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

const folder = (): string => mkdtempSync(join(tmpdir(), 'procedure-'));

describe('SetAutomaticReplies', () => {
  const settings = async (): Promise<unknown> => ((await (await fetch(`${sandbox.graphEndpoint}/users/${MAIN}/mailboxSettings`)).json()) as { automaticRepliesSetting: unknown }).automaticRepliesSetting;

  test('for a time, then off', async () => {
    const { rows } = await connection.query("EXEC SetAutomaticReplies Status = 'scheduled', InternalMessage = 'Away', ExternalMessage = 'Away, too', ExternalAudience = 'contactsOnly', StartTime = '2026-05-04', EndTime = '2026-05-11T08:00', TimeZone = 'Europe/Berlin'");
    expect(rows).toEqual([{ AutomaticRepliesStatus: 'scheduled', Status: 'Success' }]);
    expect(await settings()).toMatchObject({ status: 'scheduled', internalReplyMessage: 'Away', externalReplyMessage: 'Away, too', externalAudience: 'contactsOnly' });
    expect((await connection.query("EXEC SetAutomaticReplies 'disabled'")).rows).toEqual([{ AutomaticRepliesStatus: 'disabled', Status: 'Success' }]);
    expect(await settings()).toMatchObject({ status: 'disabled', internalReplyMessage: 'Away' });
  });

  test.each([
    ["Status = 'scheduled', StartTime = '2026-05-04'", 'needs the input EndTime'],
    ["Status = 'alwaysEnabled', StartTime = '2026-05-04'", 'StartTime of SetAutomaticReplies has no meaning'],
    ["Status = 'on'", 'one of disabled, alwaysEnabled, scheduled'],
  ])('%s is refused', async (inputs, message) => {
    expect((await refusal(connection.query(`EXEC SetAutomaticReplies ${inputs}`))).message).toContain(message);
  });
});

describe('CreateSchema', () => {
  test('writes a table that Location= reads', async () => {
    const location = folder();
    const { rows } = await connection.query("EXEC CreateSchema TableName = 'ClientMail', FolderId = FOLDER('/Inbox/Clients'), LocalFolder = ?, Description = 'Mail of clients.'", [location]);
    expect(rows).toEqual([{ TableName: 'ClientMail', Declaration: null, Path: join(location, 'ClientMail.json'), Status: 'Success' }]);
    await connection.query("EXEC CreateSchema TableName = 'SupplierContacts', FolderId = FOLDER('/Suppliers'), Source = 'Contacts', LocalFolder = ?", [location]);
    const [calendar] = (await values(connection, "SELECT id FROM Calendars WHERE name = 'Private'")) as string[];
    await connection.query("EXEC CreateSchema TableName = 'PrivateEvents', CalendarId = ?, Source = 'Events', LocalFolder = ?", [calendar!, location]);
    expect(readdirSync(location).sort()).toEqual(['ClientMail.json', 'PrivateEvents.json', 'SupplierContacts.json']);

    await using own = await open(sandbox, `Location=${location}`);
    expect(await values(own, 'SELECT count(*) FROM ClientMail')).toEqual([CLIENT_MESSAGES]);
    expect(await values(own, "SELECT subject FROM ClientMail WHERE subject = 'Client 3'")).toEqual(['Client 3']);
    expect(await values(own, 'SELECT displayName FROM SupplierContacts')).toEqual(['Sam Supplier']);
    expect(await values(own, 'SELECT subject FROM PrivateEvents')).toEqual(['Dentist']);
    expect(await values(own, "SELECT Description FROM sys_tables WHERE TableName = 'ClientMail'")).toEqual(['Mail of clients.']);
    // Another folder in WHERE does not lead the table there.
    const [inbox] = (await values(own, "SELECT id FROM MailFolders WHERE path = '/Inbox'")) as string[];
    expect(await values(own, 'SELECT count(*) FROM ClientMail WHERE parentFolderId = ?', [inbox!])).toEqual([0]);
  });

  test('gives the text without a folder; refuses names that are taken or none', async () => {
    const [row] = (await connection.query("EXEC CreateSchema 'Mine', 'inbox'")).rows;
    expect(JSON.parse(String(row!['Declaration']))).toMatchObject({ name: 'Mine', shape: { kind: 'collection', path: '/mailFolders/inbox/messages' } });
    expect((await refusal(connection.query("EXEC CreateSchema 'Messages', 'inbox'"))).message).toContain('is taken by the table Messages');
    expect((await refusal(connection.query("EXEC CreateSchema '../x', 'inbox'"))).message).toContain('letters, digits');
  });
});

test('FetchAdditionalUserFields', async () => {
  const { result, calls } = await logged(sandbox, () => connection.query('EXEC FetchAdditionalUserFields UserId = ?', [MAIN]));
  expect(result.rows).toHaveLength(1);
  expect(result.rows[0]).toMatchObject({ userPrincipalName: MAIN });
  expect(calls).toHaveLength(1);
});

describe('downloads', () => {
  test('attachments of a message and of an event, as bytes and as files', async () => {
    const [message] = (await values(connection, "SELECT id FROM Messages WHERE subject = 'Lunch 12'")) as string[];
    const { rows } = await connection.query("EXEC DownloadAttachments AttachmentSource = 'Message', SourceId = ?", [message!]);
    expect(rows.map(({ Name, ContentType, ContentBytes, Path }) => [Name, ContentType, Buffer.from(ContentBytes as Uint8Array).toString(), Path])).toEqual([['plan-12.txt', 'text/plain', 'x'.repeat(112), null]]);
    const [event] = (await values(connection, "SELECT id FROM Events WHERE subject = 'Board meeting'")) as string[];
    const into = folder();
    const [row] = (await connection.query("EXEC DownloadAttachments 'event', ?, LocalFolder = ?", [event!, into])).rows;
    expect(row).toMatchObject({ Name: 'agenda.txt', ContentBytes: null, Path: join(into, 'agenda.txt') });
    expect(readFileSync(join(into, 'agenda.txt'), 'utf8')).toBe('agenda');
    expect((await connection.query("EXEC DownloadAttachments 'Message', ?, AttachmentId = ?", [message!, String(rows[0]!['Id'])])).rows).toHaveLength(1);
  });

  test('names that mail brings along stay in the folder', async () => {
    const main = sandbox.writer.mailbox(MAIN)!;
    const names = ['../../evil.txt', '.profile', 'CON', 'a.txt', 'A.TXT', 'a.txt', '\u202Egnp.exe'];
    main.addMessage(main.mailFolder('/Inbox'), { entity: { subject: 'Hostile' }, receivedDateTime: new Date('2026-03-10T09:00:00Z'), sentDateTime: new Date('2026-03-10T09:00:00Z'), attachments: names.map((name) => ({ kind: 'file' as const, name, contentType: 'text/plain', isInline: false, content: Buffer.from(name) })) });
    const [message] = (await values(connection, "SELECT id FROM Messages WHERE subject = 'Hostile'")) as string[];
    const base = folder();
    const { rows } = await connection.query("EXEC DownloadAttachments 'Message', ?, LocalFolder = ?", [message!, join(base, 'in')]);
    expect(rows.map(({ Name }) => Name).sort()).toEqual([...names].sort());
    expect(readdirSync(base)).toEqual(['in']);
    const written = readdirSync(join(base, 'in')).sort();
    expect(written).toHaveLength(names.length);
    expect(written.every((name) => /^[^./\\\u202e]/.test(name))).toBe(true);
    for (const { Name, Path } of rows) expect(readFileSync(String(Path), 'utf8')).toBe(Name);
  });

  test('a file of OneDrive', async () => {
    const [file] = (await values(connection, "SELECT id FROM Files WHERE name = 'sales.csv'")) as string[];
    const [row] = (await connection.query('EXEC DownloadFile ?', [file!])).rows;
    expect([row!['Name'], row!['ContentType'], Buffer.from(row!['Content'] as Uint8Array).toString()]).toEqual(['sales.csv', 'text/csv', 'a,b\n1,2\n']);
    const into = folder();
    expect((await connection.query('EXEC DownloadFile ?, LocalFolder = ?', [file!, into])).rows[0]).toMatchObject({ Path: join(into, 'sales.csv'), Content: null });
  });
});

describe('CreateSubscription', () => {
  test('for a place in the mailbox; the address is checked by the service', async () => {
    const hook = await startHook();
    try {
      const sql = "EXEC CreateSubscription Resource = 'mailFolders(''inbox'')/messages', NotificationUrl = ?, ExpirationDateTime = '2026-03-11 12:00', ChangeType = 'created; deleted', ClientState = 'secret'";
      const { rows } = await connection.query(sql, [hook.url]);
      expect(rows).toEqual([{ Id: expect.any(String) as unknown, Resource: expect.stringMatching(/users\/main.*inbox.*messages$/) as unknown, ChangeType: 'created,deleted', ExpirationDateTime: '2026-03-11T12:00:00Z', Status: 'Success' }]);
      expect((await refusal(connection.query(sql, [`${hook.url.replace(/:\d+/, ':1')}`]))).message).toContain('notification endpoint could not be reached');
    } finally {
      await hook.close();
    }
  });

  test.each(['http://hooks.contoso.example/x', 'hooks', 'ftp://x.example'])('%s is no address for it', async (url) => {
    expect((await refusal(connection.query("EXEC CreateSubscription 'events', ?, '2026-03-11'", [url]))).message).toContain('NotificationUrl of CreateSubscription has to be an https address');
  });
});

describe('OneDrive', () => {
  test('a folder, a small and a large file in it, and back', async () => {
    const [made] = (await connection.query("EXEC CreateFolder FolderName = 'Offers #1', ParentPath = 'Reports/2026'")).rows;
    expect(made).toMatchObject({ Name: 'Offers #1', Status: 'Success' });
    expect((await refusal(connection.query("EXEC CreateFolder 'Offers #1', ParentPath = 'Reports/2026'"))).code).toBe('DUPLICATE');
    const path = join(folder(), 'small.txt');
    writeFileSync(path, 'small');
    const [small] = (await connection.query('EXEC UploadFile LocalFile = ?, ParentId = ?', [path, String(made!['Id'])])).rows;
    expect(small).toMatchObject({ Name: 'small.txt', Size: 5 });
    const bytes = randomBytes(9 * 1024 * 1024);
    const [large] = (await connection.query("EXEC UploadFile FileName = 'large.bin', Content = ?, ParentPath = 'Reports/2026/Offers #1', ConflictBehavior = 'replace'", [bytes])).rows;
    expect(large).toMatchObject({ Name: 'large.bin', Size: bytes.length });
    for (const [row, content] of [[small, Buffer.from('small')], [large, bytes]] as const) {
      const [got] = (await connection.query('EXEC DownloadFile ?', [String(row!['Id'])])).rows;
      expect(Buffer.compare(Buffer.from(got!['Content'] as Uint8Array), content)).toBe(0);
    }
    expect((await refusal(connection.query('EXEC DownloadFile ?', [String(made!['Id'])]))).message).toContain('names a folder');
  });

  test('a name that is taken fails, is replaced or gets a number', async () => {
    const put = async (content: string, behaviour: string): Promise<Record<string, unknown>> => (await connection.query("EXEC UploadFile FileName = 'twice.txt', Content = ?, ConflictBehavior = ?", [Buffer.from(content), behaviour])).rows[0]!;
    const first = await put('1', 'fail');
    expect((await refusal(put('2', 'fail'))).code).toBe('DUPLICATE');
    expect((await put('3', 'replace'))['Id']).toBe(first['Id']);
    expect((await put('4', 'rename'))['Name']).not.toBe('twice.txt');
  });
});

describe('AssignLicense', () => {
  const sku = '18181a46-0d4e-45cd-891e-60aabd171b4e';

  test('gives and takes away', async () => {
    await connection.query("UPDATE Users SET usageLocation = 'DE' WHERE userPrincipalName = ?", [BEN]);
    const [given] = (await connection.query('EXEC AssignLicense UserId = ?, AddLicenses = ?', [BEN, sku])).rows;
    expect(String(given!['AssignedLicenses'])).toContain(sku);
    const [taken] = (await connection.query('EXEC AssignLicense UserId = ?, RemoveLicenses = ?', [BEN, sku])).rows;
    expect(String(taken!['AssignedLicenses'])).not.toContain(sku);
  });

  test.each([["UserId = 'x'", 'needs the input AddLicenses or RemoveLicenses'], ["UserId = 'x', AddLicenses = 'E5'", 'no GUID'], [`UserId = 'x', RemoveLicenses = '${sku}', DisabledPlans = '${sku}'`, 'exactly one license']])('%s is refused', async (inputs, message) => {
    expect((await refusal(connection.query(`EXEC AssignLicense ${inputs}`))).message).toContain(message);
  });
});
