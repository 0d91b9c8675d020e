import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, BOB, fill, NOBODY } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  sandbox.writer.setOrganization({ verifiedDomains: [{ name: 'contoso.example', isDefault: true }] });
  sandbox.writer.addRoomList('Oslo', 'rooms@contoso.example', [{ displayName: 'Room 1', emailAddress: 'room1@contoso.example', capacity: 4 }]);
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

const messageOf = async (answer: Promise<{ readonly status: number; readonly error: { readonly code: string; readonly message: string } }>): Promise<string> => {
  const { status, error } = await answer;
  return `${String(status)} ${error.code} ${error.message}`;
};
const NEW = { accountEnabled: true, displayName: 'Dan Drum', mailNickname: 'dan', userPrincipalName: 'dan@contoso.example', passwordProfile: { forceChangePasswordNextSignIn: true, password: 'xWwvJ]6NMw+bWH-d' } };
const SKU = 'b05e124f-c7cc-45a0-a6aa-8cf78c946968';

describe('users', () => {
  test('create: what is required, unique and valid', async () => {
    for (const name of Object.keys(NEW)) expect(await messageOf(client.post('/users', { ...NEW, [name]: undefined }))).toBe(`400 Request_BadRequest A value is required for property '${name}' of resource 'User'.`);
    expect(await messageOf(client.post('/users', { ...NEW, userPrincipalName: ANN }))).toContain('property userPrincipalName already exists');
    expect(await messageOf(client.post('/users', { ...NEW, userPrincipalName: 'dan@fabrikam.example' }))).toContain('The domain portion of the userPrincipalName');
    expect(await messageOf(client.post('/users', { ...NEW, passwordProfile: { password: 'short' } }))).toContain('password complexity');
    expect(await messageOf(client.post('/users', { ...NEW, createdDateTime: '2020-01-01T00:00:00Z' }))).toBe("400 Request_BadRequest Property 'createdDateTime' is read-only and cannot be set.");
    const { status, body } = await client.post('/users', { ...NEW, jobTitle: 'Drummer' });
    expect([status, body]).toMatchObject([201, { displayName: 'Dan Drum', jobTitle: 'Drummer', mail: null, userPrincipalName: NEW.userPrincipalName }]);
    expect((await client.get(`/users/${String(body.id)}?$select=passwordProfile,accountEnabled`)).body).toMatchObject({ passwordProfile: null, accountEnabled: true });
  });

  test('a licence gives a mailbox, and needs a place of use', async () => {
    const user = `/users/${NEW.userPrincipalName}`;
    expect((await client.get(`${user}/messages`)).error.code).toBe('MailboxNotEnabledForRESTAPI');
    const licence = { addLicenses: [{ skuId: SKU, disabledPlans: [] }], removeLicenses: [] };
    expect(await messageOf(client.post(`${user}/assignLicense`, licence))).toContain('invalid usage location');
    expect((await client.patch(user, { usageLocation: 'NO' })).status).toBe(204);
    expect(await messageOf(client.post(`${user}/assignLicense`, { addLicenses: [] }))).toContain('missing from the request payload');
    expect((await client.post(`${user}/assignLicense`, licence)).body).toMatchObject({ mail: NEW.userPrincipalName });
    expect((await client.get(`${user}?$select=assignedLicenses`)).body.assignedLicenses).toEqual([{ disabledPlans: [], skuId: SKU }]);
    expect((await client.get(`${user}/messages`)).status).toBe(200);
    expect((await client.post(`${user}/contacts`, { displayName: 'First' })).status).toBe(201);
    expect(await messageOf(client.post(`${user}/assignLicense`, { addLicenses: [], removeLicenses: [SKU.replace('b', 'c')] }))).toContain('does not have a corresponding license');
    expect((await client.post(`${user}/assignLicense`, { addLicenses: [], removeLicenses: [SKU] })).status).toBe(200);
  });

  test('change, rename, delete', async () => {
    const user = `/users/${NEW.userPrincipalName}`;
    expect((await client.patch(user, { department: 'Music', businessPhones: ['+47 555 0100'] })).status).toBe(204);
    expect((await client.get(`${user}?$select=department,businessPhones`)).body).toMatchObject({ department: 'Music', businessPhones: ['+47 555 0100'] });
    expect(await messageOf(client.patch(user, { businessPhones: ['1', '2'] }))).toContain("'businessPhones'");
    expect(await messageOf(client.patch(user, { skills: ['drums'], department: 'x' }))).toContain('a request of their own');
    expect((await client.patch(user, { skills: ['drums'] })).status).toBe(204);
    expect(await messageOf(client.patch(user, { displayName: null }))).toContain("'displayName'");
    expect((await client.patch(user, { userPrincipalName: 'daniel@contoso.example' })).status).toBe(204);
    expect((await client.get(user)).error.code).toBe('Request_ResourceNotFound');
    const { body } = await client.get('/users/daniel@contoso.example');
    expect((await client.del(`/users/${String(body.id)}`)).status).toBe(204);
    expect(await messageOf(client.del(`/users/${String(body.id)}`))).toBe(`404 Request_ResourceNotFound Resource '${String(body.id)}' does not exist or one of its queried reference-property objects are not present.`);
    const again = await client.post('/users', NEW);
    expect(again.body.id).not.toBe(body.id);
  });
});

describe('groups', () => {
  const TEAM = { displayName: 'Team', mailNickname: 'team', mailEnabled: true, securityEnabled: false, groupTypes: ['Unified'] };
  let group: string;
  const idOf = async (user: string): Promise<string> => String((await client.get(`/users/${user}`)).body.id);
  const reference = (id: string): Row => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });

  test('create and change', async () => {
    expect(await messageOf(client.post('/groups', { ...TEAM, mailNickname: undefined }))).toBe("400 Request_BadRequest A value is required for property 'mailNickname' of resource 'Group'.");
    expect(await messageOf(client.post('/groups', { ...TEAM, groupTypes: [] }))).toContain('mail-enabled groups');
    expect(await messageOf(client.post('/groups', { ...TEAM, mailNickname: 'a b' }))).toContain("'mailNickname'");
    const { status, body } = await client.post('/groups', { ...TEAM, 'members@odata.bind': [`https://graph.microsoft.com/v1.0/users/${await idOf(ANN)}`] });
    expect([status, body]).toMatchObject([201, { displayName: 'Team', mail: 'team@contoso.example', visibility: 'Public', createdDateTime: '2026-02-02T10:00:00Z' }]);
    group = `/groups/${String(body.id)}`;
    expect(await messageOf(client.post('/groups', TEAM))).toContain('already exists');
    expect((await client.patch(group, { description: 'Us' })).status).toBe(204);
    expect((await client.get(group)).body.description).toBe('Us');
    const security = await client.post('/groups', { displayName: 'Doors', mailNickname: 'doors', mailEnabled: false, securityEnabled: true, groupTypes: [] });
    expect(security.body).toMatchObject({ mail: null, securityEnabled: true });
    expect((await client.get(`/groups/${String(security.body.id)}`)).body.mail).toBeNull();
  });

  test('members come and go, each once', async () => {
    const bob = await idOf(BOB);
    expect((await client.post(`${group}/members/$ref`, reference(bob))).status).toBe(204);
    expect(await messageOf(client.post(`${group}/members/$ref`, reference(bob)))).toBe("400 Request_BadRequest One or more added object references already exist for the following modified properties: 'members'.");
    expect((await client.post(`${group}/members/$ref`, reference('00000000-0000-4000-8000-000000000000'))).status).toBe(404);
    expect((await client.post(`${group}/members/$ref`, { id: bob })).status).toBe(400);
    expect((await client.get(`${group}/members`)).rows).toHaveLength(2);
    expect((await client.post(`/users/${BOB}/getMemberGroups`, { securityEnabledOnly: false })).rows).toEqual([group.slice('/groups/'.length)]);
    expect((await client.del(`${group}/members/${bob}/$ref`)).status).toBe(204);
    expect(await messageOf(client.del(`${group}/members/${bob}/$ref`))).toContain('404 Request_ResourceNotFound');
    expect((await client.patch(group, { 'members@odata.bind': [`https://graph.microsoft.com/v1.0/directoryObjects/${await idOf(NOBODY)}`] })).status).toBe(204);
    expect((await client.get(`${group}/members`)).rows).toHaveLength(2);
  });

  test('conversations, threads, replies', async () => {
    const post = { body: { contentType: 'html', content: '<p>Hello all</p>' } };
    const { status, body } = await client.post(`${group}/conversations`, { topic: 'Welcome', threads: [{ posts: [post] }] });
    expect([status, body]).toMatchObject([201, { topic: 'Welcome', preview: 'Hello all' }]);
    const [thread] = (await client.get(`${group}/conversations/${String(body.id)}/threads`)).rows;
    expect((await client.post(`${group}/threads/${String(thread!.id)}/reply`, { Post: { body: { contentType: 'text', content: 'Hi' } } })).status).toBe(202);
    expect((await client.get(`${group}/threads/${String(thread!.id)}/posts`)).rows.map((row) => (row.body as Row).content)).toEqual(['<p>Hello all</p>', 'Hi']);
    expect((await client.get(`${group}/conversations`)).rows[0]).toMatchObject({ preview: 'Hi' });
    expect((await client.post(`${group}/conversations`, { topic: 'No post' })).status).toBe(400);
    expect((await client.post(`${group}/threads/${String(thread!.id)}/reply`, {})).status).toBe(400);
    expect((await client.del(`${group}/threads/${String(thread!.id)}`)).status).toBe(204);
    expect((await client.get(`${group}/conversations`)).rows).toEqual([]);
    expect((await client.del(group)).status).toBe(204);
    expect((await client.get(group)).status).toBe(404);
  });
});

test('rooms', async () => {
  const change = { '@odata.type': '#microsoft.graph.room', capacity: 12, tags: ['screen'] };
  expect((await client.patch('/places/room1@contoso.example', { capacity: 1 })).status).toBe(400);
  expect((await client.patch('/places/room1@contoso.example', change)).body).toMatchObject({ capacity: 12, tags: ['screen'], displayName: 'Room 1' });
  expect((await client.get('/places/room1@contoso.example')).body).toMatchObject({ capacity: 12 });
  expect((await client.patch('/places/room1@contoso.example', { ...change, emailAddress: 'x@contoso.example' })).error.code).toBe('ErrorInvalidPropertySet');
  expect((await client.patch('/places/nowhere@contoso.example', change)).status).toBe(404);
});
