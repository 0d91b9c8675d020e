/**
 * Owns: what events ask for beyond their columns: whole days, the day a series begins, transaction ids, who gets mail.
 * Invariants: pure; times of an event keep the zone it was written in.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import { addressesIn } from './write-addresses.js';
import { bodyOf, zonedValue } from './write-body.js';
import type { BodyOptions, Json } from './write-body.js';
import type { Form } from './write-form.js';
import { hasRecurrence, isRecurrence, recurrenceColumns, recurrenceOf } from './write-recurrence.js';
import type { RowValues } from './write-row.js';

const TIMES = ['start_dateTime', 'start_timeZone', 'end_dateTime', 'end_timeZone', 'isAllDay'];
/** What an update reads to write times: the event's own, and the zones it was written in. */
const TIME_READS = ['start_dateTime', 'start_timeZone', 'end_dateTime', 'end_timeZone', 'isAllDay', 'originalStartTimeZone', 'originalEndTimeZone'];
/** Columns of the organizer's own copy: no one is told. */
const PRIVATE = new Set(['categories', 'isReminderOn', 'reminderMinutesBeforeStart', 'showAs', 'sensitivity', 'importance']);

export const EVENT: Form = {
  reads(declaration, shape, columns) {
    const has = (name: string): boolean => declaration.columns.some((column) => column.name === name);
    const times = shape.kind === 'update' && columns.some((column) => TIMES.includes(column.name) || isRecurrence(column)) ? TIME_READS : [];
    const told = shape.kind === 'delete' || (shape.kind === 'update' && columns.some(({ name }) => !PRIVATE.has(name))) ? ['attendees', 'isOrganizer'] : [];
    return [...times, ...told].filter(has);
  },

  body(values, kind, newName) {
    const options = { kind, allDay: isTrue(values.final('isAllDay')) };
    const body = bodyOf(values, { ...options, except: recurrenceColumns(values.declaration) });
    if (options.allDay) wholeDays(values, body, options);
    checkOrder(values, body);
    if (hasRecurrence(values, kind)) body['recurrence'] = recurrenceOf(values, kind, dayOf(values, body, options));
    if (kind === 'insert' && body['transactionId'] === undefined) body['transactionId'] = newName();
    return body;
  },

  mails(values, shape, body) {
    if (shape.kind !== 'insert' && !isTrue(values.read('isOrganizer'))) return [];
    if (shape.kind === 'update' && values.givenColumns().every(({ name }) => PRIVATE.has(name))) return [];
    const before = values.read('attendees');
    return [...new Set([...addressesIn(body['attendees']), ...addressesIn(typeof before === 'string' ? JSON.parse(before) : [])])];
  },
};

const isTrue = (value: unknown): boolean => value === 1n || value === true || (typeof value === 'string' && /^(?:1|true)$/i.test(value));

interface Zoned {
  readonly dateTime: string;
  readonly timeZone: string;
}

function timeOf(values: RowValues, which: 'start' | 'end', body: Json, options: BodyOptions): Zoned | undefined {
  const sent = body[which];
  if (sent !== undefined) return (sent ?? undefined) as Zoned | undefined;
  const column = columnOf(values.declaration, `${which}_dateTime`);
  const zone = columnOf(values.declaration, `${which}_timeZone`);
  return zonedValue(values, column, zone, options) ?? undefined;
}

function columnOf(declaration: TableDeclaration, name: string): TableDeclaration['columns'][number] {
  const column = declaration.columns.find((one) => one.name === name);
  if (column === undefined) throw new ExchangeSqlError('INTERNAL', `${declaration.name} has no column ${name}.`);
  return column;
}

/** An event of whole days is sent with both its times, in one zone (facts 6.3: midnight to midnight in the same zone, the end exclusive). */
function wholeDays(values: RowValues, body: Json, options: BodyOptions): void {
  if (body['start'] === undefined && body['end'] === undefined && !values.gives('isAllDay')) return;
  const start = timeOf(values, 'start', body, options);
  const end = timeOf(values, 'end', body, options);
  if (start === undefined || end === undefined) return;
  if (start.timeZone !== end.timeZone && values.gives('start_timeZone') && values.gives('end_timeZone')) {
    throw new ExchangeSqlError('BAD_VALUE', `${values.declaration.name}.end_timeZone has to be start_timeZone: the event lasts whole days.`, { hint: 'Leave end_timeZone out.' });
  }
  const timeZone = values.gives('end_timeZone') && !values.gives('start_timeZone') ? end.timeZone : start.timeZone;
  if (end.dateTime <= start.dateTime) {
    throw new ExchangeSqlError('BAD_VALUE', `${values.declaration.name}.end_dateTime has to be after start_dateTime: the end of whole days is the midnight after the last one.`, { hint: "An event of 1 May ends at '2026-05-02'." });
  }
  body['start'] = { ...start, timeZone };
  body['end'] = { ...end, timeZone };
}

function checkOrder(values: RowValues, body: Json): void {
  const start = body['start'] as Zoned | null | undefined;
  const end = body['end'] as Zoned | null | undefined;
  if (start === null || end === null) throw new ExchangeSqlError('BAD_VALUE', `${values.declaration.name}.${start === null ? 'start' : 'end'}_dateTime cannot be NULL.`);
  if (start !== undefined && end !== undefined && start.timeZone === end.timeZone && end.dateTime < start.dateTime) {
    throw new ExchangeSqlError('BAD_VALUE', `${values.declaration.name}.end_dateTime is before start_dateTime.`);
  }
}

/** The day of the first occurrence, on the clock of the event's zone. */
function dayOf(values: RowValues, body: Json, options: BodyOptions): string | undefined {
  return timeOf(values, 'start', body, options)?.dateTime.slice(0, 10);
}

