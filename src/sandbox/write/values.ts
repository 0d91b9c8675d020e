/**
 * Owns: values whose form the type alone does not tell: dateTimeTimeZone.
 * Does not own: JSON types (body.ts).
 * Invariants: what passes can be shown again: seven decimals, a zone the service knows.
 */
import { GraphError } from '../graph-error.js';
import { isObject } from '../json.js';
import { readMoment } from '../odata/values.js';
import type { Json, JsonObject } from '../writer.js';
import { isKnownZone } from '../zones/index.js';
import { instantIn } from '../calendar/zoned.js';

export interface Zoned {
  /** As the service shows it: `2026-03-01T09:00:00.0000000`. */
  readonly value: JsonObject & { readonly dateTime: string; readonly timeZone: string };
  /** UTC milliseconds. */
  readonly ms: number;
}

const invalid = (message: string): GraphError => new GraphError(400, 'ErrorInvalidArgument', message);

/** Reads a dateTimeTimeZone; null and missing give undefined. A zone is needed unless the text carries an offset. */
export function readZoned(value: Json | undefined, name: string): Zoned | undefined {
  if (value === undefined || value === null) return undefined;
  const text = isObject(value) ? value.dateTime : undefined;
  if (!isObject(value) || typeof text !== 'string') throw invalid(`The property '${name}' needs a 'dateTime'.`);
  const moment = /T/i.test(text) ? readMoment(text) : /^\d{4}-\d{2}-\d{2}$/.test(text) ? readMoment(text) : undefined;
  if (moment === undefined) throw invalid(`The value '${text}' of '${name}/dateTime' is not a valid date and time.`);
  const zone = value.timeZone ?? (moment.zoned ? 'UTC' : undefined);
  if (typeof zone !== 'string' || zone === '') throw invalid(`The property '${name}' needs a 'timeZone'.`);
  if (!isKnownZone(zone)) throw new GraphError(400, 'TimeZoneNotSupportedException', `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${zone}'.`);
  // An offset in the text wins over the zone beside it.
  const shownZone = moment.zoned ? 'UTC' : zone;
  const local = new Date(Math.floor(moment.ms)).toISOString().slice(0, 23);
  return { value: { dateTime: `${local}0000`, timeZone: shownZone }, ms: moment.zoned ? moment.ms : instantIn(local, zone) };
}
