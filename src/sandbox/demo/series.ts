/**
 * Owns: the recurring meetings: all six patterns, all three ranges, changed and cancelled occurrences on both sides of a clock change.
 * Does not own: single meetings, expansion (recurrence/).
 * Invariants: a series starts on a date its pattern has; exceptions and cancellations name dates of the series.
 */
import { base64Digits } from '../random.js';
import { expandRecurrence, WEEKDAYS } from '../recurrence/index.js';
import type { Recurrence, RecurrencePattern } from '../recurrence/index.js';
import type { JsonObject } from '../writer.js';
import { offsetMinutes } from '../zones/index.js';
import { askPeople, dateOf, localTime, locationOf } from './calendar.js';
import type { Meeting } from './calendar.js';
import type { Dice } from './dice.js';
import { ROOMS, STAFF } from './people.js';
import type { Colleague } from './people.js';
import { noteBody } from './texts.js';

const DAY = 86_400_000;

export interface Series {
  readonly meeting: Meeting;
  readonly exceptions: readonly { readonly date: string; readonly entity: JsonObject }[];
  readonly cancelled: readonly string[];
}

interface Plan {
  readonly subject: string;
  readonly pattern: RecurrencePattern;
  readonly range: 'noEnd' | 'endDate' | 'numbered';
  /** Days from now to the first day the series may start on. */
  readonly from: number;
  /** Days to the end, or the number of occurrences. */
  readonly length?: number;
  /** Minutes after midnight and length; undefined: all day. */
  readonly at?: readonly [number, number];
  readonly organizer: number;
  readonly people: number;
}

const PLANS: readonly Plan[] = [
  { subject: 'Stand-up', pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday', 'wednesday', 'friday'], firstDayOfWeek: 'monday' }, range: 'noEnd', from: -400, at: [555, 15], organizer: 0, people: 4 },
  { subject: 'Transatlantic sync', pattern: { type: 'weekly', interval: 2, daysOfWeek: ['tuesday'], firstDayOfWeek: 'sunday' }, range: 'endDate', from: -330, length: 600, at: [600, 45], organizer: 4, people: 3 },
  { subject: 'Sprint daily', pattern: { type: 'daily', interval: 1 }, range: 'numbered', from: -20, length: 30, at: [540, 10], organizer: 0, people: 2 },
  { subject: 'Water the plants 🌱', pattern: { type: 'daily', interval: 3 }, range: 'endDate', from: -120, length: 200, at: [1020, 5], organizer: 0, people: 0 },
  { subject: 'Month-end close', pattern: { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 }, range: 'noEnd', from: -500, at: [840, 120], organizer: 3, people: 3 },
  { subject: 'Board meeting (2nd Tuesday)', pattern: { type: 'relativeMonthly', interval: 1, daysOfWeek: ['tuesday'], index: 'second' }, range: 'noEnd', from: -360, at: [780, 180], organizer: 0, people: 4 },
  { subject: 'Last working day drinks', pattern: { type: 'relativeMonthly', interval: 2, daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], index: 'last' }, range: 'numbered', from: -300, length: 12, at: [990, 60], organizer: 1, people: 4 },
  { subject: "Ada's birthday", pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: 29, month: 2 }, range: 'noEnd', from: -1500, organizer: 0, people: 0 },
  { subject: 'Summer kick-off', pattern: { type: 'relativeYearly', interval: 1, daysOfWeek: ['friday'], index: 'first', month: 6 }, range: 'noEnd', from: -800, organizer: 0, people: 3 },
  { subject: 'Audit (yearly, five times)', pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: 15, month: 10 }, range: 'numbered', from: -700, length: 5, at: [540, 480], organizer: 3, people: 2 },
];

export function drawSeries(dice: Dice, now: Date, seed: number): Series[] {
  return PLANS.map((plan, index) => one(plan, dice, now, seed, index));
}

function one(plan: Plan, dice: Dice, now: Date, seed: number, index: number): Series {
  const organizer = STAFF[plan.organizer] as Colleague;
  const zone = organizer.mailbox.timeZone ?? 'UTC';
  const earliest = dateOf(now.getTime() + plan.from * DAY);
  const first = expandRecurrence({ pattern: plan.pattern, range: { type: 'noEnd', startDate: earliest } }, { from: earliest, to: '9999-12-31' }, 1)[0] ?? earliest;
  const until = dateOf(Date.parse(`${first}T00:00:00Z`) + (plan.length ?? 0) * DAY);
  const recurrence: Recurrence = {
    pattern: plan.pattern,
    range: { type: plan.range, startDate: first, ...(plan.range === 'endDate' ? { endDate: until } : {}), ...(plan.range === 'numbered' ? { numberOfOccurrences: plan.length ?? 1 } : {}) },
  };
  const isAllDay = plan.at === undefined;
  const [from, minutes] = plan.at ?? [0, 0];
  const room = plan.people > 2 ? dice.pick(ROOMS) : undefined;
  const asked = Date.parse(`${first}T06:00:00Z`) - 5 * DAY;
  const meeting: Meeting = {
    uid: `040000008200E00074C5B7101A82E008${base64Digits(24, seed, index, 37).replace(/[-_]/g, '1').toUpperCase()}`, subject: plan.subject, html: noteBody(dice, ['agenda', 'minutes']), organizer,
    attendees: plan.people === 0 ? [] : askPeople(dice, organizer, asked, plan.people, room), start: localTime(first, from),
    end: isAllDay ? `${dateOf(Date.parse(`${first}T00:00:00Z`) + DAY)}T00:00:00` : localTime(first, from + minutes), zone, isAllDay, isCancelled: false, location: locationOf(dice, room),
    recurrence: asJson(recurrence, zone), asked, members: { showAs: isAllDay ? 'free' : 'busy', categories: index % 4 === 0 ? ['Red category'] : [], isReminderOn: !isAllDay, reminderMinutesBeforeStart: 10 },
  };
  return { meeting, ...changes(recurrence, meeting, from, minutes, now, dice) };
}

/** As the service writes a recurrence: unused members are 0, 'first', '0001-01-01'. */
function asJson({ pattern, range }: Recurrence, zone: string): JsonObject {
  return {
    pattern: {
      type: pattern.type, interval: pattern.interval, month: pattern.month ?? 0, dayOfMonth: pattern.dayOfMonth ?? 0, firstDayOfWeek: pattern.firstDayOfWeek ?? 'sunday', index: pattern.index ?? 'first',
      ...(pattern.daysOfWeek === undefined ? {} : { daysOfWeek: [...pattern.daysOfWeek].sort((a, b) => WEEKDAYS.indexOf(a) - WEEKDAYS.indexOf(b)) }),
    },
    range: { type: range.type, startDate: range.startDate, endDate: range.endDate ?? '0001-01-01', recurrenceTimeZone: zone, numberOfOccurrences: range.numberOfOccurrences ?? 0 },
  };
}

/** Around the last clock change before `now` one occurrence is cancelled and one moved; and a few others anywhere. */
function changes(recurrence: Recurrence, meeting: Meeting, from: number, minutes: number, now: Date, dice: Dice): Pick<Series, 'exceptions' | 'cancelled'> {
  const year = { from: dateOf(now.getTime() - 365 * DAY), to: dateOf(now.getTime() + 60 * DAY) };
  const dates = expandRecurrence(recurrence, year);
  if (meeting.isAllDay || dates.length < 4) return { exceptions: [], cancelled: [] };
  const turn = lastClockChange(now, meeting.zone);
  const after = Math.max(1, dates.findIndex((date) => Date.parse(`${date}T12:00:00Z`) > turn));
  const cancelled = new Set([dates[after - 1] as string]);
  const moved = new Map<string, JsonObject>();
  const change = (date: string | undefined, entity: JsonObject): void => {
    if (date !== undefined && !cancelled.has(date)) moved.set(date, entity);
  };
  const span = (date: string, start: number, end: number): JsonObject => ({
    start: { dateTime: `${localTime(date, start)}.0000000`, timeZone: meeting.zone }, end: { dateTime: `${localTime(date, end)}.0000000`, timeZone: meeting.zone },
  });
  const next = dates[after];
  if (next !== undefined) change(next, { ...span(next, from + 60, from + 60 + minutes), subject: `${meeting.subject} (one hour later)` });
  const other = dates[Math.max(0, after - 3)];
  if (other !== undefined) change(other, { ...span(dateOf(Date.parse(`${other}T00:00:00Z`) + DAY), from, from + minutes), location: { displayName: "O'Malley's", locationType: 'default', uniqueIdType: 'unknown', address: {}, coordinates: {} } });
  for (const date of dice.some(dates, Math.floor(dates.length / 25))) {
    if (moved.has(date)) continue;
    if (dice.chance(0.5)) cancelled.add(date);
    else change(date, { subject: `${meeting.subject} — "special" 100%`, importance: 'high' });
  }
  return { exceptions: [...moved].map(([date, entity]) => ({ date, entity })), cancelled: [...cancelled] };
}

/** Milliseconds since 1970 of the last day whose offset differs from the day before; `now` less 100 days for zones without any. */
function lastClockChange(now: Date, zone: string): number {
  const noon = Math.floor(now.getTime() / DAY) * DAY + DAY / 2;
  for (let back = 0; back < 365; back++) {
    const at = noon - back * DAY;
    if (offsetMinutes(at, zone) !== offsetMinutes(at - DAY, zone)) return at - DAY;
  }
  return noon - 100 * DAY;
}
