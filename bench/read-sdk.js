/** The hand-written alternative: @microsoft/microsoft-graph-client with its PageIterator, the same $select, $top and id kind. */
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { PROPERTIES } from './columns.js';
import { begin } from './report.js';

const { GRAPH, TOKEN } = process.env;
const { origin, host } = new URL(GRAPH);
const client = Client.init({ baseUrl: `${origin}/`, defaultVersion: 'v1.0', customHosts: new Set([host, host.split(':')[0]]), authProvider: (done) => done(null, TOKEN) });
const headers = { Prefer: 'IdType="ImmutableId"' };

const meter = begin();
const rows = [];
const first = await client.api('/me/messages').headers(headers).select(PROPERTIES).top(1000).get();
const iterator = new PageIterator(
  client,
  first,
  (message) => {
    if (rows.length === 0) meter.mark('firstRow');
    // The same flat rows a SQL user gets.
    rows.push({
      id: message.id,
      subject: message.subject,
      receivedDateTime: message.receivedDateTime,
      sentDateTime: message.sentDateTime,
      isRead: message.isRead,
      isDraft: message.isDraft,
      hasAttachments: message.hasAttachments,
      importance: message.importance,
      from_emailAddress_name: message.from?.emailAddress?.name ?? null,
      from_emailAddress_address: message.from?.emailAddress?.address ?? null,
      conversationId: message.conversationId,
      parentFolderId: message.parentFolderId,
    });
    return true;
  },
  { headers },
);
await iterator.iterate();
meter.end(rows.length, rows);
