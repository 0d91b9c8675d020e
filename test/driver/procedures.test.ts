/** Calls as a user writes them: through query, stream, prepare and EXPLAIN, against the sandbox. */
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, logged, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;
let id: string;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
  id = String((await values(connection, "SELECT id FROM Messages WHERE parentFolderId = 'inbox' AND subject = 'Grüße aus Köln 🎉' LIMIT 1"))[0]);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

describe('a message that cannot be sent', () => {
  test('because it was sent, or is none, is not said to be left in Drafts', async () => {
    for (const [sql, hint] of [
      ['EXEC SendMail Id = ?', /ForwardMail/],
      ["EXEC SendMail Id = ?, Subject = 'x'", /ForwardMail/],
      ['EXEC SendItem Id = ?', /ForwardMail/],
    ] as const) {
      const error = await refusal(connection.query(sql, [id]));
      expect(error.message).toMatch(/not draft/);
      expect(error.message).not.toMatch(/in Drafts/);
      expect(error.hint).toMatch(hint);
    }
    const none = await refusal(connection.query("EXEC SendMail Id = 'garbage'"));
    expect(none.message).not.toMatch(/in Drafts/);
    expect(none.hint).toMatch(/copied whole/);
    expect((await refusal(connection.query("UPDATE Messages SET parentFolderId = 'archiv' WHERE id = ?", [id]))).hint).toMatch(/well-known name/);
  });
});

describe('ways to call', () => {
  test.each<[string, string, Parameters<Connection['query']>[1]]>([
    ['named', "EXEC TranslateIds Ids = ?, SourceType = 'restImmutableEntryId', TargetType = 'restId'", ['$id']],
    ['named with @', 'EXECUTE TranslateIds @Ids = @ids, @SourceType = @from, @TargetType = @to', { ids: '$id', from: 'restImmutableEntryId', to: 'restId' }],
    ['by position', "EXEC MSGraph.TranslateIds ?, 'RESTIMMUTABLEENTRYID', 'restId'", ['$id']],
    ['CALL', "CALL TranslateIds(?, 'restImmutable' || 'EntryId', lower('REST') || 'Id')", ['$id']],
    ['CALL with names', "CALL [TranslateIds](ids => ?, inputids => ?)", ['$id', null]],
    ['ODBC and JDBC', "{call TranslateIds(?, ?, ?)}", ['$id', 'restImmutableEntryId', 'restId']],
    ['with a return code', "{? = call TranslateIds(?, ?, ?)}", ['$id', 'restImmutableEntryId', 'restId']],
  ])('%s', async (name, sql, parameters) => {
    const fill = (value: unknown): unknown => (value === '$id' ? id : value);
    const given = (Array.isArray(parameters) ? parameters.map(fill) : Object.fromEntries(Object.entries(parameters!).map(([key, value]) => [key, fill(value)]))) as Parameters<Connection['query']>[1];
    if (name === 'CALL with names') {
      expect((await refusal(connection.query(sql, given))).message).toContain('Ids of TranslateIds is given twice');
      return;
    }
    const { rows, columns } = await connection.query(sql, given);
    expect(columns.map((column) => [column.name, column.type])).toEqual([['SourceId', 'text'], ['TargetId', 'text'], ['Error', 'text']]);
    expect(rows).toHaveLength(1);
    expect(rows[0]!['SourceId']).toBe(id);
    expect(rows[0]!['TargetId']).not.toBe(id);
  });

  test('stream and prepare; columns are known before anything is sent', async () => {
    const { result: prepared, calls } = await logged(sandbox, () => Promise.resolve(connection.prepare("EXEC TranslateIds Ids = ?, SourceType = 'restImmutableEntryId', TargetType = 'restId'")));
    expect(calls).toEqual([]);
    expect(prepared.columns.map(({ name, description }) => [name, description])).toContainEqual(['SourceId', 'Id as given.']);
    const rows: unknown[] = [];
    for await (const row of prepared.stream([id], { rowMode: 'array' })) rows.push(row);
    expect(rows).toHaveLength(1);
  });

  test('in another mailbox', async () => {
    const own = String((await values(connection, 'SELECT id FROM Messages WHERE userId = ? LIMIT 1', [BEN]))[0]);
    const { calls } = await logged(sandbox, () => connection.query('EXEC DownloadEmail MessageId = ?, UserId = ?', [own, BEN]));
    expect(calls.map(({ url }) => url.split('/').slice(0, 3).join('/'))).toEqual([`/users/${encodeURIComponent(BEN)}`, `/users/${encodeURIComponent(BEN)}`]);
  });

  test('MaxRows limits the rows that are handed out', async () => {
    const ids = (await values(connection, "SELECT id FROM Messages WHERE parentFolderId = 'inbox' LIMIT 5")).join('; ');
    const sql = "EXEC TranslateIds Ids = ?, SourceType = 'restImmutableEntryId', TargetType = 'restId'";
    expect((await connection.query(sql, [ids])).rows).toHaveLength(5);
    expect((await connection.query(sql, [ids], { maxRows: 2 })).rows).toHaveLength(2);
  });
});

describe('EXPLAIN', () => {
  test('shows the requests and sends none', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query("EXPLAIN EXEC MoveMail MessageId = 'A/B', DestinationId = FOLDER('/Inbox/Clients')"));
    expect(calls).toEqual([]);
    expect(result.rows.map(({ operation, table, detail, explanation }) => [operation, table, detail, explanation])).toEqual([
      ['statement', null, null, 'the procedure changes the mailbox or the directory'],
      ['request', 'MoveMail', 'POST /users/main%40contoso.example/messages/A%2FB/move', null],
    ]);
    const json = JSON.parse(String((await connection.query("EXPLAIN (FORMAT JSON) CALL MoveMail('A', 'archive')")).rows[0]!['plan'])) as unknown;
    expect(json).toMatchObject({ procedure: 'MoveMail', kind: 'write', requests: [{ method: 'POST', url: '/users/main%40contoso.example/messages/A/move' }], mails: [] });
  });

  test('ANALYZE is refused: it would run', async () => {
    expect(await refusal(connection.query("EXPLAIN ANALYZE EXEC MoveMail 'A', 'archive'"))).toMatchObject({ code: 'NOT_SUPPORTED' });
  });
});

describe('refusals, before anything is sent', () => {
  test.each<[string, string, string, string]>([
    ["EXEC MovMail 'x'", 'UNKNOWN_FUNCTION', 'there is no procedure MovMail', 'Did you mean MoveMail?'],
    ["EXEC MoveMail Id = 'x', DestinationID = 'archive', Destination = 'y'", 'BAD_PARAMETER', 'MoveMail has no input Destination', 'It takes MessageId (required)'],
    ["EXEC MoveMail MessageId = 'x'", 'BAD_PARAMETER', 'MoveMail needs the input DestinationId', 'It takes'],
    ["EXEC MoveMail MessageId = '', DestinationId = 'archive'", 'BAD_PARAMETER', 'needs the input MessageId', 'not empty'],
    ["EXEC TranslateIds 'x', 'rest'", 'BAD_VALUE', 'needs one of restId, restImmutableEntryId', 'Did you mean'],
    ["EXEC MoveMail MessageId = abc, DestinationId = 'x'", 'SYNTAX', 'MessageId is no constant expression', "MessageId = 'abc'"],
    ["EXEC MoveMail MessageId = (SELECT id FROM Messages), DestinationId = 'x'", 'SYNTAX', 'no constant expression', 'as a parameter'],
    ["EXEC MoveMail MessageId = FOLDER('/Inbox'), DestinationId = 'x'", 'BAD_VALUE', 'MessageId takes no folder', 'FOLDER()'],
    ["EXEC MoveMail MessageId = ?, DestinationId = 'x'", 'BAD_PARAMETER', 'one parameter, but 0 values', 'one value'],
  ])('%s', async (sql, code, message, hint) => {
    const { result, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
    expect(calls).toEqual([]);
    expect([result.code, result.message, result.hint]).toEqual([code, expect.stringContaining(message), expect.stringContaining(hint)]);
  });

  test('names are checked by prepare, too', () => {
    expect(() => connection.prepare("EXEC MoveMail Foo = 'x'")).toThrow('MoveMail has no input Foo');
    expect(() => connection.prepare('EXEC Nothing')).toThrow('there is no procedure Nothing');
  });

  test('a folder that is not there', async () => {
    expect(await refusal(connection.query("EXEC MoveMail MessageId = 'x', DestinationId = FOLDER('/Inbox/Nowhere')"))).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining("'/Inbox/Nowhere'") as unknown });
  });
});

describe('files', () => {
  const sql = 'EXEC DownloadEmail MessageId = ?, LocalFolder = ?';

  test('bytes as a column, or a new file in the folder', async () => {
    const [row] = (await connection.query('EXEC DownloadEmail ?', [id])).rows;
    expect(Buffer.from(row!['Content'] as Uint8Array).toString('utf8')).toMatch(/^Subject: =\?utf-8\?B\?/m);
    expect(row).toMatchObject({ Path: null, Status: 'Success' });
    const folder = mkdtempSync(join(tmpdir(), 'mail-'));
    for (const name of ['Grüße aus Köln 🎉.eml', 'Grüße aus Köln 🎉 (2).eml']) expect((await connection.query(sql, [id, folder])).rows[0]).toMatchObject({ Path: join(folder, name), Content: null });
    expect(readFileSync(join(folder, 'Grüße aus Köln 🎉.eml'))).toEqual(Buffer.from(row!['Content'] as Uint8Array));
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('a session for others has no files, or those of one folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mail-'));
    await using off = await connect(sandbox.connectionString, { fileAccess: 'off' });
    const { result, calls } = await logged(sandbox, () => refusal(off.query(sql, [id, folder])));
    expect([result.code, calls.length, readdirSync(folder).length]).toEqual(['STATEMENT_REFUSED', 0, 0]);
    expect((await off.query('EXEC DownloadEmail ?', [id])).rows).toHaveLength(1);
    await using confined = await connect(sandbox.connectionString, { fileAccess: { folder } });
    expect((await refusal(confined.query(sql, [id, '..']))).code).toBe('STATEMENT_REFUSED');
    expect((await confined.query(sql, [id, '.'])).rows[0]!['Path']).toBe(join(folder, 'Grüße aus Köln 🎉.eml'));
  });
});

describe('LocalFile of an INSERT', () => {
  test('goes by the same rules', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'insert-'));
    writeFileSync(join(folder, 'note.txt'), 'a note');
    const draft = String((await connection.query("INSERT INTO Messages (subject) VALUES ('With a file') RETURNING id")).rows[0]!['id']);
    const sql = 'INSERT INTO MessageAttachments (messageId, name, LocalFile) VALUES (?, ?, ?)';
    await connection.query(sql, [draft, 'note.txt', join(folder, 'note.txt')]);
    expect((await connection.query("EXEC DownloadAttachments 'Message', ?", [draft])).rows.map(({ ContentBytes }) => Buffer.from(ContentBytes as Uint8Array).toString())).toEqual(['a note']);
    await using off = await connect(sandbox.connectionString, { fileAccess: 'off' });
    expect((await refusal(off.query(sql, [draft, 'x', join(folder, 'note.txt')]))).code).toBe('STATEMENT_REFUSED');
    await using confined = await connect(sandbox.connectionString, { fileAccess: { folder } });
    expect((await refusal(confined.query(sql, [draft, 'x', '/etc/hostname']))).message).toMatch(/leads out of the folder/);
    await confined.query(sql, [draft, 'again.txt', 'note.txt']);
  });
});

describe('safety', () => {
  test('a connection that only reads runs what reads, and explains the rest', async () => {
    await using own = await open(sandbox, 'Readonly=true');
    const { result, calls } = await logged(sandbox, async () => [(await refusal(own.query("EXEC MoveMail 'x', 'archive'"))).code, (await refusal(own.query("EXEC SendItem 'x'"))).sqlState]);
    expect([result, calls]).toEqual([['READ_ONLY', '25006'], []]);
    expect((await own.query("EXPLAIN EXEC SendItem 'x'")).rows).toHaveLength(2);
    expect((await own.query('EXEC DownloadEmail ?', [id])).rows).toHaveLength(1);
  });

  test('a dry run shows the requests and who would get mail, and sends nothing', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query("EXEC SendMail ToRecipients = 'Ada <ada@contoso.example>', CCRecipients = 'bo@contoso.example', Subject = 'x'", [], { dryRun: true }));
    expect(calls).toEqual([]);
    expect(result.rows.map(({ operation, detail }) => [operation, detail])).toEqual([['statement', null], ['request', 'POST /users/main%40contoso.example/sendMail'], ['mail', 'ada@contoso.example'], ['mail', 'bo@contoso.example']]);
    expect(result.warnings.map(({ code }) => code)).toEqual(['DRY_RUN']);
  });

  test('a procedure that changes something cannot wait for COMMIT', async () => {
    await using own = await open(sandbox);
    await own.query('BEGIN');
    expect((await refusal(own.query("EXEC MoveMail 'x', 'archive'"))).code).toBe('TRANSACTION');
    expect((await own.query('EXEC DownloadEmail ?', [id])).rows).toHaveLength(1);
    await own.query('ROLLBACK');
  });
});
