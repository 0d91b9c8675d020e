import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, BOB, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const ME = `/users/${ANN}`;
const ZONE = 'W. Europe Standard Time';
const time = (dateTime: string, timeZone = ZONE): { readonly dateTime: string; readonly timeZone: string } => ({ dateTime, timeZone });
const HOUR = { start: time('2026-03-02T09:00:00'), end: time('2026-03-02T10:00:00') };

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

const add = async (body: Row, path = `${ME}/events`): Promise<Row> => {
  const answer = await client.post(path, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const codeOf = async (answer: Promise<{ readonly status: number; readonly error: { readonly code: string } }>): Promise<string> => {
  const { status, error } = await answer;
  return `${String(status)} ${error.code}`;
};
const view = async (from: string, to: string): Promise<readonly Row[]> => client.all(`${ME}/calendarView?startDateTime=${from}T00:00:00Z&endDateTime=${to}T00:00:00Z`);
const starts = (rows: readonly Row[], subject: string): unknown[] => rows.filter((row) => row.subject === subject).map((row) => String((row.start as Row).dateTime).slice(0, 16));

describe('creating', () => {
  test('an appointment: times in both kinds of zone names, defaults, the zone preference in the answer', async () => {
    const body = await add({ subject: 'Plan', ...HOUR, body: { contentType: 'text', content: 'All of it' }, location: { displayName: 'Room 1' }, end: time('2026-03-02T10:30:00', 'Europe/Paris') });
    expect(body).toMatchObject({
      subject: 'Plan', start: time('2026-03-02T08:00:00.0000000', 'UTC'), end: time('2026-03-02T09:30:00.0000000', 'UTC'), originalStartTimeZone: ZONE, originalEndTimeZone: 'Europe/Paris', type: 'singleInstance',
      isOrganizer: true, responseStatus: { response: 'organizer' }, organizer: { emailAddress: { address: ANN } }, showAs: 'busy', bodyPreview: 'All of it', location: { displayName: 'Room 1' }, locations: [{ displayName: 'Room 1' }], attendees: [],
    });
    const local = await client.post(`${ME}/calendar/events`, { ...HOUR }, { prefer: `outlook.timezone="${ZONE}"` });
    expect(local.body.start).toEqual(time('2026-03-02T09:00:00.0000000'));
    expect((await client.get(`${ME}/events/${String(body.id)}`)).body.iCalUId).toBe(body.iCalUId);
  });

  test('times that are refused', async () => {
    const refused = (change: Row): Promise<string> => codeOf(client.post(`${ME}/events`, { subject: 'x', ...HOUR, ...change }));
    expect(await refused({ start: undefined })).toBe('400 ErrorPropertyValidationFailure');
    expect(await refused({ start: { dateTime: '2026-03-02T09:00:00' } })).toBe('400 TimeZoneNotSupportedException');
    expect(await refused({ start: time('2026-03-02T09:00:00', 'Mars/Olympus') })).toBe('400 TimeZoneNotSupportedException');
    expect(await refused({ start: time('2026-03-02T09:00:00+01:00') })).toBe('400 ErrorInvalidParameter');
    expect(await refused({ start: time('2026-02-30T09:00:00') })).toBe('400 ErrorInvalidParameter');
    expect(await refused({ end: time('2026-03-02T08:00:00') })).toBe('400 ErrorPropertyValidationFailure');
    expect(await refused({ isAllDay: true })).toBe('400 ErrorInvalidTimeForEvent');
    const day = { start: time('2026-03-02T00:00:00'), end: time('2026-03-03T00:00:00') };
    expect(await refused({ isAllDay: true, ...day, end: time('2026-03-03T00:00:00', 'UTC') })).toBe('400 ErrorInvalidTimeForEvent');
    expect(await refused({ isAllDay: true, ...day, end: day.start })).toBe('400 ErrorPropertyValidationFailure');
    expect(await refused({ isAllDay: true, ...day })).toBe('201 ');
    expect(await refused({ showAs: 'away' })).toBe('400 RequestBodyRead');
    expect(await refused({ iCalUId: 'x' })).toBe('400 ErrorInvalidPropertySet');
    expect(await refused({ attendees: [{ emailAddress: { name: 'nobody' } }] })).toBe('400 ErrorInvalidRecipients');
  });

  test('a transactionId makes a repetition harmless, and stays', async () => {
    const body = { subject: 'Once', ...HOUR, transactionId: '7e163156-7762-4beb-a1c6-729ea81755a7' };
    const first = await add(body);
    expect(first.transactionId).toBe(body.transactionId);
    expect((await add({ ...body, subject: 'Twice' }))).toMatchObject({ id: first.id, subject: 'Once' });
    expect(await codeOf(client.patch(`${ME}/events/${String(first.id)}`, { transactionId: 'other' }))).toBe('400 ErrorInvalidPropertySet');
  });

  test('online meetings get a link and stay online', async () => {
    const { id, onlineMeeting, onlineMeetingProvider } = await add({ subject: 'Call', ...HOUR, isOnlineMeeting: true });
    expect([typeof (onlineMeeting as Row).joinUrl, onlineMeetingProvider]).toEqual(['string', 'teamsForBusiness']);
    expect((await client.patch(`${ME}/events/${String(id)}`, { isOnlineMeeting: false })).body).toMatchObject({ isOnlineMeeting: true, onlineMeeting });
  });

  test('in another calendar', async () => {
    sandbox.writer.mailbox(ANN)!.calendar('Team');
    const team = (await client.get(`${ME}/calendars`)).rows.find((row) => row.name === 'Team')!;
    const { id } = await add({ subject: 'There', ...HOUR }, `${ME}/calendars/${String(team.id)}/events`);
    expect((await client.get(`${ME}/calendars/${String(team.id)}/events`)).rows.map((row) => row.id)).toEqual([id]);
    expect((await client.get(`${ME}/events/${String(id)}/calendar`)).body.name).toBe('Team');
  });
});

describe('changing and deleting', () => {
  test('what is not given stays; If-Match; extended properties; delta', async () => {
    const round = await client.get(`${ME}/events/delta?$top=500`);
    const body = await add({ subject: 'Old', ...HOUR, categories: ['Red'] });
    const path = `${ME}/events/${String(body.id)}`;
    const ep = { id: 'String {66f5a359-4659-4830-9070-00040ec6ac6e} Name Source', value: 'crm' };
    const changed = await client.patch(path, { subject: 'New', reminderMinutesBeforeStart: 5, singleValueExtendedProperties: [ep] }, { 'if-match': String(body['@odata.etag']) });
    expect(changed.body).toMatchObject({ subject: 'New', categories: ['Red'], reminderMinutesBeforeStart: 5, start: body.start });
    expect(changed.body.changeKey).not.toBe(body.changeKey);
    expect(await codeOf(client.patch(path, { subject: 'x' }, { 'if-match': String(body['@odata.etag']) }))).toBe('412 ErrorIrresolvableConflict');
    expect((await client.get(`${path}?$expand=singleValueExtendedProperties($filter=id eq '${ep.id}')`)).body.singleValueExtendedProperties).toEqual([ep]);
    expect(await codeOf(client.patch(path, { end: time('2026-03-02T08:00:00') }))).toBe('400 ErrorPropertyValidationFailure');
    expect((await client.get(String(round.body['@odata.deltaLink']))).rows.map((row) => row.subject)).toEqual(['New']);
    expect((await client.del(path, { 'if-match': String(body['@odata.etag']) })).status).toBe(412);
    expect((await client.del(path, { 'if-match': String(changed.body['@odata.etag']) })).status).toBe(204);
    expect(await codeOf(client.del(path))).toBe('404 ErrorItemNotFound');
    const gone = await add({ subject: 'Purged', ...HOUR });
    expect((await client.post(`${ME}/events/${String(gone.id)}/permanentDelete`)).status).toBe(204);
    expect((await client.get(`${ME}/events/${String(gone.id)}`)).status).toBe(404);
  });
});

describe('series', () => {
  const weekly = (start = '2026-05-04'): Row => ({ pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] }, range: { type: 'numbered', startDate: start, numberOfOccurrences: 4 } });
  const series = (subject: string, change: Row = {}): Promise<Row> => add({ subject, start: time('2026-05-04T09:00:00'), end: time('2026-05-04T10:00:00'), recurrence: weekly(), ...change });

  test('the recurrence comes back whole', async () => {
    const body = await series('Weekly');
    expect(body).toMatchObject({
      type: 'seriesMaster',
      recurrence: {
        pattern: { type: 'weekly', interval: 1, month: 0, dayOfMonth: 0, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday', index: 'first' },
        range: { type: 'numbered', startDate: '2026-05-04', endDate: '0001-01-01', recurrenceTimeZone: ZONE, numberOfOccurrences: 4 },
      },
    });
    expect(starts(await view('2026-05-01', '2026-06-30'), 'Weekly')).toEqual(['2026-05-04T07:00', '2026-05-11T07:00', '2026-05-18T07:00', '2026-05-25T07:00']);
  });

  test('recurrences that are refused', async () => {
    const refused = (recurrence: Row): Promise<string> => codeOf(client.post(`${ME}/events`, { subject: 'x', start: time('2026-05-04T09:00:00'), end: time('2026-05-04T10:00:00'), recurrence }));
    const pattern = (change: Row): Row => ({ ...weekly(), pattern: { ...weekly().pattern as Row, ...change } });
    const range = (change: Row): Row => ({ ...weekly(), range: { ...weekly().range as Row, ...change } });
    expect(await refused(weekly('2026-05-11'))).toBe('400 ErrorInvalidRequest');
    expect(await refused(pattern({ daysOfWeek: [] }))).toBe('400 ErrorInvalidRequest');
    expect(await refused(pattern({ interval: 0 }))).toBe('400 ErrorInvalidRequest');
    expect(await refused(pattern({ type: 'absoluteMonthly' }))).toBe('400 ErrorInvalidRequest');
    expect(await refused(pattern({ type: 'relativeYearly' }))).toBe('400 ErrorInvalidRequest');
    expect(await refused(pattern({ type: 'hourly' }))).toBe('400 RequestBodyRead');
    expect(await refused(pattern({ daysOfWeek: ['moonday'] }))).toBe('400 RequestBodyRead');
    expect(await refused(range({ type: 'endDate', endDate: '2026-05-01' }))).toBe('400 ErrorInvalidRequest');
    expect(await refused(range({ numberOfOccurrences: 0 }))).toBe('400 ErrorInvalidRequest');
    expect(await refused({ pattern: { type: 'absoluteYearly', interval: 1, month: 2, dayOfMonth: 3 }, range: { type: 'endDate', startDate: '2026-05-04', endDate: '2026-06-01' } })).toBe('400 ErrorRecurrenceHasNoOccurrence');
  });

  test('an occurrence becomes an exception, never crosses its neighbours, and can be deleted', async () => {
    const master = await series('Steps');
    const rows = (await view('2026-05-01', '2026-06-30')).filter((row) => row.subject === 'Steps');
    const second = `${ME}/events/${String(rows[1]!.id)}`;
    const changed = await client.patch(second, { subject: 'Steps', start: time('2026-05-12T15:00:00'), end: time('2026-05-12T16:00:00'), location: { displayName: 'Elsewhere' } });
    expect(changed.body).toMatchObject({ id: rows[1]!.id, type: 'exception', seriesMasterId: master.id, location: { displayName: 'Elsewhere' }, recurrence: null, originalStart: '2026-05-11T07:00:00Z' });
    for (const day of ['2026-05-04', '2026-05-18', '2026-05-20']) {
      expect(await codeOf(client.patch(second, { start: time(`${day}T15:00:00`), end: time(`${day}T16:00:00`) }))).toBe('400 ErrorOccurrenceCrossingBoundary');
    }
    expect(await codeOf(client.patch(second, { recurrence: weekly() }))).toBe('400 ErrorInvalidPropertySet');
    expect((await client.del(`${ME}/events/${String(rows[2]!.id)}`)).status).toBe(204);
    expect(starts(await view('2026-05-01', '2026-06-30'), 'Steps')).toEqual(['2026-05-04T07:00', '2026-05-12T13:00', '2026-05-25T07:00']);
    expect((await client.get(`${ME}/events/${String(rows[2]!.id)}`)).status).toBe(404);
    // The next neighbour is gone, so there is room now.
    expect((await client.patch(second, { start: time('2026-05-18T15:00:00'), end: time('2026-05-18T16:00:00') })).status).toBe(200);
  });

  test('a change of the master: texts reach every occurrence, times begin the series anew', async () => {
    const { id } = await series('Master');
    const rows = (await view('2026-05-01', '2026-06-30')).filter((row) => row.subject === 'Master');
    await client.patch(`${ME}/events/${String(rows[0]!.id)}`, { showAs: 'free' });
    await client.del(`${ME}/events/${String(rows[3]!.id)}`);
    await client.patch(`${ME}/events/${String(id)}`, { subject: 'Master 2' });
    expect((await view('2026-05-01', '2026-06-30')).filter((row) => row.subject === 'Master 2').map((row) => row.type)).toEqual(['exception', 'occurrence', 'occurrence']);
    await client.patch(`${ME}/events/${String(id)}`, { start: time('2026-05-04T11:00:00'), end: time('2026-05-04T12:00:00') });
    expect((await view('2026-05-01', '2026-06-30')).filter((row) => row.subject === 'Master 2').map((row) => row.type)).toEqual(['occurrence', 'occurrence', 'occurrence', 'occurrence']);
    expect(await codeOf(client.patch(`${ME}/events/${String(id)}`, { start: time('2026-05-05T11:00:00'), end: time('2026-05-05T12:00:00') }))).toBe('400 ErrorInvalidRequest');
    expect((await client.patch(`${ME}/events/${String(id)}`, { recurrence: null })).body).toMatchObject({ type: 'singleInstance', recurrence: null });
    expect(starts(await view('2026-05-01', '2026-06-30'), 'Master 2')).toEqual(['2026-05-04T09:00']);
  });
});

test('a view\'s delta tells of occurrences that were deleted and events that were moved out of it', async () => {
  const start = (hour: string, day = '2026-07-06'): Row => ({ start: time(`${day}T${hour}:00:00`), end: time(`${day}T${hour}:30:00`) });
  const single = await add({ subject: 'Leaves', ...start('09') });
  await add({ subject: 'Shrinks', ...start('11'), recurrence: { pattern: { type: 'daily', interval: 1 }, range: { type: 'numbered', startDate: '2026-07-06', numberOfOccurrences: 3 } } });
  const first = await client.get(`${ME}/calendarView/delta?startDateTime=2026-07-06T00:00:00Z&endDateTime=2026-07-10T00:00:00Z`, { prefer: 'odata.maxpagesize=50' });
  const middle = first.rows.filter((row) => row.subject === 'Shrinks')[1]!;
  await client.del(`${ME}/events/${String(middle.id)}`);
  await client.patch(`${ME}/events/${String(single.id)}`, start('09', '2026-08-06'));
  const { rows } = await client.get(String(first.body['@odata.deltaLink']), { prefer: 'odata.maxpagesize=50' });
  expect(rows.filter((row) => row['@removed'] !== undefined).map((row) => row.id)).toEqual([middle.id, single.id]);
  expect(rows.filter((row) => row['@removed'] === undefined).map((row) => row.subject)).toEqual(['Shrinks', 'Shrinks']);
});

test('an event can be written only by scopes that allow it, and a cut answer still wrote it', async () => {
  const rules = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z'), scopes: ['Calendars.Read'] });
  try {
    fill(rules.writer);
    expect(await codeOf(clientOf(rules).post(`${ME}/events`, HOUR))).toBe('403 ErrorAccessDenied');
  } finally {
    await rules.close();
  }
  const cutting = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z'), faults: { cutAfterWriteEvery: 1 } });
  try {
    fill(cutting.writer);
    await expect(clientOf(cutting).post(`${ME}/events`, { ...HOUR, attendees: [{ emailAddress: { address: BOB } }] })).rejects.toThrow();
    expect((await clientOf(cutting).get(`/users/${BOB}/events`)).rows).toHaveLength(1);
  } finally {
    await cutting.close();
  }
});
