/** Writing statements from the text to the sandbox's store and back. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, logged, ODD_SUBJECTS, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startOffice();
});
beforeEach(async () => {
  await (connection as Connection | undefined)?.close();
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

const count = async (where: string): Promise<unknown> => (await values(connection, `SELECT count(*) FROM Messages WHERE ${where}`))[0];

describe('messages', () => {
  test('INSERT, UPDATE, DELETE by the id that RETURNING gave', async () => {
    const made = await connection.query("INSERT INTO Messages (subject, body_content, toRecipients, importance) VALUES ('Plan', 'Hello', 'ann@fabrikam.example; bo@fabrikam.example', 'high') RETURNING id, changeKey, subject, isDraft, importance");
    expect(made.rows).toMatchObject([{ subject: 'Plan', isDraft: true, importance: 'high' }]);
    const { id, changeKey } = made.rows[0] as { id: string; changeKey: string };
    expect(made.outcomes).toEqual([{ row: 0, status: 'done', id, changeKey }]);
    expect(await values(connection, 'SELECT SCOPE_IDENTITY()')).toEqual([id]);
    const changed = await connection.query("UPDATE Messages SET subject = subject || '!' WHERE id = ? AND changeKey = ? RETURNING subject, changeKey", [id, changeKey]);
    expect(changed.rows[0]).toMatchObject({ subject: 'Plan!' });
    expect(changed.rows[0]!['changeKey']).not.toBe(changeKey);
    // Whoever names a version has read the row, and must hear that it has changed since.
    for (const sql of ['DELETE FROM Messages WHERE id = ? AND changeKey = ?', "UPDATE Messages SET importance = 'low' WHERE id = ? AND changeKey = ? RETURNING id"]) {
      expect(await refusal(connection.query(sql, [id, changeKey]))).toMatchObject({ code: 'CONFLICT', sqlState: '40001', hint: 'Read it again and decide.' });
    }
    expect((await connection.query("DELETE FROM Messages WHERE id = ? AND changeKey = ? AND subject = 'other'", [id, String(changed.rows[0]!['changeKey'])])).affectedRows).toBe(0);
    expect((await connection.query('DELETE FROM Messages WHERE id = ? AND changeKey = ?', ['gone', changeKey])).affectedRows).toBe(0);
    expect((await connection.query('DELETE FROM Messages WHERE id = ?', [id])).affectedRows).toBe(1);
    expect(await values(connection, "SELECT subject FROM Messages WHERE parentFolderId = 'deleteditems'")).toContain('Plan!');
  });

  test('a batch of rows with their versions: one that has changed since is a conflict, the others are written', async () => {
    const made = await connection.query("INSERT INTO Messages (subject) VALUES ('Batch 1'), ('Batch 2') RETURNING id, changeKey");
    const [first, second] = made.rows as { id: string; changeKey: string }[];
    await connection.query("UPDATE Messages SET importance = 'high' WHERE id = ?", [first!.id]);
    for (const { id, changeKey } of [first!, second!]) await connection.query("INSERT INTO Versions#TEMP (Id, ChangeKey, Importance) VALUES (?, ?, 'low')", [id, changeKey]);
    const { affectedRows, outcomes } = await connection.query('UPDATE Messages (Id, ChangeKey, Importance) SELECT Id, ChangeKey, Importance FROM Versions#TEMP', [], { onRowError: 'continue' });
    expect(affectedRows).toBe(1);
    expect(outcomes).toMatchObject([{ status: 'failed', code: 'CONFLICT', sqlState: '40001' }, { status: 'done', id: second!.id }]);
    expect(await values(connection, "SELECT importance FROM Messages WHERE subject LIKE 'Batch _' ORDER BY subject")).toEqual(['high', 'low']);
    await connection.query("DELETE FROM Messages WHERE subject LIKE 'Batch _'");
  });

  test('by RowKey', async () => {
    const [key] = await values(connection, "SELECT RowKey FROM Messages WHERE subject = 'Lunch 20'");
    expect((await connection.query('UPDATE Messages SET isRead = NOT isRead WHERE RowKey = ? RETURNING RowKey', [key as string])).rows).toEqual([{ RowKey: key }]);
    expect((await connection.query('UPSERT INTO Messages (RowKey, categories) VALUES (?, \'["Red"]\')', [key as string])).affectedRows).toBe(1);
    expect(await values(connection, "SELECT categories FROM Messages WHERE subject = 'Lunch 20'")).toEqual(['["Red"]']);
  });

  test('hostile texts arrive as they are', async () => {
    for (const text of ODD_SUBJECTS) {
      await connection.query('INSERT INTO Messages (subject, body_content) VALUES (?, ?)', [text, text]);
      await connection.query(`UPDATE Messages SET categories = json_array('${text.replaceAll("'", "''")}') WHERE isDraft = 1 AND subject = '${text.replaceAll("'", "''")}'`);
      expect(await values(connection, 'SELECT categories FROM Messages WHERE subject = ? AND isDraft = 1', [text])).toEqual([JSON.stringify([text])]);
    }
    expect((await connection.query('DELETE FROM Messages WHERE isDraft = 1')).affectedRows).toBeGreaterThanOrEqual(ODD_SUBJECTS.length);
  });

  test('rows of another mailbox are copied as drafts', async () => {
    const { affectedRows } = await connection.query(`INSERT INTO Messages (subject, body_contentType, body_content, parentFolderId) SELECT 'Copy of ' || subject, body_contentType, body_content, FOLDER('/Inbox/Clients') FROM Messages WHERE userId = '${BEN}'`);
    expect(await count("subject LIKE 'Copy of %' AND parentFolderId = FOLDER('/Inbox/Clients')")).toBe(affectedRows);
    const moved = await connection.query("UPDATE Messages SET parentFolderId = 'archive' WHERE subject LIKE 'Copy of %' RETURNING id, parentFolderId");
    expect(moved.rows).toHaveLength(affectedRows!);
    expect(await count("subject LIKE 'Copy of %' AND parentFolderId = 'archive'")).toBe(affectedRows);
    // Ids as RETURNING gives them find the rows where they are now.
    await connection.query('CREATE TEMP TABLE moved(id TEXT)');
    for (const { id } of moved.rows) await connection.query('INSERT INTO moved VALUES (?)', [id as string]);
    expect((await connection.query("DELETE FROM Messages WHERE id IN (SELECT id FROM moved) AND DeleteMode = 'HardDelete'")).affectedRows).toBe(affectedRows);
    expect(await count("subject LIKE 'Copy of %'")).toBe(0);
  });

  test('a hundred rows go in a few calls', async () => {
    await connection.query('CREATE TEMP TABLE many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n');
    const { result, calls } = await logged(sandbox, () => connection.query("INSERT INTO Messages (subject) SELECT 'Bulk ' || i FROM many RETURNING subject"));
    expect(result.rows.map(({ subject }) => subject)).toEqual(Array.from({ length: 100 }, (_, i) => `Bulk ${String(i + 1)}`));
    expect(calls.length).toBeLessThanOrEqual(6);
    expect((await connection.query("DELETE FROM Messages WHERE subject LIKE 'Bulk %'")).affectedRows).toBe(100);
  });

  test('what cannot be written is refused before any request', async () => {
    for (const [sql, code] of [
      ["INSERT INTO Messages (receivedDateTime) VALUES ('2026-01-01')", 'NOT_WRITABLE'],
      ["INSERT INTO Messages (importance) VALUES ('urgent')", 'BAD_VALUE'],
      ["INSERT INTO Messages (isRead) VALUES ('perhaps')", 'BAD_VALUE'],
      ["INSERT INTO Categories (color) VALUES ('preset1')", 'MISSING_COLUMN'],
      ["UPDATE Organization SET displayName = 'x'", 'NOT_WRITABLE'],
    ] as const) {
      const { result, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
      expect([sql, result.code]).toEqual([sql, code]);
      expect(calls).toEqual([]);
    }
  });
});

describe('other tables', () => {
  test('categories: a natural key', async () => {
    await connection.query("INSERT INTO Categories (displayName, color) VALUES ('Green', 'preset4'), ('Red', 'preset1') ON CONFLICT (displayName) DO UPDATE SET color = excluded.color");
    expect((await connection.query("SELECT displayName, color FROM Categories WHERE displayName IN ('Red', 'Green') ORDER BY 1")).rows).toEqual([{ displayName: 'Green', color: 'preset4' }, { displayName: 'Red', color: 'preset1' }]);
    expect((await connection.query("INSERT INTO Categories (displayName) VALUES ('Green') ON CONFLICT DO NOTHING")).affectedRows).toBe(0);
    expect((await refusal(connection.query("INSERT INTO Categories (displayName) VALUES ('Green')"))).code).toBe('DUPLICATE');
  });

  test('contacts', async () => {
    await connection.query("INSERT INTO Contacts (givenName, surname, displayName) VALUES ('Ada', 'Ash', 'Ada Ash')");
    await connection.query("UPDATE Contacts SET companyName = 'Contoso' WHERE displayName = 'Ada Ash'");
    expect((await connection.query("SELECT displayName, companyName FROM Contacts WHERE surname = 'Ash'")).rows).toEqual([{ displayName: 'Ada Ash', companyName: 'Contoso' }]);
  });

  test('events: local times in a zone', async () => {
    const { rows } = await connection.query("INSERT INTO Events (subject, start_dateTime, start_timeZone, end_dateTime, end_timeZone) VALUES ('Sprint', '2026-05-01 09:00', 'Europe/Berlin', '2026-05-01 10:00', 'Europe/Berlin') RETURNING start_dateTime");
    expect(rows).toEqual([{ start_dateTime: '2026-05-01T07:00:00Z' }]);
  });
});

describe('keys of several columns', () => {
  test('extended properties: made, changed, left alone', async () => {
    const [id] = (await values(connection, "SELECT id FROM Messages WHERE subject = 'Lunch 20'")) as [string];
    const name = 'String {11111111-2222-3333-4444-555555555555} Name Project';
    const put = (action: string, value: string): Promise<{ affectedRows?: number }> => connection.query(`INSERT INTO ExtendedProperties (entity, entityId, id, value) VALUES ('Message', ?, ?, ?) ON CONFLICT (entity, entityId, id) ${action}`, [id, name, value]);
    const value = (): Promise<unknown[]> => values(connection, "SELECT value FROM ExtendedProperties WHERE entity = 'Message' AND entityId = ? AND id = ?", [id, name]);
    expect([(await put('DO NOTHING', 'one')).affectedRows, await value()]).toEqual([1, ['one']]);
    expect([(await put('DO NOTHING', 'two')).affectedRows, await value()]).toEqual([0, ['one']]);
    expect([(await put("DO UPDATE SET value = value || '+' || excluded.value", 'two')).affectedRows, await value()]).toEqual([1, ['one+two']]);
  });

  test('members of a group; those that are there are left alone', async () => {
    const members = (): Promise<unknown[]> => values(connection, "SELECT displayName FROM GroupMembers WHERE groupId = (SELECT id FROM Groups WHERE displayName = 'Readers')");
    await connection.query("INSERT INTO Groups (displayName, mailNickname, mailEnabled, securityEnabled) VALUES ('Readers', 'readers', 0, 1)");
    const add = (who: string): string => `INSERT INTO GroupMembers (groupId, id) SELECT g.id, u.id FROM Groups g, Users u WHERE g.displayName = 'Readers' AND u.displayName ${who} ON CONFLICT DO NOTHING`;
    expect((await connection.query(add("LIKE 'Ben%'"))).affectedRows).toBe(1);
    expect((await connection.query(add("LIKE 'Ben%' OR g.displayName = 'Readers' AND u.displayName LIKE 'Gus%'"))).affectedRows).toBe(1);
    expect((await members()).sort()).toEqual(['Ben Okafor', 'Gus Ghost']);
  });

  test('a mailbox has one row of settings', async () => {
    expect((await connection.query("UPSERT INTO MailboxSettings (userId, timeZone) SELECT userId, 'UTC' FROM MailboxSettings RETURNING timeZone")).rows).toEqual([{ timeZone: 'UTC' }]);
    expect(await refusal(connection.query("INSERT INTO MailboxSettings (timeZone) VALUES ('UTC')"))).toMatchObject({ code: 'NOT_WRITABLE' });
  });

  test('folders, made below others and found by their path', async () => {
    const { rows } = await connection.query("INSERT INTO MailFolders (displayName, parentFolderId) VALUES ('Projects', 'inbox'), ('Top', DEFAULT) RETURNING displayName");
    expect(rows).toEqual([{ displayName: 'Projects' }, { displayName: 'Top' }]);
    expect(await values(connection, "SELECT path FROM MailFolders WHERE displayName IN ('Projects', 'Top') ORDER BY path")).toEqual(['/Inbox/Projects', '/Top']);
    await connection.query("UPDATE MailFolders SET displayName = 'Vorhaben' WHERE path = '/Inbox/Projects'");
    expect((await connection.query("DELETE FROM MailFolders WHERE displayName IN ('Vorhaben', 'Top')")).affectedRows).toBe(2);
  });

  test('EXPLAIN of an UPSERT that could not insert shows the update', async () => {
    const { rows } = await connection.query("EXPLAIN UPSERT INTO Events (id, subject) VALUES ('x', 'y')");
    expect(JSON.stringify(rows)).toContain('PATCH');
  });
});

describe('rows that fail', () => {
  const insert = (folder: string): string => `INSERT INTO Messages (subject, parentFolderId) VALUES ('first', 'drafts'), ('second', '${folder}'), ('third', 'drafts') RETURNING subject`;

  test('stop: the report is what the store says', async () => {
    const error = await refusal(connection.query(insert('no-such-folder')));
    expect(error.code).toBe('SERVICE');
    const done = error.outcomes!.filter(({ status }) => status === 'done');
    expect(error.outcomes![1]).toMatchObject({ row: 1, status: 'failed', code: 'SERVICE' });
    expect(await count("subject IN ('first', 'second', 'third')")).toBe(done.length);
    expect(await values(connection, 'SELECT Status FROM LastResultInfo#TEMP ORDER BY Ordinal')).toEqual(error.outcomes!.map(({ status }) => status));
    await connection.query("DELETE FROM Messages WHERE subject IN ('first', 'third') AND DeleteMode = 'HardDelete'");
  });

  test('continue: the others are written', async () => {
    await using tolerant = await open(sandbox, 'OnRowError=continue');
    const { rows, affectedRows, warnings } = await tolerant.query(insert('no-such-folder'));
    expect([rows, affectedRows]).toEqual([[{ subject: 'first' }, { subject: 'third' }], 2]);
    expect(warnings).toMatchObject([{ code: 'SERVICE' }]);
    expect(await count("subject IN ('first', 'second', 'third')")).toBe(2);
  });
});
