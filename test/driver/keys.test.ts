/** Keys: rows are found by id, by version, and by the RowKey, at one price, and the declared key is the user's choice. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeRowKey, encodeRowKey } from '../../src/catalog/row-key.js';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { logged, MESSAGES, open, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;
let ids: string[];
let keys: string[];

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
  const { rows } = await connection.query('SELECT id, RowKey FROM Messages ORDER BY receivedDateTime DESC, id');
  ids = rows.map(({ id }) => String(id));
  keys = rows.map(({ RowKey }) => String(RowKey));
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

/** Calls of a statement with ids and RowKeys written alike, and its rows. */
async function cost(sql: string, parameters: readonly string[] = [], on: Connection = connection): Promise<{ rows: unknown[]; calls: string[]; parts: string[] }> {
  const { result, calls, parts } = await logged(sandbox, () => on.query(sql, parameters));
  const shown = (list: typeof calls): string[] => list.map(({ method, url }) => `${method} ${decodeURIComponent(url)}`);
  return { rows: result.rows, calls: shown(calls), parts: shown(parts) };
}

describe('RowKey', () => {
  test('is the id in digits and capital letters, one for each', () => {
    expect(keys).toEqual(ids.map(encodeRowKey));
    expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(MESSAGES);
    // The fixture would prove nothing without ids that differ only by case.
    expect(new Set(ids.map((id) => id.toLowerCase())).size).toBeLessThan(MESSAGES);
  });

  test.each<[string, string, string, number]>([
    ['=', 'SELECT subject FROM Messages WHERE id = $1', 'SELECT subject FROM Messages WHERE RowKey = $1', 1],
    ['= the other way round', 'SELECT subject FROM Messages WHERE $1 = id', 'SELECT subject FROM Messages WHERE $1 = RowKey', 1],
    ['IN', 'SELECT subject FROM Messages WHERE id IN ($1, $2, $3)', 'SELECT subject FROM Messages WHERE RowKey IN ($1, $2, $3)', 3],
    ['OR', 'SELECT subject FROM Messages WHERE id = $1 OR id = $2', 'SELECT subject FROM Messages WHERE RowKey = $1 OR RowKey = $2', 2],
    ['and more', 'SELECT subject FROM Messages WHERE id = $1 AND isRead = 1', 'SELECT subject FROM Messages WHERE RowKey = $1 AND isRead = 1', 1],
    ['two that exclude each other', 'SELECT subject FROM Messages WHERE id = $1 AND id = $2', 'SELECT subject FROM Messages WHERE RowKey = $1 AND RowKey = $2', 2],
    ['parents', 'SELECT address FROM (SELECT emailAddress_address AS address FROM MessageRecipients WHERE messageId = $1)', 'SELECT address FROM (SELECT emailAddress_address AS address FROM MessageRecipients WHERE messageRowKey = $1)', 1],
    ['attachments', 'SELECT name FROM MessageAttachments WHERE messageId IN ($1, $2)', 'SELECT name FROM MessageAttachments WHERE messageRowKey IN ($1, $2)', 2],
    ['a join', 'SELECT m.subject FROM (SELECT $1 AS k UNION ALL SELECT $2) x JOIN Messages m ON m.id = x.k', 'SELECT m.subject FROM (SELECT $1 AS k UNION ALL SELECT $2) x JOIN Messages m ON m.RowKey = x.k', 2],
  ])('costs what id costs: %s', async (_name, byId, byKey, count) => {
    const [id, key] = [await cost(byId, ids.slice(0, count)), await cost(byKey, keys.slice(0, count))];
    expect(key).toEqual(id);
  });

  test('shows the key that was asked for, whichever kind of id it stands for', async () => {
    await using regular = await open(sandbox, 'IdType=Regular');
    const [other] = (await values(regular, 'SELECT RowKey FROM Messages WHERE subject = ?', ["O'Brien's offer"])) as string[];
    expect(keys).not.toContain(other);
    expect((await connection.query('SELECT id, RowKey, subject FROM Messages WHERE RowKey = ?', [other!])).rows).toEqual([{ id: decodeRowKey(other!), RowKey: other, subject: "O'Brien's offer" }]);
  });

  test('joins tables, as their ids do', async () => {
    const byId = await cost('SELECT m.subject, r.emailAddress_address FROM Messages m JOIN MessageRecipients r ON r.messageId = m.id WHERE m.id = $1', [ids[0]!]);
    const byKey = await cost('SELECT m.subject, r.emailAddress_address FROM Messages m JOIN MessageRecipients r ON r.messageRowKey = m.RowKey WHERE m.RowKey = $1', [keys[0]!]);
    expect(byKey).toEqual(byId);
    expect(byKey.rows.length).toBeGreaterThan(0);
  });

  test('of folders, events, contacts, tasks, users and groups finds their row with one request', async () => {
    for (const table of ['MailFolders', 'Events', 'Contacts', 'Calendars', 'TodoLists', 'Users', 'Groups', 'Files', 'Categories']) {
      const [key] = (await values(connection, `SELECT RowKey FROM ${table} LIMIT 1`)) as string[];
      const { rows, calls } = await cost(`SELECT RowKey FROM ${table} WHERE RowKey = $1`, [key!]);
      expect([table, rows, calls.length]).toEqual([table, [{ RowKey: key }], 1]);
    }
  });

  test('of an extended property stands for its item and its name', async () => {
    const [row] = (await connection.query("SELECT entityRowKey, RowKey, value FROM ExtendedProperties WHERE entity = 'Message' AND id = 'String 0x007D' AND entityId IN (SELECT id FROM Messages WHERE subject = 'BUDGET 2026')")).rows;
    const again = await connection.query("SELECT value FROM ExtendedProperties WHERE entity = 'Message' AND RowKey = $1 AND entityRowKey = $2", [String(row!['RowKey']), String(row!['entityRowKey'])]);
    expect(again.rows).toEqual([{ value: row!['value'] }]);
  });

  test('is shown by EXPLAIN as the request it becomes', async () => {
    const { rows, warnings } = await connection.query(`EXPLAIN SELECT subject FROM Messages WHERE RowKey = '${keys[0]!}'`);
    expect(JSON.stringify(rows)).toContain(`/messages/${ids[0]!}`);
    expect(JSON.stringify(rows)).toContain('RowKey');
    expect(warnings).toEqual([]);
  });

  test('that no id has finds no row and sends nothing', async () => {
    for (const text of ['', 'ZZZ', keys[0]!.toLowerCase(), ids[0]!, `${keys[0]!} `]) {
      const { rows, calls } = await cost('SELECT subject FROM Messages WHERE RowKey = $1', [text]);
      expect([text, rows, calls]).toEqual([text, [], []]);
    }
    const { rows, calls } = await cost('SELECT RowKey FROM Messages WHERE RowKey IN ($1, $2)', ['nothing', keys[1]!]);
    expect([rows, calls.length]).toEqual([[{ RowKey: keys[1] }], 1]);
  });

  test('answers every other comparison as SQL does', async () => {
    await using plain = await open(sandbox, 'DisableServerSideFiltering=true');
    const sorted = keys.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    for (const on of [connection, plain]) {
      expect(await values(on, 'SELECT count(*) FROM Messages WHERE RowKey <> ?', [keys[0]!])).toEqual([MESSAGES - 1]);
      expect(await values(on, 'SELECT RowKey FROM Messages WHERE RowKey = ?', [keys[0]!])).toEqual([keys[0]]);
      expect(await values(on, 'SELECT RowKey FROM Messages WHERE lower(RowKey) = ?', [keys[0]!.toLowerCase()])).toEqual([keys[0]]);
      expect(await values(on, 'SELECT RowKey FROM Messages ORDER BY RowKey LIMIT 3')).toEqual(sorted.slice(0, 3));
      expect(await values(on, 'SELECT count(*) FROM Messages WHERE RowKey > ?', [sorted[9]!])).toEqual([MESSAGES - 10]);
      expect(await values(on, 'SELECT count(*) FROM Messages WHERE RowKey IS NULL OR RowKey LIKE ?', [`${keys[0]!}%`])).toEqual([1]);
    }
  });
});

describe('PrimaryKey', () => {
  test.each([
    ['', ['id', 'changeKey']],
    ['PrimaryKey=composite', ['id', 'changeKey']],
    ['PrimaryKey=id', ['id']],
    ['PrimaryKey=rowkey', ['RowKey']],
    ['Key Columns=RowKey', ['RowKey']],
  ])("'%s' declares %j, and finds and tells apart the same rows", async (property, key) => {
    await using own = await open(sandbox, property);
    expect(await values(own, "SELECT ColumnName FROM sys_primarykeys WHERE TableName = 'Messages' ORDER BY KeySeq")).toEqual(key);
    expect(await values(own, "SELECT column_name FROM information_schema.key_column_usage WHERE constraint_name = 'PK_Messages' ORDER BY ordinal_position")).toEqual(key);
    expect(await values(own, "SELECT DISTINCT Collation FROM sys_tablecolumns WHERE TableName = 'Messages' AND IsKey")).toEqual(['BINARY']);
    const [changeKey] = await values(own, 'SELECT changeKey FROM Messages WHERE id = ?', [ids[0]!]);
    const composite = await cost('SELECT subject FROM Messages WHERE id = $1 AND changeKey = $2', [ids[0]!, String(changeKey)], own);
    expect([composite.rows.length, composite.calls.length]).toEqual([1, 1]);
    expect((await cost('SELECT subject FROM Messages WHERE id = $1 AND changeKey = $2', [ids[0]!, 'another version'], own)).rows).toEqual([]);
    expect((await cost('SELECT subject FROM Messages WHERE RowKey = $1', [keys[0]!], own)).calls).toHaveLength(1);
    expect(await values(own, 'SELECT count(DISTINCT RowKey) FROM Messages')).toEqual([MESSAGES]);
    // Folders read together with those below them, and recipients: rows told apart by the key's columns.
    expect(await values(own, "SELECT count(*) FROM Messages WHERE parentFolderId = 'inbox' AND IncludeSubfolders = 1")).toEqual([90]);
    expect(await values(own, 'SELECT count(*) = count(DISTINCT messageRowKey || kind || ordinal) FROM MessageRecipients')).toEqual([1]);
  });

  test('takes no other value', async () => {
    await expect(open(sandbox, 'PrimaryKey=changeKey')).rejects.toMatchObject({ code: 'CONNECTION_STRING', hint: 'Use one of: composite, id, RowKey.' });
  });
});
