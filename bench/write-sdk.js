/** The hand-written alternative: batches of 20 on @microsoft/microsoft-graph-client, refused parts sent again. */
import { Client } from '@microsoft/microsoft-graph-client';
import { begin } from './report.js';

const { GRAPH, TOKEN, ROWS, PHASE } = process.env;
const { origin, host } = new URL(GRAPH);
const client = Client.init({ baseUrl: `${origin}/`, defaultVersion: 'v1.0', customHosts: new Set([host, host.split(':')[0]]), authProvider: (done) => done(null, TOKEN) });
const Prefer = 'IdType="ImmutableId"';
const json = { Prefer, 'Content-Type': 'application/json' };

async function batches(requests) {
  const answers = [];
  for (let at = 0; at < requests.length; at += 20) {
    let left = requests.slice(at, at + 20).map((request, index) => ({ id: String(index), ...request }));
    while (left.length > 0) {
      const { responses } = await client.api('/$batch').post({ requests: left });
      const again = responses.filter(({ status }) => status === 429 || status === 503);
      for (const { id, status, body } of responses) {
        if (status === 429 || status === 503) continue;
        if (status >= 300) throw new Error(`part ${id}: ${status}`);
        answers.push(body);
      }
      if (again.length > 0) await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(...again.map(({ headers }) => Number(headers?.['Retry-After'] ?? 1)))));
      left = left.filter(({ id }) => again.some((part) => part.id === id));
    }
  }
  return answers;
}

/** Ids of the drafts to change, as a program without a driver would look for them. */
async function find() {
  const ids = [];
  let page = await client.api('/me/mailFolders/drafts/messages').headers({ Prefer }).select('id,subject').top(1000).get();
  for (;;) {
    for (const { id, subject } of page.value) if (subject?.startsWith('Bench ')) ids.push(id);
    if (page['@odata.nextLink'] === undefined) return ids;
    page = await client.api(page['@odata.nextLink']).headers({ Prefer }).get();
  }
}

const rows = Number(ROWS);
const meter = begin();
let ids;
if (PHASE === 'insert') {
  const made = await batches(Array.from({ length: rows }, (_, n) => ({ method: 'POST', url: '/me/messages', headers: json, body: { subject: `Bench ${n}`, body: { contentType: 'text', content: `Text of ${n}` }, importance: 'high' } })));
  ids = made.map(({ id }) => id);
} else if (PHASE === 'update') {
  ids = await find();
  await batches(ids.map((id) => ({ method: 'PATCH', url: `/me/messages/${encodeURIComponent(id)}`, headers: json, body: { isRead: true, importance: 'low' } })));
} else {
  ids = await find();
  await batches(ids.map((id) => ({ method: 'DELETE', url: `/me/messages/${encodeURIComponent(id)}`, headers: { Prefer } })));
}
if (ids.length !== rows) throw new Error(`${ids.length} rows`);
meter.end(rows);
