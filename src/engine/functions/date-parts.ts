/**
 * Owns: T-SQL's DATEADD, DATEDIFF, DATEPART, DATENAME, YEAR, MONTH, DAY.
 * Does not own: the current time (substituted in the text by sql/, once per statement).
 * Invariants: UTC; DATEFIRST 7 (weeks start on Sunday), English names; NULL in, NULL out.
 */
import type { SqlValue } from '../../scan/value.js';
import { similarNames } from '../../catalog/similar.js';
import { fractionOf, readTimestamp, utc, writeTimestamp, type Instant } from './timestamp.js';
import { badValue, textOf, timestampOf, wholeOf } from './value.js';

/** SQL Server: names and abbreviations of dateparts. */
const PARTS = {
  year: ['yy', 'yyyy'],
  quarter: ['qq', 'q'],
  month: ['mm', 'm'],
  dayofyear: ['dy', 'y'],
  day: ['dd', 'd'],
  week: ['wk', 'ww'],
  weekday: ['dw', 'w'],
  iso_week: ['isowk', 'isoww'],
  hour: ['hh'],
  minute: ['mi', 'n'],
  second: ['ss', 's'],
  millisecond: ['ms'],
  microsecond: ['mcs'],
  nanosecond: ['ns'],
} as const;

export type DatePart = keyof typeof PARTS;

const BY_NAME: ReadonlyMap<string, DatePart> = new Map((Object.entries(PARTS) as [DatePart, readonly string[]][]).flatMap(([part, short]) => [part, ...short].map((name) => [name, part] as const)));

function partOf(value: SqlValue, caller: string): DatePart {
  const name = value === null ? 'NULL' : textOf(value);
  const part = BY_NAME.get(name.trim().toLowerCase());
  if (part !== undefined) return part;
  const guess = similarNames(name, Object.keys(PARTS), 1)[0];
  throw badValue(`${caller}: ${name} is not a part of a date`, guess === undefined ? `Use one of ${Object.keys(PARTS).join(', ')}.` : `Did you mean ${guess}?`);
}

const DAY = 86_400_000;
const dayNumber = (ms: number): number => Math.floor(ms / DAY);
const monthNumber = (ms: number): number => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth();
/** 1970-01-01 was a Thursday: weeks change four days after a multiple of seven. */
const weekNumber = (ms: number): number => Math.floor((dayNumber(ms) + 4) / 7);

/** Milliseconds of the fixed-length parts that are not finer. */
const FIXED: Partial<Record<DatePart, number>> = { dayofyear: DAY, day: DAY, weekday: DAY, week: 7 * DAY, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 };

/** `DATEADD(part, n, ts)`: normal form with the fraction digits that `ts` has; month ends stay month ends (31 Jan + 1 month = 28 or 29 Feb). */
export function dateAdd(part: SqlValue, count: SqlValue, ts: SqlValue): SqlValue {
  const unit = partOf(part, 'DATEADD');
  if (count === null || ts === null) return null;
  const n = wholeOf(count, 'DATEADD');
  const instant = timestampOf(ts, 'DATEADD');
  const sum = add(unit, n, instant);
  // Writing and reading again finds out whether the year still has four digits.
  const text = sum === undefined || Math.abs(sum.ms) > 8.6e15 ? '' : writeTimestamp(sum, sum.digits);
  if (text.length < 20 || readTimestamp(text) === undefined) throw badValue(`DATEADD: the result lies outside the years 0000 to 9999`);
  return text;
}

function add(unit: DatePart, n: number, instant: Instant): Instant | undefined {
  const fixed = FIXED[unit];
  if (fixed !== undefined) return { ...instant, ms: instant.ms + n * fixed, digits: unit === 'millisecond' ? Math.max(3, instant.digits) : instant.digits };
  if (unit === 'microsecond' || unit === 'nanosecond') {
    const ticks = instant.ticks + (unit === 'microsecond' ? n * 10 : Math.trunc(n / 100));
    const carry = Math.floor(ticks / 10_000);
    return { ms: instant.ms + carry, ticks: ticks - carry * 10_000, digits: 7 };
  }
  if (unit === 'iso_week') throw badValue('DATEADD: iso_week cannot be added', 'Use week.');
  const months = monthNumber(instant.ms) + n * (unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1);
  const year = Math.floor(months / 12);
  const month = months - year * 12 + 1;
  for (let day = new Date(instant.ms).getUTCDate(); day > 27; day -= 1) {
    const at = utc(year, month, day);
    if (at !== undefined) return { ...instant, ms: at + (instant.ms - dayNumber(instant.ms) * DAY) };
  }
  const at = utc(year, month, new Date(instant.ms).getUTCDate());
  return at === undefined ? undefined : { ...instant, ms: at + (instant.ms - dayNumber(instant.ms) * DAY) };
}

/** `DATEDIFF(part, a, b)`: how many boundaries of the part lie between (31 Dec to 1 Jan is one year). */
export function dateDiff(part: SqlValue, from: SqlValue, to: SqlValue): SqlValue {
  const unit = partOf(part, 'DATEDIFF');
  if (from === null || to === null) return null;
  const a = timestampOf(from, 'DATEDIFF');
  const b = timestampOf(to, 'DATEDIFF');
  switch (unit) {
    case 'year':
      return BigInt(new Date(b.ms).getUTCFullYear() - new Date(a.ms).getUTCFullYear());
    case 'quarter':
      return BigInt(Math.floor(monthNumber(b.ms) / 3) - Math.floor(monthNumber(a.ms) / 3));
    case 'month':
      return BigInt(monthNumber(b.ms) - monthNumber(a.ms));
    case 'week':
      return BigInt(weekNumber(b.ms) - weekNumber(a.ms));
    case 'iso_week':
      throw badValue('DATEDIFF: iso_week cannot be counted', 'Use week.');
    case 'microsecond':
      return ticksOf(b, 10n) - ticksOf(a, 10n);
    case 'nanosecond':
      return (ticksOf(b, 1n) - ticksOf(a, 1n)) * 100n;
    default: {
      const length = FIXED[unit] ?? 1;
      return BigInt(Math.floor(b.ms / length) - Math.floor(a.ms / length));
    }
  }
}

/** Whole units of `size` × 100 ns since 1970, rounded down. */
function ticksOf({ ms, ticks }: Instant, size: bigint): bigint {
  const all = BigInt(ms) * 10_000n + BigInt(ticks);
  return all >= 0n ? all / size : -((-all + size - 1n) / size);
}

/** `DATEPART(part, ts)` as an integer. */
export function datePart(part: SqlValue, ts: SqlValue): SqlValue {
  const unit = partOf(part, 'DATEPART');
  return ts === null ? null : BigInt(partValue(unit, timestampOf(ts, 'DATEPART')));
}

function partValue(unit: DatePart, instant: Instant): number {
  const date = new Date(instant.ms);
  switch (unit) {
    case 'year':
      return date.getUTCFullYear();
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1;
    case 'month':
      return date.getUTCMonth() + 1;
    case 'day':
      return date.getUTCDate();
    case 'dayofyear':
      return dayOfYear(instant.ms);
    case 'weekday':
      return date.getUTCDay() + 1;
    case 'week':
      return weekNumber(instant.ms) - weekNumber(startOfYear(date.getUTCFullYear())) + 1;
    case 'iso_week': {
      // The week belongs to the year of its Thursday.
      const thursday = instant.ms + (4 - (date.getUTCDay() || 7)) * DAY;
      return Math.floor((dayOfYear(thursday) - 1) / 7) + 1;
    }
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'second':
      return date.getUTCSeconds();
    case 'millisecond':
      return Number(fractionOf(instant).slice(0, 3));
    case 'microsecond':
      return Number(fractionOf(instant).slice(0, 6));
    case 'nanosecond':
      return Number(fractionOf(instant)) * 100;
  }
}

const startOfYear = (year: number): number => utc(year, 1, 1) ?? 0;
const dayOfYear = (ms: number): number => dayNumber(ms) - dayNumber(startOfYear(new Date(ms).getUTCFullYear())) + 1;

export const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** `DATENAME(part, ts)`: `March`, `Tuesday`, or the number as text. */
export function dateName(part: SqlValue, ts: SqlValue): SqlValue {
  const unit = partOf(part, 'DATENAME');
  if (ts === null) return null;
  const value = partValue(unit, timestampOf(ts, 'DATENAME'));
  if (unit === 'month') return MONTHS[value - 1]!;
  return unit === 'weekday' ? WEEKDAYS[value - 1]! : String(value);
}

/** YEAR(ts), MONTH(ts), DAY(ts). */
export const partFunction = (unit: 'year' | 'month' | 'day') => (ts: SqlValue): SqlValue => (ts === null ? null : BigInt(partValue(unit, timestampOf(ts, unit.toUpperCase()))));
