/**
 * Owns: what people of a meeting share and what each keeps for himself; attendees of an event as a list.
 * Does not own: who is told what (invite.ts, cancel.ts, respond.ts).
 * Invariants: addresses are compared without case; only the organizer sees what the others answered.
 */
import { isObject, textAt, type Entity } from '../json.js';
import { EVENT } from '../store/templates.js';
import type { Json, JsonObject } from '../writer.js';

export const NEVER = '0001-01-01T00:00:00Z';

/** Members an attendee's copy takes from the organizer's event. */
export const SHARED = [
  'subject', 'body', 'bodyPreview', 'start', 'end', 'originalStartTimeZone', 'originalEndTimeZone', 'isAllDay', 'location', 'locations', 'recurrence', 'importance', 'sensitivity',
  'isOnlineMeeting', 'onlineMeeting', 'onlineMeetingProvider', 'onlineMeetingUrl', 'allowNewTimeProposals', 'responseRequested', 'hideAttendees', 'organizer', 'iCalUId', 'type',
] as const;

/** Members whose change asks the attendees again. */
export const DECISIVE = ['start', 'end', 'isAllDay', 'recurrence', 'location'] as const;

export const attendeesOf = (event: JsonObject): readonly JsonObject[] => (Array.isArray(event.attendees) ? (event.attendees as readonly Json[]).filter(isObject) : []);

export const addressOf = (person: Json | undefined): string => textAt(person, 'emailAddress', 'address') ?? '';

export const sameAddress = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

export const organizerOf = (event: JsonObject): string => addressOf(event.organizer);

/** The attendees but the organizer, who may be listed among them. */
export const guestsOf = (event: JsonObject): readonly JsonObject[] => attendeesOf(event).filter((attendee) => !sameAddress(addressOf(attendee), organizerOf(event)));

export const isMeeting = (event: JsonObject): boolean => guestsOf(event).length > 0;

export const differs = (left: JsonObject, right: JsonObject, names: readonly string[]): boolean => names.some((name) => JSON.stringify(left[name] ?? null) !== JSON.stringify(right[name] ?? null));

/** The attendee list with the answer of one of them; unchanged when he is not on it. */
export function withAnswer(event: JsonObject, address: string, status: JsonObject, proposed?: JsonObject): Json[] {
  return attendeesOf(event).map((attendee): Json => {
    if (!sameAddress(addressOf(attendee), address)) return attendee;
    const { proposedNewTime: _old, ...rest } = attendee;
    return { ...rest, status, ...(proposed === undefined ? {} : { proposedNewTime: proposed }) };
  });
}

export const unanswered = (attendee: JsonObject): JsonObject => {
  const { proposedNewTime: _old, ...rest } = attendee;
  return { ...rest, status: { response: 'none', time: NEVER } };
};

/** The organizer's members as `owner` gets them. */
export function sharedMembers(event: JsonObject, owner: string): Entity {
  const members: Entity = {};
  for (const name of SHARED) if (event[name] !== undefined) members[name] = event[name];
  if (event.attendees !== undefined) {
    const visible = attendeesOf(event).filter((attendee) => event.hideAttendees !== true || sameAddress(addressOf(attendee), owner));
    members.attendees = visible.map(unanswered);
  }
  return members;
}

/** A new copy for an attendee: tentative until he answers. */
export const copyFor = (event: JsonObject, owner: string): Entity => ({
  ...EVENT, ...sharedMembers(event, owner), isOrganizer: false, isCancelled: false, showAs: 'tentative', responseStatus: { response: 'notResponded', time: NEVER },
});
