import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span } from '../../src/sql/ast.js';
import { applyEdits, printExpression, readSkeleton, tokenize, walkExpressions, type Edit } from '../../src/sql/index.js';
import type { FromSkeleton, QuerySkeleton } from '../../src/sql/skeleton.js';
import { program } from './bytecode.js';
import { STATEMENTS } from './statements.js';

const slice = (sql: string, { start, end }: Span): string => sql.slice(start, end);

/**
 * Replaces every expression of a statement, at every clause and depth, by our rendering, one by one, and compares programs: a
 * wrong span, a wrong reading or a wrong clause makes another program, or none. Returns what failed.
 */
function disproved(sql: string): { readonly sites: number; readonly failures: readonly string[] } {
  const tokens = tokenize(sql);
  const wanted = program(sql);
  const failures: string[] = [];
  let sites = 0;
  walkExpressions(readSkeleton(tokens), tokens, (expression, { span, clause }) => {
    sites += 1;
    const text = slice(sql, span);
    if (expression === undefined) {
      failures.push(`${clause} not read: ${text}`);
      return;
    }
    const printed = applyEdits(sql, [{ span, replacement: printExpression(expression, sql) }]).text;
    if (program(printed) !== wanted) failures.push(`${clause} ${text} printed as ${printed}`);
  });
  return { sites, failures };
}

/** Opening parentheses before SELECT, WITH or VALUES: every one of them is a query of the skeleton, once. */
function queriesIn(sql: string): number {
  const tokens = tokenize(sql);
  return tokens.filter(({ key }, index) => key === '(' && ['SELECT', 'WITH', 'VALUES'].includes(tokens[index + 1]?.key ?? '')).length;
}

function countQueries(query: QuerySkeleton): number {
  const inFrom = (from: FromSkeleton | undefined): number => {
    if (from === undefined || from.kind === 'table') return 0;
    if (from.kind === 'join') return inFrom(from.left) + inFrom(from.right);
    // A join with an alias is no query of the text.
    const [arm] = from.query.arms;
    const own = arm?.items[0]?.star === true && arm.items[0].expression.start === arm.items[0].expression.end ? 0 : 1;
    return own + countQueries(from.query);
  };
  let count = query.ctes.reduce((sum, cte) => sum + 1 + countQueries(cte.query), 0);
  for (const arm of query.arms) count += inFrom(arm.from);
  return query.subqueries.reduce((sum, inner) => sum + 1 + countQueries(inner), count);
}

test('the list is what SQLite prepares', () => {
  expect(STATEMENTS.length).toBeGreaterThanOrEqual(100);
  expect(STATEMENTS.filter((sql) => program(sql) === undefined && sql !== 'SELECT a /* no end')).toEqual([]);
});

let seen = 0;
describe('every expression of a statement stands where the skeleton says, and is read as SQLite reads it', () => {
  test.each(STATEMENTS.filter((sql) => program(sql) !== undefined))('%s', (sql) => {
    const { failures, sites } = disproved(sql);
    seen += sites;
    expect(failures).toEqual([]);
    expect(countQueries(readSkeleton(tokenize(sql)))).toBe(queriesIn(sql));
  });

  test('which is many places', () => {
    expect(seen).toBeGreaterThan(250);
  });
});

test('random statements', () => {
  const column = fc.oneof({ weight: 30, arbitrary: fc.constantFrom("'x'", '1', '2.5', 'NULL', "'it''s'", "x'00'", '-3', 'TRUE') }, { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'c', 't.a', 'u.a', '"odd name"') });
  const { query, from, predicate } = fc.letrec<{ query: string; from: string; predicate: string; value: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 5, depthIdentifier: 'sql', withCrossShrink: true }, column, fc.tuple(tie('value'), fc.constantFrom('+', '||', '=', '<', 'AND', 'OR', 'IS NOT', 'LIKE'), tie('value')).map((parts) => parts.join(' ')), tie('query').map((one) => `(SELECT max(1) FROM (${one}))`), fc.tuple(fc.constantFrom('coalesce', 'max', 'ifnull'), tie('value'), tie('value')).map(([name, x, y]) => `${name}(${x}, ${y})`), fc.tuple(tie('predicate'), tie('value')).map(([when, then]) => `CASE WHEN ${when} THEN ${then} END`)),
    predicate: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'sql', withCrossShrink: true },
      fc.tuple(tie('value'), fc.constantFrom('=', '<>', '>=', 'IS', 'IS NOT', 'IS DISTINCT FROM', 'GLOB'), tie('value')).map((parts) => parts.join(' ')),
      fc.tuple(tie('predicate'), fc.constantFrom('AND', 'OR'), tie('predicate')).map((parts) => parts.join(' ')),
      tie('predicate').map((one) => `(${one})`),
      tie('predicate').map((one) => `NOT ${one}`),
      fc.tuple(column, column, column).map(([x, y, z]) => `${x} BETWEEN ${y} AND ${z}`),
      fc.tuple(column, fc.array(column, { maxLength: 3 })).map(([x, list]) => `${x} NOT IN (${list.join(', ')})`),
      fc.tuple(column, tie('query')).map(([x, one]) => `${x} IN (SELECT 1 FROM (${one}))`),
      tie('query').map((one) => `EXISTS (${one})`),
    ),
    from: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'sql', withCrossShrink: true },
      fc.constantFrom('t', 't AS t2', 'u', 'v x', 'main.t', "'u' z", 'v INDEXED BY ix', "json_each('[1]') j"),
      fc.tuple(tie('from'), fc.constantFrom('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL OUTER JOIN', 'INNER JOIN', 'CROSS JOIN', ','), tie('from'), tie('predicate'), fc.boolean()).map(([left, join, right, on, has]) => `${left} ${join} ${right}${has && join !== ',' ? ` ON ${on}` : ''}`),
      fc.tuple(tie('from'), fc.constantFrom('', ' g', ' AS h')).map(([one, alias]) => `(${one})${alias}`),
      fc.tuple(tie('query'), fc.constantFrom('', ' p', ' AS "q r"')).map(([one, alias]) => `(${one})${alias}`),
    ),
    query: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'sql', withCrossShrink: true },
      fc.tuple(tie('value'), tie('from')).map(([item, source]) => `SELECT ${item} FROM ${source}`),
      fc.tuple(tie('value'), tie('from'), tie('predicate')).map(([item, source, where]) => `SELECT ${item} AS i FROM ${source} WHERE ${where}`),
      fc.tuple(column, tie('from'), tie('predicate'), fc.constantFrom('', ' ORDER BY 1 DESC NULLS LAST', ' LIMIT 3 OFFSET 1')).map(([item, source, having, end]) => `SELECT ${item}, count(*) FROM ${source} GROUP BY ${item} HAVING ${having}${end}`),
      fc.tuple(tie('query'), tie('query'), fc.constantFrom('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT')).map(([x, y, op]) => `SELECT 1 FROM (${x}) ${op} SELECT 2 FROM (${y})`),
      fc.tuple(tie('query'), tie('query')).map(([x, y]) => `WITH w AS (${x}) SELECT 1 FROM w, (${y})`),
    ),
  }));
  let proved = 0;
  fc.assert(
    fc.property(fc.tuple(query, from, predicate).map(([one, source, where]) => `WITH k AS (${one}) SELECT 1 FROM ${source} WHERE ${where}`), (sql) => {
      if (sql.length > 2_000) return;
      // Unknown and ambiguous names abound: a statement SQLite refuses still must not break the reader.
      if (program(sql) === undefined) {
        readSkeleton(tokenize(sql));
        return;
      }
      const { failures } = disproved(sql);
      if (failures.length > 0) throw new Error(failures.join('\n'));
      if (countQueries(readSkeleton(tokenize(sql))) !== queriesIn(sql)) throw new Error(`a nested query is lost or found twice: ${sql}`);
      proved += 1;
    }),
    { numRuns: 2500 },
  );
  expect(proved).toBeGreaterThan(500);
});

test('edits compose: positions go there and back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(4), fc.string({ maxLength: 5 })), { maxLength: 6 }), (parts) => {
      let at = 0;
      const edits: Edit[] = parts.map(([gap, length, replacement]) => {
        const start = at + gap;
        at = start + length;
        return { span: { start, end: at }, replacement };
      });
      const text = Array.from({ length: at + 5 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
      const edited = applyEdits(text, edits);
      const inside = (offset: number): boolean => edits.some(({ span }) => offset >= span.start && offset < span.end);
      for (let offset = 0; offset < text.length; offset += 1) {
        if (inside(offset)) continue;
        expect(edited.text[edited.toEdited(offset)]).toBe(text[offset]);
        expect(edited.toOriginal(edited.toEdited(offset))).toBe(offset);
      }
    }),
    { numRuns: 300 },
  );
  expect(() => applyEdits('abcdef', [{ span: { start: 0, end: 3 }, replacement: '' }, { span: { start: 2, end: 4 }, replacement: '' }])).toThrow(/overlap/);
});
