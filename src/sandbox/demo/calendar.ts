/**
 * Owns: single meetings and appointments: who, where, when, with which answers; and how a meeting is written down for one of
 * its people.
 * Does not own: series (series.ts), the mail about meetings (meeting-mail.ts).
 * Invariants: times are local to the organizer's zone; every colleague who is asked has a copy with the same iCalUId.
 */
import { base64Digits } from '../random.js';
import type { JsonObject } from '../writer.js';
import type { Dice } from './dice.js';
import { CONTACTED, ROOMS, SHARED, STAFF, recipient } from './people.js';
import type { Colleague, Person, Room } from './people.js';
import { noteBody } from './texts.js';

const DAY = 86_400_000;
const NEVER = '0001-01-01T00:00:00Z';

export type Response = 'none' | 'accepted' | 'declined' | 'tentativelyAccepted' | 'notResponded';

export interface Asked {
  readonly person: Person;
  readonly type: 'required' | 'optional' | 'resource';
  readonly response: Response;
  /** Milliseconds since 1970; undefined: has not answered. */
  readonly answered: number | undefined;
}

export interface Meeting {
  readonly uid: string;
  readonly subject: string;
  readonly html: string;
  readonly organizer: Person;
  readonly attendees: readonly Asked[];
  /** Local to `zone`, yyyy-mm-ddThh:mm:ss. */
  readonly start: string;
  readonly end: string;
  readonly zone: string;
  readonly isAllDay: boolean;
  readonly isCancelled: boolean;
  readonly location: JsonObject;
  readonly recurrence: JsonObject | null;
  /** When the request was sent, milliseconds since 1970. */
  readonly asked: number;
  readonly members: JsonObject;
}

const SUBJECTS = ['Planning', "Zoë's demo", 'Review of the "Q" numbers', '1:1', 'Kunde: Angebot', '周会', 'Interview (100% remote)', 'Workshop R&D', 'Coffee ☕', 'Встреча', 'Site visit', ''];

export function locationOf(dice: Dice, room: Room | undefined): JsonObject {
  if (room !== undefined) {
    return {
      displayName: room.name, locationType: 'conferenceRoom', uniqueId: room.address, uniqueIdType: 'directory', locationEmailAddress: room.address,
      address: { street: 'Kaigata 1', city: 'Oslo', state: '', countryOrRegion: 'Norway', postalCode: '0150' }, coordinates: { latitude: 59.91, longitude: 10.75 },
    };
  }
  if (dice.chance(0.5)) return { displayName: '', locationType: 'default', uniqueIdType: 'unknown', address: {}, coordinates: {} };
  return { displayName: dice.pick(['Phone', "O'Malley's", 'Kaffee & Co', '50% Café_Bar', '东京']), locationType: 'default', uniqueId: 'private', uniqueIdType: 'private', address: {}, coordinates: {} };
}

function answer(dice: Dice, asked: number): Pick<Asked, 'response' | 'answered'> {
  const roll = dice.roll();
  const response: Response = roll < 0.5 ? 'accepted' : roll < 0.65 ? 'tentativelyAccepted' : roll < 0.8 ? 'declined' : roll < 0.92 ? 'none' : 'notResponded';
  return { response, answered: response === 'none' || response === 'notResponded' ? undefined : asked + dice.int(60_000, 2 * DAY) };
}

export function askPeople(dice: Dice, organizer: Person, asked: number, count: number, room: Room | undefined): Asked[] {
  const candidates: readonly Person[] = [...STAFF, SHARED, ...CONTACTED.slice(0, 8)];
  const people = dice.some(candidates.filter((person) => person.address !== organizer.address), count);
  const list: Asked[] = people.map((person) => ({ person, type: dice.chance(0.25) ? 'optional' : 'required', ...answer(dice, asked) }));
  if (room !== undefined) list.push({ person: room, type: 'resource', response: 'accepted', answered: asked + 2000 });
  return list;
}

const pad = (value: number): string => String(value).padStart(2, '0');
export const localTime = (date: string, minutes: number): string => `${date}T${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}:00`;
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A single meeting within a year before and four months after `now`. */
export function drawMeeting(dice: Dice, organizer: Colleague, now: Date, serial: number, seed: number): Meeting {
  const zone = organizer.mailbox.timeZone ?? 'UTC';
  const day = now.getTime() + dice.int(-365, 120) * DAY;
  const date = dateOf(day);
  const isAllDay = dice.chance(0.08);
  const from = dice.int(14, 34) * 30;
  const length = dice.pick([15, 25, 30, 50, 60, 60, 90, 240, 0]);
  const lone = dice.chance(0.25);
  const room = !lone && dice.chance(0.35) ? dice.pick(ROOMS) : undefined;
  const asked = Math.min(day - dice.int(1, 20) * DAY, now.getTime() - DAY);
  const isCancelled = !lone && dice.chance(0.05);
  const subject = `${isCancelled ? 'Canceled: ' : ''}${dice.pick(SUBJECTS)}${dice.chance(0.5) ? ` ${dice.int(1, 99)}` : ''}`;
  // Some appointments run past midnight, some over a week.
  const days = isAllDay ? dice.pick([1, 1, 1, 2, 7]) : 0;
  const over = !isAllDay && from + length >= 1440;
  return {
    uid: `040000008200E00074C5B7101A82E008${base64Digits(24, seed, serial, 31).replace(/[-_]/g, '0').toUpperCase()}`, subject, html: noteBody(dice, ['agenda', 'draft', 'demo']), organizer,
    attendees: lone ? [] : askPeople(dice, organizer, asked, dice.int(1, 4), room),
    start: isAllDay ? `${date}T00:00:00` : localTime(date, from), end: isAllDay ? `${dateOf(day + days * DAY)}T00:00:00` : over ? localTime(dateOf(day + DAY), (from + length) % 1440) : localTime(date, from + length),
    zone, isAllDay, isCancelled, location: locationOf(dice, room), recurrence: null, asked,
    members: {
      importance: dice.chance(0.08) ? 'high' : 'normal', sensitivity: dice.chance(0.07) ? 'private' : 'normal', categories: dice.chance(0.15) ? [dice.pick(['Green category', '100% done'])] : [],
      showAs: isAllDay ? dice.pick(['free', 'oof', 'workingElsewhere']) : dice.pick(['busy', 'busy', 'busy', 'tentative']), reminderMinutesBeforeStart: dice.pick([0, 15, 15, 30, 1080]), isReminderOn: dice.chance(0.8),
      hideAttendees: dice.chance(0.03), allowNewTimeProposals: dice.chance(0.9),
      ...(dice.chance(0.3) ? { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness', onlineMeeting: { joinUrl: `https://meet.contoso.example/j/${serial}?p=100%25`, conferenceId: String(dice.int(1e6, 1e7)) } } : {}),
    },
  };
}

/** The event entity of a meeting in the calendar of one of its people. */
export function eventOf(meeting: Meeting, owner: Person): JsonObject {
  const own = owner.address === meeting.organizer.address;
  const mine = meeting.attendees.find((asked) => asked.person.address === owner.address);
  const time = (ms: number | undefined): string => (ms === undefined ? NEVER : new Date(ms).toISOString());
  return {
    ...meeting.members, subject: meeting.subject, body: { contentType: 'html', content: meeting.html },
    start: { dateTime: `${meeting.start}.0000000`, timeZone: meeting.zone }, end: { dateTime: `${meeting.end}.0000000`, timeZone: meeting.zone },
    isAllDay: meeting.isAllDay, isCancelled: meeting.isCancelled, isOrganizer: own, iCalUId: meeting.uid, organizer: recipient(meeting.organizer), location: meeting.location,
    locations: meeting.location['displayName'] === '' ? [] : [meeting.location], recurrence: meeting.recurrence,
    responseStatus: own ? { response: 'organizer', time: NEVER } : { response: mine?.response ?? 'none', time: time(mine?.answered) },
    // Only the organizer sees what the others answered.
    attendees: meeting.attendees.map((asked) => ({
      type: asked.type, status: own || asked === mine ? { response: asked.response, time: time(asked.answered) } : { response: 'none', time: NEVER }, ...recipient(asked.person),
    })),
    createdDateTime: new Date(meeting.asked).toISOString(), lastModifiedDateTime: new Date(meeting.asked + 60_000).toISOString(),
  };
}
