/**
 * Owns: the calendars of all mailboxes: which there are, which meetings lie in them, and the mail those cause.
 * Does not own: what a meeting looks like (calendar.ts, series.ts), how its mail is written (meeting-mail.ts).
 * Invariants: meeting mail never takes more than a tenth of a mailbox's messages.
 */
import type { FolderHandle, NewEvent, SandboxWriter } from '../writer.js';
import { pictureAttachment, fileAttachment } from './attachments.js';
import { dateOf, drawMeeting, eventOf } from './calendar.js';
import type { Meeting } from './calendar.js';
import { Dice } from './dice.js';
import { addAnswer, addRequest } from './meeting-mail.js';
import type { Colleague } from './people.js';
import { recipient } from './people.js';
import { drawSeries } from './series.js';

const DAY = 86_400_000;

/** Returns how many messages each mailbox got, by address. */
export function fillCalendars(writer: SandboxWriter, owners: readonly Colleague[], counts: ReadonlyMap<string, number>, now: Date, seed: number): Map<string, number> {
  const dice = new Dice(seed * 131 + 7);
  const byAddress = new Map(owners.map((owner) => [owner.address, owner]));
  const mail = new Map<string, number>();
  const main = owners[0];
  if (main === undefined) return mail;
  let serial = 0;

  const calendarOf = (owner: Colleague, meeting: Meeting): FolderHandle | undefined => {
    const mailbox = writer.mailbox(owner.address);
    if (mailbox === undefined) return undefined;
    // The main person keeps some of the own appointments apart.
    if (owner === main && meeting.attendees.length === 0 && serial % 3 === 0) return mailbox.calendar("Side project 'Ærø'", { group: 'Other calendars', color: 'lightGreen' });
    return mailbox.calendar('Calendar');
  };
  const mayMail = (owner: Colleague): boolean => {
    const had = mail.get(owner.address) ?? 0;
    if (had >= (counts.get(owner.address) ?? 0) / 10) return false;
    mail.set(owner.address, had + 1);
    return true;
  };
  const spread = (meeting: Meeting, more: Pick<NewEvent, 'exceptions' | 'cancelled'> = {}): void => {
    serial++;
    const people = new Set([meeting.organizer.address, ...meeting.attendees.map((asked) => asked.person.address)]);
    for (const address of people) {
      const owner = byAddress.get(address);
      const mailbox = owner === undefined ? undefined : writer.mailbox(address);
      const calendar = owner === undefined ? undefined : calendarOf(owner, meeting);
      if (owner === undefined || mailbox === undefined || calendar === undefined) continue;
      const at = new Date(meeting.asked);
      mailbox.addEvent(calendar, {
        entity: eventOf(meeting, owner), ...more,
        ...(dice.chance(0.1) ? { attachments: dice.chance(0.3) ? [pictureAttachment(`agenda${serial}@contoso.example`)] : [fileAttachment(dice, at, false)] } : {}),
        ...(dice.chance(0.1) ? { extendedProperties: [{ id: 'String {7d3a1c52-0e0f-4f57-8f1d-3c2a9b6f1e01} Name CostCentre', value: String(dice.int(100, 999)) }] } : {}),
      });
      // Meetings are asked for in the past only, so that no mail is from the future.
      if (meeting.attendees.length === 0 || meeting.asked > now.getTime() - DAY) continue;
      if (address !== meeting.organizer.address) {
        if (mayMail(owner)) addRequest(mailbox, meeting, owner, dice, serial);
      } else {
        meeting.attendees.forEach((asked, index) => {
          if (asked.type === 'resource' || asked.answered === undefined || asked.answered > now.getTime() || !mayMail(owner)) return;
          addAnswer(mailbox, meeting, index, dice, serial);
        });
      }
    }
  };

  for (const { meeting, exceptions, cancelled } of drawSeries(dice, now, seed)) spread(meeting, { exceptions, cancelled });
  const total = counts.get(main.address) ?? 0;
  const single = Math.min(3000, Math.max(24, Math.floor(total / 8)));
  for (let index = 0; index < single; index++) {
    const organizer = index % 2 === 0 ? main : (owners[1 + (index % (owners.length - 1))] as Colleague);
    spread(drawMeeting(dice, organizer, now, index, seed));
  }
  holidays(writer, main, now);
  return mail;
}

/** A calendar of all-day events that nobody organizes. */
function holidays(writer: SandboxWriter, main: Colleague, now: Date): void {
  const mailbox = writer.mailbox(main.address);
  if (mailbox === undefined) return;
  const calendar = mailbox.calendar('Norway holidays', { color: 'lightRed' });
  const year = now.getUTCFullYear();
  for (const at of [year - 1, year, year + 1]) {
    for (const [day, subject] of [['01-01', 'Første nyttårsdag'], ['05-17', 'Grunnlovsdag'], ['12-25', 'Første juledag']] as const) {
      mailbox.addEvent(calendar, {
        entity: {
          subject, isAllDay: true, start: { dateTime: `${at}-${day}T00:00:00.0000000`, timeZone: 'W. Europe Standard Time' }, end: { dateTime: `${dateOf(Date.parse(`${at}-${day}T00:00:00Z`) + DAY)}T00:00:00.0000000`, timeZone: 'W. Europe Standard Time' },
          showAs: 'free', isReminderOn: false, organizer: recipient(main), attendees: [], createdDateTime: '2024-01-02T09:00:00Z',
        },
      });
    }
  }
}
