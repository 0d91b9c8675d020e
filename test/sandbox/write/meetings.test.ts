import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, BOB, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const CEO = 'ceo@contoso.example';
const ROOM = 'room1@contoso.example';
const at = (user: string): string => `/users/${user}`;
const time = (dateTime: string): { readonly dateTime: string; readonly timeZone: string } => ({ dateTime, timeZone: 'UTC' });
const person = (address: string, type = 'required'): Row => ({ type, emailAddress: { address } });
let day = 0;
/** Every test has a day of its own. */
let date = '';

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  sandbox.writer.addMailbox({ userPrincipalName: CEO, displayName: 'Cleo Core', kind: 'user' });
  sandbox.writer.addMailbox({ userPrincipalName: ROOM, displayName: 'Room 1', kind: 'room' });
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());
beforeEach(() => {
  date = `2026-04-${String(++day).padStart(2, '0')}`;
});

const meet = async (subject: string, attendees: readonly Row[], change: Row = {}): Promise<Row> => {
  const answer = await client.post(`${at(ANN)}/events`, { subject, start: time(`${date}T09:00:00`), end: time(`${date}T10:00:00`), body: { contentType: 'html', content: '<p>Agenda</p>' }, attendees, ...change });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const mailOf = async (user: string, subject: string, folder = 'inbox'): Promise<readonly Row[]> => (await client.all(`${at(user)}/mailFolders/${folder}/messages?$top=100`)).filter((row) => row.subject === subject);
const copyOf = async (user: string, subject: string): Promise<Row | undefined> => (await client.all(`${at(user)}/events?$top=100`)).find((row) => row.subject === subject);
const status = async (id: unknown): Promise<Row> => Object.fromEntries(((await client.get(`${at(ANN)}/events/${String(id)}`)).body.attendees as readonly Row[]).map((attendee) => [(attendee.emailAddress as Row).address, (attendee.status as Row).response]));
const act = (user: string, id: unknown, action: string, body?: Row): ReturnType<TestClient['post']> => client.post(`${at(user)}/events/${String(id)}/${action}`, body);

describe('invitations', () => {
  test('each attendee gets a request and a tentative event; the sender keeps a copy', async () => {
    const event = await meet('Kick-off', [person(BOB), person(CEO, 'optional'), person('out@fabrikam.example')], { allowNewTimeProposals: false });
    expect(await status(event.id)).toEqual({ [BOB]: 'none', [CEO]: 'none', 'out@fabrikam.example': 'none' });
    const [request] = await mailOf(BOB, 'Kick-off');
    expect(request).toMatchObject({
      '@odata.type': '#microsoft.graph.eventMessageRequest', meetingMessageType: 'meetingRequest', meetingRequestType: 'newMeetingRequest', isRead: false, allowNewTimeProposals: false,
      from: { emailAddress: { address: ANN } }, startDateTime: time(`${date}T09:00:00.0000000`), toRecipients: [{ emailAddress: { name: 'Bob Baker', address: BOB } }, { emailAddress: { address: 'out@fabrikam.example' } }],
      ccRecipients: [{ emailAddress: { address: CEO } }],
    });
    expect(await mailOf(ANN, 'Kick-off', 'sentitems')).toHaveLength(1);
    expect(await copyOf(BOB, 'Kick-off')).toMatchObject({
      iCalUId: event.iCalUId, isOrganizer: false, responseStatus: { response: 'notResponded' }, showAs: 'tentative', organizer: { emailAddress: { address: ANN } }, transactionId: null, body: { content: '<p>Agenda</p>' },
    });
    expect((await copyOf(BOB, 'Kick-off'))!.id).not.toBe(event.id);
  });

  test('changes: a new time asks again, a new text only tells; people who come and go', async () => {
    const event = await meet('Move me', [person(BOB)]);
    await act(BOB, (await copyOf(BOB, 'Move me'))!.id, 'accept');
    expect(await status(event.id)).toEqual({ [BOB]: 'accepted' });
    await client.patch(`${at(ANN)}/events/${String(event.id)}`, { body: { contentType: 'text', content: 'More' } });
    expect(await status(event.id)).toEqual({ [BOB]: 'accepted' });
    await client.patch(`${at(ANN)}/events/${String(event.id)}`, { start: time(`${date}T12:00:00`), end: time(`${date}T13:00:00`) });
    expect(await status(event.id)).toEqual({ [BOB]: 'none' });
    expect(await copyOf(BOB, 'Move me')).toMatchObject({ start: time(`${date}T12:00:00.0000000`), responseStatus: { response: 'notResponded' }, body: { content: 'More' } });
    const requests = await mailOf(BOB, 'Move me');
    expect(requests.map((row) => row.meetingRequestType).sort()).toEqual(['fullUpdate', 'informationalUpdate', 'newMeetingRequest']);
    expect(requests.find((row) => row.meetingRequestType === 'fullUpdate')).toMatchObject({ previousStartDateTime: time(`${date}T09:00:00.0000000`), startDateTime: time(`${date}T12:00:00.0000000`) });
    await client.patch(`${at(ANN)}/events/${String(event.id)}`, { attendees: [person(CEO)] });
    expect(await mailOf(CEO, 'Move me')).toHaveLength(1);
    expect(await mailOf(BOB, 'Canceled: Move me')).toHaveLength(1);
    expect(await copyOf(BOB, 'Canceled: Move me')).toMatchObject({ isCancelled: true, showAs: 'free' });
    // What only the organizer sees changes nobody's mailbox.
    await client.patch(`${at(ANN)}/events/${String(event.id)}`, { categories: ['Red'], showAs: 'oof', isReminderOn: false });
    expect(await mailOf(CEO, 'Move me')).toHaveLength(1);
  });

  test('a room takes what fits and declines what does not', async () => {
    const first = await meet('Fits', [person(ROOM, 'resource')]);
    const second = await meet('Clashes', [person(ROOM, 'resource')]);
    expect([await status(first.id), await status(second.id)]).toEqual([{ [ROOM]: 'accepted' }, { [ROOM]: 'declined' }]);
    expect(await mailOf(ANN, 'Declined: Clashes')).toHaveLength(1);
    expect(await copyOf(ROOM, 'Clashes')).toBeUndefined();
  });
});

describe('answers', () => {
  test('accept: status on both sides and a mail to the organizer', async () => {
    const event = await meet('Answer me', [person(BOB), person(CEO)]);
    const copy = (await copyOf(BOB, 'Answer me'))!;
    expect((await act(BOB, copy.id, 'accept', { comment: 'Gladly' })).status).toBe(202);
    expect(await status(event.id)).toEqual({ [BOB]: 'accepted', [CEO]: 'none' });
    expect(await copyOf(BOB, 'Answer me')).toMatchObject({ responseStatus: { response: 'accepted', time: '2026-02-02T00:00:00Z' }, showAs: 'busy' });
    expect((await mailOf(ANN, 'Accepted: Answer me'))[0]).toMatchObject({ '@odata.type': '#microsoft.graph.eventMessageResponse', responseType: 'accepted', meetingMessageType: 'meetingAccepted', from: { emailAddress: { address: BOB } } });
    expect(await mailOf(BOB, 'Accepted: Answer me', 'sentitems')).toHaveLength(1);
  });

  test('without a response sent the organizer learns nothing; PascalCase parameters are taken', async () => {
    const event = await meet('Quiet', [person(BOB)]);
    expect((await act(BOB, (await copyOf(BOB, 'Quiet'))!.id, 'tentativelyAccept', { SendResponse: false })).status).toBe(202);
    expect(await status(event.id)).toEqual({ [BOB]: 'none' });
    expect(await mailOf(ANN, 'Tentative: Quiet')).toEqual([]);
    expect(await copyOf(BOB, 'Quiet')).toMatchObject({ responseStatus: { response: 'tentativelyAccepted' }, showAs: 'tentative' });
  });

  test('a declined meeting leaves the calendar; a new time is proposed', async () => {
    const event = await meet('Too early', [person(BOB)]);
    const slot = { start: time(`${date}T15:00:00`), end: time(`${date}T16:00:00`) };
    expect((await act(BOB, (await copyOf(BOB, 'Too early'))!.id, 'decline', { comment: 'Later?', proposedNewTime: slot })).status).toBe(202);
    expect(await copyOf(BOB, 'Too early')).toBeUndefined();
    const { attendees } = (await client.get(`${at(ANN)}/events/${String(event.id)}`)).body;
    expect(attendees).toMatchObject([{ status: { response: 'declined' }, proposedNewTime: { start: time(`${date}T15:00:00.0000000`) } }]);
    expect((await mailOf(ANN, 'New Time Proposed: Too early'))[0]).toMatchObject({ responseType: 'declined', proposedNewTime: { start: time(`${date}T15:00:00.0000000`) } });
  });

  test('refusals', async () => {
    const event = await meet('Rules', [person(BOB)], { allowNewTimeProposals: false });
    const copy = (await copyOf(BOB, 'Rules'))!;
    const slot = { start: time(`${date}T15:00:00`), end: time(`${date}T16:00:00`) };
    expect((await act(ANN, event.id, 'accept')).error.message).toBe("Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.");
    expect((await act(BOB, copy.id, 'cancel')).error.message).toBe("Your request can't be completed. You need to be an organizer to cancel a meeting.");
    expect((await act(BOB, copy.id, 'tentativelyAccept', { proposedNewTime: slot })).status).toBe(400);
    expect((await act(BOB, copy.id, 'tentativelyAccept', { proposedNewTime: slot, sendResponse: false })).status).toBe(400);
    expect((await act(BOB, copy.id, 'accept', { proposedNewTime: slot })).status).toBe(400);
    expect((await act(BOB, copy.id, 'accept', { sendResponse: 'yes' })).error.code).toBe('RequestBodyRead');
    expect(await copyOf(BOB, 'Rules')).toMatchObject({ responseStatus: { response: 'notResponded' } });
    await meet('No answer wanted', [person(BOB)], { responseRequested: false });
    const other = (await copyOf(BOB, 'No answer wanted'))!;
    expect((await act(BOB, other.id, 'accept')).error.message).toContain("hasn't requested a response");
    expect((await act(BOB, other.id, 'accept', { sendResponse: false })).status).toBe(202);
  });
});

describe('calling off and passing on', () => {
  test('cancel and delete tell the attendees', async () => {
    const first = await meet('Off', [person(BOB)]);
    expect((await act(ANN, first.id, 'cancel', { comment: 'Sorry' })).status).toBe(202);
    expect((await client.get(`${at(ANN)}/events/${String(first.id)}`)).status).toBe(404);
    expect((await mailOf(BOB, 'Canceled: Off'))[0]).toMatchObject({ meetingMessageType: 'meetingCancelled', bodyPreview: 'Sorry' });
    const copy = await copyOf(BOB, 'Canceled: Off');
    expect(copy).toMatchObject({ isCancelled: true, showAs: 'free' });
    expect((await act(BOB, copy!.id, 'accept')).status).toBe(400);
    const second = await meet('Gone', [person(BOB), person(ROOM, 'resource')]);
    expect((await client.del(`${at(ANN)}/events/${String(second.id)}`)).status).toBe(204);
    expect(await copyOf(BOB, 'Canceled: Gone')).toMatchObject({ isCancelled: true });
    expect(await copyOf(ROOM, 'Gone')).toBeUndefined();
    // An attendee who deletes tells nobody.
    await meet('Ignored', [person(BOB)]);
    expect((await client.del(`${at(BOB)}/events/${String((await copyOf(BOB, 'Ignored'))!.id)}`)).status).toBe(204);
    expect(await copyOf(ANN, 'Ignored')).toMatchObject({ isCancelled: false });
  });

  test('forward: the new person is asked, the organizer hears of it', async () => {
    const event = await meet('Pass on', [person(BOB)]);
    const copy = (await copyOf(BOB, 'Pass on'))!;
    expect((await act(BOB, copy.id, 'forward', { toRecipients: [] })).error.code).toBe('ErrorInvalidRecipients');
    expect((await act(BOB, copy.id, 'forward', { ToRecipients: [{ emailAddress: { address: CEO } }], Comment: 'For you' })).status).toBe(202);
    expect(await copyOf(CEO, 'Pass on')).toMatchObject({ iCalUId: event.iCalUId, organizer: { emailAddress: { address: ANN } } });
    expect((await mailOf(CEO, 'Pass on'))[0]).toMatchObject({ from: { emailAddress: { address: ANN } }, sender: { emailAddress: { address: BOB } } });
    expect(await mailOf(ANN, 'Meeting Forward Notification: Pass on')).toHaveLength(1);
    expect(await status(event.id)).toEqual({ [BOB]: 'none', [CEO]: 'none' });
  });

  test('reminders', async () => {
    const event = await meet('Ring', []);
    expect((await act(ANN, event.id, 'snoozeReminder', {})).status).toBe(400);
    expect((await act(ANN, event.id, 'snoozeReminder', { newReminderTime: time(`${date}T08:50:00`) })).status).toBe(200);
    expect((await act(ANN, event.id, 'dismissReminder')).status).toBe(200);
    expect(await copyOf(ANN, 'Ring')).toMatchObject({ isReminderOn: false });
  });
});

describe('series', () => {
  test('occurrences are changed, answered and called off one by one', async () => {
    const weekly = { pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] }, range: { type: 'noEnd', startDate: '2026-06-01' } };
    const master = await meet('Weekly', [person(BOB)], { start: time('2026-06-01T09:00:00'), end: time('2026-06-01T10:00:00'), recurrence: weekly });
    const seen = async (user: string): Promise<readonly Row[]> => client.all(`${at(user)}/calendarView?startDateTime=2026-06-01T00:00:00Z&endDateTime=2026-06-25T00:00:00Z&$top=50`);
    const mine = await seen(ANN);
    expect((await seen(BOB)).map((row) => row.type)).toEqual(['occurrence', 'occurrence', 'occurrence', 'occurrence']);
    await client.patch(`${at(ANN)}/events/${String(mine[1]!.id)}`, { start: time('2026-06-09T11:00:00'), end: time('2026-06-09T12:00:00'), location: { displayName: 'Café' } });
    expect((await seen(BOB))[1]).toMatchObject({ type: 'exception', start: time('2026-06-09T11:00:00.0000000'), location: { displayName: 'Café' }, originalStart: '2026-06-08T09:00:00Z' });
    const theirs = await seen(BOB);
    await act(BOB, theirs[2]!.id, 'accept');
    await act(BOB, theirs[3]!.id, 'decline');
    expect((await seen(BOB)).map((row) => (row.responseStatus as Row).response)).toEqual(['notResponded', 'notResponded', 'accepted']);
    expect((await seen(ANN)).map((row) => ((row.attendees as readonly Row[])[0]!.status as Row).response)).toEqual(['none', 'none', 'accepted', 'declined']);
    expect((await client.del(`${at(ANN)}/events/${String(mine[0]!.id)}`)).status).toBe(204);
    expect((await seen(BOB))[0]).toMatchObject({ isCancelled: true, subject: 'Canceled: Weekly' });
    await act(ANN, master.id, 'cancel');
    expect(await seen(ANN)).toEqual([]);
    expect((await seen(BOB)).every((row) => row.isCancelled === true)).toBe(true);
  });
});
