/**
 * Owns: time zones by Windows or IANA name: which names are known, offsets, and the name the service takes.
 * Invariants: a name nobody knows is undefined, never UTC.
 */
import { findIana, findWindows } from 'windows-iana';

const zones = new Map<string, string | undefined>();
const formats = new Map<string, Intl.DateTimeFormat>();

/** IANA name of a Windows or IANA zone; undefined for one nobody knows, e.g. tzone://Microsoft/Custom. */
export function ianaZone(zone: string): string | undefined {
  if (zones.has(zone)) return zones.get(zone);
  const candidate = zone === 'tzone://Microsoft/Utc' ? 'UTC' : (findIana(zone)[0] ?? zone);
  let known: string | undefined;
  try {
    formats.set(candidate, new Intl.DateTimeFormat('en-US', { timeZone: candidate, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }));
    known = candidate;
  } catch {
    known = undefined;
  }
  zones.set(zone, known);
  return known;
}

/** Milliseconds the zone is ahead of UTC at a moment (ms since 1970). `iana` is what `ianaZone` gave. */
export function offsetAt(iana: string, time: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of formats.get(iana)?.formatToParts(time) ?? []) parts[type] = value;
  const local = Date.parse(`${parts['year']?.padStart(4, '0')}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}:${parts['second']}Z`);
  return Number.isNaN(local) ? 0 : local - Math.floor(time / 1000) * 1000;
}

const taken = new Map<string, string | undefined>();

/** The name of a zone as the service takes it: Windows names and the IANA names it lists, one a Windows zone. Undefined for an unknown one. */
export function serviceZone(zone: string): string | undefined {
  if (!taken.has(zone)) {
    if (taken.size >= MOST_NAMES) taken.clear();
    taken.set(zone, listedZone(zone));
  }
  return taken.get(zone);
}

/** Names remembered: there are a few hundred, but rows may hold anything. */
const MOST_NAMES = 2_000;

function listedZone(zone: string): string | undefined {
  if (ianaZone(zone) === undefined) return undefined;
  // A Windows name, UTC and the like.
  if (findIana(zone).length > 0) return zone;
  const [windows] = findWindows(zone);
  // Of the places that share a zone the service lists one.
  return windows === undefined || findIana(windows)[0] === zone ? zone : windows;
}
