import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import { bindParameters, translate, type GivenParameters } from '../../src/sql/index.js';
import { UNSUPPORTED_FUNCTIONS } from '../../src/sql/unsupported-functions.js';

const dialect = { now: new Date('2026-05-01T12:34:56.789Z'), schemas: ['MSGraph', 'dbo'], catalogs: ['CData'] };
const db = new Database(':memory:');
db.exec("CREATE TABLE n(i INTEGER, s TEXT); INSERT INTO n VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'); CREATE TABLE hour(h)");
for (const [name, work] of Object.entries({
  len: (x: unknown) => (typeof x === 'string' ? x.length : null),
  left: (x: unknown, n: unknown) => String(x).slice(0, Number(n)),
  right: (x: unknown, n: unknown) => String(x).slice(-Number(n)),
  charindex: (x: unknown, y: unknown) => String(y).indexOf(String(x)) + 1,
  datepart: (part: unknown, x: unknown) => `${String(part)} of ${String(x)}`,
  month: (x: unknown) => Number(String(x).slice(5, 7)),
  day: (x: unknown) => Number(String(x).slice(8, 10)),
  xs_convert: (type: unknown, x: unknown) => `${String(type)} ${String(x)}`,
})) {
  db.function(name, work as (...values: unknown[]) => unknown);
}

/** Rows of the translated text with values bound as the engine binds them: plain `?` by position, the rest by name. */
function rows(sql: string, values: GivenParameters = []): unknown[] {
  const { text, parameters } = translate(sql, dialect);
  const { positional, named } = bindParameters(parameters, values);
  const statement = db.prepare(text).raw();
  const all = Object.keys(named).length === 0 ? statement.all(...positional) : statement.all(positional, named);
  return (all as unknown[][]).map((row) => (row.length === 1 ? row[0] : row));
}

function failure(sql: string): ExchangeSqlError {
  try {
    translate(sql, dialect);
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error(`not refused: ${sql}`);
}

describe('what SQLite makes of translated statements', () => {
  test.each<[string, GivenParameters, unknown[]]>([
    ['SELECT TOP 2 i FROM n ORDER BY i DESC', [], [5, 4]],
    ['SELECT TOP (1 + 1) i FROM n ORDER BY i', [], [1, 2]],
    ['SELECT TOP 2 * FROM n ORDER BY i', [], [[1, 'one'], [2, 'two']]],
    // The values of plain ? are in the order in which the user wrote them.
    ['SELECT TOP ? i FROM n WHERE i > ? ORDER BY i', [2, 3], [4, 5]],
    ['SELECT TOP (?) i FROM n WHERE i > ? AND s <> ? ORDER BY i', [1, 1, 'two'], [3]],
    ['SELECT i FROM n WHERE i > ? ORDER BY i OFFSET ? ROWS FETCH NEXT ? ROWS ONLY', [1, 1, 2], [3, 4]],
    ['SELECT i FROM n ORDER BY i OFFSET ? ROWS FETCH NEXT 1 ROW ONLY', [3], [4]],
    ['SELECT i, (SELECT TOP ? s FROM n WHERE i = ?) FROM n WHERE i = ?', [1, 2, 3], [[3, 'two']]],
    ['SELECT TOP ? i FROM n WHERE i > @least ORDER BY i', { 1: 1, least: 2 }, [3]],
    ['SELECT TOP ?2 i FROM n WHERE i > ?1 ORDER BY i', [3, 1], [4]],
    // TOP belongs to its own SELECT of a set operation.
    ['SELECT i FROM n WHERE i = 5 UNION ALL SELECT TOP 1 i FROM n WHERE i < 3', [], [5, 1]],
    ['SELECT TOP 1 i FROM n WHERE i < 3 UNION ALL SELECT i FROM n WHERE i > 3 ORDER BY i DESC', [], [5, 4, 1]],
    ['SELECT TOP 1 i FROM n UNION ALL SELECT TOP 1 i FROM n UNION ALL SELECT 9 LIMIT 2', [], [1, 1]],
    ['WITH q AS (SELECT TOP 3 i FROM n ORDER BY i) SELECT sum(i) FROM q', [], [6]],
    ['SELECT i FROM n WHERE i IN (SELECT TOP 2 i FROM n ORDER BY i DESC) ORDER BY i', [], [4, 5]],
    ['SELECT i FROM n ORDER BY i OFFSET 3 LIMIT 1', [], [4]],
    ['SELECT i FROM n ORDER BY i OFFSET 3', [], [4, 5]],
    ['SELECT i FROM n ORDER BY i OFFSET 3 ROWS', [], [4, 5]],
    ['SELECT i FROM n ORDER BY i FETCH FIRST ROW ONLY', [], [1]],
    ['SELECT i FROM (SELECT i FROM n ORDER BY i FETCH FIRST 2 ROWS ONLY) ORDER BY i DESC', [], [2, 1]],
    ['SELECT [n].[i] FROM [CData].[MSGraph].[n] WHERE CData.MSGraph.n.i = 3', [], [3]],
    ['SELECT CData..n.i FROM CData..n WHERE i = 3', [], [3]],
    ['SELECT dbo.i FROM n AS dbo JOIN n AS m ON dbo.i = m.i WHERE dbo.s = N\'two\'', [], [2]],
    ['SELECT top FROM (SELECT 7 AS top)', [], [7]],
    ['SELECT top + 1 FROM (SELECT 7 AS top)', [], [8]],
    ['SELECT offset, "fetch" FROM (SELECT 1 AS offset, 2 AS "fetch")', [], [[1, 2]]],
    ['SELECT ISNULL(NULL, s), LEN(s), LEFT(s, 1), RIGHT(s, 2), CHARINDEX(\'n\', s), CONCAT(s, i) FROM n WHERE i = 1', [], [['one', 3, 'o', 'ne', 2, 'one1']]],
    ['SELECT DATEPART(year, s), CONVERT(varchar(3), s) FROM n WHERE i = 1', [], [['year of one', 'varchar(3) one']]],
    ["SELECT datetime('now'), date(), time('now', '+1 hour'), strftime('%f', 'now'), julianday() - julianday('now')", [], [['2026-05-01 12:34:56', '2026-05-01', '13:34:56', '56.789', 0]]],
    ["SELECT strftime('now', '2020-01-01'), 'now'", [], [['now', 'now']]],
    ['SELECT GETDATE() = CURRENT_TIMESTAMP, CURRENT_DATE, CURRENT_TIME', [], [[1, '2026-05-01', '12:34:56']]],
    // Names that are no calls.
    ['WITH week(a) AS (SELECT 1), split(b) AS (VALUES (2)), space AS (SELECT 3) SELECT a, b FROM week, split', [], [[1, 2]]],
    ['SELECT h FROM hour WHERE h IN (1)', [], []],
    ['SELECT median(i) FROM n', [], [3]],
    ['SELECT 1 -- it ends here', [], [1]],
    ['  /* first */ SELECT 1 ; -- and after', [], [1]],
  ])('%s', (sql, values, wanted) => {
    expect(rows(sql, values)).toEqual(wanted);
  });

  test.each([
    ['SELECT GETDATE() FROM n', ['GETDATE()']],
    ['SELECT *, LEFT(s, 1), i + 1, CURRENT_DATE FROM n', ['i', 's', 'LEFT(s, 1)', 'i + 1', 'CURRENT_DATE']],
    ['SELECT TOP 1 n.*, ISNULL(s, \'a"b\') FROM n', ['i', 's', 'ISNULL(s, \'a"b\')']],
    ['SELECT MSGraph.n.i, len(s) x, N\'t\' FROM MSGraph.n', ['i', 'x', "N't'"]],
  ])('%s names its columns as it was written', (sql, wanted) => {
    const { text, columnNames } = translate(sql, dialect);
    expect(db.prepare(text).columns().map(({ name }, index) => columnNames[index] ?? name)).toEqual(wanted);
  });

  test('positions in the text SQLite sees lead back to the text as it was written, past names put in', () => {
    const sql = 'SELECT TOP 5 GETDATE(), *, LEFT(s, 1), MSGraph.n.wrong FROM n';
    const { text, toOriginal } = translate(sql, dialect);
    for (const word of ['*', 's, 1', 'wrong', 'FROM']) expect(toOriginal(word === 's, 1' ? text.indexOf(word) : text.lastIndexOf(word))).toBe(sql.lastIndexOf(word));
  });

  test('numbers may have gaps', () => {
    expect(bindParameters(translate('SELECT ?3', dialect).parameters, { 3: 7 })).toEqual({ positional: [], named: { 3: 7n } });
    expect(bindParameters(translate('SELECT ?2, ?', dialect).parameters, ['x', 'y'])).toEqual({ positional: ['x'], named: { 2: 'y' } });
  });

  test('a default of a temporary table keeps its own clock', () => {
    expect(translate('CREATE TEMP TABLE z(a TEXT DEFAULT CURRENT_TIMESTAMP)', dialect).text).toContain('CURRENT_TIMESTAMP');
  });
});

describe('refused, with a place and a remedy', () => {
  test.each([
    ["SELECT load_extension('x')", 'STATEMENT_REFUSED', 7],
    ["SELECT 1 FROM n WHERE \"Load_Extension\"('x')", 'STATEMENT_REFUSED', 22],
    ["EXPLAIN SELECT [load_extension]('x')", 'STATEMENT_REFUSED', 15],
    ['SELECT i FROM n FETCH FIRST 5 ROWS WITH TIES', 'NOT_SUPPORTED', 35],
    ['SELECT i FROM n FETCH FIRST 5 PERCENT ROWS ONLY', 'NOT_SUPPORTED', 30],
    ['SELECT TOP 5 WITH TIES i FROM n', 'NOT_SUPPORTED', 7],
    ['SELECT TOP 5 i FROM n ORDER BY i OFFSET 1 ROWS', 'SYNTAX', 33],
    ['WITH q AS (SELECT 1) SELECT * INTO x FROM q', 'NOT_SUPPORTED', 30],
    ['SELECT\u00a0i FROM n', 'SYNTAX', 6],
    ['SELECT i FROM n WHERE\u200b i = 1', 'SYNTAX', 21],
    ['DETACH x', 'STATEMENT_REFUSED', 0],
    ['SAVEPOINT x', 'NOT_SUPPORTED', 0],
    ['CREATE TEMP TRIGGER x AFTER INSERT ON n BEGIN DELETE FROM n; END', 'SYNTAX', 59],
    ['CREATE VIRTUAL TABLE x USING fts5(a)', 'STATEMENT_REFUSED', 0],
    ['CREATE VIEW x AS SELECT 1', 'STATEMENT_REFUSED', 0],
    ['EXPLAIN DROP TABLE n', 'NOT_SUPPORTED', 8],
    ['SELECT 1 WHERE L_LAST_N_DAYS(3) = 1', 'UNKNOWN_FUNCTION', 15],
    ['CACHE n SELECT * FROM n', 'NOT_SUPPORTED', 0],
  ])('%s', (sql, code, position) => {
    const error = failure(sql);
    expect([error.code, error.position]).toEqual([code, position]);
    expect(error.hint).toBeTruthy();
  });

  test('a no-break space inside a text is just text', () => {
    expect(rows("SELECT 'a\u00a0b'")).toEqual(['a\u00a0b']);
  });
});

describe('forms to use instead of functions', () => {
  const PROSE = new Set(['FILESIZE', 'HASHBYTES', 'REVERSE', 'EXPR', 'FILEMODIFIEDTIME', 'XML_EXTRACT', 'CONTAINS', 'PATINDEX']);
  const known = new Set(db.prepare('SELECT DISTINCT upper(name) FROM pragma_function_list').pluck().all() as string[]);

  test('none of them exists in SQLite', () => {
    expect([...UNSUPPORTED_FUNCTIONS.keys()].filter((name) => known.has(name))).toEqual([]);
  });

  test.each([...UNSUPPORTED_FUNCTIONS].filter(([name]) => !PROSE.has(name)))('%s: %s', (_name, form) => {
    const names = ['x', 'y', 'n', 'm', 'd', 'h', 's', 'a', 'b', 'part', 'start', 'length', 'new'];
    const { text } = translate(`SELECT ${form} FROM (SELECT ${names.map((name) => `1 AS ${name}`).join(', ')})`, dialect);
    expect(() => db.prepare(text)).not.toThrow();
  });

  test('day numbers are those of the function they stand for', () => {
    const form = (name: string, x: string): string => UNSUPPORTED_FUNCTIONS.get(name)!.replace(/\b[xn]\b/, x);
    // MySQL: TO_DAYS('2000-07-03') is 730669.
    expect(rows(`SELECT ${form('TO_DAYS', "'2000-07-03'")}, ${form('FROM_DAYS', '730669')}`)).toEqual([[730669, '2000-07-03']]);
    expect(rows(`SELECT round(${UNSUPPORTED_FUNCTIONS.get('STDEV')!}, 6), round(${UNSUPPORTED_FUNCTIONS.get('STDEVP')!}, 6) FROM (SELECT i AS x FROM n)`)).toEqual([[1.581139, 1.414214]]);
  });
});
