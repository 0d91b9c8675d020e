/**
 * Owns: RRULE to Graph's patternedRecurrence, where Graph's six patterns can hold it; else the first single dates.
 * Does not own: expanding Graph patterns (recurrence/).
 */
import ICAL from 'ical.js';
import type { JsonObject } from '../writer.js';
import type { LocalTime } from './calendar-zones.js';

const DAYS: Readonly<Record<string, string>> = { SU: 'sunday', MO: 'monday', TU: 'tuesday', WE: 'wednesday', TH: 'thursday', FR: 'friday', SA: 'saturday' };
const DAY_ORDER = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const INDEX: Readonly<Record<string, string>> = { '1': 'first', '2': 'second', '3': 'third', '4': 'fourth', '-1': 'last', '5': 'last' };

export function ruleText(component: ICAL.Component): string | undefined {
  const value: unknown = component.getFirstPropertyValue('rrule');
  return value === null || value === undefined ? undefined : String(value);
}

/** Undefined where Graph has no such pattern. */
export function graphRecurrence(rule: string, start: LocalTime): JsonObject | undefined {
  const parts = new Map(rule.toUpperCase().split(';').map((part) => part.split('=', 2) as [string, string]));
  const known = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS', 'WKST'];
  if ([...parts.keys()].some((name) => !known.includes(name))) return undefined;
  const pattern = graphPattern(parts, start);
  const range = graphRange(parts, start);
  return pattern === undefined || range === undefined ? undefined : { pattern, range };
}

function graphPattern(parts: ReadonlyMap<string, string>, start: LocalTime): JsonObject | undefined {
  const interval = Number(parts.get('INTERVAL') ?? '1');
  if (!Number.isInteger(interval) || interval < 1) return undefined;
  const base = { interval, month: 0, dayOfMonth: 0, daysOfWeek: [], firstDayOfWeek: DAYS[parts.get('WKST') ?? ''] ?? 'sunday', index: 'first' };
  const [, startMonth = 1, startDay = 1] = start.date.split('-').map(Number);
  const months = numbers(parts.get('BYMONTH'));
  const monthDays = numbers(parts.get('BYMONTHDAY'));
  const days = weekdays(parts.get('BYDAY'), parts.get('BYSETPOS'));
  if (months === undefined || monthDays === undefined || days === undefined || months.length > 1 || monthDays.length > 1) return undefined;
  const ordinal = days.index;
  switch (parts.get('FREQ')) {
    case 'DAILY':
      if (days.names.length > 0 && interval === 1 && ordinal === undefined && months.length + monthDays.length === 0) return { ...base, type: 'weekly', daysOfWeek: days.names };
      return days.names.length + months.length + monthDays.length > 0 ? undefined : { ...base, type: 'daily' };
    case 'WEEKLY':
      if (ordinal !== undefined || months.length + monthDays.length > 0) return undefined;
      return { ...base, type: 'weekly', daysOfWeek: days.names.length > 0 ? days.names : [DAY_ORDER[new Date(start.date).getUTCDay()]!] };
    case 'MONTHLY':
      return months.length > 0 ? undefined : monthly(base, '', monthDays[0], days, startDay);
    case 'YEARLY':
      return monthly({ ...base, month: months[0] ?? startMonth }, 'Yearly', monthDays[0], days, startDay);
    default:
      return undefined;
  }
}

interface Weekdays {
  readonly names: readonly string[];
  readonly index: string | undefined;
}

function monthly(base: JsonObject, kind: '' | 'Yearly', monthDay: number | undefined, days: Weekdays, startDay: number): JsonObject | undefined {
  const suffix = kind === '' ? 'Monthly' : 'Yearly';
  if (days.names.length === 0) {
    const day = monthDay ?? startDay;
    return day < 1 || day > 31 ? undefined : { ...base, type: `absolute${suffix}`, dayOfMonth: day };
  }
  if (days.index === undefined || monthDay !== undefined) return undefined;
  return { ...base, type: `relative${suffix}`, daysOfWeek: days.names, index: days.index };
}

/** `2MO`, or `MO,TU` with BYSETPOS: one ordinal for all days, as Graph has it. Undefined if that cannot be said. */
function weekdays(text: string | undefined, position: string | undefined): Weekdays | undefined {
  if (text === undefined || text === '') return position === undefined ? { names: [], index: undefined } : undefined;
  const names: string[] = [];
  const ordinals = new Set<string>();
  for (const part of text.split(',')) {
    const match = /^\s*([+-]?\d+)?(SU|MO|TU|WE|TH|FR|SA)\s*$/.exec(part);
    if (match === null) return undefined;
    names.push(DAYS[match[2]!]!);
    ordinals.add(match[1]?.replace('+', '') ?? '');
  }
  if (ordinals.size > 1) return undefined;
  const [ordinal = ''] = ordinals;
  if (ordinal !== '' && names.length > 1) return undefined; // 1MO,1TU is two days, not one
  const chosen = ordinal === '' ? position : ordinal;
  if (chosen === undefined) return { names, index: undefined };
  const index = INDEX[chosen];
  return index === undefined ? undefined : { names, index };
}

function numbers(text: string | undefined): number[] | undefined {
  if (text === undefined || text === '') return [];
  const values = text.split(',').map(Number);
  return values.every((value) => Number.isInteger(value)) ? values : undefined;
}

function graphRange(parts: ReadonlyMap<string, string>, start: LocalTime): JsonObject | undefined {
  const recurrenceTimeZone = start.graph.timeZone;
  const none = { startDate: start.date, endDate: '0001-01-01', numberOfOccurrences: 0, recurrenceTimeZone };
  const count = parts.get('COUNT');
  if (count !== undefined) {
    const times = Number(count);
    return Number.isInteger(times) && times > 0 ? { ...none, type: 'numbered', numberOfOccurrences: times } : undefined;
  }
  const until = parts.get('UNTIL');
  if (until === undefined || until === '') return { ...none, type: 'noEnd' };
  const date = /^(\d{4})-?(\d{2})-?(\d{2})/.exec(until);
  return date === null ? undefined : { ...none, type: 'endDate', endDate: `${date[1]!}-${date[2]!}-${date[3]!}` };
}

const MOST = 60;

/** First dates of a rule Graph cannot hold, at most 60 and none beyond two years from now. */
export function expandUnmappable(rule: string, start: LocalTime, now: Date): string[] {
  const last = new Date(now.getTime() + 730 * 86_400_000).toISOString().slice(0, 10);
  const dates: string[] = [];
  try {
    const iterator = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString(start.date));
    for (let time = iterator.next(); time !== null && time !== undefined && dates.length < MOST; time = iterator.next()) {
      const date = time.toString().slice(0, 10);
      if (date > last) break;
      if (dates.at(-1) !== date) dates.push(date);
    }
  } catch {
    return []; // a rule its writer broke (no FREQ): the event stays a single one
  }
  return dates;
}
