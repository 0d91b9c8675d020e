/**
 * Owns: places (rooms, room lists) and files of a drive.
 * Does not own: mailboxes.
 * Invariants: the rooms of a list are found only by the list's mail address (facts 6.1).
 */
import type { Context, Route } from '../context.js';
import { bytes, json } from '../exchange.js';
import { GraphError, itemNotFound, resourceNotFound } from '../graph-error.js';
import { shownTime, textAt, type Entity } from '../json.js';
import { orderComparer } from '../odata/index.js';
import { shape } from '../present.js';
import { serveCollection, serveCount, type CollectionSpec } from '../query/collection.js';
import { pageSize } from '../query/options.js';
import { nextLink, offsetToken, pageAnswer, planPage, readOffsetToken } from '../query/page.js';
import { parseFor } from '../query/parsed.js';
import { base64Digits } from '../random.js';
import type { Item } from '../store/items.js';
import { driveAddress } from './drive-path.js';

const places = (context: Context, kind: 'room' | 'roomList', rows: readonly Item[]): CollectionSpec => ({
  type: kind,
  metadata: `places/microsoft.graph.${kind}`,
  standard: 100,
  rows: () => rows.map((item) => item.entity),
  expand: { rooms: (entity) => context.store.items.list(0, 'room').filter((item) => context.store.items.get(item.parent)?.entity.id === entity.id).map((item) => item.entity) },
});

const rooms = (context: Context): CollectionSpec => places(context, 'room', context.store.items.list(0, 'room'));
const roomLists = (context: Context): CollectionSpec => places(context, 'roomList', context.store.items.list(0, 'roomList'));
const roomsOf = (context: Context, address: string): CollectionSpec => {
  const list = context.store.items.list(0, 'roomList').find((item) => textAt(item.entity, 'emailAddress')?.toLowerCase() === address.toLowerCase());
  if (list === undefined) throw itemNotFound();
  return places(context, 'room', context.store.items.list(0, 'room', list.n));
};

const place = (...kinds: readonly ('room' | 'roomList')[]): Route => (context, [key = '']) => {
  for (const kind of kinds) {
    const found = context.store.items.list(0, kind).find((item) => item.entity.id === key || textAt(item.entity, 'emailAddress')?.toLowerCase() === key.toLowerCase());
    if (found !== undefined) return json({ '@odata.context': `${context.contextBase}places/$entity`, '@odata.type': `#microsoft.graph.${kind}`, ...found.entity });
  }
  throw itemNotFound();
};

export const PLACE_ROUTES: readonly (readonly [string, Route])[] = [
  ['places/microsoft.graph.room', (context) => serveCollection(context, rooms(context))],
  ['places/microsoft.graph.room/$count', (context) => serveCount(context, rooms(context))],
  ['places/microsoft.graph.roomList', (context) => serveCollection(context, roomLists(context))],
  ['places/microsoft.graph.roomList/$count', (context) => serveCount(context, roomLists(context))],
  ['places/:/microsoft.graph.roomList/rooms', (context, [address = '']) => serveCollection(context, roomsOf(context, address))],
  ['places/:/microsoft.graph.room', place('room')],
  ['places/:/microsoft.graph.roomList', place('roomList')],
  ['places/:', place('room', 'roomList')],
];

/** Drive ids are opaque upper-case text; row 0 is the root. */
export function driveId(context: Context, row: number): string {
  return `01${base64Digits(32, context.store.seed, context.mailbox.mailbox, row, 71).toUpperCase().replace(/[-_]/g, '7')}`;
}

const identity = (context: Context): Entity => ({ user: { email: context.mailbox.upn, id: context.mailbox.guid, displayName: context.mailbox.entity.displayName ?? null } });
const driveKey = (context: Context): string => `b!${base64Digits(64, context.store.seed, context.mailbox.mailbox, 72)}`;

export function showFile(context: Context, item: Item | undefined): Entity {
  const { store, mailbox } = context;
  const children = store.items.list(mailbox.mailbox, 'driveItem', item?.n ?? 0);
  const size = (row: number): number => store.items.list(mailbox.mailbox, 'driveItem', row).reduce((sum, child) => sum + (typeof child.entity.size === 'number' ? child.entity.size : size(child.n)), 0);
  const site = `https://contoso-my.sharepoint.example/personal/${mailbox.upn.replace(/[^a-z0-9]/gi, '_')}/Documents`;
  const path = pathOf(context, item);
  const created = item?.created ?? Date.UTC(2021, 2, 1, 8);
  const modified = item?.modified ?? created;
  const id = driveId(context, item?.n ?? 0);
  return {
    '@odata.etag': `"{${id}},${String(item?.version ?? 1)}"`, id, createdDateTime: shownTime(created), eTag: `"{${id}},${String(item?.version ?? 1)}"`, lastModifiedDateTime: shownTime(modified),
    name: item === undefined ? 'root' : item.name ?? '', webUrl: site + encodeURI(path), cTag: `"c:{${id}},${String(item?.version ?? 1)}"`, size: 0, createdBy: identity(context), lastModifiedBy: identity(context),
    parentReference: item === undefined
      ? { driveType: 'business', driveId: driveKey(context) }
      : { driveType: 'business', driveId: driveKey(context), id: driveId(context, item.parent), name: item.parent === 0 ? 'root' : store.items.get(item.parent)?.name ?? '', path: `/drive/root:${encodeURI(path.slice(0, path.lastIndexOf('/')))}` },
    fileSystemInfo: { createdDateTime: shownTime(created), lastModifiedDateTime: shownTime(modified) },
    ...(item?.entity ?? {}),
    ...(item === undefined || item.entity.folder !== undefined ? { folder: { childCount: children.length }, size: size(item?.n ?? 0) } : {}),
    ...(item === undefined ? { root: {} } : {}),
  };
}

function pathOf(context: Context, item: Item | undefined): string {
  let path = '';
  for (let current = item; current !== undefined; current = current.parent === 0 ? undefined : context.store.items.get(current.parent)) path = `/${current.name ?? ''}${path}`;
  return path;
}

/** `undefined` in the result is the root. */
export function findFile(context: Context, id: string): { readonly item: Item | undefined } {
  if (id === 'root' || id === driveId(context, 0)) return { item: undefined };
  const item = context.store.items.list(context.mailbox.mailbox, 'driveItem').find((candidate) => driveId(context, candidate.n) === id);
  if (item === undefined) throw new GraphError(404, 'itemNotFound', 'The resource could not be found.');
  return { item };
}

/** Below `base`; `undefined` in the result is the root. */
export function byPath(context: Context, base: Item | undefined, path: readonly string[]): { readonly item: Item | undefined } {
  let item = base;
  for (const name of path) {
    item = context.store.items.list(context.mailbox.mailbox, 'driveItem', item?.n ?? 0).find((candidate) => candidate.name?.toLowerCase() === name.toLowerCase());
    if (item === undefined) throw new GraphError(404, 'itemNotFound', 'The resource could not be found.');
  }
  return { item };
}

function children(context: Context, parent: Item | undefined): ReturnType<Route> {
  if (context.options.skip !== undefined) throw new GraphError(400, 'invalidRequest', '$skip is not supported on this API. Only URLs returned by the API can be used to page.');
  const parsed = parseFor('driveItem', context.options, { filter: false });
  let rows: readonly Entity[] = context.store.items.list(context.mailbox.mailbox, 'driveItem', parent?.n ?? 0).map((item) => showFile(context, item));
  if (parsed.orderBy.length > 0) rows = [...rows].sort(orderComparer(parsed.orderBy));
  const size = pageSize(context.options, { standard: 200, maximum: 999, tooLarge: 'clamp' });
  const plan = planPage(context, size, readOffsetToken(context.options.skiptoken?.replace(/Z-empty$/, '')));
  const page = rows.slice(plan.skip, plan.skip + plan.take).map((row) => {
    const shown = shape(row, 'driveItem', parsed.select);
    for (const item of parsed.expand) {
      if (item.name === 'children') shown.children = context.store.items.list(context.mailbox.mailbox, 'driveItem', findFile(context, String(row.id)).item?.n ?? 0).slice(0, 20).map((child) => showFile(context, child));
      else shown[item.name] = [];
    }
    return shown;
  });
  const more = plan.empty || plan.skip + plan.take < rows.length;
  const count = context.options.count ? rows.length : undefined;
  return pageAnswer(context, `/drive/items('${driveId(context, parent?.n ?? 0)}')/children`, page, more ? nextLink(context, { $skiptoken: plan.empty ? `${offsetToken(plan.skip)}Z-empty` : offsetToken(plan.next) }) : undefined, count);
}

const one = (context: Context, item: Item | undefined): ReturnType<Route> => {
  const parsed = parseFor('driveItem', context.options, { filter: false, orderby: false });
  return json({ '@odata.context': `${context.contextBase}/drive/items/$entity`, ...shape(showFile(context, item), 'driveItem', parsed.select) });
};

const content = (context: Context, item: Item | undefined): ReturnType<Route> => {
  if (item === undefined || item.entity.file === undefined) throw resourceNotFound();
  return bytes(context.store.items.content(item.n) ?? Buffer.alloc(0), textAt(item.entity, 'file', 'mimeType') ?? 'application/octet-stream');
};

/** `root:/a/b`, `root:/a/b:/children`, `items/{id}:/a/b:/content`. */
export function driveByPath(context: Context, segments: readonly string[]): ReturnType<Route> | undefined {
  const address = driveAddress(segments);
  if (address === undefined) return undefined;
  const { item } = byPath(context, findFile(context, address.base).item, address.path);
  switch (address.tail) {
    case '': return one(context, item);
    case 'children': return children(context, item);
    case 'content': return content(context, item);
    default: return undefined;
  }
}

export const DRIVE_ROUTES: readonly (readonly [string, Route])[] = [
  ['drive', (context) => json({
    '@odata.context': `${context.contextBase}/drive/$entity`, id: driveKey(context), driveType: 'business', name: 'OneDrive', owner: identity(context),
    quota: { deleted: 0, remaining: 1_099_511_627_776, state: 'normal', total: 1_099_511_627_776, used: 0 },
  })],
  ['drive/root', (context) => one(context, undefined)],
  ['drive/root/children', (context) => children(context, undefined)],
  ['drive/items/:', (context, [id = '']) => one(context, findFile(context, id).item)],
  ['drive/items/:/children', (context, [id = '']) => children(context, findFile(context, id).item)],
  ['drive/items/:/content', (context, [id = '']) => content(context, findFile(context, id).item)],
];
