/**
 * Owns: starting conversations and threads of a group, replying to them, deleting them.
 * Does not own: members.
 * Invariants: a post is written by the signed-in user; a thread's and its conversation's preview, senders and time follow the latest post.
 */
import type { Context, Route } from '../context.js';
import { GraphError, itemNotFound } from '../graph-error.js';
import { preview } from '../html.js';
import { iso, isObject, textAt, type Entity } from '../json.js';
import { personOf } from '../meetings/mail.js';
import { presentItem } from '../present.js';
import { folderItem } from '../routes/lookup.js';
import type { Item } from '../store/items.js';
import type { Json, JsonObject } from '../writer.js';
import { accepted, allBut, created, noContent, readEntity, readParameters, transact, updated, type WriteRoute } from './index.js';

const invalid = (message: string): GraphError => new GraphError(400, 'ErrorInvalidRequest', message);
const shown = (context: Context, n: number): Entity => presentItem(context.store.items.get(n)!, context);

function bodyOf(post: Json | undefined): { readonly contentType: string; readonly content: string } {
  const content = textAt(post, 'body', 'content') ?? '';
  if (content === '') throw invalid('A post needs a body.');
  return { contentType: textAt(post, 'body', 'contentType') ?? 'text', content };
}

/** What a new post changes in its thread and conversation. */
function headline(context: Context, body: { readonly contentType: string; readonly content: string }, before: JsonObject): Entity {
  const sender = String(context.signedIn.entity.displayName ?? context.signedIn.upn);
  const senders = Array.isArray(before.uniqueSenders) ? before.uniqueSenders.map(String) : [];
  return { lastDeliveredDateTime: iso(context.store.clock.now()), preview: preview(body.content, body.contentType), uniqueSenders: [...new Set([...senders, sender])] };
}

function addPost(context: Context, thread: Item, post: Json | undefined): void {
  const { items, clock } = context.store;
  const body = bodyOf(post);
  const from = personOf(context.signedIn);
  items.add({
    kind: 'post', mailbox: thread.mailbox, parent: thread.n,
    entity: { categories: [], receivedDateTime: iso(clock.now()), hasAttachments: false, body, from, sender: from, newParticipants: isObject(post) ? post.newParticipants ?? [] : [] },
  }, clock.now());
  items.patch(thread.n, headline(context, body, thread.entity), clock.now());
  const conversation = items.get(thread.parent);
  if (conversation !== undefined) items.patch(conversation.n, headline(context, body, conversation.entity), clock.now());
}

const THREAD_READ_ONLY = allBut('conversationThread', ['topic']);
const CONVERSATION_READ_ONLY = allBut('conversation', ['topic']);

const postsOf = (thread: Json | undefined): readonly Json[] => (isObject(thread) && Array.isArray(thread.posts) ? thread.posts as readonly Json[] : []);

function addThread(context: Context, conversation: Item, topic: string, posts: readonly Json[]): number {
  if (posts.length !== 1) throw invalid('A new thread has exactly one post.');
  const { items, clock } = context.store;
  const recipient = personOf(context.mailbox);
  const n = items.add({
    kind: 'thread', mailbox: conversation.mailbox, parent: conversation.n,
    entity: { topic, hasAttachments: false, lastDeliveredDateTime: iso(clock.now()), uniqueSenders: [], preview: '', isLocked: false, toRecipients: [recipient], ccRecipients: [] },
  }, clock.now());
  addPost(context, items.get(n)!, posts[0]);
  return n;
}

const newConversation = (context: Context, topic: string): Item => {
  const { items, clock } = context.store;
  const n = items.add({
    kind: 'conversation', mailbox: context.mailbox.mailbox, parent: 0, entity: { topic, hasAttachments: false, lastDeliveredDateTime: iso(clock.now()), uniqueSenders: [], preview: '' },
  }, clock.now());
  return items.get(n)!;
};

const topicOf = (given: Entity): string => {
  const topic = textAt(given, 'topic');
  if (topic === undefined) throw invalid("The property 'topic' is required.");
  return topic;
};

const postConversation: Route = (context) => {
  const given = readEntity(context, 'conversation', { readOnly: CONVERSATION_READ_ONLY, deep: new Set(['threads']) });
  const topic = topicOf(given);
  const threads = Array.isArray(given.threads) ? given.threads as readonly Json[] : [];
  if (threads.length !== 1) throw invalid('A new conversation has exactly one thread.');
  return transact(context, () => {
    const conversation = newConversation(context, topic);
    addThread(context, conversation, topic, postsOf(threads[0]));
    return created(context, '/conversations', shown(context, conversation.n));
  });
};

const postThread = (conversation: (context: Context, parameters: readonly string[]) => Item | undefined): Route => (context, parameters) => {
  const given = readEntity(context, 'conversationThread', { readOnly: THREAD_READ_ONLY, deep: new Set(['posts']) });
  const topic = topicOf(given);
  const parent = conversation(context, parameters);
  return transact(context, () => created(context, '/threads', shown(context, addThread(context, parent ?? newConversation(context, topic), topic, postsOf(given)))));
};

const threadOf = (context: Context, parameters: readonly string[]): Item => folderItem(context, parameters.at(-1) ?? '', 'thread');

const reply: Route = (context, parameters) => {
  const given = readParameters(context, 'reply', { post: 'post' });
  const thread = threadOf(context, parameters);
  if (thread.entity.isLocked === true) throw new GraphError(403, 'ErrorAccessDenied', 'The thread is locked.');
  return transact(context, () => {
    addPost(context, thread, given.post);
    return accepted();
  });
};

const patchThread: Route = (context, parameters) => {
  const given = readEntity(context, 'conversationThread', { readOnly: allBut('conversationThread', ['isLocked']) });
  const thread = threadOf(context, parameters);
  return transact(context, () => {
    context.store.items.patch(thread.n, { isLocked: given.isLocked === true }, context.store.clock.now());
    return updated(context, '/threads', shown(context, thread.n));
  });
};

function removeThread(context: Context, thread: Item): void {
  for (const post of context.store.items.list(thread.mailbox, 'post', thread.n)) context.store.items.remove(post.n);
  context.store.items.remove(thread.n);
}

const deleteThread: Route = (context, parameters) => {
  const thread = threadOf(context, parameters);
  return transact(context, () => {
    removeThread(context, thread);
    if (context.store.items.list(thread.mailbox, 'thread', thread.parent).length === 0) context.store.items.remove(thread.parent);
    return noContent();
  });
};

const deleteConversation: Route = (context, [id = '']) => {
  const conversation = folderItem(context, id, 'conversation');
  if (conversation.mailbox !== context.mailbox.mailbox) throw itemNotFound();
  return transact(context, () => {
    for (const thread of context.store.items.list(conversation.mailbox, 'thread', conversation.n)) removeThread(context, thread);
    context.store.items.remove(conversation.n);
    return noContent();
  });
};

export const GROUP_MAIL_WRITES: readonly WriteRoute[] = [
  ['POST', 'conversations', postConversation], ['DELETE', 'conversations/:', deleteConversation],
  ['POST', 'conversations/:/threads', postThread((context, [id = '']) => folderItem(context, id, 'conversation'))],
  ['POST', 'conversations/:/threads/:/reply', reply], ['DELETE', 'conversations/:/threads/:', deleteThread],
  ['POST', 'threads', postThread(() => undefined)], ['PATCH', 'threads/:', patchThread], ['DELETE', 'threads/:', deleteThread], ['POST', 'threads/:/reply', reply],
];
