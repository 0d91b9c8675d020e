import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, CLIENT_MESSAGES, logged, MAIN, MESSAGES, open, refusal, startOffice, values } from './office.js';

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

describe('temporary tables', () => {
  test('CREATE TEMP TABLE … AS SELECT over mailboxes, read without a request', async () => {
    const made = await connection.query("CREATE TEMP TABLE clients AS SELECT id, subject, isRead, receivedDateTime FROM Messages WHERE parentFolderId = FOLDER('/Inbox/Clients')");
    expect(made.rows).toEqual([{ changes: CLIENT_MESSAGES }]);
    const { result, calls } = await logged(sandbox, () => connection.query("SELECT count(*) AS n, max(subject) AS s FROM clients WHERE receivedDateTime > '2026-03-01 00:00:00'"));
    expect(calls).toEqual([]);
    expect(result.rows).toEqual([{ n: CLIENT_MESSAGES, s: 'Client 9' }]);
    // Columns keep their types: a timestamp is compared as a point in time whatever its notation.
    expect(await values(connection, "SELECT count(*) FROM clients WHERE receivedDateTime >= '2026-03-10 08:53:00'")).toEqual([1]);
    expect(await values(connection, "SELECT count(*) FROM clients WHERE receivedDateTime = '2026-03-10T09:53:00+01:00'")).toEqual([1]);
    expect((await refusal(connection.query("SELECT 1 FROM clients WHERE receivedDateTime > 'soon'"))).code).toBe('BAD_VALUE');
    expect((await connection.query('SELECT receivedDateTime FROM clients LIMIT 1', [], { timestamps: 'date' })).rows[0]!['receivedDateTime']).toBeInstanceOf(Date);
    expect(await values(connection, 'SELECT DISTINCT isRead FROM clients ORDER BY 1')).toEqual(await values(connection, 'SELECT DISTINCT isRead FROM Messages ORDER BY 1'));
  });

  test('a temp table may be qualified, replaced by IF NOT EXISTS, dropped', async () => {
    await connection.query('CREATE TEMPORARY TABLE IF NOT EXISTS temp.t(a INTEGER PRIMARY KEY, b TEXT DEFAULT \'x\')');
    expect((await connection.query('INSERT INTO temp.t(a) VALUES (1), (2)')).rows).toEqual([{ changes: 2 }]);
    await connection.query('CREATE TEMP TABLE IF NOT EXISTS t(z)');
    expect((await connection.query('SELECT * FROM temp.t')).rows).toEqual([{ a: 1, b: 'x' }, { a: 2, b: 'x' }]);
    expect((await connection.query("UPDATE t SET b = 'y' WHERE a = 2")).rows).toEqual([{ changes: 1 }]);
    expect((await connection.query('DELETE FROM t WHERE a = 1 RETURNING b')).rows).toEqual([{ b: 'x' }]);
    expect((await refusal(connection.query('INSERT INTO t(a) VALUES (2)'))).message).toMatch(/UNIQUE/i);
    await connection.query('DROP TABLE t');
    expect((await refusal(connection.query('SELECT * FROM t'))).code).toBe('UNKNOWN_TABLE');
    await connection.query('DROP TABLE IF EXISTS t');
  });

  test('INSERT … SELECT from mailboxes, with columns, WITH before or after, and parameters', async () => {
    await connection.query('CREATE TEMP TABLE picked(n INTEGER PRIMARY KEY, s TEXT, who TEXT)');
    await connection.query("INSERT INTO picked(s, who) SELECT subject, userId FROM Messages WHERE subject LIKE ? AND userId IN (?, ?)", ['%1', MAIN, BEN]);
    const one = await connection.query('SELECT count(*) AS n, count(DISTINCT who) AS w FROM picked');
    expect(Number(one.rows[0]!['n'])).toBeGreaterThan(5);
    expect(one.rows[0]!['w']).toBe(2);
    await connection.query("INSERT INTO picked(s) WITH x AS (SELECT subject FROM Messages WHERE subject = 'Lunch 20') SELECT subject FROM x");
    await connection.query("WITH x AS (SELECT subject FROM Messages WHERE subject = 'Lunch 21') INSERT INTO picked(s) SELECT subject FROM x");
    expect(await values(connection, "SELECT s FROM picked WHERE who IS NULL ORDER BY s")).toEqual(['Lunch 20', 'Lunch 21']);
    // Rows that arrive while a statement reads the same table are not read again.
    await connection.query('INSERT INTO picked(s) SELECT s FROM picked');
  });

  test('join with tables of the mailbox, as driver of a look-up and as looked up', async () => {
    const ids = (await values(connection, "SELECT id FROM Messages WHERE subject IN ('Lunch 30', 'Lunch 31', 'Lunch 32')")) as string[];
    await connection.query('CREATE TEMP TABLE wanted(id TEXT, note TEXT)');
    for (const id of ids) await connection.query('INSERT INTO wanted VALUES (?, ?)', [id, 'keep']);
    const { rows } = await connection.query('SELECT m.subject, w.note FROM wanted w JOIN Messages m ON m.id = w.id ORDER BY 1');
    expect(rows).toEqual([{ subject: 'Lunch 30', note: 'keep' }, { subject: 'Lunch 31', note: 'keep' }, { subject: 'Lunch 32', note: 'keep' }]);
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE id NOT IN (SELECT id FROM wanted)')).toEqual([MESSAGES - 3]);
    expect(await values(connection, 'SELECT count(*) FROM Messages m LEFT JOIN wanted w USING (id) WHERE w.id IS NULL')).toEqual([MESSAGES - 3]);
  });

  test('give the keys of rows through a derived table and a subquery too: rows are fetched by id, never searched for', async () => {
    const subjects = ['Lunch 33', 'Lunch 34', 'Lunch 35'];
    const ids = (await values(connection, "SELECT id FROM Messages WHERE subject IN ('Lunch 33', 'Lunch 34', 'Lunch 35') ORDER BY subject")) as string[];
    for (const id of ids.slice(0, 2)) await connection.query("INSERT INTO Marked#TEMP (Id, Importance) VALUES (?, 'low')", [id]);
    await connection.query("INSERT INTO Other#TEMP (Id) VALUES (?)", [ids[2]!]);
    for (const [sql, expected] of [
      ['SELECT subject FROM Messages m JOIN (SELECT Id AS k FROM Marked#TEMP) t ON m.id = t.k ORDER BY 1', subjects.slice(0, 2)],
      ['WITH t(k) AS (SELECT Id FROM Marked#TEMP) SELECT subject FROM t JOIN Messages m ON m.id = t.k ORDER BY 1', subjects.slice(0, 2)],
      ['SELECT subject FROM Messages WHERE id = (SELECT Id FROM Other#TEMP)', subjects.slice(2)],
      ['SELECT subject FROM Messages WHERE (SELECT max(Id) FROM Other#TEMP WHERE 0) = id', []],
    ] as const) {
      const { result, calls } = await logged(sandbox, () => connection.query(sql));
      expect([sql, result.rows.map(({ subject }) => subject)]).toEqual([sql, expected]);
      if (!sql.includes('max')) expect(calls.map(({ url }) => url).filter((url) => !url.endsWith('/$batch') && !url.includes('/messages/'))).toEqual([]);
    }
    // SQLite names one arm's column only: keys of the other arm count as well.
    expect(await values(connection, 'SELECT subject FROM Messages m JOIN (SELECT Id AS k FROM Marked#TEMP UNION ALL SELECT Id FROM Other#TEMP) t ON m.id = t.k ORDER BY 1')).toEqual(subjects);
    const { result, calls } = await logged(sandbox, () => connection.query('UPDATE Messages (Id, Importance) SELECT Id, Importance FROM Marked#TEMP'));
    expect(result.affectedRows).toBe(2);
    expect(calls.map(({ method, url }) => `${method} ${url.slice(url.lastIndexOf('/'))}`)).toEqual(['POST /$batch', 'POST /$batch']);
    expect(await values(connection, "SELECT subject FROM Messages WHERE importance = 'low' ORDER BY 1")).toEqual(subjects.slice(0, 2));
  });

  test('views over mailboxes', async () => {
    await connection.query('CREATE TEMP VIEW unread AS SELECT subject, receivedDateTime FROM Messages WHERE isRead = 0');
    expect(await values(connection, 'SELECT count(*) FROM unread')).toEqual([MESSAGES / 2]);
    expect((await connection.query('SELECT subject FROM unread ORDER BY receivedDateTime DESC LIMIT 1')).rows).toHaveLength(1);
    expect(await values(connection, "SELECT count(*) FROM unread WHERE receivedDateTime >= '2026-03-10 08:00:00'")).toEqual(await values(connection, "SELECT count(*) FROM Messages WHERE NOT isRead AND receivedDateTime >= '2026-03-10T08:00:00Z'"));
    // Inside a view a timestamp is compared as a point in time as well, and folders are found.
    await connection.query("CREATE TEMP VIEW late(s) AS SELECT subject FROM Messages WHERE receivedDateTime >= '2026-03-10 08:00:00' AND parentFolderId = FOLDER('/Inbox')");
    expect(await values(connection, 'SELECT count(*) FROM late')).toEqual([2]);
    for (const body of ["SELECT subject FROM Messages WHERE receivedDateTime > GETDATE()", "SELECT subject FROM Messages WHERE receivedDateTime > datetime('now')", "SELECT subject FROM Messages WHERE SEARCH('x')"]) {
      expect([body, (await refusal(connection.query(`CREATE TEMP VIEW v AS ${body}`))).code]).toEqual([body, 'NOT_SUPPORTED']);
    }
    expect((await refusal(connection.query("CREATE TEMP VIEW v AS SELECT subject FROM Messages WHERE receivedDateTime > 'soon'"))).code).toBe('BAD_VALUE');
  });

  test('belong to their connection and go with it', async () => {
    await connection.query('CREATE TEMP TABLE mine AS SELECT 1 AS one');
    await using other = await open(sandbox);
    expect((await refusal(other.query('SELECT * FROM mine'))).code).toBe('UNKNOWN_TABLE');
    await connection.close();
    connection = await open(sandbox);
    expect((await refusal(connection.query('SELECT * FROM mine'))).code).toBe('UNKNOWN_TABLE');
  });

  test('MaxRows is about results, not about what is copied', async () => {
    await using few = await open(sandbox, 'MaxRows=3');
    expect((await few.query('CREATE TEMP TABLE everything AS SELECT id FROM Messages')).rows).toEqual([{ changes: MESSAGES }]);
    expect((await few.query('SELECT * FROM everything')).rows).toHaveLength(3);
  });

  test('repeated and odd column names', async () => {
    await connection.query('CREATE TEMP TABLE odd AS SELECT subject, subject, 1 + 1, id AS "a ""b" FROM Messages LIMIT 1');
    expect((await connection.query('SELECT * FROM odd')).columns.map(({ name }) => name)).toEqual(['subject', 'subject_2', '1 + 1', 'a "b']);
  });

  test('errors show where in the whole statement', async () => {
    const sql = 'CREATE TEMP TABLE t AS SELECT TOP 3 subjekt FROM Messages';
    expect((await refusal(connection.query(sql))).position).toBe(sql.indexOf('subjekt'));
    const again = 'CREATE TEMP TABLE t(a)';
    await connection.query(again);
    expect(await refusal(connection.query(again))).toMatchObject({ code: 'STATEMENT_REFUSED', position: again.indexOf('t(') });
  });

  test('several statements at once on them', async () => {
    await connection.query('CREATE TEMP TABLE log(n INTEGER)');
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? connection.query('INSERT INTO log VALUES (?)', [n]) : connection.query('SELECT count(*) FROM log l JOIN Messages m ON 1 = 1'))));
    expect(await values(connection, 'SELECT sum(n) FROM log')).toEqual([90]);
  });

  test('a SELECT that fails leaves no table behind', async () => {
    sandbox.faults.set({ denyMailboxes: [BEN] });
    try {
      expect((await refusal(connection.query('CREATE TEMP TABLE half AS SELECT subject FROM Messages WHERE userId = ?', [BEN]))).code).toBe('PERMISSION');
    } finally {
      sandbox.faults.reset();
    }
    expect((await refusal(connection.query('SELECT * FROM half'))).code).toBe('UNKNOWN_TABLE');
  });

  test('cannot take the name of a table of the mailbox', async () => {
    expect((await refusal(connection.query('CREATE TEMP TABLE Messages(a)'))).code).toBe('STATEMENT_REFUSED');
    expect((await refusal(connection.query('CREATE TEMP TABLE messages AS SELECT 1'))).code).toBe('STATEMENT_REFUSED');
    expect((await refusal(connection.query('DROP TABLE Contacts'))).code).toBe('STATEMENT_REFUSED');
  });
});
