/**
 * Owns: creating, changing and deleting calendars and calendar groups.
 * Does not own: events in them.
 * Invariants: names are unique where they are listed; the calendar and the group a mailbox is born with stay; a group goes only when it is empty.
 */
import type { Context, Route } from '../context.js';
import { GraphError } from '../graph-error.js';
import { textAt, type Entity } from '../json.js';
import { presentItem } from '../present.js';
import { guid, mixText } from '../random.js';
import { calendarItem, folderItem } from '../routes/lookup.js';
import type { Item } from '../store/items.js';
import { CALENDAR } from '../store/templates.js';
import { allBut, checkIfMatch, created, EXTENDED, mergeExtended, noContent, readEntity, splitExtended, transact, updated, type WriteRoute } from './index.js';
import { folderExists, standardFolder } from './refusals.js';

const CREATE_READ_ONLY = allBut('calendar', ['name', 'color']);
const PATCH_READ_ONLY = allBut('calendar', ['name', 'color', 'isDefaultCalendar']);
const GROUP_READ_ONLY = allBut('calendarGroup', ['name']);

const shown = (context: Context, n: number): Entity => presentItem(context.store.items.get(n)!, context);

function checkName(context: Context, kind: 'calendar' | 'calendarGroup', given: Entity, self?: number): string {
  const name = textAt(given, 'name') ?? '';
  if (name.trim() === '') throw new GraphError(400, 'ErrorInvalidRequest', "The property 'name' must have a value.");
  if (context.store.items.list(context.mailbox.mailbox, kind).some((other) => other.n !== self && other.name?.toLowerCase() === name.toLowerCase())) throw folderExists(name);
  return name;
}

const myCalendars = (context: Context): Item => context.store.wellKnown(context.mailbox.mailbox, 'calendarGroup', 'mycalendars')!;

function add(context: Context, group: () => Item): ReturnType<Route> {
  const { extended, members } = splitExtended(readEntity(context, 'calendar', { readOnly: CREATE_READ_ONLY, deep: EXTENDED }));
  const parent = group();
  const { mailbox } = context;
  return transact(context, () => {
    const name = checkName(context, 'calendar', members);
    const owner = { name: mailbox.entity.displayName ?? null, address: mailbox.upn };
    const n = context.store.items.add({
      kind: 'calendar', mailbox: mailbox.mailbox, parent: parent.n, name, entity: { ...CALENDAR, name, color: members.color ?? 'auto', owner }, extended: mergeExtended([], extended),
    }, context.store.clock.now());
    return created(context, '/calendars', shown(context, n));
  });
}

const patch: Route = (context, [id = '']) => {
  const { extended, members } = splitExtended(readEntity(context, 'calendar', { readOnly: PATCH_READ_ONLY, deep: EXTENDED }));
  const item = calendarItem(context, id);
  checkIfMatch(context, item);
  const { items, clock } = context.store;
  return transact(context, () => {
    const name = members.name === undefined ? item.name ?? '' : checkName(context, 'calendar', members, item.n);
    if (item.wellKnown !== null && name !== item.name) throw standardFolder('renamed');
    // Which calendar is the default one is decided by making another one so.
    if (members.isDefaultCalendar === false && item.wellKnown !== null) throw new GraphError(400, 'ErrorInvalidRequest', 'A mailbox must have a default calendar.');
    if (members.isDefaultCalendar === true && item.wellKnown === null) throw new GraphError(400, 'ErrorInvalidRequest', 'This calendar cannot be the default calendar.');
    items.patch(item.n, { name, ...(members.color === undefined ? {} : { color: members.color ?? 'auto' }) }, clock.now(), { name, extended: mergeExtended(item.extended, extended) });
    return updated(context, '/calendars', shown(context, item.n));
  });
};

const remove: Route = (context, [id = '']) => {
  const item = calendarItem(context, id);
  checkIfMatch(context, item);
  if (item.wellKnown !== null || item.entity.isRemovable === false) throw standardFolder('deleted');
  const { items, attachments } = context.store;
  return transact(context, () => {
    // The meetings in it are gone without a word to their attendees.
    for (const event of items.list(item.mailbox, 'event', item.n)) {
      items.remove(event.n);
      attachments.removeAll(-event.n);
    }
    items.remove(item.n);
    return noContent();
  });
};

const addGroup: Route = (context) => {
  const given = readEntity(context, 'calendarGroup', { readOnly: GROUP_READ_ONLY });
  return transact(context, () => {
    const name = checkName(context, 'calendarGroup', given);
    const { store, mailbox } = context;
    const n = store.items.add({ kind: 'calendarGroup', mailbox: mailbox.mailbox, parent: 0, name, entity: { name, classId: guid(store.seed, mixText(mailbox.mailbox, name)) } }, store.clock.now());
    return created(context, '/calendarGroups', shown(context, n));
  });
};

const patchGroup: Route = (context, [id = '']) => {
  const given = readEntity(context, 'calendarGroup', { readOnly: GROUP_READ_ONLY });
  const item = folderItem(context, id, 'calendarGroup');
  checkIfMatch(context, item);
  return transact(context, () => {
    const name = given.name === undefined ? item.name ?? '' : checkName(context, 'calendarGroup', given, item.n);
    if (item.wellKnown !== null && name !== item.name) throw standardFolder('renamed');
    context.store.items.patch(item.n, { name }, context.store.clock.now(), { name });
    return updated(context, '/calendarGroups', shown(context, item.n));
  });
};

const removeGroup: Route = (context, [id = '']) => {
  const item = folderItem(context, id, 'calendarGroup');
  checkIfMatch(context, item);
  if (item.wellKnown !== null) throw standardFolder('deleted');
  if (context.store.items.list(item.mailbox, 'calendar', item.n).length > 0) throw new GraphError(400, 'ErrorCalendarGroupNotEmpty', 'The calendar group is not empty.');
  return transact(context, () => {
    context.store.items.remove(item.n);
    return noContent();
  });
};

export const CALENDAR_WRITES: readonly WriteRoute[] = [
  ['POST', 'calendars', (context) => add(context, () => myCalendars(context))],
  ['POST', 'calendarGroups/:/calendars', (context, [id = '']) => add(context, () => folderItem(context, id, 'calendarGroup'))],
  ['PATCH', 'calendars/:', patch],
  ['DELETE', 'calendars/:', remove],
  ['POST', 'calendars/:/permanentDelete', remove],
  ['POST', 'calendarGroups', addGroup],
  ['PATCH', 'calendarGroups/:', patchGroup],
  ['DELETE', 'calendarGroups/:', removeGroup],
];
