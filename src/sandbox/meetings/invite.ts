/**
 * Owns: asking attendees: the request in their Inbox, the tentative event in their calendar, the rooms that answer by themselves.
 * Does not own: what changed in the organizer's event.
 * Invariants: called after the organizer's event is stored; a request that asks again takes back earlier answers.
 */
import { busyItems } from '../calendar/free-busy.js';
import { occurrencesOf, wholeEvent } from '../calendar/occurrence.js';
import { isObject, textAt } from '../json.js';
import type { Item } from '../store/items.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Store } from '../store/store.js';
import type { JsonObject } from '../writer.js';
import { change, copyIn, deliverable, exceptionOn, exceptionsIn, spanMs, type Exception } from './copies.js';
import { addressOf, copyFor, NEVER, organizerOf, sameAddress, sharedMembers } from './entity.js';
import { aboutMeeting, addressed, personOf, previously, send, withComment } from './mail.js';
import { respond, timed } from './respond.js';

export interface Request {
  readonly kind: 'newMeetingRequest' | 'fullUpdate' | 'informationalUpdate';
  /** Addresses, lower case. */
  readonly to: ReadonlySet<string>;
  /** The event before, for an update. */
  readonly before?: JsonObject;
  readonly comment?: string | undefined;
  /** Who sends on the organizer's behalf, when a meeting is forwarded. */
  readonly sender?: Mailbox;
}

const ROOM_HORIZON_MS = 180 * 86_400_000;

/** `event`: the organizer's item after the change; `date`: only that occurrence. */
export function invite(store: Store, organizer: Mailbox, event: Item, date: string | undefined, request: Request, now: number): void {
  const shown = timed(event, date);
  const people = addressed(shown, request.to);
  if (people.length === 0) return;
  const uid = textAt(event.entity, 'iCalUId') ?? '';
  send(store, request.sender ?? organizer, people, {
    odataType: '#microsoft.graph.eventMessageRequest', from: personOf(organizer), subject: textAt(shown, 'subject') ?? '', body: withComment(request.comment, shown.body), uid,
    members: {
      ...aboutMeeting(shown), meetingMessageType: 'meetingRequest', meetingRequestType: request.kind, importance: shown.importance ?? 'normal',
      responseRequested: shown.responseRequested ?? true, allowNewTimeProposals: shown.allowNewTimeProposals ?? true, ...(request.before === undefined ? {} : previously(request.before)),
    },
  }, now);
  for (const person of people) {
    const mailbox = deliverable(store, addressOf(person));
    if (mailbox === undefined || sameAddress(mailbox.upn, organizerOf(shown))) continue;
    const copy = putCopy(store, mailbox, event, date, request.kind !== 'informationalUpdate', now);
    if (mailbox.kind === 'room' && copy !== undefined && request.kind !== 'informationalUpdate') roomAnswers(store, mailbox, copy, date, now);
  }
}

/** Makes or renews an attendee's copy. */
function putCopy(store: Store, mailbox: Mailbox, event: Item, date: string | undefined, asksAgain: boolean, now: number): Item | undefined {
  const uid = textAt(event.entity, 'iCalUId') ?? '';
  const calendar = store.wellKnown(mailbox.mailbox, 'calendar', 'calendar');
  if (calendar === undefined) return undefined;
  const known = copyIn(store, mailbox.mailbox, uid);
  const again = asksAgain ? { responseStatus: { response: 'notResponded', time: NEVER }, showAs: 'tentative' } : {};
  const extra = { ...known?.extra, intendedShowAs: event.entity.showAs ?? 'busy', exceptions: exceptionsFor(event, known, asksAgain, mailbox.upn), cancelled: event.extra.cancelled ?? [] };
  if (known === undefined) {
    // Asked to one occurrence only: it is a meeting of its own to him.
    const entity = copyFor(date === undefined ? event.entity : { ...timed(event, date), type: 'singleInstance' }, mailbox.upn);
    const n = store.items.add({ kind: 'event', mailbox: mailbox.mailbox, parent: calendar.n, entity, ...spanMs(entity), extra: date === undefined ? extra : { intendedShowAs: event.entity.showAs ?? 'busy' } }, now);
    return store.items.get(n);
  }
  if (date !== undefined && isObject(known.entity.recurrence)) change(store, known, date, { ...sharedMembers(exceptionOn(event, date), mailbox.upn), ...again }, now);
  else {
    const source = date === undefined ? event.entity : { ...timed(event, date), type: 'singleInstance' };
    const members = { ...sharedMembers(source, mailbox.upn), ...again, isCancelled: false };
    store.items.patch(known.n, members, now, { ...spanMs({ ...known.entity, ...members }), ...(date === undefined ? { extra } : {}) });
  }
  return store.items.get(known.n);
}


/** The organizer's exceptions; what the attendee answered to single occurrences stays unless he is asked again. */
function exceptionsFor(event: Item, known: Item | undefined, asksAgain: boolean, owner: string): readonly Exception[] {
  const own = known === undefined || asksAgain ? [] : exceptionsIn(known);
  const dates = new Set([...exceptionsIn(event), ...own].map(({ date }) => date));
  return [...dates].sort().map((date) => ({ date, entity: { ...own.find((exception) => exception.date === date)?.entity, ...sharedMembers(exceptionOn(event, date), owner) } }));
}

/** A room takes what fits and declines what does not. */
function roomAnswers(store: Store, room: Mailbox, copy: Item, date: string | undefined, now: number): void {
  const whole = wholeEvent(copy);
  const spans = whole.type === 'seriesMaster' ? occurrencesOf(copy, whole.start, whole.start + ROOM_HORIZON_MS) : [whole];
  const wanted = date === undefined ? spans : spans.filter((span) => span.date === date);
  const taken = wanted.some((span) => busyItems(store, room.mailbox, span.start, span.end).some((item) => item.event.n !== copy.n && item.status !== 'free'));
  respond(store, room, copy, date, taken ? 'declined' : 'accepted', { send: true }, now);
}
