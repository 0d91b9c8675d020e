/**
 * Owns: running a planned statement: which scans go first, look-up or scan, page by page or staged, counting, stopping.
 * Does not own: planning (planner/), requests (the Source), SQL (engine/).
 * Invariants: every scan is stopped when the consumer stops; a scan's rows reach the engine once each; the clock is the statement's.
 */
import type { DeadlineDatabase } from '../engine/statement-database.js';
import type { BoundParameters } from '../engine/types.js';
import type { PlannedScan, StatementPlan } from '../planner/plan.js';
import type { Conjunct } from '../scan/predicate.js';
import type { Scan, ScanPlan } from '../scan/scan.js';
import type { Page, RunContext, RunStatistics, Source } from '../scan/source.js';
import type { Constant, SqlValue } from '../scan/value.js';
import { withTicks } from './ticks.js';

/** A row of the result, before conversion. */
export type RawRow = readonly SqlValue[];

/** What one scan cost, for EXPLAIN ANALYZE. */
export interface ScanReport {
  readonly plan: ScanPlan;
  readonly statistics: RunStatistics;
  /** Rows staged, or delivered by a row-wise or bypassing scan. */
  rowsKept: number;
  milliseconds: number;
}

export interface Execution {
  readonly plan: StatementPlan;
  readonly scanPlans: readonly ScanPlan[];
  readonly source: Source;
  readonly parameters: BoundParameters;
  /** A new database with the statement's tables, local ones filled. Not called for `bypass` and `count`. */
  openDatabase(): DeadlineDatabase;
  /** Milliseconds that local work may take at a stretch where it has no end of its own (recursion); undefined for no limit. */
  readonly patienceMs: number | undefined;
  /** Context of one scan; its statistics belong to that scan. */
  context(statistics: RunStatistics, expectedRows?: number): RunContext;
  /** Called once per scan that ran. */
  report(report: ScanReport): void;
  /** Upper bound on result rows the caller wants (MaxRows), if any. */
  readonly maxRows: number | undefined;
}

/** Thrown before any row has been delivered when the service's count proves unusable: the caller plans again without it. */
export class CountUnusable extends Error {}

/** Below this many requests a look-up is taken without asking how large the scan would be. */
const CHEAP_LOOKUP = 2;

export async function* execute(execution: Execution): AsyncGenerator<readonly RawRow[], void, void> {
  yield* cut(dispatch(execution), execution.maxRows);
}

function dispatch(execution: Execution): AsyncGenerator<readonly RawRow[], void, void> {
  switch (execution.plan.mode) {
    case 'constant':
      return staged(execution, []);
    case 'count':
      return counted(execution);
    case 'bypass':
      return bypassed(execution);
    case 'rowwise':
      return rowwise(execution);
    case 'staged':
      return staged(execution, execution.plan.scans);
  }
}

/** At most `limit` rows in all; stops the producer as soon as they are there. */
async function* cut(batches: AsyncGenerator<readonly RawRow[], void, void>, limit: number | undefined, offset = 0): AsyncGenerator<readonly RawRow[], void, void> {
  let skip = offset;
  let left = limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for await (const batch of batches) {
    let rows = batch;
    if (skip > 0) {
      const dropped = Math.min(skip, rows.length);
      skip -= dropped;
      rows = rows.slice(dropped);
    }
    if (rows.length === 0) continue;
    if (rows.length >= left) {
      yield rows.length === left ? rows : rows.slice(0, left);
      return;
    }
    left -= rows.length;
    yield rows;
  }
}

async function* counted({ plan, scanPlans, source, context, report }: Execution): AsyncGenerator<readonly RawRow[], void, void> {
  const scanPlan = scanPlans[0];
  if (scanPlan === undefined) return;
  const started = performance.now();
  const statistics = newStatistics();
  const count = await source.count(scanPlan, context(statistics));
  if (count === undefined) throw new CountUnusable();
  report({ plan: scanPlan, statistics, rowsKept: 0, milliseconds: performance.now() - started });
  yield [plan.columns.map(() => count)];
}

/** Pages of one scan with their statistics reported at the end, however it ends. */
async function* pages(execution: Execution, scanPlan: ScanPlan, expectedRows?: number, kept?: (page: Page) => number): AsyncGenerator<Page, void, void> {
  const started = performance.now();
  const statistics = newStatistics();
  const report: ScanReport = { plan: scanPlan, statistics, rowsKept: 0, milliseconds: 0 };
  try {
    for await (const page of execution.source.run(scanPlan, execution.context(statistics, expectedRows))) {
      report.rowsKept += kept?.(page) ?? page.rows.length;
      yield page;
    }
  } finally {
    report.milliseconds = performance.now() - started;
    execution.report(report);
  }
}

function bypassed(execution: Execution): AsyncGenerator<readonly RawRow[], void, void> {
  const { plan, scanPlans } = execution;
  const scanPlan = scanPlans[0]!;
  const projection = plan.projection ?? [];
  const identity = projection.length === scanPlan.scan.columns.length && projection.every((from, to) => from === to);
  async function* rows(): AsyncGenerator<readonly RawRow[], void, void> {
    for await (const page of pages(execution, scanPlan, wanted(execution))) {
      yield identity ? page.rows : page.rows.map((row) => projection.map((index) => row[index] ?? null));
    }
  }
  return cut(rows(), plan.limit, plan.offset);
}

function rowwise(execution: Execution): AsyncGenerator<readonly RawRow[], void, void> {
  const { plan, scanPlans, parameters } = execution;
  const scanPlan = scanPlans[0]!;
  const { table, columns } = scanPlan.scan;
  async function* rows(): AsyncGenerator<readonly RawRow[], void, void> {
    const database = execution.openDatabase();
    try {
      for await (const page of pages(execution, scanPlan, wanted(execution))) {
        // One scan gives each row once; keys kept for its whole length would be memory that grows with the rows.
        database.stage(table, columns, { rows: page.rows, keys: [] });
        const result = [...database.run(plan.pageSql ?? plan.sql, parameters)];
        database.clear(table);
        if (result.length > 0) yield result;
      }
    } finally {
      database.close();
    }
  }
  return cut(rows(), plan.limit, plan.offset);
}

/** How many rows the consumer needs at most; sizes pages, never limits. */
function wanted({ plan, maxRows }: Execution): number | undefined {
  const limit = plan.limit === undefined ? undefined : plan.limit + (plan.offset ?? 0);
  if (limit === undefined) return maxRows;
  return maxRows === undefined ? limit : Math.min(limit, maxRows);
}

const BATCH = 500;

async function* staged(execution: Execution, scans: readonly PlannedScan[]): AsyncGenerator<readonly RawRow[], void, void> {
  const { plan, parameters } = execution;
  const database = execution.openDatabase();
  try {
    await stageAll(execution, database, scans);
    database.refuseRunaway(plan.sql, parameters);
    let batch: RawRow[] = [];
    database.setDeadline(execution.patienceMs);
    for (const row of database.run(stoppable(database, plan.sql), parameters)) {
      batch.push(row);
      if (batch.length === BATCH) {
        yield batch;
        batch = [];
        await turn();
        // What the consumer takes its time for is no work of ours.
        database.setDeadline(execution.patienceMs);
      }
    }
    if (batch.length > 0) yield batch;
  } finally {
    database.close();
  }
}

/** The text that SQLite runs: with a way out where it may need one. */
function stoppable(database: DeadlineDatabase, sql: string): string {
  const plain = withTicks(sql);
  if (!database.mayBeLong(sql)) return plain;
  const everywhere = withTicks(sql, true);
  return database.accepts(everywhere) ? everywhere : plain;
}

/** Lets timers and sockets run between two stretches of local work. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Stages every scan; one that can be looked up waits for the scans that deliver its keys, the others run side by side. */
async function stageAll(execution: Execution, database: DeadlineDatabase, scans: readonly PlannedScan[]): Promise<void> {
  const running = new Map<number, Promise<void>>();
  const failed = new AbortController();
  const start = (planned: PlannedScan): Promise<void> => {
    const existing = running.get(planned.scan.id);
    if (existing !== undefined) return existing;
    const work = (async () => {
      const before = [...new Set(planned.lookups.flatMap((lookup) => lookup.after))];
      await Promise.all(before.map((id) => start(scans.find((other) => other.scan.id === id)!)));
      if (failed.signal.aborted) return;
      await stageOne(execution, database, planned, failed.signal);
    })();
    work.catch(() => {
      failed.abort();
    });
    running.set(planned.scan.id, work);
    return work;
  };
  const outcomes = await Promise.allSettled(scans.map(start));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

async function stageOne(execution: Execution, database: DeadlineDatabase, planned: PlannedScan, stop: AbortSignal): Promise<void> {
  const scanPlan = await choose(execution, database, planned);
  if (scanPlan === undefined) return;
  const { table, columns } = scanPlan.scan;
  // One scan gives each row once; only several of one table can bring the same.
  const alone = execution.plan.scans.every(({ scan }) => scan.table !== table || scan.id === planned.scan.id);
  for await (const _page of pages(execution, scanPlan, undefined, (page) => database.stage(table, columns, alone ? { rows: page.rows, keys: [] } : page))) {
    if (stop.aborted) return;
    await turn();
  }
}

/** Look-up or scan, decided when the number of keys is known; undefined when no row can match. */
async function choose(execution: Execution, database: DeadlineDatabase, planned: PlannedScan): Promise<ScanPlan | undefined> {
  const { source } = execution;
  const scanned = execution.scanPlans.find((plan) => plan.scan.id === planned.scan.id)!;
  const required: Conjunct[] = [];
  let best: { readonly cost: number; readonly conjunct: Conjunct } | undefined;
  for (const lookup of planned.lookups) {
    database.setDeadline(execution.patienceMs);
    const keys = database.keys(stoppable(database, lookup.keysSql)).filter((key): key is Constant => key !== null);
    if (keys.length === 0) return undefined;
    const conjunct: Conjunct = { predicate: { kind: 'in', column: lookup.column, values: keys }, complete: true, sql: lookup.sql };
    if (lookup.required === true) {
      required.push(conjunct);
      continue;
    }
    const cost = source.lookupCost(planned.scan.table, lookup.column, keys.length);
    if (cost === undefined || (best !== undefined && best.cost <= cost)) continue;
    best = { cost, conjunct };
  }
  const bound = required.length === 0 ? scanned : source.plan(withConjuncts(planned.scan, required));
  if (best === undefined) return bound;
  if (best.cost > CHEAP_LOOKUP) {
    const rows = await source.estimate(bound, execution.context(newStatistics()));
    if (rows !== undefined && Math.ceil(rows / PAGE_ROWS) < best.cost) return bound;
  }
  return source.plan(withConjuncts(planned.scan, [...required, best.conjunct]));
}

const withConjuncts = (scan: Scan, more: readonly Conjunct[]): Scan => ({ ...scan, conjuncts: [...scan.conjuncts, ...more] });

/** Rows a page of a full scan brings (Graph: $top is at most 1000). */
const PAGE_ROWS = 1000;

export function newStatistics(): RunStatistics {
  return { requests: 0, bytes: 0, rowsRead: 0, retries: 0 };
}
