import { describe, expect, it } from 'vitest';
import type { GraphClient } from '../../src/graph/client.js';
import { runJobs } from '../../src/graph/write-run.js';
import type { Repeat, WriteJob, WriteStep } from '../../src/graph/write-step.js';
import type { RowOutcome, WriteContext, WriteKind } from '../../src/scan/write.js';
import { client, statistics } from './client-fixture.js';
import { shelf } from './shelf.js';
import type { Shelf } from './shelf.js';

const FAST = { resetBaseMs: 2, throttleBaseMs: 2 };

const step = (method: WriteStep['method'], url: string, json: unknown, repeat: Repeat, more: Partial<WriteStep> = {}): WriteStep => ({
  method, url, headers: {}, body: json === undefined ? undefined : { json }, mailbox: undefined, repeat, kind: 'batchable', ...more,
});

/** One row of one or more steps; its key is the id in the first answer. */
const jobOf = (row: number, ...steps: readonly WriteStep[]): WriteJob => ({
  rows: [row],
  steps,
  permission: 'Mail.ReadWrite',
  mails: [],
  outcome: (answers) => [{ row, key: { id: ((answers[0]?.body ?? {}) as { id?: string }).id ?? null }, values: [] }],
});

const marked = (row: number): WriteJob => jobOf(row, step('POST', '/me/things', { name: `n${row}`, mark: `m${row}` }, { find: { url: `/me/things?mark=m${row}`, by: 'mark' } }));
const marks = (count: number): WriteJob[] => Array.from({ length: count }, (_, row) => marked(row));

const contextOf = (more: Partial<WriteContext> = {}): WriteContext => ({
  signal: new AbortController().signal, statistics: statistics(), now: new Date(), warn: () => undefined, onRowError: 'stop', ...more,
});

async function run(store: Shelf, jobs: readonly WriteJob[], kind: WriteKind = 'insert', context = contextOf(), graph: GraphClient = client(store.server.origin), graceMs = 200): Promise<RowOutcome[]> {
  const outcomes: RowOutcome[] = [];
  for await (const outcome of runJobs(graph, jobs, context, { kind, retry: FAST, graceMs })) outcomes.push(outcome);
  expect(outcomes.map(({ row }) => row).sort((a, b) => a - b), 'one outcome a row').toEqual(jobs.flatMap(({ rows }) => rows).sort((a, b) => a - b));
  return outcomes.sort((a, b) => a.row - b.row);
}

const statuses = (outcomes: readonly RowOutcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** The report of a marked insert equals the store: done rows are there once under the reported id, the others are not there. */
function agrees(store: Shelf, outcomes: readonly RowOutcome[]): void {
  const byMark = new Map<string, string[]>();
  for (const { id, mark } of store.things.values()) byMark.set(mark!, [...(byMark.get(mark!) ?? []), id]);
  for (const outcome of outcomes) {
    const there = byMark.get(`m${outcome.row}`) ?? [];
    if (outcome.status === 'done') expect(there, `row ${outcome.row}`).toEqual([outcome.key['id']]);
    else if (outcome.status === 'unknown') expect(there.length, `row ${outcome.row}`).toBeLessThanOrEqual(1);
    else expect(there, `row ${outcome.row}`).toEqual([]);
  }
}

describe('runJobs', () => {
  it('sends 1,000 rows in 50 calls, and a single row as it is', async () => {
    const store = await shelf();
    const context = contextOf();
    agrees(store, await run(store, marks(1000), 'insert', context));
    expect(store.sizes).toEqual(new Array(50).fill(20));
    expect(context.statistics.requests).toBe(50);
    // A batch to one mailbox takes all four slots of it.
    expect(store.server.peak()).toBe(1);
    const single = await shelf();
    await run(single, marks(1));
    expect(single.server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /v1.0/me/things']);
  });

  it('counts the bytes of a batch, not its characters: the service takes 4 MB', async () => {
    const store = await shelf();
    const outcomes = await run(store, marks(40).map((_, row) => jobOf(row, step('POST', '/me/things', { name: '漢'.repeat(90_000) }, 'never'))));
    expect(statuses(outcomes)).toEqual({ done: 40 });
    expect(store.sizes.length).toBeGreaterThan(2);
    expect(Math.max(...store.server.seen.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(4_000_000);
  });

  it('sends throttled parts again, whatever they are, and only those', async () => {
    const store = await shelf();
    const refused = new Set<string>();
    store.fate = ({ body }) => {
      const name = String(body?.['name']);
      if (!/[37]$/.test(name) || refused.has(name)) return undefined;
      refused.add(name);
      return { refuse: refused.size % 2 === 0 ? 429 : 503, retryAfter: '0.03' };
    };
    const outcomes = await run(store, marks(200));
    expect(statuses(outcomes)).toEqual({ done: 200 });
    agrees(store, outcomes);
    expect(store.parts).toHaveLength(240);
    expect(store.sizes.length).toBeLessThanOrEqual(16);
  });

  it('never repeats what was executed: whole batches cut, truncated, garbled, and parts answered 504 or 500', async () => {
    const store = await shelf();
    store.callFate = (number) => (['cut-after', undefined, undefined, 'truncated', undefined, 'garbled', undefined, undefined, undefined, 'cut-before', undefined] as const)[number % 11];
    let count = 0;
    store.fate = ({ method }) => {
      if (method !== 'POST') return undefined;
      count += 1;
      if (count % 17 === 0) return { answerAfter: 504 };
      if (count % 29 === 0) return { answerAfter: 500, code: 'ErrorInternalServerTransientError' };
      return count % 23 === 0 ? { refuse: 504 } : undefined;
    };
    const outcomes = await run(store, marks(2000));
    expect(statuses(outcomes)).toEqual({ done: 2000 });
    agrees(store, outcomes);
    expect(store.things.size).toBe(2000);
  });

  it('stops after a failure: no row is begun, those under way are reported as they ended', async () => {
    const store = await shelf();
    const jobs = marks(200).map((job, row) => (row === 47 ? jobOf(row, step('PATCH', '/me/things/none', { name: 'x' }, 'absolute')) : job));
    const outcomes = await run(store, jobs);
    expect(statuses(outcomes)).toEqual({ done: 59, failed: 1, skipped: 140 });
    expect(store.sizes).toEqual([20, 20, 20]);
    const failed = outcomes[47]!;
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND', serviceCode: 'ErrorItemNotFound' } });
    expect(outcomes.slice(40, 60).filter(({ status }) => status === 'done')).toHaveLength(19);
  });

  it('goes on after a failure where it shall', async () => {
    const store = await shelf();
    const jobs = marks(100).map((job, row) => (row % 10 === 3 ? jobOf(row, step('PATCH', '/me/things/none', { name: 'x' }, 'absolute')) : job));
    const outcomes = await run(store, jobs, 'insert', contextOf({ onRowError: 'continue' }));
    expect(statuses(outcomes)).toEqual({ done: 90, failed: 10 });
    expect(store.sizes).toHaveLength(5);
  });

  it('tells a changed row, a name that exists, and a row that is gone', async () => {
    const store = await shelf();
    const [a, b] = await run(store, marks(2));
    const id = (outcome: RowOutcome | undefined): string => (outcome?.status === 'done' ? String(outcome.key['id']) : '');
    store.things.get(id(b))!.version = 9;
    const guarded = (row: number, of: RowOutcome | undefined): WriteJob => jobOf(row, step('PATCH', `/me/things/${id(of)}`, { name: 'new' }, 'absolute', { ifMatch: 'W/"1"' }));
    const updated = await run(store, [guarded(0, a), guarded(1, b), jobOf(2, step('PATCH', '/me/things/none', {}, 'absolute')), jobOf(3, step('POST', '/me/things', { name: 'new', unique: true }, 'never'))], 'update', contextOf({ onRowError: 'continue' }));
    expect(updated).toMatchObject([
      { status: 'done' },
      { status: 'failed', error: { code: 'CONFLICT', sqlState: '40001', status: 412 } },
      { status: 'failed', error: { code: 'CONFLICT', sqlState: '40001', status: 404 } },
      { status: 'failed', error: { code: 'DUPLICATE', sqlState: '23505', serviceCode: 'ErrorFolderExists' } },
    ]);
    expect(store.things.get(id(b))!.name).toBe('n1');
    const deleted = await run(store, [jobOf(0, step('DELETE', `/me/things/${id(a)}`, undefined, 'gone')), jobOf(1, step('DELETE', '/me/things/none', undefined, 'gone'))], 'delete');
    expect(deleted).toMatchObject([{ status: 'done' }, { status: 'done', gone: true }]);
    expect(deleted[0]).not.toHaveProperty('gone');
  });

  it('never repeats a send, and says that it does not know', async () => {
    const store = await shelf();
    store.callFate = (number) => (number === 1 ? 'cut-after' : undefined);
    const outcomes = await run(store, Array.from({ length: 40 }, (_, row) => jobOf(row, step('POST', '/me/send', { row }, 'never'))), 'insert', contextOf({ onRowError: 'continue' }));
    expect(statuses(outcomes)).toEqual({ unknown: 20, done: 20 });
    expect(store.parts).toHaveLength(40);
    expect(outcomes[0]).toMatchObject({ error: { code: 'OUTCOME_UNKNOWN', sqlState: '40003' } });
    // 503 says that it was not executed.
    const throttled = await shelf();
    let first = true;
    throttled.fate = () => (first ? ((first = false), { refuse: 503 }) : undefined);
    expect(await run(throttled, [jobOf(0, step('POST', '/me/send', {}, 'never'))])).toMatchObject([{ status: 'done' }]);
    expect(throttled.parts).toHaveLength(2);
  });

  it('looks at the version of a guarded change before it repeats it', async () => {
    const store = await shelf();
    const [row] = await run(store, marks(1));
    const id = row?.status === 'done' ? String(row.key['id']) : '';
    const change = (version: number, name: string): WriteJob => jobOf(0, step('PATCH', `/me/things/${id}`, { name }, 'absolute', { ifMatch: `W/"${version}"` }));
    const calls = (fate: 'cut-after' | 'cut-before'): void => {
      const seen = store.server.seen.length;
      store.callFate = (number) => (number === seen + 1 ? fate : undefined);
    };
    calls('cut-after');
    expect(await run(store, [change(1, 'second')], 'update')).toMatchObject([{ status: 'done', key: { id } }]);
    calls('cut-before');
    expect(await run(store, [change(2, 'third')], 'update')).toMatchObject([{ status: 'done' }]);
    expect(store.things.get(id)).toMatchObject({ name: 'third', version: 3 });
    // Somebody else's change after ours, or instead of it: nobody can tell.
    calls('cut-before');
    store.fate = ({ method }) => {
      if (method === 'GET') store.things.set(id, { ...store.things.get(id)!, name: 'other', version: 7 });
      return undefined;
    };
    expect(await run(store, [change(3, 'fourth')], 'update')).toMatchObject([{ status: 'unknown', error: { code: 'OUTCOME_UNKNOWN' } }]);
    expect(store.things.get(id)).toMatchObject({ name: 'other', version: 7 });
  });

  it('does not take a twin for its own row', async () => {
    const store = await shelf();
    const twin = (row: number): WriteJob => jobOf(row, step('POST', '/me/things', { name: 'twin' }, { find: { url: '/me/things', by: 'likeness', equal: { name: 'twin' }, created: 'createdDateTime' } }));
    store.things.set('old', { id: 'old', mark: undefined, name: 'twin', version: 1, createdDateTime: '2020-01-01T00:00:00Z' });
    store.callFate = (number) => (number % 4 === 1 ? 'cut-after' : number % 4 === 3 ? 'cut-before' : undefined);
    const outcomes = await run(store, [twin(0), twin(1), twin(2), twin(3)]);
    expect(statuses(outcomes)).toEqual({ done: 4 });
    expect(store.things.size).toBe(5);
    expect(new Set(outcomes.map((outcome) => outcome.status === 'done' && outcome.key['id'])).size).toBe(4);
  });

  it('is cancelled: what is under way is waited for a moment, the rest is not sent', async () => {
    const store = await shelf();
    const controller = new AbortController();
    store.callFate = (number) => {
      if (number === 2) setTimeout(() => controller.abort(), 5);
      return number === 2 ? 'mute' : undefined;
    };
    const outcomes = await run(store, marks(100), 'insert', contextOf({ signal: controller.signal }), client(store.server.origin), 30);
    expect(statuses(outcomes)).toEqual({ done: 20, unknown: 20, skipped: 60 });
    agrees(store, outcomes);
    expect(store.sizes).toEqual([20, 20]);
    await expect(run(store, marks(1), 'insert', contextOf({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('finishes rows of several requests after a stop, and tells what was written in part', async () => {
    const store = await shelf();
    const two = (row: number, second: string): WriteJob =>
      jobOf(row, step('POST', '/me/things', { name: `n${row}`, mark: `m${row}` }, { find: { url: `/me/things?mark=m${row}`, by: 'mark' } }), step('PATCH', second, { name: 'both' }, 'absolute', { idFrom: 0 }));
    const jobs = Array.from({ length: 100 }, (_, row) => two(row, row === 3 ? '/me/things/none' : '/me/things/{id}'));
    const outcomes = await run(store, jobs);
    expect(outcomes[3]).toMatchObject({ status: 'failed', error: { code: 'NOT_FOUND' } });
    expect(outcomes[3]!.status === 'failed' && outcomes[3]!.error.message).toContain('in part');
    expect(outcomes.filter(({ status }) => status === 'done')).toHaveLength([...store.things.values()].filter(({ name }) => name === 'both').length);
    expect(statuses(outcomes)['skipped']).toBeGreaterThan(0);
    expect(store.things.size + (statuses(outcomes)['skipped'] ?? 0)).toBe(100);
  });

  it('fails the rows of a service that is not there, without a doubt about them', async () => {
    const store = await shelf();
    store.server.server.close();
    store.server.server.closeAllConnections();
    const outcomes = await run(store, marks(30));
    expect(outcomes.every(({ status }) => status === 'failed' || status === 'skipped')).toBe(true);
    expect(outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'UNREACHABLE' } });
  });
});
