/**
 * Owns: running a writing statement on a table of a mailbox: read every row, check every row, write, report.
 * Does not own: what the statement means (write-plan.ts), ON CONFLICT (write-conflict.ts), requests (the Mutator).
 * Invariants: the rows are read to the end before the first write; nothing is written if one row cannot be; a statement that ends,
 * however it ends, has an outcome for each of its rows.
 */
import { ExchangeSqlError } from '../errors.js';
import type { ExplainedWrite } from '../planner/explain-write.js';
import type { RowOutcome, RowWrite, WritePlan } from '../scan/write.js';
import type { SqlValue } from '../scan/value.js';
import type { RawRow } from './execute.js';
import { CHANGES, type Column } from './results.js';
import type { BoundSelect, Opened } from './statement-context.js';
import { insertShape, openConflict, prepareConflict, type PreparedConflict } from './write-conflict.js';
import { prepareWrite, type PreparedWrite, type WriteStatement } from './write-plan.js';
import { mostRows, refuseMany, refuseReadonly, refuseReturning, refuseWhole } from './write-safety.js';
import { refuseOtherVersion } from './write-version.js';
import { checkRows, collectRows, finishWrite, identityKey, normalRows, openRows, sendRows } from './write-send.js';

/** Columns and rows of a writing statement; it runs when its first row is pulled. */
export function openWrite(statement: WriteStatement): Opened {
  const { skeleton, context } = statement;
  refuseReadonly(statement);
  if (skeleton.form === 'upsert' || skeleton.conflict !== undefined) return openConflict(statement);
  const prepared = prepareWrite(statement);
  refuseWhole(statement);
  const { plan, returning } = prepared;
  const known = plan.shape.kind === 'delete' ? prepared.read : plan.shape.columns;
  refuseReturning(statement, returning, known);
  return openRows(statement, returning, async (summary) => {
    const { rows, read } = await rowsOf(prepared);
    refuseMany(statement, rows.length);
    checkRows(statement, plan, rows, rows.length);
    const outcomes = await sendRows(statement, plan, rows, context.mode === 'queue' ? valuesBefore(prepared, read) : []);
    return finishWrite(statement, {
      outcomes,
      summary,
      returning,
      valuesOf: (outcome) => returnedValues(prepared, outcome, read),
      waitingValues: (row) => (returning?.needed ?? []).map((name) => (plan.shape.kind === 'delete' ? read[row]![known.indexOf(name)] : rows[row]!.values[known.indexOf(name)]) ?? null),
      isInsert: () => skeleton.kind === 'insert',
    });
  });
}

/** What EXPLAIN shows: the SELECT that gives the rows, and how they are written. */
export function explainedWrite(statement: WriteStatement): { readonly select: BoundSelect | undefined; readonly writes: readonly ExplainedWrite[] } {
  const { skeleton } = statement;
  const shown = ({ shape, requests }: WritePlan): ExplainedWrite => ({ table: shape.table, kind: shape.kind, columns: shape.columns, requests, guarded: shape.guarded });
  if (skeleton.form !== 'upsert' && skeleton.conflict === undefined) {
    const { plan, select } = prepareWrite(statement);
    return { select, writes: [shown(plan)] };
  }
  const prepared = prepareConflict(statement);
  const { select, update } = prepared;
  return { select, writes: [...(update === undefined ? [] : [shown(update)]), ...insertOf(prepared).map(shown)] };
}

/** How rows that are not there would be inserted; none where they cannot be, which matters only when there is one. */
function insertOf(prepared: PreparedConflict): readonly WritePlan[] {
  try {
    return [prepared.statement.mutator.planWrite(insertShape(prepared))];
  } catch (error) {
    if (error instanceof ExchangeSqlError && prepared.update !== undefined) return [];
    throw error;
  }
}

/** Columns of a writing statement, without running it. */
export function examineWrite(statement: WriteStatement): readonly Column[] {
  const { skeleton } = statement;
  const { returning } = skeleton.form === 'upsert' || skeleton.conflict !== undefined ? prepareConflict(statement) : prepareWrite(statement);
  return returning?.columns ?? [CHANGES];
}

/** What UPDATE replaces, where the statement read it. */
function valuesBefore({ plan: { shape }, read }: PreparedWrite, rows: readonly RawRow[]): readonly (readonly SqlValue[])[] {
  const places = shape.columns.map((name) => read.indexOf(name));
  return shape.kind !== 'update' || places.includes(-1) ? [] : rows.map((row) => places.map((place) => row[place] ?? null));
}

/** Values of a row for RETURNING: as the service has them after the write, for DELETE as they were before. */
function returnedValues({ returning, read, plan }: PreparedWrite, outcome: RowOutcome & { status: 'done' }, rows: readonly RawRow[]): readonly SqlValue[] {
  if (plan.shape.kind !== 'delete') return outcome.values;
  const row = rows[outcome.row]!;
  return (returning?.needed ?? []).map((name) => row[read.indexOf(name)] ?? null);
}

/** Every row the statement will write, its values in their columns' form. */
async function rowsOf(prepared: PreparedWrite): Promise<{ readonly rows: readonly RowWrite[]; readonly read: readonly RawRow[] }> {
  const { statement, select, read, plan } = prepared;
  if (select === undefined) return { rows: [{ row: 0, values: plan.shape.columns.map(() => undefined), target: [] }], read: [[]] };
  // Several rows of FROM may be one row to write.
  const most = statement.skeleton.from === undefined && statement.skeleton.form === 'plain' ? mostRows(statement.context) : undefined;
  const given = await collectRows(await statement.part.run(select), statement.context.signal, most);
  if (most !== undefined) refuseMany(statement, given.length);
  if (given.length === 0) await refuseOtherVersion(prepared, select);
  const rows = plan.shape.kind === 'update' ? oncePerTarget(prepared, given) : given;
  const isDelete = plan.shape.kind === 'delete';
  const valueAt = (row: RawRow, column: number): SqlValue => row[isDelete ? read.indexOf(plan.shape.columns[column]!) : read.length + column] ?? null;
  const values = await normalRows(prepared, rows.map((row) => prepared.columns.map((_, column) => valueAt(row, column))), rows);
  return { rows: rows.map((row, index): RowWrite => ({ row: index, values: values[index]!, target: plan.read.map((name) => row[read.indexOf(name)] ?? null) })), read: rows };
}

/**
 * UPDATE … FROM may give a row several times: with the same values that is one update, with different ones there is no telling
 * which was meant.
 */
function oncePerTarget({ read, plan, statement }: PreparedWrite, rows: readonly RawRow[]): readonly RawRow[] {
  if (statement.skeleton.from === undefined && statement.skeleton.form !== 'update-select') return rows;
  const seen = new Map<string, string>();
  return rows.filter((row) => {
    const target = identityKey(plan.read.map((name) => row[read.indexOf(name)] ?? null));
    const values = identityKey(row.slice(read.length));
    const known = seen.get(target);
    if (known === undefined) {
      seen.set(target, values);
      return true;
    }
    if (known === values) return false;
    throw new ExchangeSqlError('BAD_VALUE', `UPDATE gives one row of ${plan.shape.table} several values: more than one row of FROM matches it`, { hint: 'Join so that each row matches once, or take one of them with a subquery: SET a = (SELECT max(x) FROM …).' });
  });
}
