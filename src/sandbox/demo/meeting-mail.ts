/**
 * Owns: the mail that meetings cause: requests in the attendees' inboxes, answers in the organizer's.
 * Does not own: the meetings (calendar.ts).
 * Invariants: times are the meeting's own, in UTC form as the service keeps them in mail.
 */
import type { JsonObject, MailboxWriter } from '../writer.js';
import { toUtc } from '../zones/index.js';
import type { Meeting } from './calendar.js';
import type { Dice } from './dice.js';
import { recipient } from './people.js';
import type { Person } from './people.js';

const KINDS = {
  accepted: ['meetingAccepted', 'Accepted'], declined: ['meetingDeclined', 'Declined'], tentativelyAccepted: ['meetingTenativelyAccepted', 'Tentative'],
} as const;

const inUtc = (local: string, zone: string): JsonObject => ({ dateTime: `${new Date(toUtc(local, zone) ?? 0).toISOString().slice(0, 19)}.0000000`, timeZone: 'UTC' });

function common(meeting: Meeting): JsonObject {
  return {
    startDateTime: inUtc(meeting.start, meeting.zone), endDateTime: inUtc(meeting.end, meeting.zone), isAllDay: meeting.isAllDay, isOutOfDate: false, isDelegated: false,
    location: meeting.location, type: meeting.recurrence === null ? 'singleInstance' : 'seriesMaster', recurrence: meeting.recurrence,
  };
}

/** The request (or the cancellation) as an attendee got it. */
export function addRequest(writer: MailboxWriter, meeting: Meeting, owner: Person, dice: Dice, serial: number): void {
  const at = meeting.asked + dice.int(300, 4000);
  const cancelled = meeting.isCancelled;
  writer.addMessage(writer.mailFolder('/Inbox'), {
    entity: {
      ...common(meeting), subject: meeting.subject, body: { contentType: 'html', content: meeting.html }, from: recipient(meeting.organizer), toRecipients: meeting.attendees.map((attendee) => recipient(attendee.person)),
      isRead: dice.chance(0.8), isDraft: false, internetMessageId: `<request.${serial}.${dice.int(1, 1e9)}@contoso.example>`, meetingMessageType: cancelled ? 'meetingCancelled' : 'meetingRequest',
      ...(cancelled ? {} : { meetingRequestType: 'newMeetingRequest', responseRequested: true, allowNewTimeProposals: true }),
      categories: owner.address.startsWith('ada@') && dice.chance(0.1) ? ['Follow_up'] : [],
    },
    receivedDateTime: new Date(at), sentDateTime: new Date(meeting.asked), odataType: cancelled ? '#microsoft.graph.eventMessage' : '#microsoft.graph.eventMessageRequest',
    references: [`<meeting.${meeting.uid}@contoso.example>`],
  });
}

/** An attendee's answer as the organizer got it. */
export function addAnswer(writer: MailboxWriter, meeting: Meeting, index: number, dice: Dice, serial: number): void {
  const attendee = meeting.attendees[index];
  if (attendee === undefined || !Object.hasOwn(KINDS, attendee.response)) return;
  const [type, word] = KINDS[attendee.response as keyof typeof KINDS];
  const at = attendee.answered ?? meeting.asked;
  writer.addMessage(writer.mailFolder('/Inbox'), {
    entity: {
      ...common(meeting), subject: `${word}: ${meeting.subject}`, body: { contentType: 'html', content: '' }, from: recipient(attendee.person), toRecipients: [recipient(meeting.organizer)],
      isRead: dice.chance(0.9), isDraft: false, internetMessageId: `<answer.${serial}.${dice.int(1, 1e9)}@contoso.example>`, meetingMessageType: type, responseType: attendee.response,
    },
    receivedDateTime: new Date(at), sentDateTime: new Date(at - 900), odataType: '#microsoft.graph.eventMessageResponse', references: [`<meeting.${meeting.uid}@contoso.example>`],
  });
}
