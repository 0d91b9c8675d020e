/**
 * Owns: to-do lists, tasks and checklists, categories, mailbox settings, people.
 * Does not own: mail, calendars, contacts.
 * Invariants: options the service ignores on these are ignored (facts 1.3), never half done.
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { badRequest, GraphError, itemNotFound, resourceNotFound } from '../graph-error.js';
import { shownTime, textAt, type Entity } from '../json.js';
import { foldText, inspectFilter } from '../odata/index.js';
import { presentItem, shape } from '../present.js';
import { serveCollection, serveCount, showRow, type CollectionSpec } from '../query/collection.js';
import { parseFor } from '../query/parsed.js';
import { guid, mixText } from '../random.js';
import type { Item } from '../store/items.js';
import { folderItem, itemById } from './lookup.js';

const lists = (context: Context): CollectionSpec => ({
  type: 'todoTaskList',
  metadata: '/todo/lists',
  standard: 100,
  rows: () => context.store.items.list(context.mailbox.mailbox, 'todoList').map((item) => presentItem(item, context)),
  expand: { tasks: (entity) => context.store.items.list(context.mailbox.mailbox, 'todoTask', folderItem(context, String(entity.id), 'todoList').n).slice(0, 20).map((item) => shape(presentItem(item, context), 'todoTask', undefined)), extensions: () => [] },
});

export const showPoint = (item: Item, context: Context): Entity => ({ id: guid(context.store.seed, item.n, 61), createdDateTime: shownTime(item.created), ...item.entity });
const points = (task: Item, context: Context): Entity[] => context.store.items.list(task.mailbox, 'checklistItem', task.n).map((item) => showPoint(item, context));

const tasks = (context: Context, list: string): CollectionSpec => {
  const parent = folderItem(context, list, 'todoList');
  return {
    type: 'todoTask',
    metadata: `/todo/lists('${encodeURIComponent(list)}')/tasks`,
    // "$select reported broken" on tasks: the names are checked, the rows come whole (facts 1.3).
    ignores: ['select'],
    rows: () => context.store.items.list(context.mailbox.mailbox, 'todoTask', parent.n).map((item) => presentItem(item, context)),
    check: (parsed) => {
      if (parsed.filter === undefined) return;
      const use = inspectFilter(parsed.filter);
      // One simple comparison is what works; mixes were partly ignored on the service, here they are refused.
      if (use.operators.some((operator) => operator === 'and' || operator === 'or' || operator === 'not') || use.lambdas.length > 0) {
        throw new GraphError(400, 'invalidRequest', 'Invalid filter clause: only one comparison is supported for tasks.');
      }
    },
    expand: {
      checklistItems: (entity) => points(itemById(context, String(entity.id), 'todoTask'), context),
      linkedResources: () => [], attachments: () => [], extensions: () => [],
    },
  };
};

const getTask: Route = (context, [list = '', id = '']) => {
  const parent = folderItem(context, list, 'todoList');
  const item = itemById(context, id, 'todoTask');
  if (item.parent !== parent.n) throw itemNotFound();
  const spec = tasks(context, list);
  const parsed = parseFor('todoTask', context.options, { filter: false, orderby: false });
  return json({ '@odata.context': `${context.contextBase}${spec.metadata}/$entity`, ...showRow(presentItem(item, context), spec, { ...parsed, select: undefined }) });
};

const checklist = (context: Context, list: string, task: string): CollectionSpec => {
  folderItem(context, list, 'todoList');
  const item = itemById(context, task, 'todoTask');
  return {
    type: 'checklistItem', metadata: `/todo/lists('${encodeURIComponent(list)}')/tasks('${encodeURIComponent(task)}')/checklistItems`, standard: 100, rows: () => points(item, context),
  };
};

const getPoint: Route = (context, [list = '', task = '', id = '']) => {
  const spec = checklist(context, list, task);
  const parsed = parseFor('checklistItem', context.options, { filter: false, orderby: false });
  const found = spec.rows(parsed).find((row) => row.id === id);
  if (found === undefined) throw itemNotFound();
  return json({ '@odata.context': `${context.contextBase}${spec.metadata}/$entity`, ...showRow(found, spec, parsed) });
};

const categories = (context: Context): CollectionSpec => ({
  type: 'outlookCategory',
  metadata: '/outlook/masterCategories',
  ignores: ['filter', 'orderby', 'top', 'skip', 'count'],
  rows: () => categoriesOf(context),
});

const categoriesOf = (context: Context): Entity[] => context.store.items.list(context.mailbox.mailbox, 'category').map((item) => ({ id: guid(context.store.seed, item.n, 62), ...item.entity }));

const getCategory: Route = (context, [id = '']) => {
  const found = categoriesOf(context).find((category) => category.id === id);
  if (found === undefined) throw itemNotFound();
  return json({ '@odata.context': `${context.contextBase}/outlook/masterCategories/$entity`, ...found });
};

const settings: Route = (context, [part]) => {
  const all = context.mailbox.settings;
  const base = { '@odata.context': `${context.contextBase}/mailboxSettings${part === undefined ? '' : `/${part}`}` };
  if (part === undefined) {
    const parsed = parseFor('mailboxSettings', context.options, { filter: false, orderby: false });
    return json({ ...base, ...shape({ ...all }, 'mailboxSettings', parsed.select) });
  }
  const value = all[part];
  if (value === undefined) throw resourceNotFound();
  return json(typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...base, ...value } : { ...base, value });
};

/** Colleagues and the default contact folder, by how often they write. */
function peopleOf(context: Context): Entity[] {
  const { store, mailbox } = context;
  const counted = new Map(store.database.all<{ address: string; c: number }>(
    'SELECT from_folded AS address, COUNT(*) AS c FROM message WHERE mailbox = ? AND from_folded IS NOT NULL GROUP BY from_folded ORDER BY c DESC LIMIT 500', mailbox.mailbox,
  ).map((row) => [row.address, row.c]));
  const people: Entity[] = [];
  const add = (source: Entity, address: string, kind: string): void => {
    people.push({
      id: guid(store.seed, mixText(store.seed, address), mailbox.mailbox), displayName: source.displayName ?? address, givenName: source.givenName ?? null, surname: source.surname ?? null,
      birthday: '', personNotes: '', isFavorite: false, jobTitle: source.jobTitle ?? null, companyName: source.companyName ?? null, yomiCompany: '', department: source.department ?? null,
      officeLocation: source.officeLocation ?? null, profession: '', userPrincipalName: kind === 'OrganizationUser' ? address : '', imAddress: null,
      scoredEmailAddresses: [{ address, relevanceScore: 1 + (counted.get(foldText(address)) ?? 0), selectionLikelihood: 'notSpecified', itemId: null }], phones: [], postalAddresses: [], websites: [],
      personType: { class: 'Person', subclass: kind },
    });
  };
  for (const other of store.mailboxes.list()) if (other.kind !== 'group' && other.kind !== 'room' && other.mailbox !== mailbox.mailbox) add(other.entity as Entity, other.upn, 'OrganizationUser');
  for (const contact of store.items.list(mailbox.mailbox, 'contact')) {
    const address = textAt((Array.isArray(contact.entity.emailAddresses) ? contact.entity.emailAddresses : [])[0], 'address');
    if (address !== undefined && !people.some((person) => textAt((person.scoredEmailAddresses as Entity[])[0], 'address') === address)) add(contact.entity, address, 'PersonalContact');
  }
  const score = (person: Entity): number => Number((person.scoredEmailAddresses as Entity[])[0]?.relevanceScore ?? 0);
  return people.sort((left, right) => score(right) - score(left));
}

const people = (context: Context): CollectionSpec => ({
  type: 'person',
  metadata: '/people',
  rows: () => peopleOf(context),
  search: (text, rows) => {
    if (context.options.skip !== undefined) throw badRequest("The query parameter '$skip' is not supported with '$search'.");
    const value = foldText(text.replace(/^"(.*)"$/s, '$1').replace(/^topic:/i, '').trim());
    return rows.filter((row) => foldText(`${textAt(row, 'displayName') ?? ''} ${textAt((row.scoredEmailAddresses as Entity[])[0], 'address') ?? ''}`).split(/\s+/).some((word) => word.startsWith(value)));
  },
});

const getPerson: Route = (context, [id = '']) => {
  const found = peopleOf(context).find((person) => person.id === id);
  if (found === undefined) throw itemNotFound();
  return json({ '@odata.context': `${context.contextBase}/people/$entity`, ...found });
};

const getList: Route = (context, [id = '']) =>
  json({ '@odata.context': `${context.contextBase}/todo/lists/$entity`, ...showRow(presentItem(folderItem(context, id, 'todoList'), context), lists(context), parseFor('todoTaskList', context.options, { filter: false, orderby: false })) });

/** `todo/` and `outlook/` are taken off before (path.ts). */
export const OTHER_ROUTES: readonly (readonly [string, Route])[] = [
  ['lists', (context) => serveCollection(context, lists(context))],
  ['lists/:', getList],
  ['lists/:/tasks', (context, [list = '']) => serveCollection(context, tasks(context, list))],
  ['lists/:/tasks/$count', (context, [list = '']) => serveCount(context, tasks(context, list))],
  ['lists/:/tasks/:', getTask],
  ['lists/:/tasks/:/checklistItems', (context, [list = '', task = '']) => serveCollection(context, checklist(context, list, task))],
  ['lists/:/tasks/:/checklistItems/:', getPoint],
  ['masterCategories', (context) => serveCollection(context, categories(context))],
  ['masterCategories/:', getCategory],
  ['mailboxSettings', settings],
  ['mailboxSettings/:', settings],
  ['people', (context) => serveCollection(context, people(context))],
  ['people/:', getPerson],
];
