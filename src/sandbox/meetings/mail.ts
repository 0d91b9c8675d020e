/**
 * Owns: the mail a meeting causes: requests, cancellations, answers, notices of forwarding; copies in Sent Items.
 * Does not own: whom it goes to, calendars.
 * Invariants: times are in UTC, as mail keeps them; a text that was sent has one Message-ID everywhere; who has no mailbox here gets nothing.
 */
import { localIn } from '../calendar/zoned.js';
import { instantOf } from '../calendar/occurrence.js';
import { isObject, textAt, type Entity } from '../json.js';
import { guid } from '../random.js';
import { MailboxFiller } from '../store/mailbox-writer.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Store } from '../store/store.js';
import type { Json, JsonObject, NewMessage } from '../writer.js';
import { deliverable } from './copies.js';
import { addressOf, attendeesOf } from './entity.js';

export const personOf = (mailbox: Mailbox): JsonObject => ({ emailAddress: { name: mailbox.entity.displayName ?? mailbox.upn, address: mailbox.upn } });

const recipient = (attendee: JsonObject): JsonObject => ({ emailAddress: attendee.emailAddress ?? null });

const inUtc = (event: JsonObject, name: 'start' | 'end'): Json => {
  const ms = instantOf(textAt(event, name, 'dateTime') ?? '', textAt(event, name, 'timeZone') ?? 'UTC', event.isAllDay === true);
  return Number.isNaN(ms) ? null : { dateTime: localIn(ms, 'UTC'), timeZone: 'UTC' };
};

/** What every kind of meeting mail says about the meeting. `event`: the event, or an occurrence with its own start and end. */
export function aboutMeeting(event: JsonObject): Entity {
  return {
    startDateTime: inUtc(event, 'start'), endDateTime: inUtc(event, 'end'), isAllDay: event.isAllDay === true, isOutOfDate: false, isDelegated: false, location: event.location ?? null,
    type: isObject(event.recurrence) ? 'seriesMaster' : event.type ?? 'singleInstance', recurrence: event.recurrence ?? null,
  };
}

/** Previous times and place, for a request that changes them. */
export const previously = (event: JsonObject): Entity => ({ previousStartDateTime: inUtc(event, 'start'), previousEndDateTime: inUtc(event, 'end'), previousLocation: event.location ?? null });

export interface MeetingMail {
  readonly odataType: '#microsoft.graph.eventMessage' | '#microsoft.graph.eventMessageRequest' | '#microsoft.graph.eventMessageResponse';
  readonly from: JsonObject;
  readonly subject: string;
  readonly body: Json;
  readonly members: Entity;
  readonly uid: string;
}

/** Puts the mail into the Inbox of each address with a mailbox, and a copy into the sender's Sent Items. Addresses of the meeting's attendees keep their line (to, cc, bcc). */
export function send(store: Store, sender: Mailbox, to: readonly JsonObject[], mail: MeetingMail, now: number): void {
  const attendees = to.length === 0 ? [] : to;
  const line = (type: string): Json[] => attendees.filter((attendee) => (attendee.type ?? 'required') === type).map(recipient);
  const id = `<${guid(store.seed, sender.mailbox, store.database.seq(sender.mailbox), 81)}@${sender.upn.split('@')[1] ?? 'contoso.example'}>`;
  const entity: Entity = {
    ...mail.members, subject: mail.subject, body: mail.body, from: mail.from, sender: personOf(sender), toRecipients: line('required'), ccRecipients: line('optional'), isDraft: false, isRead: false,
    internetMessageId: id,
  };
  const at = new Date(now);
  const message: NewMessage = { entity, receivedDateTime: at, sentDateTime: at, odataType: mail.odataType, references: [`<meeting.${mail.uid}@contoso.example>`] };
  put(store, sender, 'sentitems', { ...message, entity: { ...entity, isRead: true, bccRecipients: line('resource') } });
  const reached = new Set<number>();
  for (const attendee of attendees) {
    const mailbox = deliverable(store, addressOf(attendee));
    if (mailbox === undefined || reached.has(mailbox.mailbox)) continue;
    reached.add(mailbox.mailbox);
    put(store, mailbox, 'inbox', message);
  }
}

function put(store: Store, mailbox: Mailbox, folder: 'inbox' | 'sentitems', message: NewMessage): void {
  const found = store.wellKnown(mailbox.mailbox, 'mailFolder', folder);
  if (found !== undefined) new MailboxFiller(store, mailbox).addMessage(found.n, message);
}

/** The body of a meeting's mail: the sender's comment above the meeting's own text. */
export function withComment(comment: string | undefined, body: Json | undefined): JsonObject {
  const content = isObject(body) ? textAt(body, 'content') ?? '' : '';
  const contentType = isObject(body) ? textAt(body, 'contentType') ?? 'html' : 'html';
  if (comment === undefined || comment === '') return { contentType, content };
  const escaped = comment.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return contentType === 'text' ? { contentType, content: `${comment}\n\n${content}` } : { contentType, content: `<html><body><p>${escaped}</p>${content}</body></html>` };
}

/** Recipients of an attendee list, each with his line. */
export const addressed = (event: JsonObject, addresses: ReadonlySet<string>): readonly JsonObject[] => attendeesOf(event).filter((attendee) => addresses.has(addressOf(attendee).toLowerCase()));
