/**
 * Owns: GetSchedule and FindMeetingTimes.
 * Invariants: times are asked for and given in UTC; a person whose calendar cannot be seen is a row that says so.
 */
import { emit, send, warn, type Row, type Script } from './effect.js';
import { member, textAt, type Inputs, type Recipient } from './inputs.js';
import { defined } from './message.js';
import { utcTime } from './time.js';
import { columnValue } from './values.js';

/** Addresses a request: the service's documentation names 20. */
const MOST_SCHEDULES = 20;
const UTC = { Prefer: 'outlook.timezone="UTC"' };

const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);

export function* getSchedule(inputs: Inputs): Script {
  const people = (inputs.recipients('Schedules') ?? inputs.missing('Schedules')).map(({ emailAddress }) => emailAddress.address);
  const startTime = utcTime(inputs, 'StartTime', 'TimeZone') ?? inputs.missing('StartTime');
  const endTime = utcTime(inputs, 'EndTime', 'TimeZone') ?? inputs.missing('EndTime');
  const interval = inputs.number('AvailabilityViewInterval');
  for (let at = 0; at < people.length; at += MOST_SCHEDULES) {
    const schedules = people.slice(at, at + MOST_SCHEDULES);
    const answer = yield* send({
      method: 'POST',
      path: inputs.path('/calendar/getSchedule'),
      headers: UTC,
      body: { json: defined({ schedules, startTime, endTime, availabilityViewInterval: interval }) },
      repeat: 'safe',
      ...(people.length > MOST_SCHEDULES ? { repeated: `per ${String(MOST_SCHEDULES)} addresses` } : {}),
    });
    yield* emit(...arrayOf(answer['value']).flatMap(rowsOf));
  }
}

function rowsOf(schedule: unknown): Row[] {
  const head = [textAt(schedule, 'scheduleId')];
  const tail = [textAt(schedule, 'availabilityView'), columnValue(member(schedule, 'workingHours'), 'json'), textAt(schedule, 'error/responseCode') ?? textAt(schedule, 'error/message')];
  const items = arrayOf(member(schedule, 'scheduleItems'));
  if (items.length === 0) return [[...head, null, null, null, null, null, null, ...tail]];
  return items.map((item) => [
    ...head, textAt(item, 'status'), columnValue(textAt(item, 'start/dateTime'), 'timestamp'), columnValue(textAt(item, 'end/dateTime'), 'timestamp'),
    textAt(item, 'subject'), textAt(item, 'location'), columnValue(member(item, 'isPrivate'), 'boolean'), ...tail,
  ]);
}

export function* findMeetingTimes(inputs: Inputs): Script {
  const attendees = [...people(inputs, 'Attendees', 'required'), ...people(inputs, 'OptionalAttendees', 'optional'), ...people(inputs, 'Resources', 'resource')];
  const start = utcTime(inputs, 'StartTime', 'TimeZone');
  const end = utcTime(inputs, 'EndTime', 'TimeZone');
  if ((start === undefined) !== (end === undefined)) inputs.refuse(start === undefined ? 'EndTime' : 'StartTime', 'needs the other end of the time', 'Give StartTime and EndTime.');
  const answer = yield* send({
    method: 'POST',
    path: inputs.path('/findMeetingTimes'),
    headers: UTC,
    body: {
      json: defined({
        attendees,
        timeConstraint: start === undefined ? undefined : { activityDomain: inputs.text('ActivityDomain') ?? 'work', timeSlots: [{ start, end }] },
        meetingDuration: `PT${String(inputs.number('DurationMinutes') ?? 30)}M`,
        maxCandidates: inputs.number('MaxCandidates'),
        minimumAttendeePercentage: inputs.number('MinimumAttendeePercentage'),
        isOrganizerOptional: inputs.flag('IsOrganizerOptional'),
        returnSuggestionReasons: true,
      }),
    },
    repeat: 'safe',
  });
  const suggestions = arrayOf(answer['meetingTimeSuggestions']);
  const why = textAt(answer, 'emptySuggestionsReason');
  if (suggestions.length === 0 && why !== null && why !== '') yield* warn('NO_SUGGESTIONS', `no time was found: ${why}`);
  yield* emit(...suggestions.map((one) => [
    columnValue(textAt(one, 'meetingTimeSlot/start/dateTime'), 'timestamp'), columnValue(textAt(one, 'meetingTimeSlot/end/dateTime'), 'timestamp'), columnValue(member(one, 'confidence'), 'double'),
    textAt(one, 'organizerAvailability'), columnValue(member(one, 'attendeeAvailability'), 'json'), columnValue(member(one, 'locations'), 'json'), textAt(one, 'suggestionReason'),
  ]));
}

const people = (inputs: Inputs, name: string, type: string): readonly (Recipient & { readonly type: string })[] => (inputs.recipients(name) ?? []).map((person) => ({ type, ...person }));
