import { describe, expect, it } from 'vitest';
import { refusedTerms } from '../../src/planner/guard.js';
import { termsOf } from '../../src/planner/restrictions.js';
import { readScope } from '../../src/planner/scope.js';
import { rulesOf } from '../../src/planner/soundness.js';
import { SqlText } from '../../src/planner/sql-text.js';
import { readExpression, tokenize } from '../../src/sql/index.js';
import { judge, tableOf } from './fixture.js';

/** True if the guard refuses to believe that WHERE reads as `misread` does. */
function refuses(where: string, misread: string): boolean {
  const text = `SELECT id FROM Messages WHERE ${where}`;
  const sql = new SqlText(text);
  const rules = rulesOf();
  const scope = readScope({ text, skeleton: sql.skeleton, judge, tables: tableOf, temporary: new Set(), rules });
  const expression = readExpression(tokenize(misread), { start: 0, end: misread.length });
  const [term] = termsOf(scope, () => expression);
  return refusedTerms([{ ...term!, span: scope.arms[0]!.skeleton.where!.span }], { text, program: judge.program(text)!, judge, rules }).size > 0;
}

describe('the guard', () => {
  /** Readings that a widespread parser gives, line by line of the planning reference's section 2. */
  it.each([
    ['size = 1 OR score = 2 AND isRead = 3', '(size = 1 OR score = 2) AND isRead = 3'],
    ['size=1 AND score=2 OR isRead=3', 'size=1 AND (score=2 OR isRead=3)'],
    ["subject = 'it''s'", "subject = 'it''''s'"],
    ["subject = 'C:\\new'", "subject = 'C:\new'"],
    ["subject = 'a\\'", 'subject = "body"'],
    ['size = 1 << 1 + 1', 'size = (1 << 1) + 1'],
    ['size = 1 | 2 + 3', 'size = (1 | 2) + 3'],
    ["subject = 2 * 3 || 4", "subject = (2 * 3) || 4"],
    ['size = score < 1', '(size = score) < 1'],
    ['NOT (size) IS NULL', '(NOT (size)) IS NULL'],
    ['NOT (size) = 1', '(NOT (size)) = 1'],
    ["subject LIKE 'y' = 0", "subject LIKE ('y' = 0)"],
    ["subject COLLATE NOCASE = 'X'", "subject = 'X'"],
    ["subject = 'X' COLLATE NOCASE", "subject = 'X'"],
    ["subject LIKE '50\\%' ESCAPE '\\'", "subject LIKE '50\\%'"],
    ['size = 9007199254740993', 'size = 9007199254740992'],
    ['subject = body', 'subject = parentFolderId'],
    ["id IN ('a', 'b')", "id IN ('a', 'c')"],
    ["subject NOT LIKE 'a%'", "subject LIKE 'a%'"],
    ['size BETWEEN 1 AND 2', 'size BETWEEN 2 AND 1'],
    ['+size = 1', 'size = 1'],
  ])('refuses %s read as %s', (where, misread) => {
    expect(refuses(where, misread)).toBe(true);
    expect(refuses(where, where)).toBe(false);
  });
});
