import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { clientOf, type Row } from './support/client.js';
import { ANN, fill } from './support/fill.js';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;
const ME = `/users/${ANN}`;
const ZONE = 'W. Europe Standard Time';
const time = (dateTime: string, timeZone = ZONE): { readonly dateTime: string; readonly timeZone: string } => ({ dateTime, timeZone });

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  const ann = fill(sandbox.writer);
  sandbox.writer.bulk(() => {
    const calendar = ann.calendar('Calendar');
    ann.addEvent(calendar, { entity: { subject: 'Single', start: time('2026-03-27T09:00:00'), end: time('2026-03-27T10:00:00'), attendees: [{ emailAddress: { name: 'Bob', address: 'bob@contoso.example' }, type: 'required', status: { response: 'accepted', time: '2026-01-01T00:00:00Z' } }] } });
    ann.addEvent(calendar, { entity: { subject: 'All day', isAllDay: true, start: time('2026-03-28T00:00:00'), end: time('2026-03-29T00:00:00') }, attachments: [{ kind: 'file', name: 'plan.txt', contentType: 'text/plain', isInline: false, content: Buffer.from('plan') }] });
    // Across the change to summer time on 29 March 2026.
    ann.addEvent(calendar, {
      entity: {
        subject: 'Standup', start: time('2026-03-23T09:00:00'), end: time('2026-03-23T09:15:00'),
        recurrence: {
          pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday', 'wednesday'], firstDayOfWeek: 'sunday', dayOfMonth: 0, month: 0, index: 'first' },
          range: { type: 'endDate', startDate: '2026-03-23', endDate: '2026-04-10', recurrenceTimeZone: ZONE, numberOfOccurrences: 0 },
        },
      },
      exceptions: [{ date: '2026-03-30', entity: { subject: 'Standup moved', start: time('2026-03-31T11:00:00'), end: time('2026-03-31T11:30:00') } }],
      cancelled: ['2026-04-01'],
    });
    const other = ann.calendar('Team', { group: 'Shared', color: 'lightBlue' });
    ann.addEvent(other, { entity: { subject: 'Elsewhere', start: time('2026-03-27T09:00:00'), end: time('2026-03-27T10:00:00') } });
  });
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

const VIEW = `${ME}/calendarView?startDateTime=2026-03-23T00:00:00Z&endDateTime=2026-04-11T00:00:00Z&$top=100`;
const starts = (rows: readonly Row[]): unknown[] => rows.map((row) => [row.subject, (row.start as Row).dateTime]);

describe('events', () => {
  test('single events and masters of the default calendar, times in UTC', async () => {
    const { rows } = await client.get(`${ME}/events`);
    expect(rows.map((row) => [row.subject, row.type])).toEqual([['Single', 'singleInstance'], ['All day', 'singleInstance'], ['Standup', 'seriesMaster']]);
    expect(rows[0]).toMatchObject({ start: time('2026-03-27T08:00:00.0000000', 'UTC'), originalStartTimeZone: ZONE, attendees: [{ status: { response: 'accepted' } }] });
    expect(rows[1]).toMatchObject({ start: time('2026-03-28T00:00:00.0000000', 'UTC'), hasAttachments: true });
  });

  test('Prefer: outlook.timezone converts what is shown, not what is compared', async () => {
    const answer = await client.get(`${ME}/events?$filter=start/dateTime ge '2026-03-27T08:00' and subject eq 'single'`, { prefer: `outlook.timezone="${ZONE}"` });
    expect(answer.headers.get('preference-applied')).toBe(`outlook.timezone="${ZONE}"`);
    expect(answer.rows.map((row) => row.start)).toEqual([time('2026-03-27T09:00:00.0000000')]);
    expect((await client.get(`${ME}/events?$filter=start/dateTime gt '2026-03-27T08:00:00Z' and subject eq 'single'`)).rows).toEqual([]);
    expect((await client.get(`${ME}/events`, { prefer: 'outlook.timezone="Nowhere"' })).status).toBe(400);
  });

  test('refusals', async () => {
    expect((await client.get(`${ME}/events?$orderby=start`)).error.message).toBe('The $orderby expression must evaluate to a single value of primitive type.');
    expect((await client.get(`${ME}/events?$filter=lastModifiedDateTime ge 2026-01-01T00:00:00Z`)).error.message).toBe('Invalid filter clause');
    expect((await client.get(`${ME}/events?$filter=attendees/any(a:a/type eq 'required')`)).error.code).toBe('ErrorInvalidUrlQueryFilter');
    expect((await client.get(`${ME}/calendarView?startDateTime=2026-03-23`)).error.message).toMatch(/^This request requires a time window/);
    expect((await client.get(`${ME}/calendarView?startDateTime=2026-03-23T00:00:00+01:00&endDateTime=2026-03-24`)).status).toBe(400);
  });

  test('attachments of events', async () => {
    const [row] = (await client.get(`${ME}/events?$filter=hasAttachments eq true&$expand=attachments`)).rows;
    expect(row!.attachments).toMatchObject([{ name: 'plan.txt' }]);
    expect((await client.get(`${ME}/events/${String(row!.id)}/attachments?$select=name`)).rows[0]).toMatchObject({ name: 'plan.txt' });
  });
});

describe('calendar views', () => {
  test('occurrences keep the local time across summer time; exceptions move, cancelled ones are gone', async () => {
    const { rows } = await client.get(VIEW);
    expect(starts(rows)).toEqual([
      ['Standup', '2026-03-23T08:00:00.0000000'], ['Standup', '2026-03-25T08:00:00.0000000'], ['Single', '2026-03-27T08:00:00.0000000'], ['All day', '2026-03-28T00:00:00.0000000'],
      ['Standup moved', '2026-03-31T09:00:00.0000000'], ['Standup', '2026-04-06T07:00:00.0000000'], ['Standup', '2026-04-08T07:00:00.0000000'],
    ]);
    expect(rows.map((row) => row.type)).toEqual(['occurrence', 'occurrence', 'singleInstance', 'singleInstance', 'exception', 'occurrence', 'occurrence']);
    expect(rows[4]).toMatchObject({ originalStart: '2026-03-30T07:00:00Z', recurrence: null, seriesMasterId: rows[0]!.seriesMasterId });
  });

  test('an occurrence is found by its id, a cancelled one is not', async () => {
    const { rows } = await client.get(VIEW);
    for (const row of rows) expect((await client.get(`${ME}/events/${String(row.id)}`)).body).toMatchObject({ id: row.id, subject: row.subject, type: row.type, start: row.start });
    const master = await client.get(`${ME}/events/${String(rows[0]!.seriesMasterId)}?$select=subject,cancelledOccurrences`);
    expect(master.body.cancelledOccurrences).toEqual([`OID.${String(master.body.id)}.2026-04-01`]);
    const instances = await client.get(`${ME}/events/${String(master.body.id)}/instances?startDateTime=2026-03-24T00:00:00Z&endDateTime=2026-04-01T00:00:00Z`);
    expect(starts(instances.rows)).toEqual([['Standup', '2026-03-25T08:00:00.0000000'], ['Standup moved', '2026-03-31T09:00:00.0000000']]);
  });

  test('the window is half open and keeps its own offset', async () => {
    const count = async (start: string, end: string): Promise<number> => (await client.get(`${ME}/calendarView?startDateTime=${encodeURIComponent(start)}&endDateTime=${encodeURIComponent(end)}`, { prefer: `outlook.timezone="${ZONE}"` })).rows.length;
    expect(await count('2026-03-27T09:00:00Z', '2026-03-27T12:00:00Z')).toBe(0);
    expect(await count('2026-03-27T08:59:59Z', '2026-03-27T12:00:00Z')).toBe(1);
    expect(await count('2026-03-27T06:00:00Z', '2026-03-27T08:00:00Z')).toBe(0);
    expect(await count('2026-03-27T09:30:00+01:00', '2026-03-27T12:00:00+01:00')).toBe(1);
  });

  test('a filter is ignored, an order is not; pages', async () => {
    expect((await client.get(`${VIEW}&$filter=subject eq 'x'`)).rows).toHaveLength(7);
    expect(starts((await client.get(`${VIEW}&$orderby=start/dateTime desc`)).rows)[0]).toEqual(['Standup', '2026-04-08T07:00:00.0000000']);
    expect(await client.all(VIEW.replace('100', '2'))).toHaveLength(7);
    expect((await client.get(`${VIEW}&$count=true`)).body['@odata.count']).toBe(7);
  });

  test('immutable ids of occurrences', async () => {
    const { rows } = await client.get(VIEW, { prefer: 'IdType="ImmutableId"' });
    expect(new Set(rows.map((row) => row.id)).size).toBe(7);
    const back = await client.get(`${ME}/events/${String(rows[0]!.id)}`);
    expect(back.body.id).toMatch(/^AAMkAG/);
  });

  test('delta over a window and over a calendar', async () => {
    const first = await client.get(`${ME}/calendarView/delta?startDateTime=2026-03-23T00:00:00Z&endDateTime=2026-04-11T00:00:00Z`, { prefer: 'odata.maxpagesize=50' });
    expect(first.rows).toHaveLength(7);
    const { store } = sandbox;
    const single = store.items.list(store.mailboxes.find(ANN)!.mailbox, 'event')[0]!;
    store.items.patch(single.n, { subject: 'Single changed' }, store.clock.now());
    const second = await client.get(String(first.body['@odata.deltaLink']));
    expect(second.rows.map((row) => row.subject)).toEqual(['Single changed']);
    const [calendar] = (await client.get(`${ME}/calendars`)).rows;
    expect((await client.get(`${ME}/calendars/${String(calendar!.id)}/events/delta?$select=id`)).rows).toHaveLength(3);
    store.items.patch(single.n, { subject: 'Single' }, store.clock.now());
  });
});

describe('calendars', () => {
  test('all of them, by group, the default one by name', async () => {
    expect((await client.get(`${ME}/calendars`)).rows.map((row) => [row.name, row.isDefaultCalendar])).toEqual([['Calendar', true], ['Team', false]]);
    const groups = await client.get(`${ME}/calendarGroups?$expand=calendars`);
    expect(groups.rows.map((row) => [row.name, (row.calendars as Row[]).map((calendar) => calendar.name)])).toEqual([['My Calendars', ['Calendar']], ['Shared', ['Team']]]);
    const team = (await client.get(`${ME}/calendarGroups/${String(groups.rows[1]!.id)}/calendars`)).rows[0]!;
    expect((await client.get(`${ME}/calendars/${String(team.id)}/events`)).rows.map((row) => row.subject)).toEqual(['Elsewhere']);
    expect((await client.get(`${ME}/calendar`)).body.name).toBe('Calendar');
    expect((await client.get(`${ME}/calendar/events/$count`)).text).toBe('3');
  });
});
