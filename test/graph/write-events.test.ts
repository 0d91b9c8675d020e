import { describe, expect, it } from 'vitest';
import { ExchangeSqlError } from '../../src/errors.js';
import { job, read, requests } from './write-fixture.js';
import type { Values, Wish } from './write-fixture.js';
import type { WriteKind } from '../../src/scan/write.js';

function refused(kind: WriteKind, table: string, wish: Wish): ExchangeSqlError {
  try {
    job(kind, table, wish);
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const inserted = (set: Values): Record<string, unknown> => requests('insert', 'Events', { set: { subject: 'Talk', ...set } })[0]![1] as Record<string, unknown>;
const updated = (set: Values, of: Values): unknown => requests('update', 'Events', { set, of: { id: 'E', userId: 'me', ...of } })[0]![1];

describe('a new event', () => {
  it('has a transaction id of its own, so that a repeat makes no second one', () => {
    const { steps } = job('insert', 'Events', { set: { subject: 'Talk', start_dateTime: '2026-05-01T09:00:00', end_dateTime: '2026-05-01T10:00:00' } });
    expect(steps).toMatchObject([{ method: 'POST', url: '/me/events', repeat: 'absolute', body: { json: { transactionId: 'new-1' } } }]);
    expect(inserted({ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', transactionId: 'mine' })['transactionId']).toBe('mine');
  });

  it('is made in the calendar named', () => {
    expect(requests('insert', 'Events', { set: { start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', calendarId: 'C/1', userId: 'ben@contoso.example' } })[0]![0]).toBe('POST /users/ben%40contoso.example/calendars/C%2F1/events');
  });

  it.each([
    ['on the clock of its zone', { start_dateTime: '2026-05-01T09:00:00', start_timeZone: 'W. Europe Standard Time', end_dateTime: '2026-05-01 10:30' }, ['2026-05-01T09:00:00', 'W. Europe Standard Time'], ['2026-05-01T10:30:00', 'W. Europe Standard Time']],
    ['UTC without a zone', { start_dateTime: '2026-05-01T09:00:00', end_dateTime: '2026-05-01T10:00:00Z' }, ['2026-05-01T09:00:00', 'UTC'], ['2026-05-01T10:00:00', 'UTC']],
    ['with an offset, in the zone', { start_dateTime: '2026-05-01T09:00:00Z', start_timeZone: 'Europe/Berlin', end_dateTime: '2026-05-01T07:00:00-05:00' }, ['2026-05-01T11:00:00', 'Europe/Berlin'], ['2026-05-01T14:00:00', 'Europe/Berlin']],
    ['an IANA name the service does not list goes as the Windows name', { start_dateTime: '2026-05-01T09:00:00', start_timeZone: 'Europe/Vienna', end_dateTime: '2026-05-01T10:00:00' }, ['2026-05-01T09:00:00', 'W. Europe Standard Time'], ['2026-05-01T10:00:00', 'W. Europe Standard Time']],
    ['an end in a zone of its own', { start_dateTime: '2026-05-01T09:00:00', start_timeZone: 'Europe/Berlin', end_dateTime: '2026-05-01T12:00:00', end_timeZone: 'Europe/London' }, ['2026-05-01T09:00:00', 'Europe/Berlin'], ['2026-05-01T12:00:00', 'Europe/London']],
    ['winter time', { start_dateTime: '2026-12-01T09:00:00Z', start_timeZone: 'Europe/Berlin', end_dateTime: '2026-12-01T10:00:00Z' }, ['2026-12-01T10:00:00', 'Europe/Berlin'], ['2026-12-01T11:00:00', 'Europe/Berlin']],
  ] as const)('times: %s', (_, set, [start, startZone], [end, endZone]) => {
    expect(inserted(set)).toMatchObject({ start: { dateTime: start, timeZone: startZone }, end: { dateTime: end, timeZone: endZone } });
  });

  it.each([
    [{ start_dateTime: '2026-05-01T09:00:00' }, 'MISSING_COLUMN', 'INSERT INTO Events needs a value for end_dateTime.'],
    [{ start_dateTime: '2026-05-01T09:00:00', end_dateTime: 'tomorrow' }, 'BAD_VALUE', 'Events.end_dateTime takes a date or a timestamp.'],
    [{ start_dateTime: '2026-05-01T09:00:00', end_dateTime: '2026-05-01T08:00:00' }, 'BAD_VALUE', 'Events.end_dateTime is before start_dateTime.'],
    [{ start_dateTime: '2026-05-01T09:00:00', end_dateTime: '2026-05-01T10:00:00', start_timeZone: 'Mars' }, 'BAD_VALUE', 'Events.start_timeZone names no time zone the service knows.'],
    [{ start_dateTime: '2026-05-01T09:00:00', end_dateTime: '2026-05-02', isAllDay: 1n }, 'BAD_VALUE', 'Events.start_dateTime has to be midnight: the event lasts whole days.'],
    [{ start_dateTime: '2026-05-01', end_dateTime: '2026-05-01', isAllDay: 1n }, 'BAD_VALUE', 'Events.end_dateTime has to be after start_dateTime: the end of whole days is the midnight after the last one.'],
    [{ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', isAllDay: 1n, start_timeZone: 'Europe/Berlin', end_timeZone: 'UTC' }, 'BAD_VALUE', 'Events.end_timeZone has to be start_timeZone: the event lasts whole days.'],
    [{ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', recurrence_pattern_interval: 2n }, 'MISSING_COLUMN', 'A recurrence of Events needs a value for recurrence_pattern_type.'],
    [{ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', recurrence_pattern_type: 'daily', recurrence_pattern_month: 2n }, 'BAD_VALUE', 'Events.recurrence_pattern_month does not go with the pattern daily.'],
    [{ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', recurrence_pattern_type: 'daily', recurrence_range_startDate: '2026-05-03' }, 'BAD_VALUE', 'Events.recurrence_range_startDate has to be the day of the start, 2026-05-01.'],
    [{ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', recurrence_pattern_type: 'daily', recurrence_range_type: 'numbered' }, 'MISSING_COLUMN', 'A recurrence of Events needs a value for recurrence_range_numberOfOccurrences.'],
    [{ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', start_localDateTime: '2026-05-01' }, 'NOT_WRITABLE', 'Events.start_localDateTime cannot be written: it is computed.'],
  ] as const)('refuses %o', (set, code, message) => {
    expect(refused('insert', 'Events', { set })).toMatchObject({ code, message });
  });

  it('of whole days is sent from midnight to midnight in one zone', () => {
    expect(inserted({ start_dateTime: '2026-05-01', end_dateTime: '2026-05-03T00:00:00Z', isAllDay: 'true', start_timeZone: 'Europe/Berlin' })).toMatchObject({
      isAllDay: true,
      start: { dateTime: '2026-05-01T00:00:00', timeZone: 'Europe/Berlin' },
      end: { dateTime: '2026-05-03T00:00:00', timeZone: 'Europe/Berlin' },
    });
  });

  const week = { start_dateTime: '2026-05-01T22:30:00Z', start_timeZone: 'Europe/Berlin', end_dateTime: '2026-05-01T23:00:00Z' };
  it.each([
    ['weekly on the day of the start', { recurrence_pattern_type: 'weekly' }, { pattern: { type: 'weekly', interval: 1, daysOfWeek: ['saturday'] }, range: { type: 'noEnd', startDate: '2026-05-02' } }],
    ['on days listed', { recurrence_pattern_type: 'Weekly', recurrence_pattern_daysOfWeek: 'Monday, saturday', recurrence_pattern_interval: 2n, recurrence_pattern_firstDayOfWeek: 'monday', recurrence_range_numberOfOccurrences: 5n }, { pattern: { type: 'weekly', interval: 2, daysOfWeek: ['monday', 'saturday'], firstDayOfWeek: 'monday' }, range: { type: 'numbered', startDate: '2026-05-02', numberOfOccurrences: 5 } }],
    ['monthly until a day', { recurrence_pattern_type: 'absoluteMonthly', recurrence_range_endDate: '2026-12-31' }, { pattern: { type: 'absoluteMonthly', interval: 1, dayOfMonth: 2 }, range: { type: 'endDate', startDate: '2026-05-02', endDate: '2026-12-31' } }],
    ['the last Friday of a month', { recurrence_pattern_type: 'relativeMonthly', recurrence_pattern_index: 'last', recurrence_pattern_daysOfWeek: '["friday"]' }, { pattern: { type: 'relativeMonthly', interval: 1, daysOfWeek: ['friday'], index: 'last' }, range: { type: 'noEnd', startDate: '2026-05-02' } }],
    ['yearly', { recurrence_pattern_type: 'absoluteYearly' }, { pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: 2, month: 5 }, range: { type: 'noEnd', startDate: '2026-05-02' } }],
  ] as const)('recurs %s', (_, set, recurrence) => {
    expect(inserted({ ...week, ...set })['recurrence']).toEqual(recurrence);
  });

  it('tells its attendees', () => {
    const { mails } = job('insert', 'Events', { set: { start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', attendees: 'Ann <ann@contoso.example>; ben@contoso.example' } });
    expect(mails).toEqual(['ann@contoso.example', 'ben@contoso.example']);
    expect(inserted({ start_dateTime: '2026-05-01', end_dateTime: '2026-05-02', attendees: 'ben@contoso.example' })['attendees']).toEqual([{ emailAddress: { address: 'ben@contoso.example' }, type: 'required' }]);
  });
});

describe('a changed event', () => {
  const of = { start_dateTime: '2026-05-01T07:00:00Z', start_timeZone: 'UTC', end_dateTime: '2026-05-01T08:00:00Z', end_timeZone: 'UTC', originalStartTimeZone: 'W. Europe Standard Time', originalEndTimeZone: 'W. Europe Standard Time', isAllDay: 0n };

  it('reads no times to change its subject', () => {
    expect(read('update', 'Events', { set: { subject: 'x' } })).toEqual(['id', 'userId', 'attendees', 'isOrganizer']);
    expect(read('update', 'Events', { set: { categories: '[]' } })).toEqual(['id', 'userId']);
  });

  it.each([
    ['a time keeps the zone the event was written in', { start_dateTime: '2026-05-01T09:00:00Z' }, { start: { dateTime: '2026-05-01T11:00:00', timeZone: 'W. Europe Standard Time' } }],
    ['without an offset it is in start_timeZone as it is shown, UTC', { start_dateTime: '2026-05-01T09:00:00' }, { start: { dateTime: '2026-05-01T11:00:00', timeZone: 'W. Europe Standard Time' } }],
    ['in a zone that is set', { start_dateTime: '2026-05-01T09:00:00', start_timeZone: 'Asia/Tokyo' }, { start: { dateTime: '2026-05-01T09:00:00', timeZone: 'Asia/Tokyo' } }],
    ['a zone alone leaves the moment', { start_timeZone: 'Asia/Tokyo' }, { start: { dateTime: '2026-05-01T16:00:00', timeZone: 'Asia/Tokyo' } }],
  ] as const)('%s', (_, set, body) => {
    expect(updated(set, of)).toEqual(body);
  });

  it('of whole days keeps its days and is sent with both', () => {
    const days = { ...of, isAllDay: 1n, start_dateTime: '2026-05-01T00:00:00Z', end_dateTime: '2026-05-02T00:00:00Z' };
    expect(updated({ end_dateTime: '2026-05-03' }, days)).toEqual({ start: { dateTime: '2026-05-01T00:00:00', timeZone: 'W. Europe Standard Time' }, end: { dateTime: '2026-05-03T00:00:00', timeZone: 'W. Europe Standard Time' } });
    expect(() => updated({ isAllDay: 1n }, of)).toThrow(/midnight/);
  });

  it('keeps the rest of its recurrence, without members that do not count', () => {
    const series = { ...of, recurrence_pattern_type: 'weekly', recurrence_pattern_interval: 1n, recurrence_pattern_daysOfWeek: '["friday"]', recurrence_pattern_firstDayOfWeek: 'sunday', recurrence_pattern_dayOfMonth: 0n, recurrence_pattern_month: 0n, recurrence_range_type: 'noEnd', recurrence_range_startDate: '2026-05-01', recurrence_range_endDate: '0001-01-01', recurrence_range_numberOfOccurrences: 0n };
    expect(updated({ recurrence_pattern_interval: 2n }, series)).toEqual({ recurrence: { pattern: { type: 'weekly', interval: 2, daysOfWeek: ['friday'], firstDayOfWeek: 'sunday' }, range: { type: 'noEnd', startDate: '2026-05-01' } } });
    expect(updated({ recurrence_range_endDate: '2026-06-30' }, series)).toMatchObject({ recurrence: { range: { type: 'endDate', startDate: '2026-05-01', endDate: '2026-06-30' } } });
    expect(updated({ recurrence_pattern_type: null }, series)).toEqual({ recurrence: null });
  });

  it('tells attendees before and after, if it is the organizer that changes it', () => {
    const attendees = JSON.stringify([{ emailAddress: { address: 'ann@contoso.example' } }]);
    const mails = (kind: WriteKind, set: Values, more: Values): readonly string[] => job(kind, 'Events', { set, of: { id: 'E', userId: 'me', attendees, ...more } }).mails;
    expect(mails('update', { attendees: 'ben@contoso.example' }, { isOrganizer: 1n })).toEqual(['ben@contoso.example', 'ann@contoso.example']);
    expect(mails('update', { subject: 'x' }, { isOrganizer: 0n })).toEqual([]);
    expect(mails('update', { showAs: 'free' }, { isOrganizer: 1n })).toEqual([]);
    expect(mails('delete', {}, { isOrganizer: 1n })).toEqual(['ann@contoso.example']);
  });

  it('does not move to another calendar', () => {
    expect(refused('update', 'Events', { set: { calendarId: 'C' } })).toMatchObject({ code: 'NOT_WRITABLE', hint: 'Graph does not move events between calendars; insert the event into the other calendar and delete this one.' });
  });
});

describe('tasks', () => {
  it('are made in their list, and recur from their start', () => {
    expect(requests('insert', 'TodoTasks', { set: { listId: 'L', title: 'Report', dueDateTime_dateTime: '2026-05-04', recurrence_pattern_type: 'weekly' } })).toEqual([
      ['POST /me/todo/lists/L/tasks', { title: 'Report', dueDateTime: { dateTime: '2026-05-04T00:00:00', timeZone: 'UTC' }, recurrence: { pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] }, range: { type: 'noEnd', startDate: '2026-05-04' } } }],
    ]);
    expect(job('insert', 'TodoTasks', { set: { listId: 'L', title: 'Report' } }).steps[0]!.repeat).toMatchObject({ find: { by: 'likeness', equal: { title: 'Report' }, created: 'createdDateTime' } });
    expect(requests('update', 'ChecklistItems', { set: { isChecked: 1n }, of: { listId: 'L', taskId: 'T', id: 'I', userId: 'me' } })).toEqual([['PATCH /me/todo/lists/L/tasks/T/checklistItems/I', { isChecked: true }]]);
  });
});

describe('settings of a mailbox', () => {
  const of = { userId: 'ben@contoso.example', workingHours_daysOfWeek: '["monday"]', workingHours_startTime: '08:00:00', workingHours_endTime: '17:00:00', workingHours_timeZone_name: 'UTC' };
  it('are patched, working hours whole', () => {
    expect(requests('update', 'MailboxSettings', { set: { workingHours_endTime: '16:30', timeZone: 'UTC' }, of })).toEqual([
      ['PATCH /users/ben%40contoso.example/mailboxSettings', { timeZone: 'UTC', workingHours: { daysOfWeek: ['monday'], startTime: '08:00:00.0000000', endTime: '16:30:00.0000000', timeZone: { name: 'UTC' } } }],
    ]);
  });
  it('automatic replies of a time need its bounds', () => {
    expect(refused('update', 'MailboxSettings', { set: { automaticRepliesSetting_status: 'scheduled' }, of })).toMatchObject({ code: 'BAD_VALUE' });
    expect(requests('update', 'MailboxSettings', { set: { automaticRepliesSetting_status: 'alwaysEnabled', automaticRepliesSetting_internalReplyMessage: 'Away' }, of })[0]![1]).toEqual({ automaticRepliesSetting: { status: 'alwaysEnabled', internalReplyMessage: 'Away' } });
  });
});
