import { afterAll, describe, expect, it } from 'vitest';
import { bypassProjection, hasAggregate, isRowwise } from '../../src/engine/index.js';
import { MESSAGES, newJudge } from './fixture.js';

const judge = newJudge();
afterAll(() => {
  judge.close();
});
const program = (sql: string) => judge.examine(sql).program;
const positions = (...names: string[]): number[] => names.map((name) => MESSAGES.columns.findIndex((column) => column.name === name));

describe('shapes', () => {
  it.each([
    ['SELECT subject FROM Messages', true],
    ["SELECT upper(subject) FROM Messages WHERE size > 5 AND isRead IN (0, 1) AND subject LIKE '%x%'", true],
    ['SELECT count(*) FROM Messages', false],
    ['SELECT max(size) FROM Messages', false],
    ['SELECT subject FROM Messages ORDER BY size', false],
    ['SELECT isRead, count(*) FROM Messages GROUP BY isRead', false],
    ['SELECT rowid FROM Messages', false],
    ['SELECT a.id FROM Messages a, MailFolders b', false],
    ['SELECT a.id FROM Messages a JOIN MailFolders b ON a.id = b.id', false],
    ['SELECT sum(size) OVER () FROM Messages', false],
    ['SELECT value FROM Messages, json_each(toRecipients)', false],
    ['SELECT 1', false],
  ])('row-wise: %s → %s', (sql, expected) => {
    expect(isRowwise(program(sql))).toBe(expected);
  });

  it('finds aggregates', () => {
    expect(hasAggregate(program('SELECT count(*) FROM Messages'))).toBe(true);
    expect(hasAggregate(program('SELECT group_concat(id) FROM Messages'))).toBe(true);
    expect(hasAggregate(program('SELECT max(size, 2) FROM Messages'))).toBe(false);
  });
});

describe('engine bypass', () => {
  const wanted = positions('size', 'subject', 'score');
  it.each<[string, readonly number[] | undefined]>([
    ['SELECT subject, size FROM Messages', [1, 0]],
    ['SELECT size, size, score FROM Messages', [0, 0, 2]],
    ['SELECT subject FROM Messages LIMIT 5', [1]],
    ['SELECT m.subject AS s FROM (SELECT * FROM Messages) m', [1]],
    ['SELECT subject FROM Messages WHERE size > 5', undefined],
    ['SELECT size + 1 FROM Messages', undefined],
    ['SELECT subject, 1 FROM Messages', undefined],
    ['SELECT subject FROM Messages LIMIT 5 OFFSET 2', undefined],
    ['SELECT DISTINCT subject FROM Messages', undefined],
    ['SELECT id FROM Messages', undefined], // not among the scan's columns
  ])('%s → %j', (sql, expected) => {
    expect(bypassProjection(program(sql), wanted)).toEqual(expected);
  });
});
