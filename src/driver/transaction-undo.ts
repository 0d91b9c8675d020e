/**
 * Owns: putting back what a COMMIT that failed half-way had written already.
 * Does not own: the report (transaction-commit.ts).
 * Invariants: only rows that are known to be done are undone, the last first; what made somebody get mail, and what was deleted for
 * good, is never "undone" behind the users' backs; values are put back only where the row still has the version that this transaction
 * left, so that nobody else's edit is overwritten; an undo that fails leaves the row durable and says so.
 */
import { ExchangeSqlError } from '../errors.js';
import type { RowOutcome, RowWrite, WritePlan, WrittenKey } from '../scan/write.js';
import type { SqlValue } from '../scan/value.js';
import type { StatementContext } from './statement-context.js';
import type { QueuedWrite, SentWrite } from './transaction.js';
import { deliver } from './write-send.js';

export type Effect = 'durable' | 'undone' | 'irreversible';

type Done = RowOutcome & { status: 'done' };

/** What became of each row that was done. */
export async function undo(context: StatementContext, sent: readonly SentWrite[]): Promise<ReadonlyMap<RowOutcome, Effect>> {
  const effects = new Map<RowOutcome, Effect>();
  const versions = new Versions(sent);
  for (const { write, outcomes } of [...sent].reverse()) {
    const done = outcomes.filter((outcome): outcome is Done => outcome.status === 'done' && outcome.gone !== true);
    const mailed = new Set(mailedRows(write));
    const reversible = done.filter(({ row }) => !mailed.has(row));
    for (const outcome of done) effects.set(outcome, mailed.has(outcome.row) ? 'irreversible' : 'durable');
    const back = reversible.length === 0 ? undefined : wayBack(write, reversible, versions);
    if (back === undefined) {
      if (write.plan.shape.kind === 'delete') for (const outcome of reversible) effects.set(outcome, 'irreversible');
      continue;
    }
    const undone = await undoing(context, write, back, versions);
    for (const outcome of reversible) if (undone.has(outcome.row)) effects.set(outcome, 'undone');
  }
  return effects;
}

const VERSION = 'changeKey';

/** The version in which this transaction left each row, its own undoing included. */
class Versions {
  readonly #byId = new Map<SqlValue, string>();

  constructor(sent: readonly SentWrite[]) {
    for (const { outcomes } of sent) for (const outcome of outcomes) if (outcome.status === 'done') this.note(outcome.key);
  }

  note({ id, [VERSION]: version }: WrittenKey): void {
    if (typeof id === 'string' && typeof version === 'string') this.#byId.set(id, version);
  }

  of({ id }: WrittenKey): string | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }
}

function mailedRows({ mutator, plan, rows }: QueuedWrite): readonly number[] {
  return mutator.describeWrites(plan, rows).flatMap(({ row, mails }) => (mails.length > 0 ? [row] : []));
}

interface WayBack {
  readonly plan: WritePlan;
  readonly rows: readonly RowWrite[];
}

/** The writes that take it back; undefined where the table offers none. */
function wayBack(write: QueuedWrite, done: readonly Done[], versions: Versions): WayBack | undefined {
  try {
    switch (write.plan.shape.kind) {
      case 'insert':
        return removal(write, done);
      case 'update':
        return restoration(write, done, versions);
      case 'delete':
        return undefined;
    }
  } catch (error) {
    if (error instanceof ExchangeSqlError) return undefined;
    throw error;
  }
}

/** A row that was never wanted is not left in Deleted Items, where the service lets one delete for good. */
function removal({ mutator, plan: { shape } }: QueuedWrite, done: readonly Done[]): WayBack | undefined {
  for (const mode of ['HardDelete', undefined] as const) {
    try {
      const plan = mutator.planWrite({ kind: 'delete', table: shape.table, columns: mode === undefined ? [] : ['DeleteMode'], returning: [], guarded: false });
      const rows = done.map(({ row, key }): RowWrite => ({ row, values: mode === undefined ? [] : [mode], target: plan.read.map((name) => key[name] ?? null) }));
      for (const row of rows) mutator.checkRow(plan, row);
      return { plan, rows };
    } catch (error) {
      if (mode === undefined || !(error instanceof ExchangeSqlError)) throw error;
    }
  }
  return undefined;
}

function restoration({ mutator, plan: { shape, read }, rows: written, before }: QueuedWrite, done: readonly Done[], versions: Versions): WayBack | undefined {
  if (before.length === 0) return undefined;
  // Tables without a version cannot be guarded; where there is one, every row that was written told it.
  const guarded = done.every(({ key }) => versions.of(key) !== undefined);
  const plan = mutator.planWrite({ ...shape, returning: [], guarded });
  const rows = done.map(({ row, key }): RowWrite => {
    const { target } = written.find((one) => one.row === row)!;
    // The id of a moved row may be another one now.
    const valueOf = (name: string): SqlValue => (name === VERSION ? versions.of(key) : undefined) ?? key[name] ?? target[read.indexOf(name)] ?? null;
    return { row, values: before[row]!, target: plan.read.map(valueOf) };
  });
  for (const row of rows) mutator.checkRow(plan, row);
  return { plan, rows };
}

async function undoing(context: StatementContext, { mutator }: QueuedWrite, { plan, rows }: WayBack, versions: Versions): Promise<ReadonlySet<number>> {
  const patient: StatementContext = { ...context, safety: { ...context.safety, onRowError: 'continue' } };
  try {
    const outcomes = await deliver(patient, mutator, plan, rows);
    for (const outcome of outcomes) if (outcome.status === 'done') versions.note(outcome.key);
    return new Set(outcomes.flatMap(({ row, status }) => (status === 'done' ? [row] : [])));
  } catch (error) {
    if (error instanceof ExchangeSqlError) return new Set();
    throw error;
  }
}
