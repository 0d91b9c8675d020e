import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, BOB, fill, NOBODY } from '../support/fill.js';

let sandbox: Sandbox;
let ann: TestClient;
let bob: TestClient;
const IMMUTABLE = { Prefer: 'IdType="ImmutableId"' };
const to = (address: string): Row => ({ emailAddress: { address } });

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  ann = clientOf(sandbox, `sandbox-${ANN}`);
  bob = clientOf(sandbox, `sandbox-${BOB}`);
});
afterAll(() => sandbox.close());

const inbox = async (client: TestClient, subject: string): Promise<readonly Row[]> =>
  (await client.all(`/me/mailFolders/inbox/messages?$filter=startswith(subject,'${encodeURIComponent(subject)}')&$top=100`));
const sentItems = async (client: TestClient, subject: string): Promise<readonly Row[]> =>
  (await client.all(`/me/mailFolders/sentitems/messages?$filter=startswith(subject,'${encodeURIComponent(subject)}')&$top=100`));
const address = (row: Row | undefined, member = 'from'): unknown => ((row?.[member] as Row | undefined)?.emailAddress as Row | undefined)?.address;

describe('sendMail', () => {
  test('arrives unread in every mailbox of the tenant once, without Bcc, and a copy stays in Sent Items', async () => {
    const answer = await ann.post('/me/sendMail', {
      message: {
        subject: 'News', body: { contentType: 'HTML', content: '<b>Now</b>' }, toRecipients: [to(BOB), to('far@fabrikam.example'), to(NOBODY)], ccRecipients: [to(BOB.toUpperCase())], bccRecipients: [to(ANN)],
        importance: 'high', categories: ['Mine'], internetMessageHeaders: [{ name: 'x-mark', value: 'm1' }],
        attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'n.txt', contentType: 'text/plain', contentBytes: Buffer.from('news').toString('base64') }],
      },
    });
    expect([answer.status, answer.text]).toEqual([202, '']);
    const [copy, ...more] = await inbox(bob, 'News');
    expect(more).toEqual([]);
    expect(copy).toMatchObject({
      isRead: false, isDraft: false, importance: 'high', categories: [], bccRecipients: [], hasAttachments: true, bodyPreview: 'Now', from: { emailAddress: { name: 'Ann Archer', address: ANN } },
      receivedDateTime: '2026-02-02T10:00:00Z',
    });
    expect((await bob.get(`/me/messages/${String(copy!.id)}/attachments`)).rows).toMatchObject([{ name: 'n.txt', contentBytes: Buffer.from('news').toString('base64') }]);
    expect((await bob.get(`/me/messages/${String(copy!.id)}?$select=internetMessageHeaders`)).body.internetMessageHeaders).toContainEqual({ name: 'x-mark', value: 'm1' });
    expect(await inbox(ann, 'News')).toHaveLength(1);
    const [sent] = await sentItems(ann, 'News');
    expect(sent).toMatchObject({ isRead: true, isDraft: false, categories: ['Mine'], internetMessageId: copy!.internetMessageId });
    expect(sent!.bccRecipients).toHaveLength(1);
  });

  test('saveToSentItems=false keeps no copy', async () => {
    expect((await ann.post('/me/microsoft.graph.sendMail', { Message: { subject: 'Unsaved', toRecipients: [to(BOB)] }, SaveToSentItems: false })).status).toBe(202);
    expect(await sentItems(ann, 'Unsaved')).toEqual([]);
    expect(await inbox(bob, 'Unsaved')).toHaveLength(1);
  });

  test('MIME', async () => {
    const mime = `To: Bob <${BOB}>\r\nSubject: By MIME\r\nContent-Type: text/html\r\n\r\n<p>Hi</p>`;
    const answer = await ann.raw('POST', '/me/sendMail', Buffer.from(mime).toString('base64'), { 'content-type': 'text/plain' });
    expect(answer.status).toBe(202);
    expect(address((await inbox(bob, 'By MIME'))[0])).toBe(ANN);
  });

  test('no recipients, bad ones, too many, and other people', async () => {
    const send = (message: Row): ReturnType<TestClient['post']> => ann.post('/me/sendMail', { message: { subject: 'Refused', ...message } });
    const none = await send({});
    expect([none.status, none.error.code, none.error.message]).toEqual([400, 'ErrorInvalidRecipients', "At least one recipient is not valid., A message can't be sent because it contains no recipients."]);
    expect((await send({ toRecipients: [to(`${BOB};${ANN}`)] })).error.message).toContain(`Recipient '${BOB};${ANN}' is not resolved`);
    expect((await send({ toRecipients: [to('nobody')] })).status).toBe(400);
    expect((await send({ toRecipients: Array.from({ length: 501 }, (_, n) => to(`p${String(n)}@fabrikam.example`)) })).error.code).toBe('ErrorInvalidRecipients');
    const foreign = await send({ toRecipients: [to(BOB)], from: to(BOB) });
    expect([foreign.status, foreign.error.code]).toEqual([403, 'ErrorSendAsDenied']);
    expect((await ann.post('/me/sendMail', { subject: 'x' })).status).toBe(400);
    expect((await ann.post('/me/sendMail', {})).status).toBe(400);
    expect((await ann.post('/me/sendMail', { message: { colour: 'red' } })).error.code).toBe('RequestBodyRead');
    expect(await inbox(bob, 'Refused')).toEqual([]);
    expect(await sentItems(ann, 'Refused')).toEqual([]);
  });

  test('Mail.Send is needed, and enough', async () => {
    const scopes = async (list: readonly string[] | null): Promise<void> => {
      await fetch(`${sandbox.adminEndpoint}/authorization`, { method: 'POST', body: JSON.stringify({ scopes: list }) });
    };
    try {
      await scopes(['Mail.ReadWrite']);
      expect((await ann.post('/me/sendMail', { message: { toRecipients: [to(BOB)] } })).status).toBe(403);
      await scopes(['Mail.Send']);
      expect((await ann.post('/me/sendMail', { message: { toRecipients: [to(BOB)] } })).status).toBe(202);
    } finally {
      await scopes(null);
    }
  });
});

describe('a draft', () => {
  test('is sent once and found in Sent Items by its immutable id', async () => {
    const draft = (await ann.post('/me/messages', { subject: 'From draft', toRecipients: [to(BOB)], body: { contentType: 'text', content: 'Hello' } }, IMMUTABLE)).body;
    const path = `/me/messages/${String(draft.id)}`;
    const sent = await ann.raw('POST', `${path}/send`);
    expect(sent.status).toBe(202);
    expect((await ann.get(path, IMMUTABLE)).body).toMatchObject({
      id: draft.id, isDraft: false, subject: 'From draft', from: { emailAddress: { address: ANN } }, parentFolderId: (await ann.get('/me/mailFolders/sentitems')).body.id,
    });
    expect(await inbox(bob, 'From draft')).toMatchObject([{ isRead: false, internetMessageId: draft.internetMessageId, body: { contentType: 'text', content: 'Hello' } }]);
    expect((await ann.raw('POST', `${path}/send`)).status).toBe(400);
    expect(await inbox(bob, 'From draft')).toHaveLength(1);
    expect((await ann.patch(path, { subject: 'x' })).error.message).toBe('Message is not draft.');
  });

  test('without recipients or with a foreign author stays a draft', async () => {
    const draft = (await ann.post('/me/messages', { subject: 'Stays', from: to(BOB) })).body;
    const path = `/me/messages/${String(draft.id)}`;
    expect((await ann.raw('POST', `${path}/send`)).error.code).toBe('ErrorInvalidRecipients');
    await ann.patch(path, { toRecipients: [to(ANN)] });
    expect((await ann.raw('POST', `${path}/send`)).error.code).toBe('ErrorSendAsDenied');
    expect((await ann.get(path)).body.isDraft).toBe(true);
    await ann.patch(path, { from: null });
    expect((await ann.raw('POST', `${path}/send`)).status).toBe(202);
  });
});

describe('reply and forward', () => {
  const receive = async (subject: string): Promise<Row> => {
    await ann.post('/me/sendMail', { message: { subject, body: { contentType: 'html', content: '<p>Question</p>' }, toRecipients: [to(BOB), to('far@fabrikam.example')], ccRecipients: [to('cc@fabrikam.example')] } });
    return (await inbox(bob, subject))[0]!;
  };

  test('reply goes to the author, in the same conversation on both sides', async () => {
    const mail = await receive('Ask one');
    expect((await bob.post(`/me/messages/${String(mail.id)}/reply`, { comment: 'Answer & more' })).status).toBe(202);
    const [sent] = await sentItems(bob, 'RE: Ask one');
    expect(sent).toMatchObject({ conversationId: mail.conversationId, toRecipients: [{ emailAddress: { address: ANN } }], ccRecipients: [] });
    const [arrived] = await inbox(ann, 'RE: Ask one');
    const [original] = await sentItems(ann, 'Ask one');
    expect(arrived).toMatchObject({ conversationId: original!.conversationId, isRead: false });
    expect(String((arrived!.body as Row).content)).toMatch(/Answer &amp; more[\s\S]*From:[\s\S]*Question/);
    expect((await bob.get(`/me/messages/${String(mail.id)}`)).body.changeKey).not.toBe(mail.changeKey);
  });

  test('replyAll leaves out the own address', async () => {
    const mail = await receive('Ask all');
    await bob.post(`/me/messages/${String(mail.id)}/replyAll`, { message: { body: { contentType: 'text', content: 'My own text' } } });
    const [sent] = await sentItems(bob, 'RE: Ask all');
    expect((sent!.toRecipients as Row[]).map((recipient) => (recipient.emailAddress as Row).address)).toEqual([ANN, 'far@fabrikam.example']);
    expect((sent!.ccRecipients as Row[]).map((recipient) => (recipient.emailAddress as Row).address)).toEqual(['cc@fabrikam.example']);
    expect(sent!.body).toEqual({ contentType: 'text', content: 'My own text' });
  });

  test('forward takes the attachments along, and needs somebody', async () => {
    await ann.post('/me/sendMail', { message: { subject: 'With file', toRecipients: [to(BOB)], attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'f.bin', contentBytes: 'AAEC' }] } });
    const mail = (await inbox(bob, 'With file'))[0]!;
    const path = `/me/messages/${String(mail.id)}`;
    expect((await bob.post(`${path}/forward`, { comment: 'See' })).error.code).toBe('ErrorInvalidRecipients');
    expect((await bob.post(`${path}/forward`, { comment: 'See', toRecipients: [to(ANN)] })).status).toBe(202);
    const arrived = (await inbox(ann, 'FW: With file'))[0]!;
    expect((await ann.get(`/me/messages/${String(arrived.id)}/attachments`)).rows).toMatchObject([{ name: 'f.bin', contentBytes: 'AAEC' }]);
  });

  test('comment or body, toRecipients or message.toRecipients: both are refused', async () => {
    const mail = await receive('Ask both');
    const path = `/me/messages/${String(mail.id)}`;
    expect((await bob.post(`${path}/reply`, { comment: 'x', message: { body: { content: 'y' } } })).status).toBe(400);
    expect((await bob.post(`${path}/createForward`, { toRecipients: [to(ANN)], message: { toRecipients: [to(ANN)] } })).status).toBe(400);
    expect((await bob.post(`${path}/reply`, { toRecipients: [to(ANN)] })).error.message).toContain("The parameter 'toRecipients'");
    expect(await sentItems(bob, 'RE: Ask both')).toEqual([]);
  });

  test('createReply makes a draft of the conversation, which is sent like any other', async () => {
    const mail = await receive('Ask draft');
    const made = await bob.post(`/me/messages/${String(mail.id)}/createReplyAll`, { message: { importance: 'low' } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ isDraft: true, subject: 'RE: Ask draft', importance: 'low', conversationId: mail.conversationId });
    const path = `/me/messages/${String(made.body.id)}`;
    await bob.patch(path, { body: { contentType: 'text', content: 'Edited' } });
    expect((await bob.raw('POST', `${path}/send`)).status).toBe(202);
    const [arrived] = await inbox(ann, 'RE: Ask draft');
    expect(arrived).toMatchObject({ bodyPreview: 'Edited', importance: 'low', conversationId: (await sentItems(ann, 'Ask draft'))[0]!.conversationId });
    const forward = await bob.raw('POST', `/me/messages/${String(mail.id)}/createForward`);
    expect(forward.body).toMatchObject({ subject: 'FW: Ask draft', toRecipients: [] });
  });
});
