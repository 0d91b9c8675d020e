/**
 * Owns: an attendee's answer: in his own copy, in the organizer's attendee list, as mail to the organizer.
 * Does not own: whether he may answer (write/event-actions.ts).
 * Invariants: a declined meeting leaves the attendee's calendar; without a response sent the organizer knows nothing.
 */
import { localIn } from '../calendar/zoned.js';
import { occurrenceOn } from '../calendar/occurrence.js';
import { iso, textAt, type Entity } from '../json.js';
import type { Item } from '../store/items.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Store } from '../store/store.js';
import type { JsonObject } from '../writer.js';
import { change, copyIn, deliverable, mergedEntity, takeOff } from './copies.js';
import { organizerOf, withAnswer } from './entity.js';
import { aboutMeeting, personOf, send, withComment } from './mail.js';

export type Answer = 'accepted' | 'tentativelyAccepted' | 'declined';

const WORDS: Readonly<Record<Answer, { readonly subject: string; readonly type: string }>> = {
  accepted: { subject: 'Accepted', type: 'meetingAccepted' },
  // The service's own spelling.
  tentativelyAccepted: { subject: 'Tentative', type: 'meetingTenativelyAccepted' },
  declined: { subject: 'Declined', type: 'meetingDeclined' },
};

/** An event, or an occurrence with the start and end it has. */
export function timed(item: Item, date: string | undefined): JsonObject {
  const entity = mergedEntity(item, date);
  const occurrence = date === undefined ? undefined : occurrenceOn(item, date);
  if (occurrence === undefined) return entity;
  const zone = textAt(entity, 'start', 'timeZone') ?? 'UTC';
  const at = (ms: number): JsonObject => ({ dateTime: localIn(ms, entity.isAllDay === true ? 'UTC' : zone), timeZone: zone });
  return { ...entity, start: at(occurrence.start), end: at(occurrence.end), recurrence: null, type: occurrence.type };
}

export function respond(store: Store, mailbox: Mailbox, copy: Item, date: string | undefined, answer: Answer, options: { readonly send: boolean; readonly comment?: string | undefined; readonly proposed?: JsonObject | undefined }, now: number): void {
  const event = timed(copy, date);
  const uid = textAt(copy.entity, 'iCalUId') ?? '';
  const status: JsonObject = { response: answer, time: `${iso(now).slice(0, 19)}Z` };
  if (answer === 'declined') takeOff(store, copy, date, now);
  else {
    const intended = textAt(copy.extra, 'intendedShowAs') ?? 'busy';
    const members: Entity = { responseStatus: status, showAs: answer === 'accepted' ? intended : 'tentative', attendees: withAnswer(event, mailbox.upn, status) };
    change(store, copy, date, members, now);
  }
  if (!options.send) return;
  const organizer = deliverable(store, organizerOf(event));
  const original = organizer === undefined ? undefined : copyIn(store, organizer.mailbox, uid);
  if (original !== undefined && original.entity.isOrganizer === true) change(store, original, date, { attendees: withAnswer(mergedEntity(original, date), mailbox.upn, status, options.proposed) }, now);
  const words = WORDS[answer];
  send(store, mailbox, [{ type: 'required', emailAddress: (event.organizer as JsonObject | null)?.emailAddress ?? null }], {
    odataType: '#microsoft.graph.eventMessageResponse', from: personOf(mailbox), subject: `${options.proposed === undefined ? words.subject : 'New Time Proposed'}: ${textAt(event, 'subject') ?? ''}`,
    body: withComment(options.comment, undefined), uid,
    members: { ...aboutMeeting(event), meetingMessageType: words.type, responseType: answer, proposedNewTime: options.proposed ?? null },
  }, now);
}
