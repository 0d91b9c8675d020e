/**
 * Owns: contacts and contact folders.
 * Does not own: delta.
 * Invariants: the default folder is not in the list of folders (facts 1.3); `/contacts` is the default folder's.
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { badRequest, invalidFilter } from '../graph-error.js';
import { textAt, type Entity } from '../json.js';
import { foldText, inspectFilter } from '../odata/index.js';
import { presentItem, withExtended } from '../present.js';
import { metadataOf, serveCollection, serveCount, showRow, type CollectionSpec } from '../query/collection.js';
import { checkOutlookNodes } from '../query/message-rules.js';
import { parseFor, type Parsed } from '../query/parsed.js';
import type { Json } from '../writer.js';
import { EXPAND_LIMIT } from './attachments.js';
import { EXTENDED_EXPANDERS } from './extended.js';
import { contactFolder, defaultContactFolder, itemById } from './lookup.js';

const COLLECTIONS = new Set(['emailAddresses', 'categories', 'singleValueExtendedProperties', 'extensions']);

/** `any` over emailAddresses takes only `eq` on `address` (facts 1.3). */
function check(parsed: Parsed): void {
  if (parsed.filter === undefined) return;
  const use = inspectFilter(parsed.filter);
  checkOutlookNodes(use, COLLECTIONS);
  if (!use.lambdas.some((lambda) => lambda.collection === 'emailAddresses')) return;
  if (use.innerPaths.some((inner) => inner.collection === 'emailAddresses' && inner.path !== 'address')) throw invalidFilter();
  if (use.functionUses.some((call) => call.path === 'address') || use.comparisons.some((comparison) => comparison.inner && comparison.operator !== 'eq')) throw invalidFilter();
}

/** `"displayName:x" OR "givenName:x"`, or words that start any of the usual fields. */
function search(text: string, rows: readonly Entity[]): readonly Entity[] {
  const terms = text.split(/\s+OR\s+/).map((term) => term.trim().replace(/^"(.*)"$/s, '$1'));
  if (terms.some((term) => term.includes('"'))) throw badRequest('The search clause is not valid.');
  const fields = ['displayName', 'givenName', 'surname', 'companyName', 'fileAs', 'nickName'];
  return rows.filter((row) => terms.some((term) => {
    const field = /^(\w+):(.*)$/s.exec(term);
    const value = foldText((field?.[2] ?? term).trim());
    const texts = (field === null ? fields : [field[1]!]).map((name) => textAt(row, name) ?? '');
    const addresses = field === null || field[1] === 'emailAddresses' ? (Array.isArray(row.emailAddresses) ? row.emailAddresses : []).map((address) => textAt(address, 'address') ?? '') : [];
    return value !== '' && [...texts, ...addresses].some((candidate) => foldText(candidate).split(/[\s,;]+/).some((word) => word.startsWith(value)) || foldText(candidate).startsWith(value));
  }));
}

function contacts(context: Context, folder: number, metadata: string): CollectionSpec {
  return {
    type: 'contact',
    metadata,
    check,
    search,
    rows: () => context.store.items.list(context.mailbox.mailbox, 'contact', folder).map((item) => withExtended(presentItem(item, context), item)),
    expand: expanders,
  };
}

const expanders: NonNullable<CollectionSpec['expand']> = {
  ...EXTENDED_EXPANDERS,
  extensions: () => [],
};

function folders(context: Context, parent: number, metadata: string): CollectionSpec {
  return {
    type: 'contactFolder',
    metadata,
    check: (parsed) => {
      if (parsed.filter !== undefined) checkOutlookNodes(inspectFilter(parsed.filter));
    },
    rows: () => context.store.items.list(context.mailbox.mailbox, 'contactFolder', parent).map((item) => withExtended(presentItem(item, context), item)),
    expand: folderExpanders(context),
  };
}

const folderExpanders = (context: Context): NonNullable<CollectionSpec['expand']> => ({
  childFolders: (entity): Json => context.store.items.list(context.mailbox.mailbox, 'contactFolder', contactFolder(context, String(entity.id)).n)
    .slice(0, EXPAND_LIMIT).map((item) => presentItem(item, context)),
  contacts: (entity): Json => context.store.items.list(context.mailbox.mailbox, 'contact', contactFolder(context, String(entity.id)).n)
    .slice(0, EXPAND_LIMIT).map((item) => presentItem(item, context)),
  ...EXTENDED_EXPANDERS,
});

const getContact: Route = (context, [id = '']) => {
  const item = itemById(context, id, 'contact');
  const parsed = parseFor('contact', context.options, { filter: false, orderby: false });
  const row = withExtended(presentItem(item, context), item);
  return json({ '@odata.context': `${context.contextBase}${metadataOf('/contacts', parsed)}/$entity`, ...showRow(row, { type: 'contact', expand: expanders }, parsed) });
};

const getFolder: Route = (context, [id = '']) => {
  const item = contactFolder(context, id);
  const parsed = parseFor('contactFolder', context.options, { filter: false, orderby: false });
  return json({ '@odata.context': `${context.contextBase}${metadataOf('/contactFolders', parsed)}/$entity`, ...showRow(withExtended(presentItem(item, context), item), { type: 'contactFolder', expand: folderExpanders(context) }, parsed) });
};

const inFolder = (context: Context, id: string): CollectionSpec => contacts(context, contactFolder(context, id).n, `/contactFolders('${encodeURIComponent(id)}')/contacts`);

export const CONTACT_ROUTES: readonly (readonly [string, Route])[] = [
  ['contacts', (context) => serveCollection(context, contacts(context, defaultContactFolder(context).n, '/contacts'))],
  ['contacts/$count', (context) => serveCount(context, contacts(context, defaultContactFolder(context).n, '/contacts'))],
  ['contacts/:', getContact],
  ['contactFolders', (context) => serveCollection(context, folders(context, defaultContactFolder(context).n, '/contactFolders'))],
  ['contactFolders/$count', (context) => serveCount(context, folders(context, defaultContactFolder(context).n, '/contactFolders'))],
  ['contactFolders/:', getFolder],
  ['contactFolders/:/childFolders', (context, [id = '']) => serveCollection(context, folders(context, contactFolder(context, id).n, `/contactFolders('${encodeURIComponent(id)}')/childFolders`))],
  ['contactFolders/:/contacts', (context, [id = '']) => serveCollection(context, inFolder(context, id))],
  ['contactFolders/:/contacts/$count', (context, [id = '']) => serveCount(context, inFolder(context, id))],
];
