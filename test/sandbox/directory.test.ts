import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { clientOf, type Row } from './support/client.js';
import { ANN, BOB, fill } from './support/fill.js';

let sandbox: Sandbox;
let client: ReturnType<typeof clientOf>;
const EVENTUAL = { ConsistencyLevel: 'eventual' };

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  const { writer } = sandbox;
  const ann = fill(writer);
  writer.bulk(() => {
    for (let index = 0; index < 120; index++) writer.addMailbox({ userPrincipalName: `extra${String(index)}@contoso.example`, displayName: `Extra ${String(index)}`, kind: 'none', entity: { city: index % 2 === 0 ? 'Oslo' : null } });
    writer.addGroup({ displayName: 'Buyers', mailNickname: 'buyers' }, [ANN, BOB], [
      { topic: 'Prices', posts: [{ from: ANN, html: '<p>Up</p>', at: new Date('2026-01-01T10:00:00Z') }, { from: BOB, html: '<p>Down</p>', at: new Date('2026-01-02T10:00:00Z') }] },
      { topic: 'Later', posts: [{ from: BOB, html: '<p>See you</p>', at: new Date('2026-01-03T10:00:00Z') }] },
    ]);
    writer.addRoomList('House', 'house@contoso.example', [{ displayName: 'Attic', emailAddress: 'attic@contoso.example', capacity: 4 }, { displayName: 'Cellar', emailAddress: 'cellar@contoso.example', capacity: 12 }]);
    ann.addCategory('Red', 'preset0');
    ann.addMessageRule({ displayName: 'Sort', sequence: 1 });
    const list = ann.addTodoList('Errands');
    for (let index = 0; index < 12; index++) ann.addTodoTask(list, { title: `Task ${String(index)}`, status: index === 3 ? 'completed' : 'notStarted' }, index === 0 ? [{ displayName: 'Point', isChecked: true }] : []);
    ann.addFile('/Reports/2026/a.txt', Buffer.from('content'), 'text/plain');
    ann.addFile('/b.txt', Buffer.from('b'), 'text/plain');
    const friends = ann.contactFolder('/Friends');
    ann.addContact(friends, { displayName: 'Carla Cook', emailAddresses: [{ name: 'Carla', address: 'carla@fabrikam.example' }] });
    ann.addContact(ann.contactFolder('/'), { displayName: 'Dirk Dorn', givenName: 'Dirk', emailAddresses: [{ name: 'Dirk', address: 'dirk@fabrikam.example' }], birthday: '1980-01-01T00:00:00Z' });
  });
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

describe('users', () => {
  test('a hundred by default, $skiptoken links, the default set of properties', async () => {
    const page = await client.get('/users');
    expect(page.rows).toHaveLength(100);
    expect(String(page.body['@odata.nextLink'])).toContain('%24skiptoken=');
    expect(Object.keys(page.rows[0]!)).toHaveLength(11);
    expect((await client.all('/users?$top=50&$select=id'))).toHaveLength(124);
  });

  test('$skip and contains are refused, $top goes to 999', async () => {
    expect((await client.get('/users?$skip=1')).error).toMatchObject({ code: 'Request_BadRequest', message: "'$skip' is not supported by the service." });
    expect((await client.get("/users?$filter=contains(displayName,'x')")).error.message).toBe("Unsupported property filter clause operator 'Contains'.");
    expect((await client.get('/users?$top=1000')).status).toBe(400);
  });

  test('advanced queries want their header and $count', async () => {
    const answer = async (query: string, headers = {}): Promise<string | number> => {
      const result = await client.get(`/users?${query}`, headers);
      return result.status === 200 ? result.rows.length : result.error.code;
    };
    expect(await answer("$filter=startswith(displayName,'ann')")).toBe(1);
    expect(await answer("$filter=displayName eq 'ANN ARCHER'")).toBe(1);
    expect(await answer("$filter=displayName ne 'Ann Archer'")).toBe('Request_UnsupportedQuery');
    expect(await answer("$filter=displayName ne 'Ann Archer'&$count=true&$top=500", EVENTUAL)).toBe(123);
    expect(await answer("$filter=endswith(mail,'example')&$count=true", EVENTUAL)).toBe(3);
    expect(await answer("$filter=startswith(displayName,'a')&$orderby=displayName")).toBe('Request_UnsupportedQuery');
    expect(await answer('$orderby=displayName&$top=3')).toBe(3);
    expect(await answer('$search="displayName:archer"')).toBe('Request_UnsupportedQuery');
    expect(await answer('$search="displayName:archer"', EVENTUAL)).toBe(1);
    expect(await answer('$filter=officeLocation eq null')).toBe('Request_UnsupportedQuery');
  });

  test('$count=true without the header is ignored; with it the count is on the first page only', async () => {
    expect((await client.get('/users?$count=true')).body).not.toHaveProperty('@odata.count');
    const first = await client.get('/users?$count=true&$top=100', EVENTUAL);
    expect(first.body['@odata.count']).toBe(124);
    expect((await client.get(String(first.body['@odata.nextLink']), EVENTUAL)).body).not.toHaveProperty('@odata.count');
    expect((await client.get('/users/$count')).error.message).toBe('$count is not currently supported.');
    expect((await client.get('/users/$count', EVENTUAL)).text).toBe('124');
  });

  test('single-user properties are 501 on the collection', async () => {
    expect((await client.get('/users?$select=aboutMe')).status).toBe(501);
    expect((await client.get(`/users/${ANN}?$select=aboutMe,mailboxSettings,jobTitle`)).body).toMatchObject({ aboutMe: null, jobTitle: 'Buyer', mailboxSettings: { timeZone: 'W. Europe Standard Time' } });
  });
});

describe('groups', () => {
  test('members, also expanded and counted', async () => {
    const [group] = (await client.get("/groups?$filter=displayName eq 'Buyers'&$expand=members")).rows;
    expect((group!.members as Row[]).map((member) => member.userPrincipalName)).toEqual([ANN, BOB]);
    const members = await client.get(`/groups/${String(group!.id)}/members?$select=displayName`);
    expect(members.rows.map((row) => [row['@odata.type'], row.displayName])).toEqual(expect.arrayContaining([['#microsoft.graph.user', 'Ann Archer']]));
    expect((await client.get(`/groups/${String(group!.id)}/members/$count`, EVENTUAL)).text).toBe('2');
    expect((await client.get('/groups/nonsense')).error.code).toBe('Request_ResourceNotFound');
  });

  test('conversations, threads and posts', async () => {
    const [group] = (await client.get('/groups')).rows;
    const base = `/groups/${String(group!.id)}`;
    const conversations = await client.get(`${base}/conversations`);
    expect(conversations.rows.map((row) => row.topic)).toEqual(['Later', 'Prices']);
    const threads = await client.get(`${base}/conversations/${String(conversations.rows[1]!.id)}/threads`);
    const posts = await client.get(`${base}/threads/${String(threads.rows[0]!.id)}/posts`);
    expect(posts.rows.map((row) => [(row.body as Row).content, row.conversationThreadId, row.conversationId])).toEqual(['<p>Up</p>', '<p>Down</p>'].map((content) => [content, threads.rows[0]!.id, conversations.rows[1]!.id]));
  });
});

describe('other collections', () => {
  const rows = async (path: string): Promise<readonly Row[]> => (await client.get(`/users/${ANN}${path}`)).rows;

  test('options are ignored where the service ignores them', async () => {
    expect(await rows("/outlook/masterCategories?$filter=displayName eq 'x'&$top=0")).toHaveLength(1);
    expect((await rows('/mailFolders/inbox/messageRules')).map((row) => row.displayName)).toEqual(['Sort']);
    expect(await rows('/mailFolders/drafts/messageRules')).toEqual([]);
  });

  test('to-do', async () => {
    const lists = await rows('/todo/lists');
    expect(lists.map((row) => row.wellknownListName)).toEqual(['defaultList', 'flaggedEmails', 'none']);
    const base = `/todo/lists/${String(lists[2]!.id)}/tasks`;
    expect(await client.all(`/users/${ANN}${base}?$top=5`)).toHaveLength(12);
    const [done] = await rows(`${base}?$filter=status eq 'completed'`);
    expect(done!.title).toBe('Task 3');
    const [first] = await rows(`${base}?$top=1&$expand=checklistItems`);
    expect(first!.checklistItems).toMatchObject([{ displayName: 'Point', isChecked: true }]);
    expect(await rows(`${base}/${String(first!.id)}/checklistItems`)).toMatchObject([{ displayName: 'Point' }]);
  });

  test('contacts: default folder, filter on addresses, search, folders', async () => {
    expect((await rows('/contacts')).map((row) => row.displayName)).toEqual(['Dirk Dorn']);
    expect(await rows("/contacts?$filter=emailAddresses/any(a:a/address eq 'DIRK@fabrikam.example')")).toHaveLength(1);
    expect((await client.get(`/users/${ANN}/contacts?$filter=emailAddresses/any(a:startswith(a/address,'d'))`)).error.code).toBe('ErrorInvalidUrlQueryFilter');
    expect(await rows('/contacts?$search="displayName:dirk" OR "givenName:x"&$count=true')).toHaveLength(1);
    const folders = await rows('/contactFolders');
    expect(folders.map((row) => row.displayName)).toEqual(['Friends']);
    expect((await rows(`/contactFolders/${String(folders[0]!.id)}/contacts`)).map((row) => row.displayName)).toEqual(['Carla Cook']);
    expect((await rows('/contacts?$top=1&$select=parentFolderId'))[0]!.parentFolderId).toBe(folders[0]!.parentFolderId);
  });

  test('drive', async () => {
    const root = await rows('/drive/root/children');
    expect(root.map((row) => [row.name, row.size])).toEqual([['Reports', 7], ['b.txt', 1]]);
    expect((await client.get(`/users/${ANN}/drive/root/children?$skip=1`)).status).toBe(400);
    const year = await rows('/drive/root:/Reports:/children');
    const files = await rows(`/drive/items/${String(year[0]!.id)}/children`);
    expect(files).toMatchObject([{ name: 'a.txt', file: { mimeType: 'text/plain' }, parentReference: { path: '/drive/root:/Reports/2026' } }]);
    expect((await client.get(`/users/${ANN}/drive/items/${String(files[0]!.id)}/content`)).text).toBe('content');
  });

  test('places and people', async () => {
    expect((await client.get('/places/microsoft.graph.room?$filter=capacity ge 10')).rows.map((row) => row.displayName)).toEqual(['Cellar']);
    expect((await client.get('/places/house@contoso.example/microsoft.graph.roomList/rooms')).rows).toHaveLength(2);
    expect((await client.get('/places/microsoft.graph.roomList?$expand=rooms')).rows[0]!.rooms).toHaveLength(2);
    expect((await rows('/people?$search="carla"')).map((row) => row.displayName)).toEqual(['Carla Cook']);
    expect((await client.get('/organization')).rows[0]).toMatchObject({ displayName: 'Contoso' });
  });

  test('mailbox settings', async () => {
    expect((await client.get(`/users/${ANN}/mailboxSettings`)).body).toMatchObject({ timeZone: 'W. Europe Standard Time', language: { locale: 'en-US' } });
    expect((await client.get(`/users/${ANN}/mailboxSettings/timeZone`)).body.value).toBe('W. Europe Standard Time');
  });
});
