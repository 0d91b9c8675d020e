/**
 * Owns: an event's body: what may be written, how it is stored, what has to fit together (facts 6.3, 8).
 * Does not own: whom a change concerns (events.ts, meetings/).
 * Invariants: an event has a start and an end with known zones; all-day ones run from midnight to midnight in one zone; a series starts on its first day.
 */
import { GraphError } from '../graph-error.js';
import { preview } from '../html.js';
import { isObject, textAt, type Entity } from '../json.js';
import { addressOf, attendeesOf, NEVER, sameAddress } from '../meetings/entity.js';
import { guid } from '../random.js';
import type { Store } from '../store/store.js';
import { EVENT } from '../store/templates.js';
import type { Json, JsonObject } from '../writer.js';
import { isMidnight, readTime, timeMember, validationFailure } from './event-times.js';
import { allBut } from './index.js';
import { readSeries } from './recurrence.js';
import { invalidRecipients } from './refusals.js';

const WRITABLE = [
  'categories', 'allowNewTimeProposals', 'attendees', 'body', 'end', 'hideAttendees', 'importance', 'isAllDay', 'isOnlineMeeting', 'isReminderOn', 'location', 'locations', 'onlineMeetingProvider',
  'recurrence', 'reminderMinutesBeforeStart', 'responseRequested', 'sensitivity', 'showAs', 'start', 'subject', 'transactionId',
];
export const EVENT_READ_ONLY = allBut('event', WRITABLE);

/** Not an occurrence's own. */
export const SERIES_ONLY = ['recurrence', 'transactionId'] as const;

const NOWHERE = EVENT.location!;

function bodyOf(given: Json | undefined): JsonObject {
  const contentType = isObject(given) ? textAt(given, 'contentType') ?? 'text' : 'html';
  return { contentType, content: isObject(given) ? textAt(given, 'content') ?? '' : '' };
}

function placeOf(given: JsonObject): JsonObject {
  const displayName = textAt(given, 'displayName') ?? '';
  return { locationType: 'default', uniqueIdType: displayName === '' ? 'unknown' : 'private', ...(displayName === '' ? {} : { uniqueId: displayName }), address: {}, coordinates: {}, ...given, displayName };
}

export const hasAddress = (person: Json): boolean => /^[^@\s]+@[^@\s]+$/.test(addressOf(person));

/** Statuses are the service's: those of people who stay are kept, new ones have not answered. */
function attendees(store: Store, given: Json | undefined, before: JsonObject): Json[] {
  const list = Array.isArray(given) ? given as readonly Json[] : [];
  const bad = list.find((person) => !hasAddress(person));
  if (bad !== undefined) throw invalidRecipients(addressOf(bad));
  const seen = new Set<string>();
  return list.flatMap((person): Json[] => {
    const address = addressOf(person);
    if (seen.has(address.toLowerCase())) return [];
    seen.add(address.toLowerCase());
    const known = attendeesOf(before).find((other) => sameAddress(addressOf(other), address));
    const name = textAt(person, 'emailAddress', 'name') ?? store.mailboxes.find(address)?.entity.displayName ?? address;
    return [{ type: textAt(person, 'type') ?? 'required', status: known?.status ?? { response: 'none', time: NEVER }, ...(known?.proposedNewTime === undefined ? {} : { proposedNewTime: known.proposedNewTime }), emailAddress: { name, address } }];
  });
}

/** The given members as they are stored, over an event (or occurrence) that is `before`. */
export function storedMembers(store: Store, given: Entity, before: JsonObject): Entity {
  const { location, locations, ...rest } = given;
  const members: Entity = {};
  for (const [name, value] of Object.entries(rest)) members[name] = value === null && name !== 'recurrence' && name !== 'start' && name !== 'end' ? EVENT[name] ?? null : value;
  if (given.body !== undefined) {
    const body = bodyOf(given.body);
    members.body = body;
    members.bodyPreview = preview(String(body.content), String(body.contentType));
  }
  for (const name of ['start', 'end'] as const) if (given[name] !== undefined) members[name] = timeMember(readTime(given[name], name));
  if (given.attendees !== undefined) members.attendees = attendees(store, given.attendees, before);
  if (locations !== undefined) members.locations = (Array.isArray(locations) ? locations as readonly Json[] : []).filter(isObject).map(placeOf);
  if (location !== undefined) {
    members.location = isObject(location) ? placeOf(location) : NOWHERE;
    if (locations === undefined) members.locations = textAt(members.location, 'displayName') === '' ? [] : [members.location];
  } else if (locations !== undefined) members.location = (members.locations as readonly Json[])[0] ?? NOWHERE;
  const minutes = given.reminderMinutesBeforeStart;
  if (typeof minutes === 'number' && minutes < 0) throw validationFailure();
  Object.assign(members, online(store, given, before));
  return members;
}

/** Once a meeting is online it stays so: later changes are ignored. */
function online(store: Store, given: Entity, before: JsonObject): Entity {
  if (before.isOnlineMeeting === true) return { isOnlineMeeting: true, onlineMeetingProvider: before.onlineMeetingProvider ?? 'unknown' };
  if (given.isOnlineMeeting !== true) return given.isOnlineMeeting === undefined ? {} : { isOnlineMeeting: false };
  const provider = textAt(given, 'onlineMeetingProvider') ?? textAt(before, 'onlineMeetingProvider') ?? 'unknown';
  const number = guid(store.seed, store.clock.now(), JSON.stringify(given).length, 83);
  return {
    isOnlineMeeting: true, onlineMeetingProvider: provider === 'unknown' ? 'teamsForBusiness' : provider,
    onlineMeeting: { joinUrl: `https://meet.contoso.example/l/meetup-join/${number}`, conferenceId: String(Number.parseInt(number.slice(0, 6), 16)), tollNumber: '+47 555 0199' },
  };
}

/** Checks a whole event as it will be, in what the request changes; gives its recurrence completed. */
export function checkWhole(event: JsonObject, changes: { readonly times: boolean; readonly series: boolean }): Json {
  if (!changes.times && !changes.series) return event.recurrence ?? null;
  if (!isObject(event.start) || !isObject(event.end)) throw validationFailure();
  const start = readTime(event.start, 'start');
  const end = readTime(event.end, 'end');
  if (event.isAllDay === true) {
    if (!isMidnight(start) || !isMidnight(end)) throw new GraphError(400, 'ErrorInvalidTimeForEvent', 'The start and end of an all-day event must be at midnight.');
    if (start.zone.toLowerCase() !== end.zone.toLowerCase()) throw new GraphError(400, 'ErrorInvalidTimeForEvent', 'The start and end of an all-day event must be in the same time zone.');
    if (end.local <= start.local) throw validationFailure();
  } else if (end.ms < start.ms) throw validationFailure();
  if (!isObject(event.recurrence)) return null;
  // A series whose start moved to another day needs a range that starts there.
  return readSeries(event.recurrence, start.local.slice(0, 10), start.zone);
}

