/** What SQLite does with a statement is what its SELECT says; and no text, however odd, stops the reader. */
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { checkedText, readSkeleton, selectOfChange, selectOfInsert, selectOfReturning, tokenize, translate, type Token } from '../../src/sql/index.js';
import { readWrite } from '../../src/sql/write-reader.js';

const database = new Database(':memory:');
database.exec(`
  CREATE TABLE t(id INTEGER, a TEXT, b INTEGER, "from" TEXT);
  CREATE TABLE u(id INTEGER, k INTEGER, v TEXT);
  INSERT INTO t VALUES (1, 'x', 10, 'p'), (2, 'y', 20, NULL), (3, NULL, 30, 'q'), (4, 'X', NULL, 'set where'), (5, 'it''s', 50, 'r');
  INSERT INTO u VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 5, 'five'), (4, 9, 'none');
`);
afterAll(() => {
  database.close();
});

const dialect = { now: new Date(0), schemas: ['dbo'], catalogs: [] };

function read(sql: string): { readonly text: string; readonly tokens: readonly Token[]; readonly skeleton: NonNullable<ReturnType<typeof readWrite>> } {
  const { text, tokens, write } = translate(sql, dialect);
  if (write === undefined) throw new Error(`not read: ${sql}`);
  return { text, tokens, skeleton: write };
}

const all = (sql: string): unknown[][] => database.prepare(sql).raw().all() as unknown[][];

/** Runs it for real, answers with what is left, and takes it back. */
function really(sql: string): { readonly left: unknown[][]; readonly returned: unknown[][] } {
  database.exec('BEGIN');
  try {
    const statement = database.prepare(sql);
    const returned = statement.reader ? (statement.raw().all() as unknown[][]) : (statement.run(), []);
    return { left: all('SELECT * FROM t ORDER BY id'), returned };
  } finally {
    database.exec('ROLLBACK');
  }
}

const WHERE = [
  '', 'WHERE a = \'x\'', 'WHERE b BETWEEN 10 AND 20 AND a IS NOT NULL', 'WHERE "from" = \'set where\'', 'WHERE id IN (SELECT k FROM u WHERE u.v <> \'two\')', 'WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.id)',
  'WHERE CASE WHEN b > 20 THEN a ELSE \'x\' END = \'x\' -- set', 'WHERE a IS DISTINCT FROM \'x\' /* returning */', 'WHERE (id, b) IN (VALUES (1, 10), (2, 21))', 'WHERE NOT (a LIKE \'x\' OR b IS NULL)', 'WHERE \'returning\' = \'where\'',
];
const SET = ['a = upper(a)', 'b = b + 1, a = a || b', '(a, b) = (b, id)', 'a = (SELECT v FROM u WHERE u.k = t.id)', '"from" = a, a = "from"', 'a = CASE b WHEN 10 THEN \'ten\' ELSE a END', 'b = (1, 2) < (id, 3)', '[a] = \'from u where\'', 'a = count.v'];
const FROM = ['', 'FROM u AS count', 'FROM (SELECT v FROM u ORDER BY k LIMIT 1) AS count'];

describe('UPDATE and DELETE', () => {
  const updates = SET.flatMap((set) => FROM.flatMap((from) => WHERE.map((where) => ({ set, from, where })))).filter(({ set, from }) => (from !== '') === set.includes('count.v'));
  test(`${String(updates.length)} updates`, () => {
    for (const { set, from, where } of updates) {
      const join = from === 'FROM u AS count' ? (where === '' ? 'WHERE count.k = t.id' : `${where}\n AND count.k = t.id`) : where;
      // A column that is in both tables needs its table.
      const condition = from === 'FROM u AS count' ? join.replace(/\bid IN\b/, 't.id IN').replace('(id, b)', '(t.id, b)') : join;
      const sql = `UPDATE t SET ${set} ${from} ${condition}\n RETURNING id`;
      const given = read(sql);
      expect([sql, given.skeleton.refusal]).toEqual([sql, undefined]);
      const changed = new Map(all(selectOfChange(given, ['id']).text).map(([id, ...values]) => [id, values]));
      const columns = ['id', 'a', 'b', 'from'];
      const expected = all('SELECT * FROM t ORDER BY id').map((row) => {
        const values = changed.get(row[0]);
        return values === undefined ? row : row.map((old, index) => {
          const at = given.skeleton.assignments.findIndex(({ column }) => column.name === columns[index]);
          return at === -1 ? old : index === 1 && values[at] !== null ? String(values[at]) : values[at];
        });
      });
      const { left, returned } = really(sql);
      expect([sql, left]).toEqual([sql, expected]);
      expect([sql, returned.map(([id]) => id).sort()]).toEqual([sql, [...changed.keys()].sort()]);
      expect(() => database.prepare(`EXPLAIN ${checkedText(given).text}`)).not.toThrow();
    }
  });

  test('deletes, with ORDER BY and LIMIT', () => {
    for (const where of WHERE) {
      for (const tail of ['', 'ORDER BY id DESC LIMIT 1', 'LIMIT 2 OFFSET 1']) {
        const sql = `WITH w AS (SELECT 1) DELETE FROM t ${where}\n RETURNING id, a || '!' ${tail}`;
        const given = read(sql);
        const ids = all(selectOfChange(given, ['id']).text).map(([id]) => id);
        const { left, returned } = really(sql);
        expect([sql, left.map(([id]) => id)]).toEqual([sql, [1, 2, 3, 4, 5].filter((id) => !ids.includes(id))]);
        expect([sql, returned.map(([id]) => id).sort()]).toEqual([sql, [...ids].sort()]);
        const spliced = selectOfReturning(given)!;
        expect(all(spliced.text).filter(([id]) => ids.includes(id))).toEqual([...returned].sort((a, b) => Number(a[0]) - Number(b[0])));
      }
    }
  });

  test('inserted rows', () => {
    for (const source of ["VALUES (6, 'a'), (7, '(' || ')')", 'SELECT k + 100, v FROM u', 'WITH w(i) AS (VALUES (8), (9)) SELECT i, NULL FROM w', 'VALUES (1, 2) UNION ALL SELECT k, v FROM u WHERE true ORDER BY 1 LIMIT 3', 'VALUES (1, 2) INTERSECT VALUES (1, 2)']) {
      const sql = `INSERT INTO t (id, a) ${source} RETURNING id, a`;
      const { returned } = really(sql);
      expect([source, all(selectOfInsert(read(sql)).text).map((row) => row.map(String))]).toEqual([source, returned.map((row) => row.map(String))]);
    }
  });
});

describe('any text', () => {
  const WORDS = ['INSERT', 'UPSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH', 'INTO', 'FROM', 'SET', 'WHERE', 'VALUES', 'SELECT', 'DEFAULT', 'ON', 'CONFLICT', 'DO', 'NOTHING', 'RETURNING', 'ORDER', 'BY', 'LIMIT', 'OUTPUT', 'inserted', 'TOP', 'OR', 'AS', 'EXISTS', 'JOIN', 'USING', 'AND', 'CASE', 'END', 't', 'a', '"b c"', 't#TEMP', '(', ')', '(', ')', ',', '.', '=', '*', '?', "'x'", '1', ';'];
  const text = fc.array(fc.constantFrom(...WORDS), { maxLength: 30 }).map((words) => words.join(' '));

  test('is read or left to SQLite, never worse', () => {
    fc.assert(fc.property(fc.constantFrom('INSERT INTO', 'UPDATE', 'DELETE FROM', 'UPSERT INTO', 'WITH x AS (SELECT 1)'), text, (verb, rest) => {
      const sql = `${verb} ${rest}`;
      const tokens = tokenize(sql);
      const skeleton = readWrite(tokens);
      if (skeleton === undefined) return;
      const parts = [skeleton.verb, skeleton.target.span, skeleton.columns?.span, skeleton.source?.span, skeleton.from, skeleton.where, skeleton.tail, skeleton.returning?.span, skeleton.conflict?.span];
      for (const part of parts) if (part !== undefined) expect(part.start).toBeLessThanOrEqual(part.end);
      const given = { text: sql, tokens, skeleton };
      checkedText(given);
      readSkeleton(tokenize(selectOfChange(given, ['id']).text));
      selectOfInsert(given);
      selectOfReturning(given);
    }), { numRuns: 3000, seed: 20_260_615 });
  });
});
