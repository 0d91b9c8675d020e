/**
 * Owns: recurrence_* columns as the recurrence the service takes: what belongs to which type, and what follows from the start.
 * Invariants: pure; members that do not belong to the type are not sent (unused ones are read as 0 and year 1; facts 8).
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import type { Json } from './write-body.js';
import { badValue, toJson } from './write-value.js';
import type { RowValues } from './write-row.js';

export const isRecurrence = ({ path }: ColumnDeclaration): boolean => path?.startsWith('recurrence/') === true;

const names = new WeakMap<TableDeclaration, ReadonlySet<string>>();

/** Names of the columns of a recurrence, found once a table. */
export function recurrenceColumns(declaration: TableDeclaration): ReadonlySet<string> {
  let found = names.get(declaration);
  if (found === undefined) names.set(declaration, (found = new Set(declaration.columns.filter(isRecurrence).map(({ name }) => name))));
  return found;
}

export function hasRecurrence(values: RowValues, kind: 'insert' | 'update'): boolean {
  return values.givenColumns().some((column) => isRecurrence(column) && (kind === 'update' || values.given(column.name) !== null));
}

const STARTS = ['start_dateTime', 'startDateTime_dateTime', 'dueDateTime_dateTime'];

/** Columns that tell the start, where a recurrence is set. */
export function recurrenceReads(declaration: TableDeclaration, columns: readonly ColumnDeclaration[]): readonly string[] {
  if (!columns.some(isRecurrence)) return [];
  return declaration.columns.filter(({ name }) => STARTS.includes(name)).map(({ name }) => name);
}

const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  daily: [],
  weekly: ['daysOfWeek', 'firstDayOfWeek'],
  absoluteMonthly: ['dayOfMonth'],
  relativeMonthly: ['daysOfWeek', 'index'],
  absoluteYearly: ['dayOfMonth', 'month'],
  relativeYearly: ['daysOfWeek', 'index', 'month'],
};
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * The recurrence after the write; null ends the series. `start` is the day of the first occurrence.
 *
 * @throws ExchangeSqlError MISSING_COLUMN, BAD_VALUE.
 */
export function recurrenceOf(values: RowValues, kind: 'insert' | 'update', start: string | undefined): Json | null {
  const { declaration } = values;
  const table = declaration.name;
  const column = (member: string): ColumnDeclaration => declaration.columns.find(({ path }) => path === `recurrence/${member}`)!;
  const valueOf = (member: string): SqlValue => {
    const { name } = column(member);
    const value = values.final(name) ?? null;
    // What the service says of members that do not count.
    return !values.gives(name) && (value === 0n || value === '0001-01-01') ? null : value;
  };
  const json = (member: string): unknown => {
    const value = valueOf(member);
    return value === null ? undefined : toJson(table, column(member), value);
  };
  const type = json('pattern/type');
  if (type === undefined) {
    if (kind === 'update' && values.gives(column('pattern/type').name)) return null;
    throw new ExchangeSqlError('MISSING_COLUMN', `A recurrence of ${table} needs a value for ${column('pattern/type').name}.`, { hint: `It takes ${Object.keys(PATTERNS).join(', ')}.` });
  }
  const members = PATTERNS[String(type)] ?? [];
  for (const member of ['daysOfWeek', 'firstDayOfWeek', 'dayOfMonth', 'index', 'month']) {
    const { name } = column(`pattern/${member}`);
    if (!members.includes(member) && (values.given(name) ?? null) !== null) throw badValue(table, column(`pattern/${member}`), `does not go with the pattern ${String(type)}`, members.length === 0 ? undefined : `It has ${members.join(', ')}.`);
  }
  const weekday = start === undefined ? undefined : DAYS[new Date(`${start}T00:00:00Z`).getUTCDay()];
  const follows: Readonly<Record<string, unknown>> = {
    daysOfWeek: weekday === undefined ? undefined : [weekday],
    dayOfMonth: start === undefined ? undefined : Number(start.slice(8, 10)),
    month: start === undefined ? undefined : Number(start.slice(5, 7)),
  };
  const pattern: Json = { type, interval: json('pattern/interval') ?? 1 };
  for (const member of members) {
    const value = json(`pattern/${member}`) ?? follows[member];
    if (value !== undefined) pattern[member] = value;
  }
  return { pattern, range: rangeOf(values, kind, start, json, column) };
}

function rangeOf(values: RowValues, kind: 'insert' | 'update', start: string | undefined, json: (member: string) => unknown, column: (member: string) => ColumnDeclaration): Json {
  const table = values.declaration.name;
  const given = (member: string): boolean => (values.given(column(`range/${member}`).name) ?? null) !== null;
  const type = given('type') ? json('range/type') : given('numberOfOccurrences') ? 'numbered' : given('endDate') ? 'endDate' : (kind === 'update' ? json('range/type') : undefined) ?? 'noEnd';
  const startDate = given('startDate') || kind === 'update' ? (json('range/startDate') ?? start) : start;
  if (startDate === undefined) throw new ExchangeSqlError('MISSING_COLUMN', `A recurrence of ${table} needs a value for ${column('range/startDate').name}.`);
  if (given('startDate') && start !== undefined && startDate !== start) throw badValue(table, column('range/startDate'), `has to be the day of the start, ${start}`, 'Leave it out.');
  const range: Json = { type, startDate: kind === 'update' && !given('startDate') && start !== undefined ? start : startDate };
  const need = (member: string): void => {
    const value = json(`range/${member}`);
    if (value === undefined) throw new ExchangeSqlError('MISSING_COLUMN', `A recurrence of ${table} needs a value for ${column(`range/${member}`).name}.`, { hint: `The range ${String(type)} has one.` });
    range[member] = value;
  };
  if (type === 'endDate') need('endDate');
  if (type === 'numbered') need('numberOfOccurrences');
  const zone = json('range/recurrenceTimeZone');
  if (zone !== undefined) range['recurrenceTimeZone'] = zone;
  return range;
}
