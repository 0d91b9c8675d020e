import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, INBOX_MESSAGES, listed, logged, MESSAGES, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeEach(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterEach(async () => {
  await connection.close();
  await sandbox.close();
});

const subjects = async (folder: string): Promise<unknown[]> => (await listed(sandbox, `/me/mailFolders/${folder}/messages?$select=subject&$top=1000`)).map(({ subject }) => subject);
const writes = (calls: readonly { readonly method: string; readonly url: string }[], parts: readonly { readonly method: string }[]): number =>
  [...calls.filter(({ url }) => url !== '/$batch'), ...parts].filter(({ method }) => method !== 'GET').length;

describe('what is refused before the first write', () => {
  test('everything, where the connection only reads', async () => {
    await using reader = await open(sandbox, 'Readonly=true');
    const { calls, parts } = await logged(sandbox, async () => {
      for (const sql of ["INSERT INTO Messages (subject) VALUES ('x')", "UPDATE Messages SET isRead = TRUE WHERE id = 'x'", "DELETE FROM Messages WHERE id = 'x'", "UPSERT INTO Categories (displayName) VALUES ('x')"]) {
        expect(await refusal(reader.query(sql))).toMatchObject({ code: 'READ_ONLY', sqlState: '25006', position: 0 });
      }
      expect(await refusal(reader.query("EXEC MoveMail MessageId = 'x', DestinationId = 'archive'"))).toMatchObject({ code: 'READ_ONLY' });
    });
    expect(writes(calls, parts)).toBe(0);
    expect(await values(reader, 'SELECT count(*) FROM Messages')).toEqual([BigInt(MESSAGES)].map(Number));
    // Temporary tables are nobody's mailbox.
    await reader.query('CREATE TEMP TABLE t AS SELECT subject FROM Messages LIMIT 2');
    expect((await reader.query('DELETE FROM t')).affectedRows).toBe(2);
  });

  test('a whole table, unless that is meant', async () => {
    const error = await refusal(connection.query('UPDATE Categories SET color = \'preset1\''));
    expect(error).toMatchObject({ code: 'WRITE_LIMIT', sqlState: '54000', position: 0 });
    expect(error.hint).toContain('AllowFullTable');
    expect(await refusal(connection.query('DELETE FROM Messages LIMIT 1'))).toMatchObject({ code: 'WRITE_LIMIT' });
    expect((await connection.query("UPDATE Categories SET color = 'preset1'", [], { allowFullTable: true })).affectedRows).toBe(1);
    await using free = await open(sandbox, 'AllowFullTable=true');
    expect((await free.query("UPDATE Categories SET color = 'preset2'")).affectedRows).toBe(1);
  });

  test('more rows than allowed, WHERE 1=1 included, reading no further than needed', async () => {
    await using careful = await open(sandbox, 'MaxAffectedRows=50');
    const { calls, parts } = await logged(sandbox, async () => {
      const error = await refusal(careful.query('DELETE FROM Messages WHERE 1 = 1'));
      expect(error).toMatchObject({ code: 'WRITE_LIMIT', sqlState: '54000' });
      expect(error.message).toMatch(/more than 50 rows/);
      expect(error.outcomes).toBeUndefined();
      expect(await refusal(careful.query(`INSERT INTO Messages (subject) SELECT subject FROM Messages`))).toMatchObject({ code: 'WRITE_LIMIT' });
    });
    expect(writes(calls, parts)).toBe(0);
    expect(await values(connection, 'SELECT count(*) FROM Messages')).toEqual([MESSAGES]);
    expect((await careful.query("DELETE FROM Messages WHERE parentFolderId = 'inbox'", [], { maxAffectedRows: 0 })).affectedRows).toBe(INBOX_MESSAGES);
    expect(await refusal(careful.query('DELETE FROM Messages WHERE 1 = 1', [], { maxAffectedRows: -1 }))).toMatchObject({ code: 'BAD_PARAMETER' });
  });
});

describe('OnRowError', () => {
  const insert = "INSERT INTO Categories (displayName) VALUES ('a'), ('Red'), ('b'), ('c')";

  test('stop: nothing further is begun, each row has its outcome', async () => {
    const error = await refusal(connection.query(insert));
    expect(error).toMatchObject({ code: 'DUPLICATE', sqlState: '23505' });
    // One batch: its rows are reported as they ended.
    expect(error.outcomes?.map(({ status }) => status)).toEqual(['done', 'failed', 'done', 'done']);
    const { rows } = await connection.query('SELECT Ordinal, Status, Code FROM LastResultInfo#TEMP ORDER BY Ordinal', [], { rowMode: 'array' });
    expect(rows).toEqual([[1, 'done', null], [2, 'failed', 'DUPLICATE'], [3, 'done', null], [4, 'done', null]]);
  });

  test('continue: the count is exact and the failed row is a warning', async () => {
    const { affectedRows, warnings, outcomes } = await connection.query(insert, [], { onRowError: 'continue' });
    expect(affectedRows).toBe(3);
    expect(warnings).toMatchObject([{ code: 'DUPLICATE' }]);
    expect(outcomes?.map(({ status }) => status)).toEqual(['done', 'failed', 'done', 'done']);
  });

  test('a row deleted meanwhile does not count', async () => {
    const [id] = await values(connection, "SELECT id FROM Messages WHERE parentFolderId = 'drafts' OR parentFolderId = 'inbox' LIMIT 1");
    const other = await open(sandbox);
    await other.query('DELETE FROM Messages WHERE id = ?', [String(id)]);
    await other.close();
    expect((await connection.query('DELETE FROM Messages WHERE id = ? AND parentFolderId = \'inbox\'', [String(id)])).affectedRows).toBe(0);
  });
});

describe('a connection that is closed meanwhile', () => {
  test('tells what became of each row', async () => {
    const other = await open(sandbox);
    sandbox.faults.set({ latencyMs: 60 });
    const error = refusal(other.query(`INSERT INTO Messages (subject) VALUES ${Array.from({ length: 100 }, (_, row) => `('closed ${String(row)}')`).join(', ')}`));
    for (let waited = 0; waited < 5000 && !(await listed(sandbox, '/me/messages?$select=subject&$top=1000')).some(({ subject }) => String(subject).startsWith('closed')); waited += 60) await new Promise((resolve) => setTimeout(resolve, 60));
    await other.close();
    const { code, outcomes = [] } = await error;
    sandbox.faults.reset();
    const there = (await listed(sandbox, '/me/messages?$select=subject&$top=1000')).filter(({ subject }) => String(subject).startsWith('closed')).length;
    const of = (wanted: string): number => outcomes.filter(({ status }) => status === wanted).length;
    expect(['CLOSED', 'OUTCOME_UNKNOWN']).toContain(code);
    expect(outcomes).toHaveLength(100);
    expect(there).toBeGreaterThanOrEqual(of('done'));
    expect(there).toBeLessThanOrEqual(of('done') + of('unknown'));
    expect(of('skipped')).toBeGreaterThan(0);
  });
});

describe('dry run', () => {
  test('reads, writes nothing, shows every request and the exact number of rows', async () => {
    const { result, calls, parts } = await logged(sandbox, () => connection.query("UPDATE Messages SET isRead = TRUE WHERE parentFolderId = 'inbox'", [], { dryRun: true }));
    expect(writes(calls, parts)).toBe(0);
    expect(calls.length).toBeGreaterThan(0);
    expect(result.dryRun).toEqual({ rows: INBOX_MESSAGES, mails: [] });
    expect(result.affectedRows).toBe(0);
    expect(new Set(result.outcomes?.map(({ status }) => status))).toEqual(new Set(['skipped']));
    expect(result.rows).toHaveLength(INBOX_MESSAGES);
    expect(result.rows[0]).toMatchObject({ row: 1, method: 'PATCH', body: '{"isRead":true}' });
    expect(String(result.rows[0]!['url'])).toMatch(/\/messages\//);
  });

  test('does not show a password', async () => {
    const { rows } = await connection.query("INSERT INTO Users (displayName, userPrincipalName, mailNickname, accountEnabled, passwordProfile_password) VALUES ('New', 'new@contoso.example', 'new', TRUE, 'Only-4-me')", [], { dryRun: true });
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('Only-4-me');
  });

  test('says who would get mail', async () => {
    await using dry = await open(sandbox, 'DryRun=true');
    const { dryRun, rows } = await dry.query(`INSERT INTO Events (subject, start_dateTime, end_dateTime, attendees) VALUES ('Plan', '2026-05-01T10:00:00Z', '2026-05-01T11:00:00Z', '[{"emailAddress":{"address":"${BEN}"},"type":"required"}]')`);
    expect(dryRun).toEqual({ rows: 1, mails: [BEN] });
    expect(rows[0]).toMatchObject({ method: 'POST', mails: BEN });
    expect(await values(connection, "SELECT count(*) FROM Events WHERE subject = 'Plan'")).toEqual([0]);
  });

  test('warns of what would be refused', async () => {
    const { dryRun, warnings } = await connection.query('DELETE FROM Messages', [], { dryRun: true, maxAffectedRows: 10 });
    expect(dryRun?.rows).toBe(MESSAGES);
    expect(warnings.map(({ code }) => code)).toEqual(['WRITE_LIMIT', 'WRITE_LIMIT']);
    expect(await subjects('deleteditems')).toEqual([]);
  });
});

describe('EXPLAIN of a write', () => {
  test('sends nothing and shows reads and writes', async () => {
    const { result, calls } = await logged(sandbox, () => connection.explain("UPDATE Messages SET isRead = TRUE, parentFolderId = 'archive' WHERE parentFolderId = 'inbox' AND changeKey = 'x'"));
    expect(calls).toEqual([]);
    const lines = result.rows.map(({ operation, detail }) => `${String(operation)} ${String(detail)}`);
    expect(lines.some((line) => /^request GET .*mailFolders\/inbox\/messages/.test(line))).toBe(true);
    expect(lines.filter((line) => line.startsWith('write'))).toMatchObject([/PATCH .*messages\/\{id\}/, /POST .*messages\/\{id\}\/move/].map((pattern) => expect.stringMatching(pattern) as unknown));
    expect(result.rows.map(({ step }) => step)).toEqual(result.rows.map((_, index) => index + 1));
    expect(result.rows.find(({ operation }) => operation === 'write')?.['how']).toContain('If-Match');
  });

  test.each(["INSERT INTO Messages (subject) VALUES ('x')", "DELETE FROM Messages WHERE id = 'x'", "UPSERT INTO Categories (displayName, color) VALUES ('Red', 'preset3')", 'INSERT INTO Contacts DEFAULT VALUES'])('%s', async (sql) => {
    const { calls } = await logged(sandbox, async () => {
      expect((await connection.explain(sql)).rows.some(({ operation }) => operation === 'write')).toBe(true);
      const { rows } = await connection.query(`EXPLAIN (FORMAT JSON) ${sql}`);
      expect(JSON.parse(String(rows[0]!['plan']))).toHaveProperty('writes');
    });
    expect(calls).toEqual([]);
    expect(await refusal(connection.explain(sql, [], { analyze: true }))).toMatchObject({ code: 'NOT_SUPPORTED' });
  });
});
