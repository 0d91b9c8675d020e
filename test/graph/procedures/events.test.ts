/** Procedures of meetings: answers, cancellations and forwards reach the other mailboxes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../../src/sandbox/faults.js';
import type { Connection } from '../../../src/index.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { BEN, listed, logged, MAIN, open, refusal, startOffice, values } from '../../driver/office.js';

let sandbox: Sandbox;
let connection: Connection;
let serial = 0;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});
beforeEach(() => {
  sandbox.faults.set(NO_FAULTS);
});

const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
  const answer = await fetch(sandbox.graphEndpoint + path, { method: 'POST', headers: { 'content-type': 'application/json', prefer: 'IdType="ImmutableId"' }, body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
};
/** A meeting that Ben organizes; its copy in the main mailbox. */
const invited = async (): Promise<{ readonly subject: string; readonly id: string }> => {
  serial += 1;
  const subject = `Meeting ${String(serial)}`;
  await post(`/users/${BEN}/events`, { subject, start: { dateTime: '2026-05-04T09:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-05-04T10:00:00', timeZone: 'UTC' }, attendees: [{ type: 'required', emailAddress: { address: MAIN } }] });
  return { subject, id: String((await values(connection, 'SELECT id FROM Events WHERE subject = ?', [subject]))[0]) };
};
const inbox = async (mailbox: string, text: string): Promise<Record<string, unknown>[]> => (await listed(sandbox, `/users/${mailbox}/mailFolders/inbox/messages?$top=1000`)).filter(({ subject }) => String(subject).includes(text));

describe('answers', () => {
  test.each([
    ['Accept', 'accepted'],
    ['decline', 'declined'],
    ['Tentative', 'tentativelyAccepted'],
    ['TentativelyAccept', 'tentativelyAccepted'],
  ])('%s', async (type, response) => {
    const { id, subject } = await invited();
    const { rows } = await connection.query("EXEC RespondToEvent EventId = ?, ResponseType = ?, Comment = 'See you'", [id, type]);
    expect(rows).toEqual([{ Status: 'Success' }]);
    const [own] = await listed(sandbox, `/users/${BEN}/events?$filter=${encodeURIComponent(`subject eq '${subject}'`)}`);
    expect((own!['attendees'] as { status: { response: string } }[])[0]!.status.response).toBe(response);
    expect(JSON.stringify(await inbox(BEN, subject))).toContain('See you');
  });

  test('without telling the organizer', async () => {
    const { id, subject } = await invited();
    await connection.query("EXEC RespondToEvent ?, 'Accept', false", [id]);
    expect(await inbox(BEN, subject)).toEqual([]);
  });

  test('another time is proposed on the clock of its zone', async () => {
    const { id, subject } = await invited();
    await connection.query("EXEC RespondToEvent EventId = ?, ResponseType = 'Tentative', ProposedStart = '2026-05-04 15:00', ProposedEnd = '2026-05-04T16:00', ProposedTimeZone = 'Europe/Berlin'", [id]);
    expect(JSON.stringify(await inbox(BEN, subject))).toMatch(/2026-05-04T1[35]:00:00/);
  });

  test.each([
    ["ResponseType = 'Accept', ProposedStart = '2026-05-04', ProposedEnd = '2026-05-05'", 'cannot stand beside ResponseType Accept'],
    ["ResponseType = 'Decline', ProposedStart = '2026-05-04'", 'ProposedStart of RespondToEvent needs the other end'],
    ["ResponseType = 'Decline', SendResponse = false, ProposedStart = '2026-05-04', ProposedEnd = '2026-05-05'", 'needs a response that is sent'],
    ["ResponseType = 'Decline', ProposedStart = 'soon', ProposedEnd = '2026-05-05'", 'ProposedStart of RespondToEvent needs a date'],
    ["ResponseType = 'Decline', ProposedStart = '2026-05-04', ProposedEnd = '2026-05-05', ProposedTimeZone = 'Mars'", 'names no time zone'],
    ["ResponseType = 'Maybe'", 'one of Accept, Decline, Tentative, TentativelyAccept'],
  ])('%s is refused', async (inputs, message) => {
    const { result, calls } = await logged(sandbox, () => refusal(connection.query(`EXEC RespondToEvent EventId = 'x', ${inputs}`)));
    expect([result.code, result.message, calls]).toEqual(['BAD_VALUE', expect.stringContaining(message), []]);
  });

  test('an answer that is lost is not repeated', async () => {
    const { id, subject } = await invited();
    sandbox.faults.set({ gatewayTimeoutAfterWriteEvery: 1 });
    const { result, calls } = await logged(sandbox, () => refusal(connection.query("EXEC RespondToEvent ?, 'Accept'", [id])));
    expect([result.code, calls.length]).toEqual(['OUTCOME_UNKNOWN', 1]);
    sandbox.faults.set(NO_FAULTS);
    expect(await inbox(BEN, subject)).toHaveLength(1);
  });
});

describe('as the organizer', () => {
  const organized = async (): Promise<{ readonly subject: string; readonly id: string }> => {
    serial += 1;
    const subject = `Own ${String(serial)}`;
    const event = await post(`/users/${MAIN}/events`, { subject, isReminderOn: true, start: { dateTime: '2026-05-04T09:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-05-04T10:00:00', timeZone: 'UTC' }, attendees: [{ type: 'required', emailAddress: { address: BEN } }] });
    return { subject, id: String(event['id']) };
  };

  test('CancelEvent tells the attendees', async () => {
    const { id, subject } = await organized();
    await connection.query("EXEC CancelEvent @EventId = @id, @Comment = 'Sorry'", { id });
    expect(await values(connection, 'SELECT count(*) FROM Events WHERE subject = ?', [subject])).toEqual([0]);
    expect(JSON.stringify(await inbox(BEN, subject))).toContain('Sorry');
  });

  test('only the organizer can', async () => {
    const { id } = await invited();
    expect((await refusal(connection.query('EXEC CancelEvent ?', [id]))).message).toContain('organizer');
  });

  test('ForwardEvent asks more people', async () => {
    const { id, subject } = await organized();
    await connection.query("EXEC ForwardEvent EventId = ?, ToRecipients = 'Eve <eve@fabrikam.example>', Comment = 'Join us'", [id]);
    const [own] = await listed(sandbox, `/users/${MAIN}/events?$filter=${encodeURIComponent(`subject eq '${subject}'`)}`);
    expect(JSON.stringify(own!['attendees'])).toContain('eve@fabrikam.example');
  });

  test('reminders', async () => {
    const { id } = await organized();
    expect((await connection.query("EXEC SnoozeEventReminder EventId = ?, DateTime = '2026-05-04T08:30', TimeZone = 'Europe/Berlin'", [id])).rows).toEqual([{ Status: 'Success' }]);
    expect((await connection.query('EXEC DismissEventReminder ?', [id])).rows).toEqual([{ Status: 'Success' }]);
    expect(await values(connection, 'SELECT isReminderOn FROM Events WHERE id = ?', [id])).toEqual([false]);
  });
});
