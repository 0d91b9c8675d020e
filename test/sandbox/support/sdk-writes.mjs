/** An independent client that writes: Microsoft's SDK over https, in a process that trusts the sandbox's certificate. Prints one JSON line. */
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { URL } from 'node:url';
import { BatchRequestContent, BatchResponseContent, Client, FileUpload, HTTPMessageHandler, LargeFileUploadTask } from '@microsoft/microsoft-graph-client';

const { GRAPH, TOKEN, RECIPIENT } = process.env;
const url = new URL(GRAPH);
const settings = { baseUrl: `${url.origin}/`, defaultVersion: 'v1.0', customHosts: new Set([url.hostname]) };
const client = Client.init({ ...settings, authProvider: (done) => done(null, TOKEN) });
/** Upload addresses carry their own permission; on this origin the SDK would send its token along. */
const bare = Client.initWithMiddleware({ ...settings, middleware: new HTTPMessageHandler() });

const failure = async (work) => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { status: error.statusCode, code: error.code };
  }
};

const draft = await client.api('/me/messages').header('Prefer', 'IdType="ImmutableId"').post({ subject: 'By the SDK', toRecipients: [{ emailAddress: { address: RECIPIENT } }] });
const path = `/me/messages/${draft.id}`;
const patched = await client.api(path).header('If-Match', draft['@odata.etag']).patch({ importance: 'high' });
const stale = await failure(() => client.api(path).header('If-Match', draft['@odata.etag']).patch({ importance: 'low' }));
const unknown = await failure(() => client.api(path).patch({ colour: 'red' }));
await client.api(`${path}/attachments`).post({ '@odata.type': '#microsoft.graph.fileAttachment', name: 'small.txt', contentBytes: Buffer.from('small').toString('base64') });

const content = new Uint8Array(5 * 1024 * 1024).fill(7);
const session = await LargeFileUploadTask.createUploadSession(client, `${path}/attachments/createUploadSession`, { AttachmentItem: { attachmentType: 'file', name: 'large.bin', size: content.length } });
const uploaded = await new LargeFileUploadTask(bare, new FileUpload(content, 'large.bin', content.length), session, { rangeSize: 2 * 1024 * 1024 }).upload();

await client.api(`${path}/send`).post({});
const sent = await client.api(path).header('Prefer', 'IdType="ImmutableId"').expand('attachments($select=name,size)').get();

const folder = await client.api('/me/mailFolders').post({ displayName: 'SDK' });
const moved = await client.api(`${path}/move`).post({ destinationId: folder.id });
const taken = await failure(() => client.api('/me/mailFolders').post({ displayName: 'sdk' }));

const post = (id, subject) => ({ id, request: new globalThis.Request(`https://graph.microsoft.com/me/messages`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ subject }) }) });
const batch = new BatchRequestContent([post('1', 'batch one'), { ...post('2', 'batch two'), dependsOn: ['1'] }]);
const answers = new BatchResponseContent(await client.api('/$batch').post(await batch.getContent()));
const statuses = ['1', '2'].map((id) => answers.getResponseById(id).status);

await client.api('/me/sendMail').post({ message: { subject: 'Directly', toRecipients: [{ emailAddress: { address: RECIPIENT } }] }, saveToSentItems: false });
await client.api(`/me/messages/${moved.id}`).delete();
const deleted = await failure(() => client.api(`/me/messages/${moved.id}`).get());

const time = (hour) => ({ dateTime: `2026-03-02T${hour}:00:00`, timeZone: 'Pacific Standard Time' });
const meeting = await client.api('/me/events').post({ subject: 'SDK meeting', start: time('09'), end: time('10'), attendees: [{ type: 'required', emailAddress: { address: RECIPIENT } }] });
const occupied = await client.api('/me/calendar/getSchedule').post({ schedules: [RECIPIENT], startTime: time('08'), endTime: time('11'), availabilityViewInterval: 60 });
const contact = await client.api('/me/contacts').post({ givenName: 'Grace', surname: 'Hopper' });
const renamed = await client.api(`/me/contacts/${contact.id}`).header('If-Match', contact['@odata.etag']).patch({ surname: 'Murray' });
const task = await client.api(`/me/todo/lists/${(await client.api('/me/todo/lists').post({ displayName: 'SDK' })).id}/tasks`).post({ title: 'Write' });
const uploadPath = '/me/drive/root:/sdk/large.bin:/createUploadSession';
await client.api('/me/drive/root/children').post({ name: 'sdk', folder: {} });
const driveSession = await LargeFileUploadTask.createUploadSession(client, uploadPath, { item: { '@microsoft.graph.conflictBehavior': 'rename' } });
const stored = await new LargeFileUploadTask(bare, new FileUpload(content, 'large.bin', content.length), driveSession, { rangeSize: 4 * 320 * 1024 }).upload();

process.stdout.write(
  `${JSON.stringify({
    draft: { isDraft: draft.isDraft, importance: patched.importance },
    stale,
    unknown,
    uploaded: typeof uploaded.location === 'string',
    sent: { isDraft: sent.isDraft, attachments: sent.attachments.map((file) => file.name).sort() },
    moved: moved.parentFolderId === folder.id,
    taken,
    statuses,
    deleted,
    others: { attendee: meeting.attendees[0].status.response, view: occupied.value[0].availabilityView, displayName: renamed.displayName, status: task.status, size: stored.responseBody.size },
  })}\n`,
);
