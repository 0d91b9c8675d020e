/**
 * Owns: creating, changing and deleting contacts and contact folders.
 * Does not own: reading them (routes/contacts.ts).
 * Invariants: a PATCH without displayName makes it anew from the name's parts, as the service does; folders have no change key.
 */
import type { Context, Route } from '../context.js';
import { GraphError } from '../graph-error.js';
import { textAt, type Entity } from '../json.js';
import { presentItem, shape } from '../present.js';
import { contactFolder, defaultContactFolder, itemById } from '../routes/lookup.js';
import type { Item } from '../store/items.js';
import { CONTACT } from '../store/templates.js';
import type { Json, JsonObject } from '../writer.js';
import { folderExists, standardFolder, tooMany } from './refusals.js';
import { checkIfMatch, created, EXTENDED, mergeExtended, noContent, readEntity, splitExtended, transact, updated, type WriteRoute } from './index.js';

/** How the three slots of `emailAddresses` relate to a write is unproven (facts 13): they cannot be written here. */
const READ_ONLY: ReadonlySet<string> = new Set(['createdDateTime', 'lastModifiedDateTime', 'changeKey', 'primaryEmailAddress', 'secondaryEmailAddress', 'tertiaryEmailAddress']);
/** An Outlook contact has so many places and no more. */
const PLACES: Readonly<Record<string, number>> = { emailAddresses: 3, imAddresses: 3, businessPhones: 2, homePhones: 2 };

const shown = (context: Context, n: number): Entity => shape(presentItem(context.store.items.get(n)!, context), 'contact', undefined);

const nameOf = (entity: JsonObject): string => ['givenName', 'middleName', 'surname'].map((part) => textAt(entity, part) ?? '').filter((part) => part !== '').join(' ');

function fileAsOf(entity: JsonObject): string {
  const given = [textAt(entity, 'givenName') ?? '', textAt(entity, 'middleName') ?? ''].filter((part) => part !== '').join(' ');
  const surname = textAt(entity, 'surname') ?? '';
  const name = surname === '' ? given : given === '' ? surname : `${surname}, ${given}`;
  return name === '' ? textAt(entity, 'companyName') ?? '' : name;
}

/** The members as they are stored: addresses named, collections instead of null, the moving that does not happen left out. */
function stored(given: Entity): Entity {
  // parentFolderId is documented as updatable, and nobody has seen it move a contact (facts 13).
  const { parentFolderId: _parent, ...members } = given;
  for (const [name, places] of Object.entries(PLACES)) {
    const list = members[name];
    if (Array.isArray(list) && list.length > places) throw tooMany(name, places);
  }
  for (const name of Object.keys(members)) if (members[name] === null) members[name] = CONTACT[name] ?? null;
  if (Array.isArray(members.emailAddresses)) {
    const addresses = members.emailAddresses.map((entry): Json => {
      const address = textAt(entry, 'address') ?? '';
      return { name: textAt(entry, 'name') ?? address, address };
    });
    members.emailAddresses = addresses;
    members.primaryEmailAddress = addresses[0] ?? null;
    members.secondaryEmailAddress = addresses[1] ?? null;
    members.tertiaryEmailAddress = addresses[2] ?? null;
  }
  return members;
}

function addContact(context: Context, folder: () => Item): ReturnType<Route> {
  const { extended, members } = splitExtended(readEntity(context, 'contact', { readOnly: READ_ONLY, deep: EXTENDED }));
  const parent = folder();
  const entity: Entity = { ...CONTACT, ...stored(members) };
  if (textAt(entity, 'displayName') === undefined || entity.displayName === '') entity.displayName = nameOf(entity);
  if (textAt(entity, 'fileAs') === undefined || entity.fileAs === '') entity.fileAs = fileAsOf(entity);
  return transact(context, () => {
    const n = context.store.items.add({ kind: 'contact', mailbox: context.mailbox.mailbox, parent: parent.n, entity, extended: mergeExtended([], extended) }, context.store.clock.now());
    return created(context, '/contacts', shown(context, n));
  });
}

const patchContact: Route = (context, [id = '']) => {
  const { extended, members } = splitExtended(readEntity(context, 'contact', { readOnly: READ_ONLY, deep: EXTENDED }));
  const item = itemById(context, id, 'contact');
  checkIfMatch(context, item);
  const changed = stored(members);
  // The trap: whoever does not repeat the displayName gets the one the service makes (incumbent.md 3.3).
  if (members.displayName === undefined) changed.displayName = nameOf({ ...item.entity, ...changed });
  return transact(context, () => {
    context.store.items.patch(item.n, changed, context.store.clock.now(), { extended: mergeExtended(item.extended, extended) });
    return updated(context, '/contacts', shown(context, item.n));
  });
};

const deleteContact: Route = (context, [id = '']) => {
  const item = itemById(context, id, 'contact');
  checkIfMatch(context, item);
  return transact(context, () => {
    context.store.items.remove(item.n);
    return noContent();
  });
};

const shownFolder = (context: Context, n: number): Entity => presentItem(context.store.items.get(n)!, context);

function checkName(context: Context, parent: number, given: Entity, self?: number): string {
  const name = textAt(given, 'displayName') ?? '';
  if (name.trim() === '') throw new GraphError(400, 'ErrorInvalidRequest', "The property 'displayName' must have a value.");
  if (context.store.items.list(context.mailbox.mailbox, 'contactFolder', parent).some((other) => other.n !== self && other.name?.toLowerCase() === name.toLowerCase())) throw folderExists(name);
  return name;
}

function addFolder(context: Context, parent: () => Item): ReturnType<Route> {
  const { extended, members } = splitExtended(readEntity(context, 'contactFolder', { deep: EXTENDED }));
  const under = parent();
  return transact(context, () => {
    const name = checkName(context, under.n, members);
    const n = context.store.items.add({ kind: 'contactFolder', mailbox: context.mailbox.mailbox, parent: under.n, name, entity: { displayName: name }, extended: mergeExtended([], extended) }, context.store.clock.now());
    return created(context, '/contactFolders', shownFolder(context, n));
  });
}

const patchFolder: Route = (context, [id = '']) => {
  const { extended, members } = splitExtended(readEntity(context, 'contactFolder', { deep: EXTENDED }));
  const item = contactFolder(context, id);
  return transact(context, () => {
    const name = members.displayName === undefined ? item.name ?? '' : checkName(context, item.parent, members, item.n);
    if (item.wellKnown !== null && name !== item.name) throw standardFolder('renamed');
    context.store.items.patch(item.n, { displayName: name }, context.store.clock.now(), { name, extended: mergeExtended(item.extended, extended) });
    return updated(context, '/contactFolders', shownFolder(context, item.n));
  });
};

function removeFolder(context: Context, folder: Item): void {
  const { items } = context.store;
  for (const child of items.list(folder.mailbox, 'contactFolder', folder.n)) removeFolder(context, child);
  for (const contact of items.list(folder.mailbox, 'contact', folder.n)) items.remove(contact.n);
  items.remove(folder.n);
}

const deleteFolder: Route = (context, [id = '']) => {
  const item = contactFolder(context, id);
  if (item.wellKnown !== null) throw standardFolder('deleted');
  return transact(context, () => {
    removeFolder(context, item);
    return noContent();
  });
};

export const CONTACT_WRITES: readonly WriteRoute[] = [
  ['POST', 'contacts', (context) => addContact(context, () => defaultContactFolder(context))],
  ['POST', 'contactFolders/:/contacts', (context, [id = '']) => addContact(context, () => contactFolder(context, id))],
  ['PATCH', 'contacts/:', patchContact],
  ['DELETE', 'contacts/:', deleteContact],
  ['POST', 'contacts/:/permanentDelete', deleteContact],
  ['POST', 'contactFolders', (context) => addFolder(context, () => defaultContactFolder(context))],
  ['POST', 'contactFolders/:/childFolders', (context, [id = '']) => addFolder(context, () => contactFolder(context, id))],
  ['PATCH', 'contactFolders/:', patchFolder],
  ['DELETE', 'contactFolders/:', deleteFolder],
  ['POST', 'contactFolders/:/permanentDelete', deleteFolder],
];
