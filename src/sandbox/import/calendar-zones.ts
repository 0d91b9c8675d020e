/**
 * Owns: iCalendar date values as Graph's {dateTime, timeZone}: IANA and Windows names, the file's own VTIMEZONE, UTC, floating.
 * Invariants: a zone nobody knows is named in `unknown`; the time is then taken as UTC, never dropped.
 */
import ICAL from 'ical.js';
import { findIana } from 'windows-iana';
import type { JsonObject } from '../writer.js';

export interface LocalTime {
  /** Local date, yyyy-mm-dd. */
  readonly date: string;
  readonly allDay: boolean;
  /** Milliseconds since 1970; exact for UTC and VTIMEZONE times, local time read as UTC for named zones (for comparing only). */
  readonly instant: number;
  readonly graph: JsonObject & { readonly dateTime: string; readonly timeZone: string };
}

export class CalendarZones {
  readonly unknown = new Set<string>();
  readonly #own = new Map<string, ICAL.Timezone>();
  readonly #names = new Map<string, string | undefined>();

  add(lines: readonly string[]): void {
    try {
      const component = new ICAL.Component(ICAL.parse(lines.join('\r\n')) as unknown[]);
      const id = component.getFirstPropertyValue('tzid');
      if (id !== null) this.#own.set(String(id), new ICAL.Timezone(component));
    } catch {
      // a broken VTIMEZONE: its name may still be known
    }
  }

  read(property: ICAL.Property | null): LocalTime | undefined {
    return property === null ? undefined : this.readAll(property)[0];
  }

  readAll(property: ICAL.Property): LocalTime[] {
    const zone = property.getFirstParameter('tzid');
    return valuesOf(property).flatMap((value: unknown) => {
      const time = asTime(value);
      return time === undefined ? [] : [this.#local(time, typeof zone === 'string' ? zone.replace(/^"|"$/g, '') : undefined)];
    });
  }

  /** The end of an event that has a duration, or none: a day for all-day events, else no time at all (RFC 5545 3.6.1). */
  after(start: LocalTime, property: ICAL.Property | null): LocalTime {
    const duration: unknown = property?.getFirstValue();
    const seconds = duration instanceof ICAL.Duration ? duration.toSeconds() : start.allDay ? 86_400 : 0;
    const local = new Date(Date.parse(`${start.graph.dateTime}Z`) + seconds * 1000).toISOString();
    return { ...start, date: local.slice(0, 10), instant: start.instant + seconds * 1000, graph: { dateTime: local.slice(0, 19), timeZone: start.graph.timeZone } };
  }

  #local(time: ICAL.Time, tzid: string | undefined): LocalTime {
    const date = `${pad(time.year, 4)}-${pad(time.month, 2)}-${pad(time.day, 2)}`;
    if (time.isDate) return { date, allDay: true, instant: Date.parse(date), graph: { dateTime: `${date}T00:00:00`, timeZone: 'UTC' } };
    const local = `${date}T${pad(time.hour, 2)}:${pad(time.minute, 2)}:${pad(time.second, 2)}`;
    const named = (timeZone: string): LocalTime => ({ date, allDay: false, instant: Date.parse(`${local}Z`), graph: { dateTime: local, timeZone } });
    if (tzid === undefined || tzid === '') return named('UTC');
    const known = this.#nameOf(tzid);
    if (known !== undefined) return named(known);
    const own = this.#own.get(tzid);
    if (own === undefined) {
      this.unknown.add(tzid);
      return named('UTC');
    }
    const zoned = time.clone();
    zoned.zone = own;
    const instant = zoned.toUnixTime() * 1000;
    const utc = new Date(instant).toISOString();
    return { date: utc.slice(0, 10), allDay: false, instant, graph: { dateTime: utc.slice(0, 19), timeZone: 'UTC' } };
  }

  /** A name Graph takes: IANA or Windows; found in the id itself or at its end (`/x/20070129_1/Europe/Berlin`). */
  #nameOf(tzid: string): string | undefined {
    if (!this.#names.has(tzid)) this.#names.set(tzid, zoneName(tzid));
    return this.#names.get(tzid);
  }
}

function zoneName(tzid: string): string | undefined {
  if (/^(utc|gmt|z|etc\/utc)$/i.test(tzid)) return 'UTC';
  if (findIana(tzid as Parameters<typeof findIana>[0]).length > 0) return tzid;
  const tail = /([A-Za-z]+\/[A-Za-z_+-]+(?:\/[A-Za-z_+-]+)?)$/.exec(tzid)?.[1];
  for (const candidate of [tzid, tail, tail?.split('/').slice(-2).join('/')]) {
    if (candidate !== undefined && isIana(candidate)) return candidate;
  }
  return undefined;
}

function isIana(name: string): boolean {
  if (!name.includes('/')) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** ical.js decorates values on access and throws on ones like `Next Year`. */
function valuesOf(property: ICAL.Property): unknown[] {
  try {
    return property.getValues() as unknown[];
  } catch {
    return [];
  }
}

/** ical.js gives odd values as text when it is not strict; RDATE may hold periods. */
function asTime(value: unknown): ICAL.Time | undefined {
  if (value instanceof ICAL.Time) return usable(value);
  if (value instanceof ICAL.Period) return usable(value.start);
  const match = /^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})?(Z)?)?/.exec(String(value));
  if (match === null) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => (part === undefined ? 0 : Number(part)));
  return usable(ICAL.Time.fromData({ year, month, day, hour, minute, second, isDate: match[4] === undefined }));
}

function usable(time: ICAL.Time): ICAL.Time | undefined {
  const fine = time.year >= 1 && time.month >= 1 && time.month <= 12 && time.day >= 1 && time.day <= 31;
  return fine ? time : undefined;
}

const pad = (value: number, length: number): string => String(value).padStart(length, '0');
