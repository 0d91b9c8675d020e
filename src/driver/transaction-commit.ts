/**
 * Owns: BEGIN, COMMIT and ROLLBACK: sending what was collected, and the report of a COMMIT that failed half-way.
 * Does not own: collecting (transaction.ts), undoing (transaction-undo.ts).
 * Invariants: COMMIT sends every row at most once; after a row that could not be written nothing further is begun (unless
 * OnRowError=continue) and what can be is put back; every row that was collected is in the report.
 */
import { ExchangeSqlError, type RowReport } from '../errors.js';
import type { RowOutcome, RowWrite, WritePlan } from '../scan/write.js';
import type { TransactionVerb } from '../sql/translate.js';
import { recordOutcomes } from './last-result.js';
import { CHANGES } from './results.js';
import type { Opened, StatementContext } from './statement-context.js';
import { abortError } from './statement-signal.js';
import { inDependencyOrder } from './transaction-order.js';
import { undo, type Effect } from './transaction-undo.js';
import type { QueuedWrite, SentWrite } from './transaction.js';
import { doneRows, outcomeWarnings, reportsOf, type WriteSummary } from './write-outcomes.js';
import { deliver } from './write-send.js';

/** SELECT shows the service's state; that some of it is about to change is worth a warning. */
export function warnOfWaiting({ session, warn }: StatementContext): void {
  const { waiting } = session.transaction;
  if (waiting > 0) warn({ code: 'ROWS_WAIT', message: `the transaction's ${String(waiting)} ${waiting === 1 ? 'row waits' : 'rows wait'} for COMMIT; a SELECT shows what the service has now` });
}

export function openTransaction(context: StatementContext, verb: TransactionVerb): Opened {
  const { transaction } = context.session;
  const summary: WriteSummary = { affectedRows: undefined, outcomes: undefined };
  return {
    columns: [CHANGES],
    written: summary,
    batches: (async function* () {
      await Promise.resolve();
      if (verb === 'BEGIN') transaction.begin();
      if (verb === 'ROLLBACK') transaction.end(verb);
      if (verb === 'COMMIT') await commit(context, summary);
      summary.affectedRows ??= 0;
      yield [[BigInt(summary.affectedRows)]];
    })(),
  };
}

async function commit(context: StatementContext, summary: WriteSummary): Promise<void> {
  const { session, safety, signal } = context;
  const queue = session.transaction.end('COMMIT');
  const ordered = inDependencyOrder(queue, ({ plan: { shape } }) => shape, session.catalog.tables());
  const sent: SentWrite[] = [];
  const versions = new Versions();
  let stopped = false;
  for (const write of ordered) {
    if (stopped || signal.aborted) {
      sent.push({ write, outcomes: write.rows.map(({ row }) => ({ row, status: 'skipped' })) });
      continue;
    }
    const outcomes = await delivered(context, write, versions);
    sent.push({ write, outcomes });
    versions.learn(write, outcomes);
    stopped = safety.onRowError === 'stop' && outcomes.some(({ status }) => status !== 'done');
  }
  const all = sent.flatMap(({ outcomes }) => outcomes);
  const failed = all.some(({ status }) => status !== 'done');
  const effects = stopped && !signal.aborted ? await undo(context, sent) : undefined;
  const effectOf = (outcome: RowOutcome): Effect | undefined => (outcome.status !== 'done' || outcome.gone === true || !failed ? undefined : (effects?.get(outcome) ?? 'durable'));
  const numbered = numberedReports(sent, queue, effectOf);
  summary.outcomes = numbered;
  summary.affectedRows = doneRows(all.filter((outcome) => effectOf(outcome) !== 'undone'));
  const inserted = new Set<number>();
  const rows = sent.flatMap(({ write, outcomes }) => outcomes.map((outcome) => ({ write, outcome }))).map(({ write, outcome }, row): RowOutcome => {
    if (write.plan.shape.kind === 'insert') inserted.add(row);
    return { ...outcome, row };
  });
  // Of a connection that was closed meanwhile only the error can tell.
  if (!session.closed.aborted) recordOutcomes(session, rows, (row) => inserted.has(row));
  if (!failed) return;
  const worst = worstOf(sent);
  if (worst === undefined || (safety.onRowError === 'continue' && worst.outcome.status === 'failed')) {
    if (signal.aborted) throw failure(abortError(session.closed, signal), numbered, '');
    for (const warning of outcomeWarnings(rows)) context.warn(warning);
    return;
  }
  const at = `statement ${String(queue.indexOf(worst.write) + 1)} (${worst.write.verb} ${worst.write.plan.shape.table}), row ${String(worst.outcome.row + 1)}: `;
  throw failure(worst.outcome.error, numbered, at);
}

async function delivered(context: StatementContext, write: QueuedWrite, versions: Versions): Promise<readonly RowOutcome[]> {
  try {
    return await deliver(context, write.mutator, write.plan, write.rows.map((row) => versions.refresh(write.plan, row)));
  } catch (error) {
    // What befalls all rows of a statement before any was sent.
    if (!(error instanceof ExchangeSqlError)) throw error;
    return write.rows.map(({ row }, index): RowOutcome => (index === 0 ? { row, status: 'failed', error } : { row, status: 'skipped' }));
  }
}

/** A row that an earlier statement of the same transaction changed has another version than the one that was read. */
class Versions {
  readonly #changed = new Map<string, string>();

  learn({ plan: { shape, read }, rows }: QueuedWrite, outcomes: readonly RowOutcome[]): void {
    if (shape.kind !== 'update') return;
    const at = read.indexOf('changeKey');
    const id = read.indexOf('id');
    for (const outcome of outcomes) {
      if (outcome.status !== 'done' || typeof outcome.key['changeKey'] !== 'string') continue;
      const target = rows.find(({ row }) => row === outcome.row)?.target ?? [];
      const key = id === -1 ? outcome.key['id'] : target[id];
      if (typeof key === 'string') this.#changed.set(key, outcome.key['changeKey']);
      // Several statements may have read the version before this one.
      if (at !== -1 && typeof outcome.key['id'] === 'string') this.#changed.set(outcome.key['id'], outcome.key['changeKey']);
    }
  }

  refresh({ read }: WritePlan, row: RowWrite): RowWrite {
    const at = read.indexOf('changeKey');
    const id = row.target[read.indexOf('id')];
    const version = at === -1 || typeof id !== 'string' ? undefined : this.#changed.get(id);
    return version === undefined ? row : { ...row, target: row.target.map((value, index) => (index === at ? version : value)) };
  }
}

/** The outcome the error is about: what may have been done counts more than what was refused. */
function worstOf(sent: readonly SentWrite[]): { readonly write: QueuedWrite; readonly outcome: Extract<RowOutcome, { error: ExchangeSqlError }> } | undefined {
  for (const wanted of ['unknown', 'failed'] as const) {
    for (const { write, outcomes } of sent) {
      const outcome = outcomes.find(({ status }) => status === wanted);
      if (outcome?.status === 'unknown' || outcome?.status === 'failed') return { write, outcome };
    }
  }
  return undefined;
}

/** All rows in the order of the statements; `row` counts through. */
function numberedReports(sent: readonly SentWrite[], queue: readonly QueuedWrite[], effectOf: (outcome: RowOutcome) => Effect | undefined): readonly RowReport[] {
  const reports = queue.flatMap((write, index) => {
    const outcomes = sent.find((one) => one.write === write)?.outcomes ?? [];
    return reportsOf(outcomes).map((report, at): RowReport => {
      const effect = effectOf(outcomes[at]!);
      return { ...report, statement: index + 1, ...(effect === undefined ? {} : { effect }) };
    });
  });
  return reports.map((report, row) => ({ ...report, row }));
}

function failure(cause: ExchangeSqlError, reports: readonly RowReport[], at: string): ExchangeSqlError {
  const count = (wanted: (report: RowReport) => boolean): number => reports.filter(wanted).length;
  const parts = [
    [count(({ effect }) => effect === 'undone'), 'written and undone'],
    [count(({ effect }) => effect === 'durable'), 'written and durable'],
    [count(({ effect }) => effect === 'irreversible'), 'written and cannot be undone'],
    [count(({ status }) => status === 'unknown'), 'of unknown outcome'],
    [count(({ status }) => status === 'failed'), 'refused'],
    [count(({ status }) => status === 'skipped'), 'not sent'],
  ] as const;
  const told = parts.filter(([rows]) => rows > 0).map(([rows, what]) => `${String(rows)} ${what}`).join(', ');
  const { hint, requestId, status, serviceCode, retryable } = cause;
  return new ExchangeSqlError(cause.code, `COMMIT failed at ${at}${cause.message} Of ${String(reports.length)} rows: ${told}.`, {
    hint: cause.code === 'OUTCOME_UNKNOWN' ? 'Look whether those rows are there before they are written again; `outcomes` lists each.' : (hint ?? '`outcomes` and LastResultInfo#TEMP list each row.'),
    retryable,
    outcomes: reports,
    cause,
    ...(requestId === undefined ? {} : { requestId }),
    ...(status === undefined ? {} : { status }),
    ...(serviceCode === undefined ? {} : { serviceCode }),
  });
}
