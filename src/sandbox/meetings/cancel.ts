/**
 * Owns: telling attendees that a meeting, or one occurrence, is off.
 * Does not own: taking it off the organizer's calendar.
 * Invariants: an attendee's copy stays, marked as canceled and free, until he removes it; a room's copy goes.
 */
import { isObject, textAt, type Entity } from '../json.js';
import type { Item } from '../store/items.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Store } from '../store/store.js';
import { change, copyIn, deliverable, mergedEntity, takeOff } from './copies.js';
import { addressOf, sameAddress, organizerOf } from './entity.js';
import { aboutMeeting, addressed, personOf, send, withComment } from './mail.js';
import { timed } from './respond.js';

const PREFIX = 'Canceled: ';
const canceled = (subject: string): string => (subject.startsWith(PREFIX) ? subject : PREFIX + subject);

/** `event`: the organizer's item while it still is as the attendees know it. `to`: addresses, lower case. */
export function callOff(store: Store, organizer: Mailbox, event: Item, date: string | undefined, to: ReadonlySet<string>, comment: string | undefined, now: number): void {
  const shown = timed(event, date);
  const people = addressed(shown, to);
  if (people.length === 0) return;
  const uid = textAt(event.entity, 'iCalUId') ?? '';
  send(store, organizer, people, {
    odataType: '#microsoft.graph.eventMessage', from: personOf(organizer), subject: canceled(textAt(shown, 'subject') ?? ''), body: withComment(comment, comment === undefined ? shown.body : undefined), uid,
    members: { ...aboutMeeting(shown), meetingMessageType: 'meetingCancelled' },
  }, now);
  for (const person of people) {
    const mailbox = deliverable(store, addressOf(person));
    if (mailbox === undefined || sameAddress(mailbox.upn, organizerOf(shown))) continue;
    const copy = copyIn(store, mailbox.mailbox, uid);
    if (copy === undefined) continue;
    const day = isObject(copy.entity.recurrence) ? date : undefined;
    if (mailbox.kind === 'room') takeOff(store, copy, day, now);
    else {
      const members: Entity = { isCancelled: true, showAs: 'free', subject: canceled(textAt(mergedEntity(copy, day), 'subject') ?? '') };
      change(store, copy, day, members, now);
    }
  }
}
