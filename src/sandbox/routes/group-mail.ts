/**
 * Owns: conversations, threads and posts of a group.
 * Does not own: members (directory.ts).
 * Invariants: newest conversation first; posts in the order they were written.
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { itemNotFound } from '../graph-error.js';
import { presentItem, shape } from '../present.js';
import { serveCollection, serveCount, showRow, type CollectionSpec } from '../query/collection.js';
import { parseFor } from '../query/parsed.js';
import type { Item } from '../store/items.js';
import { folderItem } from './lookup.js';

const byDelivery = (left: Item, right: Item): number => String(right.entity.lastDeliveredDateTime).localeCompare(String(left.entity.lastDeliveredDateTime)) || left.n - right.n;

const threadsOf = (context: Context, conversation: number | undefined): CollectionSpec => ({
  type: 'conversationThread',
  metadata: '/threads',
  rows: () => [...context.store.items.list(context.mailbox.mailbox, 'thread', conversation)].sort(byDelivery).map((item) => presentItem(item, context)),
  expand: { posts: (entity) => context.store.items.list(context.mailbox.mailbox, 'post', folderItem(context, String(entity.id), 'thread').n).slice(0, 20).map((item) => shape(presentItem(item, context), 'post', undefined)) },
});

const conversations = (context: Context): CollectionSpec => ({
  type: 'conversation',
  metadata: '/conversations',
  rows: () => [...context.store.items.list(context.mailbox.mailbox, 'conversation')].sort(byDelivery).map((item) => presentItem(item, context)),
  expand: { threads: (entity) => context.store.items.list(context.mailbox.mailbox, 'thread', folderItem(context, String(entity.id), 'conversation').n).slice(0, 20).map((item) => shape(presentItem(item, context), 'conversationThread', undefined)) },
});

const posts = (context: Context, thread: string): CollectionSpec => {
  const parent = folderItem(context, thread, 'thread');
  return {
    type: 'post',
    metadata: `/threads('${encodeURIComponent(thread)}')/posts`,
    rows: () => context.store.items.list(context.mailbox.mailbox, 'post', parent.n).map((item) => presentItem(item, context)),
    expand: { attachments: () => [], extensions: () => [], singleValueExtendedProperties: () => [], multiValueExtendedProperties: () => [], inReplyTo: () => null },
  };
};

const one = (kind: 'conversation' | 'thread', type: string): Route => (context, parameters) => {
  const item = folderItem(context, parameters.at(-1) ?? '', kind);
  const spec = kind === 'conversation' ? conversations(context) : threadsOf(context, undefined);
  return json({ '@odata.context': `${context.contextBase}/${kind}s/$entity`, ...showRow(presentItem(item, context), spec, parseFor(type, context.options, { filter: false, orderby: false })) });
};

const getPost: Route = (context, parameters) => {
  const thread = folderItem(context, parameters.at(-2) ?? '', 'thread');
  const item = folderItem(context, parameters.at(-1) ?? '', 'post');
  if (item.parent !== thread.n) throw itemNotFound();
  return json({ '@odata.context': `${context.contextBase}/posts/$entity`, ...showRow(presentItem(item, context), posts(context, parameters.at(-2) ?? ''), parseFor('post', context.options, { filter: false, orderby: false })) });
};

export const GROUP_MAIL_ROUTES: readonly (readonly [string, Route])[] = [
  ['conversations', (context) => serveCollection(context, conversations(context))],
  ['conversations/$count', (context) => serveCount(context, conversations(context))],
  ['conversations/:', one('conversation', 'conversation')],
  ['conversations/:/threads', (context, [id = '']) => serveCollection(context, threadsOf(context, folderItem(context, id, 'conversation').n))],
  ['conversations/:/threads/:', one('thread', 'conversationThread')],
  ['conversations/:/threads/:/posts', (context, [, thread = '']) => serveCollection(context, posts(context, thread))],
  ['conversations/:/threads/:/posts/:', getPost],
  ['threads', (context) => serveCollection(context, threadsOf(context, undefined))],
  ['threads/$count', (context) => serveCount(context, threadsOf(context, undefined))],
  ['threads/:', one('thread', 'conversationThread')],
  ['threads/:/posts', (context, [thread = '']) => serveCollection(context, posts(context, thread))],
  ['threads/:/posts/:', getPost],
];
