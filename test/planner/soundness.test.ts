import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOUNDNESS_RULES } from '../../src/planner/index.js';
import type { SoundnessRule } from '../../src/planner/index.js';
import type { SqlValue } from '../../src/scan/value.js';
import { TABLES, judge, scansOf } from './fixture.js';
import { Random } from './generator.js';
import { answers } from './oracle.js';
import type { Data, Row } from './oracle.js';

const rows = (table: string, ...given: readonly Readonly<Record<string, SqlValue>>[]): [string, readonly Row[]] => {
  const columns = TABLES.find(({ name }) => name === table)!.columns;
  return [table, given.map((row) => Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])))];
};

const DATA: Data = Object.fromEntries([
  rows(
    'Messages',
    { id: 'A1', subject: 'x', size: 1n, score: 2.5, isRead: 1n, importance: 'low', parentFolderId: 'A1', conversationId: 'A1' },
    { id: 'a1', subject: 'X', size: 5n, score: 0.5, isRead: 0n, importance: 'high', parentFolderId: 'b2', conversationId: 'A1' },
    { id: 'B2', size: 3n, score: 1.5, conversationId: 'C3' },
  ),
  rows('Folders', { id: 'A1', displayName: 'x', total: 3n }, { id: 'b2', displayName: 'x_y' }),
  rows('Attachments', { id: 'A1', messageId: 'A1', name: 'x%y', size: 1n }, { id: 'B2', messageId: 'zz', name: 'x_y', size: 5n }, { id: 'C3', name: 'q', size: 7n }),
  rows('Contacts', { id: 'A1', displayName: 'x', age: 3n }, { id: 'zz', displayName: 'q', age: 5n }),
]);

/** Each answer is wrong as soon as the rule is off. */
const WITNESSES: Readonly<Record<Exclude<SoundnessRule, 'pureFunctions'>, { readonly sql: string; readonly inOrder?: boolean }>> = {
  outerJoinOn: { sql: 'SELECT m.id FROM Messages m LEFT JOIN Folders f ON f.id = m.parentFolderId AND m.size > 3' },
  rightFullOn: { sql: 'SELECT m.id, f.id FROM Messages m FULL JOIN Folders f ON f.id = m.parentFolderId AND m.size > 3' },
  nullSupplied: { sql: 'SELECT m.id, f.id FROM Messages m LEFT JOIN Folders f ON f.id = m.parentFolderId WHERE f.total IS NULL' },
  orArms: { sql: "SELECT id FROM Messages WHERE size = 1 OR lower(subject) = 'x'" },
  negation: { sql: "SELECT id FROM Messages WHERE subject <> 'x'" },
  storageClass: { sql: 'SELECT id FROM Messages WHERE size < 3.5' },
  collate: { sql: "SELECT id FROM Messages WHERE subject COLLATE RTRIM = 'x '" },
  likeEscape: { sql: "SELECT id FROM Attachments WHERE name LIKE 'x\\_y' ESCAPE '\\'" },
  globPattern: { sql: "SELECT id FROM Messages WHERE subject GLOB '[xX]*'" },
  isTrue: { sql: 'SELECT id FROM Messages WHERE size IS TRUE' },
  nullTest: { sql: 'SELECT id FROM Messages WHERE isRead = NULL' },
  notInNull: { sql: 'SELECT id FROM Messages WHERE id NOT IN (SELECT messageId FROM Attachments)' },
  derivedBody: { sql: 'SELECT * FROM (SELECT id, size FROM Messages ORDER BY id LIMIT 1) d WHERE size = 5' },
  setOperations: { sql: 'SELECT c.id FROM Contacts c JOIN (SELECT messageId AS x FROM Attachments UNION ALL SELECT id FROM Messages) d ON c.id = d.x' },
  renamedColumns: { sql: 'SELECT * FROM (SELECT size AS score, score AS size FROM Messages) d WHERE size = 2.5' },
  cteTwice: { sql: 'WITH c AS (SELECT id, size FROM Messages) SELECT a.id, b.id FROM c a JOIN c b ON a.id <> b.id WHERE a.size = 1' },
  limitAllExact: { sql: 'SELECT id FROM Messages WHERE abs(size) = 1 ORDER BY size DESC LIMIT 1' },
  limitShape: { sql: 'SELECT count(*) FROM Messages LIMIT 1' },
  correlated: { sql: 'SELECT f.id FROM Folders f WHERE NOT EXISTS (SELECT 1 FROM Attachments a WHERE f.total = 3)' },
  aliasShadow: { sql: "SELECT t.id FROM Folders t WHERE EXISTS (SELECT 1 FROM Contacts t WHERE t.displayName = 'q')" },
  orderAlias: { sql: 'SELECT size AS score, score AS size, id FROM Messages ORDER BY size LIMIT 1', inOrder: true },
  severalReferences: { sql: 'SELECT b.id FROM Messages a, Messages b WHERE a.size = 1' },
  lookupSides: { sql: 'SELECT a.id, m.id FROM Attachments a LEFT JOIN Messages m ON m.id = a.messageId AND m.size = 1' },
  unseenReference: { sql: 'SELECT r.id FROM recent r, Messages m WHERE m.size = 1' },
};

/** Takes every look-up. */
class Eager extends Random {
  override chance(): boolean {
    return true;
  }
}

const differs = (sql: string, inOrder: boolean, rule?: SoundnessRule): boolean => {
  const { actual, expected } = answers(sql, DATA, new Eager(1), { inOrder, ...(rule === undefined ? {} : { rules: { [rule]: false } }) });
  return JSON.stringify(actual) !== JSON.stringify(expected);
};

describe('rules of soundness', () => {
  beforeAll(() => {
    judge.runTemporary('CREATE TEMP VIEW recent AS SELECT * FROM Messages');
  });
  afterAll(() => {
    judge.runTemporary('DROP VIEW recent');
  });

  it('has a witness for each', () => {
    expect([...Object.keys(WITNESSES), 'pureFunctions'].sort()).toEqual(Object.keys(SOUNDNESS_RULES).sort());
  });

  it.each(Object.entries(WITNESSES))('%s', (rule, { sql, inOrder = false }) => {
    expect(differs(sql, inOrder)).toBe(false);
    expect(differs(sql, inOrder, rule as SoundnessRule)).toBe(true);
  });

  it('pureFunctions: a folded random() would be another number than the one that runs', () => {
    const sql = 'SELECT id FROM Messages WHERE size = random()';
    expect(scansOf(sql)).toEqual(['Messages: ?not-deterministic']);
    expect(scansOf(sql, { rules: { pureFunctions: false } })[0]).toMatch(/^Messages: size = -?\d+$/);
  });
});
