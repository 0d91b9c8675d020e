/**
 * Owns: messages of a mailbox or folder, one message, its MIME.
 * Does not own: attachments, delta.
 * Invariants: the order and the refusals are those of facts 1.1, 1.2 and 1.5.
 */
import type { Context, Route } from '../context.js';
import { bytes, json, plainText, type GraphAnswer } from '../exchange.js';
import { badRequest, expandNotSupported, GraphError } from '../graph-error.js';
import type { Entity } from '../json.js';
import { composeMime } from '../mime.js';
import { matchSearch, parseSearch, type ExpandItem } from '../odata/index.js';
import { extendedOfMessage, heavyFor, multiValued, presentMessage, shape, storedExtended } from '../present.js';
import { metadataOf, type Expander } from '../query/collection.js';
import { checkMessages } from '../query/message-rules.js';
import { messageSet } from '../query/message-query.js';
import { pageSize } from '../query/options.js';
import { nextLink, offsetToken, pageAnswer, planPage, readOffsetToken, skipPage } from '../query/page.js';
import { parseFor, type Parsed } from '../query/parsed.js';
import { columnsFor, type MessageRow } from '../store/messages.js';
import { disturb } from '../busy.js';
import { searchFields } from '../query/search-fields.js';
import { expandAttachments } from './attachments.js';
import { expandExtended } from './extended.js';
import { mailFolder, messageRow } from './lookup.js';

/** Search answers at most this many (facts 1.2). */
const SEARCH_LIMIT = 1000;

export const showMessage = (row: MessageRow, context: Context, parsed: Parsed): Entity => {
  const entity = presentMessage(row, context, parsed.mentioned);
  const names = new Set(parsed.expand.map((item) => item.name));
  const shown = shape(entity, 'message', parsed.select, names);
  for (const item of parsed.expand) shown[item.name] = expandMessage(row, item, context);
  return shown;
};

function expandMessage(row: MessageRow, item: ExpandItem, context: Context): ReturnType<Expander> {
  if (item.name === 'attachments') return expandAttachments(row.n, item, context);
  if (item.name === 'singleValueExtendedProperties') return expandExtended(extendedOfMessage(row), item);
  if (item.name === 'multiValueExtendedProperties') return expandExtended(multiValued(storedExtended(row)), item);
  if (item.name === 'extensions') return [];
  throw expandNotSupported(item.name);
}

function listMessages(context: Context, folder: number | undefined): GraphAnswer {
  const { options } = context;
  if (options.search !== undefined) return searchMessages(context, folder, options.search);
  // Also on requests without $skip: a client may page by key instead of by link.
  disturb(context, folder);
  const faults = context.service.faults.get();
  const parsed = parseFor('message', options);
  checkMessages(parsed, faults);
  const set = messageSet(context, folder, parsed);
  const plan = planPage(context, sizeOf(context), options.skip ?? 0);
  const rows = [...set.page(plan.skip, plan.take + (plan.empty ? 0 : 1))];
  const more = rows.length > plan.take;
  if (more) rows.pop();
  const count = !options.count ? undefined : faults.countMinusOne && folder === undefined && parsed.filter !== undefined ? -1 : set.count;
  return skipPage(context, metadata(parsed, folder, context), rows.map((row) => showMessage(row, context, parsed)), plan, more, count);
}

const sizeOf = (context: Context): number =>
  pageSize(context.options, { standard: 10, maximum: 1000, tooLarge: context.service.faults.get().topTooLarge }, context.preferences.maxPageSize);

function metadata(parsed: Parsed, folder: number | undefined, context: Context): string {
  const place = folder === undefined ? '/messages' : `/mailFolders('${encodeURIComponent(context.store.id('mailFolder', folder, false))}')/messages`;
  return metadataOf(place, parsed);
}

function searchMessages(context: Context, folder: number | undefined, search: string): GraphAnswer {
  const { options, store } = context;
  if (options.orderby !== undefined) throw new GraphError(400, 'SearchWithOrderBy', "The query parameter '$orderBy' is not supported with '$search'.");
  if (options.filter !== undefined) throw new GraphError(400, 'SearchWithFilter', "The query parameter '$filter' is not supported with '$search'.");
  if (options.skip !== undefined) throw new GraphError(400, 'SearchWithSkip', "The query parameter '$skip' is not supported with '$search'.");
  const parsed = parseFor('message', options);
  const node = parseSearch(search);
  const regular: Context = { ...context, forceRegular: true };
  const place = folder === undefined ? 'mailbox' : 'folder';
  const statement = store.database.sql.prepare(`SELECT ${columnsFor({ body: true, headers: false, extended: false })} FROM message WHERE ${place} = ? ORDER BY sent DESC, n DESC`);
  const hits: number[] = [];
  for (const row of statement.iterate(folder ?? context.mailbox.mailbox) as Iterable<MessageRow>) {
    if (node !== undefined && !matchSearch(node, searchFields(row, regular))) continue;
    hits.push(row.n);
    if (hits.length >= SEARCH_LIMIT) break;
  }
  const plan = planPage(context, sizeOf(context), readOffsetToken(options.skiptoken?.replace(/Z-empty$/, '')));
  const page = store.messages.rows(hits.slice(plan.skip, plan.skip + plan.take), heavyFor(parsed.mentioned));
  const more = plan.empty || plan.skip + plan.take < hits.length;
  // $count=true brings no count here (facts 1.2).
  return pageAnswer(context, metadata(parsed, folder, context), page.map((row) => showMessage(row, regular, parsed)), more ? nextLink(context, { $skiptoken: plan.empty ? `${offsetToken(plan.skip)}Z-empty` : offsetToken(plan.next) }) : undefined, undefined);
}

function countMessages(context: Context, folder: number | undefined): GraphAnswer {
  if (context.options.search !== undefined) throw badRequest("The query parameter '$search' is not supported with '/$count'.");
  const parsed = parseFor('message', context.options);
  checkMessages(parsed, context.service.faults.get());
  return plainText(String(messageSet(context, folder, parsed).count));
}

const getMessage: Route = (context, [id = '']) => {
  const parsed = parseFor('message', context.options, { filter: false, orderby: false });
  const row = messageRow(context, id, heavyFor(parsed.mentioned));
  return json({ '@odata.context': `${context.contextBase}${metadataOf('/messages', parsed)}/$entity`, ...showMessage(row, context, parsed) });
};

const messageMime: Route = (context, [id = '']) => {
  const row = messageRow(context, id, { body: true, headers: true, extended: false });
  const stored = context.store.messages.mime(row.n);
  return bytes(stored ?? Buffer.from(composeMime(presentMessage(row, context, new Set(['body', 'internetMessageHeaders'])), row.sent, context.store.attachments.contents(row.n)), 'utf8'), 'text/plain');
};

export const MESSAGE_ROUTES: readonly (readonly [string, Route])[] = [
  ['messages', (context) => listMessages(context, undefined)],
  ['messages/$count', (context) => countMessages(context, undefined)],
  ['messages/:', getMessage],
  ['messages/:/$value', messageMime],
  ['mailFolders/:/messages', (context, [folder = '']) => listMessages(context, mailFolder(context, folder).n)],
  ['mailFolders/:/messages/$count', (context, [folder = '']) => countMessages(context, mailFolder(context, folder).n)],
];
