/**
 * A small tenant whose contents every test of the driver knows, and what those tests share: rows of a statement, the
 * sandbox's log of one piece of work, and what the service itself answers to a plain request.
 */
import { connect, type Connection, type ExchangeSqlError as DriverError } from '../../src/index.js';
import { ExchangeSqlError } from '../../src/errors.js';
import { startSandbox, type LogEntry, type Sandbox, type SandboxOptions, type SandboxWriter } from '../../src/sandbox/index.js';

/** The main mailbox of an empty sandbox. */
export const MAIN = 'main@contoso.example';
export const BEN = 'ben.okafor@contoso.example';
/** A directory user without a mailbox. */
export const GHOST = 'ghost@contoso.example';

export const INBOX_MESSAGES = 60;
export const CLIENT_MESSAGES = 24;
export const DEEP_MESSAGES = 6;
export const SENT_MESSAGES = 10;
export const MESSAGES = INBOX_MESSAGES + CLIENT_MESSAGES + DEEP_MESSAGES + SENT_MESSAGES;
export const BEN_MESSAGES = 15;
/** Message `n` of a folder is `n` hours older than this, plus a folder's own minutes. */
export const NEWEST = Date.UTC(2026, 2, 10, 9, 0, 0);

/** Subjects that quoting, escaping or collation may stumble over. */
export const ODD_SUBJECTS = [
  "O'Brien's offer",
  'Rabatt 50% auf alles',
  'snake_case & <tags> "quoted"',
  'Grüße aus Köln 🎉',
  'C:\\new\\temp',
  'BUDGET 2026',
  'budget 2026',
  "'; DROP TABLE Messages; --",
  'a#b?c=d+e/f',
  'Tab\tand  two blanks',
] as const;

const person = (name: string, address: string): { readonly emailAddress: { readonly name: string; readonly address: string } } => ({ emailAddress: { name, address } });

export function fillOffice(writer: SandboxWriter): void {
  writer.bulk(() => {
    const main = writer.mailbox(MAIN)!;
    const ben = writer.addMailbox({ userPrincipalName: BEN, displayName: 'Ben Okafor', kind: 'user', entity: { jobTitle: 'Buyer', department: 'Sales' } });
    writer.addMailbox({ userPrincipalName: GHOST, displayName: 'Gus Ghost', kind: 'none' });

    const message = (mailbox: typeof main, folder: number, n: number, minutes: number, subject: string): void => {
      const at = new Date(NEWEST - n * 3_600_000 - minutes * 60_000);
      const from = n % 3 === 0 ? person('Ben Okafor', BEN) : person('Carla Cook', 'Carla.Cook@Fabrikam.example');
      mailbox.addMessage(folder, {
        entity: {
          subject,
          from,
          sender: from,
          toRecipients: [person('Main User', MAIN), ...(n % 4 === 0 ? [person('Ben Okafor', BEN)] : [])],
          ccRecipients: n % 5 === 0 ? [person('Dora Novak', 'dora@contoso.example')] : [],
          replyTo: n % 10 === 0 ? [person('Desk', 'desk@contoso.example')] : [],
          isRead: n % 2 === 0,
          importance: n % 7 === 0 ? 'high' : 'normal',
          categories: n % 6 === 0 ? ['Blue', 'Red'] : [],
          flag: n % 8 === 0 ? { flagStatus: 'flagged' } : { flagStatus: 'notFlagged' },
          body: { contentType: 'html', content: `<p>Message ${String(n)}</p>` },
          internetMessageId: `<m${String(n)}.${String(minutes)}@contoso.example>`,
          internetMessageHeaders: [{ name: 'X-Number', value: String(n) }, { name: 'X-Mailer', value: 'invented' }],
        },
        receivedDateTime: at,
        sentDateTime: new Date(at.getTime() - 30_000),
        ...(n % 12 === 0 ? { attachments: [{ kind: 'file' as const, name: `plan-${String(n)}.txt`, contentType: 'text/plain', isInline: false, content: Buffer.from('x'.repeat(100 + n)) }] } : {}),
        ...(n === 5 ? { extendedProperties: [{ id: 'String 0x007D', value: 'Received: from mx' }] } : {}),
      });
    };
    const inbox = main.mailFolder('/Inbox');
    const clients = main.mailFolder('/Inbox/Clients');
    const deep = main.mailFolder('/Inbox/Clients/2026');
    const sent = main.mailFolder('/Sent Items');
    main.mailFolder('/Projekte');
    for (let n = 0; n < INBOX_MESSAGES; n += 1) message(main, inbox, n, 0, ODD_SUBJECTS[n] ?? `Lunch ${String(n)}`);
    for (let n = 0; n < CLIENT_MESSAGES; n += 1) message(main, clients, n, 7, `Client ${String(n)}`);
    for (let n = 0; n < DEEP_MESSAGES; n += 1) message(main, deep, n, 13, `Contract ${String(n)}`);
    for (let n = 0; n < SENT_MESSAGES; n += 1) message(main, sent, n, 19, `Sent ${String(n)}`);
    const bens = ben.mailFolder('/Inbox');
    for (let n = 0; n < BEN_MESSAGES; n += 1) message(ben, bens, n, 23, `Ben ${String(n)}`);

    const calendar = main.calendar('Calendar');
    const attendee = (name: string, address: string, response: string): object => ({ ...person(name, address), type: 'required', status: { response, time: '2026-03-01T10:00:00Z' } });
    main.addEvent(calendar, {
      entity: {
        subject: 'Board meeting',
        start: { dateTime: '2026-03-11T10:00:00', timeZone: 'UTC' },
        end: { dateTime: '2026-03-11T11:30:00', timeZone: 'UTC' },
        attendees: [attendee('Ben Okafor', BEN, 'accepted'), attendee('Dora Novak', 'dora@contoso.example', 'declined')] as never,
        location: { displayName: 'Room 1' },
        organizer: person('Main User', MAIN),
      },
      attachments: [{ kind: 'file', name: 'agenda.txt', contentType: 'text/plain', isInline: false, content: Buffer.from('agenda') }],
    });
    // 09:00 in Berlin before and after the clocks change on 29 March 2026: 08:00 and 07:00 UTC.
    main.addEvent(calendar, {
      entity: {
        subject: 'Stand-up',
        start: { dateTime: '2026-03-25T09:00:00', timeZone: 'W. Europe Standard Time' },
        end: { dateTime: '2026-03-25T09:15:00', timeZone: 'W. Europe Standard Time' },
        recurrence: { pattern: { type: 'daily', interval: 1 }, range: { type: 'numbered', startDate: '2026-03-25', numberOfOccurrences: 10, recurrenceTimeZone: 'W. Europe Standard Time' } },
        organizer: person('Main User', MAIN),
      },
      exceptions: [{ date: '2026-03-27', entity: { subject: 'Stand-up, later', start: { dateTime: '2026-03-27T14:00:00', timeZone: 'W. Europe Standard Time' }, end: { dateTime: '2026-03-27T14:15:00', timeZone: 'W. Europe Standard Time' } } }],
      cancelled: ['2026-03-28'],
    });
    main.addEvent(main.calendar('Private'), { entity: { subject: 'Dentist', start: { dateTime: '2026-03-12T15:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-03-12T16:00:00', timeZone: 'UTC' } } });

    main.addContact(main.contactFolder('/'), { displayName: 'Carla Cook', givenName: 'Carla', surname: 'Cook', emailAddresses: [{ name: 'Carla Cook', address: 'carla.cook@fabrikam.example' }], businessPhones: ['+49 30 1234'], birthday: '1980-05-06T00:00:00Z' });
    main.addContact(main.contactFolder('/Suppliers'), { displayName: 'Sam Supplier', emailAddresses: [{ name: 'Sam', address: 'sam@supplier.example' }] });
    main.addCategory('Red', 'preset0');
    main.addMessageRule({ displayName: 'Move news', sequence: 1, isEnabled: true, conditions: { senderContains: ['news'] }, actions: { stopProcessingRules: true } });
    const list = main.addTodoList('Errands');
    main.addTodoTask(list, { title: 'Buy milk', status: 'notStarted', importance: 'normal', dueDateTime: { dateTime: '2026-03-12T00:00:00', timeZone: 'UTC' } }, [{ displayName: 'Oat', isChecked: false }, { displayName: 'Soy', isChecked: true }]);
    main.addTodoTask(list, { title: 'Pay rent', status: 'completed', importance: 'high' });
    main.addFile('/Reports/2026/sales.csv', Buffer.from('a,b\n1,2\n'), 'text/csv');
    writer.addGroup({ displayName: 'Sales team', mail: 'sales@contoso.example', groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false }, [MAIN, BEN], [
      { topic: 'Targets', posts: [{ from: MAIN, html: '<p>First</p>', at: new Date(NEWEST) }, { from: BEN, html: '<p>Second</p>', at: new Date(NEWEST + 60_000) }] },
    ]);
    writer.addRoomList('Building 1', 'building1@contoso.example', [{ displayName: 'Room 1', emailAddress: 'room1@contoso.example', capacity: 8 }, { displayName: 'Room 2', emailAddress: 'room2@contoso.example', capacity: 20 }]);
  });
}

export async function startOffice(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ messages: 0, seed: 7, now: new Date('2026-03-10T12:00:00Z'), ...options });
  fillOffice(sandbox.writer);
  return sandbox;
}

/** A connection to the main mailbox with further properties (`Name=Value;…`). */
export const open = (sandbox: Sandbox, properties = ''): Promise<Connection> => connect(`${sandbox.connectionString};${properties}`);

/** Requests that a piece of work sent; parts of a batch are beside their batch. */
export async function logged<T>(sandbox: Sandbox, work: () => Promise<T>): Promise<{ readonly result: T; readonly calls: readonly LogEntry[]; readonly parts: readonly LogEntry[] }> {
  const before = sandbox.log.entries.length;
  const result = await work();
  const entries = sandbox.log.entries.slice(before);
  return { result, calls: entries.filter(({ inBatch }) => !inBatch), parts: entries.filter(({ inBatch }) => inBatch) };
}

/** What the service itself lists, all pages. */
export async function listed(sandbox: Sandbox, path: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for (let url: string | undefined = sandbox.graphEndpoint + path; url !== undefined; ) {
    const answer = await fetch(url, { headers: { prefer: 'IdType="ImmutableId"', ...headers } });
    const page = (await answer.json()) as { readonly value: Record<string, unknown>[]; readonly '@odata.nextLink'?: string };
    all.push(...page.value);
    url = page['@odata.nextLink'];
  }
  return all;
}

/** The error a piece of work ends with; a stack trace in its text or a missing hint would be a defect of its own. */
export async function refusal(work: Promise<unknown> | (() => Promise<unknown>)): Promise<DriverError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (!(error instanceof ExchangeSqlError)) throw error;
    if (/\n\s+at |node_modules|\.js:\d/.test(`${error.message} ${error.hint ?? ''}`)) throw new Error(`a stack trace in '${error.message}'`, { cause: error });
    return error;
  }
  throw new Error('the statement was not refused');
}

/** First value of each row. */
export async function values(connection: Connection, sql: string, parameters: Parameters<Connection['query']>[1] = []): Promise<unknown[]> {
  const { rows } = await connection.query(sql, parameters, { rowMode: 'array' });
  return rows.map((row) => row[0]);
}

/** The row that a statement wrote and returned; it must be one. */
export async function writtenRow(connection: Connection, sql: string, parameters: Parameters<Connection['query']>[1] = []): Promise<Record<string, unknown>> {
  const { rows, affectedRows } = await connection.query(sql, parameters);
  if (rows.length !== 1 || affectedRows !== 1) throw new Error(`${String(rows.length)} rows came back, ${String(affectedRows)} were written`);
  return rows[0]!;
}
