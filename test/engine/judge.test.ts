import { afterAll, describe, expect, it } from 'vitest';
import { samePrograms } from '../../src/engine/index.js';
import { bound, failure, newJudge, NONE } from './fixture.js';

const judge = newJudge();
afterAll(() => {
  judge.close();
});
const reads = (sql: string): Record<string, readonly string[]> => Object.fromEntries(judge.examine(sql).tables.map(({ schema, table, columns }) => [schema === 'main' ? table : `${schema}.${table}`, columns]));

describe('tables and columns from bytecode', () => {
  it.each<[string, Record<string, readonly string[]>]>([
    ['SELECT subject FROM messages WHERE ISREAD = 0', { Messages: ['subject', 'isRead'] }],
    ['SELECT count(*) FROM Messages', { Messages: [] }],
    ['SELECT count(*) FROM Messages WHERE size > 5', { Messages: ['size'] }],
    // opened twice
    ['SELECT m.subject FROM Messages m FULL JOIN MailFolders f ON f.id = m.parentFolderId', { Messages: ['subject', 'parentFolderId'], MailFolders: ['id'] }],
    ['SELECT f.displayName FROM Messages m RIGHT JOIN MailFolders f ON f.id = m.parentFolderId', { Messages: ['parentFolderId'], MailFolders: ['id', 'displayName'] }],
    // automatic index
    ['SELECT m.subject, f.displayName FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId', { Messages: ['subject', 'parentFolderId'], MailFolders: ['id', 'displayName'] }],
    // two references, one set of columns
    ['SELECT a.subject FROM Messages a JOIN Messages b ON a.id = b.parentFolderId', { Messages: ['id', 'subject', 'parentFolderId'] }],
    // unused columns of * in a CTE are gone; a materialised one keeps them
    ['WITH c AS (SELECT * FROM MailFolders) SELECT id FROM c', { MailFolders: ['id'] }],
    ['WITH c AS MATERIALIZED (SELECT * FROM MailFolders) SELECT id FROM c', { MailFolders: ['id', 'displayName', 'totalItemCount'] }],
    ['SELECT x.b FROM (SELECT id a, displayName b FROM MailFolders) x', { MailFolders: ['displayName'] }],
    // subqueries in expressions
    ['SELECT (SELECT max(displayName) FROM MailFolders f WHERE f.id = m.parentFolderId) FROM Messages m', { Messages: ['parentFolderId'], MailFolders: ['id', 'displayName'] }],
    ['SELECT 1 FROM Messages WHERE EXISTS (SELECT 1 FROM MailFolders WHERE totalItemCount > size)', { Messages: ['size'], MailFolders: ['totalItemCount'] }],
    ["SELECT subject FROM Messages WHERE id IN (SELECT id FROM MailFolders) AND size IN (1, 2, 3)", { Messages: ['id', 'subject', 'size'], MailFolders: ['id'] }],
    ['SELECT size FROM Messages UNION SELECT totalItemCount FROM MailFolders ORDER BY 1', { Messages: ['size'], MailFolders: ['totalItemCount'] }],
    ['SELECT subject, row_number() OVER (PARTITION BY isRead ORDER BY size) FROM Messages', { Messages: ['subject', 'isRead', 'size'] }],
    ['WITH RECURSIVE c(i) AS (SELECT id FROM MailFolders UNION SELECT f.displayName FROM c JOIN MailFolders f ON f.id = c.i) SELECT * FROM c', { MailFolders: ['id', 'displayName'] }],
    ["SELECT j.value FROM Messages m, json_each(m.toRecipients) j", { Messages: ['toRecipients'] }],
    // BI tools: still listed
    ['SELECT subject FROM Messages WHERE 1 = 0', { Messages: ['subject'] }],
    ['SELECT subject FROM Messages LIMIT 0', { Messages: ['subject'] }],
    ['SELECT 1', {}],
    ['SELECT table_name FROM information_schema.tables', { 'information_schema.tables': ['table_name'] }],
    ['SELECT t.TableName FROM sys_tables t', { sys_tables: ['TableName'] }],
  ])('%s', (sql, expected) => {
    expect(reads(sql)).toEqual(expected);
  });

  it('binds NULL to every kind of parameter to see the program', () => {
    expect(reads('SELECT subject FROM Messages WHERE id = ? AND size > ?3 AND subject = :a AND big = @a AND score = $b LIMIT ?')).toEqual({ Messages: ['id', 'subject', 'size', 'score', 'big'] });
  });
});

describe('result columns', () => {
  it('name their origin through CTEs, derived tables and renames', () => {
    const { columns } = judge.examine('WITH c(x, y) AS (SELECT receivedDateTime, isRead FROM Messages) SELECT z.x AS t, y, size + 1 AS n FROM (SELECT * FROM c) z, Messages');
    expect(columns).toEqual([
      { name: 't', table: 'Messages', column: 'receivedDateTime', schema: 'main', declaredType: 'TEXT TIMESTAMP' },
      { name: 'y', table: 'Messages', column: 'isRead', schema: 'main', declaredType: 'BOOLEAN' },
      { name: 'n' },
    ]);
  });
});

describe('rowid', () => {
  it.each([
    'SELECT rowid FROM Messages',
    'SELECT m._rowid_ FROM Messages m',
    'SELECT "oid" FROM Messages',
    'SELECT subject FROM Messages ORDER BY rowid DESC',
    'SELECT subject FROM Messages WHERE rowid = 5',
    'SELECT f.rowid FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId',
  ])('is seen: %s', (sql) => {
    expect(judge.examine(sql).readsRowid).toBe(true);
  });
  it.each([
    'SELECT m.subject AS oid FROM Messages m FULL JOIN MailFolders f ON f.id = m.parentFolderId ORDER BY oid',
    "SELECT 'rowid', subject FROM Messages m JOIN MailFolders f ON f.id = m.parentFolderId",
    'SELECT m.subject FROM Messages m FULL JOIN MailFolders f ON f.id = m.parentFolderId',
    'SELECT rowid FROM (SELECT id AS rowid FROM Messages)',
  ])('is not seen where SQLite uses it for itself: %s', (sql) => {
    expect(judge.examine(sql).readsRowid).toBe(false);
  });
  it('is seen through a temporary view, and allowed on temporary tables', () => {
    const own = newJudge();
    own.runTemporary('CREATE TEMP VIEW v AS SELECT rowid AS n, subject FROM Messages', NONE, { emptySources: true });
    own.runTemporary('CREATE TEMP TABLE t(a)');
    expect(own.examine('SELECT n FROM v').readsRowid).toBe(true);
    expect(own.examine('SELECT rowid FROM t').readsRowid).toBe(false);
    own.close();
  });
});

describe('errors', () => {
  it.each<[string, string, number | undefined, RegExp, RegExp | undefined]>([
    ['SELECT * FROM Mesages', 'UNKNOWN_TABLE', 14, /no table Mesages/, /Did you mean Messages\?/],
    ['SELECT * FROM crm.Messages', 'UNKNOWN_TABLE', 14, /crm\.Messages/, /table Messages without crm/],
    ['SELECT subjct FROM Messages', 'UNKNOWN_COLUMN', 7, /no column subjct/, /subject/],
    ['SELECT m.subjct FROM People p, Messages AS m', 'UNKNOWN_COLUMN', 7, /m\.subjct/, /subject/],
    ['SELECT nam FROM Messages JOIN People USING (id)', 'UNKNOWN_COLUMN', 7, /nam/, /name/],
    ['SELECT "hello" FROM Messages', 'UNKNOWN_COLUMN', 7, /hello/, /'hello'/],
    // the inner one is fine, the outer one is not
    ['SELECT (SELECT displayName FROM MailFolders), displayName FROM Messages', 'UNKNOWN_COLUMN', 46, /displayName/, undefined],
    ['SELECT * FROM Messages JOIN People USING (subject)', 'UNKNOWN_COLUMN', 42, /USING\(subject\)/, undefined],
    ['SELECT id FROM Messages, People', 'AMBIGUOUS_COLUMN', 7, /id/, /alias/],
    ['SELECT lenght(subject) FROM Messages', 'UNKNOWN_FUNCTION', 7, /lenght/, /length/],
    ["SELECT 'startswith', STARTSWITH(subject, 'a') FROM Messages", 'UNKNOWN_FUNCTION', 21, /STARTSWITH/i, /LIKE/],
    ['SELEC 1', 'SYNTAX', 0, /SELEC/, undefined],
    ["SELECT ',' , 1,, 2", 'SYNTAX', 15, /,/, undefined],
    ['SELECT id FROM Messages WHERE WHERE id = 1', 'SYNTAX', 30, /WHERE/, undefined],
    ['SELECT (1', 'SYNTAX', 9, /too early/, /parenthesis/],
    ["SELECT 'abc", 'SYNTAX', 7, /not closed/, /''/],
    ['SELECT [abc', 'SYNTAX', 7, /not closed/, undefined],
    ['SELECT 1; SELECT 2', 'SYNTAX', 8, /more than one/, undefined],
    ['  -- nothing', 'SYNTAX', undefined, /no statement/, undefined],
    ['SELECT 1 FROM Messages WHERE sum(size) > 1', 'SYNTAX', 29, /aggregate/, /HAVING/],
    ['SELECT substr(id) FROM Messages', 'SYNTAX', 7, /arguments/, undefined],
    ['SELECT len() FROM Messages', 'SYNTAX', 7, /arguments/, undefined],
    ['PRAGMA temp_store', 'STATEMENT_REFUSED', 0, /PRAGMA/, undefined],
    ["ATTACH ':memory:' AS x", 'STATEMENT_REFUSED', 0, /ATTACH/, undefined],
    ['DELETE FROM Messages', 'STATEMENT_REFUSED', 0, /DELETE/, undefined],
    ['WITH x AS (SELECT 1) DELETE FROM Messages', 'STATEMENT_REFUSED', undefined, /only SELECT/, undefined],
    ['SELECT * FROM sqlite_schema', 'STATEMENT_REFUSED', undefined, /schema tables/, /sys_tables/],
    ['SELECT (SELECT count(*) FROM sqlite_master)', 'STATEMENT_REFUSED', undefined, /schema tables/, undefined],
    ['SELECT * FROM sqlite_temp_schema', 'STATEMENT_REFUSED', undefined, /schema tables/, undefined],
    ['SELECT * FROM information_schema.sqlite_master', 'STATEMENT_REFUSED', undefined, /schema tables/, undefined],
    ["SELECT * FROM pragma_table_info('Messages')", 'STATEMENT_REFUSED', 14, /pragma_table_info/, undefined],
    ["SELECT load_extension('x')", 'STATEMENT_REFUSED', undefined, /load_extension/, undefined],
  ])('%s', (sql, code, position, message, hint) => {
    const error = failure(() => judge.examine(sql));
    expect([error.code, error.position]).toEqual([code, position]);
    expect(error.message).toMatch(message);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });
});

describe('program', () => {
  it('is equal for equal statements and differs for others', () => {
    const program = (sql: string) => judge.program(sql) ?? [];
    expect(samePrograms(program("SELECT id FROM Messages WHERE a.size=1 OR 0".replace('a.', '')), program('SELECT id FROM Messages WHERE ((size = 1) OR (0))'))).toBe(true);
    expect(samePrograms(program('SELECT 1 FROM Messages WHERE size=1 OR isRead=2 AND score=3'), program('SELECT 1 FROM Messages WHERE (size=1 OR isRead=2) AND score=3'))).toBe(false);
    expect(samePrograms(program("SELECT 1 FROM json_each('[]')"), program("SELECT 1 FROM json_each('[]')"))).toBe(true);
    expect(judge.program('SELECT nope FROM Messages')).toBeUndefined();
  });
});

describe('fold', () => {
  it('evaluates with SQLite and keeps storage classes', () => {
    expect(judge.fold("'a' || ?", bound('b'))).toEqual({ type: 'text', value: 'ab' });
    expect(judge.fold('7 / ?', bound(2n))).toEqual({ type: 'integer', value: 3n });
    expect(judge.fold('7 / ?', bound(2))).toEqual({ type: 'real', value: 3.5 });
    expect(judge.fold('9007199254740993 -- comment', NONE)).toEqual({ type: 'integer', value: 9007199254740993n });
    expect(judge.fold('NULL', NONE)).toEqual({ type: 'null', value: null });
    expect(judge.fold('TRUE', NONE)).toEqual({ type: 'integer', value: 1n });
    expect(judge.fold(':a + $1', { positional: [], named: { a: 1n, 1: 2n } })).toEqual({ type: 'integer', value: 3n });
  });
  it('refuses what is no constant: virtual tables are empty here', () => {
    expect(judge.fold('(SELECT count(*) FROM Messages)', NONE)).toBeUndefined();
    expect(judge.fold('1 IN MailFolders', NONE)).toBeUndefined();
    expect(judge.fold('id', NONE)).toBeUndefined();
    expect(judge.fold("xs_ts('yesterday')", NONE)).toBeUndefined();
    expect(judge.fold('(SELECT 3)', NONE)?.value).toBe(3n);
  });
  it('names a missing parameter', () => {
    expect(failure(() => judge.fold('?', NONE)).code).toBe('BAD_PARAMETER');
    expect(failure(() => judge.fold(':who', NONE)).message).toContain('who');
  });
});
