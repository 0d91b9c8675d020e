import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import { ExchangeSqlError } from '../../src/errors.js';

const SCHEMA = fileURLToPath(new URL('../../schema/msgraph', import.meta.url));
/** Those the issue names. */
const TABLES =
  'CalendarGroups CalendarView Calendars Categories ChecklistItems ContactFolders Contacts ConversationThreads Conversations EventAttachments EventAttendees ' +
  'EventInstances EventOccurrences Events ExtendedProperties Files GroupMembers Groups MailFolders MailboxSettings MessageAttachments MessageHeaders ' +
  'MessageRecipients MessageRules Messages Organization People Places Posts RoomLists Rooms TodoLists TodoTasks Users';

const folders: string[] = [];
function folder(files: Readonly<Record<string, unknown>>, below = ''): string {
  const root = mkdtempSync(join(tmpdir(), 'exchange-sql-catalog-'));
  folders.push(root);
  mkdirSync(join(root, below), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, below, name), typeof content === 'string' ? content : JSON.stringify(content));
  return root;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true });
});

const Inbox = {
  $schema: 'table.schema.json',
  name: 'Inbox',
  description: 'Messages of the inbox.',
  scope: 'mailbox',
  shape: { kind: 'collection', path: '/mailFolders/inbox/messages', item: '/messages/{id}' },
  key: ['id'],
  columns: [{ name: 'id', type: 'text', nullable: false, description: 'Id.', path: 'id', references: 'Messages.id' }],
};
const failure = (location: string): ExchangeSqlError => {
  try {
    loadCatalog('msgraph', { location });
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error('no error');
};

describe('loadCatalog', () => {
  const catalog = loadCatalog('msgraph');

  it('offers every table of the Graph schema', () => {
    const names = catalog.tables().map((table) => table.name);
    expect(names).toEqual(expect.arrayContaining(TABLES.split(' ')));
    // And what each file declares, so that a table needs no line here.
    for (const file of readdirSync(SCHEMA).filter((name) => name.endsWith('.json'))) {
      const { name, shape } = JSON.parse(readFileSync(join(SCHEMA, file), 'utf8')) as { readonly name: string; readonly shape: { readonly kind: string } };
      expect([name, names.includes(name)]).toEqual([file.slice(0, -'.json'.length), shape.kind !== 'not-offered']);
    }
  });

  it('knows names it does not offer, each with a reason', () => {
    const names = catalog.notOffered().map((table) => table.name);
    expect(names).toEqual(expect.arrayContaining(['Plans', 'Tasks', 'BookingCustomers', 'EmailActivityUserDetail', 'YammerGroupsActivityDetail']));
    expect(names).toHaveLength(2 + 2 + 6 + 18);
    for (const table of catalog.notOffered()) expect(table.shape).toMatchObject({ kind: 'not-offered', reason: expect.stringMatching(/\w{3}/) as unknown });
    expect(catalog.table('plans')?.shape.kind).toBe('not-offered');
  });

  it('finds tables and columns without case and gives them back as declared', () => {
    expect(catalog.table('mESSAGES')?.name).toBe('Messages');
    expect(catalog.column('messages', 'FROM_EMAILADDRESS_ADDRESS')?.name).toBe('from_emailAddress_address');
    expect(catalog.table('nothing')).toBeUndefined();
    expect(catalog.column('Messages', 'nothing')).toBeUndefined();
  });

  it('gives an alias a full declaration of its own', () => {
    const { aliases: _, ...declared } = catalog.table('EventInstances')!;
    expect(catalog.table('eventoccurrences')).toEqual({ ...declared, name: 'EventOccurrences', aliasOf: 'EventInstances' });
  });

  it('is frozen and stable', () => {
    expect(Object.isFrozen(catalog.table('Messages')!.columns[0]!.filter)).toBe(true);
    expect(loadCatalog('msgraph').tables()).toEqual(catalog.tables());
  });

  it('suggests names', () => {
    expect(catalog.suggestTables('Mesages')[0]).toBe('Messages');
    expect(catalog.suggestTables('attachments')).toEqual(expect.arrayContaining(['EventAttachments', 'MessageAttachments']));
    expect(catalog.suggestColumns('Messages', 'recieved_date_time')[0]).toBe('receivedDateTime');
    expect(catalog.suggestColumns('Messages', 'zzzzqqqq')).toEqual([]);
  });

  it('adds and replaces tables from a folder of the user, directly or by protocol', () => {
    expect(loadCatalog('msgraph', { location: folder({ 'Inbox.json': Inbox }) }).table('inbox')?.columns.map(({ name }) => name)).toEqual(['id', 'RowKey']);
    const own = loadCatalog('msgraph', { location: folder({ 'any.json': { ...Inbox, name: 'people' } }, 'msgraph') });
    expect(own.table('People')?.name).toBe('people');
    expect(own.tables()).toHaveLength(catalog.tables().length);
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /bad\.json is not JSON/],
    ['no object', [], /bad\.json: the declaration has to be an object/],
    ['a missing member', { ...Inbox, key: undefined }, /lacks the member "key"/],
    ['an unknown member', { ...Inbox, colour: 1 }, /has the unknown member "colour"/],
    ['an inherited name as member', JSON.stringify(Inbox).replace('{', '{"constructor":1,'), /unknown member "constructor"/],
    ['an unknown type', { ...Inbox, columns: [{ ...Inbox.columns[0], type: 'string' }] }, /columns\[0\]\.type has to be one of "text"/],
    ['an unknown kind of shape', { ...Inbox, shape: { kind: 'list' } }, /shape has to have a kind of collection/],
    ['a path with a query', { ...Inbox, shape: { kind: 'collection', path: '/messages?$top=1' } }, /shape\.path has to be a path/],
    ['a name that needs quotes', { ...Inbox, name: 'In box' }, /name has to be a name of letters/],
    ['a name twice', { ...Inbox, columns: [Inbox.columns[0], { ...Inbox.columns[0], name: 'ID' }] }, /column ID stands twice/],
    ['a key that is no column', { ...Inbox, key: ['changeKey'] }, /key names the column changeKey/],
    ['a column without path', { ...Inbox, columns: [{ name: 'id', type: 'text', description: 'Id.' }] }, /column id needs "path"/],
    ['an exact sort with NULLs', { ...Inbox, columns: [{ ...Inbox.columns[0], nullable: true, sort: 'exact' }] }, /sorts exactly but may be NULL/],
    ['a reference into nothing', { ...Inbox, columns: [{ ...Inbox.columns[0], references: 'Mails.id' }] }, /column id references Mails\.id/],
    ['a parent that is not declared', { ...Inbox, shape: { kind: 'children', path: '/x', parent: 'Mails', parentColumn: 'id' } }, /shape\.parent names the table Mails/],
    ['an alias that is taken', { ...Inbox, aliases: ['messages'] }, /the name messages is taken/],
  ])('refuses %s, naming file and member', (_name, content, message) => {
    const error = failure(folder({ 'bad.json': content }));
    expect(error.code).toBe('CONNECTION_STRING');
    expect(error.message).toMatch(/bad\.json|Messages\.json/);
    expect(error.message).toMatch(message);
  });

  it('refuses a location that is no folder', () => {
    expect(failure(join(folder({}), 'nowhere'))).toMatchObject({ code: 'CONNECTION_STRING', hint: expect.stringContaining('Location') as unknown });
  });
});
