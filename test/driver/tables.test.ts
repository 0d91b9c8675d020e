import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, CLIENT_MESSAGES, DEEP_MESSAGES, GHOST, INBOX_MESSAGES, listed, logged, MAIN, MESSAGES, open, refusal, startOffice, values } from './office.js';

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

/** Rows that each table must have, by what the service itself lists or by what the fixture put there. */
const ROWS: Readonly<Record<string, () => number | Promise<number>>> = {
  Messages: () => MESSAGES,
  MailFolders: async () => {
    const top = await listed(sandbox, `/users/${MAIN}/mailFolders?includeHiddenFolders=true&$top=1000`);
    // Clients and 2026, and what is hidden below folders that count no children (Sync Issues).
    const hidden = await Promise.all(top.map(({ id }) => listed(sandbox, `/users/${MAIN}/mailFolders/${encodeURIComponent(String(id))}/childFolders?includeHiddenFolders=true&$top=1000`)));
    return top.length + 2 + hidden.flat().filter(({ isHidden }) => isHidden === true).length;
  },
  MessageAttachments: async () => {
    const messages = await listed(sandbox, `/users/${MAIN}/messages?$filter=hasAttachments eq true&$top=1000`);
    let count = 0;
    for (const { id } of messages) count += (await listed(sandbox, `/users/${MAIN}/messages/${encodeURIComponent(String(id))}/attachments`)).length;
    return count;
  },
  MessageRecipients: async () => {
    const messages = await listed(sandbox, `/users/${MAIN}/messages?$top=1000`);
    return messages.reduce((sum, message) => sum + ['toRecipients', 'ccRecipients', 'bccRecipients', 'replyTo'].reduce((n, kind) => n + (message[kind] as unknown[]).length, 0), 0);
  },
  MessageHeaders: () => MESSAGES * 2,
  Events: async () => (await listed(sandbox, `/users/${MAIN}/events?$top=1000`)).length,
  EventAttendees: () => 2,
  EventAttachments: () => 1,
  Calendars: async () => (await listed(sandbox, `/users/${MAIN}/calendars`)).length,
  CalendarGroups: async () => (await listed(sandbox, `/users/${MAIN}/calendarGroups`)).length,
  Contacts: async () => (await listed(sandbox, `/users/${MAIN}/contacts?$top=1000`)).length,
  ContactFolders: async () => (await listed(sandbox, `/users/${MAIN}/contactFolders`)).length,
  Users: () => 3,
  Groups: () => 1,
  GroupMembers: () => 2,
  Conversations: () => 1,
  ConversationThreads: () => 1,
  Posts: () => 2,
  Organization: () => 1,
  Categories: () => 1,
  TodoLists: async () => (await listed(sandbox, `/users/${MAIN}/todo/lists`)).length,
  TodoTasks: () => 2,
  ChecklistItems: () => 2,
  MessageRules: () => 1,
  MailboxSettings: () => 1,
  Rooms: () => 2,
  People: async () => (await listed(sandbox, `/users/${MAIN}/people`)).length,
  Places: () => 1,
  RoomLists: () => 1,
  Files: () => 3,
};
const WINDOW = "StartDateTime = '2026-03-01' AND EndDateTime = '2026-05-01'";
const WINDOWED: Readonly<Record<string, string>> = { CalendarView: WINDOW, EventInstances: WINDOW, EventOccurrences: WINDOW };
const BOUND: Readonly<Record<string, string>> = { ExtendedProperties: "entity = 'Message' AND id = 'String 0x007D' AND entityId IN (SELECT id FROM Messages WHERE subject = 'BUDGET 2026')" };

function mismatch(type: string | undefined, value: unknown): string | undefined {
  if (value === null) return undefined;
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'no boolean';
    case 'integer':
    case 'bigint':
      return Number.isSafeInteger(value) ? undefined : 'no integer';
    case 'double':
      return typeof value === 'number' ? undefined : 'no number';
    case 'timestamp':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{7})?Z$/.test(value) ? undefined : 'no timestamp in normal form';
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? undefined : 'no date';
    case 'time':
      return typeof value === 'string' && /^\d\d:\d\d:\d\d(\.\d+)?$/.test(value) ? undefined : 'no time';
    case 'binary':
      return value instanceof Uint8Array ? undefined : 'no bytes';
    case 'json':
      try {
        return typeof JSON.parse(String(value)) === 'object' ? undefined : 'no array or object';
      } catch {
        return 'no JSON';
      }
    case 'text':
      return typeof value === 'string' ? undefined : 'no text';
    default:
      return `unknown type ${String(type)}`;
  }
}

const OFFERED = ['Messages', 'MailFolders', 'MessageAttachments', 'Events', 'CalendarView', 'EventInstances', 'EventOccurrences', 'EventAttachments', 'Calendars', 'CalendarGroups', 'Contacts', 'ContactFolders', 'Users', 'Groups', 'GroupMembers', 'ExtendedProperties', 'Files', 'Conversations', 'ConversationThreads', 'Posts', 'Organization', 'MessageRecipients', 'MessageHeaders', 'EventAttendees', 'Categories', 'TodoLists', 'TodoTasks', 'ChecklistItems', 'MessageRules', 'MailboxSettings', 'People', 'Places', 'Rooms'];

describe('every table', () => {
  test('of the list is offered, and sys_tables names no other that cannot be read', async () => {
    const names = (await values(connection, "SELECT TableName FROM sys_tables")) as string[];
    expect(OFFERED.filter((name) => !names.includes(name))).toEqual([]);
    for (const name of names) expect([name, name in ROWS || name in WINDOWED || name in BOUND]).toEqual([name, true]);
  });

  test.each([...OFFERED, 'RoomLists'])('SELECT * FROM %s: all rows, each value of its declared type', async (table) => {
    const condition = WINDOWED[table] ?? BOUND[table];
    const { rows, columns, warnings } = await connection.query(`SELECT * FROM ${table}${condition === undefined ? '' : ` WHERE ${condition}`}`);
    const expected = ROWS[table];
    if (expected !== undefined) expect(rows).toHaveLength(await expected());
    else expect(rows.length).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
    const wrong: string[] = [];
    for (const { name, type } of columns) {
      for (const row of rows) {
        const fault = mismatch(type, row[name]);
        if (fault !== undefined) wrong.push(`${table}.${name}: ${fault}: ${String(row[name])}`);
      }
    }
    expect(wrong).toEqual([]);
    const declared = await values(connection, 'SELECT ColumnName FROM sys_keycolumns WHERE TableName = ? AND IsKey', [table]);
    for (const key of declared as string[]) for (const row of rows) expect([key, row[key] !== null && row[key] !== undefined]).toEqual([key, true]);
  });

  test('the same rows whether filters go down or not', async () => {
    await using plain = await open(sandbox, 'DisableServerSideFiltering=true');
    for (const table of OFFERED) {
      const condition = WINDOWED[table] ?? BOUND[table];
      const sql = `SELECT count(*) FROM ${table}${condition === undefined ? '' : ` WHERE ${condition}`}`;
      expect([table, await values(plain, sql)]).toEqual([table, await values(connection, sql)]);
    }
  });
});

describe('names', () => {
  test('are case-insensitive, and may carry schema and catalog', async () => {
    for (const name of ['messages', 'MESSAGES', '[Messages]', '"Messages"', '`Messages`', 'MSGraph.Messages', '[CData].[MSGraph].[Messages]', 'main.Messages']) {
      expect([name, await values(connection, `SELECT count(SUBJECT) FROM ${name}`)]).toEqual([name, [MESSAGES]]);
    }
  });

  test.each(['Plans', 'Tasks', 'BookingAppointments', 'BookingBusinesses', 'TeamsUserActivityUserDetail', 'EmailActivityUserDetail'])('%s is known and says why it is not offered', async (name) => {
    const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(`SELECT * FROM ${name}`)));
    expect(error.code).toBe('NOT_SUPPORTED');
    expect(error.message).toContain(name);
    expect(error.message.length).toBeGreaterThan(name.length + 40);
    expect(calls).toEqual([]);
  });
});

describe('columns outside the default set', () => {
  test('are asked for only where the statement uses them', async () => {
    const url = async (sql: string): Promise<string> => decodeURIComponent((await logged(sandbox, () => connection.query(sql))).calls[0]!.url);
    const plain = await url('SELECT subject FROM Messages');
    expect(plain).toMatch(/\$select=id,subject,receivedDateTime(&|$)/);
    expect(await url('SELECT uniqueBody_content FROM Messages')).toContain('uniqueBody');
    expect(await url('SELECT subject FROM Messages WHERE body_content LIKE \'%3%\'')).toContain('body');
    expect(await url('SELECT count(*) FROM (SELECT * FROM Messages)')).not.toContain('body');
  });

  test('of single users cost a request per user only when used', async () => {
    const few = await logged(sandbox, () => connection.query('SELECT displayName FROM Users'));
    expect(few.calls).toHaveLength(1);
    const more = await logged(sandbox, () => connection.query('SELECT displayName, aboutMe FROM Users'));
    expect(more.parts.length + more.calls.length).toBeGreaterThanOrEqual(4);
  });

  test('attachments come without their bytes unless the bytes are asked for', async () => {
    const names = await logged(sandbox, () => connection.query('SELECT name, size FROM MessageAttachments'));
    expect(names.parts.length).toBeGreaterThan(0);
    for (const { url } of names.parts) expect(url).not.toContain('contentBytes');
    const { result } = await logged(sandbox, () => connection.query("SELECT contentBytes FROM MessageAttachments WHERE name = 'plan-12.txt'"));
    expect(result.rows[0]?.['contentBytes']).toEqual(Buffer.from('x'.repeat(112)));
  });
});

describe('MessageAttachments without a message', () => {
  test('asks every message, for hasAttachments does not tell of inline ones', async () => {
    const { parts, calls } = await logged(sandbox, () => connection.query('SELECT messageId, name, size FROM MessageAttachments'));
    expect(decodeURIComponent(calls[0]!.url)).not.toContain('hasAttachments');
    expect(parts.filter(({ url }) => url.includes('/attachments'))).toHaveLength(MESSAGES);
  });

  test('without inline ones walks messages that have attachments, and only these', async () => {
    const { result, parts, calls } = await logged(sandbox, () => connection.query('SELECT messageId, name, size FROM MessageAttachments WHERE isInline = 0'));
    expect(decodeURIComponent(calls[0]!.url)).toContain('hasAttachments eq true');
    expect(result.rows.length).toBeGreaterThan(0);
    expect(parts.filter(({ url }) => url.includes('/attachments'))).toHaveLength(new Set(result.rows.map(({ messageId }) => messageId)).size);
  });

  test('joined to Messages gives the same as by hand', async () => {
    const { rows } = await connection.query('SELECT m.subject, a.name FROM Messages m JOIN MessageAttachments a ON a.messageId = m.id ORDER BY m.subject, a.name');
    const without = await connection.query('SELECT count(*) AS n FROM MessageAttachments');
    expect(rows).toHaveLength(Number(without.rows[0]!['n']));
  });
});

describe('child tables', () => {
  test('MessageRecipients tells to, cc, bcc and replyTo apart', async () => {
    const { rows } = await connection.query('SELECT kind, count(*) AS n FROM MessageRecipients GROUP BY kind ORDER BY kind');
    const messages = await listed(sandbox, `/users/${MAIN}/messages?$top=1000`);
    const count = (member: string): number => messages.reduce((n, message) => n + (message[member] as unknown[]).length, 0);
    expect(rows).toEqual([{ kind: 'cc', n: count('ccRecipients') }, { kind: 'replyTo', n: count('replyTo') }, { kind: 'to', n: count('toRecipients') }]);
  });

  test('EventAttendees have their response and its time', async () => {
    const { rows } = await connection.query('SELECT emailAddress_address, status_response, status_time FROM EventAttendees ORDER BY 1');
    expect(rows).toEqual([
      { emailAddress_address: BEN, status_response: 'accepted', status_time: '2026-03-01T10:00:00Z' },
      { emailAddress_address: 'dora@contoso.example', status_response: 'declined', status_time: '2026-03-01T10:00:00Z' },
    ]);
  });

  test('MessageHeaders of one message cost one request', async () => {
    const [id] = await values(connection, "SELECT id FROM Messages WHERE subject = 'BUDGET 2026'");
    const { result, calls } = await logged(sandbox, () => connection.query('SELECT name, value FROM MessageHeaders WHERE messageId = ? ORDER BY ordinal', [id as string]));
    expect(result.rows).toEqual([{ name: 'X-Number', value: '5' }, { name: 'X-Mailer', value: 'invented' }]);
    expect(calls).toHaveLength(1);
  });
});

describe('folders', () => {
  test('MailFolders is the whole tree with path, depth and wellKnownName', async () => {
    const { rows } = await connection.query("SELECT path, depth, wellKnownName, totalItemCount FROM MailFolders WHERE path LIKE '/Inbox%' ORDER BY path");
    expect(rows).toEqual([
      { path: '/Inbox', depth: 1, wellKnownName: 'inbox', totalItemCount: INBOX_MESSAGES },
      { path: '/Inbox/Clients', depth: 2, wellKnownName: null, totalItemCount: CLIENT_MESSAGES },
      { path: '/Inbox/Clients/2026', depth: 3, wellKnownName: null, totalItemCount: DEEP_MESSAGES },
    ]);
  });

  test.each(['', 'DisableServerSideFiltering=true', 'IdType=Regular'])('well-known names and FOLDER() stand for the id (%s)', async (properties) => {
    await using own = await open(sandbox, properties);
    const count = async (condition: string): Promise<unknown> => (await values(own, `SELECT count(*) FROM Messages WHERE ${condition}`))[0];
    expect(await count("parentFolderId = 'inbox'")).toBe(INBOX_MESSAGES);
    expect(await count("'Inbox' = parentFolderId")).toBe(INBOX_MESSAGES);
    expect(await count("parentFolderId IN ('inbox', FOLDER('/Inbox/Clients'))")).toBe(INBOX_MESSAGES + CLIENT_MESSAGES);
    expect(await count("parentFolderId = FOLDER('/inbox/CLIENTS/2026')")).toBe(DEEP_MESSAGES);
    expect(await count("parentFolderId <> FOLDER('/Inbox')")).toBe(MESSAGES - INBOX_MESSAGES);
    expect(await count("parentFolderId = (SELECT id FROM MailFolders WHERE path = '/Inbox/Clients')")).toBe(CLIENT_MESSAGES);
    expect((await own.query("SELECT FOLDER('/Inbox') = id AS same, path FROM MailFolders WHERE wellKnownName = 'inbox'")).rows).toEqual([{ same: 1, path: '/Inbox' }]);
    expect((await own.query('SELECT count(*) AS n FROM Messages WHERE parentFolderId = ?', ['inbox'])).rows).toEqual([{ n: INBOX_MESSAGES }]);
  });

  test('a folder goes into the path of the request', async () => {
    await connection.query("SELECT 1 FROM Messages WHERE parentFolderId = 'inbox' LIMIT 1");
    const { calls } = await logged(sandbox, () => connection.query("SELECT subject FROM Messages WHERE parentFolderId = FOLDER('/Inbox/Clients')"));
    expect(calls.at(-1)!.url).toMatch(/\/mailFolders\/[^/]+\/messages/);
    expect(calls.at(-1)!.rows).toBe(CLIENT_MESSAGES);
  });

  test('a path that is not there is one clear error', async () => {
    const error = await refusal(connection.query("SELECT 1 FROM Messages WHERE parentFolderId = FOLDER('/Inbox/Nowhere')"));
    expect(error.code).toBe('NOT_FOUND');
    expect(error.message).toContain("'/Inbox/Nowhere'");
    expect(error.hint).toContain('MailFolders');
    expect(error.position).toBe("SELECT 1 FROM Messages WHERE parentFolderId = ".length);
  });

  test('IncludeSubfolders reads the folders below', async () => {
    const count = (sql: string): Promise<unknown[]> => values(connection, `SELECT count(*) FROM Messages WHERE ${sql}`);
    expect(await count("parentFolderId = 'inbox' AND IncludeSubfolders = true")).toEqual([INBOX_MESSAGES + CLIENT_MESSAGES + DEEP_MESSAGES]);
    expect(await count("parentFolderId = FOLDER('/Inbox/Clients') AND IncludeSubfolders = 1")).toEqual([CLIENT_MESSAGES + DEEP_MESSAGES]);
    expect(await count("parentFolderId = 'inbox' AND IncludeSubfolders = false")).toEqual([INBOX_MESSAGES]);
  });
});

describe('calendars', () => {
  test.each(['CalendarView', 'EventInstances', 'EventOccurrences'])('%s without both bounds is refused with the predicate to add', async (table) => {
    for (const condition of ['', " WHERE StartDateTime = '2026-03-01'", " WHERE start_dateTime >= '2026-03-01'", " WHERE subject = 'Stand-up'"]) {
      const { result: error, calls } = await logged(sandbox, () => refusal(connection.query(`SELECT subject FROM ${table}${condition}`)));
      expect(error.code).toBe('PREDICATE_REQUIRED');
      expect(error.hint).toMatch(/EndDateTime = '\d{4}-\d\d-\d\d'/);
      expect(calls).toEqual([]);
    }
  });

  const rowsOf = async (condition: string): Promise<unknown[]> => (await connection.query(`SELECT subject, start_dateTime FROM CalendarView WHERE ${condition} ORDER BY start_dateTime`)).rows.map(({ subject, start_dateTime }) => `${String(start_dateTime)} ${String(subject)}`);

  const MARCH = [
    '2026-03-11T10:00:00Z Board meeting',
    '2026-03-25T08:00:00Z Stand-up',
    '2026-03-26T08:00:00Z Stand-up',
    '2026-03-27T13:00:00Z Stand-up, later',
    '2026-03-29T07:00:00Z Stand-up',
    '2026-03-30T07:00:00Z Stand-up',
    '2026-03-31T07:00:00Z Stand-up',
  ];

  test('a month, by predicates on start and end and by StartDateTime and EndDateTime', async () => {
    expect(await rowsOf("start_dateTime >= '2026-03-01' AND end_dateTime < '2026-04-01'")).toEqual(MARCH);
    expect(await rowsOf("StartDateTime = '2026-03-01' AND EndDateTime = '2026-04-01'")).toEqual(MARCH);
    expect(await rowsOf("start_dateTime BETWEEN '2026-03-01' AND '2026-03-31T23:59:59Z'")).toEqual(MARCH);
    expect((await connection.query('SELECT count(*) AS n FROM CalendarView WHERE StartDateTime = @from AND EndDateTime = @to', { from: new Date('2026-03-01'), to: '2026-04-01 00:00:00' })).rows).toEqual([{ n: MARCH.length }]);
  });

  test('an event that only touches the window is left to SQL', async () => {
    // The board meeting runs from 10:00 to 11:30.
    expect(await rowsOf("StartDateTime = '2026-03-11T11:00:00Z' AND EndDateTime = '2026-03-11T12:00:00Z'")).toEqual(['2026-03-11T10:00:00Z Board meeting']);
    expect(await rowsOf("start_dateTime >= '2026-03-11T11:00:00Z' AND start_dateTime < '2026-03-11T12:00:00Z'")).toEqual([]);
    expect(await rowsOf("start_dateTime >= '2026-04-01' AND start_dateTime < '2026-03-01'")).toEqual([]);
  });

  test('start and end are UTC; zone and local time are columns of their own, across a change of the clocks', async () => {
    const { rows } = await connection.query(`
      SELECT start_dateTime, start_timeZone, originalStartTimeZone, start_localDateTime, end_localDateTime FROM CalendarView
      WHERE subject = 'Stand-up' AND start_dateTime >= '2026-03-26' AND start_dateTime < '2026-03-31' ORDER BY 1`);
    expect(rows.map(({ start_dateTime, start_localDateTime, end_localDateTime }) => [start_dateTime, start_localDateTime, end_localDateTime])).toEqual([
      ['2026-03-26T08:00:00Z', '2026-03-26T09:00:00', '2026-03-26T09:15:00'],
      ['2026-03-29T07:00:00Z', '2026-03-29T09:00:00', '2026-03-29T09:15:00'],
      ['2026-03-30T07:00:00Z', '2026-03-30T09:00:00', '2026-03-30T09:15:00'],
    ]);
    for (const row of rows) expect([row['start_timeZone'], row['originalStartTimeZone']]).toEqual(['UTC', 'W. Europe Standard Time']);
  });

  test('EventInstances of a series: all but the cancelled one', async () => {
    const [id] = await values(connection, "SELECT id FROM Events WHERE type = 'seriesMaster'");
    for (const table of ['EventInstances', 'EventOccurrences']) {
      const { rows } = await connection.query(`SELECT start_dateTime, type FROM ${table} WHERE eventId = ? AND ${WINDOW} ORDER BY 1`, [id as string]);
      expect(rows).toHaveLength(9);
      expect(rows.filter(({ type }) => type === 'exception')).toHaveLength(1);
    }
  });

  test('an event named by its id shows the calendar it is in', async () => {
    const [dentist] = await values(connection, "SELECT e.id FROM Calendars c JOIN Events e ON e.calendarId = c.id WHERE c.name = 'Private'");
    const [board] = await values(connection, "SELECT id FROM Events WHERE subject = 'Board meeting'");
    expect(await values(connection, 'SELECT c.name FROM Events e JOIN Calendars c ON c.id = e.calendarId WHERE e.id = ?', [String(dentist)])).toEqual(['Private']);
    const { rows } = await connection.query('SELECT e.subject, c.name FROM Events e JOIN Calendars c ON c.id = e.calendarId WHERE e.id IN (?, ?) ORDER BY 1', [String(dentist), String(board)]);
    expect(rows).toEqual([{ subject: 'Board meeting', name: 'Calendar' }, { subject: 'Dentist', name: 'Private' }]);
  });

  test('another calendar is read by its id', async () => {
    expect(await values(connection, "SELECT v.subject FROM Calendars c JOIN CalendarView v ON v.calendarId = c.id WHERE c.name = 'Private' AND v.StartDateTime = '2026-03-01' AND v.EndDateTime = '2026-04-01'")).toEqual(['Dentist']);
  });
});

describe('userId', () => {
  test('is no required parameter: unbound it is the connection\'s user', async () => {
    expect(await values(connection, 'SELECT DISTINCT userId FROM Messages')).toEqual([MAIN]);
  });

  test('bound by = and IN it selects mailboxes', async () => {
    expect(await values(connection, 'SELECT count(*) FROM Messages WHERE userId = ?', [BEN])).toEqual([15]);
    const { rows } = await connection.query(`SELECT userId, count(*) AS n FROM Messages WHERE userId IN ('${MAIN}', '${BEN}') GROUP BY userId ORDER BY userId`);
    expect(rows).toEqual([{ userId: BEN, n: 15 }, { userId: MAIN, n: MESSAGES }]);
  });

  test('bound by a join with Users it reads every mailbox; a user without one is no error', async () => {
    const { rows, warnings } = await connection.query('SELECT u.userPrincipalName AS who, count(m.id) AS n FROM Users u LEFT JOIN Messages m ON m.userId = u.userPrincipalName GROUP BY u.userPrincipalName ORDER BY 1');
    expect(rows).toEqual([{ who: BEN, n: 15 }, { who: GHOST, n: 0 }, { who: MAIN, n: MESSAGES }]);
    expect(warnings.map(({ message }) => message).join()).toContain(GHOST);
    const inner = await connection.query("SELECT m.subject FROM Users u JOIN Messages m ON m.userId = u.id WHERE u.department = 'Sales'");
    expect(inner.rows).toHaveLength(15);
  });

  test('a mailbox that is not there is an error when named, with its name', async () => {
    const nobody = await logged(sandbox, () => connection.query("SELECT subject FROM Messages WHERE userId IN ('', ' ') OR userId = ''"));
    expect([nobody.result.rows, nobody.calls]).toEqual([[], []]);
    const error = await refusal(connection.query(`SELECT subject FROM Messages WHERE userId = '${GHOST}'`));
    expect(error.message).toContain(GHOST);
    expect(['NOT_FOUND', 'MAILBOX']).toContain(error.code);
  });

  test('OnMailboxError: fail names mailbox and permission, warn goes on', async () => {
    sandbox.faults.set({ denyMailboxes: [BEN] });
    try {
      const sql = `SELECT userId, count(*) AS n FROM Messages WHERE userId IN ('${MAIN}', '${BEN}') GROUP BY userId`;
      const error = await refusal(connection.query(sql));
      expect(error.code).toBe('PERMISSION');
      expect(error.message).toContain(BEN);
      expect(`${error.message} ${error.hint ?? ''}`).toContain('Mail.Read');
      await using tolerant = await open(sandbox, 'OnMailboxError=warn');
      const { rows, warnings } = await tolerant.query(sql);
      expect(rows).toEqual([{ userId: MAIN, n: MESSAGES }]);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]!.message).toContain(BEN);
    } finally {
      sandbox.faults.reset();
    }
  });
});
