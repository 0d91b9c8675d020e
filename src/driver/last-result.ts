/**
 * Owns: what a connection remembers of its last write: LastResultInfo#TEMP and SCOPE_IDENTITY().
 * Does not own: the outcomes (write-outcomes.ts).
 * Invariants: the table has one row for each row of the last writing statement on a mailbox, also of one that failed.
 */
import { quoteIdentifier } from '../engine/ddl.js';
import type { RowOutcome } from '../scan/write.js';
import type { SqlValue } from '../scan/value.js';
import type { Session } from './session.js';

const NAME = 'LastResultInfo#TEMP';
const COLUMNS = ['Ordinal', 'Id', 'ChangeKey', 'Key', 'Status', 'Code', 'SqlState', 'Message'] as const;

/** Makes the table, empty, if a text names it: it can be read before anything was written. */
export function offerLastResult(session: Session, sql: string): void {
  if (/lastresultinfo#temp/i.test(sql)) create(session);
}

function create({ judge }: Session): void {
  if (judge.temporaryTables().some(({ name }) => name.toLowerCase() === NAME.toLowerCase())) return;
  judge.runTemporary(`CREATE TEMP TABLE ${quoteIdentifier(NAME)}(${COLUMNS.map((name) => `${name} ${name === 'Ordinal' ? 'INTEGER' : 'TEXT'}`).join(', ')})`);
}

export function recordOutcomes(session: Session, outcomes: readonly RowOutcome[], isInsert: (row: number) => boolean): void {
  create(session);
  session.judge.runTemporary(`DELETE FROM ${quoteIdentifier(NAME)}`);
  session.judge.insertTemporary(NAME, COLUMNS, outcomes.map(rowOf));
  const last = outcomes.findLast((outcome) => outcome.status === 'done' && isInsert(outcome.row));
  const id = last?.status === 'done' ? last.key['id'] : undefined;
  if (typeof id === 'string') session.written.identity = id;
}

function rowOf(outcome: RowOutcome): readonly SqlValue[] {
  const { row, status } = outcome;
  const key = outcome.status === 'done' ? outcome.key : {};
  const error = outcome.status === 'failed' || outcome.status === 'unknown' ? outcome.error : undefined;
  return [BigInt(row + 1), key['id'] ?? null, key['changeKey'] ?? null, outcome.status === 'done' ? JSON.stringify(key, plain) : null, status, error?.code ?? null, error?.sqlState ?? null, error?.message ?? null];
}

const plain = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value);
