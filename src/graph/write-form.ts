/**
 * Owns: what a kind of row asks for beyond its columns' JSON: further columns to read, rules across columns, who gets mail.
 * Does not own: requests (write-item.ts).
 * Invariants: pure.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { WriteShape } from '../scan/write.js';
import { bodyOf } from './write-body.js';
import type { Json } from './write-body.js';
import { hasRecurrence, recurrenceColumns, recurrenceOf, recurrenceReads } from './write-recurrence.js';
import type { RowValues } from './write-row.js';

export interface Form {
  /** Columns to be read beside keys and siblings. */
  reads(declaration: TableDeclaration, shape: WriteShape, columns: readonly ColumnDeclaration[]): readonly string[];
  /** JSON of the row. @throws ExchangeSqlError for what it cannot be. */
  body(values: RowValues, kind: 'insert' | 'update', newName: () => string): Json;
  /** Addresses that get mail because of the write. */
  mails(values: RowValues, shape: WriteShape, body: Json): readonly string[];
}

/** Rows that are the JSON of their columns. */
export const PLAIN: Form = {
  reads: (declaration, shape, columns) => (shape.kind === 'update' ? recurrenceReads(declaration, columns) : []),
  body(values, kind) {
    const body = bodyOf(values, { kind, except: recurrenceColumns(values.declaration) });
    if (hasRecurrence(values, kind)) body['recurrence'] = recurrenceOf(values, kind, startDate(values, body));
    checkFlag(values, body);
    checkReplies(values, body);
    return body;
  },
  mails: () => [],
};

/** The day a task's series begins with. */
function startDate(values: RowValues, body: Json): string | undefined {
  for (const member of ['startDateTime', 'dueDateTime']) {
    const time = (body[member] as { readonly dateTime?: unknown } | null | undefined)?.dateTime;
    if (typeof time === 'string') return time.slice(0, 10);
    const read = values.read(`${member}_dateTime`);
    if (typeof read === 'string') return read.slice(0, 10);
  }
  return undefined;
}

/** facts 6.3: a due date needs a start date in the same write. */
function checkFlag({ declaration }: RowValues, body: Json): void {
  const flag = body['flag'] as { readonly dueDateTime?: unknown; readonly startDateTime?: unknown } | null | undefined;
  if (flag === null || flag === undefined) return;
  if ((flag.dueDateTime ?? null) !== null && (flag.startDateTime ?? null) === null) {
    throw new ExchangeSqlError('BAD_VALUE', `${declaration.name}.flag_dueDateTime_dateTime needs flag_startDateTime_dateTime beside it: the service takes a due date only with a start date.`, { hint: 'Set both in the same statement.' });
  }
}

function checkReplies({ declaration }: RowValues, body: Json): void {
  const replies = body['automaticRepliesSetting'] as { readonly status?: unknown; readonly scheduledStartDateTime?: unknown; readonly scheduledEndDateTime?: unknown } | null | undefined;
  if (replies?.status !== 'scheduled') return;
  if ((replies.scheduledStartDateTime ?? null) === null || (replies.scheduledEndDateTime ?? null) === null) {
    throw new ExchangeSqlError('BAD_VALUE', `${declaration.name}.automaticRepliesSetting_status 'scheduled' needs a scheduled start and end.`, { hint: 'Set automaticRepliesSetting_scheduledStartDateTime_dateTime and …scheduledEndDateTime_dateTime in the same statement.' });
  }
}
