import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
let listener: http.Server;
let url: string;
/** How the client's address answers the handshake. */
let behaviour: 'echo' | 'wrong' | 'html' | 'refuse' = 'echo';
const calls: string[] = [];
const told: Row[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
  listener = http.createServer((request, response) => {
    const token = new URL(request.url ?? '', 'http://x').searchParams.get('validationToken');
    calls.push(`${String(request.method)} ${token === null ? 'change' : 'handshake'}`);
    let text = '';
    request.on('data', (chunk) => { text += String(chunk); });
    request.on('end', () => {
      if (token === null && text !== '') told.push(...(JSON.parse(text) as { value: Row[] }).value);
    });
    response.writeHead(behaviour === 'refuse' ? 503 : 200, { 'content-type': behaviour === 'html' ? 'text/html' : 'text/plain' });
    response.end(behaviour === 'wrong' ? 'no' : token ?? '');
  });
  await new Promise<void>((resolve) => { listener.listen(0, '127.0.0.1', resolve); });
  url = `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}/hook?tenant=1`;
});
afterAll(async () => {
  listener.close();
  await sandbox.close();
});

const wanted = (change: Row = {}): Row => ({ changeType: 'created,updated', notificationUrl: url, resource: `users/${ANN}/mailFolders('inbox')/messages`, expirationDateTime: '2026-02-03T10:00:00Z', clientState: 'secret', ...change });
const codeOf = async (answer: Promise<{ readonly status: number; readonly error: { readonly code: string } }>): Promise<string> => {
  const { status, error } = await answer;
  return `${String(status)} ${error.code}`;
};

test('a subscription is made after the handshake, shown without its secret, renewed and deleted', async () => {
  const { status, body } = await client.post('/subscriptions', wanted());
  expect([status, body]).toMatchObject([201, { changeType: 'created,updated', clientState: 'secret', resource: `users/${ANN}/mailFolders('inbox')/messages` }]);
  expect(calls).toEqual(['POST handshake']);
  const path = `/subscriptions/${String(body.id)}`;
  expect((await client.get(path)).body).toMatchObject({ id: body.id, clientState: null });
  expect((await client.get('/subscriptions')).rows.map((row) => row.id)).toEqual([body.id]);
  expect((await client.patch(path, { expirationDateTime: '2026-02-04T10:00:00Z' })).body.expirationDateTime).toBe('2026-02-04T10:00:00.000Z');
  expect(await codeOf(client.patch(path, { resource: 'me/events' }))).toBe('400 ErrorInvalidPropertySet');
  expect(await codeOf(client.patch(path, { expirationDateTime: '2026-03-04T10:00:00Z' }))).toBe('400 InvalidRequest');
  expect((await client.del(path)).status).toBe(204);
  expect(await codeOf(client.del(path))).toBe('404 ResourceNotFound');
});

test('an address that does not answer as it should gets none', async () => {
  for (behaviour of ['wrong', 'html', 'refuse'] as const) expect(await codeOf(client.post('/subscriptions', wanted()))).toBe('400 ValidationError');
  behaviour = 'echo';
  expect(await codeOf(client.post('/subscriptions', wanted({ notificationUrl: 'http://127.0.0.1:9/' })))).toBe('400 ValidationError');
  expect((await client.get('/subscriptions')).rows).toEqual([]);
});

test('changes are told to those who asked for them', async () => {
  const { body } = await client.post('/subscriptions', wanted({ resource: `users/${ANN}/contacts`, changeType: 'created,deleted' }));
  const contact = (await client.post(`/users/${ANN}/contacts`, { displayName: 'Told' })).body;
  await client.patch(`/users/${ANN}/contacts/${String(contact.id)}`, { displayName: 'Not told' });
  await client.post(`/users/${ANN}/todo/lists`, { displayName: 'Not told either' });
  await client.del(`/users/${ANN}/contacts/${String(contact.id)}`);
  await expect.poll(() => told.length).toBe(2);
  const { id } = (await client.get(`/users/${ANN}`)).body;
  expect(told).toMatchObject([
    { subscriptionId: body.id, clientState: 'secret', changeType: 'created', resource: `Users/${String(id)}/Contacts/${String(contact.id)}`, resourceData: { id: contact.id, '@odata.type': '#Microsoft.Graph.Contact' } },
    { subscriptionId: body.id, changeType: 'deleted', resourceData: { id: contact.id } },
  ]);
  expect((await client.del(`/subscriptions/${String(body.id)}`)).status).toBe(204);
});

test('refusals', async () => {
  const refused = (change: Row): Promise<string> => codeOf(client.post('/subscriptions', wanted(change)));
  expect(await refused({ notificationUrl: 'http://hooks.fabrikam.example/' })).toBe('400 InvalidRequest');
  expect(await refused({ changeType: 'created,moved' })).toBe('400 InvalidRequest');
  expect(await refused({ resource: 'me/nothing' })).toBe('400 InvalidRequest');
  expect(await refused({ resource: 'me/mailFolders/nowhere/messages' })).toBe('400 InvalidRequest');
  expect(await refused({ expirationDateTime: '2026-02-02T09:00:00Z' })).toBe('400 InvalidRequest');
  expect(await refused({ expirationDateTime: '2026-02-05T10:00:00Z' })).toBe('400 InvalidRequest');
  expect(await refused({ includeResourceData: true })).toBe('400 InvalidRequest');
  expect(await refused({ resource: undefined })).toBe('400 InvalidRequest');
  // Files may be watched for longer than mail.
  expect(await refused({ resource: 'me/drive/root', expirationDateTime: '2026-02-25T10:00:00Z' })).toBe('201 ');
  sandbox.setClock(new Date('2026-02-26T10:00:00Z'));
  expect((await client.get('/subscriptions')).rows).toEqual([]);
});
