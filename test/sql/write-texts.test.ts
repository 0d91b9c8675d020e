import { describe, expect, test } from 'vitest';
import { checkedText, selectOfChange, selectOfConflict, selectOfInsert, selectOfReturning, selectOfUpdateSelect, translate, type Translated, type WriteSkeleton } from '../../src/sql/index.js';

const dialect = { now: new Date('2026-05-01T12:34:56.789Z'), schemas: ['MSGraph', 'dbo'], catalogs: ['CData'] };

interface Read extends Translated {
  readonly skeleton: never;
}

function read(sql: string): { readonly text: string; readonly tokens: Translated['tokens']; readonly skeleton: WriteSkeleton; readonly translated: Read } {
  const translated = translate(sql, dialect);
  if (translated.write === undefined) throw new Error(`not read: ${sql}`);
  return { text: translated.text, tokens: translated.tokens, skeleton: translated.write, translated: translated as Read };
}

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

describe('the SELECT of an UPDATE or DELETE', () => {
  test.each([
    ["UPDATE t SET a = 1, b = lower(b) WHERE c = 'x'", `SELECT "t"."id", 1, lower(b) FROM t WHERE c = 'x'`],
    ['UPDATE MSGraph.t AS x SET x.a = x.b', 'SELECT "x"."id", x.b FROM t AS x'],
    ['UPDATE [CData].[MSGraph].[t] x SET a = 1', 'SELECT "x"."id", 1 FROM [t] AS x'],
    ['UPDATE t SET (a, b) = (1, (SELECT max(c) FROM u)), d = 2 WHERE 1', 'SELECT "t"."id", 1, (SELECT max(c) FROM u), 2 FROM t WHERE 1'],
    ['UPDATE t SET a = u.a FROM u WHERE u.id = t.id RETURNING *', 'SELECT "t"."id", u.a FROM t, u WHERE u.id = t.id'],
    ['UPDATE t SET a = u.a FROM u JOIN v ON u.k = v.k, w WHERE 1', 'SELECT "t"."id", u.a FROM t, u JOIN v ON u.k = v.k, w WHERE 1'],
    ['UPDATE t SET a = u.a FROM u RIGHT JOIN v ON u.k = v.k', 'SELECT "t"."id", u.a FROM t, (u RIGHT JOIN v ON u.k = v.k)'],
    ['UPDATE t SET a = u.a FROM u NATURAL JOIN v', 'SELECT "t"."id", u.a FROM t, (u NATURAL JOIN v)'],
    ['WITH u(k) AS (SELECT 1) UPDATE t SET a = 1 WHERE b IN (SELECT k FROM u)', 'WITH u(k) AS (SELECT 1) SELECT "t"."id", 1 FROM t WHERE b IN (SELECT k FROM u)'],
    ['UPDATE t SET a = b IS DISTINCT FROM c WHERE d', 'SELECT "t"."id", b IS DISTINCT FROM c FROM t WHERE d'],
    ['UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END ORDER BY c LIMIT 3', 'SELECT "t"."id", CASE WHEN b THEN 1 ELSE 2 END FROM t ORDER BY c LIMIT 3'],
    ['DELETE FROM t', 'SELECT "t"."id" FROM t'],
    ['DELETE FROM t AS x WHERE x.a = 1 RETURNING b ORDER BY c LIMIT 2 -- done', 'SELECT "x"."id" FROM t AS x WHERE x.a = 1 ORDER BY c LIMIT 2'],
    ['DELETE FROM t WHERE EXISTS SELECT Id, k FROM t#TEMP WHERE k > 1 RETURNING Id', 'SELECT "t"."id" FROM t WHERE ("Id", "k") IN ( SELECT Id, k FROM "t#TEMP" WHERE k > 1)'],
    ['DELETE FROM t WHERE EXISTS (SELECT 1 FROM u)', 'SELECT "t"."id" FROM t WHERE EXISTS (SELECT 1 FROM u)'],
    ['DELETE FROM "o""dd" WHERE "from" = 1', 'SELECT "o""dd"."id" FROM "o""dd" WHERE "from" = 1'],
    ["DELETE FROM t WHERE a = 'WHERE x RETURNING y' /* RETURNING z */", `SELECT "t"."id" FROM t WHERE a = 'WHERE x RETURNING y'`],
  ])('%s', (sql, wanted) => {
    expect(flat(selectOfChange(read(sql), ['id']).text)).toBe(wanted);
  });

  test('plain ? keep their values though the parts move', () => {
    const sql = 'WITH u AS (SELECT ? AS k) DELETE FROM t WHERE a = ? RETURNING b || ? ORDER BY ? LIMIT ?';
    const given = read(sql);
    expect(selectOfChange(given, ['id']).placeholders).toEqual([0, 1, 3, 4]);
    expect(selectOfReturning(given)!.placeholders).toEqual([2]);
  });

  test('positions are the user\'s', () => {
    const sql = 'UPDATE /* a */ MSGraph.t AS x SET a = wrong1, b = 2 WHERE wrong2 = GETDATE() AND wrong3';
    const given = read(sql);
    const { text, toSource } = selectOfChange(given, ['id', 'changeKey']);
    for (const name of ['wrong1', 'wrong2', 'wrong3']) expect(given.translated.toOriginal(toSource(text.indexOf(name)))).toBe(sql.indexOf(name));
  });
});

describe('the rows of an INSERT', () => {
  test.each([
    ["INSERT INTO t (a) VALUES ('x'), (?)", "VALUES ('x'), (?)"],
    ['INSERT INTO t SELECT * FROM u RETURNING id', 'SELECT * FROM u'],
    ['INSERT INTO t (a) WITH u AS (SELECT 1) SELECT * FROM u', 'WITH u AS (SELECT 1) SELECT * FROM u'],
    ['WITH u AS (SELECT 1) INSERT INTO t (a) SELECT * FROM u ON CONFLICT (id) DO NOTHING', 'WITH u AS (SELECT 1) SELECT * FROM u'],
    ['INSERT INTO t (a) SELECT TOP 2 a FROM u ON CONFLICT (id) DO NOTHING RETURNING a', 'SELECT a FROM u LIMIT 2'],
    ['UPSERT INTO t (id, a) SELECT id, a FROM t#TEMP', 'SELECT id, a FROM "t#TEMP"'],
    ['INSERT INTO t (a) VALUES (1) UNION SELECT 2', 'VALUES (1) UNION SELECT 2'],
  ])('%s', (sql, wanted) => {
    expect(flat(selectOfInsert(read(sql)).text)).toBe(wanted);
  });

  test('values, defaults and clauses are found', () => {
    const { skeleton, text } = read("INSERT INTO t (a, [b c]) VALUES (f(1, 2), DEFAULT), ((SELECT 3, 4), ')') ON CONFLICT (id, k) DO UPDATE SET a = excluded.a, b = 2 WHERE a > 1 RETURNING *");
    expect(skeleton.columns!.names.map(({ name }) => name)).toEqual(['a', 'b c']);
    if (skeleton.source?.kind !== 'values') throw new Error('no VALUES');
    expect(skeleton.source.rows.map((row) => row.map(({ start, end }) => text.slice(start, end)))).toEqual([['f(1, 2)', 'DEFAULT'], ['(SELECT 3, 4)', "')'"]]);
    expect(skeleton.source.defaults.map(({ row, column }) => [row, column])).toEqual([[0, 1]]);
    expect(skeleton.conflict).toMatchObject({ action: 'update', target: { columns: [{ name: 'id' }, { name: 'k' }] } });
    expect(text.slice(skeleton.conflict!.where!.start, skeleton.conflict!.where!.end)).toBe('a > 1');
    expect(text.slice(skeleton.returning!.items.start, skeleton.returning!.items.end)).toBe('*');
  });
});

describe('the other texts', () => {
  test.each([
    ['UPSERT INTO t (id) VALUES (DEFAULT)', 'INSERT INTO t (id) VALUES (NULL)'],
    ['UPSERT t (id) VALUES (1)', 'INSERT INTO t (id) VALUES (1)'],
    ['INSERT INTO t (id) VALUES (1) ON CONFLICT (id, k) DO NOTHING RETURNING id', 'INSERT INTO t (id) VALUES (1) ON CONFLICT (rowid) DO NOTHING'],
    ['UPDATE t (id, a) SELECT id, a FROM u', 'INSERT INTO t (id, a) SELECT id, a FROM u'],
    ['UPDATE t x SET x.a = 1', 'UPDATE t AS x SET "a" = 1'],
    ['DELETE FROM t x WHERE x.a', 'DELETE FROM t AS x WHERE x.a'],
  ])('for SQLite to check: %s', (sql, wanted) => {
    expect(flat(checkedText(read(sql)).text)).toBe(wanted);
  });

  test('UPDATE t (…) SELECT joins the given rows by their key', () => {
    const given = read('WITH u AS (SELECT 1) UPDATE t AS x (Id, a) SELECT Id, a FROM t#TEMP RETURNING a');
    expect(flat(selectOfUpdateSelect(given, { read: ['id', 'userId'], given: ['id', 'a'], key: ['id'], set: ['a'], version: undefined }).text)).toBe(
      'WITH u AS (SELECT 1), xs_given("id", "a") AS (SELECT Id, a FROM "t#TEMP") SELECT "x"."id", "x"."userId", xs_given."a" FROM t AS x JOIN xs_given ON "x"."id" = xs_given."id"',
    );
    expect(flat(selectOfUpdateSelect(given, { read: ['id', 'v'], given: ['id', 'v', 'a'], key: ['id', 'v'], set: ['a'], version: 'v' }).text)).toBe(
      'WITH u AS (SELECT 1), xs_given("id", "v", "a") AS (SELECT Id, a FROM "t#TEMP") SELECT "x"."id", xs_given."v", xs_given."a" FROM t AS x JOIN xs_given ON "x"."id" = xs_given."id" AND xs_given."v" IS NOT NULL',
    );
    expect(flat(selectOfReturning(given)!.text)).toBe('SELECT a FROM t AS x');
  });

  test('ON CONFLICT: a bare name is the target\'s, excluded is the given row', () => {
    const given = read('INSERT INTO t (id, a) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET a = a + Excluded.A, b = excluded."b" || \'excluded.c\' WHERE excluded.a > t.a');
    expect(flat(selectOfConflict(given, { given: 'g', ordinal: 'n', read: ['id'], key: ['id'], set: ['a', 'b'] }).text)).toBe(
      `SELECT excluded."n", "t"."id", a + Excluded."xs_a", excluded."xs_b" || 'excluded.c', (excluded."xs_a" > t.a) FROM t JOIN temp."g" AS excluded ON "t"."id" = excluded."xs_id"`,
    );
    const upsert = read('UPSERT INTO t (id, a) VALUES (1, 2)');
    expect(flat(selectOfConflict(upsert, { given: 'g', ordinal: 'n', read: ['id'], key: ['id'], set: ['a'] }).text)).toBe('SELECT excluded."n", "t"."id", excluded."xs_a", 1 FROM t JOIN temp."g" AS excluded ON "t"."id" = excluded."xs_id"');
  });

  test('T#TEMP is one name, quoted for SQLite, and results are named as written', () => {
    const { text, columnNames } = translate('SELECT T#TEMP.a, SCOPE_IDENTITY() FROM T#TEMP', { ...dialect, identity: "it's" });
    expect(text).toBe(`SELECT "T#TEMP".a, 'it''s' FROM "T#TEMP"`);
    expect(columnNames).toEqual(['a', 'SCOPE_IDENTITY()']);
    expect(translate('SELECT SCOPE_IDENTITY()', dialect).text).toBe('SELECT NULL');
  });
});

describe('forms of other dialects', () => {
  test.each([
    ['DELETE TOP (5) FROM t', 'DELETE TOP is not offered', 'TOP'],
    ['UPDATE TOP (5) t SET a = 1', 'UPDATE TOP is not offered', 'TOP'],
    ['INSERT TOP (5) INTO t SELECT 1', 'INSERT TOP is not offered', 'TOP'],
    ['DELETE t WHERE a = 1', 'DELETE needs FROM before t', 't WHERE'],
    ['INSERT t (a) VALUES (1)', 'INSERT needs INTO before t', 't (a)'],
    ['INSERT INTO t (a) OUTPUT inserted.id VALUES (1)', 'OUTPUT is not offered', 'OUTPUT'],
    ['DELETE FROM t OUTPUT deleted.id WHERE a = 1', 'OUTPUT is not offered', 'OUTPUT'],
    ['DELETE FROM t USING u WHERE 1', 'DELETE … USING is not offered', 'USING'],
    ['UPDATE t JOIN u ON 1 SET a = 1', 'UPDATE names one table before SET', 'JOIN'],
    ['REPLACE INTO t (a) VALUES (1)', 'REPLACE is not offered on tables of a mailbox', 'REPLACE'],
    ['UPDATE OR IGNORE t SET a = 1', 'UPDATE OR IGNORE is not offered on tables of a mailbox', 'OR'],
    ['INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2', 'ON DUPLICATE KEY is not offered', 'ON DUPLICATE'],
    ['INSERT INTO t (a) VALUES (1) ON CONFLICT ON CONSTRAINT k DO NOTHING', 'ON CONFLICT ON CONSTRAINT is not offered', 'ON CONSTRAINT'],
    ['UPDATE t SET (a, b) = (SELECT 1, 2)', 'several columns cannot be set from one subquery', '(SELECT'],
  ])('%s', (sql, message, at) => {
    const { refusal } = translate(sql, dialect).write ?? {};
    expect([refusal?.message, refusal?.position]).toEqual([message, sql.indexOf(at)]);
    expect(refusal?.hint).toMatch(/\w/);
  });
});
