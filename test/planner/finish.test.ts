import { describe, expect, it } from 'vitest';
import { explainJson, explainRows, finishPlan } from '../../src/planner/index.js';
import type { StatementPlan } from '../../src/planner/index.js';
import type { Handling, ScanPlan } from '../../src/scan/scan.js';
import { plan } from './fixture.js';

type Answer = { readonly handled?: Handling; readonly order?: ScanPlan['order']; readonly count?: 'service' | 'rows' };

const answer = (first: StatementPlan, { handled = 'exact', order = 'none', count }: Answer = {}): readonly ScanPlan[] =>
  first.scans.map(({ scan }) => ({
    scan,
    requests: [{ method: 'GET', url: `/me/${scan.table}?$select=id`, columns: scan.columns, pageSize: 100, headers: { Prefer: 'IdType="ImmutableId"', Authorization: 'Bearer secret' } }],
    outcomes: scan.conjuncts.map((conjunct) => ({ conjunct, handled, how: 'filter', ...(handled === 'exact' ? {} : { reason: 'case-insensitive' as const }) })),
    order,
    limit: 'none',
    ...(count === undefined ? {} : { count }),
    detail: undefined,
  }));

const finished = (sql: string, given?: Answer): StatementPlan => {
  const first = plan(sql);
  return finishPlan(first, answer(first, given));
};

describe('the mode of a statement', () => {
  it.each<readonly [sql: string, given: Answer, mode: string]>([
    ['SELECT subject, id FROM Messages WHERE isRead = 1', {}, 'bypass'],
    ['SELECT subject, id FROM Messages WHERE isRead = 1', { handled: 'inexact' }, 'rowwise'],
    ['SELECT upper(subject) FROM Messages WHERE isRead = 1', {}, 'rowwise'],
    ["SELECT id FROM Messages WHERE lower(subject) = 'x'", {}, 'rowwise'],
    ['SELECT id FROM Messages WHERE size BETWEEN 1 AND 3 LIMIT 5 OFFSET 2', {}, 'bypass'],
    ['SELECT id FROM Messages ORDER BY receivedDateTime DESC', { order: 'honoured' }, 'bypass'],
    ['SELECT id FROM Messages ORDER BY receivedDateTime DESC', { order: 'local' }, 'staged'],
    ['SELECT upper(subject) FROM Messages ORDER BY receivedDateTime', { order: 'honoured' }, 'rowwise'],
    ['SELECT id FROM Messages ORDER BY lower(subject)', { order: 'honoured' }, 'staged'],
    ['SELECT count(*) FROM Messages WHERE isRead = 1', { count: 'service' }, 'count'],
    ['SELECT count(*) FROM Messages WHERE isRead = 1', { count: 'rows' }, 'staged'],
    ['SELECT count(*) FROM Messages WHERE isRead = 1', { count: 'service', handled: 'inexact' }, 'staged'],
    ['SELECT max(size) FROM Messages', {}, 'staged'],
    ['SELECT DISTINCT subject FROM Messages', {}, 'staged'],
    ['SELECT subject, row_number() OVER (ORDER BY id) FROM Messages', {}, 'staged'],
    ['SELECT id FROM Messages UNION ALL SELECT id FROM Messages', {}, 'staged'],
    ['SELECT m.id FROM Messages m JOIN Folders f ON f.id = m.parentFolderId', {}, 'staged'],
    ['SELECT id, (SELECT 1) FROM Messages', {}, 'staged'],
    ['SELECT id FROM Messages WHERE 1 = 0', {}, 'constant'],
    ["SELECT id FROM Messages LIMIT 'x'", {}, 'staged'],
  ])('%s %j: %s', (sql, given, mode) => {
    expect(finished(sql, given).mode).toBe(mode);
  });

  it('says how to run it', () => {
    expect(finished('SELECT subject, id FROM Messages WHERE isRead = 1 LIMIT 5 OFFSET 2')).toMatchObject({ mode: 'bypass', projection: [1, 0], limit: 5, offset: 2 });
    expect(finished("SELECT subject FROM Messages WHERE lower(subject) = 'x' LIMIT 2, 5")).toMatchObject({ mode: 'rowwise', pageSql: "SELECT subject FROM Messages WHERE lower(subject) = 'x'", limit: 5, offset: 2 });
    expect(finished('SELECT id FROM Messages')).not.toHaveProperty('candidates');
  });
});

describe('EXPLAIN', () => {
  const sql = "SELECT m.id FROM Messages m WHERE isRead = 1 AND lower(subject) = 'x' ORDER BY size LIMIT 5";
  const first = plan(sql);
  const scanPlans = answer(first, { handled: 'inexact', order: 'local' });
  const rows = (measures?: Parameters<typeof explainRows>[2]): readonly Record<string, unknown>[] => {
    const { columns, rows: values } = explainRows(finishPlan(first, scanPlans), scanPlans, measures);
    return values.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  };

  it('has a line per request, condition, order and limit, with reasons', () => {
    expect(rows().map(({ operation, detail, handled, how, reason }) => [operation, detail, handled, how, reason])).toEqual([
      ['statement', null, null, 'staged', null],
      ['request', 'GET /me/Messages?$select=id', null, 'Prefer: IdType="ImmutableId"', null],
      ['conjunct', 'isRead = 1', 'inexact', 'filter', 'case-insensitive'],
      ['conjunct', "lower(subject) = 'x'", 'none', null, 'function-of-column'],
      ['order', 'size', 'local', null, null],
      ['limit', null, 'local', null, 'not-all-exact'],
    ]);
    expect(rows()[2]).toMatchObject({ table: 'Messages m', explanation: 'the service compares text without case; the rows are re-checked' });
  });

  it('adds what each scan cost', () => {
    const measured = rows([{ scan: 0, statistics: { requests: 3, bytes: 1000, rowsRead: 50, retries: 1 }, rowsKept: 7, milliseconds: 12.345 }]);
    expect(measured[1]).toMatchObject({ requests: 3n, bytes: 1000n, rowsRead: 50n, rowsKept: 7n, retries: 1n, ms: 12.35 });
    expect(measured[2]).toMatchObject({ requests: null });
  });

  it('shows no credentials', () => {
    const shown = JSON.stringify(explainJson(first, scanPlans)) + JSON.stringify(rows(), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    expect(shown).not.toContain('secret');
  });

  it('is the same as JSON', () => {
    expect(explainJson(finishPlan(first, scanPlans), scanPlans)).toMatchObject({
      mode: 'staged',
      scans: [{ table: 'Messages', reference: 'm', conjuncts: [{ sql: 'isRead = 1', handled: 'inexact', reason: 'case-insensitive' }], residuals: [{ reason: 'function-of-column' }], limitReason: 'not-all-exact' }],
    });
  });

  it('sends nothing where no row can come', () => {
    const empty = plan('SELECT id FROM Messages WHERE 1 = 0');
    expect(explainRows(empty, []).rows[1]).toContain('nothing is sent');
  });
});
