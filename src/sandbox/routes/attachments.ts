/**
 * Owns: attachments of messages and events.
 * Does not own: where attachments are stored.
 * Invariants: `$filter` and `$orderby` are ignored, as the service does (facts 1.3); `$select` keeps contentBytes away.
 */
import type { Context, Route } from '../context.js';
import { bytes, json, plainText } from '../exchange.js';
import { itemNotFound, methodNotAllowed } from '../graph-error.js';
import { isObject, type Entity } from '../json.js';
import type { ExpandItem } from '../odata/index.js';
import { presentAttachment, shape } from '../present.js';
import { metadataOf, serveCollection } from '../query/collection.js';
import { parseFor } from '../query/parsed.js';
import type { Attachment } from '../store/attachments.js';
import type { Json } from '../writer.js';
import { itemById, messageRow, readId } from './lookup.js';

/** Expanded entries per parent (facts 1.3). */
export const EXPAND_LIMIT = 20;

const wantsBytes = (select: ReadonlySet<string> | undefined): boolean => select === undefined || select.has('contentBytes');

export function expandAttachments(owner: number, item: ExpandItem, context: Context): Json[] {
  const select = item.select.length === 0 ? undefined : new Set(item.select.map((part) => part.path[0] ?? '*'));
  return context.store.attachments.of(owner).slice(0, EXPAND_LIMIT).map((attachment) => shape(presentAttachment(attachment, context, wantsBytes(select)), 'attachment', select));
}

/** The owner's key in the attachments table. */
type Owner = (context: Context, id: string) => number;
const ofMessage: Owner = (context, id) => messageRow(context, id, { body: false, headers: false, extended: false }).n;
const ofEvent: Owner = (context, id) => -itemById(context, id, 'event').n;

const list = (owner: Owner, collection: string): Route => (context, [id = '']) => {
  const key = owner(context, id);
  return serveCollection(context, {
    // contentBytes and the like belong to derived types: `$select=microsoft.graph.fileAttachment/contentBytes`.
    type: 'attachment',
    metadata: `/${collection}('${encodeURIComponent(id)}')/attachments`,
    ignores: ['filter', 'orderby', 'top', 'skip', 'count'],
    rows: (parsed) => context.store.attachments.of(key).map((attachment) => presentAttachment(attachment, context, wantsBytes(parsed.select))),
    expand: { item: (entity) => attachedItem(entity, context.store.attachments.of(key).find((attachment) => attachment.n === context.store.ids.read(String(entity.id))?.row)) },
  });
};

function find(context: Context, owner: Owner, id: string, attachment: string): Attachment {
  const key = owner(context, id);
  const ref = readId(context, attachment, ['attachment']);
  const found = context.store.attachments.of(key).find((candidate) => candidate.n === ref.row);
  if (found === undefined) throw itemNotFound();
  return found;
}

const get = (owner: Owner, collection: string): Route => (context, [id = '', attachment = '']) => {
  const found = find(context, owner, id, attachment);
  const parsed = parseFor('attachment', context.options, { filter: false, orderby: false });
  const shown: Entity = shape(presentAttachment(found, context, wantsBytes(parsed.select)), 'attachment', parsed.select);
  if (parsed.expand.some((item) => item.name === 'item')) shown.item = attachedItem(shown, found);
  return json({ '@odata.context': `${context.contextBase}${metadataOf(`/${collection}('${encodeURIComponent(id)}')/attachments`, parsed)}/$entity`, ...shown });
};

const value = (owner: Owner): Route => (context, [id = '', attachment = '']) => {
  const found = find(context, owner, id, attachment);
  if (found.kind === 'reference') throw methodNotAllowed();
  const contentType = typeof found.entity.contentType === 'string' ? found.entity.contentType : 'application/octet-stream';
  return bytes(context.store.attachments.content(found.n), contentType);
};

/** What an item attachment holds: the item it was made of, else what is known without reading its content. */
const attachedItem = (entity: Entity, stored: Attachment | undefined): Json => {
  if (entity['@odata.type'] !== '#microsoft.graph.itemAttachment') return null;
  return isObject(stored?.entity.item) ? { id: '', ...stored.entity.item } : { '@odata.type': '#microsoft.graph.message', id: '', subject: entity.name ?? null };
};

const count = (owner: Owner): Route => (context, [id = '']) => plainText(String(context.store.attachments.of(owner(context, id)).length));

export const ATTACHMENT_ROUTES: readonly (readonly [string, Route])[] = [
  ['messages/:/attachments', list(ofMessage, 'messages')],
  ['messages/:/attachments/$count', count(ofMessage)],
  ['messages/:/attachments/:', get(ofMessage, 'messages')],
  ['messages/:/attachments/:/$value', value(ofMessage)],
  ['events/:/attachments', list(ofEvent, 'events')],
  ['events/:/attachments/$count', count(ofEvent)],
  ['events/:/attachments/:', get(ofEvent, 'events')],
  ['events/:/attachments/:/$value', value(ofEvent)],
];
