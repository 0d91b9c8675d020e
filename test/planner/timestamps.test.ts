import { describe, expect, it } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import { createStatementDatabase } from '../../src/engine/index.js';
import type { SqlValue } from '../../src/scan/value.js';
import { TABLES, plan, scansOf } from './fixture.js';

const sqlOf = (sql: string, parameters: readonly SqlValue[] = []): string => plan(sql, { parameters }).sql;

describe('what is compared with a timestamp', () => {
  it.each<readonly [sql: string, wrapped: string]>([
    ["SELECT id FROM Messages WHERE receivedDateTime > '2024-01-01'", "SELECT id FROM Messages WHERE receivedDateTime > xs_ts('2024-01-01')"],
    ["SELECT id FROM Messages WHERE '2024-01-01' <= createdDateTime", "SELECT id FROM Messages WHERE xs_ts('2024-01-01', 7) <= createdDateTime"],
    ["SELECT id FROM Messages WHERE receivedDateTime BETWEEN '2024-01-01' AND '2024-02-01'", "SELECT id FROM Messages WHERE receivedDateTime BETWEEN xs_ts('2024-01-01') AND xs_ts('2024-02-01')"],
    ["SELECT id FROM Messages WHERE receivedDateTime IN ('2024-01-01', NULL)", "SELECT id FROM Messages WHERE receivedDateTime IN (xs_ts('2024-01-01'), NULL)"],
    ["SELECT id FROM Messages WHERE ('2024-01-01') < receivedDateTime", "SELECT id FROM Messages WHERE xs_ts(('2024-01-01')) < receivedDateTime"],
    ['SELECT id FROM Messages WHERE receivedDateTime IS NULL', 'SELECT id FROM Messages WHERE receivedDateTime IS NULL'],
    ['SELECT id FROM Messages WHERE receivedDateTime < createdDateTime', 'SELECT id FROM Messages WHERE xs_ts(receivedDateTime, 7) < createdDateTime'],
    ["SELECT receivedDateTime > '2024-01-01' AS late FROM Messages", "SELECT receivedDateTime > xs_ts('2024-01-01') AS late FROM Messages"],
    ["SELECT subject FROM Messages GROUP BY subject HAVING max(receivedDateTime) > '2024-01-01'", "SELECT subject FROM Messages GROUP BY subject HAVING max(receivedDateTime) > xs_ts('2024-01-01')"],
    ["SELECT subject, max(receivedDateTime) AS last FROM Messages GROUP BY subject HAVING last > '2024-01-01'", "SELECT subject, max(receivedDateTime) AS last FROM Messages GROUP BY subject HAVING last > xs_ts('2024-01-01')"],
    ["SELECT CASE WHEN receivedDateTime > '2024-01-01' THEN 1 END FROM Messages", "SELECT CASE WHEN receivedDateTime > xs_ts('2024-01-01') THEN 1 END FROM Messages"],
    ["SELECT * FROM (SELECT receivedDateTime AS r FROM Messages) d WHERE d.r > '2024-01-01'", "SELECT * FROM (SELECT receivedDateTime AS r FROM Messages) d WHERE d.r > xs_ts('2024-01-01')"],
    ["SELECT * FROM (SELECT max(receivedDateTime) AS r FROM Messages) d WHERE r > '2024-01-01'", "SELECT * FROM (SELECT max(receivedDateTime) AS r FROM Messages) d WHERE r > xs_ts('2024-01-01')"],
    ["WITH c(r) AS (SELECT min(receivedDateTime) FROM Messages) SELECT 1 FROM c WHERE r = '2024-01-01'", "WITH c(r) AS (SELECT min(receivedDateTime) FROM Messages) SELECT 1 FROM c WHERE r = xs_ts('2024-01-01')"],
    ["SELECT id FROM Messages WHERE coalesce(receivedDateTime, '2020-01-01') > '2024-01-01'", "SELECT id FROM Messages WHERE xs_ts(coalesce(receivedDateTime, '2020-01-01')) > xs_ts('2024-01-01')"],
    ["SELECT id FROM Messages m WHERE EXISTS (SELECT 1 FROM Attachments a WHERE m.receivedDateTime > '2024-01-01')", "SELECT id FROM Messages m WHERE EXISTS (SELECT 1 FROM Attachments a WHERE m.receivedDateTime > xs_ts('2024-01-01'))"],
    ["SELECT m.id FROM Messages m JOIN Attachments a ON a.lastModifiedDateTime > m.receivedDateTime AND a.lastModifiedDateTime < '2024-01-01'", "SELECT m.id FROM Messages m JOIN Attachments a ON a.lastModifiedDateTime > m.receivedDateTime AND a.lastModifiedDateTime < xs_ts('2024-01-01')"],
    ["SELECT id FROM Messages WHERE receivedDateTime IN (SELECT createdDateTime FROM Messages)", 'SELECT id FROM Messages WHERE xs_ts(receivedDateTime, 7) IN (SELECT createdDateTime FROM Messages)'],
    ['SELECT id FROM Messages WHERE receivedDateTime > (SELECT max(birthday) FROM Contacts)', 'SELECT id FROM Messages WHERE receivedDateTime > (SELECT max(birthday) FROM Contacts)'],
    ["SELECT id FROM Messages WHERE (receivedDateTime, size) = ('2024-01-01', 1)", "SELECT id FROM Messages WHERE (receivedDateTime, size) = (xs_ts('2024-01-01'), 1)"],
    ["SELECT m.id FROM Messages m NATURAL JOIN Folders f WHERE receivedDateTime > '2024-01-01'", "SELECT m.id FROM Messages m NATURAL JOIN Folders f WHERE receivedDateTime > xs_ts('2024-01-01')"],
    ["SELECT id FROM Messages WHERE receivedDateTime LIKE '2024%'", "SELECT id FROM Messages WHERE receivedDateTime LIKE '2024%'"],
    ["SELECT id FROM Messages WHERE subject > '2024-01-01'", "SELECT id FROM Messages WHERE subject > '2024-01-01'"],
  ])('%s', (sql, wrapped) => {
    expect(sqlOf(sql)).toBe(wrapped);
  });

  it('is the same text with pushdown off', () => {
    const sql = "SELECT id FROM Messages WHERE receivedDateTime > '2024-01-01'";
    expect(plan(sql, { pushdown: false }).sql).toBe(plan(sql).sql);
  });

  it('goes down in normal form', () => {
    expect(scansOf("SELECT id FROM Messages WHERE receivedDateTime > '2024-01-01T02:00+02:00'")).toEqual(["Messages: receivedDateTime > '2024-01-01T00:00:00Z'"]);
    expect(scansOf("SELECT id FROM Messages WHERE createdDateTime > datetime('2024-01-01', '-1 day')")).toEqual(["Messages: createdDateTime > '2023-12-31T00:00:00.0000000Z'"]);
    expect(scansOf('SELECT id FROM Messages WHERE receivedDateTime >= ?', { parameters: ['2024-01-01 10:00'] })).toEqual(["Messages: receivedDateTime >= '2024-01-01T10:00:00Z'"]);
    expect(scansOf('SELECT id FROM Messages WHERE receivedDateTime = ?', { parameters: [null] })).toEqual(['Messages: never']);
  });

  it('between two moments the column can hold is rounded the right way', () => {
    const at = (op: string): readonly string[] => scansOf(`SELECT id FROM Messages WHERE receivedDateTime ${op} '2024-01-01T10:00:00.5Z'`);
    expect(at('>')).toEqual(["Messages: receivedDateTime > '2024-01-01T10:00:00Z'"]);
    expect(at('>=')).toEqual(["Messages: receivedDateTime > '2024-01-01T10:00:00Z'"]);
    expect(at('<')).toEqual(["Messages: receivedDateTime <= '2024-01-01T10:00:00Z'"]);
    expect(at('=')).toEqual(['Messages: never']);
    expect(at('<>')).toEqual(['Messages: receivedDateTime is not null']);
  });

  it.each([
    ['SELECT id FROM Messages WHERE receivedDateTime > 5', 'a number', 49],
    ["SELECT id FROM Messages WHERE receivedDateTime > 'yesterday'", "'yesterday'", 49],
    ['SELECT id FROM Messages WHERE receivedDateTime = size', 'the number size', 49],
    ["SELECT id FROM Messages WHERE receivedDateTime = x'00'", 'bytes', 49],
    ['SELECT id FROM Messages WHERE receivedDateTime = TRUE', 'a truth value', 49],
    ['SELECT id FROM Messages WHERE receivedDateTime > size + 1', 'a number', 49],
    ["SELECT id FROM Messages WHERE receivedDateTime IN ('2024-01-01', 'x')", "'x'", 65],
  ])('is refused: %s', (sql, what, position) => {
    let error: unknown;
    try {
      plan(sql);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ExchangeSqlError);
    expect(error).toMatchObject({ code: 'BAD_VALUE', position });
    expect((error as ExchangeSqlError).message).toContain(what);
  });

  /** Planning reference, section 12: notations × operators × column, parameter, function. */
  it('compares right in every notation', () => {
    const database = createStatementDatabase({ tables: TABLES.map(({ name, columns }) => ({ schema: 'main', name, columns })), memory: true });
    const moments = ['2024-01-02T09:59:59Z', '2024-01-02T10:00:00Z', '2024-01-02T10:00:01Z'];
    database.stage('Messages', ['id', 'receivedDateTime'], { rows: moments.map((moment, index) => [String(index), moment]), keys: moments });
    const notations = ['2024-01-02T10:00:00Z', '2024-01-02 10:00:00', '2024-01-02T10:00:00', '2024-01-02 10:00', '2024-01-02T10:00:00.000Z', '2024-01-02T12:00:00+02:00', '2024-01-02T05:00-05:00', '2024-01-02t10:00:00z', '2024-01-02T10:00:00.0000000Z'];
    const expected: Readonly<Record<string, readonly string[]>> = { '=': ['1'], '<>': ['0', '2'], '<': ['0'], '<=': ['0', '1'], '>': ['2'], '>=': ['1', '2'] };
    for (const notation of notations) {
      for (const [op, ids] of Object.entries(expected)) {
        for (const [text, parameters] of [[`'${notation}'`, []], ['?', [notation]], [`lower(upper('${notation}'))`, []]] as const) {
          const { sql } = plan(`SELECT id FROM Messages WHERE receivedDateTime ${op} ${text} ORDER BY id`, { parameters });
          expect([...database.run(sql, { positional: parameters, named: {} })].flat(), `${op} ${text}`).toEqual(ids);
        }
      }
    }
    database.close();
  });
});
