/**
 * Owns: times of a call with their zone: as Graph takes them, or in UTC.
 * Does not own: zones and clocks (zones.ts, write-time.ts).
 * Invariants: a time without an offset is on the clock of the call's zone, UTC where it names none.
 */
import { inZone, localTime, serviceZone, type DateTimeTimeZone } from '../write-time.js';
import type { Inputs } from './inputs.js';

/** A time in the zone that the call names; undefined if not given. */
export function zonedTime(inputs: Inputs, name: string, zoneName: string): DateTimeTimeZone | undefined {
  const text = inputs.text(name);
  if (text === undefined) return undefined;
  const time = localTime(text) ?? inputs.refuse(name, 'needs a date or a timestamp', "Write '2026-05-01T09:00:00'; without an offset it is on the clock of the zone.");
  return inZone(time, zoneOf(inputs, zoneName));
}

/** The same in UTC. */
export function utcTime(inputs: Inputs, name: string, zoneName: string): DateTimeTimeZone | undefined {
  const text = inputs.text(name);
  if (text === undefined) return undefined;
  const time = localTime(text) ?? inputs.refuse(name, 'needs a date or a timestamp', "Write '2026-05-01T09:00:00'; without an offset it is on the clock of the zone.");
  return inZone(time, 'UTC', zoneOf(inputs, zoneName));
}

function zoneOf(inputs: Inputs, name: string): string {
  const zone = inputs.text(name) ?? 'UTC';
  return serviceZone(zone) ?? inputs.refuse(name, 'names no time zone the service knows', "Write a Windows or IANA name, e.g. 'W. Europe Standard Time' or 'Europe/Berlin'.");
}
