/** Writes that name their rows by id, by id and version, and by RowKey, in a mailbox where every id has a case twin. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeRowKey, encodeRowKey } from '../../src/catalog/row-key.js';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { logged, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startOffice({ caseTwins: true });
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

const first = async (sql: string, parameters: readonly string[] = []): Promise<Record<string, string>> => (await connection.query(sql, parameters)).rows[0] as Record<string, string>;

describe('rows named by their key', () => {
  test.each([
    ['Events', 'subject', 'Board meeting'],
    ['Contacts', 'displayName', 'Carla Cook'],
    ['TodoTasks', 'title', 'Buy milk'],
    ['MailFolders', 'displayName', 'Clients'],
  ] as const)('%s: an edit by each key changes that row only', async (table, column, name) => {
    const hasVersion = ['Events', 'Contacts'].includes(table);
    const one = async (): Promise<Record<string, string>> => first(`SELECT id, RowKey${hasVersion ? ', changeKey' : ''} FROM ${table} WHERE ${column} LIKE '${name}%'`);
    for (const key of [['id'], ['RowKey'], ...(hasVersion ? [['id', 'changeKey'], ['RowKey', 'changeKey']] : [])]) {
      const row = await one();
      const before = await values(connection, `SELECT ${column} FROM ${table} ORDER BY 1`);
      const { affectedRows, rows } = await connection.query(`UPDATE ${table} SET ${column} = '${name} (${key.join(' ')})' WHERE ${key.map((part) => `${part} = ?`).join(' AND ')} RETURNING id, RowKey`, key.map((part) => row[part]!));
      expect([key, affectedRows, rows]).toEqual([key, 1, [{ id: row['id'], RowKey: row['RowKey'] }]]);
      const after = await values(connection, `SELECT ${column} FROM ${table} ORDER BY 1`);
      expect(after.filter((text) => !before.includes(text))).toEqual([`${name} (${key.join(' ')})`]);
      expect(before.filter((text) => !after.includes(text))).toHaveLength(1);
    }
  });

  test('an old version is refused, whichever names the row', async () => {
    const row = await first("SELECT id, RowKey, changeKey FROM Messages WHERE subject = 'Lunch 20'");
    await connection.query("UPDATE Messages SET importance = 'low' WHERE id = ?", [row['id']!]);
    for (const name of ['id', 'RowKey']) {
      const error = await refusal(connection.query(`UPDATE Messages SET importance = 'high' WHERE ${name} = ? AND changeKey = ?`, [row[name]!, row['changeKey']!]));
      expect([name, error.code, error.sqlState]).toEqual([name, 'CONFLICT', '40001']);
    }
    expect(await values(connection, 'SELECT importance FROM Messages WHERE RowKey = ?', [row['RowKey']!])).toEqual(['low']);
  });

  test('new rows tell their RowKey; it is no column to write', async () => {
    const { rows } = await connection.query("INSERT INTO Messages (subject) VALUES ('one'), ('two') RETURNING id, RowKey, changeKey");
    expect(rows).toHaveLength(2);
    for (const { id, RowKey } of rows) expect(RowKey).toBe(encodeRowKey(String(id)));
    for (const sql of ["INSERT INTO Messages (RowKey, subject) VALUES ('1', 'x')", "UPDATE Messages SET RowKey = '1' WHERE subject = 'one'"]) expect((await refusal(connection.query(sql))).code).toBe('NOT_WRITABLE');
  });

  test('UPSERT and ON CONFLICT meet rows by RowKey', async () => {
    const row = await first("SELECT id, RowKey FROM Messages WHERE subject = 'Lunch 30'");
    for (const sql of ['UPSERT INTO Messages (RowKey, importance) VALUES (?, ?)', 'INSERT INTO Messages (RowKey, importance) VALUES (?, ?) ON CONFLICT (RowKey) DO UPDATE SET importance = excluded.importance']) {
      for (const importance of ['low', 'high']) {
        await connection.query(sql, [row['RowKey']!, importance]);
        expect(await values(connection, "SELECT importance FROM Messages WHERE subject = 'Lunch 30'")).toEqual([importance]);
      }
    }
    expect((await refusal(connection.query('UPSERT INTO Messages (RowKey, importance) VALUES (?, ?)', [row['RowKey']!.toLowerCase(), 'low']))).code).toBe('NOT_WRITABLE');
  });
});

describe('a new row that names the one it belongs to by RowKey', () => {
  test('gets there', async () => {
    const draft = (await connection.query("INSERT INTO Messages (subject) VALUES ('with children') RETURNING id, RowKey")).rows[0] as Record<string, string>;
    await connection.query("INSERT INTO MessageAttachments (messageRowKey, name, contentBytes) VALUES (?, 'a.txt', x'6869')", [draft['RowKey']!]);
    expect((await connection.query('SELECT messageId, messageRowKey, name FROM MessageAttachments WHERE messageRowKey = ?', [draft['RowKey']!])).rows).toEqual([{ messageId: draft['id'], messageRowKey: draft['RowKey'], name: 'a.txt' }]);
    const list = await first("SELECT RowKey FROM TodoLists WHERE displayName = 'Errands'");
    const task = (await connection.query("INSERT INTO TodoTasks (listRowKey, title) VALUES (?, 'Call Dora') RETURNING id, listId, listRowKey, RowKey", [list['RowKey']!])).rows[0]!;
    expect(task).toEqual({ id: decodeRowKey(String(task['RowKey'])), listId: decodeRowKey(list['RowKey']!), listRowKey: list['RowKey'], RowKey: task['RowKey'] });
  });

  test('is refused before anything is sent if that is no RowKey, or if both are given', async () => {
    const { id, RowKey } = await first("SELECT id, RowKey FROM Messages WHERE subject = 'with children'");
    for (const [sql, code] of [
      [`INSERT INTO MessageAttachments (messageRowKey, name, contentBytes) VALUES ('${RowKey!.toLowerCase()}', 'b.txt', x'00')`, 'BAD_VALUE'],
      [`INSERT INTO MessageAttachments (messageRowKey, name, contentBytes) VALUES ('${RowKey!.slice(0, 128)}', 'b.txt', x'00')`, 'BAD_VALUE'],
      [`INSERT INTO MessageAttachments (messageId, messageRowKey, name, contentBytes) VALUES ('${id!}', '${RowKey!}', 'b.txt', x'00')`, 'SYNTAX'],
      ["INSERT INTO MessageAttachments (name, contentBytes) VALUES ('b.txt', x'00')", 'MISSING_COLUMN'],
    ] as const) {
      const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(sql)));
      expect([sql, error.code, calls]).toEqual([sql, code, []]);
    }
  });
});
