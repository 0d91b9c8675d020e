/**
 * Owns: the life of one statement: translate, resolve folder names, plan, run, explain, temporary objects.
 * Does not own: what may go down (planner/), requests (graph/), SQL (engine/).
 * Invariants: the clock is read once; a plan the service weakened before the first row is made again; warnings reach
 * the caller and sys_warnings.
 */
import { ExchangeSqlError } from '../errors.js';
import { finishPlan, planStatement, type PlannedScan, type ScanMeasure, type StatementPlan } from '../planner/index.js';
import { explainWrite } from '../planner/explain-write.js';
import { located } from '../planner/positions.js';
import type { Conjunct } from '../scan/predicate.js';
import type { StatementRun } from '../http/statement-traces.js';
import type { ScanPlan } from '../scan/scan.js';
import { PlanWeakened, type RunStatistics, type Warning } from '../scan/source.js';
import { bindParameters, translate, type GivenParameters, type Translated } from '../sql/index.js';
import { examineCall, openCall } from './call.js';
import { CountUnusable, execute, newStatistics, type Execution, type RawRow, type ScanReport } from './execute.js';
import { explainResult, permissionsOf } from './explain.js';
import { nameFolders, resolveFolders } from './folders.js';
import { offerLastResult } from './last-result.js';
import { openDatabase } from './local-tables.js';
import { describeColumns, type Column } from './results.js';
import type { RunningStatement } from './row-stream.js';
import type { Session } from './session.js';
import type { BoundSelect, Opened, StatementContext } from './statement-context.js';
import { abortError, statementSignal } from './statement-signal.js';
import { runTemporary, type SelectPart } from './temporary.js';
import { withTicks } from './ticks.js';
import { openTransaction, warnOfWaiting } from './transaction-commit.js';
import { examineWrite, explainedWrite, openWrite } from './write.js';
import { readWriteStatement, type WritePart, type WriteStatement } from './write-plan.js';
import { safetyOf, type WriteOptions } from './write-options.js';

export interface StatementOptions extends WriteOptions {
  readonly signal?: AbortSignal;
  readonly maxRows?: number;
}

/** Codes of a statement that was given up. */
const ENDED: ReadonlySet<string> = new Set(['CANCELLED', 'TIMEOUT', 'CLOSED']);

export async function startStatement(session: Session, sql: string, values: GivenParameters, options: StatementOptions): Promise<RunningStatement> {
  const { signal, end } = statementSignal(session.closed, options.signal);
  const traced: StatementRun = session.traced?.() ?? ((work) => work());
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      signal.throwIfAborted();
      return await traced(work);
    } catch (error) {
      // What a write has done already, or left behind, is said whatever ended it.
      if (error instanceof ExchangeSqlError && (error.outcomes !== undefined || error.code === 'OUTCOME_UNKNOWN' || (ENDED.has(error.code) && error.cause instanceof ExchangeSqlError))) throw error;
      if (options.signal?.aborted === true || session.closed.aborted) throw abortError(session.closed, options.signal);
      // The stack ran out on thousands of nested parentheses or JSON members.
      if (error instanceof RangeError) throw new ExchangeSqlError('STATEMENT_TOO_LARGE', 'the statement or a value in it is nested too deeply', { hint: 'Nest fewer levels.', cause: error });
      throw error;
    }
  };
  const context = statementContext(session, sql, signal, options);
  const opened = await guard(() => open(context, values));
  return {
    columns: opened.columns,
    warnings: context.warnings,
    statistics: context.statistics,
    batches: run(),
    ...(opened.written === undefined ? {} : { written: opened.written }),
  };

  async function* run(): AsyncGenerator<readonly RawRow[], void, void> {
    try {
      for (;;) {
        const next = await guard(() => opened.batches.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      end();
      await traced(() => opened.batches.return()).catch(() => undefined);
      session.warnings = [...context.warnings];
    }
  }
}

function statementContext(session: Session, original: string, signal: AbortSignal, options: StatementOptions): StatementContext {
  const safety = safetyOf(session.options, options);
  const now = new Date();
  const statistics = newStatistics();
  const warnings: Warning[] = session.unreported.splice(0);
  const warn = (warning: Warning): void => {
    if (!warnings.some((other) => other.code === warning.code && other.message === warning.message)) warnings.push(warning);
  };
  return {
    session,
    original,
    now,
    signal,
    statistics,
    warnings,
    maxRows: options.maxRows ?? session.options.maxRows,
    safety,
    mode: safety.dryRun ? 'dry-run' : session.transaction.isOpen ? 'queue' : 'send',
    described: [],
    warn,
    scanContext: (own, expectedRows) => ({ signal, now, warn, statistics: own, ...(expectedRows === undefined ? {} : { expectedRows }) }),
  };
}

async function open(context: StatementContext, values: GivenParameters): Promise<Opened> {
  const { session } = context;
  offerLastResult(session, context.original);
  const translated = translateFor(context.original, context.now, session);
  const parameters = bindParameters(translated.parameters, values);
  if (translated.call !== undefined) return openCall(context, translated, translated.call, parameters);
  const write = readWriteStatement({ context, translated, parameters, part: writePart(context) });
  if (write !== undefined) return translated.explain === undefined ? openWrite(write) : openExplainWrite(context, write, translated.explain);
  switch (translated.kind) {
    case 'transaction':
      return openTransaction(context, translated.transaction ?? 'BEGIN');
    case 'select':
      warnOfWaiting(context);
      return openSelect(context, { ...translated, parameters });
    case 'explain':
      return openExplain(context, { ...translated, parameters });
    default:
      return runTemporary(context, translated, parameters, selectPart(context, translated, parameters));
  }
}

/** The SELECTs of a writing statement. MaxRows is about what a caller gets, not about what is written. */
function writePart(given: StatementContext): WritePart {
  const context: StatementContext = { ...given, maxRows: undefined };
  return { run: (select) => openSelect(context, select), plan: (select) => planText(context, select) };
}

/** The SELECT inside a statement on temporary tables. MaxRows is about what a caller gets, not about what is copied. */
function selectPart(given: StatementContext, outer: Translated, parameters: BoundSelect['parameters']): SelectPart {
  const context: StatementContext = { ...given, maxRows: undefined };
  const inner = (sql: string, now = context.now): BoundSelect => {
    const { text, columnNames, toOriginal } = translateFor(sql, now, context.session);
    return { text, columnNames, parameters, toOriginal: (offset) => outer.toOriginal(toOriginal(offset)) };
  };
  return {
    run: (sql) => openSelect(context, inner(sql)),
    body: async (sql) => {
      // The outer text has the clock in it already; it shows by being another text at another time.
      const source = given.original;
      if (translateFor(source, new Date(0), context.session).text !== translateFor(source, new Date(86_400_000), context.session).text) {
        throw new ExchangeSqlError('NOT_SUPPORTED', 'a view cannot use the clock: it would stand still', { hint: 'Compare with the clock in the query over the view.' });
      }
      const { sql: text, scans } = planText(context, await resolveFolders(context, inner(sql)));
      if (scans.some(({ scan }) => scan.conjuncts.some(({ predicate }) => predicate.kind === 'search'))) {
        throw new ExchangeSqlError('NOT_SUPPORTED', 'SEARCH cannot stand in a view', { hint: 'Use CREATE TEMP TABLE … AS SELECT … WHERE SEARCH(…).' });
      }
      return withTicks(text);
    },
  };
}

/** Names that may stand before a table's and mean nothing: those of the incumbent and our own. */
const SCHEMAS = ['MSGraph', 'dbo'];
const CATALOGS = ['CData', 'ExchangeSQL'];

const translateFor = (sql: string, now: Date, { written: { identity } }: Session): Translated => translate(sql, { now, schemas: SCHEMAS, catalogs: CATALOGS, ...(identity === undefined ? {} : { identity }) });

interface Planned {
  readonly plan: StatementPlan;
  readonly scanPlans: readonly ScanPlan[];
}

/** Plans with what the source offers now; called again when the source has learned that it offers less. */
function plan(context: StatementContext, select: BoundSelect, count = true): Planned {
  const { session } = context;
  const first = planText(context, select);
  const wanted = count ? first : withoutCount(first);
  const scanPlans = wanted.mode === 'constant' ? [] : wanted.scans.map((scan) => planScan(session, scan));
  return { plan: finishPlan(wanted, scanPlans), scanPlans };
}

function planText({ session: { source, judge, catalog, options, rules }, original }: StatementContext, { text, parameters, toOriginal }: BoundSelect): StatementPlan {
  return planStatement({
    sql: text,
    judge,
    tables: (name) => catalog.table(name),
    parameters,
    pushdown: !options.disableServerSideFiltering,
    canLookup: (table, column) => source.lookupCost(table, column, 1) !== undefined,
    original,
    toOriginal,
    ...(rules === undefined ? {} : { rules }),
  });
}

/** A scan whose place other rows will name is planned with a name for it: EXPLAIN shows that, execution plans again with the keys. */
function planScan({ source }: Session, { scan, lookups }: PlannedScan): ScanPlan {
  try {
    return source.plan(scan);
  } catch (error) {
    const required = lookups.filter((lookup) => lookup.required === true);
    if (required.length === 0 || !(error instanceof ExchangeSqlError) || error.code !== 'PREDICATE_REQUIRED') throw error;
    const named = required.map(({ column, sql }): Conjunct => ({ predicate: { kind: 'in', column, values: [`{${column}}`] }, complete: true, sql }));
    return source.plan({ ...scan, conjuncts: [...scan.conjuncts, ...named] });
  }
}

function withoutCount({ candidates, ...rest }: StatementPlan): StatementPlan {
  const scans = rest.scans.map(({ scan: { countOnly: _countOnly, ...scan }, ...planned }) => ({ ...planned, scan }));
  return { ...rest, scans, ...(candidates === undefined ? {} : { candidates: { ...candidates, count: false } }) };
}

async function openSelect(context: StatementContext, given: BoundSelect, measure?: (report: ScanReport) => void): Promise<Opened> {
  const select = await resolveFolders(context, given);
  const planned = plan(context, select);
  const columns = describeColumns(planned.plan.columns, context.session.catalog, given.columnNames);
  return { columns, batches: runSelect(context, select, planned, measure) };
}

/** Refusals the source can learn from before it knows all: one a rung of its ladder, and one for a count. */
const MOST_REPLANS = 8;

async function* runSelect(context: StatementContext, select: BoundSelect, first: Planned, measure?: (report: ScanReport) => void): AsyncGenerator<readonly RawRow[], void, void> {
  let planned = first;
  let count = true;
  for (let attempt = 0; ; attempt += 1) {
    const reports: ScanReport[] = [];
    const batches = execute(execution(context, select, planned, (report) => reports.push(report)));
    let delivered = false;
    try {
      for await (const batch of batches) {
        delivered = true;
        yield batch;
      }
      return;
    } catch (error) {
      const replan = error instanceof PlanWeakened || error instanceof CountUnusable;
      if (!replan || delivered || attempt >= MOST_REPLANS) throw error;
      if (error instanceof CountUnusable) count = false;
      planned = plan(context, select, count);
    } finally {
      for (const report of reports) measure?.(report);
    }
  }
}

function execution(context: StatementContext, { parameters }: BoundSelect, { plan: statementPlan, scanPlans }: Planned, report: (report: ScanReport) => void): Execution {
  const { session } = context;
  return {
    plan: statementPlan,
    scanPlans,
    source: session.source,
    parameters,
    openDatabase: () => openDatabase(session, statementPlan),
    patienceMs: session.options.timeoutSeconds === undefined ? undefined : session.options.timeoutSeconds * 1000,
    context: (statistics, expectedRows) => context.scanContext(shared(statistics, context.statistics), expectedRows),
    report,
    maxRows: context.maxRows,
  };
}

/** Statistics of a scan that also count for the statement, while it runs. */
function shared(own: RunStatistics, total: RunStatistics): RunStatistics {
  return new Proxy(own, {
    set: (target, name, value: number) => {
      const member = name as keyof RunStatistics;
      total[member] += value - target[member];
      target[member] = value;
      return true;
    },
  });
}

/** Nothing is sent: the reads are those of SELECT, and the Mutator says how rows are written. */
async function openExplainWrite(context: StatementContext, statement: WriteStatement, { analyze, format }: NonNullable<Translated['explain']>): Promise<Opened> {
  if (analyze) throw new ExchangeSqlError('NOT_SUPPORTED', 'EXPLAIN ANALYZE would write', { hint: 'Use EXPLAIN for the shape of the requests, or DryRun for the requests themselves.' });
  await Promise.resolve();
  const { select, writes } = explainedWrite(statement);
  const read = select === undefined ? undefined : plan(context, nameFolders(context, select));
  const { columns, rows } = explainWrite(format, read, writes, permissionsOf(context.session.catalog));
  return result({ columns: columns.map(({ name, type }) => ({ name, type, table: undefined, column: undefined, nullable: true, description: undefined })), rows });
}

async function openExplain(context: StatementContext, select: BoundSelect & Pick<Translated, 'explain'>): Promise<Opened> {
  const { analyze, format } = select.explain ?? { analyze: false, format: 'rows' };
  if (!analyze) {
    // Nothing is sent, so folders are shown by their names; the service takes well-known ones as ids.
    const { plan: statementPlan, scanPlans } = plan(context, nameFolders(context, select));
    return result(explainResult(format, statementPlan, scanPlans, permissionsOf(context.session.catalog).read));
  }
  const reports: ScanReport[] = [];
  const resolved = await resolveFolders(context, select);
  const planned = plan(context, resolved);
  for await (const _rows of runSelect(context, resolved, planned, (report) => reports.push(report))) {
    // EXPLAIN ANALYZE shows what the rows cost, not the rows.
  }
  const measures = reports.map(({ plan: { scan }, statistics, rowsKept, milliseconds }): ScanMeasure => ({ scan: scan.id, statistics, rowsKept, milliseconds }));
  // The plan that ran last, after whatever the service refused.
  const last = plan(context, resolved);
  return result(explainResult(format, last.plan, last.plan.scans.map(({ scan }) => reports.findLast((report) => report.plan.scan.id === scan.id)?.plan ?? planned.scanPlans.find((one) => one.scan.id === scan.id)!).filter((one) => one !== undefined), permissionsOf(context.session.catalog).read, measures));
}

function result({ columns, rows }: { readonly columns: readonly Column[]; readonly rows: readonly RawRow[] }): Opened {
  return {
    columns,
    batches: (async function* () {
      await Promise.resolve();
      if (rows.length > 0) yield rows;
    })(),
  };
}

/**
 * Columns of a statement without running it; parameters count as NULL.
 *
 * @throws ExchangeSqlError as running it would, for its syntax and names.
 */
export function examineStatement(session: Session, sql: string): readonly Column[] {
  offerLastResult(session, sql);
  const translated = translateFor(sql, new Date(), session);
  if (translated.call !== undefined) return examineCall(session, translated, translated.call);
  const context = statementContext({ ...session, unreported: [] }, sql, session.closed, {});
  const parameters = { positional: Array.from({ length: translated.parameters.positional }, () => null), named: Object.fromEntries(translated.parameters.named.map((name) => [name, null])) };
  const write = readWriteStatement({ context, translated, parameters, part: writePart(context) });
  if (write !== undefined) return translated.explain === undefined ? examineWrite(write) : [];
  if (['insert', 'update', 'delete'].includes(translated.kind) && (translated.write?.form ?? 'plain') === 'plain') checkOwn(session, translated);
  if (translated.kind !== 'select') return [];
  const { columns } = session.judge.examine(translated.text);
  return describeColumns(columns, session.catalog, translated.columnNames);
}

/** Syntax and names of a change to temporary tables; one that an INSERT makes by its name is not there yet. */
function checkOwn({ judge }: Session, { write, text, toOriginal }: Translated): void {
  if (write?.target.path.at(-1)?.includes('#') === true) return;
  try {
    judge.checkWrite(text);
  } catch (error) {
    throw located(error, toOriginal);
  }
}
