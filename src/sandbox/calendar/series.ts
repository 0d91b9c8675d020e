/**
 * Owns: the local dates a Graph recurrence pattern gives: six patterns, three ranges (facts section 8).
 * Does not own: times of day, zones, exceptions.
 * Invariants: a day 31 falls to the month's last day; the series' own start date counts as its first occurrence only when the
 * pattern has it; numbered ranges count from the start of the series, never from the window.
 */
import { isObject, textAt } from '../json.js';
import type { JsonObject } from '../writer.js';

const DAY = 86_400_000;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const INDEXES = ['first', 'second', 'third', 'fourth'];
/** No series is walked further than this many periods, whatever its range says. */
const MAX_PERIODS = 200_000;

const dayOf = (date: string): number => Math.round(Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY);
const dateOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
const dayInMonth = (year: number, month: number, day: number): number => {
  const last = Math.round(Date.UTC(year, month + 1, 0) / DAY);
  return Math.min(Math.round(Date.UTC(year, month, 1) / DAY) + day - 1, last);
};
const weekday = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** The nth (or last) day of a month that is one of the weekdays. */
function relativeDay(year: number, month: number, weekdays: ReadonlySet<number>, index: string): number | undefined {
  const first = Math.round(Date.UTC(year, month, 1) / DAY);
  const last = Math.round(Date.UTC(year, month + 1, 0) / DAY);
  const days = Array.from({ length: last - first + 1 }, (_, offset) => first + offset).filter((day) => weekdays.has(weekday(day)));
  return index === 'last' ? days.at(-1) : days[INDEXES.indexOf(index)];
}

/** Occurrences of one period, in order; periods are numbered from the start of the series. */
type Periods = (period: number) => readonly number[];

function periodsOf(pattern: JsonObject, start: number): { readonly days: Periods; readonly periodOf: (day: number) => number } | undefined {
  const number = (name: string, standard: number): number => (typeof pattern[name] === 'number' && pattern[name] > 0 ? pattern[name] : standard);
  const interval = number('interval', 1);
  const begin = new Date(start * DAY);
  const year = begin.getUTCFullYear();
  const month = begin.getUTCMonth();
  const named = Array.isArray(pattern.daysOfWeek) ? pattern.daysOfWeek.map((name) => WEEKDAYS.indexOf(String(name).toLowerCase())).filter((found) => found >= 0) : [];
  const weekdays = new Set(named.length === 0 ? [weekday(start)] : named);
  const index = (textAt(pattern, 'index') ?? 'first').toLowerCase();
  const monthsSince = (day: number): number => {
    const at = new Date(day * DAY);
    return (at.getUTCFullYear() - year) * 12 + at.getUTCMonth() - month;
  };
  const yearsSince = (day: number): number => new Date(day * DAY).getUTCFullYear() - year;
  const defined = (day: number | undefined): readonly number[] => (day === undefined ? [] : [day]);
  switch (textAt(pattern, 'type')) {
    case 'daily':
      return { days: (period) => [start + period * interval], periodOf: (day) => Math.floor((day - start) / interval) };
    case 'weekly': {
      const firstWeekday = Math.max(0, WEEKDAYS.indexOf((textAt(pattern, 'firstDayOfWeek') ?? 'sunday').toLowerCase()));
      const week = start - ((weekday(start) - firstWeekday + 7) % 7);
      return {
        days: (period) => Array.from({ length: 7 }, (_, offset) => week + period * interval * 7 + offset).filter((day) => weekdays.has(weekday(day))),
        periodOf: (day) => Math.floor((day - week) / (7 * interval)),
      };
    }
    case 'absoluteMonthly': {
      const dayOfMonth = number('dayOfMonth', begin.getUTCDate());
      return { days: (period) => [dayInMonth(year, month + period * interval, dayOfMonth)], periodOf: (day) => Math.floor(monthsSince(day) / interval) };
    }
    case 'relativeMonthly':
      return { days: (period) => defined(relativeDay(year, month + period * interval, weekdays, index)), periodOf: (day) => Math.floor(monthsSince(day) / interval) };
    case 'absoluteYearly': {
      const dayOfMonth = number('dayOfMonth', begin.getUTCDate());
      const monthOfYear = number('month', month + 1) - 1;
      return { days: (period) => [dayInMonth(year + period * interval, monthOfYear, dayOfMonth)], periodOf: (day) => Math.floor(yearsSince(day) / interval) };
    }
    case 'relativeYearly': {
      const monthOfYear = number('month', month + 1) - 1;
      return { days: (period) => defined(relativeDay(year + period * interval, monthOfYear, weekdays, index)), periodOf: (day) => Math.floor(yearsSince(day) / interval) };
    }
    default:
      return undefined;
  }
}

/** Local dates from `first` to `last` (both included, yyyy-mm-dd) on which the series has an occurrence. */
export function occurrenceDates(recurrence: JsonObject, startLocal: string, first: string, last: string): string[] {
  const pattern = isObject(recurrence.pattern) ? recurrence.pattern : {};
  const range = isObject(recurrence.range) ? recurrence.range : {};
  const start = dayOf(textAt(range, 'startDate') ?? startLocal);
  const periods = periodsOf(pattern, start);
  if (periods === undefined || Number.isNaN(start)) return [];
  const kind = textAt(range, 'type');
  const until = kind === 'endDate' ? dayOf(textAt(range, 'endDate') ?? '') : Number.POSITIVE_INFINITY;
  const count = kind === 'numbered' && typeof range.numberOfOccurrences === 'number' ? range.numberOfOccurrences : Number.POSITIVE_INFINITY;
  const from = dayOf(first);
  const to = Math.min(dayOf(last), Number.isNaN(until) ? Number.POSITIVE_INFINITY : until);
  const found: string[] = [];
  // Only a numbered range must be walked from its start.
  let period = count === Number.POSITIVE_INFINITY ? Math.max(0, periods.periodOf(from) - 1) : 0;
  let seen = 0;
  for (const end = period + MAX_PERIODS; period < end && seen < count; period++) {
    for (const day of periods.days(period)) {
      if (day < start) continue;
      if (day > to || seen >= count) return found;
      seen++;
      if (day >= from) found.push(dateOf(day));
    }
    // Periods without a day (a fifth Friday) must not hide the end of the window.
    if (periods.periodOf(to) < period) break;
  }
  return found;
}
