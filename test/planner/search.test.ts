import { describe, expect, it } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import { plan, scansOf } from './fixture.js';

describe('SEARCH', () => {
  it('restricts its table and leaves the text', () => {
    const sql = "SELECT id FROM Messages WHERE SEARCH('subject:budget from:ann') AND isRead = 1";
    expect(scansOf(sql)).toEqual(["Messages: search 'subject:budget from:ann'; isRead = 1"]);
    expect(plan(sql).sql).toBe('SELECT id FROM Messages WHERE 1 AND isRead = 1');
    expect(plan(sql).scans[0]!.scan.conjuncts[0]!.sql).toBe("SEARCH('subject:budget from:ann')");
  });

  it('keeps its parameter, so that the others keep their numbers', () => {
    const options = { parameters: ['budget', 7n] };
    expect(scansOf('SELECT id FROM Messages WHERE SEARCH(?) AND size = ?', options)).toEqual(["Messages: search 'budget'; size = 7"]);
    expect(plan('SELECT id FROM Messages WHERE SEARCH(?) AND size = ?', options).sql).toBe('SELECT id FROM Messages WHERE ifnull(1, ?) AND size = ?');
  });

  it('works in a derived table, a CTE and beside a join, and with pushdown off', () => {
    expect(scansOf("SELECT * FROM Folders f LEFT JOIN (SELECT id, parentFolderId FROM Messages WHERE SEARCH('x')) m ON m.parentFolderId = f.id").join()).toContain("search 'x'");
    expect(scansOf("SELECT m.id FROM Messages m JOIN Attachments a ON a.messageId = m.id WHERE SEARCH('x')").join()).toContain("search 'x'");
    expect(scansOf("SELECT id FROM Messages WHERE SEARCH('x')", { pushdown: false })).toEqual(["Messages: search 'x'"]);
  });

  it.each([
    ["SELECT id FROM Messages WHERE SEARCH('x') OR isRead = 1", 'NOT_SUPPORTED', 30],
    ["SELECT id FROM Messages WHERE NOT SEARCH('x')", 'NOT_SUPPORTED', 34],
    ["SELECT SEARCH('x') FROM Messages", 'NOT_SUPPORTED', 7],
    ["SELECT id FROM Folders WHERE SEARCH('x')", 'NOT_SUPPORTED', 29],
    ["SELECT a.id FROM Messages a JOIN Messages b ON a.id = b.id WHERE SEARCH('x')", 'NOT_SUPPORTED', 65],
    ["SELECT f.id FROM Folders f LEFT JOIN Messages m ON m.parentFolderId = f.id WHERE SEARCH('x')", 'NOT_SUPPORTED', 81],
    ['SELECT id FROM Messages WHERE SEARCH(subject)', 'BAD_VALUE', 30],
    ["SELECT id FROM Messages WHERE SEARCH('say \"x\"')", 'BAD_VALUE', 37],
    ["SELECT id FROM Messages WHERE SEARCH('')", 'BAD_VALUE', 37],
    ["SELECT id FROM Messages WHERE SEARCH('x') AND SEARCH('y')", 'NOT_SUPPORTED', 46],
  ])('is refused: %s', (sql, code, position) => {
    expect(() => plan(sql)).toThrow(ExchangeSqlError);
    try {
      plan(sql);
    } catch (error) {
      expect(error).toMatchObject({ code, position });
      expect((error as ExchangeSqlError).hint).toBeTruthy();
    }
  });
});
