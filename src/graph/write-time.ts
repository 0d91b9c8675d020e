/**
 * Owns: times as they are written: text to clock and offset, and dateTimeTimeZone values from a time and a zone.
 * Invariants: pure; a time without an offset is on the zone's own clock; no date that does not exist passes.
 */
import { ianaZone, offsetAt, serviceZone } from './zones.js';

export interface LocalTime {
  /** `2026-05-01T09:00:00`. */
  readonly clock: string;
  /** Digits after the point, at most 7. */
  readonly fraction: string;
  /** undefined: on the clock of a zone said elsewhere. */
  readonly offsetMinutes: number | undefined;
}

const TIME = /^\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(?:(Z)|([+-])(\d\d):?(\d\d))?\s*$/i;

/** undefined for text that is no date or timestamp. */
export function localTime(text: string): LocalTime | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, day, minutes = '00:00', seconds = '00', fraction = '', utc, sign, hours = '0', rest = '0'] = match;
  const clock = `${day}T${minutes}:${seconds}`;
  const at = Date.parse(`${clock}Z`);
  // Date.parse rolls 30 February over.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 19) !== clock) return undefined;
  const offset = Number(hours) * 60 + Number(rest);
  if (offset > 14 * 60) return undefined;
  return { clock, fraction: fraction.slice(0, 7), offsetMinutes: utc !== undefined ? 0 : sign === undefined ? undefined : sign === '-' ? -offset : offset };
}

export interface DateTimeTimeZone {
  readonly dateTime: string;
  readonly timeZone: string;
}

/**
 * A time in the zone it is sent with; `zone` has to be one the service knows (`serviceZone`). A time without an offset is on the
 * clock of `from`.
 */
export function inZone(time: LocalTime, zone: string, from: string = zone): DateTimeTimeZone {
  const tail = time.fraction === '' ? '' : `.${time.fraction}`;
  if (time.offsetMinutes === undefined && from === zone) return { dateTime: `${time.clock}${tail}`, timeZone: zone };
  const naive = Date.parse(`${time.clock}Z`);
  const utc = time.offsetMinutes === undefined ? naive - offsetOf(from, naive) : naive - time.offsetMinutes * 60_000;
  const iana = ianaZone(zone) ?? 'UTC';
  return { dateTime: `${new Date(utc + offsetAt(iana, utc)).toISOString().slice(0, 19)}${tail}`, timeZone: zone };
}

/** Offset of a zone at a time on its own clock: the second look is for times beside a clock change. */
function offsetOf(zone: string, naive: number): number {
  const iana = ianaZone(zone) ?? 'UTC';
  return offsetAt(iana, naive - offsetAt(iana, naive));
}

export { serviceZone };
