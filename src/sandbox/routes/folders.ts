/**
 * Owns: mail folders: top level, child folders, one folder by id or well-known name; inbox rules.
 * Does not own: the messages in them.
 * Invariants: hidden folders are listed only with includeHiddenFolders=true; rows never tell their well-known name (facts 9).
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { itemNotFound } from '../graph-error.js';
import type { Entity } from '../json.js';
import { inspectFilter } from '../odata/index.js';
import { presentFolder, shape, withExtended } from '../present.js';
import { metadataOf, serveCollection, serveCount, showRow, type CollectionSpec } from '../query/collection.js';
import { checkOutlookNodes } from '../query/message-rules.js';
import { parseFor } from '../query/parsed.js';
import type { Item } from '../store/items.js';
import type { Json } from '../writer.js';
import { EXPAND_LIMIT } from './attachments.js';
import { EXTENDED_EXPANDERS } from './extended.js';
import { mailFolder } from './lookup.js';

function children(context: Context, parent: Item): readonly Item[] {
  const hidden = /^true$/i.test(context.options.custom.get('includehiddenfolders') ?? '');
  return context.store.items.list(context.mailbox.mailbox, 'mailFolder', parent.n).filter((item) => hidden || item.entity.isHidden !== true);
}

function spec(context: Context, parent: Item, metadata: string): CollectionSpec {
  return {
    type: 'mailFolder',
    metadata,
    rows: () => children(context, parent).map((item) => withExtended(presentFolder(item, context), item)),
    check: (parsed) => {
      if (parsed.filter !== undefined) checkOutlookNodes(inspectFilter(parsed.filter));
    },
    expand: expanders(context),
  };
}

function expanders(context: Context): NonNullable<CollectionSpec['expand']> {
  return {
    childFolders: (entity, item): Json => {
      const parent = mailFolder(context, String(entity.id));
      const select = item.select.length === 0 ? undefined : new Set(item.select.map((part) => part.path[0] ?? '*'));
      return children(context, parent).slice(0, EXPAND_LIMIT).map((child) => shape(presentFolder(child, context), 'mailFolder', select));
    },
    ...EXTENDED_EXPANDERS,
  };
}

const root = (context: Context): Item => {
  const found = context.store.wellKnown(context.mailbox.mailbox, 'mailFolder', 'msgfolderroot');
  if (found === undefined) throw itemNotFound();
  return found;
};

const getFolder: Route = (context, [id = '']) => {
  const item = mailFolder(context, id);
  const parsed = parseFor('mailFolder', context.options, { filter: false, orderby: false });
  const row: Entity = withExtended(presentFolder(item, context), item);
  return json({ '@odata.context': `${context.contextBase}${metadataOf('/mailFolders', parsed)}/$entity`, ...showRow(row, { type: 'mailFolder', expand: expanders(context) }, parsed) });
};

const childSpec = (context: Context, id: string): CollectionSpec => {
  const parent = mailFolder(context, id);
  return spec(context, parent, `/mailFolders('${encodeURIComponent(context.store.id('mailFolder', parent.n, false))}')/childFolders`);
};

const rules = (context: Context, id: string): CollectionSpec => {
  const folder = mailFolder(context, id);
  return {
    type: 'messageRule',
    metadata: "/mailFolders('inbox')/messageRules",
    ignores: ['filter', 'orderby', 'top', 'skip', 'count'],
    rows: () => rulesOf(context, folder),
  };
};

const rulesOf = (context: Context, folder: Item): Entity[] =>
  (folder.wellKnown === 'inbox' ? context.store.items.list(context.mailbox.mailbox, 'rule') : []).map((item) => ({ id: `AQAAA${Buffer.from(String(item.n)).toString('base64url')}=`, ...item.entity }));

const getRule: Route = (context, [id = '', rule = '']) => {
  const found = rulesOf(context, mailFolder(context, id)).find((entity) => entity.id === rule);
  if (found === undefined) throw itemNotFound();
  return json({ '@odata.context': `${context.contextBase}/mailFolders('inbox')/messageRules/$entity`, ...found });
};

export const FOLDER_ROUTES: readonly (readonly [string, Route])[] = [
  ['mailFolders', (context) => serveCollection(context, spec(context, root(context), '/mailFolders'))],
  ['mailFolders/$count', (context) => serveCount(context, spec(context, root(context), '/mailFolders'))],
  ['mailFolders/:', getFolder],
  ['mailFolders/:/childFolders', (context, [id = '']) => serveCollection(context, childSpec(context, id))],
  ['mailFolders/:/childFolders/$count', (context, [id = '']) => serveCount(context, childSpec(context, id))],
  ['mailFolders/:/messageRules', (context, [id = '']) => serveCollection(context, rules(context, id))],
  ['mailFolders/:/messageRules/:', getRule],
];
