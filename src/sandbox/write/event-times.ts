/**
 * Owns: reading dateTimeTimeZone values out of request bodies (facts section 8).
 * Does not own: what the times are for.
 * Invariants: a time has both members, no offset, a known Windows or IANA zone; it is kept as written, with seven decimals.
 */
import { GraphError } from '../graph-error.js';
import { textAt } from '../json.js';
import type { Json, JsonObject } from '../writer.js';
import { isKnownZone, toUtc } from '../zones/index.js';

export interface LocalTime {
  /** `2026-03-01T09:00:00.0000000` */
  readonly local: string;
  /** As the client named it. */
  readonly zone: string;
  /** UTC milliseconds. */
  readonly ms: number;
}

export const validationFailure = (): GraphError => new GraphError(400, 'ErrorPropertyValidationFailure', 'At least one property failed validation.');

export const unknownZone = (zone: string): GraphError =>
  new GraphError(400, 'TimeZoneNotSupportedException', `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${zone}'.`);

const LOCAL = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?(Z)?$/i;

export function readTime(value: Json | undefined, member: string): LocalTime {
  const zone = textAt(value, 'timeZone') ?? '';
  if (!isKnownZone(zone)) throw unknownZone(zone);
  const text = textAt(value, 'dateTime') ?? '';
  const match = LOCAL.exec(text);
  // A trailing Z is taken where it says what the zone says; anything else would be two answers to one question.
  const local = match === null || (match[5] !== undefined && !/^(etc\/)?(utc|gmt)$/i.test(zone)) ? '' : `${match[1]!}T${match[2] ?? '00:00'}:${match[3] ?? '00'}.${(match[4] ?? '').padEnd(7, '0')}`;
  const ms = local === '' ? undefined : toUtc(local, zone);
  if (ms === undefined) throw new GraphError(400, 'ErrorInvalidParameter', `The value '${text}' of '${member}/dateTime' is not a valid local date and time.`);
  return { local, zone, ms };
}

export const timeMember = (time: LocalTime): JsonObject => ({ dateTime: time.local, timeZone: time.zone });

export const isMidnight = (time: LocalTime): boolean => /T00:00:00\.0+$/.test(time.local);
