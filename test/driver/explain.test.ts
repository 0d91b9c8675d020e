import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { logged, MESSAGES, open, refusal, startOffice } from './office.js';

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

type Line = Record<string, unknown>;
const explain = async (sql: string, parameters: Parameters<Connection['query']>[1] = []): Promise<Line[]> => (await connection.query(`EXPLAIN ${sql}`, parameters)).rows;
const of = (lines: readonly Line[], operation: string): Line[] => lines.filter((line) => line['operation'] === operation);
const url = (line: Line | undefined): string => decodeURIComponent(String(line?.['detail']));

describe('EXPLAIN', () => {
  test('names the permissions that a statement needs', async () => {
    const needed = (lines: readonly Line[]): unknown[] => of(lines, 'permission').map(({ table, detail }) => [table, detail]);
    expect(needed(await explain('SELECT * FROM Messages m JOIN TodoTasks t ON t.title = m.subject'))).toEqual([['Messages m', 'Mail.Read'], ['TodoTasks t', 'Tasks.Read (delegated) or Tasks.Read.All (application)']]);
    expect(needed(await explain("UPDATE Contacts SET givenName = 'x' WHERE id = 'y'"))).toEqual([['Contacts', 'Contacts.Read'], ['Contacts', 'Contacts.ReadWrite']]);
    const [{ plan }] = await explain("(FORMAT JSON) SELECT subject FROM Messages") as [{ plan: string }];
    expect((JSON.parse(plan) as { scans: { permission: string }[] }).scans[0]!.permission).toBe('Mail.Read');
  });

  test('sends nothing, whatever the statement would', async () => {
    const { calls } = await logged(sandbox, async () => {
      for (const sql of [
        'SELECT * FROM Messages', "SELECT subject FROM Messages WHERE parentFolderId = FOLDER('/Inbox/Clients')", "SELECT 1 FROM Messages WHERE parentFolderId = 'inbox'", 'SELECT count(*) FROM Messages WHERE isRead = 0',
        'SELECT m.subject FROM MailFolders f JOIN Messages m ON m.parentFolderId = f.id', "SELECT 1 FROM Messages WHERE SEARCH('x')", "SELECT 1 FROM Messages WHERE id IN (SELECT messageId FROM MessageAttachments)", 'SELECT * FROM Users u JOIN Messages m ON m.userId = u.id',
        "SELECT * FROM Messages m JOIN ExtendedProperties p ON p.entity = 'Message' AND p.entityId = m.id AND p.id = 'String 0x007D'", 'SELECT * FROM sys_tables', 'SELECT 1',
      ]) expect((await explain(sql)).length).toBeGreaterThan(0);
    });
    expect(calls).toEqual([]);
  });

  test('shows the request with its columns, the conjuncts, order and limit', async () => {
    const lines = await explain('SELECT subject FROM Messages WHERE isRead = 0 ORDER BY receivedDateTime DESC LIMIT 25');
    const [request] = of(lines, 'request');
    expect(url(request)).toMatch(/^GET \/users\/[^?]+\/messages\?/);
    for (const part of ['$filter=isRead eq false', '$orderby=receivedDateTime desc', '$top=25', '$select=']) expect(url(request)).toContain(part);
    expect(request).toMatchObject({ pageSize: 25 });
    expect(String(request!['columns']).split(', ').sort()).toEqual(['isRead', 'receivedDateTime', 'subject']);
    expect(of(lines, 'conjunct')).toEqual([expect.objectContaining({ detail: 'isRead = 0', handled: 'exact', how: 'isRead eq false' })]);
    expect(of(lines, 'order')).toEqual([expect.objectContaining({ handled: 'honoured' })]);
    expect(of(lines, 'limit')).toEqual([expect.objectContaining({ detail: '25', handled: 'honoured' })]);
  });

  test.each<[string, string, string]>([
    ["subject = 'x'", 'inexact', 'lossy-equality'],
    ["subject LIKE '%x%'", 'none', 'word-index|not-filterable|operator-not-supported'],
    ["subject LIKE 'x%'", 'inexact', 'case-insensitive|partial'],
    ["upper(subject) = 'X'", 'none', 'function-of-column'],
    ["subject = 'x' COLLATE NOCASE", 'none', 'collation'],
    ["subject <> 'x'", 'none', 'negation|operator-not-supported|not-filterable'],
    ['subject = 5', 'none', 'storage-class'],
    ["subject = from_emailAddress_name", 'none', 'compares-columns'],
    ["isRead = 1 OR bodyPreview = 'x'", 'none', 'or-not-pushable|not-filterable'],
    ["bodyPreview = 'x'", 'none', 'not-filterable'],
    ["id IN (SELECT id FROM Contacts)", 'none|lookup', ''],
    ['random() > 0', 'none', 'not-deterministic|not-readable|not-constant'],
  ])('%s is handled %s because of %s, in words', async (condition, handled, reason) => {
    const lines = await explain(`SELECT subject FROM Messages WHERE ${condition}`);
    const line = of(lines, 'conjunct')[0] ?? of(lines, 'lookup')[0]!;
    if (reason !== '') {
      expect(line['reason']).toMatch(new RegExp(`^(${reason})$`));
      expect(String(line['explanation'])).toMatch(/\w+ \w+/);
    }
    expect(String(line['handled'] ?? line['operation'])).toMatch(new RegExp(`^(${handled})$`));
    expect(line['detail']).toBe(condition);
  });

  test('EXPLAIN as JSON, and through the library', async () => {
    const { rows } = await connection.query('EXPLAIN (FORMAT JSON) SELECT subject FROM Messages WHERE isRead = ? LIMIT 3', [true]);
    expect(rows).toHaveLength(1);
    const plan = JSON.parse(String(Object.values(rows[0]!)[0])) as Record<string, unknown>;
    expect(JSON.stringify(plan)).toContain('isRead eq true');
    const same = await connection.explain('SELECT subject FROM Messages WHERE isRead = ? LIMIT 3', [true]);
    expect(of(same.rows, 'request')).toHaveLength(1);
  });

  test('a statement without requests says so', async () => {
    for (const sql of ['SELECT subject FROM Messages WHERE 1 = 0', 'SELECT subject FROM Messages WHERE id = NULL', 'SELECT subject FROM Messages LIMIT 0', 'SELECT 1']) {
      const requests = of(await explain(sql), 'request').filter(({ detail }) => detail !== null);
      expect([sql, requests]).toEqual([sql, []]);
      const { calls } = await logged(sandbox, () => connection.query(sql));
      expect([sql, calls]).toEqual([sql, []]);
    }
  });

  test('is for what reads or writes a mailbox', async () => {
    const { calls } = await logged(sandbox, () => connection.query('EXPLAIN DELETE FROM Messages'));
    expect(calls).toEqual([]);
    expect((await refusal(connection.query('EXPLAIN DROP TABLE Messages'))).code).toMatch(/NOT_SUPPORTED|STATEMENT_REFUSED/);
    expect((await refusal(connection.query('EXPLAIN'))).code).toBe('SYNTAX');
    expect((await refusal(connection.query('EXPLAIN SELECT nonsense FROM Messages'))).position).toBe(15);
  });
});

describe('EXPLAIN ANALYZE', () => {
  test('runs, and adds requests, bytes, rows read and kept, retries, milliseconds', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query("EXPLAIN ANALYZE SELECT subject FROM Messages WHERE subject LIKE '%1%' AND isRead = 1"));
    expect(calls.length).toBeGreaterThan(0);
    const measured = result.rows.filter((row) => row['requests'] !== null);
    expect(measured).toHaveLength(1);
    expect(measured[0]).toMatchObject({ requests: calls.length, bytes: calls.reduce((sum, { bytes }) => sum + bytes, 0), rowsRead: calls.reduce((sum, { rows }) => sum + rows, 0), retries: 0 });
    expect(measured[0]!['rowsKept']).toBe(MESSAGES / 2);
    expect(measured[0]!['ms']).toBeGreaterThan(0);
  });

  test('measures each scan of a join, and shows the look-up that was made', async () => {
    const { rows } = await connection.query("EXPLAIN ANALYZE SELECT m.subject FROM MailFolders f JOIN Messages m ON m.parentFolderId = f.id WHERE f.displayName = '2026'");
    expect(rows.filter((row) => row['requests'] !== null).map(({ table }) => String(table).split(' ')[0]).sort()).toEqual(['MailFolders', 'Messages']);
    const json = await connection.query('EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM Messages');
    const text = String(Object.values(json.rows[0]!)[0]);
    expect(text).toContain('"requests": 1');
  });

  test('of a statement that fails gives its error', async () => {
    expect((await refusal(connection.query("EXPLAIN ANALYZE SELECT 1 FROM Messages WHERE userId = 'ghost@contoso.example'"))).code).toMatch(/NOT_FOUND|MAILBOX/);
  });
});
