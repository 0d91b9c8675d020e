import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { Expression } from '../../src/sql/ast.js';
import { printExpression, readPredicate, tokenize } from '../../src/sql/index.js';
import { program } from './bytecode.js';

/** Predicates that node-sql-parser's tree of the whole statement gets wrong, or refuses although they are everyday. */
const MISREAD = [
  "a='1' OR b='2' AND c=3",
  "a IN ('x') OR b IN ('y') AND c IN (1)",
  "(a=1 AND b=2 OR c=3)",
  "CASE WHEN a='1' OR b='2' AND c=3 THEN 1 END",
  "a = 'it''s'",
  "a = 'C:\\new'",
  "a = 'a\\nb'",
  "b = 'a\\'",
  "a LIKE '50\\%' ESCAPE '\\'",
  'c = 1 << 1 + 1',
  'c = (1 | 2 + 3)',
  'a = 2 * 3 || 4',
  'a = b < 1',
  'NOT (a) IS NULL',
  'NOT (a) = 1',
  "a LIKE 'y' = 0",
  '"a" = \'x\'',
  "a COLLATE NOCASE = 'X'",
  "a = 'X' COLLATE NOCASE",
  'EXISTS (SELECT 1 FROM u) AND NOT EXISTS (SELECT 1 FROM u)',
  'NOT (c = 1 OR d = 2)',
  'a IN (SELECT a FROM u)',
  'c = 9007199254740993 OR d = 1e3 OR d = 1.50 OR d = 5.',
];
const REFUSED = [
  "[odd name] = 'x'",
  'c = ?1',
  'a ISNULL AND b NOTNULL AND c NOT NULL',
  "a NOT GLOB 'x*'",
  'a GLOB b',
  'a IS DISTINCT FROM b',
  'a IS NOT DISTINCT FROM b',
  'c IN ()',
  'a IN v',
  'd > .5',
  'c IN (WITH q AS (VALUES (1)) SELECT * FROM q)',
];

const printed = (text: string): string | undefined => {
  const read = readPredicate(tokenize(text), { start: 0, end: text.length });
  return read === undefined ? undefined : printExpression(read.expression, text);
};

describe('predicates that node-sql-parser misreads or refuses are read as SQLite reads them', () => {
  test.each([...MISREAD, ...REFUSED])('%s', (text) => {
    const wanted = program(`SELECT 1 FROM t WHERE ${text}`);
    expect(wanted).toBeDefined();
    expect(program(`SELECT 1 FROM t WHERE ${printed(text)!}`)).toBe(wanted);
  });
});

test('the bytecode tells a wrong grouping: the tree node-sql-parser makes of the whole clause is refused', () => {
  const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/sqlite.js') as { Parser: new () => { astify(sql: string, options: object): { where: unknown }; exprToSQL(expression: unknown, options: object): string } };
  const parser = new Parser();
  const naive = (expression: unknown): string => {
    const { type, operator, left, right } = expression as { type: string; operator: string; left: unknown; right: unknown };
    return type === 'binary_expr' ? `(${naive(left)} ${operator} ${naive(right)})` : parser.exprToSQL(expression, { database: 'sqlite' }).replaceAll('`', '"');
  };
  const text = "a='1' OR b='2' AND c=3";
  const { where } = parser.astify(`SELECT 1 FROM t WHERE ${text}`, { database: 'sqlite' });
  const theirs = program(`SELECT 1 FROM t WHERE ${naive(where)}`);
  expect(theirs).toBeDefined();
  expect(theirs).not.toBe(program(`SELECT 1 FROM t WHERE ${text}`));
  // On normalised text and regrouped it agrees with the own reader.
  expect(readPredicate(tokenize(text), { start: 0, end: text.length })).toMatchObject({ reader: 'node-sql-parser', disagreed: false });
});

test('where the readers differ the own reading counts, and it is said', () => {
  const text = 'a = b < 1';
  const read = readPredicate(tokenize(text), { start: 0, end: text.length });
  expect(read).toMatchObject({ reader: 'own', disagreed: true, expression: { kind: 'binary', op: '=', right: { kind: 'binary', op: '<' } } });
});

test('what is not one whole expression is not read', () => {
  for (const text of ['', 'a =', 'a b', '(a', 'a)', 'a = 1 AND', 'SELECT 1', 'CASE a', 'a BETWEEN 1', 'a BETWEEN 1 OR 2 AND 3', 'f(', 'a IN (1', 'a..b', '1 2']) {
    expect(readPredicate(tokenize(text), { start: 0, end: text.length }), text).toBeUndefined();
  }
});

test('a slice is read at its own place in the text', () => {
  const text = "SELECT a FROM t WHERE lower(a) = 'x' AND c > 3";
  const start = text.indexOf('c > 3');
  const read = readPredicate(tokenize(text), { start, end: text.length });
  const { left } = read!.expression as Extract<Expression, { kind: 'binary' }>;
  expect(read!.expression.span).toEqual({ start, end: text.length });
  expect(left.span).toEqual({ start, end: start + 1 });
});

/** Milliseconds of the best of some rounds: a busy machine slows some of them, not all. */
function best(work: () => void): number {
  const times = Array.from({ length: 7 }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return Math.min(...times);
}

test('a usual predicate costs well under a millisecond, a long IN list not much more', { retry: 2 }, () => {
  const usual = "isRead = 0 AND receivedDateTime >= '2024-01-01' AND subject LIKE 'x%'";
  const tokens = tokenize(usual);
  const hundred = best(() => {
    for (let run = 0; run < 100; run += 1) readPredicate(tokens, { start: 0, end: usual.length });
  });
  expect(hundred / 100).toBeLessThan(0.5);
  const long = `a IN (${Array.from({ length: 5_000 }, (_, index) => `'${String(index)}'`).join(', ')})`;
  expect(best(() => {
    expect(readPredicate(tokenize(long), { start: 0, end: long.length })?.reader).toBe('own');
  })).toBeLessThan(150);
});
