/**
 * Owns: the local dates of a series, from Graph's recurrence pattern and range.
 * Does not own: times of day, zones, exceptions and cancelled occurrences, recurrence rules of other formats.
 * Invariants: dates come ascending, each once; only dates that fit the pattern, from the range's start date on; a day of the
 * month that a month does not have falls on its last day (RFC 5545 would skip the month).
 */
import type { Json, JsonObject } from '../writer.js';
import { civilOf, dateText, dayNumber, daysInMonth, weekday } from './days.js';

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface RecurrencePattern {
  readonly type: 'daily' | 'weekly' | 'absoluteMonthly' | 'relativeMonthly' | 'absoluteYearly' | 'relativeYearly';
  readonly interval: number;
  readonly daysOfWeek?: readonly Weekday[];
  readonly firstDayOfWeek?: Weekday;
  readonly dayOfMonth?: number;
  /** 1 to 12. */
  readonly month?: number;
  readonly index?: 'first' | 'second' | 'third' | 'fourth' | 'last';
}

export interface RecurrenceRange {
  readonly type: 'endDate' | 'noEnd' | 'numbered';
  /** yyyy-mm-dd, local. */
  readonly startDate: string;
  /** yyyy-mm-dd, local, the last day that can hold an occurrence; for `endDate`. */
  readonly endDate?: string;
  /** For `numbered`: counts every occurrence, cancelled ones too. */
  readonly numberOfOccurrences?: number;
}

export interface Recurrence {
  readonly pattern: RecurrencePattern;
  readonly range: RecurrenceRange;
}

/** Both ends belong to the window; yyyy-mm-dd. */
export interface DateWindow {
  readonly from: string;
  readonly to: string;
}

const LAST_DAY = dayNumber(9999, 12, 31);
const INDEXES = ['first', 'second', 'third', 'fourth', 'last'] as const;
const TYPES: readonly RecurrencePattern['type'][] = ['daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly'];

/**
 * The local dates (yyyy-mm-dd) of a series inside a window, at most `limit`. Empty for dates that cannot be read.
 *
 * @example
 * expandRecurrence({ pattern: { type: 'weekly', interval: 2, daysOfWeek: ['monday'] }, range: { type: 'noEnd', startDate: '2026-01-05' } },
 *   { from: '2026-02-01', to: '2026-02-28' }); // ['2026-02-02', '2026-02-16']
 */
export function expandRecurrence(recurrence: Recurrence, window: DateWindow, limit = Number.POSITIVE_INFINITY): string[] {
  const { pattern, range } = recurrence;
  const start = parseDay(range.startDate);
  const from = parseDay(window.from);
  const to = parseDay(window.to);
  if (start === undefined || from === undefined || to === undefined || limit <= 0) return [];
  const end = Math.min(to, LAST_DAY, range.type === 'endDate' ? (parseDay(range.endDate ?? '') ?? LAST_DAY) : LAST_DAY);
  const count = range.type === 'numbered' ? (range.numberOfOccurrences ?? 0) : Number.POSITIVE_INFINITY;
  const period = periodsOf(pattern, start);
  const found: string[] = [];
  let seen = 0;
  // A numbered series has to be counted from its start; any other can be entered near the window.
  for (let step = range.type === 'numbered' ? 0 : period.near(from); ; step++) {
    const { days, first } = period.at(step);
    if (first > end) return found;
    for (const day of days) {
      if (day < start) continue;
      if (day > end || seen++ >= count) return found;
      if (day < from) continue;
      found.push(dateText(day));
      if (found.length >= limit) return found;
    }
  }
}

interface Periods {
  /** The days of the n-th period, ascending, and the first day the period can hold. */
  at(step: number): { readonly days: readonly number[]; readonly first: number };
  /** A step at or before the first one that can reach a day. */
  near(day: number): number;
}

function periodsOf(pattern: RecurrencePattern, start: number): Periods {
  const interval = Math.max(1, Math.trunc(pattern.interval) || 1);
  const civil = civilOf(start);
  const wanted = weekdaysOf(pattern, start);
  switch (pattern.type) {
    case 'daily':
      return {
        at: (step) => ({ days: [start + step * interval], first: start + step * interval }),
        near: (day) => Math.max(0, Math.floor((day - start) / interval)),
      };
    case 'weekly': {
      const firstDay = Math.max(0, WEEKDAYS.indexOf(pattern.firstDayOfWeek ?? 'sunday'));
      const weekStart = start - ((weekday(start) - firstDay + 7) % 7);
      const offsets = [...wanted].map((day) => (day - firstDay + 7) % 7).sort((a, b) => a - b);
      return {
        at: (step) => {
          const first = weekStart + step * interval * 7;
          return { days: offsets.map((offset) => first + offset), first };
        },
        near: (day) => Math.max(0, Math.floor((day - weekStart) / (interval * 7))),
      };
    }
    default: {
      const yearly = pattern.type === 'absoluteYearly' || pattern.type === 'relativeYearly';
      const relative = pattern.type === 'relativeMonthly' || pattern.type === 'relativeYearly';
      const months = interval * (yearly ? 12 : 1);
      const anchor = civil.year * 12 + (yearly ? (pattern.month === undefined || pattern.month < 1 ? civil.month : Math.min(12, pattern.month)) - 1 : civil.month - 1);
      return {
        at: (step) => {
          const month = anchor + step * months;
          const [year, number] = [Math.floor(month / 12), (month % 12) + 1];
          const first = dayNumber(year, number, 1);
          const length = daysInMonth(year, number);
          const day = relative ? relativeDay(first, length, wanted, pattern.index ?? 'first') : first + Math.min(length, pattern.dayOfMonth === undefined || pattern.dayOfMonth < 1 ? civil.day : pattern.dayOfMonth) - 1;
          return { days: day === undefined ? [] : [day], first };
        },
        near: (day) => {
          const at = civilOf(day);
          return Math.max(0, Math.floor((at.year * 12 + at.month - 1 - anchor) / months));
        },
      };
    }
  }
}

function weekdaysOf(pattern: RecurrencePattern, start: number): ReadonlySet<number> {
  const numbers = (pattern.daysOfWeek ?? []).map((day) => WEEKDAYS.indexOf(day)).filter((day) => day >= 0);
  return new Set(numbers.length === 0 ? [weekday(start)] : numbers);
}

/** Of several weekdays the one that comes first (second, …, last) counts, whichever it is (Graph: recurrencePattern.daysOfWeek). */
function relativeDay(first: number, length: number, wanted: ReadonlySet<number>, index: NonNullable<RecurrencePattern['index']>): number | undefined {
  const fitting: number[] = [];
  for (let day = first; day < first + length; day++) if (wanted.has(weekday(day))) fitting.push(day);
  return index === 'last' ? fitting.at(-1) : fitting[INDEXES.indexOf(index)];
}

function parseDay(text: string): number | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.slice(0, 10));
  return parts === null ? undefined : dayNumber(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

/**
 * Reads a patternedRecurrence as Graph writes it: unused members may be 0, null or '0001-01-01', enumeration members in any
 * letter case. `start` (a local date or date-time) stands in for a missing start date. Undefined if it is no recurrence.
 */
export function readRecurrence(json: Json | undefined, start?: string): Recurrence | undefined {
  const whole = objectOf(json);
  const pattern = objectOf(whole?.['pattern']);
  if (whole === undefined || pattern === undefined) return undefined;
  const range = objectOf(whole['range']) ?? {};
  const type = oneOf(pattern['type'], TYPES);
  if (type === undefined) return undefined;
  const startDate = textOf(range['startDate']) ?? start?.slice(0, 10);
  if (startDate === undefined) return undefined;
  const days = Array.isArray(pattern['daysOfWeek']) ? (pattern['daysOfWeek'] as readonly Json[]) : [];
  const firstDayOfWeek = oneOf(pattern['firstDayOfWeek'], WEEKDAYS);
  const index = oneOf(pattern['index'], INDEXES);
  const dayOfMonth = positive(pattern['dayOfMonth']);
  const month = positive(pattern['month']);
  const endDate = textOf(range['endDate']);
  const rangeType = oneOf(range['type'], ['endDate', 'noEnd', 'numbered'] as const) ?? 'noEnd';
  return {
    pattern: {
      type, interval: positive(pattern['interval']) ?? 1,
      daysOfWeek: days.map((day) => oneOf(day, WEEKDAYS)).filter((day) => day !== undefined),
      ...(firstDayOfWeek === undefined ? {} : { firstDayOfWeek }), ...(index === undefined ? {} : { index }),
      ...(dayOfMonth === undefined ? {} : { dayOfMonth }), ...(month === undefined ? {} : { month }),
    },
    range: {
      type: rangeType, startDate, ...(endDate === undefined ? {} : { endDate }),
      ...(rangeType === 'numbered' ? { numberOfOccurrences: positive(range['numberOfOccurrences']) ?? 0 } : {}),
    },
  };
}

/** The dates of a series as its JSON gives it, `first` and `last` included. `start`: the series' local start. */
export function occurrenceDates(recurrence: JsonObject, start: string, first: string, last: string): string[] {
  const read = readRecurrence(recurrence, start);
  return read === undefined ? [] : expandRecurrence(read, { from: first, to: last });
}

const objectOf = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' && !value.startsWith('0001-01-01') ? value : undefined);
const positive = (value: Json | undefined): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);

function oneOf<T extends string>(value: Json | undefined, choices: readonly T[]): T | undefined {
  return typeof value === 'string' ? choices.find((choice) => choice.toLowerCase() === value.toLowerCase()) : undefined;
}
