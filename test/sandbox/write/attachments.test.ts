import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import PostalMime from 'postal-mime';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Answer, type Row, type TestClient } from '../support/client.js';
import { ANN, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const MEGABYTE = 1024 * 1024;
const FILE = '#microsoft.graph.fileAttachment';

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  const ann = fill(sandbox.writer);
  ann.addEvent(ann.calendar('Calendar'), { entity: { subject: 'Meeting', start: { dateTime: '2026-02-03T09:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-02-03T10:00:00', timeZone: 'UTC' } } });
  client = clientOf(sandbox, `sandbox-${ANN}`);
});
afterAll(() => sandbox.close());

const draft = async (): Promise<string> => `/me/messages/${String((await client.post('/me/messages', { subject: 'Files' })).body.id)}`;
const file = (name: string, content: string | Buffer, more: Row = {}): Row => ({ '@odata.type': FILE, name, contentType: 'text/plain', contentBytes: Buffer.from(content).toString('base64'), ...more });

describe('directly', () => {
  test('a file: 201, and the owner is another version with hasAttachments', async () => {
    const path = await draft();
    const before = (await client.get(path)).body;
    const answer = await client.post(`${path}/attachments`, file('a.txt', 'hello'));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ '@odata.type': FILE, name: 'a.txt', contentType: 'text/plain', contentBytes: 'aGVsbG8=', isInline: false, contentId: null });
    const after = (await client.get(path)).body;
    expect(after).toMatchObject({ hasAttachments: true });
    expect(after.changeKey).not.toBe(before.changeKey);
    expect((await client.get(`${path}/attachments/${String(answer.body.id)}/$value`)).text).toBe('hello');
    expect((await client.del(`${path}/attachments/${String(answer.body.id)}`)).status).toBe(204);
    expect((await client.get(path)).body.hasAttachments).toBe(false);
    expect((await client.del(`${path}/attachments/${String(answer.body.id)}`)).error.code).toBe('ErrorItemNotFound');
  });

  test('inline files do not count for hasAttachments', async () => {
    const path = await draft();
    await client.post(`${path}/attachments`, file('logo.png', 'x', { isInline: true, contentId: 'logo' }));
    expect((await client.get(path)).body.hasAttachments).toBe(false);
    expect((await client.get(`${path}/attachments`)).rows).toMatchObject([{ isInline: true, contentId: 'logo' }]);
  });

  test('items and references', async () => {
    const path = await draft();
    const item = await client.post(`${path}/attachments`, { '@odata.type': '#microsoft.graph.itemAttachment', name: 'Inner', item: { '@odata.type': '#microsoft.graph.message', subject: 'Inner', body: { contentType: 'text', content: 'Deep' } } });
    expect([item.status, item.body.contentType]).toEqual([201, 'message/rfc822']);
    expect((await client.get(`${path}/attachments/${String(item.body.id)}?$expand=microsoft.graph.itemAttachment/item`)).body.item).toMatchObject({ subject: 'Inner', body: { content: 'Deep' } });
    const inner = await PostalMime.parse((await client.get(`${path}/attachments/${String(item.body.id)}/$value`)).text);
    expect([inner.subject, inner.text?.trim()]).toEqual(['Inner', 'Deep']);
    const reference = await client.post(`${path}/attachments`, { '@odata.type': '#microsoft.graph.referenceAttachment', name: 'Link' });
    expect((await client.get(`${path}/attachments/${String(reference.body.id)}/$value`)).status).toBe(405);
  });

  test('of an event', async () => {
    const event = (await client.get('/me/events')).rows[0]!;
    const path = `/me/events/${String(event.id)}`;
    const made = await client.post(`${path}/attachments`, file('agenda.txt', 'points'));
    expect(made.status).toBe(201);
    expect((await client.get(path)).body.hasAttachments).toBe(true);
    await client.del(`${path}/attachments/${String(made.body.id)}`);
    expect((await client.get(path)).body.hasAttachments).toBe(false);
  });

  test('what is refused', async () => {
    const path = await draft();
    const add = (body: Row): Promise<Answer> => client.post(`${path}/attachments`, body);
    expect((await add({ name: 'x', contentType: 'text/plain' })).error.message).toContain('@odata.type');
    expect((await add({ '@odata.type': FILE, name: 'x' })).status).toBe(400);
    expect((await add(file('x', '', { contentBytes: 'no base64 !' }))).error.code).toBe('RequestBodyRead');
    expect((await add(file('x', 'x', { size: 4 }))).error.code).toBe('ErrorInvalidPropertySet');
    expect((await add(file('x', 'x', { sourceUrl: 'http://x' }))).error.message).toContain("on type 'microsoft.graph.fileAttachment'");
    // Three megabytes of content are four of base64.
    expect((await add(file('big', Buffer.alloc(3 * MEGABYTE + 1)))).status).toBe(413);
    expect((await add({ '@odata.type': '#microsoft.graph.itemAttachment', name: 'x', item: { subject: 'x' } })).status).toBe(400);
    expect((await client.patch(`${path}/attachments/AAA`, {})).status).toBe(405);
    expect((await client.get(`${path}/attachments/$count`)).text).toBe('0');
  });

  test('MIME of a message that was written holds its attachments', async () => {
    const path = `/me/messages/${String((await client.post('/me/messages', { subject: 'Grüße aus Köln', body: { contentType: 'html', content: '<p>ä</p>' }, attachments: [file('ünder.txt', 'content')] })).body.id)}`;
    const parsed = await PostalMime.parse(await (await fetch(`${sandbox.graphEndpoint}${path}/$value`, { headers: { authorization: `Bearer sandbox-${ANN}` } })).arrayBuffer());
    expect([parsed.subject, parsed.html]).toEqual(['Grüße aus Köln', '<p>ä</p>']);
    expect(parsed.attachments.map((attachment) => [attachment.filename, Buffer.from(attachment.content as ArrayBuffer).toString()])).toEqual([['ünder.txt', 'content']]);
  });
});

describe('upload session', () => {
  const open = (path: string, size: number, more: Row = {}): Promise<Answer> =>
    client.post(`${path}/attachments/createUploadSession`, { AttachmentItem: { attachmentType: 'file', name: 'big.bin', size, ...more } });
  const put = (url: unknown, content: Uint8Array, first: number, total: number, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(String(url), { method: 'PUT', body: content as Uint8Array<ArrayBuffer>, headers: { 'content-range': `bytes ${String(first)}-${String(first + content.byteLength - 1)}/${String(total)}`, ...headers } });

  test('parts in order, 201 with Location at the end', async () => {
    const path = await draft();
    const content = Buffer.alloc(9 * MEGABYTE + 17, 'abcdefg');
    const { status, body } = await open(path, content.byteLength, { contentType: 'application/x-big' });
    expect([status, body.nextExpectedRanges]).toEqual([201, ['0-']]);
    expect(String(body.uploadUrl)).toMatch(new RegExp(`^${new URL(sandbox.graphEndpoint).origin}/api/v2.0/.*authtoken=`));
    for (let first = 0; first < content.byteLength; first += 4 * MEGABYTE) {
      const part = content.subarray(first, first + 4 * MEGABYTE);
      const answer = await put(body.uploadUrl, part, first, content.byteLength);
      if (first + part.byteLength < content.byteLength) {
        expect(answer.status).toBe(200);
        expect(await answer.json()).toMatchObject({ nextExpectedRanges: [`${String(first + part.byteLength)}-`] });
      } else {
        expect(answer.status).toBe(201);
        const [row] = (await client.get(`${path}/attachments?$select=id,name,size,contentType`)).rows;
        expect(row).toMatchObject({ name: 'big.bin', contentType: 'application/x-big' });
        expect(answer.headers.get('location')).toContain(String(row!.id));
      }
    }
    const value = await fetch(`${sandbox.graphEndpoint}${path}/attachments/${String((await client.get(`${path}/attachments?$select=id`)).rows[0]!.id)}/$value`, { headers: { authorization: `Bearer sandbox-${ANN}` } });
    expect(Buffer.from(await value.arrayBuffer()).equals(content)).toBe(true);
    expect((await client.get(path)).body.hasAttachments).toBe(true);
    expect((await put(body.uploadUrl, content.subarray(0, 10), 0, content.byteLength)).status).toBe(404);
    expect(sandbox.log.entries.some((entry) => entry.url.includes('authtoken'))).toBe(false);
  }, 30_000);

  test('gaps, repetitions, wrong lengths, large parts and tokens are refused', async () => {
    const path = await draft();
    const size = 5 * MEGABYTE;
    const { body } = await open(path, size);
    const part = Buffer.alloc(MEGABYTE);
    expect((await put(body.uploadUrl, part, MEGABYTE, size)).status).toBe(416);
    expect((await put(body.uploadUrl, part, 0, size)).status).toBe(200);
    expect((await put(body.uploadUrl, part, 0, size)).status).toBe(416);
    expect((await put(body.uploadUrl, part, MEGABYTE, size + 1)).status).toBe(416);
    expect((await put(body.uploadUrl, part, MEGABYTE, size, { 'content-range': `bytes ${String(MEGABYTE)}-${String(3 * MEGABYTE)}/${String(size)}` })).status).toBe(400);
    expect((await put(body.uploadUrl, part, MEGABYTE, size, { 'content-range': '' })).status).toBe(400);
    expect((await put(body.uploadUrl, Buffer.alloc(4 * MEGABYTE + 1), MEGABYTE, 6 * MEGABYTE)).status).toBe(413);
    expect((await put(body.uploadUrl, part, MEGABYTE, size, { authorization: `Bearer sandbox-${ANN}` })).status).toBe(401);
    expect((await put(String(body.uploadUrl).replace(/authtoken=.*/, 'authtoken=x'), part, MEGABYTE, size)).status).toBe(401);
    expect(await (await fetch(String(body.uploadUrl))).json()).toMatchObject({ nextExpectedRanges: [`${String(MEGABYTE)}-`] });
    expect((await fetch(String(body.uploadUrl), { method: 'DELETE' })).status).toBe(204);
    expect((await put(body.uploadUrl, part, MEGABYTE, size)).status).toBe(404);
    expect((await client.get(`${path}/attachments`)).rows).toEqual([]);
  });

  test('sizes, types, expiry', async () => {
    const path = await draft();
    expect((await open(path, 3 * MEGABYTE - 1)).error.code).toBe('ErrorAttachmentSizeShouldNotBeLessThanMinimumSize');
    expect((await open(path, 150 * MEGABYTE + 1)).status).toBe(400);
    expect((await open(path, 4 * MEGABYTE, { attachmentType: 'item' })).status).toBe(400);
    expect((await open(path, 4 * MEGABYTE, { size: '4' })).error.code).toBe('RequestBodyRead');
    const { body } = await open(path, 4 * MEGABYTE);
    sandbox.setClock(new Date('2026-02-02T11:00:01Z'));
    expect((await put(body.uploadUrl, Buffer.alloc(10), 0, 4 * MEGABYTE)).status).toBe(404);
  });

  test('uploads beyond the limit of five minutes are throttled', async () => {
    const path = await draft();
    sandbox.faults.set({ uploadLimitMb: 5 });
    try {
      const { body } = await open(path, 8 * MEGABYTE);
      expect((await put(body.uploadUrl, Buffer.alloc(4 * MEGABYTE), 0, 8 * MEGABYTE)).status).toBe(200);
      const refused = await put(body.uploadUrl, Buffer.alloc(4 * MEGABYTE), 4 * MEGABYTE, 8 * MEGABYTE);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
      sandbox.setClock(new Date('2026-02-02T11:06:00Z'));
      expect((await put(body.uploadUrl, Buffer.alloc(4 * MEGABYTE), 4 * MEGABYTE, 8 * MEGABYTE)).status).toBe(201);
    } finally {
      sandbox.faults.reset();
    }
  });

  test('a part whose answer is lost has arrived: the session tells where to go on, and is over after the last one', async () => {
    const path = await draft();
    const size = 6 * MEGABYTE;
    const { body } = await open(path, size);
    sandbox.faults.set({ cutAfterWriteEvery: 1, repeatFaults: true });
    await expect(put(body.uploadUrl, Buffer.alloc(4 * MEGABYTE), 0, size)).rejects.toThrow();
    expect(await (await fetch(String(body.uploadUrl))).json()).toMatchObject({ nextExpectedRanges: [`${String(4 * MEGABYTE)}-`] });
    await expect(put(body.uploadUrl, Buffer.alloc(2 * MEGABYTE), 4 * MEGABYTE, size)).rejects.toThrow();
    sandbox.faults.reset();
    expect((await fetch(String(body.uploadUrl))).status).toBe(404);
    expect((await client.get(`${path}/attachments?$select=name`)).rows).toMatchObject([{ name: 'big.bin' }]);
  });

  test('an owner that is gone by the end takes nothing', async () => {
    const path = await draft();
    const { body } = await open(path, 4 * MEGABYTE);
    await client.raw('POST', `${path}/permanentDelete`);
    const answer = await put(body.uploadUrl, Buffer.alloc(4 * MEGABYTE), 0, 4 * MEGABYTE);
    expect(answer.status).toBe(404);
  });
});
