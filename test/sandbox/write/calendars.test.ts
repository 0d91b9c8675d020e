import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, BOB, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const ME = `/users/${ANN}`;
const time = (dateTime: string, timeZone = 'UTC'): { readonly dateTime: string; readonly timeZone: string } => ({ dateTime, timeZone });

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
  const event = (user: string, subject: string, from: string, to: string, change: Row = {}): Promise<unknown> =>
    client.post(`/users/${user}/events`, { subject, start: time(`2026-03-02T${from}:00`), end: time(`2026-03-02T${to}:00`), ...change });
  await event(ANN, 'Mine', '09:00', '10:00');
  await event(ANN, 'Away', '09:30', '11:00', { showAs: 'oof' });
  await event(BOB, 'His', '13:00', '14:00', { showAs: 'tentative' });
  await event(BOB, 'Nothing', '08:00', '12:00', { showAs: 'free' });
});
afterAll(() => sandbox.close());

const codeOf = async (answer: Promise<{ readonly status: number; readonly error: { readonly code: string } }>): Promise<string> => {
  const { status, error } = await answer;
  return `${String(status)} ${error.code}`;
};

describe('calendars and groups', () => {
  test('create, change, delete', async () => {
    const { status, body } = await client.post(`${ME}/calendars`, { name: 'Side', color: 'lightGreen' });
    expect([status, body.name, body.color, body.isDefaultCalendar, body.isRemovable]).toEqual([201, 'Side', 'lightGreen', false, true]);
    expect(await codeOf(client.post(`${ME}/calendars`, { name: 'SIDE' }))).toBe('409 ErrorFolderExists');
    expect(await codeOf(client.post(`${ME}/calendars`, { color: 'auto' }))).toBe('400 ErrorInvalidRequest');
    expect(await codeOf(client.post(`${ME}/calendars`, { name: 'x', color: 'pink' }))).toBe('400 RequestBodyRead');
    expect(await codeOf(client.post(`${ME}/calendars`, { name: 'x', hexColor: '#fff' }))).toBe('400 ErrorInvalidPropertySet');
    const path = `${ME}/calendars/${String(body.id)}`;
    expect((await client.patch(path, { name: 'Other side', color: 'maxColor' }, { 'if-match': String(body['@odata.etag']) })).body).toMatchObject({ id: body.id, name: 'Other side', color: 'maxColor' });
    expect(await codeOf(client.patch(path, { name: 'x' }, { 'if-match': String(body['@odata.etag']) }))).toBe('412 ErrorIrresolvableConflict');
    const event = (await client.post(`${path}/events`, { start: time('2026-03-02T09:00:00'), end: time('2026-03-02T10:00:00') })).body;
    expect((await client.del(path)).status).toBe(204);
    expect((await client.get(`${ME}/events/${String(event.id)}`)).status).toBe(404);
    expect(await codeOf(client.del(`${ME}/calendar`))).toBe('400 ErrorDeleteDistinguishedFolder');
    expect((await client.patch(`${ME}/calendar`, { color: 'lightRed' })).body.color).toBe('lightRed');
  });

  test('a group goes only when it is empty', async () => {
    const group = (await client.post(`${ME}/calendarGroups`, { name: 'Projects' })).body;
    const calendar = await client.post(`${ME}/calendarGroups/${String(group.id)}/calendars`, { name: 'P1' });
    expect(calendar.status).toBe(201);
    expect((await client.get(`${ME}/calendarGroups/${String(group.id)}/calendars`)).rows.map((row) => row.name)).toEqual(['P1']);
    expect((await client.patch(`${ME}/calendarGroups/${String(group.id)}`, { name: 'Works' })).body.name).toBe('Works');
    expect((await client.del(`${ME}/calendarGroups/${String(group.id)}`)).status).toBe(400);
    expect((await client.del(`${ME}/calendarGroups/${String(group.id)}/calendars/${String(calendar.body.id)}`)).status).toBe(204);
    expect((await client.del(`${ME}/calendarGroups/${String(group.id)}`)).status).toBe(204);
  });
});

describe('free and busy', () => {
  const ask = (change: Row): ReturnType<TestClient['post']> =>
    client.post(`${ME}/calendar/getSchedule`, { schedules: [ANN, BOB, 'who@contoso.example'], startTime: time('2026-03-02T08:00:00'), endTime: time('2026-03-02T14:00:00'), availabilityViewInterval: 60, ...change });

  test('getSchedule: a digit per interval, details only of the own calendar, strangers with an error', async () => {
    const { status, rows } = await ask({});
    expect(status).toBe(200);
    expect(rows.map((row) => [row.scheduleId, row.availabilityView])).toEqual([[ANN, '033000'], [BOB, '000001'], ['who@contoso.example', '']]);
    expect(rows[0]!.scheduleItems).toMatchObject([{ subject: 'Mine', status: 'busy', start: time('2026-03-02T09:00:00.0000000') }, { subject: 'Away', status: 'oof' }]);
    expect((rows[1]!.scheduleItems as readonly Row[]).map((item) => [item.status, item.subject])).toEqual([['free', undefined], ['tentative', undefined]]);
    expect(rows[2]!.error).toMatchObject({ responseCode: 'ErrorMailRecipientNotFound' });
    expect((await ask({ availabilityViewInterval: undefined })).rows[0]!.availabilityView).toBe('002333000000');
  });

  test('getSchedule refuses windows and intervals out of bounds', async () => {
    expect(await codeOf(ask({ schedules: [] }))).toBe('400 ErrorInvalidParameter');
    expect(await codeOf(ask({ availabilityViewInterval: 4 }))).toBe('400 ErrorInvalidParameter');
    expect(await codeOf(ask({ endTime: time('2026-03-02T08:00:00') }))).toBe('400 ErrorInvalidParameter');
    expect(await codeOf(ask({ endTime: time('2026-06-02T08:00:00') }))).toBe('400 ErrorTimeIntervalTooBig');
    expect(await codeOf(ask({ startTime: { dateTime: '2026-03-02T08:00:00' } }))).toBe('400 TimeZoneNotSupportedException');
  });

  test('findMeetingTimes: free for everybody, in working hours, in order', async () => {
    const attendees = [{ type: 'required', emailAddress: { address: BOB } }];
    const slot = { start: time('2026-03-02T06:00:00'), end: time('2026-03-02T17:00:00') };
    const find = async (change: Row): Promise<Row> => (await client.post(`${ME}/findMeetingTimes`, { attendees, timeConstraint: { timeSlots: [slot] }, meetingDuration: 'PT1H', maxCandidates: 3, minimumAttendeePercentage: 100, ...change })).body;
    const found = (await find({})).meetingTimeSuggestions as readonly Row[];
    expect(found.map((one) => ((one.meetingTimeSlot as Row).start as Row).dateTime)).toEqual(['2026-03-02T07:00:00.0000000', '2026-03-02T07:30:00.0000000', '2026-03-02T08:00:00.0000000']);
    expect(found[0]).toMatchObject({ order: 1, confidence: 100, organizerAvailability: 'free', attendeeAvailability: [{ availability: 'free' }] });
    expect(await find({ timeConstraint: { timeSlots: [{ start: time('2026-03-02T13:00:00'), end: time('2026-03-02T14:00:00') }] } })).toMatchObject({ meetingTimeSuggestions: [], emptySuggestionsReason: 'AttendeesUnavailable' });
    expect((await client.post(`${ME}/findMeetingTimes`, { meetingDuration: 'soon' })).status).toBe(400);
    expect((await client.post(`${ME}/findMeetingTimes`)).status).toBe(200);
  });

  test('getMailTips', async () => {
    await client.patch(`/users/${BOB}/mailboxSettings`, { automaticRepliesSetting: { status: 'alwaysEnabled', internalReplyMessage: 'On leave' } });
    const { rows } = await client.post(`${ME}/getMailTips`, { EmailAddresses: [BOB, 'x@fabrikam.example'], MailTipsOptions: 'automaticReplies, mailboxFullStatus, recipientScope' });
    expect(rows).toMatchObject([{ emailAddress: { address: BOB }, automaticReplies: { message: 'On leave' }, mailboxFull: false, recipientScope: 'internal' }, { recipientScope: 'external', error: { code: 'ErrorInvalidRecipients' } }]);
    expect((await client.post(`${ME}/getMailTips`, { emailAddresses: [BOB], mailTipsOptions: 'weather' })).status).toBe(400);
  });

  test('reminderView', async () => {
    const path = `${ME}/reminderView(startDateTime='2026-03-02T00:00:00',endDateTime='2026-03-03T00:00:00')`;
    const [first, second] = (await client.get(path)).rows;
    expect([first!.eventSubject, (first!.reminderFireTime as Row).dateTime]).toEqual(['Mine', '2026-03-02T08:45:00.0000000']);
    await client.post(`${ME}/events/${String(first!.eventId)}/dismissReminder`);
    await client.post(`${ME}/events/${String(second!.eventId)}/snoozeReminder`, { newReminderTime: time('2026-03-02T09:20:00') });
    expect((await client.get(path)).rows.map((row) => [row.eventSubject, (row.reminderFireTime as Row).dateTime])).toEqual([['Away', '2026-03-02T09:20:00.0000000']]);
  });
});
