/**
 * Owns: creating, changing and deleting events, series and occurrences.
 * Does not own: answering and forwarding them (event-actions.ts), what attendees get (meetings/).
 * Invariants: a change of the organizer's meeting reaches the attendees in the same transaction; one of an attendee's stays his own.
 */
import { inZone, presentEvent } from '../calendar/event-view.js';
import { occurrenceOn, wholeEvent, type Occurrence } from '../calendar/occurrence.js';
import type { Context, Route } from '../context.js';
import { accessDenied, GraphError } from '../graph-error.js';
import { isObject, textAt, type Entity } from '../json.js';
import { callOff } from '../meetings/cancel.js';
import { change, spanMs, takeOff } from '../meetings/copies.js';
import { addressOf, attendeesOf, DECISIVE, differs, guestsOf, organizerOf, sameAddress, SHARED, unanswered } from '../meetings/entity.js';
import { invite } from '../meetings/invite.js';
import { timed } from '../meetings/respond.js';
import { shape } from '../present.js';
import { guid } from '../random.js';
import { occurrenceDates } from '../recurrence/index.js';
import { findEvent } from '../routes/events.js';
import { calendarItem } from '../routes/lookup.js';
import type { Item } from '../store/items.js';
import { EVENT } from '../store/templates.js';
import type { Json, JsonObject } from '../writer.js';
import { checkWhole, EVENT_READ_ONLY, SERIES_ONLY, storedMembers } from './event-body.js';
import { checkIfMatch, created, EXTENDED, invalidSet, mergeExtended, noContent, readEntity, splitExtended, transact, updated, type WriteRoute } from './index.js';

const ALL = new Set(['*']);
const PERSON_TIMES = { response: 'organizer', time: '0001-01-01T00:00:00Z' };

/** The event, or one of its occurrences, as a write answers it. */
export function shownEvent(context: Context, n: number, date?: string): Entity {
  const item = context.store.items.get(n)!;
  const occurrence: Occurrence | undefined = date === undefined ? wholeEvent(item) : occurrenceOn(item, date);
  return inZone(shape(presentEvent(occurrence ?? wholeEvent(item), context, ALL), 'event', undefined), item.entity.isAllDay === true, context);
}

const lower = (people: readonly JsonObject[]): Set<string> => new Set(people.map((person) => addressOf(person).toLowerCase()));

function byTransaction(context: Context, transactionId: string): Item | undefined {
  const row = context.store.database.get<{ n: number }>("SELECT n FROM item WHERE kind = 'event' AND mailbox = ? AND json_extract(entity, '$.transactionId') = ?", context.mailbox.mailbox, transactionId);
  return row === undefined ? undefined : context.store.items.get(row.n);
}

function add(context: Context, calendar: () => Item): ReturnType<Route> {
  const { store, mailbox } = context;
  const { extended, members } = splitExtended(readEntity(context, 'event', { readOnly: EVENT_READ_ONLY, deep: EXTENDED }));
  const parent = calendar();
  if (parent.entity.canEdit === false) throw accessDenied();
  const organizer = { emailAddress: { name: mailbox.entity.displayName ?? mailbox.upn, address: mailbox.upn } };
  return transact(context, () => {
    const now = store.clock.now();
    const transactionId = textAt(members, 'transactionId');
    const same = transactionId === undefined ? undefined : byTransaction(context, transactionId);
    // "For the server to avoid redundant POST operations": the event of the first one, whatever this one says.
    if (same !== undefined) return created(context, '/events', shownEvent(context, same.n));
    const given = storedMembers(store, members, { organizer });
    const entity: Entity = {
      ...EVENT, ...given, organizer, isOrganizer: true, responseStatus: PERSON_TIMES,
      iCalUId: `040000008200E00074C5B7101A82E00800000000${guid(store.seed, mailbox.mailbox, store.database.seq(mailbox.mailbox), 84).replaceAll('-', '').toUpperCase()}`,
    };
    entity.recurrence = checkWhole(entity, { times: true, series: true });
    entity.type = isObject(entity.recurrence) ? 'seriesMaster' : 'singleInstance';
    entity.originalStartTimeZone = textAt(entity, 'start', 'timeZone') ?? 'UTC';
    entity.originalEndTimeZone = textAt(entity, 'end', 'timeZone') ?? 'UTC';
    const n = store.items.add({ kind: 'event', mailbox: mailbox.mailbox, parent: parent.n, entity, ...spanMs(entity), extended: mergeExtended([], extended) }, now);
    const item = store.items.get(n)!;
    invite(store, mailbox, item, undefined, { kind: 'newMeetingRequest', to: lower(guestsOf(entity)) }, now);
    return created(context, '/events', shownEvent(context, n));
  });
}

const patch: Route = (context, [id = '']) => {
  const { store } = context;
  const { extended, members } = splitExtended(readEntity(context, 'event', { readOnly: EVENT_READ_ONLY, deep: EXTENDED }));
  const { item, date } = findEvent(context, id);
  checkIfMatch(context, item);
  if (members.transactionId !== undefined) throw invalidSet("The property 'transactionId' cannot be changed after the event was created.");
  return transact(context, () => {
    const now = store.clock.now();
    const before = timed(item, date);
    const given = storedMembers(store, members, before);
    if (date === undefined) patchWhole(context, item, given, now);
    else patchOccurrence(context, item, date, given, now);
    if (extended.length > 0) store.items.patch(item.n, {}, now, { extended: mergeExtended(item.extended, extended) });
    if (item.entity.isOrganizer === true) tell(context, store.items.get(item.n)!, date, before, now);
    return updated(context, '/events', shownEvent(context, item.n, date));
  });
};

const touchesTimes = (given: Entity): boolean => ['start', 'end', 'isAllDay'].some((name) => given[name] !== undefined);

function patchWhole(context: Context, item: Item, given: Entity, now: number): void {
  const after: Entity = { ...item.entity, ...given };
  const series = given.recurrence !== undefined;
  after.recurrence = checkWhole(after, { times: touchesTimes(given), series });
  const members: Entity = { ...given, ...(series || touchesTimes(given) ? { recurrence: after.recurrence } : {}), type: isObject(after.recurrence) ? 'seriesMaster' : 'singleInstance' };
  if (item.entity.isOrganizer === true && differs(item.entity, after, DECISIVE)) members.attendees = attendeesOf(after).map(unanswered);
  // A series with other times or another pattern begins anew: its exceptions and cancelled occurrences are gone.
  const anew = differs(item.entity, after, ['start', 'end', 'isAllDay', 'recurrence']);
  context.store.items.patch(item.n, members, now, { ...spanMs({ ...item.entity, ...members }), ...(anew ? { extra: { ...item.extra, exceptions: [], cancelled: [] } } : {}) });
}

function patchOccurrence(context: Context, item: Item, date: string, given: Entity, now: number): void {
  for (const name of SERIES_ONLY) if (given[name] !== undefined) throw invalidSet(`The property '${name}' belongs to the series and cannot be set on an occurrence.`);
  const before = timed(item, date);
  const after: Entity = { ...before, ...given };
  if (touchesTimes(given)) {
    checkWhole({ ...after, recurrence: null }, { times: true, series: false });
    checkNeighbours(item, date, after);
  }
  const times = touchesTimes(given) ? { start: after.start ?? null, end: after.end ?? null } : {};
  const answers: Entity = item.entity.isOrganizer === true && differs(before, after, DECISIVE) ? { attendees: attendeesOf(after).map(unanswered) } : {};
  change(context.store, item, date, { ...given, ...times, ...answers }, now);
}

/** An occurrence stays between its neighbours, and never on the day of one. */
function checkNeighbours(item: Item, date: string, after: JsonObject): void {
  const recurrence = item.entity.recurrence;
  if (!isObject(recurrence)) return;
  const { starts, ends } = spanMs(after);
  const interval = isObject(recurrence.pattern) && typeof recurrence.pattern.interval === 'number' ? recurrence.pattern.interval : 1;
  const reach = 400 * interval * 86_400_000;
  const middle = Date.parse(`${date}T00:00:00Z`);
  const text = (ms: number): string => new Date(Math.min(ms, 253_370_764_800_000)).toISOString().slice(0, 10);
  const dates = occurrenceDates(recurrence, textAt(item.entity, 'start', 'dateTime') ?? '', text(middle - reach), text(middle + reach));
  const living = dates.map((day) => (day === date ? undefined : occurrenceOn(item, day))).filter((occurrence) => occurrence !== undefined);
  const previous = living.filter((occurrence) => occurrence.date! < date).at(-1);
  const next = living.find((occurrence) => occurrence.date! > date);
  const day = textAt(after, 'start', 'dateTime')?.slice(0, 10) ?? '';
  const dayOf = (occurrence: Occurrence): string => textAt(timed(item, occurrence.date), 'start', 'dateTime')?.slice(0, 10) ?? '';
  if ((previous !== undefined && (starts < previous.end || day <= dayOf(previous))) || (next !== undefined && (ends > next.start || day >= dayOf(next)))) {
    throw new GraphError(400, 'ErrorOccurrenceCrossingBoundary', 'Modified occurrence is crossing or overlapping adjacent occurrence.');
  }
}

/** Updates, invitations and cancellations after an organizer's change. */
function tell(context: Context, item: Item, date: string | undefined, before: JsonObject, now: number): void {
  const { store, mailbox } = context;
  const after = timed(item, date);
  const old = lower(guestsOf(before));
  const current = lower(guestsOf(after));
  const removed = new Set([...old].filter((address) => !current.has(address)));
  const added = new Set([...current].filter((address) => !old.has(address)));
  const kept = new Set([...current].filter((address) => old.has(address)));
  if (removed.size > 0) callOff(store, mailbox, { ...item, entity: { ...item.entity, attendees: attendeesOf(before) }, ...(date === undefined ? {} : { extra: withAttendees(item, date, attendeesOf(before)) }) }, date, removed, undefined, now);
  if (added.size > 0) invite(store, mailbox, item, date, { kind: 'newMeetingRequest', to: added }, now);
  const again = differs(before, after, DECISIVE);
  if (kept.size > 0 && (again || differs(before, after, SHARED))) invite(store, mailbox, item, date, { kind: again ? 'fullUpdate' : 'informationalUpdate', to: kept, before }, now);
}

const withAttendees = (item: Item, date: string, attendees: readonly Json[]): Entity => {
  const exceptions = (Array.isArray(item.extra.exceptions) ? item.extra.exceptions as readonly { readonly date: string; readonly entity: JsonObject }[] : []);
  return { ...item.extra, exceptions: exceptions.map((exception) => (exception.date === date ? { date, entity: { ...exception.entity, attendees } } : exception)) };
};

/** Takes an event off; an organizer's meeting is called off. */
export function removeEvent(context: Context, item: Item, date: string | undefined, comment: string | undefined): void {
  const now = context.store.clock.now();
  const entity = timed(item, date);
  if (item.entity.isOrganizer === true && item.entity.isCancelled !== true && sameAddress(organizerOf(entity), context.mailbox.upn)) {
    callOff(context.store, context.mailbox, item, date, lower(guestsOf(entity)), comment, now);
  }
  takeOff(context.store, item, date, now);
}

const remove: Route = (context, [id = '']) => {
  const { item, date } = findEvent(context, id);
  checkIfMatch(context, item);
  return transact(context, () => {
    removeEvent(context, item, date, undefined);
    return noContent();
  });
};

/** `calendar/events` comes as `calendars//events`. */
export const EVENT_WRITES: readonly WriteRoute[] = [
  ['POST', 'events', (context) => add(context, () => calendarItem(context, ''))],
  ['POST', 'calendars/:/events', (context, [id = '']) => add(context, () => calendarItem(context, id))],
  ['PATCH', 'events/:', patch],
  ['DELETE', 'events/:', remove],
  ['POST', 'events/:/permanentDelete', remove],
];
