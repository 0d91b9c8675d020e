/** What people bring from other databases, and typos: each is understood or answered with the form to use. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { logged, MESSAGES, open, refusal, startOffice, values } from './office.js';

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

describe('is refused with the form to use', () => {
  test.each<[sql: string, code: string, message: string, hint: string, at: string]>([
    ["SELECT FORMAT(receivedDateTime, 'yyyy-MM-dd') FROM Messages", 'UNKNOWN_FUNCTION', 'FORMAT', 'strftime', 'FORMAT'],
    ['SELECT log(10)', 'UNKNOWN_FUNCTION', 'log', 'log10', 'log'],
    ["SELECT givenName + ' ' + surname FROM Contacts", 'BAD_VALUE', '+', '||', 'givenName'],
    ['SELECT 1 FROM Contacts WHERE givenName + surname = ?', 'BAD_VALUE', '+', '||', 'givenName'],
    ["SELECT lower(subject) + 'x' FROM Messages ORDER BY 1", 'BAD_VALUE', '+', '||', 'lower'],
    ['SELECT subject FROM Messages WHERE receivedDateTime > GETDATE() - 7', 'BAD_VALUE', '-', 'DATEADD', 'GETDATE'],
    ['SELECT receivedDateTime + 1 FROM Messages', 'BAD_VALUE', '+', 'DATEADD', 'receivedDateTime'],
    ['SELECT receivedDateTime - sentDateTime FROM Messages', 'BAD_VALUE', '-', 'DATEDIFF', 'receivedDateTime'],
    ["SELECT 1 FROM Messages WHERE isRead = 'yes'", 'BAD_VALUE', 'isRead', 'TRUE', "'yes'"],
    ['SELECT 1 FROM Messages m CROSS APPLY (SELECT 1) x', 'NOT_SUPPORTED', 'CROSS APPLY', 'json_each', 'CROSS'],
    ['SELECT 1 FROM Messages m OUTER APPLY (SELECT 1) x', 'NOT_SUPPORTED', 'OUTER APPLY', 'LEFT JOIN', 'OUTER'],
    ["SELECT TRY_CAST('5' AS INT)", 'UNKNOWN_FUNCTION', 'TRY_CAST', 'CAST', 'TRY_CAST'],
    ["SELECT TRY_CONVERT(int, '5')", 'UNKNOWN_FUNCTION', 'TRY_CONVERT', 'CONVERT', 'TRY_CONVERT'],
    ['SELECT 1 FROM foo.Messages', 'UNKNOWN_TABLE', 'foo', 'Messages without foo', 'foo'],
    ['SELECT 1 FROM foo.MSGraph.Messages', 'UNKNOWN_TABLE', 'catalog foo', 'CData.MSGraph.Messages', 'foo'],
    ['SELECT 1 FROM CData.foo.Messages', 'UNKNOWN_TABLE', 'schema foo', 'CData.MSGraph.Messages', 'foo'],
    ['SELECT 1 FROM CData.EWS.Inbox', 'UNKNOWN_TABLE', 'schema EWS', "parentFolderId = 'inbox'", 'EWS'],
    ['GETDELETED FROM Messages', 'NOT_SUPPORTED', 'GETDELETED', 'EXEC GetChanges', 'GETDELETED'],
    ['SENDMAIL', 'SYNTAX', 'SENDMAIL', 'EXEC', 'SENDMAIL'],
    ["UPDATE MailboxSettings SET timeZone = 'UTC'", 'WRITE_LIMIT', 'every row', 'WHERE userId =', 'UPDATE'],
    ['SELECT 1 FROM srv.CData.MSGraph.Messages', 'UNKNOWN_TABLE', 'server srv', 'CData.MSGraph.Messages', 'srv'],
    ['SELECT * FROM Inbox', 'UNKNOWN_TABLE', 'Inbox', "parentFolderId = 'inbox'", 'Inbox'],
    ['SELECT * FROM SentItems', 'UNKNOWN_TABLE', 'SentItems', "parentFolderId = 'sentitems'", 'SentItems'],
    ['SELECT subject FORM Messages', 'SYNTAX', 'Messages', 'FROM', 'Messages'],
    ['SELECT * FORM Messages', 'SYNTAX', 'FORM', 'FROM', 'FORM'],
    ['SELECT subject FROM Messages WERE isRead = 0', 'SYNTAX', 'isRead', 'WHERE', 'isRead'],
    ['SELECT subject FROM Messages GROUPBY subject', 'SYNTAX', 'subject', 'GROUP BY', 'subject'],
    ['SELECT subject FROM Messages ORDER subject', 'SYNTAX', 'subject', 'ORDER BY', 'subject'],
    ['SELECT subject FROM Messages LIMT 5', 'SYNTAX', '5', 'LIMIT', '5'],
    ['SELECT subject FROM Messages WHERE isRead = 1 && isDraft = 0', 'SYNTAX', '&', 'AND', '& '],
    ['SHOW TABLES', 'SYNTAX', 'SHOW', 'sys_tables', 'SHOW'],
    ['DESCRIBE Messages', 'SYNTAX', 'DESCRIBE', 'sys_tablecolumns', 'DESCRIBE'],
    ['USE MSGraph', 'SYNTAX', 'USE', 'MSGraph', 'USE'],
    ['DECLARE @x int', 'SYNTAX', 'DECLARE', 'parameters', 'DECLARE'],
    ['SELECT @@VERSION', 'SYNTAX', '@', 'server variables', '@@'],
    ['SELECT receivedDateTime::date FROM Messages', 'SYNTAX', ':', 'CAST', '::'],
    ["SELECT 1 FROM Messages WHERE receivedDateTime > {ts '2026-01-01 00:00:00'}", 'SYNTAX', '{', 'without { }', '{'],
    ['SELECT subject FROM Messages OPTION (RECOMPILE)', 'SYNTAX', '(', 'OPTION', '('],
    ['SELECT * FROM Messages PIVOT (COUNT(id) FOR importance IN ([high])) p', 'SYNTAX', '(', 'FILTER', '('],
    ['SELECT subject FROM Messages FOR JSON AUTO', 'SYNTAX', 'JSON', 'json_group_array', 'JSON'],
    ['SELECT EXTRACT(year FROM receivedDateTime) FROM Messages', 'UNKNOWN_FUNCTION', 'EXTRACT', 'datepart', 'EXTRACT'],
    ['SELECT a.id FROM Messages a, Messages b WHERE a.id *= b.id', 'SYNTAX', '=', 'LEFT JOIN', '='],
    ['SELECT from FROM Messages', 'SYNTAX', 'from', '"from"', 'from'],
    ['SELCT 1', 'SYNTAX', 'SELCT', 'SELECT', 'SELCT'],
  ])('%s', async (sql, code, message, hint, at) => {
    const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(sql, sql.includes('?') ? ['x'] : [])));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(sql.slice(error.position!).startsWith(at) || sql.slice(error.position!).startsWith(at.toLowerCase())).toBe(true);
    expect(calls).toEqual([]);
  });
});

describe('is understood', () => {
  test.each<[sql: string, parameters: readonly (string | boolean)[], expected: number]>([
    ["SELECT count(*) FROM Messages WHERE isRead = 'true'", [], MESSAGES / 2],
    ["SELECT count(*) FROM Messages WHERE 'False' = isRead", [], MESSAGES / 2],
    ["SELECT count(*) FROM Messages WHERE isRead IN ('true', 'false')", [], MESSAGES],
    ["SELECT count(*) FROM Messages m WHERE m.isRead <> 'true'", [], MESSAGES / 2],
    ["SELECT count(*) FROM Messages WHERE receivedDateTime >= DATE '2020-01-01' AND receivedDateTime < TIMESTAMP '2030-01-01 00:00:00'", [], MESSAGES],
    ["SELECT count(*) FROM Messages WHERE isRead = '1'", [], MESSAGES / 2],
    ["SELECT sum(CASE isRead WHEN 'true' THEN 1 ELSE 0 END) FROM Messages", [], MESSAGES / 2],
    ['SELECT count(*) FROM Messages WHERE isRead = ?', ['true'], MESSAGES / 2],
    ['SELECT count(*) FROM Messages WHERE isRead = ?', [true], MESSAGES / 2],
    ['SELECT count(*) FROM Messages WITH (NOLOCK)', [], MESSAGES],
    ['SELECT count(*) FROM [CData].[MSGraph].[Messages] AS m WITH (NOLOCK, READPAST) WHERE m.isRead = 1', [], MESSAGES / 2],
    ['SELECT count(*) FROM Messages (NOLOCK)', [], MESSAGES],
    ["SELECT strftime('%Y', '2026-03-01') + 1", [], 2027],
    ["SELECT 1 + '1'", [], 2],
  ])('%s %j', async (sql, parameters, expected) => {
    expect(await values(connection, sql, [...parameters])).toEqual([expected]);
  });

  test("isRead = 'true' goes down", async () => {
    const { calls } = await logged(sandbox, () => connection.query("SELECT subject FROM Messages WHERE isRead = 'true'"));
    expect(decodeURIComponent(calls[0]!.url)).toContain('isRead eq true');
  });
});
