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
    // Keys that lie here are looked up twenty in a request.
    await using own = await open(sandbox);
    await own.query("CREATE TEMP TABLE wanted AS SELECT id AS wantedId, RowKey AS wantedKey FROM Messages WHERE subject LIKE 'Client 1%'");
    const [ofIds, ofKeys] = [await cost('SELECT m.subject FROM wanted JOIN Messages m ON m.id = wantedId', [], own), await cost('SELECT m.subject FROM wanted JOIN Messages m ON m.RowKey = wantedKey', [], own)];
    expect(ofKeys).toEqual(ofIds);
    expect([ofKeys.rows.length, ofKeys.calls.length]).toEqual([11, 1]);
    expect(await cost('SELECT subject FROM Messages WHERE RowKey IN (SELECT wantedKey FROM wanted)', [], own)).toEqual(await cost('SELECT subject FROM Messages WHERE id IN (SELECT wantedId FROM wanted)', [], own));
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

/** Warnings of a statement, its rows, and how many requests it took. */
async function asked(sql: string, parameters: readonly string[], on: Connection = connection): Promise<{ rows: number; requests: number; warnings: string[] }> {
  const { result, calls } = await logged(sandbox, () => on.query(sql, parameters));
  return { rows: result.rows.length, requests: calls.length, warnings: result.warnings.map(({ code, message }) => `${code} ${message}`) };
}

const swapped = (text: string): string => Array.from(text, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join('');

describe('an id in another case', () => {
  test('finds its own row only, though another differs from it only by case', async () => {
    const pairs = ids.flatMap((id) => {
      const other = ids.find((one) => one > id && one.toLowerCase() === id.toLowerCase());
      return other === undefined ? [] : [[id, other]];
    });
    expect(pairs.length).toBeGreaterThan(2);
    for (const pair of pairs) {
      for (const id of pair) {
        const { rows, warnings } = await connection.query('SELECT id, RowKey FROM Messages WHERE id = ?', [id]);
        expect([rows, warnings]).toEqual([[{ id, RowKey: encodeRowKey(id) }], []]);
      }
      expect(await values(connection, 'SELECT id FROM Messages WHERE id IN (?, ?) ORDER BY id', pair)).toEqual([...pair].sort());
    }
  });

  test('finds no row, and the warning names the id that was seen on this connection', async () => {
    const [id] = ids as [string];
    for (const other of [swapped(id), id.toLowerCase(), id.toUpperCase()]) {
      const { rows, requests, warnings } = await asked('SELECT subject FROM Messages WHERE id = $1', [other]);
      // The GET that finds nothing, and nothing more.
      expect([rows, requests, warnings.length]).toEqual([0, 1, 1]);
      expect(warnings[0]).toMatch(/^ID_CASE No row has the id '/);
      expect(ids.filter((one) => one.toLowerCase() === id.toLowerCase()).some((one) => warnings[0]!.includes(`'${one}'`))).toBe(true);
    }
  });

  test('is told by its looks where it has not been seen', async () => {
    await using fresh = await open(sandbox);
    expect(await asked('SELECT subject FROM Messages WHERE id = $1', [ids[0]!.toLowerCase()], fresh)).toEqual({ rows: 0, requests: 1, warnings: [expect.stringMatching(/^ID_CASE .*letters of one case only.*looks folded.*RowKey/)] });
    const [user] = (await values(fresh, 'SELECT id FROM Users LIMIT 1')) as string[];
    await using other = await open(sandbox);
    expect((await asked('SELECT displayName FROM Users WHERE id = $1', [user!.toUpperCase()], other)).warnings).toEqual([expect.stringMatching(/^ID_CASE .*small letters/)]);
  });

  test.each([
    ['messages of a list', 'SELECT subject FROM Messages WHERE id IN ($1, $2)', 1],
    ['recipients', 'SELECT kind FROM MessageRecipients WHERE messageId = $1', 0],
    ['attachments', 'SELECT name FROM MessageAttachments WHERE messageId = $1', 0],
    ['a property', "SELECT value FROM ExtendedProperties WHERE entity = 'Message' AND id = 'String 0x007D' AND entityId = $1", 0],
  ])('warns for %s too', async (_name, sql, found) => {
    const { rows, warnings } = await asked(sql, sql.includes('$2') ? [swapped(ids[3]!), ids[4]!] : [swapped(ids[3]!)]);
    expect([rows, warnings]).toEqual([found, [expect.stringMatching(/^ID_CASE /)]]);
  });

  test('warns where rows are compared here', async () => {
    await using plain = await open(sandbox, 'DisableServerSideFiltering=true');
    expect(await asked('SELECT subject FROM Messages WHERE id = $1', [swapped(ids[0]!)], plain)).toMatchObject({ rows: 0, warnings: [expect.stringMatching(/^ID_CASE /)] });
    const window = "StartDateTime = '2026-03-01' AND EndDateTime = '2026-05-01'";
    const [event] = (await values(connection, `SELECT id FROM CalendarView WHERE ${window} LIMIT 1`)) as string[];
    expect(await asked(`SELECT subject FROM CalendarView WHERE ${window} AND id = $1`, [event!])).toMatchObject({ rows: 1, warnings: [] });
    expect(await asked(`SELECT subject FROM CalendarView WHERE ${window} AND id = $1`, [swapped(event!)])).toMatchObject({ rows: 0, warnings: [expect.stringContaining(`'${event!}'`)] });
    const [folder] = (await values(connection, "SELECT id FROM MailFolders WHERE displayName = 'Clients'")) as string[];
    expect(await asked('SELECT subject FROM Messages WHERE parentFolderId = $1', [swapped(folder!)])).toMatchObject({ rows: 0, warnings: [expect.stringContaining(`'${folder!}'`)] });
  });

  test('is no matter where the id is simply gone, or all were found', async () => {
    const gone = `${ids[0]!.slice(0, -8)}zzzzAAA=`;
    expect(await asked('SELECT subject FROM Messages WHERE id = $1', [gone])).toEqual({ rows: 0, requests: 1, warnings: [] });
    expect(await asked('SELECT subject FROM Messages WHERE id IN ($1, $2)', [ids[0]!, ids[1]!])).toEqual({ rows: 2, requests: 1, warnings: [] });
    expect((await asked("SELECT subject FROM Messages WHERE parentFolderId = 'nosuchfolder'", [])).warnings).toEqual([]);
    // A message that has no attachments is there all the same.
    expect((await asked('SELECT name FROM MessageAttachments WHERE messageId = $1', [ids[1]!])).warnings).toEqual([]);
  });

  test('gives a handful of warnings, not thousands', async () => {
    const { warnings } = await asked(`SELECT subject FROM Messages WHERE id IN (${ids.slice(0, 40).map((id) => `'${swapped(id)}'`).join(', ')})`, []);
    expect(warnings).toHaveLength(6);
    expect(warnings[5]).toMatch(/35 more values of id/);
  });
});

describe('an id cut to a column', () => {
  test('finds no row, and the warning names the whole one', async () => {
    for (const length of [50, 100, ids[0]!.length - 1]) {
      const { rows, warnings } = await asked('SELECT subject FROM Messages WHERE id = $1', [ids[0]!.slice(0, length)]);
      expect([length, rows, warnings]).toEqual([length, 0, [expect.stringMatching(new RegExp(`^ID_CUT .*cut to ${String(length)} characters: '.*' begins with it`))]]);
    }
  });

  test('is told by its looks where it has not been seen', async () => {
    await using fresh = await open(sandbox);
    for (const length of [50, 100, ids[0]!.length - 1]) {
      expect((await asked('SELECT subject FROM Messages WHERE id = $1', [ids[0]!.slice(0, length)], fresh)).warnings).toEqual([expect.stringMatching(/^ID_CUT /)]);
    }
  });
});

describe('a RowKey that is none', () => {
  test('says what is wrong with it, and sends nothing', async () => {
    const [key] = keys as [string];
    for (const [text, why] of [
      [key.toLowerCase(), `'${key}' differs from it only by case`],
      [ids[0]!, `write '${key}'`],
      [key.slice(0, 128), 'looks cut'],
      [`${key.slice(0, -1)}_`, 'looks cut or changed'],
    ] as const) {
      const { rows, requests, warnings } = await asked('SELECT subject FROM Messages WHERE RowKey = $1', [text]);
      expect([text, rows, warnings]).toEqual([text, 0, [expect.stringContaining(why)]]);
      expect(requests).toBeLessThanOrEqual(1);
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
