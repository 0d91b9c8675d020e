/**
 * Owns: creating, changing, deleting, moving and copying messages.
 * Does not own: sending and answering (send.ts, reply.ts), attachments.
 * Invariants: a regular id changes with each move, an immutable one never; deletion goes to Deleted Items first (facts 6.1, 6.3).
 */
import type { Context, Route } from '../../context.js';
import type { GraphAnswer } from '../../exchange.js';
import { GraphError, itemNotFound } from '../../graph-error.js';
import { heavyFor, storedExtended } from '../../present.js';
import { parseFor } from '../../query/parsed.js';
import { mailFolder, messageRow } from '../../routes/lookup.js';
import { showMessage } from '../../routes/messages.js';
import type { Item } from '../../store/items.js';
import { checkIfMatch, created, EXTENDED, invalidSet, mergeExtended, noContent, readEntity, readParameters, rejectParameters, splitExtended, transact, updated, type WriteRoute } from '../index.js';
import { directoryName, draftFromJson, draftFromMime, isMime, MESSAGE_RULES, storeDraft } from './drafts.js';
import { MESSAGE_READ_ONLY, refuseOnSent, storedMembers } from './message-body.js';

const NO_EXTRAS = { body: false, headers: false, extended: false };

/** Answers with the message as a GET would show it. */
export function messageAnswer(context: Context, n: number, status: 200 | 201): GraphAnswer {
  const parsed = parseFor('message', context.options, { filter: false, orderby: false });
  const row = context.store.messages.row(n, heavyFor(parsed.mentioned));
  if (row === undefined) throw itemNotFound();
  return (status === 201 ? created : updated)(context, '/messages', showMessage(row, context, parsed));
}

export function wellKnownFolder(context: Context, name: string): Item {
  const item = context.store.wellKnown(context.mailbox.mailbox, 'mailFolder', name);
  if (item === undefined) throw itemNotFound();
  return item;
}

async function create(context: Context, folder: (context: Context) => Item): Promise<GraphAnswer> {
  const draft = isMime(context) ? await draftFromMime(context) : draftFromJson(context, readEntity(context, 'message', MESSAGE_RULES));
  const target = folder(context);
  return transact(context, () => messageAnswer(context, storeDraft(context, target.n, draft), 201));
}

const patch: Route = (context, [id = '']) => {
  const given = readEntity(context, 'message', { readOnly: MESSAGE_READ_ONLY, deep: EXTENDED });
  // Headers are set on create only.
  if (given.internetMessageHeaders !== undefined) throw invalidSet();
  const row = messageRow(context, id, { body: true, headers: false, extended: true });
  checkIfMatch(context, row);
  const { '@odata.type': _type, ...rest } = given;
  const { extended, members } = splitExtended(rest);
  if (row.is_draft === 0) refuseOnSent(members);
  const stored = storedMembers(members, directoryName(context));
  // Whoever a draft is from is its sender too, until told otherwise.
  if (stored.members.from !== undefined && stored.members.sender === undefined) stored.members.sender = stored.members.from;
  return transact(context, () => {
    context.store.messages.patch(row.n, stored.members, context.store.clock.now(), {
      ...(stored.body === undefined ? {} : { body: stored.body, size: row.size - (row.body ?? '').length + stored.body.length }),
      ...(extended.length === 0 ? {} : { extended: mergeExtended(storedExtended(row), extended) }),
      ...(row.is_draft === 1 ? { dropMime: true } : {}),
    });
    return messageAnswer(context, row.n, 200);
  });
};

/** True for Deleted Items and everything in it. */
function isDeleted(context: Context, folder: number): boolean {
  const trash = wellKnownFolder(context, 'deleteditems').n;
  for (let current = context.store.items.get(folder); current !== undefined; current = context.store.items.get(current.parent)) if (current.n === trash) return true;
  return false;
}

const remove: Route = (context, [id = '']) => {
  const row = messageRow(context, id, NO_EXTRAS);
  checkIfMatch(context, row);
  const recoverable = wellKnownFolder(context, 'recoverableitemsdeletions');
  return transact(context, () => {
    const { messages, clock } = context.store;
    if (row.folder === recoverable.n) messages.remove(row.n);
    else messages.move(row.n, isDeleted(context, row.folder) ? recoverable.n : wellKnownFolder(context, 'deleteditems').n, clock.now());
    return noContent();
  });
};

const removeForGood: Route = (context, [id = '']) => {
  rejectParameters(context, 'permanentDelete');
  const row = messageRow(context, id, NO_EXTRAS);
  return transact(context, () => {
    context.store.messages.remove(row.n);
    return noContent();
  });
};

/** The folder of `destinationId`, an id or a well-known name. */
export function destination(context: Context, action: string): Item {
  const { destinationId } = readParameters(context, action, { destinationId: 'String' });
  if (typeof destinationId !== 'string' || destinationId === '') throw new GraphError(400, 'ErrorInvalidArgument', "The parameter 'DestinationId' is missing.");
  return mailFolder(context, destinationId);
}

const move: Route = (context, [id = '']) => {
  const target = destination(context, 'move');
  const row = messageRow(context, id, NO_EXTRAS);
  return transact(context, () => {
    context.store.messages.move(row.n, target.n, context.store.clock.now());
    return messageAnswer(context, row.n, 201);
  });
};

const copy: Route = (context, [id = '']) => {
  const target = destination(context, 'copy');
  const row = messageRow(context, id, NO_EXTRAS);
  return transact(context, () => {
    const n = context.store.messages.copy(row.n, target.n, context.store.clock.now());
    if (n === undefined) throw itemNotFound();
    context.store.attachments.copyAll(row.mailbox, row.n, n);
    return messageAnswer(context, n, 201);
  });
};

export const MESSAGE_WRITES: readonly WriteRoute[] = [
  ['POST', 'messages', (context) => create(context, () => wellKnownFolder(context, 'drafts'))],
  ['POST', 'mailFolders/:/messages', (context, [folder = '']) => create(context, () => mailFolder(context, folder))],
  ['PATCH', 'messages/:', patch],
  ['DELETE', 'messages/:', remove],
  ['POST', 'messages/:/permanentDelete', removeForGood],
  ['POST', 'messages/:/move', move],
  ['POST', 'messages/:/copy', copy],
];
