import { describe, expect, it } from 'vitest';
import { createStatementDatabase } from '../../src/engine/index.js';
import type { Lookup } from '../../src/planner/index.js';
import type { SqlValue } from '../../src/scan/value.js';
import { TABLES, judge, plan, tableOf, translated } from './fixture.js';
import { planStatement } from '../../src/planner/index.js';
import { translate } from '../../src/sql/index.js';

const lookups = (sql: string, parameters: readonly SqlValue[] = []): readonly Lookup[] => plan(sql, { parameters }).scans.flatMap((scan) => scan.lookups);

describe('keys of look-ups', () => {
  it('come from the rows that meet the conditions of the driving table, hostile values included', () => {
    const [lookup] = lookups("SELECT a.name FROM Messages m JOIN Attachments a ON a.messageId = m.id WHERE m.subject = 'it''s' AND m.body LIKE '50!%%' ESCAPE '!' AND m.size IN (1, 2)");
    expect(lookup).toMatchObject({ column: 'messageId', after: [0], sql: 'a.messageId = m.id' });
    const database = createStatementDatabase({ tables: TABLES.map(({ name, columns }) => ({ schema: 'main', name, columns })), memory: true });
    database.stage('Messages', ['id', 'subject', 'body', 'size'], {
      rows: [
        ['k1', "it's", '50% off', 1n],
        ['K1', "it's", '50% off', 2n],
        ['k2', "it's", '500', 1n],
        ['k3', 'its', '50%', 1n],
        ['k4', "it's", '50%', 3n],
      ],
      keys: ['1', '2', '3', '4', '5'],
    });
    expect([...database.keys(lookup!.keysSql)].sort()).toEqual(['K1', 'k1']);
    database.close();
  });

  it('of IN (SELECT …) are that select, with parameters written out', () => {
    expect(lookups('SELECT id FROM Attachments WHERE size > ? AND messageId IN (SELECT id FROM Messages WHERE subject = ? AND size > ?)', [1n, "o'x", 5n])).toMatchObject([
      { column: 'messageId', after: [1], keysSql: "SELECT * FROM (SELECT id FROM Messages WHERE subject = 'o''x' AND size > 5\n)" },
    ]);
  });

  it.each([
    ['NOT IN', 'SELECT id FROM Attachments WHERE messageId NOT IN (SELECT id FROM Messages)'],
    ['a LIMIT, whose rows are free', 'SELECT id FROM Attachments WHERE messageId IN (SELECT id FROM Messages LIMIT 2)'],
    ['a random choice', 'SELECT id FROM Attachments WHERE messageId IN (SELECT id FROM Messages WHERE size > random())'],
    ['other types', 'SELECT a.id FROM Attachments a JOIN Messages m ON a.messageId = m.size'],
    ['the preserved side', 'SELECT a.id FROM Attachments a LEFT JOIN Contacts c ON a.messageId = c.email'],
    ['FULL JOIN', 'SELECT a.id FROM Attachments a FULL JOIN Messages m ON a.messageId = m.id'],
    ['an OR', 'SELECT a.id FROM Attachments a JOIN Messages m ON a.messageId = m.id OR a.size = 1'],
    ['a COLLATE', 'SELECT a.id FROM Attachments a JOIN Messages m ON a.messageId = m.id COLLATE NOCASE'],
    ['a table used twice', 'SELECT a.id FROM Attachments a JOIN Attachments b ON a.messageId = b.id'],
    ['EXISTS over an aggregate', 'SELECT f.id FROM Folders f WHERE EXISTS (SELECT count(*) FROM Contacts c WHERE c.parentFolderId = f.id)'],
  ])('are not taken from %s', (_, sql) => {
    expect(lookups(sql).filter(({ column }) => column === 'messageId' || sql.includes('EXISTS'))).toEqual([]);
  });

  it('never wait for each other', () => {
    const { scans } = plan('SELECT 1 FROM Messages m JOIN Attachments a ON a.messageId = m.id JOIN Folders f ON f.id = m.parentFolderId JOIN Contacts c ON c.id = f.displayName AND c.id = a.name AND c.displayName = m.id');
    const waits = new Map(scans.map(({ scan, lookups: own }) => [scan.id, own.flatMap(({ after }) => after)]));
    const reaches = (from: number, to: number, seen = new Set<number>()): boolean => (waits.get(from) ?? []).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));
    expect([...waits.values()].flat().length).toBeGreaterThan(2);
    for (const id of waits.keys()) expect(reaches(id, id)).toBe(false);
  });

  it('are not needed where a constant is carried over', () => {
    const { scans } = plan("SELECT 1 FROM Messages m JOIN Attachments a ON a.messageId = m.id WHERE m.id = 'k'");
    expect(scans.map(({ scan }) => scan.conjuncts.map(({ predicate }) => predicate))).toEqual([[{ kind: 'compare', column: 'id', op: 'eq', value: 'k' }], [{ kind: 'compare', column: 'messageId', op: 'eq', value: 'k' }]]);
    // The preserved side keeps all its rows.
    const left = plan("SELECT 1 FROM Messages m LEFT JOIN Attachments a ON a.messageId = m.id AND a.messageId = 'k'");
    expect(left.scans[0]!.scan.conjuncts).toEqual([]);
  });
});

describe('positions and names', () => {
  it('are those of the user’s text', () => {
    const original = 'SELECT TOP 5 id, ISNULL(size, 0) FROM [Messages] WHERE receivedDateTime > GETDATE() AND createdDateTime > 5';
    const { text, toOriginal } = translate(original, { now: new Date(0), schemas: [], catalogs: [] });
    expect(() => planStatement({ sql: text, judge, tables: tableOf, parameters: { positional: [], named: {} }, original, toOriginal })).toThrow(expect.objectContaining({ code: 'BAD_VALUE', position: original.length - 1 }));
  });

  it('of conditions and columns do not show our edits', () => {
    const { scans, columns } = plan(translated("SELECT receivedDateTime > '2024-01-01' FROM Messages WHERE receivedDateTime > '2024-01-01' AND isRead = 1"));
    expect(columns.map(({ name }) => name)).toEqual(["receivedDateTime > '2024-01-01'"]);
    expect(scans[0]!.scan.conjuncts.map(({ sql }) => sql)).toEqual(["receivedDateTime > '2024-01-01'", 'isRead = 1']);
  });
});
