/**
 * Owns: which occurrences of which events lie in a window: single ones, expanded series, exceptions; cancelled ones left out.
 * Does not own: the recurrence patterns (recurrence/), time zones, how an event is shown (event-view.ts).
 * Invariants: an occurrence is named by its series and the local date it was born on, also after it was moved.
 */
import { isObject, textAt, type Entity } from '../json.js';
import type { Item } from '../store/items.js';
import type { JsonObject } from '../writer.js';
import { occurrenceDates } from '../recurrence/index.js';
import { instantIn } from './zoned.js';

export interface Occurrence {
  readonly item: Item;
  readonly type: 'singleInstance' | 'seriesMaster' | 'occurrence' | 'exception';
  /** Local date the occurrence was born on; undefined for single events and masters. */
  readonly date: string | undefined;
  /** UTC milliseconds. */
  readonly start: number;
  readonly end: number;
  /** UTC milliseconds of the start the pattern gives. */
  readonly originalStart: number | undefined;
  /** Members that differ from the master's. */
  readonly changed: JsonObject;
}

const DAY = 86_400_000;
const MAX_MOVE_DAYS = 370;

interface LocalSpan { readonly start: string; readonly startZone: string; readonly end: string; readonly endZone: string; readonly allDay: boolean }

function spanOf(entity: Entity | JsonObject): LocalSpan {
  const start = textAt(entity, 'start', 'dateTime') ?? '1970-01-01T00:00:00';
  const startZone = textAt(entity, 'start', 'timeZone') ?? 'UTC';
  return { start, startZone, end: textAt(entity, 'end', 'dateTime') ?? start, endZone: textAt(entity, 'end', 'timeZone') ?? startZone, allDay: entity.isAllDay === true };
}

/** All-day events are the same calendar day everywhere: their midnight is taken as UTC's. */
export function instantOf(local: string, zone: string, allDay: boolean): number {
  return instantIn(local, allDay ? 'UTC' : zone);
}

const localMs = (local: string): number => Date.parse(`${local.slice(0, 19)}Z`);
const localText = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

export function cancelledDates(item: Item): readonly string[] {
  return Array.isArray(item.extra.cancelled) ? item.extra.cancelled as string[] : [];
}

function exceptionsOf(item: Item): ReadonlyMap<string, JsonObject> {
  const list = Array.isArray(item.extra.exceptions) ? item.extra.exceptions as { date: string; entity: JsonObject }[] : [];
  return new Map(list.map((exception) => [exception.date, exception.entity]));
}

/** The event itself: a single one, or the master of a series. */
export function wholeEvent(item: Item): Occurrence {
  const span = spanOf(item.entity);
  return {
    item, type: isObject(item.entity.recurrence) ? 'seriesMaster' : 'singleInstance', date: undefined, changed: {},
    start: instantOf(span.start, span.startZone, span.allDay), end: instantOf(span.end, span.endZone, span.allDay), originalStart: undefined,
  };
}

/** The occurrence born on a local date; undefined when it was cancelled. Does not ask whether the pattern has that date. */
export function occurrenceOn(item: Item, date: string): Occurrence | undefined {
  if (cancelledDates(item).includes(date)) return undefined;
  const span = spanOf(item.entity);
  const length = localMs(span.end) - localMs(span.start);
  const startLocal = `${date}T${span.start.slice(11, 19)}`;
  const originalStart = instantOf(startLocal, span.startZone, span.allDay);
  const changed = exceptionsOf(item).get(date);
  const moved = changed === undefined ? undefined : { ...item.entity, ...changed };
  const start = moved !== undefined && isObject(changed?.start)
    ? instantOf(spanOf(moved).start, spanOf(moved).startZone, spanOf(moved).allDay) : originalStart;
  const end = moved !== undefined && isObject(changed?.end)
    ? instantOf(spanOf(moved).end, spanOf(moved).endZone, spanOf(moved).allDay)
    // Start and end may be in different zones; the length is that of the local clock.
    : span.startZone === span.endZone
      ? start === originalStart ? instantOf(localText(localMs(startLocal) + length), span.endZone, span.allDay) : start + length
      : start + (instantOf(span.end, span.endZone, span.allDay) - instantOf(span.start, span.startZone, span.allDay));
  return { item, type: changed === undefined ? 'occurrence' : 'exception', date, start, end, originalStart, changed: changed ?? {} };
}

const overlaps = (occurrence: Occurrence, from: number, to: number): boolean =>
  occurrence.start < to && (occurrence.end > from || (occurrence.start === occurrence.end && occurrence.start >= from));

/** Occurrences of one series that overlap [from, to), UTC milliseconds. */
export function occurrencesOf(item: Item, from: number, to: number): Occurrence[] {
  const recurrence = item.entity.recurrence;
  if (!isObject(recurrence)) return [];
  const span = spanOf(item.entity);
  const length = Math.max(0, localMs(span.end) - localMs(span.start));
  const first = new Date(from - length - 2 * DAY).toISOString().slice(0, 10);
  const last = new Date(to + 2 * DAY).toISOString().slice(0, 10);
  const dates = new Set(occurrenceDates(recurrence, span.start, first, last));
  // An exception may have been moved into the window from outside it.
  for (const date of exceptionsOf(item).keys()) if (Math.abs(Date.parse(`${date}T00:00:00Z`) - from) < MAX_MOVE_DAYS * DAY) dates.add(date);
  const found: Occurrence[] = [];
  for (const date of dates) {
    const occurrence = occurrenceOn(item, date);
    if (occurrence !== undefined && overlaps(occurrence, from, to)) found.push(occurrence);
  }
  return found;
}

/** What a calendar view shows: single events, occurrences and exceptions, by start. */
export function viewOf(items: readonly Item[], from: number, to: number): Occurrence[] {
  const found: Occurrence[] = [];
  for (const item of items) {
    if (isObject(item.entity.recurrence)) {
      if (item.starts !== null && item.starts - 2 * DAY >= to && exceptionsOf(item).size === 0) continue;
      found.push(...occurrencesOf(item, from, to));
    } else {
      const single = wholeEvent(item);
      if (overlaps(single, from, to)) found.push(single);
    }
  }
  return found.sort((left, right) => left.start - right.start || left.item.n - right.item.n || (left.originalStart ?? 0) - (right.originalStart ?? 0));
}

/** True if the series has (or had) an occurrence on that local date. */
export function hasDate(item: Item, date: string): boolean {
  const recurrence = item.entity.recurrence;
  return isObject(recurrence) && (exceptionsOf(item).has(date) || occurrenceDates(recurrence, spanOf(item.entity).start, date, date).includes(date));
}
