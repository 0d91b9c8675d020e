/** Every table that can be written, from SQL to the sandbox's store, and back through the service's own answers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, listed, MAIN, open, refusal, startOffice, values, writtenRow } from './office.js';

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

const one = (sql: string, parameters?: Parameters<Connection['query']>[1]): Promise<Record<string, unknown>> => writtenRow(connection, sql, parameters);
const change = async (sql: string, parameters: Parameters<Connection['query']>[1] = []): Promise<number | undefined> => (await connection.query(sql, parameters)).affectedRows;
const service = async (path: string): Promise<Record<string, unknown>> => (await (await fetch(sandbox.graphEndpoint + path)).json()) as Record<string, unknown>;

test('mail folders are made, renamed, moved and deleted', async () => {
  const { id } = await one("INSERT INTO MailFolders (displayName, parentFolderId) VALUES ('Offers', 'inbox') RETURNING id, displayName");
  expect(await change("UPDATE MailFolders SET displayName = 'Old offers', parentFolderId = 'archive' WHERE id = ?", [id as string])).toBe(1);
  expect(await values(connection, 'SELECT path FROM MailFolders WHERE id = ?', [id as string])).toEqual(['/Archive/Old offers']);
  expect(await refusal(connection.query("INSERT INTO MailFolders (displayName, parentFolderId) VALUES ('Old offers', 'archive')"))).toMatchObject({ code: 'DUPLICATE' });
  expect(await change("DELETE FROM MailFolders WHERE id = ? AND DeleteMode = 'HardDelete'", [id as string])).toBe(1);
  expect(await values(connection, 'SELECT id FROM MailFolders WHERE id = ?', [id as string])).toEqual([]);
});

test('contacts keep their name when another column changes', async () => {
  const { id } = await one("INSERT INTO Contacts (givenName, surname, displayName, emailAddresses) VALUES ('Ann', 'Able', 'Annie', 'Ann <ann@fabrikam.example>') RETURNING id");
  expect(await one("UPDATE Contacts SET jobTitle = 'Buyer', homeAddress_city = 'Köln' WHERE id = ? RETURNING displayName, jobTitle, homeAddress_city", [id as string])).toEqual({ displayName: 'Annie', jobTitle: 'Buyer', homeAddress_city: 'Köln' });
  expect(await change("UPDATE Contacts SET homeAddress_street = 'Dom 1' WHERE id = ?", [id as string])).toBe(1);
  expect(await service(`/me/contacts/${encodeURIComponent(id as string)}`)).toMatchObject({ displayName: 'Annie', homeAddress: { city: 'Köln', street: 'Dom 1' }, emailAddresses: [{ name: 'Ann', address: 'ann@fabrikam.example' }] });
  expect(await change('DELETE FROM Contacts WHERE id = ?', [id as string])).toBe(1);
  const folder = await one("INSERT INTO ContactFolders (displayName) VALUES ('Press') RETURNING id");
  expect(await one("INSERT INTO Contacts (displayName, parentFolderId) VALUES ('Pia', ?) RETURNING parentFolderId", [folder['id'] as string])).toEqual({ parentFolderId: folder['id'] });
});

test('events keep their zone, recur, and tell attendees', async () => {
  const { id } = await one(
    "INSERT INTO Events (subject, start_dateTime, start_timeZone, end_dateTime, attendees, recurrence_pattern_type, recurrence_range_numberOfOccurrences) VALUES ('Jour fixe', '2026-03-25T09:00:00', 'Europe/Berlin', '2026-03-25T10:00:00', ?, 'weekly', 3) RETURNING id",
    [BEN],
  );
  expect(await values(connection, "SELECT start_dateTime FROM CalendarView WHERE subject = 'Jour fixe' AND StartDateTime = '2026-03-01' AND EndDateTime = '2026-05-01' ORDER BY 1")).toEqual(['2026-03-25T08:00:00Z', '2026-04-01T07:00:00Z', '2026-04-08T07:00:00Z']);
  expect(await values(connection, `SELECT subject FROM Events WHERE userId = '${BEN}'`)).toContain('Jour fixe');
  expect(await change("UPDATE Events SET start_dateTime = '2026-03-25T09:00:00Z', end_dateTime = '2026-03-25T10:00:00Z' WHERE id = ?", [id as string])).toBe(1);
  expect(await values(connection, "SELECT start_dateTime FROM CalendarView WHERE subject = 'Jour fixe' AND StartDateTime = '2026-03-01' AND EndDateTime = '2026-05-01' ORDER BY 1")).toEqual(['2026-03-25T09:00:00Z', '2026-04-01T08:00:00Z', '2026-04-08T08:00:00Z']);
  expect(await change("INSERT INTO EventAttendees (eventId, emailAddress_address, type) VALUES (?, 'dora@contoso.example', 'optional')", [id as string])).toBe(1);
  expect(await values(connection, 'SELECT emailAddress_address FROM EventAttendees WHERE eventId = ? ORDER BY ordinal', [id as string])).toEqual([BEN, 'dora@contoso.example']);
  expect(await change('DELETE FROM EventAttendees WHERE eventId = ? AND emailAddress_address = ?', [id as string, BEN])).toBe(1);
  expect(await values(connection, 'SELECT emailAddress_address FROM EventAttendees WHERE eventId = ?', [id as string])).toEqual(['dora@contoso.example']);
  expect(await change('DELETE FROM Events WHERE id = ?', [id as string])).toBe(1);
  expect(await values(connection, 'SELECT id FROM Events WHERE id = ?', [id as string])).toEqual([]);
});

test('one occurrence of a series is changed and deleted by its id', async () => {
  const window = "subject LIKE 'Stand-up%' AND StartDateTime = '2026-03-25' AND EndDateTime = '2026-04-10'";
  const before = await values(connection, `SELECT start_dateTime FROM CalendarView WHERE ${window} ORDER BY 1`);
  expect(await change(`UPDATE CalendarView SET subject = 'Stand-up, short', end_dateTime = '2026-03-31T07:05:00Z' WHERE ${window} AND start_dateTime = '2026-03-31T07:00:00Z'`)).toBe(1);
  expect((await connection.query(`SELECT subject, type, end_dateTime FROM CalendarView WHERE ${window} AND start_dateTime = '2026-03-31T07:00:00Z'`)).rows).toEqual([{ subject: 'Stand-up, short', type: 'exception', end_dateTime: '2026-03-31T07:05:00Z' }]);
  expect(await change(`DELETE FROM CalendarView WHERE ${window} AND start_dateTime = '2026-04-01T07:00:00Z'`)).toBe(1);
  expect(await values(connection, `SELECT start_dateTime FROM CalendarView WHERE ${window} ORDER BY 1`)).toEqual(before.filter((start) => start !== '2026-04-01T07:00:00Z'));
  expect(await refusal(connection.query(`UPDATE CalendarView SET recurrence_pattern_interval = 2 WHERE ${window}`))).toMatchObject({ code: 'NOT_WRITABLE', hint: 'The pattern belongs to the series; UPDATE Events by seriesMasterId.' });
});

test('whole days', async () => {
  const { id } = await one("INSERT INTO Events (subject, isAllDay, start_dateTime, end_dateTime, start_timeZone) VALUES ('Fair', 1, '2026-05-01', '2026-05-03', 'Europe/Berlin') RETURNING id");
  expect(await change("UPDATE Events SET end_dateTime = '2026-05-04' WHERE id = ?", [id as string])).toBe(1);
  expect(await one("UPDATE Events SET subject = 'Big fair' WHERE id = ? RETURNING isAllDay, start_localDateTime, end_localDateTime", [id as string])).toEqual({ isAllDay: true, start_localDateTime: '2026-05-01T00:00:00', end_localDateTime: '2026-05-04T00:00:00' });
});

test('calendars, their groups, and events in them', async () => {
  const group = await one("INSERT INTO CalendarGroups (name) VALUES ('Projects') RETURNING id");
  const calendar = await one("INSERT INTO Calendars (name, color, calendarGroupId) VALUES ('Build', 'lightBlue', ?) RETURNING id, name", [group['id'] as string]);
  expect(await one("INSERT INTO Events (subject, start_dateTime, end_dateTime, calendarId) VALUES ('Kick-off', '2026-05-01T09:00:00', '2026-05-01T10:00:00', ?) RETURNING calendarId", [calendar['id'] as string])).toEqual({ calendarId: calendar['id'] });
  expect((await listed(sandbox, `/me/calendars/${encodeURIComponent(calendar['id'] as string)}/events`)).map(({ subject }) => subject)).toEqual(['Kick-off']);
  expect(await change("UPDATE Calendars SET name = 'Built' WHERE id = ?", [calendar['id'] as string])).toBe(1);
  expect(await change('DELETE FROM Calendars WHERE id = ?', [calendar['id'] as string])).toBe(1);
  expect(await change('DELETE FROM CalendarGroups WHERE id = ?', [group['id'] as string])).toBe(1);
});

test('recipients of a draft', async () => {
  const { id } = await one("INSERT INTO Messages (subject, toRecipients) VALUES ('List', 'a@fabrikam.example') RETURNING id");
  expect(await change("INSERT INTO MessageRecipients (messageId, kind, emailAddress_address, emailAddress_name) VALUES (?, 'to', 'b@fabrikam.example', 'B'), (?, 'cc', 'c@fabrikam.example', NULL)", [id as string, id as string])).toBe(2);
  expect(await change("UPDATE MessageRecipients SET emailAddress_name = 'Bea' WHERE messageId = ? AND emailAddress_address = 'b@fabrikam.example'", [id as string])).toBe(1);
  expect(await change("DELETE FROM MessageRecipients WHERE messageId = ? AND emailAddress_address = 'a@fabrikam.example'", [id as string])).toBe(1);
  const { rows } = await connection.query('SELECT kind, ordinal, emailAddress_name, emailAddress_address FROM MessageRecipients WHERE messageId = ? ORDER BY kind', [id as string]);
  expect(rows).toMatchObject([{ kind: 'cc', emailAddress_address: 'c@fabrikam.example' }, { kind: 'to', emailAddress_name: 'Bea', emailAddress_address: 'b@fabrikam.example' }]);
});

test('attachments, small and large, of messages and events, from bytes, text and files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'write-tables-'));
  const confined = await connect(sandbox.connectionString, { fileAccess: { folder } });
  try {
    writeFileSync(join(folder, 'large.bin'), Buffer.alloc(5_000_000, 9));
    const { id } = await one("INSERT INTO Messages (subject) VALUES ('With attachments') RETURNING id");
    expect(await change("INSERT INTO MessageAttachments (messageId, name, content, contentType) VALUES (?, 'a.txt', 'Grüße', 'text/plain')", [id as string])).toBe(1);
    const large = Buffer.alloc(4_000_000, 7);
    const made = await one("INSERT INTO MessageAttachments (messageId, name, contentBytes) VALUES (?, 'b.bin', ?) RETURNING id, name, size", [id as string, large]);
    expect(made['name']).toBe('b.bin');
    await confined.query("INSERT INTO MessageAttachments (messageId, name, LocalFile) VALUES (?, 'c.bin', 'large.bin')", [id as string]);
    expect(await refusal(confined.query("INSERT INTO MessageAttachments (messageId, name, LocalFile) VALUES (?, 'd', '../d')", [id as string]))).toMatchObject({ code: 'STATEMENT_REFUSED' });
    const stored = await listed(sandbox, `/me/messages/${encodeURIComponent(id as string)}/attachments`);
    const bytes = Object.fromEntries(stored.map(({ name, contentBytes }) => [name as string, Buffer.from(contentBytes as string, 'base64')]));
    expect(bytes['a.txt']?.toString()).toBe('Grüße');
    expect(bytes['b.bin']?.equals(large)).toBe(true);
    expect(bytes['c.bin']?.equals(Buffer.alloc(5_000_000, 9))).toBe(true);
    expect(await change("DELETE FROM MessageAttachments WHERE messageId = ? AND name <> 'a.txt'", [id as string])).toBe(2);
    const [event] = await values(connection, "SELECT id FROM Events WHERE subject = 'Board meeting'");
    expect(await change("INSERT INTO EventAttachments (eventId, name, content) VALUES (?, 'minutes.txt', 'none')", [event as string])).toBe(1);
    expect(await values(connection, 'SELECT name FROM EventAttachments WHERE eventId = ? ORDER BY name', [event as string])).toEqual(['agenda.txt', 'minutes.txt']);
  } finally {
    await confined.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('categories, rules and settings', async () => {
  const { id } = await one("INSERT INTO Categories (displayName, color) VALUES ('Urgent', 'PRESET3') RETURNING id, color");
  expect(await change("UPDATE Categories SET color = 'preset4' WHERE id = ?", [id as string])).toBe(1);
  expect(await refusal(connection.query("UPDATE Categories SET displayName = 'x' WHERE id = ?", [id as string]))).toMatchObject({ code: 'NOT_WRITABLE' });
  expect(await change('DELETE FROM Categories WHERE id = ?', [id as string])).toBe(1);
  const rule = await one(`INSERT INTO MessageRules (displayName, sequence, isEnabled, conditions_senderContains, conditions_hasAttachments, actions_markImportance) VALUES ('Ads', 2, 1, '["ads"]', 1, 'low') RETURNING id`);
  expect(await change("UPDATE MessageRules SET conditions_senderContains = NULL, displayName = 'Files' WHERE id = ?", [rule['id'] as string])).toBe(1);
  const stored = (await service(`/me/mailFolders/inbox/messageRules/${encodeURIComponent(rule['id'] as string)}`))['conditions'] as Record<string, unknown>;
  expect([stored['hasAttachments'], stored['senderContains'] ?? null]).toEqual([true, null]);
  expect(await change('DELETE FROM MessageRules WHERE id = ?', [rule['id'] as string])).toBe(1);
  expect(await change("UPDATE MailboxSettings SET automaticRepliesSetting_status = 'scheduled', automaticRepliesSetting_scheduledStartDateTime_dateTime = '2026-08-01T00:00:00', automaticRepliesSetting_scheduledStartDateTime_timeZone = 'Europe/Berlin', automaticRepliesSetting_scheduledEndDateTime_dateTime = '2026-08-15T00:00:00Z', automaticRepliesSetting_internalReplyMessage = 'Away' WHERE userId = 'me'")).toBe(1);
  expect(await service('/me/mailboxSettings')).toMatchObject({ automaticRepliesSetting: { status: 'scheduled', internalReplyMessage: 'Away' } });
  expect(await change("UPDATE MailboxSettings SET workingHours_endTime = '16:30' WHERE userId = 'me'")).toBe(1);
  expect(await values(connection, 'SELECT workingHours_endTime FROM MailboxSettings')).toEqual(['16:30:00']);
});

test('to-do lists, tasks and their steps', async () => {
  const list = await one("INSERT INTO TodoLists (displayName) VALUES ('Home') RETURNING id");
  const task = await one("INSERT INTO TodoTasks (listId, title, importance, dueDateTime_dateTime) VALUES (?, 'Paint', 'high', '2026-04-01') RETURNING id, listId, status", [list['id'] as string]);
  expect(task).toMatchObject({ listId: list['id'], status: 'notStarted' });
  const step = await one("INSERT INTO ChecklistItems (listId, taskId, displayName) VALUES (?, ?, 'Buy paint') RETURNING id", [list['id'] as string, task['id'] as string]);
  expect(await change('UPDATE ChecklistItems SET isChecked = 1 WHERE id = ?', [step['id'] as string])).toBe(1);
  expect(await change("UPDATE TodoTasks SET status = 'completed' WHERE id = ? AND listId = ?", [task['id'] as string, list['id'] as string])).toBe(1);
  expect(await values(connection, 'SELECT status FROM TodoTasks WHERE listId = ?', [list['id'] as string])).toEqual(['completed']);
  expect(await change('DELETE FROM TodoLists WHERE id = ?', [list['id'] as string])).toBe(1);
});

test('extended properties', async () => {
  const { id } = await one("INSERT INTO Messages (subject) VALUES ('Tagged') RETURNING id");
  const property = 'String {00020329-0000-0000-c000-000000000046} Name Colour';
  expect(await change("INSERT INTO ExtendedProperties (entity, entityId, id, value) VALUES ('Message', ?, ?, 'blue')", [id as string, property])).toBe(1);
  expect(await change("UPDATE ExtendedProperties SET value = 'red' WHERE entity = 'Message' AND entityId = ? AND id = ?", [id as string, property])).toBe(1);
  expect(await values(connection, "SELECT value FROM ExtendedProperties WHERE entity = 'Message' AND entityId = ? AND id = ?", [id as string, property])).toEqual(['red']);
});

test('the mailbox of a new row is the one named', async () => {
  const { userId } = await one(`INSERT INTO Contacts (displayName, userId) VALUES ('Of Ben', '${BEN}') RETURNING userId, id`);
  expect(userId).toBe(BEN);
  expect(await values(connection, `SELECT displayName FROM Contacts WHERE userId = '${BEN}'`)).toEqual(['Of Ben']);
  expect(MAIN).not.toBe(BEN);
});
