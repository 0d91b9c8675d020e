/** Rows of a mailbox full of case twins in a database that compares without case: SQLite with NOCASE keys. */
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { open } from '../driver/office.js';
import { EXPORT, MESSAGE_COLUMNS, MESSAGES, RECIPIENTS, startTwins, TWINS, writeBy } from './mailbox.js';

const KEYS = { naive: ['id'], composite: ['id', 'changeKey'], rowKey: ['RowKey'] } as const;

let sandbox: Sandbox;
let connection: Connection;
let linked: Database.Database;

beforeAll(async () => {
  sandbox = await startTwins();
  connection = await open(sandbox);
  linked = new Database(':memory:');
  for (const [name, key] of Object.entries(KEYS)) {
    linked.exec(`CREATE TABLE ${name} (${MESSAGE_COLUMNS.map((column) => `${column} TEXT NOT NULL COLLATE NOCASE`).join(', ')}, PRIMARY KEY (${key.join(', ')}))`);
  }
  linked.exec('CREATE TABLE recipients (messageId TEXT COLLATE NOCASE, messageRowKey TEXT COLLATE NOCASE, ordinal INTEGER, address TEXT, PRIMARY KEY (messageRowKey, ordinal))');
  await load();
});
afterAll(async () => {
  linked.close();
  await connection.close();
  await sandbox.close();
});

/** An import that inserts only unseen keys. */
async function load(): Promise<void> {
  const { rows } = await connection.query(EXPORT, [], { rowMode: 'array' });
  for (const name of Object.keys(KEYS)) {
    const insert = linked.prepare(`INSERT OR IGNORE INTO ${name} VALUES (?, ?, ?, ?)`);
    for (const row of rows) insert.run(...row);
  }
  const recipients = await connection.query(RECIPIENTS, [], { rowMode: 'array' });
  const insert = linked.prepare('INSERT OR IGNORE INTO recipients VALUES (?, ?, ?, ?)');
  for (const row of recipients.rows) insert.run(...row);
}

const count = (sql: string): number => linked.prepare<[], number>(sql).pluck().get() ?? Number.NaN;

describe('linked by SQLite with NOCASE keys', () => {
  test('the id alone loses every second mail, the composite and the RowKey none', () => {
    expect(count('SELECT count(*) FROM naive')).toBe(MESSAGES - TWINS);
    expect(count('SELECT count(*) FROM composite')).toBe(MESSAGES);
    expect(count('SELECT count(*) FROM rowKey')).toBe(MESSAGES);
  });

  test('a join on ids doubles rows, a join on RowKeys does not', () => {
    expect(count('SELECT count(*) FROM rowKey m JOIN recipients r ON r.messageId = m.id')).toBe(MESSAGES + 2 * TWINS);
    expect(count('SELECT count(*) FROM rowKey m JOIN recipients r ON r.messageRowKey = m.RowKey')).toBe(MESSAGES);
    expect(count("SELECT count(*) FROM rowKey m JOIN recipients r ON r.messageRowKey = m.RowKey WHERE r.address = 'p' || substr(m.subject, 6) || '@fabrikam.example'")).toBe(MESSAGES);
  });

  test('edits, moves and deletes by each key hit the right mail', async () => {
    const row = (table: string, subject: string): Record<string, string> => linked.prepare<[string], Record<string, string>>(`SELECT id, changeKey, RowKey FROM ${table} WHERE subject = ?`).get(subject)!;
    const fresh = async (subject: string): Promise<Record<string, string>> => {
      linked.exec('DELETE FROM composite');
      await load();
      return row('composite', subject);
    };
    // Both of a pair of twins, since one of them is the one that a comparison without case would find first.
    for (const n of [21, 22]) await writeBy(sandbox, connection, `Mail ${String(n)}`, (subject) => ({ RowKey: row('rowKey', subject).RowKey! }));
    for (const n of [31, 32]) await writeBy(sandbox, connection, `Mail ${String(n)}`, (subject) => ({ id: row('rowKey', subject).id! }));
    for (const n of [41, 42]) {
      await writeBy(sandbox, connection, `Mail ${String(n)}`, async (subject) => {
        const { id, changeKey } = await fresh(subject);
        return { id: id!, changeKey: changeKey! };
      });
    }
  });

  test('a key that the database has folded changes nothing', async () => {
    const { id, RowKey } = linked.prepare<[], { id: string; RowKey: string }>("SELECT lower(id) AS id, lower(RowKey) AS RowKey FROM rowKey WHERE subject = 'Mail 51'").get()!;
    for (const [name, value] of [['id', id], ['RowKey', RowKey]] as const) {
      const { affectedRows, warnings } = await connection.query(`UPDATE Messages SET importance = 'high' WHERE ${name} = ?`, [value]);
      expect([name, affectedRows, warnings.map(({ code }) => code)]).toEqual([name, 0, ['ID_CASE']]);
    }
  });
});
