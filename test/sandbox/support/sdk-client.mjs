/** An independent client: Microsoft's SDK over https, in a process that trusts the sandbox's certificate. Prints one JSON line. */
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

const batch = new BatchRequestContent(
  ['/me', '/me/mailFolders/inbox', '/me/messages/garbage'].map((path, index) => ({ id: String(index + 1), request: new Request(`https://graph.microsoft.com${path}`) })),
);
const answers = new BatchResponseContent(await client.api('/$batch').post(await batch.getContent()));

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
    batch: ['1', '2', '3'].map((id) => answers.getResponseById(id).status),
    missing: await failure(() => client.api(`/me/messages/${inbox.id}`).get()),
    unknown: await failure(() => client.api('/me/messages').select('nothing').get()),
    search: await failure(() => client.api('/me/messages').query({ $search: '"budget"', $orderby: 'subject' }).get()),
  })}\n`,
);
