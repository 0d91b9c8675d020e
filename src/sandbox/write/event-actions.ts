/**
 * Owns: answering, cancelling and forwarding events, and their reminders (facts section 7).
 * Does not own: the mail and the calendars these change (meetings/).
 * Invariants: only attendees answer, only organizers cancel; what is refused changes nothing.
 */
import type { Context, Route } from '../context.js';
import { GraphError } from '../graph-error.js';
import { textAt, type Entity } from '../json.js';
import { change, copyIn, deliverable, mergedEntity } from '../meetings/copies.js';
import { addressOf, attendeesOf, NEVER, organizerOf, sameAddress } from '../meetings/entity.js';
import { invite } from '../meetings/invite.js';
import { aboutMeeting, personOf, send } from '../meetings/mail.js';
import { respond, timed, type Answer } from '../meetings/respond.js';
import { findEvent } from '../routes/events.js';
import type { Json, JsonObject } from '../writer.js';
import { hasAddress } from './event-body.js';
import { readTime, timeMember } from './event-times.js';
import { removeEvent } from './events.js';
import { accepted, readParameters, rejectParameters, transact, type WriteRoute } from './index.js';
import { invalidRecipients } from './refusals.js';

const refused = (reason: string): GraphError => new GraphError(400, 'ErrorInvalidRequest', `Your request can't be completed. ${reason}`);

/** A proposal needs an answer that is sent, and a meeting that takes proposals. */
function proposal(event: JsonObject, slot: Json | undefined, sends: boolean): JsonObject | undefined {
  if (slot === undefined) return undefined;
  if (!sends) throw refused('A new time can only be proposed when a response is sent.');
  if (event.allowNewTimeProposals === false) throw refused("The meeting organizer doesn't allow new time proposals.");
  const side = (name: 'start' | 'end'): ReturnType<typeof readTime> => readTime((slot as JsonObject)[name], `proposedNewTime/${name}`);
  const start = side('start');
  const end = side('end');
  if (end.ms <= start.ms) throw refused('The proposed time must end after it starts.');
  return { start: timeMember(start), end: timeMember(end) };
}

const answering = (answer: Answer): Route => (context, [id = '']) => {
  const given = readParameters(context, answer, { comment: 'String', sendResponse: 'Boolean', ...(answer === 'accepted' ? {} : { proposedNewTime: 'timeSlot' }) });
  const { item, date } = findEvent(context, id);
  const event = timed(item, date);
  const sends = given.sendResponse !== false;
  if (item.entity.isOrganizer === true) throw refused("You can't respond to this meeting because you're the meeting organizer.");
  if (event.isCancelled === true) throw refused("You can't respond to this meeting because it has been canceled.");
  if (sends && event.responseRequested === false) throw refused("The meeting organizer hasn't requested a response.");
  const proposed = proposal(event, given.proposedNewTime, sends);
  return transact(context, () => {
    respond(context.store, context.mailbox, item, date, answer, { send: sends, comment: textAt(given as JsonObject, 'comment'), proposed }, context.store.clock.now());
    return accepted();
  });
};

const cancel: Route = (context, [id = '']) => {
  const given = readParameters(context, 'cancel', { comment: 'String' });
  const { item, date } = findEvent(context, id);
  if (item.entity.isOrganizer !== true) throw refused('You need to be an organizer to cancel a meeting.');
  return transact(context, () => {
    removeEvent(context, item, date, textAt(given as JsonObject, 'comment') ?? '');
    return accepted();
  });
};

const forward: Route = (context, [id = '']) => {
  const given = readParameters(context, 'forward', { toRecipients: '[recipient]', comment: 'String' });
  const { item, date } = findEvent(context, id);
  const people = Array.isArray(given.toRecipients) ? given.toRecipients as readonly Json[] : [];
  const bad = people.find((person) => !hasAddress(person));
  if (people.length === 0 || bad !== undefined) throw invalidRecipients(addressOf(bad));
  const { store, mailbox } = context;
  return transact(context, () => {
    const now = store.clock.now();
    const event = timed(item, date);
    const organizer = item.entity.isOrganizer === true ? mailbox : deliverable(store, organizerOf(event)) ?? mailbox;
    const original = organizer.mailbox === mailbox.mailbox ? item : copyIn(store, organizer.mailbox, textAt(item.entity, 'iCalUId') ?? '') ?? item;
    const fresh = people.filter((person) => !attendeesOf(mergedEntity(original, date)).some((attendee) => sameAddress(addressOf(attendee), addressOf(person))));
    if (fresh.length > 0) {
      const added = fresh.map((person): Json => ({ type: 'required', status: { response: 'none', time: NEVER }, emailAddress: { name: textAt(person, 'emailAddress', 'name') ?? addressOf(person), address: addressOf(person) } }));
      change(store, original, date, { attendees: [...attendeesOf(mergedEntity(original, date)), ...added] }, now);
    }
    const to = new Set(people.map((person) => addressOf(person).toLowerCase()));
    invite(store, organizer, store.items.get(original.n)!, date, { kind: 'newMeetingRequest', to, comment: textAt(given as JsonObject, 'comment'), sender: mailbox }, now);
    // The organizer hears who else was asked.
    if (organizer.mailbox !== mailbox.mailbox) {
      const members: Entity = { ...aboutMeeting(event), meetingMessageType: 'none' };
      send(store, mailbox, [{ type: 'required', ...personOf(organizer) }], {
        odataType: '#microsoft.graph.eventMessage', from: personOf(mailbox), subject: `Meeting Forward Notification: ${textAt(event, 'subject') ?? ''}`,
        body: { contentType: 'text', content: `Your meeting was forwarded to ${people.map((person) => addressOf(person)).join('; ')}` }, uid: textAt(item.entity, 'iCalUId') ?? '', members,
      }, now);
    }
    return accepted();
  });
};

const done = (): ReturnType<typeof accepted> => ({ ...accepted(), status: 200 });

/** Reminders of occurrences are kept by the series: dismissing one makes no exception. */
const keepReminder = (context: Context, id: string, reminder: JsonObject): ReturnType<Route> => {
  const { item, date } = findEvent(context, id);
  return transact(context, () => {
    const known = item.extra.reminders;
    const reminders = { ...(known as JsonObject | undefined), [date ?? '']: reminder };
    context.store.items.patch(item.n, date === undefined && reminder.dismissed === true ? { isReminderOn: false } : {}, context.store.clock.now(), { extra: { ...item.extra, reminders } });
    return done();
  });
};

const dismiss: Route = (context, [id = '']) => {
  rejectParameters(context, 'dismissReminder');
  return keepReminder(context, id, { dismissed: true });
};

const snooze: Route = (context, [id = '']) => {
  const given = readParameters(context, 'snoozeReminder', { newReminderTime: 'dateTimeTimeZone' });
  if (given.newReminderTime === undefined) throw new GraphError(400, 'ErrorInvalidParameter', "The parameter 'newReminderTime' is required.");
  return keepReminder(context, id, { at: readTime(given.newReminderTime, 'newReminderTime').ms });
};

export const EVENT_ACTIONS: readonly WriteRoute[] = [
  ['POST', 'events/:/accept', answering('accepted')],
  ['POST', 'events/:/tentativelyAccept', answering('tentativelyAccepted')],
  ['POST', 'events/:/decline', answering('declined')],
  ['POST', 'events/:/cancel', cancel],
  ['POST', 'events/:/forward', forward],
  ['POST', 'events/:/dismissReminder', dismiss],
  ['POST', 'events/:/snoozeReminder', snooze],
];
