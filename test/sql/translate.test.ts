import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import { bindParameters, tokenize, translate } from '../../src/sql/index.js';

const dialect = { now: new Date('2026-05-01T12:34:56.789Z'), schemas: ['MSGraph', 'dbo'], catalogs: ['CData'] };
const text = (sql: string): string => translate(sql, dialect).text.replace(/\s+/g, ' ').trim();

describe('conveniences', () => {
  test.each([
    ['SELECT TOP 5 a FROM t ORDER BY a', 'SELECT a FROM t ORDER BY a LIMIT 5'],
    ['SELECT DISTINCT TOP (2) a FROM t;', 'SELECT DISTINCT a FROM t LIMIT ( 2 )'],
    ['SELECT * FROM (SELECT TOP 3 a FROM t) d', 'SELECT * FROM (SELECT a FROM t LIMIT 3) d'],
    ['SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY', 'SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 5'],
    ['SELECT a FROM t FETCH FIRST ROW ONLY', 'SELECT a FROM t LIMIT 1'],
    ['SELECT a FROM t OFFSET 3 ROWS', 'SELECT a FROM t LIMIT -1 OFFSET 3'],
    ['SELECT a FROM t LIMIT 3 OFFSET 2', 'SELECT a FROM t LIMIT 3 OFFSET 2'],
    ['SELECT [CData].[MSGraph].[t].[a] FROM [CData].[MSGraph].[t]', 'SELECT [t].[a] FROM [t]'],
    ['SELECT MSGraph.t.a FROM MSGraph.t', 'SELECT t.a FROM t'],
    ['SELECT * FROM CData.information_schema.tables', 'SELECT * FROM information_schema.tables'],
    ['SELECT GETDATE(), CURRENT_DATE', "SELECT '2026-05-01T12:34:56Z', '2026-05-01'"],
    ["SELECT datetime('now', '-7 days'), date(), strftime('%Y')", "SELECT datetime('2026-05-01T12:34:56.789Z', '-7 days'), date('2026-05-01T12:34:56.789Z'), strftime('%Y', '2026-05-01T12:34:56.789Z')"],
    ["SELECT 'now', N'x'", "SELECT 'now', 'x'"],
    ['SELECT ISNULL(a, b) FROM t WHERE a ISNULL', 'SELECT ifnull(a, b) FROM t WHERE a ISNULL'],
    ['SELECT LEFT(a, 2), RIGHT(a, 2) FROM t LEFT JOIN u ON 1', 'SELECT "left"(a, 2), "right"(a, 2) FROM t LEFT JOIN u ON 1'],
    ['SELECT DATEADD(day, -7, GETDATE()), DATEPART(year, a) FROM t', "SELECT DATEADD('day', -7, '2026-05-01T12:34:56Z'), DATEPART('year', a) FROM t"],
    ['SELECT CAST(a AS DATE), CAST(b AS varchar(3)), CAST(c AS TEXT), CAST(CAST(a AS INTEGER) AS DATETIME) FROM t', "SELECT xs_convert('DATE', a ), xs_convert('varchar(3)', b ), CAST(c AS TEXT), xs_convert('DATETIME', CAST(a AS INTEGER) ) FROM t"],
    ['SELECT CONVERT(varchar(10), a, 120) FROM t', "SELECT xs_convert('varchar(10)', a, 120) FROM t"],
  ])('%s', (sql, wanted) => {
    expect(text(sql)).toBe(wanted);
  });

  test('result columns keep the names the user wrote', () => {
    expect(translate('SELECT GETDATE(), a, MSGraph.t.b, len(a) FROM t', dialect).columnNames).toEqual(['GETDATE()', undefined, undefined, undefined]);
  });

  test('positions go back to the text as it was given', () => {
    const sql = 'SELECT TOP 5 wrong FROM t';
    const translated = translate(sql, dialect);
    expect(translated.toOriginal(translated.text.indexOf('wrong'))).toBe(sql.indexOf('wrong'));
  });
});

function failure(work: () => unknown): ExchangeSqlError {
  try {
    work();
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('what may not run', () => {
  test.each(["ATTACH 'x' AS y", 'VACUUM', 'PRAGMA writable_schema = 1', 'CREATE TABLE x(a)', 'BEGIN x', 'START', 'COMMIT AND CHAIN', 'ALTER TABLE t ADD b', "SELECT load_extension('x')", 'CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END', 'REINDEX'])('%s', (sql) => {
    expect(['STATEMENT_REFUSED', 'SYNTAX']).toContain(failure(() => translate(sql, dialect)).code);
  });
  test.each([
    ['BEGIN', 'BEGIN'], ['begin tran', 'BEGIN'], ['START TRANSACTION', 'BEGIN'], ['BEGIN IMMEDIATE TRANSACTION', 'BEGIN'], ['COMMIT WORK;', 'COMMIT'], ['END', 'COMMIT'], ['ROLLBACK TRANSACTION', 'ROLLBACK'],
  ])('%s is %s', (sql, verb) => {
    expect(translate(sql, dialect)).toMatchObject({ kind: 'transaction', transaction: verb });
  });
  test.each(['SAVEPOINT a', 'RELEASE a', 'ROLLBACK TO a'])('%s', (sql) => {
    expect(failure(() => translate(sql, dialect)).code).toBe('NOT_SUPPORTED');
  });
  test.each([
    ['SELECT 1; SELECT 2', 'SYNTAX', 8],
    ["SELECT 'open", 'SYNTAX', 7],
    ['SELEC 1', 'SYNTAX', 0],
    ['', 'SYNTAX', undefined],
    ['SELECT TOP 5 PERCENT a FROM t', 'NOT_SUPPORTED', 7],
    ['SELECT TOP 5 a FROM t LIMIT 3', 'SYNTAX', 22],
    ['SELECT a INTO b FROM t', 'NOT_SUPPORTED', 9],
  ])('%s', (sql, code, position) => {
    const error = failure(() => translate(sql, dialect));
    expect([error.code, error.position]).toEqual([code, position]);
    if (code !== 'SYNTAX') expect(error.hint).toBeTruthy();
  });
});

test('every function of other drivers either runs in SQLite, or is translated, or says what to use instead', () => {
  const names =
    'ASCII CHAR CHARINDEX CHAR_LENGTH CONCAT CONTAINS ENDSWITH FILESIZE FORMAT FROM_UNIXTIME HASHBYTES INDEXOF ISNULL JSON_AVG JSON_COUNT JSON_EXTRACT JSON_MAX JSON_MIN JSON_SUM LEFT LEN LOCATE LOWER LTRIM MASK NCHAR OCTET_LENGTH PATINDEX POSITION QUOTENAME REPLACE REPLICATE REVERSE RIGHT RTRIM SOUNDEX SPACE SPLIT STARTSWITH STR STUFF SUBSTRING TOSTRING TRIM UNICODE UPPER XML_EXTRACT ABS ACOS ASIN ATAN ATN2 CEILING COS COT DEGREES EXP EXPR FLOOR GREATEST HEX LEAST LOG LOG10 MOD NEGATE PI POWER RADIANS RAND ROUND SIGN SIN SQRT SQUARE TAN TRUNC DATEADD DATEDIFF DATEFROMPARTS DATENAME DATEPART DATETIMEFROMPARTS DATETIME2FROMPARTS DATE_TRUNC DATE_TRUNC2 DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR EOMONTH LAST_DAY FDMONTH FDQUARTER FDWEEK FILEMODIFIEDTIME FROM_DAYS GETDATE GETUTCDATE HOUR ISDATE LAST_MONTH LAST_WEEK LAST_YEAR LDMONTH LDQUARTER LDWEEK MAKEDATE MINUTE MONTH QUARTER SECOND SMALLDATETIMEFROMPARTS STRTODATE SYSDATETIME SYSUTCDATETIME TIMEFROMPARTS TO_DAYS WEEK YEAR L_TODAY L_LAST_N_DAYS L_NEXT_90_DAYS L_THIS_QUARTER'.split(' ');
  const own = new Set(['CHARINDEX', 'LEN', 'LEFT', 'RIGHT', 'DATEADD', 'DATEDIFF', 'DATEPART', 'DATENAME', 'YEAR', 'MONTH', 'DAY', 'CONCAT']);
  const db = new Database(':memory:');
  const known = new Set((db.prepare('SELECT DISTINCT upper(name) FROM pragma_function_list').pluck().all() as string[]));
  for (const name of names) {
    const sql = /^(GETDATE|GETUTCDATE|SYSDATETIME|SYSUTCDATETIME)$/.test(name) ? `SELECT ${name}()` : `SELECT ${name}(x) FROM t`;
    let outcome: string;
    try {
      outcome = translate(sql, dialect).text;
    } catch (error) {
      expect((error as ExchangeSqlError).code, name).toBe('UNKNOWN_FUNCTION');
      expect((error as ExchangeSqlError).hint, name).toMatch(/^Use /);
      // FORMAT and LOG exist in SQLite with another meaning.
      expect(known.has(name) && name !== 'FORMAT' && name !== 'LOG', `${name} exists in SQLite and is refused`).toBe(false);
      continue;
    }
    if (outcome.includes(name)) expect(known.has(name) || own.has(name), `${name} neither exists nor is refused`).toBe(true);
  }
});

describe('parameters', () => {
  const names = (sql: string) => translate(sql, dialect).parameters;
  test('by position, number and name', () => {
    expect(names('SELECT ?, ?, @a, :b, $c')).toEqual({ positional: 2, moved: [], numbered: 0, numbers: [], named: ['a', 'b', 'c'] });
    expect(bindParameters(names('SELECT ?, ?'), [1, 'x'])).toEqual({ positional: [1n, 'x'], named: {} });
    expect(bindParameters(names('SELECT $1, ?2'), [true, null])).toEqual({ positional: [], named: { 1: 1n, 2: null } });
    expect(bindParameters(names('SELECT @a, :a'), { '@a': new Date('2026-01-01T00:00:00Z') })).toEqual({ positional: [], named: { a: '2026-01-01T00:00:00Z' } });
  });
  test.each([
    ['SELECT ?', []],
    ['SELECT 1', [1]],
    ['SELECT ?', [undefined]],
    ['SELECT ?', [Number.NaN]],
    ['SELECT ?', [{}]],
    ['SELECT ?', [Symbol('x')]],
    ['SELECT @a', { b: 1 }],
    ['SELECT @a, @b', { a: 1 }],
    ['SELECT @a', [1]],
    ['SELECT ?', { a: 1 }],
    ['SELECT ?', [new Date(Number.NaN)]],
    ['SELECT ?', [2n ** 64n]],
  ])('%s with %o is refused', (sql, values) => {
    const error = failure(() => bindParameters(names(sql), values as readonly unknown[]));
    expect(error.code).toBe('BAD_PARAMETER');
    expect(error.hint).toBeTruthy();
  });
});

test('a token covers each character once', () => {
  const sql = "SELECT [a b], `c`, \"d\", 'e''f', x'00', ?1, @p, 1.5e3, .5, a->>'$.x' FROM täble -- end";
  let at = 0;
  for (const { start, end, text: token } of tokenize(sql)) {
    expect(start).toBeGreaterThanOrEqual(at);
    expect(sql.slice(start, end)).toBe(token);
    at = end;
  }
});
