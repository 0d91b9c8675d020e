/** An independent client: Microsoft's SDK over https, in a process that trusts the sandbox's certificate. Prints one JSON line. */
import process from 'node:process';
import { URL } from 'node:url';
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from '@microsoft/microsoft-graph-client';

const { GRAPH, TOKEN } = process.env;
const url = new URL(GRAPH);
const client = Client.init({ baseUrl: `${url.origin}/`, defaultVersion: 'v1.0', customHosts: new Set([url.hostname]), authProvider: (done) => done(null, TOKEN) });

const subjects = [];
const first = await client.api('/me/messages').select('id,subject').top(40).get();
await new PageIterator(client, first, ({ id }) => {
  subjects.push(id);
  return true;
}).iterate();

const filtered = await client.api('/me/messages').filter('isRead eq false').orderby('receivedDateTime desc').top(5).count(true).get();

/** A well-formed id, but not of a message. */
const inbox = await client.api('/me/mailFolders/inbox').get();

/** The SDK retries requests, not the parts of a batch: throttled parts are sent again here. */
const statuses = {};
let pending = ['/me', '/me/mailFolders/inbox', '/me/messages/garbage'].map((path, index) => ({ id: String(index + 1), path }));
while (pending.length > 0) {
  const batch = new BatchRequestContent(pending.map(({ id, path }) => ({ id, request: new globalThis.Request(`https://graph.microsoft.com${path}`) })));
  const answers = new BatchResponseContent(await client.api('/$batch').post(await batch.getContent()));
  for (const { id } of pending) statuses[id] = answers.getResponseById(id).status;
  pending = pending.filter(({ id }) => statuses[id] === 429);
}

const failure = async (work) => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { status: error.statusCode, code: error.code, message: error.message, requestId: typeof error.requestId };
  }
};

process.stdout.write(
  `${JSON.stringify({
    read: subjects.length,
    distinct: new Set(subjects).size,
    filtered: { rows: filtered.value.length, count: filtered['@odata.count'] },
    batch: ['1', '2', '3'].map((id) => statuses[id]),
    missing: await failure(() => client.api(`/me/messages/${inbox.id}`).get()),
    unknown: await failure(() => client.api('/me/messages').select('nothing').get()),
    search: await failure(() => client.api('/me/messages').query({ $search: '"budget"', $orderby: 'subject' }).get()),
  })}\n`,
);
