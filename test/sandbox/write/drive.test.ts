import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const DRIVE = `/users/${ANN}/drive`;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

const codeOf = async (answer: Promise<{ readonly status: number; readonly error: { readonly code: string } }>): Promise<string> => {
  const { status, error } = await answer;
  return `${String(status)} ${error.code}`;
};
const folder = async (name: string, change: Row = {}): Promise<Row> => (await client.post(`${DRIVE}/root/children`, { name, folder: {}, ...change })).body;

test('folders: names are unique without case unless the client wants another', async () => {
  const { status, body } = await client.post(`${DRIVE}/root/children`, { name: 'Reports', folder: {} });
  expect([status, body]).toMatchObject([201, { name: 'Reports', folder: { childCount: 0 } }]);
  expect(await codeOf(client.post(`${DRIVE}/root/children`, { name: 'reports', folder: {} }))).toBe('409 nameAlreadyExists');
  expect((await folder('Reports', { '@microsoft.graph.conflictBehavior': 'rename' })).name).toBe('Reports 1');
  expect((await folder('Reports', { '@microsoft.graph.conflictBehavior': 'replace' })).id).toBe(body.id);
  expect(await codeOf(client.post(`${DRIVE}/root/children`, { name: 'a:b', folder: {} }))).toBe('400 invalidRequest');
  expect(await codeOf(client.post(`${DRIVE}/root/children`, { name: 'x' }))).toBe('400 invalidRequest');
  expect(await codeOf(client.post(`${DRIVE}/root/children`, { name: 'x', folder: {}, size: 1 }))).toBe('400 ErrorInvalidPropertySet');
});

test('content by path and by id', async () => {
  await folder('Texts');
  const bytes = new Uint8Array([0, 255, 10, 13, 128]);
  const first = await client.put(`${DRIVE}/root:/Texts/a%20b.txt:/content`, bytes);
  expect([first.status, first.body]).toMatchObject([201, { name: 'a b.txt', size: 5, file: { mimeType: 'text/plain' } }]);
  const raw = await fetch(`${sandbox.graphEndpoint}${DRIVE}/root:/Texts/a%20b.txt:/content`);
  expect([...new Uint8Array(await raw.arrayBuffer())]).toEqual([...bytes]);
  const second = await client.put(`${DRIVE}/root:/Texts/A%20B.txt:/content`, 'longer text');
  expect([second.status, second.body.id, second.body.size]).toEqual([200, first.body.id, 11]);
  expect(second.body.eTag).not.toBe(first.body.eTag);
  expect(await codeOf(client.put(`${DRIVE}/root:/Texts/a%20b.txt:/content?@microsoft.graph.conflictBehavior=fail`, 'x'))).toBe('409 nameAlreadyExists');
  expect((await client.put(`${DRIVE}/root:/Texts/a%20b.txt:/content?@microsoft.graph.conflictBehavior=rename`, 'x')).body.name).toBe('a b 1.txt');
  expect(await codeOf(client.put(`${DRIVE}/items/${String(first.body.id)}/content`, 'y', { 'if-match': String(first.body.eTag) }))).toBe('412 resourceModified');
  expect((await client.put(`${DRIVE}/items/${String(first.body.id)}/content`, 'y', { 'if-match': String(second.body.eTag) })).status).toBe(200);
  const { body: parent } = await client.get(`${DRIVE}/root:/Texts`);
  expect((await client.put(`${DRIVE}/items/${String(parent.id)}:/c.csv:/content`, 'a;b')).body).toMatchObject({ name: 'c.csv', parentReference: { id: parent.id } });
  expect(await codeOf(client.put(`${DRIVE}/root:/Nowhere/c.csv:/content`, 'a'))).toBe('404 itemNotFound');
});

test('rename, move, delete', async () => {
  const from = await folder('From');
  const to = await folder('To');
  const file = (await client.put(`${DRIVE}/root:/From/x.txt:/content`, 'x')).body;
  await client.put(`${DRIVE}/root:/To/y.txt:/content`, 'y');
  const path = `${DRIVE}/items/${String(file.id)}`;
  expect(await codeOf(client.patch(path, { name: 'y.txt', parentReference: { id: to.id } }))).toBe('409 nameAlreadyExists');
  expect((await client.patch(path, { name: 'z.csv', parentReference: { id: to.id } })).body).toMatchObject({ id: file.id, name: 'z.csv', parentReference: { id: to.id }, file: { mimeType: 'text/csv' } });
  expect((await client.get(`${DRIVE}/root:/To:/children`)).rows.map((row) => row.name).sort()).toEqual(['y.txt', 'z.csv']);
  expect((await client.patch(path, { parentReference: { path: '/drive/root:/From' } })).body).toMatchObject({ parentReference: { id: from.id } });
  expect(await codeOf(client.patch(`${DRIVE}/items/${String(from.id)}`, { parentReference: { id: from.id } }))).toBe('400 invalidRequest');
  expect(await codeOf(client.patch(path, { eTag: 'x' }))).toBe('400 ErrorInvalidPropertySet');
  expect(await codeOf(client.del(path, { 'if-match': '"old"' }))).toBe('412 resourceModified');
  expect((await client.del(`${DRIVE}/root:/From`)).status).toBe(204);
  expect(await codeOf(client.get(path))).toBe('404 itemNotFound');
  expect((await client.del(`${DRIVE}/root`)).status).toBe(405);
});

test('upload sessions: parts in order, multiples of 320 KiB, no token', async () => {
  const unit = 320 * 1024;
  const content = Buffer.alloc(unit + 10, 'x');
  const { status, body } = await client.post(`${DRIVE}/root:/big.bin:/createUploadSession`, { item: { '@microsoft.graph.conflictBehavior': 'replace' } });
  expect([status, body.nextExpectedRanges]).toEqual([200, ['0-']]);
  const url = String(body.uploadUrl);
  const put = (from: number, to: number): ReturnType<TestClient['put']> => client.put(url, new Uint8Array(content.subarray(from, to)), { 'content-range': `bytes ${String(from)}-${String(to - 1)}/${String(content.length)}` });
  expect((await put(0, 100)).status).toBe(400);
  const part = await put(0, unit);
  expect([part.status, part.body.nextExpectedRanges]).toEqual([202, [`${String(unit)}-`]]);
  expect((await put(unit + 1, content.length)).status).toBe(416);
  const last = await put(unit, content.length);
  expect([last.status, last.body]).toMatchObject([201, { name: 'big.bin', size: content.length }]);
  expect((await put(unit, content.length)).status).toBe(404);
  expect(await codeOf(client.post(`${DRIVE}/root:/big.bin:/createUploadSession`))).toBe('409 nameAlreadyExists');
  const again = await client.post(`${DRIVE}/items/${String(last.body.id)}/createUploadSession`, { item: { '@microsoft.graph.conflictBehavior': 'replace' } });
  const whole = await client.put(String(again.body.uploadUrl), 'short', { 'content-range': 'bytes 0-4/5' });
  expect([whole.status, whole.body]).toMatchObject([200, { id: last.body.id, size: 5 }]);
});
