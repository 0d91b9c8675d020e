import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import type { Connection } from '../../src/driver/connection.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, BEN_MESSAGES, MESSAGES, ODD_SUBJECTS, refusal, startOffice, values } from './office.js';
import { openRecording, RecordingMutator } from './write-session.js';

let sandbox: Sandbox;
let connection: Connection;
let mutator: RecordingMutator;

beforeAll(async () => {
  sandbox = await startOffice();
});
beforeEach(async () => {
  await (connection as Connection | undefined)?.close();
  mutator = new RecordingMutator();
  connection = openRecording(sandbox, mutator);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

const ids = (where: string): Promise<unknown[]> => values(connection, `SELECT id FROM Messages ${where}`);
const targets = (): unknown[] => mutator.only.rows.map(({ target }) => target[0]);

describe('INSERT', () => {
  test('one row and many, DEFAULT, parameters, RETURNING in order', async () => {
    const { rows, affectedRows, outcomes } = await connection.query("INSERT INTO Messages (subject, importance, isRead) VALUES (?, 'high', TRUE), ('b', DEFAULT, 'false') RETURNING id, upper(subject) AS s, isRead", ["O'Brien"]);
    expect(rows).toEqual([{ id: 'new-1', s: "O'BRIEN", isRead: true }, { id: 'new-2', s: 'B', isRead: false }]);
    expect(affectedRows).toBe(2);
    expect(outcomes).toEqual([{ row: 0, status: 'done', id: 'new-1', changeKey: 'after' }, { row: 1, status: 'done', id: 'new-2', changeKey: 'after' }]);
    expect(mutator.only).toEqual({
      shape: { kind: 'insert', table: 'Messages', columns: ['subject', 'importance', 'isRead'], returning: ['id', 'isRead', 'subject'], guarded: false },
      rows: [{ row: 0, values: ["O'Brien", 'high', 1n], target: [] }, { row: 1, values: ['b', undefined, 0n], target: [] }],
    });
  });

  test('without RETURNING the count is the one row', async () => {
    expect((await connection.query("INSERT INTO messages (SUBJECT) VALUES ('x')")).rows).toEqual([{ changes: 1 }]);
    expect(mutator.only.shape.columns).toEqual(['subject']);
    const result = await connection.query('INSERT INTO Messages DEFAULT VALUES');
    expect(result.affectedRows).toBe(1);
    expect(mutator.writes[1]!.rows).toEqual([{ row: 0, values: [], target: [] }]);
  });

  test('from a SELECT over another mailbox, all of it before the first write, whatever MaxRows says', async () => {
    await using few = openRecording(sandbox, mutator, 'MaxRows=2');
    const { affectedRows } = await few.query(`INSERT INTO Messages (subject) SELECT subject || '!' FROM Messages WHERE userId = '${BEN}'`);
    expect(affectedRows).toBe(BEN_MESSAGES);
    expect(mutator.only.rows).toHaveLength(BEN_MESSAGES);
    expect(String(mutator.only.rows[0]!.values[0])).toMatch(/!$/);
  });

  test('WITH before and after, TOP, set operations', async () => {
    await connection.query("WITH x AS (SELECT subject FROM Messages WHERE subject = 'Lunch 20') INSERT INTO Messages (subject) SELECT subject FROM x");
    await connection.query("INSERT INTO Messages (subject) WITH x(s) AS (VALUES ('1'), ('2')) SELECT s FROM x UNION ALL SELECT '3'");
    await connection.query('INSERT INTO Messages (subject) SELECT TOP 2 subject FROM Messages ORDER BY receivedDateTime RETURNING id');
    expect(mutator.writes.map(({ rows }) => rows.length)).toEqual([1, 3, 2]);
    expect(mutator.writes[0]!.rows[0]!.values).toEqual(['Lunch 20']);
  });

  test('hostile texts stay what they are', async () => {
    for (const text of ODD_SUBJECTS) {
      await connection.query(`INSERT INTO Messages (subject, body_content) VALUES ('${text.replaceAll("'", "''")}', ?)`, [text]);
      expect(mutator.writes.at(-1)!.rows[0]!.values).toEqual([text, text]);
    }
  });

  test('folders: names and FOLDER() become ids, in the mailbox of the row', async () => {
    const clients = (await values(connection, "SELECT id FROM MailFolders WHERE path = '/Inbox/Clients'"))[0];
    const [mine] = await values(connection, "SELECT id FROM MailFolders WHERE wellKnownName = 'inbox'");
    const [bens] = await values(connection, `SELECT id FROM MailFolders WHERE wellKnownName = 'inbox' AND userId = '${BEN}'`);
    await connection.query(`INSERT INTO Messages (subject, parentFolderId, userId) VALUES ('a', FOLDER('/Inbox/Clients'), NULL), ('b', 'inbox', NULL), ('c', 'Inbox', '${BEN}'), ('d', FOLDER(?), '${BEN}'), ('e', 'other', NULL)`, ['inbox']);
    expect(mutator.only.rows.map((row) => row.values[1])).toEqual([clients, mine, bens, bens, 'other']);
    const sql = "INSERT INTO Messages (subject, parentFolderId) VALUES ('a', FOLDER('/No/Such'))";
    expect(await refusal(connection.query(sql))).toMatchObject({ code: 'NOT_FOUND', position: sql.indexOf('FOLDER') });
    expect(mutator.writes).toHaveLength(1);
  });

  test('values by the type of their column', async () => {
    await connection.query("INSERT INTO Messages (isRead, categories, subject, body_content) VALUES ('1', json_array('a', 'b'), 5, 1.0)");
    expect(mutator.only.rows[0]!.values).toEqual([1n, '["a","b"]', '5', '1.0']);
    const bad = [["isRead", "'maybe'"], ['subject', "x'00ff'"]] as const;
    for (const [column, value] of bad) {
      const sql = `INSERT INTO Messages (${column}) VALUES (NULL), (${value})`;
      const error = await refusal(connection.query(sql));
      expect(error).toMatchObject({ code: 'BAD_VALUE', position: sql.indexOf(value) });
      expect(error.message).toContain(`row 2: Messages.${column} is `);
    }
    expect(mutator.writes).toHaveLength(1);
  });

  test('SCOPE_IDENTITY() is the id of the row inserted last', async () => {
    expect(await values(connection, 'SELECT SCOPE_IDENTITY()')).toEqual([null]);
    await connection.query("INSERT INTO Messages (subject) VALUES ('a'), ('b')");
    expect(await values(connection, 'SELECT SCOPE_IDENTITY() AS id')).toEqual(['new-2']);
    await connection.query('UPDATE Messages SET subject = SCOPE_IDENTITY() WHERE id IN (SELECT id FROM Messages LIMIT 1)');
    expect(mutator.writes[1]!.rows[0]!.values).toEqual(['new-2']);
    expect(await values(connection, 'SELECT scope_identity()')).toEqual(['new-2']);
  });
});

describe('UPDATE and DELETE', () => {
  test.each(["WHERE subject LIKE 'Client 1%'", 'WHERE isRead = 0 AND receivedDateTime > \'2026-03-09 00:00\'', 'WHERE id IN (SELECT id FROM Messages ORDER BY receivedDateTime LIMIT 3)', "WHERE parentFolderId = FOLDER('/Inbox/Clients') AND NOT isRead", 'WHERE 1 = 0', "WHERE subject = 'BUDGET 2026'"])('change the rows SELECT gives: %s', async (where) => {
    const wanted = await ids(where);
    const { affectedRows } = await connection.query(`UPDATE Messages SET isRead = NOT isRead ${where}`);
    expect(affectedRows).toBe(wanted.length);
    if (wanted.length === 0) {
      expect(mutator.writes).toEqual([]);
      return;
    }
    expect(targets().sort()).toEqual([...wanted].sort());
    mutator.writes.length = 0;
    const deleted = await connection.query(`DELETE FROM Messages ${where} RETURNING id`);
    expect(deleted.rows.map(({ id }) => id).sort()).toEqual([...wanted].sort());
    expect(targets().sort()).toEqual([...wanted].sort());
  });

  test('expressions over the row, several columns, an alias, RETURNING after the write', async () => {
    const { rows } = await connection.query("UPDATE Messages AS m SET (subject, importance) = (m.subject || ?, 'low'), categories = '[\"x\"]' WHERE m.subject = ? RETURNING m.subject, changeKey, *", ['!', 'Lunch 20']);
    expect(rows[0]).toMatchObject({ subject: 'Lunch 20!', changeKey: 'after', importance: 'low' });
    expect(mutator.only.shape).toMatchObject({ columns: ['subject', 'importance', 'categories'], guarded: false });
    expect(mutator.only.rows[0]!.values).toEqual(['Lunch 20!', 'low', '["x"]']);
  });

  test('a statement that reads the change key is guarded', async () => {
    const [key] = await values(connection, "SELECT changeKey FROM Messages WHERE subject = 'Lunch 20'");
    await connection.query("UPDATE Messages SET isRead = 1 WHERE subject = 'Lunch 20' AND changeKey = ?", [key as string]);
    expect(mutator.only.shape.guarded).toBe(true);
    expect((await connection.query("DELETE FROM Messages WHERE subject = 'Lunch 20' AND changeKey = 'old'")).affectedRows).toBe(0);
    await connection.query("UPDATE Messages SET isRead = 1 WHERE subject = 'Lunch 20' RETURNING changeKey");
    expect(mutator.writes.map(({ shape }) => shape.guarded)).toEqual([true, false]);
  });

  test('ORDER BY and LIMIT, RETURNING of DELETE as the rows were', async () => {
    const wanted = await connection.query('SELECT subject, receivedDateTime FROM Messages ORDER BY receivedDateTime DESC LIMIT 3');
    const { rows } = await connection.query('DELETE FROM Messages WHERE 1 RETURNING subject, receivedDateTime ORDER BY receivedDateTime DESC LIMIT ?', [3]);
    expect(rows).toEqual(wanted.rows);
  });

  test('DELETE is told how by DeleteMode; other inputs of WHERE are for reading', async () => {
    await connection.query("DELETE FROM Messages WHERE parentFolderId = 'inbox' AND IncludeSubfolders = 1 AND DeleteMode = 'HardDelete' AND subject = 'Client 1'");
    expect(mutator.only.shape).toMatchObject({ columns: ['DeleteMode'], returning: [] });
    expect(mutator.only.rows.map(({ values: own }) => own)).toEqual([['HardDelete']]);
  });

  test('UPDATE … FROM a temporary table; a row that matches twice', async () => {
    const chosen = (await ids("WHERE subject IN ('Lunch 30', 'Lunch 31')")) as string[];
    await connection.query('CREATE TEMP TABLE news(id TEXT, s TEXT)');
    for (const id of chosen) await connection.query('INSERT INTO news VALUES (?, ?)', [id, `new ${id}`]);
    await connection.query('UPDATE Messages SET subject = n.s FROM news AS n WHERE n.id = Messages.id');
    expect(mutator.only.rows.map(({ target, values: [s] }) => s === `new ${String(target[0])}`)).toEqual([true, true]);
    // The same value twice is one update.
    await connection.query('INSERT INTO news SELECT * FROM news');
    expect((await connection.query('UPDATE Messages SET subject = n.s FROM news n WHERE n.id = Messages.id')).affectedRows).toBe(2);
    await connection.query("UPDATE news SET s = 'other' WHERE rowid = 1");
    expect(await refusal(connection.query('UPDATE Messages SET subject = n.s FROM news n WHERE n.id = Messages.id'))).toMatchObject({ code: 'BAD_VALUE' });
    expect(mutator.writes).toHaveLength(2);
    // No row of the target may be made up of NULLs.
    expect((await connection.query("UPDATE Messages SET subject = b.s FROM (SELECT 'no' AS id) a RIGHT JOIN news b ON a.id = b.id WHERE Messages.id = b.id AND b.s LIKE 'new%'")).affectedRows).toBe(2);
  });

  test('moving to a folder', async () => {
    const [clients] = await values(connection, "SELECT id FROM MailFolders WHERE path = '/Inbox/Clients'");
    await connection.query("UPDATE Messages SET parentFolderId = FOLDER('/Inbox/Clients') WHERE subject = 'Lunch 20'");
    expect(mutator.only.rows[0]!.values).toEqual([clients]);
    const [archive] = await values(connection, "SELECT id FROM MailFolders WHERE wellKnownName = 'archive'");
    await connection.query("UPDATE Messages SET parentFolderId = 'archive' WHERE subject = 'Lunch 20'");
    expect(mutator.writes[1]!.rows[0]!.values).toEqual([archive ?? 'archive']);
  });
});

describe('the incumbent\'s forms', () => {
  test('T#TEMP: filled, inserted from, updated from, deleted by', async () => {
    const chosen = (await ids("WHERE subject IN ('Lunch 30', 'Lunch 31')")) as string[];
    await connection.query("INSERT INTO Messages#TEMP (Subject, IsRead) VALUES ('one', 'true')");
    await connection.query("INSERT INTO Messages#TEMP (Subject, IsRead) VALUES ('two', 0)");
    await connection.query('INSERT INTO Messages (Subject, IsRead) SELECT Subject, IsRead FROM Messages#TEMP');
    expect(mutator.only.rows.map((row) => row.values)).toEqual([['one', 1n], ['two', 0n]]);
    await connection.query('INSERT INTO up#TEMP (Id, Subject) VALUES (?, ?), (?, ?), (?, ?)', [chosen[0]!, 'x', chosen[1]!, 'y', 'nobody', 'z']);
    expect((await connection.query('UPDATE Messages (Id, Subject) SELECT Id, Subject FROM up#TEMP')).affectedRows).toBe(2);
    expect(new Map(mutator.writes[1]!.rows.map(({ target, values: [s] }) => [target[0], s]))).toEqual(new Map([[chosen[0], 'x'], [chosen[1], 'y']]));
    expect((await connection.query('DELETE FROM Messages WHERE EXISTS SELECT Id FROM up#TEMP')).affectedRows).toBe(2);
    expect((await connection.query('SELECT count(*) AS n FROM [up#TEMP]')).rows).toEqual([{ n: 3 }]);
    await connection.query('DROP TABLE up#TEMP');
    expect((await refusal(connection.query('SELECT * FROM up#TEMP'))).code).toBe('UNKNOWN_TABLE');
  });

  test('EXISTS in parentheses is SQL: the same for every row, so it is not taken for the key', async () => {
    await connection.query("INSERT INTO gone#TEMP (Id) VALUES ('x')");
    for (const sql of ['DELETE FROM Messages WHERE EXISTS (SELECT Id FROM gone#TEMP)', 'UPDATE Messages SET isRead = 1 WHERE EXISTS (SELECT Id FROM gone#TEMP WHERE Id = ?)', 'WITH g AS (SELECT Id FROM gone#TEMP) DELETE FROM Messages WHERE EXISTS (SELECT 1 FROM g)']) {
      expect(await refusal(connection.query(sql, sql.includes('?') ? ['x'] : []))).toMatchObject({ code: 'WRITE_LIMIT', position: sql.indexOf('EXISTS') });
    }
    expect(mutator.writes).toEqual([]);
    const [id] = (await ids("WHERE subject = 'Lunch 30'")) as [string];
    await connection.query('UPDATE gone#TEMP SET Id = ?', [id]);
    expect((await connection.query('DELETE FROM Messages AS m WHERE EXISTS (SELECT 1 FROM gone#TEMP g WHERE g.Id = m.id)')).affectedRows).toBe(1);
    await using bold = openRecording(sandbox, mutator, 'AllowFullTable=true');
    expect((await bold.query('UPDATE Messages SET isRead = 1 WHERE EXISTS (SELECT 1)')).affectedRows).toBe(MESSAGES);
  });

  test('LastResultInfo#TEMP has a row for each row written', async () => {
    expect((await connection.query('SELECT * FROM LastResultInfo#TEMP')).rows).toEqual([]);
    await connection.query("INSERT INTO Messages (subject) VALUES ('a'), ('b')");
    expect((await connection.query('SELECT Ordinal, Id, ChangeKey, Status, Message FROM LastResultInfo#TEMP')).rows).toEqual([
      { Ordinal: 1, Id: 'new-1', ChangeKey: 'after', Status: 'done', Message: null },
      { Ordinal: 2, Id: 'new-2', ChangeKey: 'after', Status: 'done', Message: null },
    ]);
  });
});

describe('UPSERT and ON CONFLICT', () => {
  test('rows that are there are updated, the condition and excluded included', async () => {
    const [a, b] = (await ids("WHERE subject IN ('Lunch 30', 'Lunch 31') ORDER BY subject")) as [string, string];
    const upserted = await connection.query('UPSERT INTO Messages (id, subject) VALUES (?, ?), (?, ?), (NULL, ?) RETURNING id, subject', [a, 'A', b, 'B', 'fresh']);
    expect(upserted.rows).toEqual([{ id: a, subject: 'A' }, { id: b, subject: 'B' }, { id: 'new-3', subject: 'fresh' }]);
    expect(mutator.writes.map(({ shape: { kind, columns }, rows }) => [kind, columns, rows.length])).toEqual([['update', ['subject'], 2], ['insert', ['subject'], 1]]);
    mutator.writes.length = 0;
    const done = await connection.query("INSERT INTO Messages (id, subject) VALUES (?, 'x'), (?, 'y') ON CONFLICT (id) DO UPDATE SET subject = subject || excluded.Subject WHERE subject = 'Lunch 31'", [a, b]);
    expect(done.affectedRows).toBe(1);
    expect(mutator.only.rows).toMatchObject([{ row: 1, values: ['Lunch 31y'] }]);
    mutator.writes.length = 0;
    expect((await connection.query("INSERT INTO Messages (id, subject) VALUES (?, 'x') ON CONFLICT (id) DO NOTHING", [a])).affectedRows).toBe(0);
    expect(mutator.writes).toEqual([]);
    expect(await values(connection, "SELECT count(*) FROM Messages WHERE subject = 'Lunch 30'")).toEqual([1]);
  });

  test('an id that is not there is refused where the service makes ids', async () => {
    for (const action of ['DO NOTHING', 'DO UPDATE SET subject = excluded.subject']) {
      const sql = `INSERT INTO Messages (id, subject) VALUES ('nobody', 'x') ON CONFLICT (id) ${action}`;
      expect(await refusal(connection.query(sql))).toMatchObject({ code: 'NOT_WRITABLE', position: sql.indexOf("'nobody'") });
    }
    expect(mutator.writes).toEqual([]);
  });

  test('a natural key really inserts', async () => {
    mutator.read = ['id', 'userId'];
    const { affectedRows } = await connection.query("INSERT INTO Categories (displayName, color) VALUES ('Red', 'preset1'), ('Green', 'preset2') ON CONFLICT (displayName) DO UPDATE SET color = excluded.color");
    expect(affectedRows).toBe(2);
    expect(mutator.writes.map(({ shape: { kind, columns }, rows }) => [kind, columns, rows.map((row) => row.values)])).toEqual([['update', ['color'], [['preset1']]], ['insert', ['displayName', 'color'], [['Green', 'preset2']]]]);
  });

  test('a key twice, a key that is none', async () => {
    const [a] = (await ids("WHERE subject = 'Lunch 30'")) as [string];
    expect((await refusal(connection.query("UPSERT INTO Messages (id, subject) VALUES (?1, 'x'), (?1, 'y')", [a]))).code).toBe('DUPLICATE');
    const sql = "INSERT INTO Messages (id, subject) VALUES ('x', 'y') ON CONFLICT (subject) DO NOTHING";
    expect(await refusal(connection.query(sql))).toMatchObject({ code: 'NOT_SUPPORTED', position: sql.indexOf('subject)', 40) });
    expect(mutator.writes).toEqual([]);
  });
});

describe('outcomes', () => {
  const failing = (row: number, code: 'DUPLICATE' | 'CONFLICT' = 'DUPLICATE') => {
    mutator.answer = (one, shape) => (one.row === row ? { row, status: 'failed', error: new ExchangeSqlError(code, 'no', { hint: 'because' }) } : mutator.done(one, shape));
  };

  test('stop: the error is the failed row\'s, and says what was done', async () => {
    failing(1, 'CONFLICT');
    const error = await refusal(connection.query("INSERT INTO Messages (subject) VALUES ('a'), ('b'), ('c')"));
    expect(error).toMatchObject({ code: 'CONFLICT', sqlState: '40001', hint: 'because' });
    expect(error.message).toBe('row 2 of 3: no; 1 of 3 rows were written, 1 failed, 1 were not sent');
    expect(error.outcomes!.map(({ status }) => status)).toEqual(['done', 'failed', 'skipped']);
    expect(await values(connection, 'SELECT Status FROM LastResultInfo#TEMP')).toEqual(['done', 'failed', 'skipped']);
    expect(await values(connection, 'SELECT SCOPE_IDENTITY()')).toEqual(['new-1']);
  });

  test('continue: the others are written, with a warning', async () => {
    await using tolerant = openRecording(sandbox, mutator, 'OnRowError=continue');
    failing(0);
    const { affectedRows, outcomes, warnings, rows } = await tolerant.query("INSERT INTO Messages (subject) VALUES ('a'), ('b') RETURNING id");
    expect([affectedRows, rows, warnings]).toEqual([1, [{ id: 'new-2' }], [{ code: 'DUPLICATE', message: 'row 1 was not written: no' }]]);
    expect(outcomes![0]).toMatchObject({ status: 'failed', code: 'DUPLICATE', sqlState: '23505' });
    // A single row that fails is the statement's failure.
    expect((await refusal(tolerant.query("INSERT INTO Messages (subject) VALUES ('a')"))).code).toBe('DUPLICATE');
  });

  test('unknown is an error of its own, also where the statement goes on', async () => {
    await using tolerant = openRecording(sandbox, mutator, 'OnRowError=continue');
    mutator.answer = (one, shape) => (one.row === 0 ? { row: 0, status: 'unknown', error: new ExchangeSqlError('UNREACHABLE', 'the connection broke') } : mutator.done(one, shape));
    const error = await refusal(tolerant.query("INSERT INTO Messages (subject) VALUES ('a'), ('b')"));
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', sqlState: '40003', retryable: false });
    expect(error.outcomes!.map(({ status }) => status)).toEqual(['unknown', 'done']);
  });

  test('cancelled while it writes: what was done is still said', async () => {
    const caller = new AbortController();
    mutator.before = () => { caller.abort(); };
    const error = await refusal(connection.query("INSERT INTO Messages (subject) VALUES ('a'), ('b')", [], { signal: caller.signal }));
    expect(error.code).toBe('CANCELLED');
    expect(error.outcomes!.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
  });

  test('one row that cannot be written keeps all from being', async () => {
    mutator.refuse = ({ values: [subject] }) => {
      if (subject === 'b') throw new ExchangeSqlError('BAD_VALUE', 'not b');
    };
    expect(await refusal(connection.query("INSERT INTO Messages (subject) VALUES ('a'), ('b')"))).toMatchObject({ code: 'BAD_VALUE', message: 'row 2: not b' });
    expect(mutator.writes).toEqual([]);
  });

  test('a read that fails half-way writes nothing', async () => {
    sandbox.faults.set({ denyMailboxes: [BEN] });
    try {
      expect((await refusal(connection.query("INSERT INTO Messages (subject) SELECT subject FROM Messages WHERE userId IN (?, 'main@contoso.example')", [BEN]))).code).toBe('PERMISSION');
    } finally {
      sandbox.faults.reset();
    }
    expect(mutator.writes).toEqual([]);
  });
});

describe('errors', () => {
  test.each<[string, string, string | number]>([
    ['INSERT INTO Messages (subjekt) VALUES (1)', 'UNKNOWN_COLUMN', 'subjekt'],
    ['INSERT INTO Messages (subject, subject) VALUES (1, 2)', 'SYNTAX', 31],
    ['INSERT INTO Messages (subject) VALUES (1, 2)', 'SYNTAX', -1],
    ['UPDATE Messages SET subject = WHERE id = 1', 'SYNTAX', 'WHERE'],
    ['UPDATE Messages SET subject = subjekt WHERE id = 1', 'UNKNOWN_COLUMN', 'subjekt'],
    ['UPDATE Messages SET subject = 1 WHERE idd = 1', 'UNKNOWN_COLUMN', 'idd'],
    ["DELETE FROM Messages WHERE id = 'x' RETURNING subjekt", 'UNKNOWN_COLUMN', 'subjekt'],
    ["DELETE FROM Messages WHERE id = 'x' RETURNING count(*)", 'NOT_SUPPORTED', 'count'],
    ["DELETE FROM Messages WHERE id = 'x' RETURNING (SELECT max(id) FROM Messages)", 'NOT_SUPPORTED', '(SELECT'],
    ['UPDATE MSGraph.Messages WHERE id = 1', 'SYNTAX', 'WHERE'],
    ['INSERT INTO MSGraph.Messages (subject) VALUES', 'SYNTAX', -1],
    ['UPDATE Messages m JOIN Contacts c ON 1 SET isRead = 1', 'SYNTAX', 'JOIN'],
    ['UPDATE m SET isRead = 1 FROM Messages m WHERE m.id = 1', 'UNKNOWN_TABLE', 'm SET'],
    ['DELETE m FROM Messages m WHERE m.id = 1', 'SYNTAX', 'm FROM'],
    ['DELETE FROM Mesages', 'UNKNOWN_TABLE', 'Mesages'],
    ['DELETE TOP (3) FROM Messages', 'NOT_SUPPORTED', 'TOP'],
    ['DELETE Messages WHERE id = 1', 'SYNTAX', 'Messages'],
    ['UPDATE TOP (3) Messages SET isRead = 1', 'NOT_SUPPORTED', 'TOP'],
    ['INSERT INTO Messages (subject) OUTPUT inserted.id VALUES (1)', 'NOT_SUPPORTED', 'OUTPUT'],
    ['REPLACE INTO Messages (subject) VALUES (1)', 'NOT_SUPPORTED', 'REPLACE'],
    ['INSERT OR IGNORE INTO Messages (subject) VALUES (1)', 'NOT_SUPPORTED', 'INSERT'],
    ['UPDATE Messages SET (subject, importance) = (SELECT 1, 2)', 'NOT_SUPPORTED', '(SELECT'],
    ['UPDATE Messages SET receivedDateTime = 1 WHERE 0', 'NOT_WRITABLE', -1],
    ["UPDATE Messages SET isRead = 1 WHERE receivedDateTime > 'soon'", 'BAD_VALUE', "'soon'"],
    ["WITH Messages AS (SELECT 1) UPDATE Messages SET isRead = 1", 'NOT_SUPPORTED', 35],
    ['MERGE INTO Messages USING x ON 1 = 1', 'STATEMENT_REFUSED', 0],
    ['UPDATE Messages (subject) SELECT subject FROM Messages', 'SYNTAX', '(subject)'],
  ])('%s', async (sql, code, where) => {
    const error = await refusal(connection.query(sql));
    expect([error.code, error.position]).toEqual([code, where === -1 ? error.position : typeof where === 'number' ? where : sql.indexOf(where)]);
    // A value is looked at when the statement runs.
    if (code !== 'BAD_VALUE') expect(() => connection.prepare(sql)).toThrow(ExchangeSqlError);
    expect(mutator.writes).toEqual([]);
  });

  test('prepare tells the columns and sends nothing', async () => {
    const before = sandbox.log.entries.length;
    const statement = connection.prepare('UPDATE Messages SET subject = ? WHERE subject = @old RETURNING id, receivedDateTime AS at');
    expect(statement.columns.map(({ name, type }) => [name, type])).toEqual([['id', 'text'], ['at', 'timestamp']]);
    expect(connection.prepare('DELETE FROM Messages WHERE id = ?').columns.map(({ name }) => name)).toEqual(['changes']);
    expect(sandbox.log.entries.length).toBe(before);
  });

  test('a stream writes when its rows are pulled', async () => {
    const stream = connection.stream("INSERT INTO Messages (subject) VALUES ('a') RETURNING id");
    expect((await stream.columns()).map(({ name }) => name)).toEqual(['id']);
    expect([mutator.writes.length, stream.affectedRows]).toEqual([0, undefined]);
    const rows = [];
    for await (const row of stream) rows.push(row);
    expect([rows, stream.affectedRows, stream.outcomes!.length]).toEqual([[{ id: 'new-1' }], 1, 1]);
  });

  test('the whole table', async () => {
    expect((await connection.query('DELETE FROM Messages', [], { allowFullTable: true })).affectedRows).toBe(MESSAGES);
  });
});
