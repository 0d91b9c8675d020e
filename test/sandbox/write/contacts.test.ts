import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const ME = `/users/${ANN}`;
const CONTACTS = `${ME}/contacts`;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

const add = async (body: Row, path = CONTACTS): Promise<Row> => {
  const answer = await client.post(path, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};

describe('contacts', () => {
  test('a new one lands in the default folder, named by its parts', async () => {
    const answer = await client.post(CONTACTS, { givenName: 'Pavel', surname: 'Bansky', emailAddresses: [{ address: 'pavel@fabrikam.example' }, { address: 'b@fabrikam.example', name: 'Home' }], businessPhones: ['+1 555 0100'] });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toContain(`/contacts('`);
    expect(answer.headers.get('etag')).toBe(answer.body['@odata.etag']);
    expect(answer.body).toMatchObject({
      displayName: 'Pavel Bansky', fileAs: 'Bansky, Pavel', emailAddresses: [{ name: 'pavel@fabrikam.example', address: 'pavel@fabrikam.example' }, { name: 'Home', address: 'b@fabrikam.example' }],
      primaryEmailAddress: { address: 'pavel@fabrikam.example' }, jobTitle: null, createdDateTime: '2026-02-02T00:00:00Z',
    });
    const { body } = await client.get(`${CONTACTS}/${String(answer.body.id)}`);
    expect(body).toMatchObject({ id: answer.body.id, changeKey: answer.body.changeKey, displayName: 'Pavel Bansky' });
    expect((await client.post(CONTACTS, { givenName: 'Min' }, { prefer: 'return=minimal' })).status).toBe(204);
  });

  test('a change that does not repeat displayName loses it', async () => {
    const { id } = await add({ displayName: 'The boss', givenName: 'Ines', surname: 'Roth' });
    expect((await client.patch(`${CONTACTS}/${String(id)}`, { displayName: 'The boss', jobTitle: 'Owner' })).body).toMatchObject({ displayName: 'The boss', jobTitle: 'Owner' });
    expect((await client.patch(`${CONTACTS}/${String(id)}`, { jobTitle: 'CEO' })).body).toMatchObject({ displayName: 'Ines Roth', jobTitle: 'CEO' });
    const alone = await add({ displayName: 'Only a name' });
    expect((await client.patch(`${CONTACTS}/${String(alone.id)}`, { jobTitle: 'x' })).body.displayName).toBe('');
  });

  test('collections are replaced whole, null clears, what is left out stays', async () => {
    const { id } = await add({ displayName: 'A', emailAddresses: [{ address: 'a@x.example' }, { address: 'b@x.example' }], categories: ['Red'], homeAddress: { city: 'Oslo' } });
    const { body } = await client.patch(`${CONTACTS}/${String(id)}`, { displayName: 'A', emailAddresses: [{ address: 'c@x.example' }], categories: null });
    expect(body).toMatchObject({ emailAddresses: [{ address: 'c@x.example' }], categories: [], homeAddress: { city: 'Oslo' }, secondaryEmailAddress: null });
  });

  test('If-Match', async () => {
    const created = await add({ displayName: 'Versioned' });
    const path = `${CONTACTS}/${String(created.id)}`;
    const changed = await client.patch(path, { displayName: 'Versioned', jobTitle: '1' }, { 'if-match': String(created['@odata.etag']) });
    expect(changed.status).toBe(200);
    const stale = await client.patch(path, { displayName: 'Versioned', jobTitle: '2' }, { 'if-match': String(created['@odata.etag']) });
    expect([stale.status, stale.error.code]).toEqual([412, 'ErrorIrresolvableConflict']);
    expect((await client.del(path, { 'if-match': String(created['@odata.etag']) })).status).toBe(412);
    expect((await client.del(path, { 'if-match': 'garbage' })).error.code).toBe('ErrorInvalidChangeKey');
    expect((await client.del(path, { 'if-match': String(changed.body['@odata.etag']) })).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
  });

  test('refusals', async () => {
    const { id } = await add({ displayName: 'R' });
    const refused = async (body: unknown): Promise<string> => {
      const { status, error } = await client.patch(`${CONTACTS}/${String(id)}`, body);
      return `${String(status)} ${error.code}`;
    };
    expect(await refused({ nothing: 1 })).toBe('400 RequestBodyRead');
    expect(await refused({ displayName: 7 })).toBe('400 RequestBodyRead');
    expect(await refused({ changeKey: 'x' })).toBe('400 ErrorInvalidPropertySet');
    expect(await refused({ primaryEmailAddress: { address: 'a@x.example' } })).toBe('400 ErrorInvalidPropertySet');
    expect(await refused({ emailAddresses: [1, 2, 3, 4].map((n) => ({ address: `${String(n)}@x.example` })) })).toBe('400 ErrorInvalidArgument');
    expect((await client.patch(`${CONTACTS}/garbage`, { displayName: 'x' })).error.code).toBe('ErrorInvalidIdMalformed');
    expect((await client.patch(CONTACTS, {})).status).toBe(405);
  });

  test('extended properties, delta, permanent deletion', async () => {
    const first = await client.get(`${CONTACTS}/delta`, { prefer: 'odata.maxpagesize=500' });
    const ep = { id: 'String {66f5a359-4659-4830-9070-00040ec6ac6e} Name Source', value: 'crm' };
    const { id } = await add({ displayName: 'X', singleValueExtendedProperties: [ep] });
    const expand = `?$expand=singleValueExtendedProperties($filter=id eq '${ep.id}')`;
    expect((await client.get(`${CONTACTS}/${String(id)}${expand}`)).body.singleValueExtendedProperties).toEqual([ep]);
    await client.patch(`${CONTACTS}/${String(id)}`, { displayName: 'X', singleValueExtendedProperties: [{ ...ep, value: 'erp' }] });
    expect((await client.get(`${CONTACTS}/${String(id)}${expand}`)).body.singleValueExtendedProperties).toEqual([{ ...ep, value: 'erp' }]);
    const second = await client.get(String(first.body['@odata.deltaLink']));
    expect(second.rows.map((row) => row.id)).toEqual([id]);
    expect((await client.post(`${CONTACTS}/${String(id)}/permanentDelete`)).status).toBe(204);
    const third = await client.get(String(second.body['@odata.deltaLink']));
    expect(third.rows).toEqual([{ id, '@removed': { reason: 'deleted' } }]);
  });
});

describe('contact folders', () => {
  test('create, fill, rename, delete', async () => {
    const top = await add({ displayName: 'Clients' }, `${ME}/contactFolders`);
    const clash = await client.post(`${ME}/contactFolders`, { displayName: 'clients' });
    expect([clash.status, clash.error.code, clash.error.message]).toEqual([409, 'ErrorFolderExists', "A folder with the specified name already exists., Could not create folder 'clients'."]);
    const child = await add({ displayName: '2026' }, `${ME}/contactFolders/${String(top.id)}/childFolders`);
    expect(child.parentFolderId).toBe(top.id);
    const contact = await add({ displayName: 'In there' }, `${ME}/contactFolders/${String(top.id)}/childFolders/${String(child.id)}/contacts`);
    expect(contact.parentFolderId).toBe(child.id);
    expect((await client.get(`${ME}/contactFolders/${String(child.id)}/contacts`)).rows.map((row) => row.id)).toEqual([contact.id]);
    // Documented as writable, and it moves nothing.
    expect((await client.patch(`${CONTACTS}/${String(contact.id)}`, { displayName: 'In there', parentFolderId: top.id })).body.parentFolderId).toBe(child.id);
    expect((await client.patch(`${ME}/contactFolders/${String(child.id)}`, { displayName: '2027' })).body).toMatchObject({ id: child.id, displayName: '2027' });
    expect((await client.del(`${ME}/contactFolders/${String(top.id)}`)).status).toBe(204);
    expect((await client.get(`${CONTACTS}/${String(contact.id)}`)).status).toBe(404);
    expect((await client.del(`${ME}/contactFolders/contacts`)).error.code).toBe('ErrorDeleteDistinguishedFolder');
    expect((await client.post(`${ME}/contactFolders`, {})).status).toBe(400);
  });
});
