/**
 * A tenant whose values are as awkward as real ones: texts that differ by case or accent only, quotes, wildcards, emoji,
 * NULLs, several rows in one second, mail addresses in any case. Depends on nothing but this file.
 */
import { startSandbox, type Faults, type MailboxWriter, type Sandbox } from '../../../src/sandbox/index.js';
import type { JsonObject, SandboxWriter } from '../../../src/sandbox/writer.js';
import { directory } from './tenant-directory.js';
import { ADDRESSES, at, CATEGORIES, day, HOUR, local, NAMES, recipient, recipients, TEXTS } from './tenant-values.js';

export const MAIN = 'ada.lind@contoso.example';
export const SECOND = 'Ben.Okafor@contoso.example';
export const SHARED = 'projects@contoso.example';
export const NOW = new Date('2026-06-15T09:30:00Z');
/** A property that only some messages have. */
export const PROPERTY = 'String {00020329-0000-0000-c000-000000000046} Name Colour';
/** Holds every event of the tenant and no further occurrence of its series. */
export const WINDOW = { start: '2026-01-01T00:00:00Z', end: '2026-12-31T00:00:00Z' } as const;

export interface TenantOptions {
  readonly messages?: number;
  readonly faults?: Partial<Faults>;
  readonly scopes?: readonly string[];
}

export async function startTenant({ messages = 240, faults, ...options }: TenantOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ messages: 0, seed: 7, now: NOW, ...options, ...(faults === undefined ? {} : { faults }) });
  sandbox.writer.bulk(() => {
    fill(sandbox.writer, messages);
  });
  return sandbox;
}

/** The connection string of a mailbox, with further properties. */
export function connectionTo(sandbox: Sandbox, mailbox: string = MAIN, properties: Readonly<Record<string, string | boolean>> = {}): string {
  const found = sandbox.mailboxes.find(({ userPrincipalName }) => userPrincipalName === mailbox);
  if (found === undefined) throw new Error(`no mailbox ${mailbox}`);
  return found.connectionString + Object.entries(properties).map(([name, value]) => `;${name}=${String(value)}`).join('');
}

function fill(writer: SandboxWriter, messages: number): void {
  const main = writer.addMailbox({ userPrincipalName: MAIN, displayName: 'Ada Lind', kind: 'user', timeZone: 'W. Europe Standard Time', entity: directory('Users', 0) });
  const second = writer.addMailbox({ userPrincipalName: SECOND, displayName: 'ADA LIND', kind: 'user', entity: directory('Users', 1) });
  const shared = writer.addMailbox({ userPrincipalName: SHARED, displayName: 'Projects 100%', kind: 'shared', entity: directory('Users', 2) });
  for (let index = 3; index < 12; index++) {
    const name = at(['zoe', 'Émile', 'o\'neil', 'li.wei', 'x_y', 'nobody', 'carl', 'dora', 'erik'], index - 3);
    writer.addMailbox({ userPrincipalName: `${name}@contoso.example`, displayName: at(['Zoë', 'ZOË', "O'Neil", '李伟', 'a_b', 'émile', 'Émile', 'zoë', 'B'], index - 3), kind: 'none', entity: directory('Users', index) });
  }
  mail(main, 0, messages);
  mail(second, 1000, Math.ceil(messages / 8));
  mail(shared, 2000, Math.ceil(messages / 10));
  calendar(main, 0, 40);
  calendar(second, 500, 6);
  contacts(main, 0, 36);
  contacts(second, 300, 5);
  tasks(main, 0);
  tasks(second, 40);
  rest(main, 0);
  rest(second, 9);
  tenantWide(writer);
}

function mail(mailbox: MailboxWriter, base: number, count: number): void {
  const folders = ['/Inbox', '/Inbox', '/Inbox/Clients', '/Inbox/clients of Zoë', '/Sent Items', '/Drafts', '/Archive', '/Inbox/Clients/2026', '/Deleted Items', '/Inbox/100% off'].map((path) => mailbox.mailFolder(path));
  mailbox.mailFolder('/Empty');
  mailbox.mailFolder('/Hidden one', { hidden: true });
  for (let k = 0; k < count; k++) {
    const n = base + k;
    // Four in a row share one second, a few of them the very millisecond.
    const received = new Date(Date.UTC(2026, 4, 1) + Math.floor(k / 4) * HOUR * 4 + (k % 4 === 3 ? 0 : k % 4) * 250);
    const flag: JsonObject = k % 7 === 0 ? { flagStatus: 'flagged', startDateTime: { dateTime: '2026-05-02T00:00:00.0000000', timeZone: 'UTC' }, dueDateTime: { dateTime: local(day(130 + (k % 9))), timeZone: k % 2 === 0 ? 'UTC' : 'Tokyo Standard Time' } } : k % 11 === 0 ? { flagStatus: 'complete', completedDateTime: { dateTime: '2026-05-03T12:00:00.0000000', timeZone: 'UTC' } } : { flagStatus: 'notFlagged' };
    const body = at(TEXTS, n * 5 + 3) ?? '';
    const request = k % 19 === 4;
    mailbox.addMessage(at(folders, k * 7 + (k % 3)), {
      entity: {
        subject: at(TEXTS, n), body: k % 3 === 0 ? { contentType: 'text', content: body } : { contentType: 'html', content: `<p>${body.replaceAll('<', '&lt;')}</p>` },
        from: k % 13 === 5 ? null : recipient(n), sender: k % 13 === 5 ? null : recipient(n + (k % 5 === 0 ? 1 : 0)),
        toRecipients: recipients(n + 1, k % 4), ccRecipients: recipients(n + 7, k % 3 === 1 ? 2 : 0), bccRecipients: recipients(n + 4, k % 17 === 0 ? 1 : 0), replyTo: recipients(n + 2, k % 9 === 0 ? 1 : 0),
        isRead: k % 3 !== 0, isDraft: k % 10 === 9, importance: at(['normal', 'high', 'normal', 'low', 'normal'], k), inferenceClassification: k % 4 === 1 ? 'other' : 'focused',
        categories: at(CATEGORIES, k * 3 + (k % 2)), flag, internetMessageId: k === 17 ? '5.0' : k % 31 === 7 ? `<extended-${String(n)}@contoso.example>` : k % 23 === 8 ? null : `<${k % 5 === 0 ? 'MSG' : 'msg'}-${String(n - (k % 5 === 0 ? 1 : 0))}@Contoso.example>`,
        conversationId: `c${String(Math.floor(n / 3))}`, isReadReceiptRequested: k % 6 === 0 ? null : k % 2 === 0, isDeliveryReceiptRequested: k % 5 === 0 ? true : null,
        ...(k % 4 === 0 ? { internetMessageHeaders: [{ name: 'X-Number', value: String(n) }, { name: 'x-number', value: at(TEXTS, n + 2) ?? '' }, { name: 'Received', value: `from mx${String(k % 3)} by contoso.example` }] } : {}),
      },
      receivedDateTime: received, sentDateTime: new Date(received.getTime() - (k % 5) * 1000),
      ...(request ? { odataType: at(['#microsoft.graph.eventMessageRequest', '#microsoft.graph.eventMessage', '#microsoft.graph.eventMessageResponse'], k) } : {}),
      ...(k % 9 === 2 ? { attachments: Array.from({ length: 1 + (k % 3) }, (_, f) => ({ kind: 'file' as const, name: at(['notes.txt', 'NOTES.TXT', "O'Brien.pdf", '100%.csv', '図.png'], n + f), contentType: at(['text/plain', 'application/pdf', null], n + f), isInline: f === 1 || k % 27 === 2, contentId: f === 1 || k % 27 === 2 ? `cid${String(n)}` : null, content: Buffer.from(`content ${String(n)} ${String(f)}`.repeat(1 + (n % 40))), lastModified: received })) } : {}),
      ...(k % 31 === 7 ? { extendedProperties: [{ id: PROPERTY, value: `value ${String(n)}` }] } : {}),
    });
  }
}

function calendar(mailbox: MailboxWriter, base: number, count: number): void {
  const calendars = [mailbox.calendar('Calendar'), mailbox.calendar('Calendar'), mailbox.calendar('Projects', { group: 'Work', color: 'lightBlue' })];
  const statuses = ['none', 'accepted', 'tentativelyAccepted', 'declined', 'notResponded', 'organizer'];
  for (let k = 0; k < count; k++) {
    const n = base + k;
    const zone = at(['UTC', 'W. Europe Standard Time', 'Eastern Standard Time', 'India Standard Time'], k);
    const start = new Date(day(k * 4, 6 + (k % 12)).getTime() + (k % 4) * 15 * 60_000);
    const allDay = k % 9 === 4;
    const length = k % 6 === 5 ? 0 : (1 + (k % 5)) * 30 * 60_000;
    const from = allDay ? `${start.toISOString().slice(0, 10)}T00:00:00` : local(start);
    const to = allDay ? `${new Date(start.getTime() + 24 * HOUR).toISOString().slice(0, 10)}T00:00:00` : local(new Date(start.getTime() + length));
    const timeZone = allDay ? 'UTC' : zone;
    const attendees = Array.from({ length: k % 4 }, (_, a): JsonObject => ({ ...recipient(n + a * 2), type: at(['required', 'optional', 'resource'], k + a), status: { response: at(statuses, k + a), time: a === 0 ? '0001-01-01T00:00:00Z' : '2026-02-01T10:00:00Z' } }));
    const recurring = k % 8 === 3;
    mailbox.addEvent(at(calendars, k), {
      entity: {
        subject: at(TEXTS, n * 3 + 1) ?? '', body: { contentType: 'html', content: `<p>${at(TEXTS, n) ?? ''}</p>` }, start: { dateTime: from, timeZone }, end: { dateTime: to, timeZone }, isAllDay: allDay,
        categories: at(CATEGORIES, k), importance: at(['normal', 'high', 'low'], k), sensitivity: at(['normal', 'personal', 'private', 'confidential'], k), showAs: at(['busy', 'free', 'tentative', 'oof', 'workingElsewhere'], k),
        isOrganizer: k % 3 !== 1, isCancelled: k % 14 === 6, attendees, organizer: recipient(n), location: { displayName: at(TEXTS, n + 9) ?? '', locationType: 'default', uniqueIdType: 'unknown', address: {}, coordinates: {} },
        iCalUId: `040000008200${k % 2 === 0 ? 'AbC' : 'aBc'}${String(Math.floor(n / 2)).padStart(5, '0')}`, createdDateTime: new Date(start.getTime() - (k % 7) * 24 * HOUR).toISOString(), lastModifiedDateTime: start.toISOString(), isReminderOn: k % 2 === 0, reminderMinutesBeforeStart: (k % 5) * 5,
        ...(recurring ? { recurrence: { pattern: { type: k % 16 === 3 ? 'weekly' : 'daily', interval: 1 + (k % 2), ...(k % 16 === 3 ? { daysOfWeek: ['tuesday'], firstDayOfWeek: 'monday' } : {}) }, range: { type: 'numbered', startDate: from.slice(0, 10), numberOfOccurrences: 5, recurrenceTimeZone: timeZone, endDate: '0001-01-01' } } } : {}),
      },
      ...(recurring && k % 16 !== 3 ? { cancelled: [new Date(start.getTime() + 24 * HOUR * (1 + (k % 2)) * 2).toISOString().slice(0, 10)] } : {}),
      ...(k % 10 === 1 ? { attachments: [{ kind: 'file' as const, name: at(['agenda.txt', 'AGENDA.TXT'], k / 10), contentType: 'text/plain', isInline: k % 20 === 11, content: Buffer.from(`agenda ${String(n)}`), lastModified: start }] } : {}),
    });
  }
}

function contacts(mailbox: MailboxWriter, base: number, count: number): void {
  const folders = [mailbox.contactFolder('/'), mailbox.contactFolder('/'), mailbox.contactFolder('/Suppliers'), mailbox.contactFolder('/Suppliers/Zoë')];
  for (let k = 0; k < count; k++) {
    const n = base + k;
    const address = k % 5 === 0 ? {} : { street: at(TEXTS, n), city: at(['Zürich', 'ZÜRICH', 'Oslo', null], k), state: null, countryOrRegion: at(['CH', 'NO', 'ch'], k), postalCode: String(1000 + k) };
    mailbox.addContact(at(folders, k), {
      displayName: at(NAMES, n) ?? '', givenName: at(NAMES, n + 3), surname: at(TEXTS, n + 1), nickName: k % 4 === 0 ? null : at(NAMES, n + 5), companyName: at(['Contoso', 'CONTOSO', 'Fabrikam & Söhne', null], k), jobTitle: at(TEXTS, n + 6), department: at(['Sales', 'sales', null], k),
      emailAddresses: Array.from({ length: k % 4 }, (_, a) => ({ name: at(NAMES, n + a), address: at(ADDRESSES, n + a) })), businessPhones: k % 3 === 0 ? [] : [`+41 44 ${String(1000 + k)}`], homePhones: [], mobilePhone: k % 2 === 0 ? null : `+41 79 ${String(k)}`,
      birthday: k % 3 === 0 ? null : `19${String(60 + (k % 30))}-0${String(1 + (k % 9))}-1${String(k % 10)}T00:00:00Z`, businessAddress: address, homeAddress: k % 7 === 0 ? address : {}, categories: at(CATEGORIES, k + 1), personalNotes: at(TEXTS, n + 8) ?? '',
      createdDateTime: day(k).toISOString(), lastModifiedDateTime: day(k + 3).toISOString(),
    });
  }
}

function tasks(mailbox: MailboxWriter, base: number): void {
  const lists = [mailbox.addTodoList('Tasks', 'defaultList'), mailbox.addTodoList('Ümlaut 100%'), mailbox.addTodoList('Empty list')];
  for (let k = 0; k < 14; k++) {
    const due = { dateTime: `${local(day(k * 3))}.0000000`, timeZone: at(['UTC', 'W. Europe Standard Time'], k) };
    mailbox.addTodoTask(lists[k % 2]!, {
      title: at(TEXTS, base + k) ?? '', status: at(['notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred'], k), importance: at(['low', 'normal', 'high'], k), isReminderOn: k % 3 === 0, categories: at(CATEGORIES, k), dueDateTime: k % 4 === 0 ? null : due,
      completedDateTime: k % 5 === 2 ? due : null, body: { content: at(TEXTS, base + k + 4) ?? '', contentType: 'text' }, createdDateTime: day(k).toISOString(), lastModifiedDateTime: day(k + 1).toISOString(),
    }, Array.from({ length: k % 3 }, (_, c) => ({ displayName: at(TEXTS, base + k + c), isChecked: c === 1, createdDateTime: day(k + c).toISOString() })));
  }
}

function rest(mailbox: MailboxWriter, base: number): void {
  for (const [index, name] of ['Red', 'Blue category', "Ann's", 'Grün'].entries()) mailbox.addCategory(name, `preset${String(index + base)}`);
  for (let k = 0; k < 4; k++) {
    mailbox.addMessageRule({ displayName: at(TEXTS, base + k * 4) ?? '', sequence: k + 1, isEnabled: k % 2 === 0, conditions: { subjectContains: ["it's", at(TEXTS, k) ?? ''], importance: k % 2 === 0 ? 'high' : null }, actions: { markAsRead: k % 2 === 0, stopProcessingRules: true } });
  }
  for (const [index, path] of ['/a.txt', '/Reports/2026/Q1.xlsx', '/Reports/2026/q1.xlsx.bak', "/Reports/O'Brien 100%.pdf", '/Empty/x'].entries()) mailbox.addFile(path, Buffer.from('x'.repeat(index * 700)), at(['text/plain', 'application/pdf'], index));
  mailbox.setMailboxSettings({ dateFormat: 'dd.MM.yyyy' });
}

function tenantWide(writer: SandboxWriter): void {
  const groups = 6;
  for (let k = 0; k < groups; k++) {
    const name = at(['All Company', 'ALL company', 'Zoë team', 'ZOË TEAM', "O'Group", 'a_b'], k);
    writer.addGroup({ ...directory('Groups', k), displayName: name, mailNickname: `nick${k % 2 === 0 ? 'A' : 'b'}${String(k)}`, mail: `${k % 2 === 0 ? 'Group' : 'group'}${String(k)}@contoso.example`, groupTypes: ['Unified'] }, [MAIN, SECOND, 'carl@contoso.example'].slice(0, 1 + (k % 3)),
      k < 3 ? Array.from({ length: 1 + k }, (_, c) => ({ topic: at(TEXTS, k * 7 + c) ?? '', posts: Array.from({ length: 1 + ((k + c) % 3) }, (_, p) => ({ from: at([MAIN, SECOND], p), html: `<p>${at(TEXTS, c + p) ?? ''}</p>`, at: day(k + c * 2 + p) })) })) : []);
  }
  const room = (index: number): JsonObject => ({ displayName: at(['Room 1', 'ROOM 1', 'Größe'], index), emailAddress: `room${String(index)}@contoso.example`, capacity: index * 5, building: at(['A', 'a', null], index), floorNumber: index, isWheelChairAccessible: index % 2 === 0, geoCoordinates: { latitude: 47.5 + index, longitude: 8.25, accuracy: null } });
  writer.addRoomList('Building A', 'list.a@contoso.example', [room(0), room(1), room(2)]);
  writer.addRoomList('Building Ä', 'list.b@contoso.example', [room(3), room(4)]);
  writer.setOrganization({ displayName: 'Contoso 100%', city: 'Zürich', businessPhones: ['+41 44 1'], street: "O'Street" });
}
