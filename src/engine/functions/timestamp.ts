/**
 * Owns: reading timestamp texts and writing the normal form.
 * Does not own: arithmetic on them (date-parts.ts), which columns are timestamps (catalog/).
 * Invariants: UTC; proleptic Gregorian calendar, years 0000 to 9999; within a column text order is time order.
 */

/** A moment. `ticks`: 100 ns units within the millisecond, 0 to 9999. */
export interface Instant {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly ms: number;
  readonly ticks: number;
  /** Fraction digits that were written, at most 7. */
  readonly digits: number;
}

// yyyy-mm-dd, optionally T or blank and hh:mm[:ss[.fraction]] and Z or ±hh[:]mm.
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/;
const YEAR_0 = Date.UTC(2000, 0, 1) - 730_485 * 86_400_000;
const YEAR_10000 = Date.UTC(10000, 0, 1);

/** Milliseconds of a UTC calendar date and time; undefined if there is no such date. Date.UTC reads years below 100 as 19xx. */
export function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0, ms = 0): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/**
 * Reads a timestamp: `T` or a blank between date and time, seconds and fraction optional, no zone means UTC, a date alone is
 * its midnight UTC. Undefined for anything else. Digits beyond 100 ns are cut off.
 */
export function readTimestamp(text: string): Instant | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const digits = fraction.slice(0, 7);
  const padded = digits.padEnd(7, '0');
  const local = utc(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second), Number(padded.slice(0, 3)));
  const offset = offsetOf(zone);
  if (local === undefined || offset === undefined) return undefined;
  const ms = local - offset;
  if (ms < YEAR_0 || ms >= YEAR_10000) return undefined;
  return { ms, ticks: Number(padded.slice(3)), digits: digits.length };
}

/** Milliseconds that a zone is ahead of UTC; undefined beyond ±14:00. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

const two = (value: number): string => (value < 10 ? `0${String(value)}` : String(value));

export const isoDate = (date: Date): string => `${String(date.getUTCFullYear()).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
export const isoTime = (date: Date): string => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;

/** All seven digits of the fraction. */
export const fractionOf = ({ ms, ticks }: Instant): string => String((((ms % 1000) + 1000) % 1000) * 10_000 + ticks).padStart(7, '0');

/** `2024-01-01T10:00:00Z` with exactly `digits` fraction digits; finer ones are cut off. */
export function writeTimestamp(instant: Instant, digits: number): string {
  const date = new Date(instant.ms);
  const fraction = digits === 0 ? '' : `.${fractionOf(instant).slice(0, digits)}`;
  return `${isoDate(date)}T${isoTime(date)}${fraction}Z`;
}

/**
 * The normal form of a timestamp text for comparison with a column of `digits` fraction digits, or undefined if it is none.
 * A moment between two that the column can hold keeps its finer digits behind the `Z` (`…10:00:00Z5` for half past the
 * second): it sorts after the one and before the other and equals neither. Such a text must not be sent to a service.
 *
 * @example
 * normalTimestamp('2024-01-02 12:00+02:00', 0); // '2024-01-02T10:00:00Z'
 */
export function normalTimestamp(text: string, digits = 0): string | undefined {
  if (digits === 0 && text.length === 20 && NORMAL.test(text)) return readTimestamp(text) === undefined ? undefined : text;
  const instant = readTimestamp(text);
  if (instant === undefined) return undefined;
  const rest = fractionOf(instant).slice(digits).replace(/0+$/, '');
  return writeTimestamp(instant, digits) + rest;
}

const NORMAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
