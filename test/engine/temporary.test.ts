import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TemporaryJudge } from '../../src/engine/index.js';
import { bound, failure, newJudge, NONE } from './fixture.js';

let judge: TemporaryJudge;
beforeEach(() => {
  judge = newJudge();
});
afterEach(() => {
  judge.close();
});

describe('temporary objects', () => {
  it('are created, filled, changed and dropped', () => {
    expect(judge.runTemporary('CREATE TEMP TABLE t(a INTEGER PRIMARY KEY, b TEXT)').changes).toBe(0);
    expect(judge.runTemporary('INSERT INTO t VALUES (?, :b), (2, NULL)', { positional: [1n], named: { b: 'x' } }).changes).toBe(2);
    expect(judge.runTemporary("UPDATE t SET b = 'y' WHERE a = 2 RETURNING a, b")).toEqual({ changes: 1, columns: ['a', 'b'], rows: [[2n, 'y']] });
    expect(judge.runTemporary('CREATE INDEX temp.i ON t(b)').changes).toBe(0);
    expect(judge.temporaryTables().map(({ name, kind, columns }) => [name, kind, columns])).toEqual([['t', 'table', ['a', 'b']], ['i', 'other', []]]);
    expect([...judge.temporaryTables()[0]!.rows()]).toEqual([[1n, 'x'], [2n, 'y']]);
    expect(judge.runTemporary('DELETE FROM t WHERE a = 1').changes).toBe(1);
    judge.runTemporary('ALTER TABLE t ADD COLUMN c');
    expect(judge.temporaryTables()[0]!.columns).toEqual(['a', 'b', 'c']);
    expect(judge.examine('SELECT a FROM t WHERE b = 5').tables).toEqual([{ schema: 'temp', table: 't', columns: ['a', 'b', 'c'] }]);
    judge.runTemporary('DROP TABLE t');
    expect(judge.temporaryTables()).toEqual([]);
    expect(failure(() => judge.examine('SELECT * FROM t')).code).toBe('UNKNOWN_TABLE');
  });

  it('takes the names and types of a query, and its rows later', () => {
    judge.runTemporary('CREATE TEMP TABLE picks AS SELECT id, size, receivedDateTime FROM Messages', NONE, { emptySources: true });
    expect(judge.insertTemporary('PICKS', undefined, [['a', 1n, '2024-01-01T00:00:00Z']])).toBe(1);
    expect(judge.insertTemporary('picks', ['id'], [['b'], ['c']])).toBe(2);
    expect([...judge.temporaryTables()[0]!.rows()]).toEqual([['a', 1n, '2024-01-01T00:00:00Z'], ['b', null, null], ['c', null, null]]);
    expect(failure(() => judge.insertTemporary('Messages', undefined, [])).code).toBe('UNKNOWN_TABLE');
  });

  it('do not read virtual tables, which are empty here', () => {
    judge.runTemporary('CREATE TEMP TABLE t(a)');
    for (const sql of ['CREATE TEMP TABLE u AS SELECT id FROM Messages', 'INSERT INTO t SELECT count(*) FROM Messages', 'DELETE FROM t WHERE a IN (SELECT id FROM MailFolders)']) {
      expect(failure(() => judge.runTemporary(sql)).code).toBe('NOT_SUPPORTED');
    }
  });

  it.each([
    'INSERT INTO Messages(id) VALUES (1)',
    'UPDATE Messages SET id = 1',
    'DELETE FROM main.Messages',
    'WITH x AS (SELECT 1) DELETE FROM Messages',
    'CREATE TABLE x(a)',
    'CREATE INDEX i ON Messages(id)',
    'CREATE VIEW v AS SELECT 1',
    'DROP TABLE Messages',
    'DROP TABLE information_schema.tables',
    'ALTER TABLE Messages ADD COLUMN x',
    'CREATE VIRTUAL TABLE temp.x USING fts5(a)',
    "ATTACH ':memory:' AS x",
    'DETACH information_schema',
    'VACUUM',
    'BEGIN',
    'SAVEPOINT a',
    'PRAGMA writable_schema = on',
    "INSERT INTO sqlite_temp_schema VALUES ('table', 'x', 'x', 2, '')",
    'CREATE TEMP TABLE messages(a)',
    'CREATE TEMP VIEW People AS SELECT 1',
    'ALTER TABLE free RENAME TO Messages',
    'CREATE TEMP TRIGGER tr AFTER INSERT ON free BEGIN DELETE FROM Messages; END; INSERT INTO free VALUES (1)',
  ])('refuses %s', (sql) => {
    judge.runTemporary('CREATE TEMP TABLE free(a)');
    const error = failure(() => judge.runTemporary(sql));
    expect(['STATEMENT_REFUSED', 'SYNTAX']).toContain(error.code);
    expect(judge.temporaryTables().map(({ name }) => name)).toEqual(['free']);
    expect(judge.examine('SELECT id FROM Messages').tables).toEqual([{ schema: 'main', table: 'Messages', columns: ['id'] }]);
  });

  it('leaves everything as it was when a statement fails half way', () => {
    judge.runTemporary('CREATE TEMP TABLE t(a UNIQUE)');
    expect(failure(() => judge.runTemporary('INSERT INTO t VALUES (1), (2), (1)')).message).toMatch(/UNIQUE/);
    expect([...judge.temporaryTables()[0]!.rows()]).toEqual([]);
    expect(judge.runTemporary('INSERT INTO t VALUES (?)', bound(1n)).changes).toBe(1);
  });
});
