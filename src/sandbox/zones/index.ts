/**
 * Owns: time zones: Windows and IANA names, local time to UTC and back.
 * Does not own: the zone data (Intl's, and windows-iana's CLDR table).
 * Invariants: an unknown zone gives undefined, never UTC; a time skipped by a clock change is read with the offset before it,
 * a time that happens twice is its first occurrence.
 */
import { findIana, findWindows } from 'windows-iana';

/** Offset of a zone at a moment, from the hour it was asked for (no zone has changed its clock off the quarter of an hour since 1970). */
interface Zone {
  readonly name: string;
  readonly format: Intl.DateTimeFormat | undefined;
  /** Offset in milliseconds by quarter-hour number. */
  readonly offsets: Map<number, number>;
}

const QUARTER = 900_000;
/** Entries kept per zone; a year has 35,040 quarters. */
const CACHE_LIMIT = 50_000;
const zones = new Map<string, Zone | undefined>();

const FIXED: ReadonlySet<string> = new Set(['utc', 'etc/utc', 'gmt', 'etc/gmt', 'z', 'tzone://microsoft/utc']);

/** The IANA name of a Windows or IANA zone name; undefined if it is neither. */
export function toIana(zone: string): string | undefined {
  return find(zone)?.name;
}

/** The Windows name of a Windows or IANA zone name; undefined if it is neither or has no Windows name. */
export function toWindows(zone: string): string | undefined {
  if (FIXED.has(zone.toLowerCase())) return 'UTC';
  if (findIana(zone).length > 0) return zone;
  const iana = find(zone)?.name;
  return iana === undefined ? undefined : findWindows(iana)[0];
}

export function isKnownZone(zone: string): boolean {
  return find(zone) !== undefined;
}

function find(zone: string): Zone | undefined {
  const known = zones.get(zone);
  if (known !== undefined || zones.has(zone)) return known;
  const made = make(zone);
  // Names come from requests; the table must not grow without end.
  if (made !== undefined || zones.size < 1000) zones.set(zone, made);
  return made;
}

function make(zone: string): Zone | undefined {
  if (FIXED.has(zone.toLowerCase())) return { name: 'Etc/UTC', format: undefined, offsets: new Map() };
  // Intl also takes offsets such as +02:00 as names; Graph does not.
  if (zone === '' || /^[+-]\d/.test(zone)) return undefined;
  const name = findIana(zone)[0] ?? zone;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', era: 'short',
    });
    return { name, format, offsets: new Map() };
  } catch {
    return undefined;
  }
}

function offsetAt(zone: Zone, ms: number): number {
  if (zone.format === undefined) return 0;
  const quarter = Math.floor(ms / QUARTER);
  let offset = zone.offsets.get(quarter);
  if (offset === undefined) {
    const at = quarter * QUARTER;
    const part: Record<string, string> = {};
    for (const { type, value } of zone.format.formatToParts(at)) part[type] = value;
    const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
    const wall = new Date(0);
    wall.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']));
    wall.setUTCHours(Number(part['hour']), Number(part['minute']), Number(part['second']), 0);
    offset = wall.getTime() - at;
    if (zone.offsets.size >= CACHE_LIMIT) zone.offsets.clear();
    zone.offsets.set(quarter, offset);
  }
  return offset;
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?$/;

/** Milliseconds of a local date-time read as if it were UTC; undefined if it is none. */
export function readLocal(local: string): number | undefined {
  const parts = LOCAL.exec(local);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((index) => Number(parts[index] ?? 0)) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  if (at.getUTCDate() !== day) return undefined;
  at.setUTCHours(hour, minute, second, Math.floor(Number(`0.${parts[7] ?? '0'}`) * 1000));
  return at.getTime();
}

/**
 * Milliseconds since 1970 of a local time `yyyy-mm-ddThh:mm:ss[.fffffff]` (or a date: its midnight) in a Windows or IANA zone.
 * Undefined for an unknown zone or a text that is no local time.
 */
export function toUtc(local: string, zone: string): number | undefined {
  const found = find(zone);
  const wall = readLocal(local);
  if (found === undefined || wall === undefined) return undefined;
  if (found.format === undefined) return wall;
  // The offsets half a day before and after are the two that can hold at that wall time.
  const before = offsetAt(found, wall - 43_200_000 - 3_600_000 * 3);
  const after = offsetAt(found, wall + 43_200_000 + 3_600_000 * 3);
  if (before === after && offsetAt(found, wall - before) === before) return wall - before;
  // Overlap: the earlier moment is the one with the offset before the change. Gap: neither fits, the offset before is used.
  if (offsetAt(found, wall - before) === before) return wall - before;
  if (offsetAt(found, wall - after) === after) return wall - after;
  return wall - before;
}

/** Local time `yyyy-mm-ddThh:mm:ss` (with `.fff` when there are milliseconds) of a moment; undefined for an unknown zone. */
export function toLocal(utcMs: number, zone: string): string | undefined {
  const found = find(zone);
  if (found === undefined) return undefined;
  const text = new Date(utcMs + offsetAt(found, utcMs)).toISOString().slice(0, 23);
  return text.endsWith('.000') ? text.slice(0, 19) : text;
}

/** Offset in minutes east of UTC at a moment; undefined for an unknown zone. */
export function offsetMinutes(utcMs: number, zone: string): number | undefined {
  const found = find(zone);
  return found === undefined ? undefined : offsetAt(found, utcMs) / 60_000;
}
