/** Columns that are input only have no values to compare, so plain SQLite is asked for the same rows in other words. */
import { quoted, type Oracle } from '../harness/oracle.js';
import type { Statement } from '../harness/compare.js';
import { MAIN, PROPERTY, SECOND, WINDOW } from '../harness/tenant.js';
import { offeredTables } from './coverage.js';

const [FROM, TO] = ["'2026-02-10T00:00:00Z'", "'2026-04-01T12:00:00Z'"];

const input = (sql: string, oracle: string, ...covers: readonly string[]): Statement => ({ sql, oracle, check: { kind: 'multiset' }, scope: 'own', covers });

export function inputStatements(oracle: Oracle): readonly Statement[] {
  const one = (sql: string): string => quoted(String(oracle.run(sql, 'own')[0]?.[0]));
  const statements: Statement[] = [];
  // It steers DELETE; rows that are read do not depend on it.
  for (const table of ['Calendars', 'ContactFolders', 'Contacts', 'Events', 'Files', 'MailFolders', 'Messages']) {
    statements.push(input(`SELECT id FROM ${table} WHERE DeleteMode = 'SoftDelete'`, `SELECT id FROM ${table}`, `${table}.DeleteMode eq`));
  }
  for (const view of ['CalendarView', 'EventInstances', 'EventOccurrences']) {
    const overlap = `SELECT id, subject FROM ${view} WHERE end_dateTime > ${FROM} AND start_dateTime < ${TO}`;
    statements.push(
      input(`SELECT id, subject FROM ${view} WHERE StartDateTime = ${FROM} AND EndDateTime = ${TO}`, overlap, `${view}.StartDateTime eq`, `${view}.EndDateTime eq`),
      input(`SELECT id, subject FROM ${view} WHERE StartDateTime >= ${FROM} AND EndDateTime <= ${TO}`, overlap, `${view}.StartDateTime range`, `${view}.EndDateTime range`),
      // One second beyond a strict bound is where the window begins.
      input(`SELECT id, StartDateTime, EndDateTime FROM ${view} WHERE StartDateTime > '2026-02-09T23:59:59Z' AND EndDateTime < '2026-04-01T12:00:01Z'`, `SELECT id, ${FROM}, ${TO} FROM ${view} WHERE end_dateTime > ${FROM} AND start_dateTime < ${TO}`, `${view}.StartDateTime range`, `${view}.EndDateTime range`),
      input(`SELECT id FROM ${view} WHERE StartDateTime = ${FROM} AND EndDateTime = ${TO} AND DeleteMode = 'HardDelete'`, `SELECT id FROM ${view} WHERE end_dateTime > ${FROM} AND start_dateTime < ${TO}`, `${view}.DeleteMode eq`),
      input(`SELECT count(*) FROM ${view} WHERE StartDateTime = ${quoted(WINDOW.start)} AND EndDateTime = ${quoted(WINDOW.end)}`, `SELECT count(*) FROM ${view}`, `${view}.StartDateTime eq`),
    );
  }
  const inbox = one("SELECT id FROM MailFolders WHERE wellKnownName = 'inbox'");
  const below = "SELECT id FROM MailFolders WHERE path = '/Inbox' OR path LIKE '/Inbox/%'";
  statements.push(
    input(`SELECT id, subject FROM Messages WHERE parentFolderId = ${inbox} AND IncludeSubfolders = 1`, `SELECT id, subject FROM Messages WHERE parentFolderId IN (${below})`, 'Messages.IncludeSubfolders eq'),
    input(`SELECT id, parentFolderId FROM Messages WHERE parentFolderId = ${inbox} AND IncludeSubfolders = TRUE AND isRead = 0`, `SELECT id, ${inbox} FROM Messages WHERE isRead = 0 AND parentFolderId IN (${below})`, 'Messages.IncludeSubfolders eq'),
    input(`SELECT id FROM Messages WHERE parentFolderId = ${inbox} AND IncludeSubfolders = 0`, `SELECT id FROM Messages WHERE parentFolderId = ${inbox}`, 'Messages.IncludeSubfolders eq'),
    input("SELECT id FROM Messages WHERE parentFolderId = 'inbox'", `SELECT id FROM Messages WHERE parentFolderId = ${inbox}`),
    input("SELECT subject FROM Messages WHERE parentFolderId IN (FOLDER('/Inbox/Clients'), 'drafts')", "SELECT subject FROM Messages WHERE parentFolderId IN (SELECT id FROM MailFolders WHERE path = '/Inbox/Clients' OR wellKnownName = 'drafts')"),
    input("SELECT emailAddress FROM Rooms WHERE roomListEmailAddress = 'list.a@contoso.example'", "SELECT emailAddress FROM Rooms WHERE emailAddress IN ('room0@contoso.example', 'room1@contoso.example', 'room2@contoso.example')", 'Rooms.roomListEmailAddress eq'),
    input("SELECT emailAddress FROM Rooms WHERE roomListEmailAddress = 'no.list@contoso.example'", 'SELECT 1 WHERE 0', 'Rooms.roomListEmailAddress eq'),
  );
  const [personal, work] = ["SELECT id FROM CalendarGroups WHERE name = 'My Calendars'", "SELECT id FROM CalendarGroups WHERE name = 'Work'"].map(one) as [string, string];
  statements.push(
    input(`SELECT name FROM Calendars WHERE calendarGroupId = ${work}`, "SELECT name FROM Calendars WHERE name = 'Projects'", 'Calendars.calendarGroupId eq'),
    input(`SELECT name FROM Calendars WHERE calendarGroupId IN (${personal}, ${work})`, 'SELECT name FROM Calendars', 'Calendars.calendarGroupId in'),
    input('SELECT g.name, c.name FROM CalendarGroups g JOIN Calendars c ON c.calendarGroupId = g.id', "SELECT CASE name WHEN 'Projects' THEN 'Work' ELSE 'My Calendars' END, name FROM Calendars", 'Calendars.calendarGroupId in'),
  );
  const extended = "SELECT id, 'value ' || replace(replace(internetMessageId, '<extended-', ''), '@contoso.example>', '') AS value FROM Messages WHERE internetMessageId LIKE '<extended-%'";
  const some = oracle.run(`SELECT id FROM (${extended}) UNION ALL SELECT id FROM (SELECT id FROM Messages WHERE internetMessageId LIKE '<msg-%' ORDER BY id LIMIT 3)`, 'own').map(([id]) => quoted(String(id)));
  const [first] = some;
  const properties = (condition: string): string => `SELECT entityId, value FROM ExtendedProperties WHERE entity = 'Message' AND ${condition}`;
  statements.push(
    input(properties(`entityId = ${first!} AND id = ${quoted(PROPERTY)}`), `SELECT * FROM (${extended}) WHERE id = ${first!}`, 'ExtendedProperties.entity eq', 'ExtendedProperties.entityId eq', 'ExtendedProperties.id eq'),
    input(properties(`entityId IN (${some.join(', ')}) AND id = ${quoted(PROPERTY)}`), extended, 'ExtendedProperties.entityId in'),
    input(properties(`entityId IN (${some.join(', ')}) AND id IN ('String 0x9999', ${quoted(PROPERTY)})`), extended, 'ExtendedProperties.id in'),
    input(properties(`entityId = ${some.at(-1)!} AND id = ${quoted(PROPERTY)}`), 'SELECT 1, 1 WHERE 0', 'ExtendedProperties.entityId eq'),
    input(properties(`entityId = ${first!} AND id = ${quoted(PROPERTY)} AND userId = ${quoted(MAIN)}`), `SELECT * FROM (${extended}) WHERE id = ${first!}`, 'ExtendedProperties.userId eq'),
    input(properties(`entityId = ${first!} AND id = ${quoted(PROPERTY)} AND userId IN (${quoted(SECOND)}, ${quoted(MAIN)})`), `SELECT * FROM (${extended}) WHERE id = ${first!}`, 'ExtendedProperties.userId in'),
    input(`SELECT m.id, e.value FROM Messages m JOIN ExtendedProperties e ON e.entityId = m.id AND e.entity = 'Message' AND e.id = ${quoted(PROPERTY)}`, extended, 'ExtendedProperties.entityId in'),
  );
  // What a DELETE takes as input says nothing about rows.
  for (const { name, columns } of offeredTables().filter((table) => table.columns.some((column) => column.name === 'DeleteMode'))) {
    const window = columns.some((column) => column.name === 'StartDateTime') ? `StartDateTime = ${quoted(WINDOW.start)} AND EndDateTime = ${quoted(WINDOW.end)} AND ` : '';
    statements.push(input(`SELECT count(*), min(DeleteMode) FROM ${name} WHERE ${window}DeleteMode = 'HardDelete'`, `SELECT count(*), 'HardDelete' FROM ${name}`, `${name}.DeleteMode eq`));
  }
  return statements;
}
