/**
 * Owns: the steps every writing statement shares: given values in their columns' form, checking rows, sending them, the result.
 * Does not own: which rows (write.ts, write-conflict.ts), requests (the Mutator).
 * Invariants: no row is sent before all are checked; every row sent has exactly one outcome.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Mutator, RowOutcome, RowWrite, WritePlan } from '../scan/write.js';
import type { SqlValue } from '../scan/value.js';
import type { RawRow } from './execute.js';
import { recordOutcomes } from './last-result.js';
import { CHANGES } from './results.js';
import type { Opened, StatementContext } from './statement-context.js';
import { abortError } from './statement-signal.js';
import { mailboxColumn } from './write-columns.js';
import { DRY_RUN_COLUMNS, dryRunRows, dryRunSummary } from './write-dry-run.js';
import { FolderValues } from './write-folders.js';
import { doneRows, failure, outcomeError, outcomeWarnings, reportsOf, type WriteSummary } from './write-outcomes.js';
import type { PreparedWrite, WriteStatement } from './write-plan.js';
import type { Returning } from './write-returning.js';
import { normalValue } from './write-values.js';

/** A result whose rows come when the work is done. */
export function openRows({ context }: WriteStatement, returning: Returning | undefined, work: (summary: WriteSummary) => Promise<readonly RawRow[]>): Opened {
  const summary: WriteSummary = { affectedRows: undefined, outcomes: undefined };
  return {
    columns: context.mode === 'dry-run' ? DRY_RUN_COLUMNS : (returning?.columns ?? [CHANGES]),
    written: summary,
    batches: (async function* () {
      const rows = await work(summary);
      if (rows.length > 0) yield rows;
    })(),
  };
}

/** @param most reading ends when there are more rows. */
export async function collectRows({ batches }: Opened, signal: AbortSignal, most = Number.POSITIVE_INFINITY): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const batch of batches) {
    signal.throwIfAborted();
    for (const row of batch) rows.push(row);
    if (rows.length > most) return rows.slice(0, most + 1);
  }
  return rows;
}

/** A text that is the same for the same values only. */
export const identityKey = (values: readonly SqlValue[]): string => JSON.stringify(values.map((value) => (typeof value === 'bigint' ? ['i', String(value)] : value instanceof Uint8Array ? ['b', Buffer.from(value).toString('base64')] : value)));

/** Values in their columns' form, folder names resolved; `undefined` is DEFAULT. */
export async function normalRows({ statement, columns, read, places }: Pick<PreparedWrite, 'statement' | 'columns' | 'read' | 'places'>, given: readonly (readonly SqlValue[])[], rows: readonly RawRow[]): Promise<(SqlValue | undefined)[][]> {
  const { table, context } = statement;
  const values = given.map((row, index) =>
    row.map((value, column) => (places.isDefault(index, column) ? undefined : normalValue(value, columns[column]!, { table: table.name, row: index, rows: given.length, position: places.position(index, column) }))),
  );
  if (columns.every(({ folder }) => folder === undefined)) return values;
  const mailbox = mailboxColumn(table)?.name;
  const own = columns.findIndex(({ name }) => name === mailbox);
  const folders = new FolderValues(context);
  return Promise.all(
    values.map((row, index) => {
      const whose = own === -1 ? rows[index]?.[read.indexOf(mailbox ?? '')] : row[own];
      return Promise.all(row.map((value, column) => folders.resolve({ column: columns[column]!, value, mailbox: typeof whose === 'string' && whose !== '' ? whose : undefined, isCall: places.isFolderCall(index, column), position: places.position(index, column) })));
    }),
  );
}

/** @param of rows of the statement. @throws ExchangeSqlError for the first row that cannot be written. */
export function checkRows({ mutator }: WriteStatement, plan: WritePlan, rows: readonly RowWrite[], of: number): void {
  for (const row of rows) {
    try {
      mutator.checkRow(plan, row);
    } catch (error) {
      if (!(error instanceof ExchangeSqlError) || of === 1) throw error;
      const { hint, position, retryable } = error;
      throw new ExchangeSqlError(error.code, `row ${String(row.row + 1)}: ${error.message}`, { retryable, ...(hint === undefined ? {} : { hint }), ...(position === undefined ? {} : { position }), cause: error });
    }
  }
}

/**
 * Writes rows that were checked: the one place where a statement changes a mailbox. Outcomes come in the rows' order, one each. In
 * a dry run the rows are described, in a transaction kept; either way none is sent.
 */
export async function sendRows({ context, mutator, skeleton }: WriteStatement, plan: WritePlan, rows: readonly RowWrite[], before: readonly (readonly SqlValue[])[] = []): Promise<readonly RowOutcome[]> {
  if (rows.length === 0) return [];
  context.signal.throwIfAborted();
  if (context.mode !== 'send') {
    if (context.mode === 'dry-run') context.described.push(...mutator.describeWrites(plan, rows));
    else context.session.transaction.add({ mutator, plan, rows, before, verb: skeleton.kind.toUpperCase() });
    return rows.map(({ row }): RowOutcome => ({ row, status: 'skipped' }));
  }
  return deliver(context, mutator, plan, rows);
}

export async function deliver(context: StatementContext, mutator: Mutator, plan: WritePlan, rows: readonly RowWrite[]): Promise<readonly RowOutcome[]> {
  const outcomes = new Map<number, RowOutcome>();
  let lost = new ExchangeSqlError('OUTCOME_UNKNOWN', 'no outcome of the row is known');
  try {
    for await (const outcome of mutator.write(plan, rows, { ...context.scanContext(context.statistics), onRowError: onRowError(context) })) outcomes.set(outcome.row, outcome);
  } catch (error) {
    // Before anything was sent it is the statement's error; afterwards the rows without an outcome are unknown.
    if (outcomes.size === 0) throw error;
    lost = error instanceof ExchangeSqlError ? error : new ExchangeSqlError('INTERNAL', String(error), { cause: error });
  }
  return rows.map(({ row }): RowOutcome => outcomes.get(row) ?? { row, status: 'unknown', error: lost });
}

export const onRowError = ({ safety }: StatementContext): 'stop' | 'continue' => safety.onRowError;

export interface Written {
  /** Of every row written, in the statement's order. */
  readonly outcomes: readonly RowOutcome[];
  readonly summary: WriteSummary;
  readonly returning: Returning | undefined;
  /** Values of `returning.needed`. */
  valuesOf(outcome: RowOutcome & { status: 'done' }): readonly SqlValue[];
  /** The same for a row that waits for COMMIT. */
  waitingValues(row: number): readonly SqlValue[];
  isInsert(row: number): boolean;
}

/** Outcomes of all rows as a result, or as the error they are. */
export function finishWrite({ context, skeleton }: WriteStatement, { outcomes, summary, returning, valuesOf, waitingValues, isInsert }: Written): readonly RawRow[] {
  // Rows that were described or kept were not sent: that is what skipped means.
  if (context.mode !== 'send') summary.outcomes = reportsOf(outcomes);
  if (context.mode === 'dry-run') {
    summary.affectedRows = 0;
    summary.dryRun = dryRunSummary(context.described, outcomes.length);
    return dryRunRows(context.described);
  }
  if (context.mode === 'queue') {
    const { waiting } = context.session.transaction;
    summary.affectedRows = outcomes.length;
    context.warn({ code: 'ROWS_WAIT', message: `nothing was sent: ${String(waiting)} ${waiting === 1 ? 'row waits' : 'rows wait'} for COMMIT` });
    return returning === undefined ? [[BigInt(outcomes.length)]] : returning.evaluate(outcomes.map(({ row }) => waitingValues(row)));
  }
  const reports = reportsOf(outcomes);
  summary.outcomes = reports;
  summary.affectedRows = doneRows(outcomes);
  // Of a connection that was closed meanwhile only the error can tell.
  const { aborted: closed } = context.session.closed;
  if (!closed) recordOutcomes(context.session, outcomes, isInsert);
  const aborted = context.signal.aborted ? abortError(context.session.closed, context.signal) : undefined;
  const error = outcomeError(outcomes, { onRowError: onRowError(context), aborted, verb: skeleton.kind.toUpperCase() });
  if (error !== undefined) throw error;
  for (const warning of outcomeWarnings(outcomes)) context.warn(warning);
  if (returning === undefined) return [[BigInt(summary.affectedRows)]];
  const done = outcomes.filter((outcome) => outcome.status === 'done' && outcome.gone !== true) as (RowOutcome & { status: 'done' })[];
  try {
    return returning.evaluate(done.map(valuesOf));
  } catch (cause) {
    if (closed) throw failure('CLOSED', 'the rows were written, but the connection was closed before RETURNING', abortError(context.session.closed, context.signal), reports, {});
    if (!(cause instanceof ExchangeSqlError)) throw cause;
    throw failure(cause.code, `the rows were written, but RETURNING failed: ${cause.message}`, cause, reports, {});
  }
}
