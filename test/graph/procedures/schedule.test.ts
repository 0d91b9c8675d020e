/** Free and busy times, and suggestions for meetings. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/index.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { BEN, logged, MAIN, open, refusal, startOffice } from '../../driver/office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

describe('GetSchedule', () => {
  test('a plain list of addresses, times on the clock of a zone, answers in UTC', async () => {
    const { result, calls } = await logged(sandbox, () => connection.query(`EXEC GetSchedule Schedules = '${MAIN}; Room 1 <room1@contoso.example>; nobody@contoso.example', StartTime = '2026-03-11T08:00', EndTime = '2026-03-11T18:00', TimeZone = 'Europe/Berlin'`));
    expect(calls.map(({ method, status }) => [method, status])).toEqual([['POST', 200]]);
    const own = result.rows.filter(({ ScheduleId }) => ScheduleId === MAIN);
    expect(own).toEqual([expect.objectContaining({ BusyType: 'busy', StartTime: '2026-03-11T10:00:00Z', EndTime: '2026-03-11T11:30:00Z', Error: null })]);
    // 08:00 to 18:00 in Berlin are 20 half hours; 10:00 UTC is 11:00 there.
    expect(String(own[0]!['AvailabilityView'])).toBe('00000022200000000000');
    expect(result.rows.find(({ ScheduleId }) => ScheduleId === 'room1@contoso.example')).toMatchObject({ BusyType: null, StartTime: null });
    expect(result.rows.find(({ ScheduleId }) => ScheduleId === 'nobody@contoso.example')!['Error']).toBeTruthy();
    expect(result.columns.find(({ name }) => name === 'StartTime')?.type).toBe('timestamp');
  });

  test('more than 20 addresses go in several requests; positional; by its other name', async () => {
    const many = Array.from({ length: 25 }, (_, n) => `p${String(n)}@contoso.example`).join('; ');
    const { result, calls } = await logged(sandbox, () => connection.query("CALL GetUserAvailability(?, '2026-03-11', '2026-03-12')", [many]));
    expect([calls.length, result.rows.length]).toEqual([2, 25]);
  });

  test.each([
    ["Schedules = 'x', StartTime = '2026-03-11', EndTime = '2026-03-12'", 'no mail address'],
    ["Schedules = 'a@x.example', StartTime = '11 March', EndTime = '2026-03-12'", 'StartTime of GetSchedule needs a date'],
    ["Schedules = 'a@x.example', StartTime = '2026-03-11', EndTime = '2026-03-12', TimeZone = 'Nowhere'", 'no time zone'],
    ["Schedules = 'a@x.example', StartTime = '2026-03-11'", 'needs the input EndTime'],
  ])('%s is refused', async (inputs, message) => {
    expect((await refusal(connection.query(`EXEC GetSchedule ${inputs}`))).message).toContain(message);
  });
});

describe('FindMeetingTimes', () => {
  test('suggests times when all are free', async () => {
    const { rows } = await connection.query("EXEC FindMeetingTimes Attendees = ?, StartTime = '2026-03-11T08:00', EndTime = '2026-03-11T18:00', DurationMinutes = 60, MaxCandidates = 3, ActivityDomain = 'unrestricted'", [BEN]);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(3);
    for (const { StartTime, EndTime, Confidence } of rows) {
      expect(Date.parse(String(EndTime)) - Date.parse(String(StartTime))).toBe(3_600_000);
      expect(typeof Confidence).toBe('number');
    }
  });

  test('says why there is none', async () => {
    const { rows, warnings } = await connection.query("EXEC FindMeetingTimes Attendees = ?, StartTime = '2026-03-11T10:00', EndTime = '2026-03-11T11:00', DurationMinutes = 600, ActivityDomain = 'unrestricted'", [BEN]);
    expect(rows).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(['NO_SUGGESTIONS']);
  });
});
