/**
 * Owns: making, renaming, moving, copying and deleting mail folders.
 * Does not own: showing them (routes/folders.ts).
 * Invariants: names are unique under a parent, without case (409 ErrorFolderExists); the folders a mailbox is born with stay where they are and as they are called.
 */
import type { Context, Route } from '../../context.js';
import { accessDenied, GraphError, itemNotFound } from '../../graph-error.js';
import { presentFolder } from '../../present.js';
import { mailFolder } from '../../routes/lookup.js';
import type { Item } from '../../store/items.js';
import { allBut, created, EXTENDED, mergeExtended, noContent, readEntity, rejectParameters, splitExtended, transact, updated, type WriteRoute } from '../index.js';
import { destination, wellKnownFolder } from './messages.js';

const CREATE = { readOnly: allBut('mailFolder', ['displayName', 'isHidden']), deep: EXTENDED };
const CHANGE = { readOnly: allBut('mailFolder', ['displayName']), deep: EXTENDED };

const childrenOf = (context: Context, parent: number): readonly Item[] => context.store.items.list(context.mailbox.mailbox, 'mailFolder', parent);

const sibling = (context: Context, parent: number, name: string, except?: number): boolean =>
  childrenOf(context, parent).some((item) => item.n !== except && item.name?.toLowerCase() === name.toLowerCase());

function checkName(context: Context, parent: number, name: unknown, except?: number): string {
  if (typeof name !== 'string' || name.trim() === '') throw new GraphError(400, 'ErrorInvalidArgument', "The property 'displayName' of a folder is missing or empty.");
  if (name.length > 255) throw new GraphError(400, 'ErrorInvalidArgument', "The property 'displayName' of a folder has at most 255 characters.");
  if (sibling(context, parent, name, except)) throw new GraphError(409, 'ErrorFolderExists', `A folder with the specified name already exists., Could not create folder '${name}'.`);
  return name;
}

const show = (context: Context, n: number): ReturnType<typeof presentFolder> => {
  const item = context.store.items.get(n);
  if (item === undefined) throw itemNotFound();
  return presentFolder(item, context);
};

const create = (parentOf: (context: Context, id: string) => Item): Route => (context, [id = '']) => {
  const { '@odata.type': type, ...given } = readEntity(context, 'mailFolder', CREATE);
  if (type !== undefined && type !== '#microsoft.graph.mailFolder') throw new GraphError(400, 'ErrorInvalidRequest', 'Search folders cannot be created here.');
  const { extended, members } = splitExtended(given);
  const parent = parentOf(context, id);
  const name = checkName(context, parent.n, members.displayName);
  return transact(context, () => {
    const n = context.store.items.add({
      kind: 'mailFolder', mailbox: context.mailbox.mailbox, parent: parent.n, name, entity: { displayName: name, isHidden: members.isHidden === true }, extended: mergeExtended([], extended),
    }, context.store.clock.now());
    return created(context, '/mailFolders', show(context, n));
  });
};

const change: Route = (context, [id = '']) => {
  const { extended, members } = splitExtended(readEntity(context, 'mailFolder', CHANGE));
  const item = mailFolder(context, id);
  if (members.displayName !== undefined && item.wellKnown !== null) throw accessDenied();
  const name = members.displayName === undefined ? undefined : checkName(context, item.parent, members.displayName, item.n);
  return transact(context, () => {
    context.store.items.patch(item.n, name === undefined ? {} : { displayName: name }, context.store.clock.now(), {
      ...(name === undefined ? {} : { name }), ...(extended.length === 0 ? {} : { extended: mergeExtended(item.extended, extended) }),
    });
    return updated(context, '/mailFolders', show(context, item.n));
  });
};

function isWithin(context: Context, folder: number, ancestor: number): boolean {
  for (let current = context.store.items.get(folder); current !== undefined; current = context.store.items.get(current.parent)) if (current.n === ancestor) return true;
  return false;
}

/** Removes a folder with all that is in it; `keep`: where its messages are put, if they are kept. */
function purge(context: Context, folder: number, keep: number | undefined): void {
  const { store } = context;
  for (const child of childrenOf(context, folder)) purge(context, child.n, keep);
  for (const { n } of store.database.all<{ n: number }>('SELECT n FROM message WHERE folder = ?', folder)) {
    if (keep === undefined) store.messages.remove(n);
    else store.messages.move(n, keep, store.clock.now());
  }
  store.items.remove(folder);
}

const distinguished = (item: Item, verb: 'deleted' | 'moved'): void => {
  if (item.wellKnown !== null) throw new GraphError(400, verb === 'deleted' ? 'ErrorDeleteDistinguishedFolder' : 'ErrorMoveDistinguishedFolder', `Distinguished folders cannot be ${verb}.`);
};

const remove: Route = (context, [id = '']) => {
  const item = mailFolder(context, id);
  distinguished(item, 'deleted');
  const trash = wellKnownFolder(context, 'deleteditems');
  return transact(context, () => {
    if (isWithin(context, item.parent, trash.n)) purge(context, item.n, wellKnownFolder(context, 'recoverableitemsdeletions').n);
    else {
      // Two deleted folders of one name live side by side in Deleted Items under different names.
      const base = item.name ?? '';
      let name = base;
      for (let count = 1; sibling(context, trash.n, name); count++) name = `${base}${String(count)}`;
      if (name !== base) context.store.items.patch(item.n, { displayName: name }, context.store.clock.now(), { name });
      context.store.items.move(item.n, trash.n, context.store.clock.now());
    }
    return noContent();
  });
};

const removeForGood: Route = (context, [id = '']) => {
  rejectParameters(context, 'permanentDelete');
  const item = mailFolder(context, id);
  distinguished(item, 'deleted');
  return transact(context, () => {
    purge(context, item.n, undefined);
    return noContent();
  });
};

const intoItself = (): GraphError => new GraphError(400, 'ErrorMoveCopyFailed', 'The move or copy operation failed., A folder cannot be moved or copied into itself.');

const move: Route = (context, [id = '']) => {
  const target = destination(context, 'move');
  const item = mailFolder(context, id);
  distinguished(item, 'moved');
  if (isWithin(context, target.n, item.n)) throw intoItself();
  checkName(context, target.n, item.name, item.n);
  return transact(context, () => {
    context.store.items.move(item.n, target.n, context.store.clock.now());
    return updated(context, '/mailFolders', show(context, item.n));
  });
};

function copyTree(context: Context, item: Item, parent: number): number {
  const { store } = context;
  const now = store.clock.now();
  const n = store.items.add({ kind: 'mailFolder', mailbox: item.mailbox, parent, name: item.name ?? '', entity: item.entity, extended: item.extended }, now);
  for (const { n: message } of store.database.all<{ n: number }>('SELECT n FROM message WHERE folder = ? ORDER BY n', item.n)) {
    const made = store.messages.copy(message, n, now);
    if (made !== undefined) store.attachments.copyAll(item.mailbox, message, made);
  }
  for (const child of childrenOf(context, item.n)) copyTree(context, child, n);
  return n;
}

const copy: Route = (context, [id = '']) => {
  const target = destination(context, 'copy');
  const item = mailFolder(context, id);
  if (isWithin(context, target.n, item.n)) throw intoItself();
  checkName(context, target.n, item.name);
  return transact(context, () => updated(context, '/mailFolders', show(context, copyTree(context, item, target.n))));
};

export const FOLDER_WRITES: readonly WriteRoute[] = [
  ['POST', 'mailFolders', create((context) => wellKnownFolder(context, 'msgfolderroot'))],
  ['POST', 'mailFolders/:/childFolders', create((context, id) => mailFolder(context, id))],
  ['PATCH', 'mailFolders/:', change],
  ['DELETE', 'mailFolders/:', remove],
  ['POST', 'mailFolders/:/permanentDelete', removeForGood],
  ['POST', 'mailFolders/:/move', move],
  ['POST', 'mailFolders/:/copy', copy],
];
