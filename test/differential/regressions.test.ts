/** Statements that random ones once shrank to: each was answered wrongly, or refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from './harness/oracle.js';
import { check, startBench, unexplained429s, type Bench } from './harness/runner.js';

/** `{…}` is the text of a value that occurs: the answer of plain SQLite to what stands inside. */
const STATEMENTS: readonly (readonly [why: string, sql: string, scope?: Scope])[] = [
  ['a calendar and a key: the item does not say in which calendar it is', 'SELECT a.id, b.importance FROM Events b JOIN CalendarView a ON a.seriesMasterId = b.id WHERE b.calendarId = {SELECT id FROM Calendars WHERE name = \'Calendar\'} AND a.calendarId = {SELECT id FROM Calendars WHERE name = \'Calendar\'} AND a.start_dateTime >= \'2026-01-01T00:00:00Z\' AND a.start_dateTime < \'2026-12-01T00:00:00Z\'', 'places'],
  ['a calendar and an id', 'SELECT subject FROM Events WHERE calendarId = {SELECT id FROM Calendars WHERE name = \'Projects\'} AND id IN (SELECT id FROM Events WHERE calendarId = {SELECT id FROM Calendars WHERE name = \'Projects\'})', 'places'],
  ['a NULL test of userId binds nothing', 'SELECT a.name, b.userId FROM Calendars a LEFT JOIN Calendars b ON a.id = b.id AND b.userId IS NOT NULL'],
  ['two calendar views, two windows', "SELECT a.id, b.subject FROM CalendarView a JOIN CalendarView b ON a.iCalUId = b.iCalUId WHERE a.start_dateTime >= '2026-02-01T00:00:00Z' AND a.start_dateTime < '2026-03-01T00:00:00Z' AND b.end_dateTime > '2026-02-15T00:00:00Z' AND b.start_dateTime <= '2026-04-01T00:00:00Z'"],
  ['a window by a list of times', "SELECT id FROM CalendarView WHERE start_dateTime IN ({SELECT min(start_dateTime) FROM CalendarView}, '2026-02-01T00:00:00Z')"],
  ['instances of what is no series', "SELECT e.subject, i.id FROM Events e LEFT JOIN EventInstances i ON i.eventId = e.id AND i.StartDateTime = '2026-01-01T00:00:00Z' AND i.EndDateTime = '2026-12-31T00:00:00Z'"],
  ['the directory takes ids in any case, SQL does not', 'SELECT displayName FROM GroupMembers WHERE groupId = upper({SELECT min(groupId) FROM GroupMembers})'],
  ['a text that is no id of the directory', "SELECT topic FROM Conversations WHERE groupId IN ('100%', {SELECT min(groupId) FROM Conversations})"],
  ['several mailboxes of groups in several batches', 'SELECT t.topic, p.id FROM Posts p JOIN ConversationThreads t ON p.threadId = t.id'],
  ...['Organization', 'RoomLists', 'Places', 'Rooms', 'Categories', 'MessageRules', 'CalendarGroups', 'People', 'TodoLists', 'ContactFolders', 'Files'].map((table) => [`${table} by id`, `SELECT count(*) FROM ${table} WHERE id IN ({SELECT min(id) FROM ${table}}, 'nobody')`] as const),
  ['attachments of messages that have inline ones only, by walk and by look-up', 'SELECT count(*), sum(a.size) FROM MessageAttachments a'],
  ['the same joined', 'SELECT m.id, m.hasAttachments, a.id, a.isInline FROM Messages m JOIN MessageAttachments a ON a.messageId = m.id'],
  ['the same of one message', 'SELECT name, isInline FROM MessageAttachments WHERE messageId = {SELECT min(m.id) FROM Messages m JOIN MessageAttachments a ON a.messageId = m.id WHERE m.hasAttachments = 0}'],
  ['attachments that are not inline', 'SELECT messageId, name FROM MessageAttachments WHERE isInline = 0 AND size > 10'],
  ['attachments that are inline or of a kind', "SELECT messageId, name FROM MessageAttachments WHERE isInline = 0 OR contentType = 'text/plain'"],
  ['attachments of events', 'SELECT e.id, a.name, a.isInline FROM Events e LEFT JOIN EventAttachments a ON a.eventId = e.id'],
  ['attachments of events that are not inline', 'SELECT eventId, name FROM EventAttachments WHERE isInline = 0'],
  ['hidden folders below one that counts no children', "SELECT path FROM MailFolders WHERE parentFolderId = {SELECT id FROM MailFolders WHERE path = '/Sync Issues'}"],
];

describe('once wrong', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench({ messages: 60 });
  });
  afterAll(() => bench.close());

  it.each(STATEMENTS.map(([why, template, scope = 'own']) => ({ why, template, scope })))('$why', async ({ template, scope }) => {
    const sql = template.replace(/\{([^}]*)\}/g, (_, inner: string) => `'${String(bench.oracle.run(inner, scope)[0]?.[0])}'`);
    for (const link of [bench.open(), bench.open({ DisableServerSideFiltering: true })]) await check(link, { sql, check: { kind: 'multiset' }, scope, covers: [] }, bench.oracle);
  });

  it('two scans of one statement are refused the same filter at once', async () => {
    bench.sandbox.faults.set({ filterMode: 'strict' });
    const sql = 'SELECT a.id, h.name FROM MessageAttachments a JOIN MessageHeaders h ON a.messageId = h.messageId JOIN Messages m ON m.id = a.messageId WHERE m.isRead = 0';
    await check(bench.open(), { sql, check: { kind: 'multiset' }, scope: 'own', covers: [] }, bench.oracle);
    const link = bench.open();
    await Promise.all(Array.from({ length: 8 }, () => check(link, { sql: 'SELECT id FROM Messages WHERE isRead = 0 AND isDraft = 0', check: { kind: 'multiset' }, scope: 'own', covers: [] }, bench.oracle)));
    bench.sandbox.faults.reset();
  });

  it('none of it by trying too much at once', () => {
    expect(unexplained429s(bench.sandbox)).toBe(0);
  });
});
