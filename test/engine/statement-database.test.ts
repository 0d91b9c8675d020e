import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createStatementDatabase, engineTable } from '../../src/engine/index.js';
import type { SqlValue } from '../../src/scan/value.js';
import { bound, failure, FOLDERS, LOCAL, MESSAGES, newDatabase, newJudge, NONE, PEOPLE, rowsOf } from './fixture.js';

const opened: { close(): void }[] = [];
const open = (...args: Parameters<typeof newDatabase>) => {
  const database = newDatabase(...args);
  opened.push(database);
  return database;
};
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
});

const folders = (count: number, from = 0): { rows: SqlValue[][]; keys: string[] } => {
  const ids = Array.from({ length: count }, (_, index) => `f${String(from + index)}`);
  return { rows: ids.map((id, index) => [id, BigInt(index)]), keys: ids };
};

describe('staging', () => {
  it('skips keys that were staged before, in the page and in earlier pages', () => {
    const database = open();
    const page = { rows: [['a', 1n], ['b', 2n], ['a', 3n]], keys: ['a', 'b', 'a'] } as const;
    expect(database.stage('MailFolders', ['id', 'totalItemCount'], page)).toBe(2);
    expect(database.stage('MailFolders', ['id', 'totalItemCount'], { rows: [['b', 9n], ['A', 4n]], keys: ['b', 'A'] })).toBe(1);
    expect(rowsOf(database, 'SELECT id, totalItemCount FROM MailFolders ORDER BY id')).toEqual([['A', 4n], ['a', 1n], ['b', 2n]]);
  });

  it('keeps every row of any page size, in order, whatever the columns', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 130 }), { maxLength: 4 }), fc.boolean(), (sizes, memory) => {
        const database = newDatabase(memory);
        let total = 0;
        for (const size of sizes) {
          expect(database.stage('MailFolders', ['totalItemCount', 'id'], { rows: folders(size, total).rows.map(([id, n]) => [n!, id!]), keys: folders(size, total).keys })).toBe(size);
          total += size;
        }
        expect(rowsOf(database, 'SELECT id, displayName FROM MailFolders')).toEqual(folders(total).keys.map((id) => [id, null]));
        database.close();
      }),
      { numRuns: 40 },
    );
  });

  it('stages rows without columns for count(*)', () => {
    const database = open();
    database.stage('Messages', [], { rows: Array.from({ length: 120 }, () => []), keys: Array.from({ length: 120 }, (_, i) => String(i)) });
    expect(rowsOf(database, 'SELECT count(*), count(id) FROM Messages')).toEqual([[120n, 0n]]);
  });

  it('without keys keeps every row', () => {
    const database = open();
    expect(database.stage('People', ['name'], { rows: [['x'], ['x']], keys: [] })).toBe(2);
    expect(failure(() => database.stage('People', ['name'], { rows: [['x'], ['x']], keys: ['k'] })).code).toBe('INTERNAL');
  });

  it('clear empties the table and remembers keys', () => {
    const database = open();
    database.stage('MailFolders', ['id', 'totalItemCount'], folders(60));
    database.clear('MailFolders');
    expect(rowsOf(database, 'SELECT count(*) FROM MailFolders')).toEqual([[0n]]);
    expect(database.stage('MailFolders', ['id', 'totalItemCount'], folders(61))).toBe(1);
  });

  it('gives distinct keys that are not NULL', () => {
    const database = open();
    database.stage('Messages', ['parentFolderId', 'size'], { rows: [['x', 1n], ['X', 1n], [null, 2n], ['x', 3n]], keys: [] });
    expect(database.keys('SELECT parentFolderId FROM Messages ORDER BY 1')).toEqual(['X', 'x']);
    expect(database.keys('SELECT size FROM Messages ORDER BY 1')).toEqual([1n, 2n, 3n]);
  });

  it('fills attached schemas', () => {
    const database = createStatementDatabase({ tables: [LOCAL[1]!, LOCAL[0]!], memory: true });
    opened.push(database);
    database.stage('information_schema.tables', ['table_name'], { rows: [['Messages']], keys: [] });
    database.stage('sys_tables', ['TableName'], { rows: [['Events']], keys: [] });
    expect(rowsOf(database, 'SELECT table_name FROM information_schema.tables UNION ALL SELECT TableName FROM sys_tables')).toEqual([['Messages'], ['Events']]);
  });

  it('creates a table that only the text names', () => {
    const sql = 'SELECT a FROM (SELECT id AS a, (SELECT max(name) FROM People) AS b FROM MailFolders)';
    const judge = newJudge();
    opened.push(judge);
    expect(judge.examine(sql).tables.map(({ table }) => table)).toEqual(['MailFolders']);
    const database = createStatementDatabase({ tables: [engineTable(FOLDERS)], memory: true, unread: (name) => judge.table('main', name) });
    opened.push(database);
    expect(rowsOf(database, sql)).toEqual([]);
    expect(failure(() => rowsOf(database, 'SELECT 1 FROM Nothing')).message).toContain('Nothing');
    const local = createStatementDatabase({ tables: [], memory: true, unread: (name, schema = 'main') => judge.table(schema, name) });
    opened.push(local);
    expect(rowsOf(local, 'SELECT 1 FROM information_schema.tables')).toEqual([]);
  });
});

describe('running', () => {
  it('iterates lazily and can be left early', () => {
    const database = open();
    database.stage('MailFolders', ['id', 'totalItemCount'], folders(1000));
    for (const [id] of database.run('SELECT id FROM MailFolders', NONE)) {
      expect(id).toBe('f0');
      break;
    }
    database.stage('MailFolders', ['id', 'totalItemCount'], folders(1, 5000));
    const first = database.run('SELECT id FROM MailFolders', NONE);
    const second = database.run('SELECT id FROM MailFolders', NONE);
    expect([first.next().value, second.next().value, first.next().value]).toEqual([['f0'], ['f0'], ['f1']]);
    first.return?.();
    second.return?.();
  });

  it('binds positional and named parameters together', () => {
    const database = open();
    const run = (sql: string, positional: SqlValue[], named: Record<string, SqlValue>) => rowsOf(database, sql, { positional, named })[0];
    expect(run('SELECT ?, :a, ?, @a, $b', [1n, 'x'], { a: null, b: 2.5 })).toEqual([1n, null, 'x', null, 2.5]);
    expect(run('SELECT ?2, ?1, ?2', ['a', 'b'], {})).toEqual(['b', 'a', 'b']);
    expect(run('SELECT $1, $2', ['a', 'b'], {})).toEqual(['a', 'b']);
    expect(run('SELECT ?, ?1', ['a'], {})).toEqual(['a', 'a']);
    expect(run("SELECT '?', \"x?\", ? /* ? */ FROM (SELECT 1 AS \"x?\") -- ?", ['a'], {})).toEqual(['?', 1n, 'a']);
    expect(run('SELECT ?1', ['a', 'surplus'], { other: 1n })).toEqual(['a']);
    expect(failure(() => run('SELECT ?, ?', ['a'], {})).code).toBe('BAD_PARAMETER');
    expect(failure(() => run('SELECT :toString', [], {})).code).toBe('BAD_PARAMETER');
  });

  it('turns errors of running into one clear error', () => {
    const database = open();
    expect(failure(() => rowsOf(database, "SELECT json_extract('{', '$')")).code).toBe('BAD_VALUE');
    expect(failure(() => rowsOf(database, "SELECT year('soon')")).message).toContain("'soon' is not a timestamp");
    expect(failure(() => rowsOf(database, 'SELECT 1 WHERE 1 MATCH 2')).code).toBe('NOT_SUPPORTED');
    expect(failure(() => rowsOf(database, 'SELECT abs(-9223372036854775808)')).code).toBe('BAD_VALUE');
  });

  it('stops at the deadline where xs_tick() stands', () => {
    const database = open();
    const sql = 'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE xs_tick()) SELECT count(*) FROM c';
    database.setDeadline(30);
    const started = performance.now();
    expect(failure(() => rowsOf(database, sql)).code).toBe('TIMEOUT');
    expect(performance.now() - started).toBeLessThan(2000);
    database.setDeadline(undefined);
    expect(rowsOf(database, 'SELECT xs_tick()')).toEqual([[1n]]);
  });
});

describe('runaway statements', () => {
  const prepared = () => {
    const database = open(true, 1e6);
    database.stage('MailFolders', ['id', 'totalItemCount'], folders(2000));
    database.stage('Messages', ['id', 'size'], folders(2000));
    database.stage('People', ['id', 'name'], { rows: folders(10).rows, keys: folders(10).keys });
    return database;
  };
  it.each([
    'SELECT * FROM Messages, MailFolders',
    'SELECT * FROM Messages a, Messages AS b',
    'SELECT * FROM Messages m JOIN MailFolders f ON f.displayName LIKE m.subject',
    'SELECT (SELECT count(*) FROM MailFolders f WHERE f.totalItemCount > m.size) FROM Messages m',
    'SELECT count(*) FROM (SELECT DISTINCT id FROM Messages) a, (SELECT id FROM main.MailFolders ORDER BY 1) b, Messages m',
    'SELECT * FROM Messages WHERE EXISTS (SELECT 1 FROM MailFolders WHERE totalItemCount > size AND id <> subject)',
    'WITH big AS MATERIALIZED (SELECT id FROM Messages) SELECT count(*) FROM big, MailFolders',
    'SELECT 1 UNION ALL SELECT 1 FROM Messages, MailFolders',
  ])('are refused: %s', (sql) => {
    const database = prepared();
    const error = failure(() => {
      database.refuseRunaway(sql, NONE);
    });
    expect(error.code).toBe('STATEMENT_TOO_LARGE');
    expect(error.hint).toContain('Join by equality');
  });
  it.each([
    'SELECT * FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId',
    'SELECT * FROM Messages m FULL JOIN MailFolders f ON f.id = m.parentFolderId WHERE f.id > ?'.replace(' FULL', ' LEFT'),
    'SELECT * FROM Messages, People',
    'SELECT * FROM Messages WHERE id IN (SELECT id FROM MailFolders)',
    'SELECT * FROM Messages UNION ALL SELECT * FROM Messages',
    'SELECT * FROM Messages, (SELECT id FROM MailFolders LIMIT 1) x',
    'SELECT * FROM Messages, (SELECT totalItemCount, count(*) FROM MailFolders GROUP BY 1) x',
    'SELECT (SELECT displayName FROM MailFolders f WHERE f.id = m.parentFolderId) FROM Messages m',
    'SELECT 1',
  ])('others run: %s', (sql) => {
    prepared().refuseRunaway(sql, bound('x'));
  });
  it('a correlated look-up gets the index that SQLite does not make', () => {
    const database = prepared();
    const sql = 'SELECT count((SELECT f.totalItemCount FROM MailFolders f WHERE f.id = m.id)) FROM Messages m WHERE NOT EXISTS (SELECT 1 FROM MailFolders f WHERE f.displayName = m.id)';
    database.refuseRunaway(sql, NONE);
    expect(rowsOf(database, `EXPLAIN QUERY PLAN ${sql}`).map((row) => row[3])).toEqual(expect.arrayContaining([expect.stringMatching(/SEARCH f USING INDEX xs_MailFolders_id/)]));
    expect(rowsOf(database, sql)).toEqual([[2000n]]);
  });
});

describe('temporary objects in a statement', () => {
  it('are copied with their rows', () => {
    const judge = newJudge();
    opened.push(judge);
    judge.runTemporary('CREATE TEMP TABLE picks(id TEXT PRIMARY KEY, note) WITHOUT ROWID');
    judge.runTemporary("INSERT INTO picks VALUES ('f1', ?), ('f2', 9007199254740993)", bound('x'));
    judge.runTemporary('CREATE TEMP VIEW v AS SELECT f.id, p.note FROM MailFolders f JOIN picks p ON p.id = f.id', NONE, { emptySources: true });
    const examined = judge.examine('SELECT * FROM v');
    expect(examined.tables).toEqual(expect.arrayContaining([{ schema: 'temp', table: 'picks', columns: ['id', 'note'] }, { schema: 'main', table: 'MailFolders', columns: ['id'] }]));
    const database = createStatementDatabase({ tables: [engineTable(FOLDERS)], memory: true, temporary: judge.temporaryTables() });
    opened.push(database);
    database.stage('MailFolders', ['id', 'totalItemCount'], folders(5));
    expect(rowsOf(database, 'SELECT * FROM v ORDER BY 1')).toEqual([['f1', 'x'], ['f2', 9007199254740993n]]);
  });
});

it('declares only what it is given', () => {
  const database = createStatementDatabase({ tables: [engineTable(MESSAGES)], memory: false });
  opened.push(database);
  expect(failure(() => rowsOf(database, `SELECT 1 FROM ${PEOPLE.name}`)).message).toContain('People');
});
