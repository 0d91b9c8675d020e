/**
 * Owns: dateTimeTimeZone values to instants and back, in the form the service writes.
 * Does not own: zone names and rules (zones/).
 * Invariants: an unknown zone is taken as UTC, as an importer may meet one; texts have seven decimals and no offset.
 */
import { textAt, type Entity } from '../json.js';
import { toLocal, toUtc } from '../zones/index.js';

/** Milliseconds since 1970; NaN for a text that is no local time. */
export function instantIn(local: string, zone: string): number {
  const bare = local.replace(/Z$/i, '');
  return toUtc(bare, zone) ?? toUtc(bare, 'UTC') ?? Number.NaN;
}

/** The dateTimeTimeZone members named, in another zone; days without a time stay at midnight. */
export function membersIn(entity: Entity, names: readonly string[], zone: string, allDay: boolean): void {
  for (const name of names) {
    const dateTime = textAt(entity[name], 'dateTime');
    if (dateTime === undefined) continue;
    const ms = instantIn(dateTime, allDay ? 'UTC' : textAt(entity[name], 'timeZone') ?? 'UTC');
    if (!Number.isNaN(ms)) entity[name] = { dateTime: localIn(ms, allDay ? 'UTC' : zone), timeZone: zone };
  }
}

/** `2017-08-29T04:00:00.0000000` */
export function localIn(ms: number, zone: string): string {
  const text = toLocal(ms, zone) ?? toLocal(ms, 'UTC') ?? '';
  return text.length === 19 ? `${text}.0000000` : `${text}0000`;
}
