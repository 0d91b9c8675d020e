/**
 * Owns: finding the copies of a meeting in the mailboxes of its people, and changing one or one of its occurrences.
 * Does not own: what changes.
 * Invariants: copies share the iCalUId; who has no mailbox here has no copy.
 */
import type { Entity } from '../json.js';
import { textAt } from '../json.js';
import { instantOf } from '../calendar/occurrence.js';
import type { Item } from '../store/items.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Store } from '../store/store.js';
import type { JsonObject } from '../writer.js';

/** The mailbox an address delivers to; undefined: none of this service, or one without a calendar. */
export function deliverable(store: Store, address: string): Mailbox | undefined {
  const found = store.mailboxes.find(address);
  return found === undefined || found.kind === 'group' || found.kind === 'none' ? undefined : found;
}

export function copyIn(store: Store, mailbox: number, uid: string): Item | undefined {
  const row = store.database.get<{ n: number }>("SELECT n FROM item WHERE kind = 'event' AND mailbox = ? AND json_extract(entity, '$.iCalUId') = ? ORDER BY n LIMIT 1", mailbox, uid);
  return row === undefined ? undefined : store.items.get(row.n);
}

/** A changed occurrence: the local date it was born on, and the members that differ. */
export type Exception = { readonly date: string; readonly entity: JsonObject };

export const exceptionsIn = (item: Item): readonly Exception[] => (Array.isArray(item.extra.exceptions) ? item.extra.exceptions as readonly Exception[] : []);
export const cancelledIn = (item: Item): readonly string[] => (Array.isArray(item.extra.cancelled) ? item.extra.cancelled as readonly string[] : []);

/** UTC milliseconds of an event's own start and end, for the store's columns. */
export function spanMs(entity: JsonObject): { readonly starts: number; readonly ends: number } {
  const allDay = entity.isAllDay === true;
  const at = (name: 'start' | 'end'): number => instantOf(textAt(entity, name, 'dateTime') ?? '', textAt(entity, name, 'timeZone') ?? 'UTC', allDay);
  return { starts: at('start'), ends: at('end') };
}

/** The members of one occurrence (by its birth date) as they are, without those of the master it does not change. */
export const exceptionOn = (item: Item, date: string): JsonObject => exceptionsIn(item).find((exception) => exception.date === date)?.entity ?? {};

/** What an event, or one of its occurrences, is made of. */
export const mergedEntity = (item: Item, date: string | undefined): JsonObject => (date === undefined ? item.entity : { ...item.entity, ...exceptionOn(item, date) });

/** Changes an event or, with `date`, makes or changes an exception. */
export function change(store: Store, item: Item, date: string | undefined, members: Entity, now: number): void {
  if (date === undefined) {
    const spans = members.start === undefined && members.end === undefined && members.isAllDay === undefined ? {} : spanMs({ ...item.entity, ...members });
    store.items.patch(item.n, members, now, spans);
    return;
  }
  const others = exceptionsIn(item).filter((exception) => exception.date !== date);
  const exceptions = [...others, { date, entity: { ...exceptionOn(item, date), ...members } }].sort((left, right) => (left.date < right.date ? -1 : 1));
  store.items.patch(item.n, {}, now, { extra: { ...item.extra, exceptions } });
}

/** Takes an event, or one of its occurrences, off its calendar. */
export function takeOff(store: Store, item: Item, date: string | undefined, now: number): void {
  if (date === undefined) {
    store.items.remove(item.n);
    store.attachments.removeAll(-item.n);
    return;
  }
  const exceptions = exceptionsIn(item).filter((exception) => exception.date !== date);
  store.items.patch(item.n, {}, now, { extra: { ...item.extra, exceptions, cancelled: [...new Set([...cancelledIn(item), date])].sort() } });
}
