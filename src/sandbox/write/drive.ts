/**
 * Owns: writing files and folders of a drive: create, upload, rename, move, delete; by id and by path.
 * Does not own: reading them (routes/tenant.ts), the ranges of upload sessions (upload/sessions.ts).
 * Invariants: names are unique in a folder without case; If-Match is the item's eTag or cTag (documented here, facts 6.2).
 */
import type { Context, Route } from '../context.js';
import { json, type GraphAnswer } from '../exchange.js';
import { GraphError, methodNotAllowed, resourceNotFound } from '../graph-error.js';
import { isObject, textAt, type Entity } from '../json.js';
import { base64Digits, mixText } from '../random.js';
import { driveAddress } from '../routes/drive-path.js';
import { byPath, findFile, showFile } from '../routes/tenant.js';
import type { Item } from '../store/items.js';
import type { JsonObject } from '../writer.js';
import { openSession } from './upload/sessions.js';
import { allBut, noContent, readJson, readNested, transact, type WriteRoute } from './index.js';

const CREATE_READ_ONLY = allBut('driveItem', ['name', 'folder', 'file', 'description', 'fileSystemInfo']);
const PATCH_READ_ONLY = allBut('driveItem', ['name', 'description', 'fileSystemInfo', 'parentReference']);
const TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain', csv: 'text/csv', html: 'text/html', json: 'application/json', pdf: 'application/pdf', png: 'image/png', jpg: 'image/jpeg', zip: 'application/zip', xml: 'application/xml',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};
/** One PUT takes so much; more goes through an upload session. */
const PUT_LIMIT = 250 * 1024 * 1024;

/** Parts of an upload session. */
const PART_LIMIT = 60 * 1024 * 1024;
const PART_UNIT = 320 * 1024;

type Conflict = 'fail' | 'replace' | 'rename';

const invalid = (message: string): GraphError => new GraphError(400, 'invalidRequest', message);
const taken = (): GraphError => new GraphError(409, 'nameAlreadyExists', 'An item with the same name already exists under the parent');

const childrenOf = (context: Context, parent: Item | undefined): readonly Item[] => context.store.items.list(context.mailbox.mailbox, 'driveItem', parent?.n ?? 0);
const named = (context: Context, parent: Item | undefined, name: string): Item | undefined => childrenOf(context, parent).find((item) => item.name?.toLowerCase() === name.toLowerCase());

function checkName(name: string): string {
  if (name === '' || name.length > 255 || /["*:<>?/\\|]/.test(name) || /^\s|[\s.]$/.test(name)) throw invalid('The provided name is not valid.');
  return name;
}

function conflictOf(value: unknown, standard: Conflict): Conflict {
  if (value === undefined || value === null) return standard;
  if (value !== 'fail' && value !== 'replace' && value !== 'rename') throw invalid('The value of @microsoft.graph.conflictBehavior is not valid.');
  return value;
}

/** `a.txt`, `a 1.txt`, `a 2.txt` … */
function freeName(context: Context, parent: Item | undefined, name: string): string {
  const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length;
  for (let number = 1; ; number++) {
    const candidate = `${name.slice(0, dot)} ${String(number)}${name.slice(dot)}`;
    if (named(context, parent, candidate) === undefined) return candidate;
  }
}

function checkTag(context: Context, item: Item | undefined): void {
  const header = context.request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return;
  const { eTag, cTag } = showFile(context, item);
  if (!header.split(/,(?=\s*(?:W\/)?")/).some((tag) => [eTag, cTag].includes(tag.trim()))) throw new GraphError(412, 'resourceModified', "ETag does not match current item's value");
}

const folderOf = (item: Item | undefined): Item | undefined => {
  if (item !== undefined && item.entity.folder === undefined) throw invalid('The parent is not a folder.');
  return item;
};

function answer(context: Context, status: 200 | 201, item: Item | undefined): GraphAnswer {
  const shown = showFile(context, item);
  const base = json({ '@odata.context': `${context.contextBase}/drive/items/$entity`, ...shown });
  return { ...base, status, headers: { ...base.headers, etag: String(shown.eTag) } };
}

const touch = (context: Context, n: number): Item => context.store.items.get(n)!;

function createChild(context: Context, place: Item | undefined): GraphAnswer {
  const body = readJson(context);
  const given = readNested(body, 'driveItem', { readOnly: CREATE_READ_ONLY });
  const parent = folderOf(place);
  const conflict = conflictOf(body['@microsoft.graph.conflictBehavior'], 'fail');
  if (isObject(given.folder) === isObject(given.file)) throw invalid("A new item is a 'folder' or a 'file'.");
  let name = checkName(textAt(given, 'name') ?? '');
  return transact(context, () => {
    const other = named(context, parent, name);
    if (other !== undefined) {
      if (conflict === 'rename') name = freeName(context, parent, name);
      else if (conflict === 'replace' && isObject(given.folder) && other.entity.folder !== undefined) return answer(context, 200, other);
      else throw taken();
    }
    const kind: Entity = isObject(given.folder) ? { folder: {} } : fileMembers(name, Buffer.alloc(0));
    const n = context.store.items.add({
      kind: 'driveItem', mailbox: context.mailbox.mailbox, parent: parent?.n ?? 0, name, entity: { name, ...optional(given), ...kind }, ...(kind.folder === undefined ? { content: Buffer.alloc(0) } : {}),
    }, context.store.clock.now());
    return answer(context, 201, touch(context, n));
  });
}

const optional = (given: JsonObject): Entity => Object.fromEntries(['description', 'fileSystemInfo'].filter((name) => given[name] !== undefined).map((name) => [name, given[name]!]));

const fileMembers = (name: string, content: Uint8Array): Entity => ({
  size: content.byteLength,
  file: {
    mimeType: TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream',
    hashes: { quickXorHash: Buffer.from(base64Digits(20, mixText(content.byteLength, Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 65_536)).toString('latin1')))).toString('base64') },
  },
});

/** Stores the bytes as `name` under `parent`: 201 for a new file, 200 for new content. */
export function putFile(context: Context, parent: Item | undefined, wanted: string, content: Uint8Array, conflict: Conflict): GraphAnswer {
  let name = checkName(wanted);
  return transact(context, () => {
    const other = named(context, parent, name);
    if (other !== undefined && conflict === 'replace') return replaceContent(context, other, content);
    if (other !== undefined && conflict === 'fail') throw taken();
    if (other !== undefined) name = freeName(context, parent, name);
    const n = context.store.items.add({
      kind: 'driveItem', mailbox: context.mailbox.mailbox, parent: parent?.n ?? 0, name, content, entity: { name, ...fileMembers(name, content) },
    }, context.store.clock.now());
    return answer(context, 201, touch(context, n));
  });
}

function replaceContent(context: Context, item: Item, content: Uint8Array): GraphAnswer {
  if (item.entity.file === undefined) throw taken();
  checkTag(context, item);
  context.store.items.patch(item.n, fileMembers(item.name ?? '', content), context.store.clock.now(), { content });
  return answer(context, 200, touch(context, item.n));
}

function putContent(context: Context, item: Item | undefined): GraphAnswer {
  if (context.request.bytes.byteLength > PUT_LIMIT) throw new GraphError(413, 'requestEntityTooLarge', 'The content is too large for one request.');
  if (item === undefined) throw invalid('A folder has no content.');
  return transact(context, () => replaceContent(context, item, context.request.bytes));
}

function patchItem(context: Context, item: Item | undefined): GraphAnswer {
  const body = readJson(context);
  const given = readNested(body, 'driveItem', { readOnly: PATCH_READ_ONLY });
  if (item === undefined) throw invalid('The root cannot be changed.');
  checkTag(context, item);
  return transact(context, () => {
    const { items, clock } = context.store;
    const parent = isObject(given.parentReference) ? target(context, given.parentReference) : findParent(context, item);
    for (let above = parent; above !== undefined; above = findParent(context, above)) if (above.n === item.n) throw invalid('A folder cannot be moved into itself.');
    let name = given.name === undefined ? item.name ?? '' : checkName(textAt(given, 'name') ?? '');
    const other = named(context, parent, name);
    if (other !== undefined && other.n !== item.n) {
      const conflict = conflictOf(body['@microsoft.graph.conflictBehavior'], 'fail');
      if (conflict === 'rename') name = freeName(context, parent, name);
      else if (conflict === 'replace') removeTree(context, other);
      else throw taken();
    }
    if ((parent?.n ?? 0) !== item.parent) items.move(item.n, parent?.n ?? 0, clock.now());
    items.patch(item.n, { name, ...optional(given), ...(item.entity.file === undefined ? {} : { file: { ...(item.entity.file as JsonObject), mimeType: (fileMembers(name, Buffer.alloc(0)).file as JsonObject).mimeType ?? null } }) }, clock.now(), { name });
    return answer(context, 200, touch(context, item.n));
  });
}

const findParent = (context: Context, item: Item): Item | undefined => (item.parent === 0 ? undefined : context.store.items.get(item.parent));

/** Where a parentReference points: by id or by path. */
function target(context: Context, reference: JsonObject): Item | undefined {
  const id = textAt(reference, 'id');
  if (id !== undefined) return folderOf(findFile(context, id).item);
  const path = /^(?:\/me)?\/?(?:drive|drives\/[^/]+)\/root:?(.*)$/.exec(textAt(reference, 'path') ?? '')?.[1];
  if (path === undefined) throw invalid("A 'parentReference' needs an id or a path.");
  return folderOf(byPath(context, undefined, decodeURI(path).split('/').filter((name) => name !== '')).item);
}

function removeTree(context: Context, item: Item): void {
  for (const child of childrenOf(context, item)) removeTree(context, child);
  context.store.items.remove(item.n);
}

function deleteItem(context: Context, item: Item | undefined): GraphAnswer {
  if (item === undefined) throw invalid('The root cannot be deleted.');
  checkTag(context, item);
  return transact(context, () => {
    removeTree(context, item);
    return noContent();
  });
}

/** Parameters: `item` with annotations and facts about the file, `deferCommit` (not offered). `place` is asked again at the end: the folder may have changed. */
function openUpload(context: Context, place: () => { readonly parent: Item | undefined; readonly name: string }): GraphAnswer {
  const body = context.request.bytes.byteLength === 0 ? {} : readJson(context);
  for (const name of Object.keys(body)) if (name !== 'item' && !name.includes('@')) throw invalid(`The parameter '${name}' is not supported.`);
  const item = isObject(body.item) ? body.item : {};
  const conflict = conflictOf(item['@microsoft.graph.conflictBehavior'], 'fail');
  const { parent, name } = place();
  checkName(name);
  if (named(context, parent, name) !== undefined && conflict === 'fail') throw taken();
  const size = typeof item.fileSize === 'number' ? item.fileSize : undefined;
  const members = openSession(context, {
    mailbox: context.mailbox, collection: `Drives('${context.mailbox.guid}')/UploadSessions`, size, maximumPart: PART_LIMIT, unit: PART_UNIT, partStatus: 202,
    finish: (content) => {
      const { parent: folder, name: file } = place();
      return putFile(context, folder, file, content, conflict);
    },
  });
  return json({ '@odata.context': `${context.request.root}/$metadata#microsoft.graph.uploadSession`, ...members });
}

const byId = (work: (context: Context, item: Item | undefined) => GraphAnswer): Route => (context, [id = '']) => work(context, findFile(context, id).item);

/** Write requests to `root:/a/b:/…` and `items/{id}:/a/b:/…`; undefined: no such address. Throws 404 and 405. */
export function driveWriteByPath(segments: readonly string[], method: string): Route | undefined {
  const address = driveAddress(segments);
  if (address === undefined) return undefined;
  const { base, path, tail } = address;
  const found = (context: Context): Item | undefined => byPath(context, findFile(context, base).item, path).item;
  /** The folder a new file goes into, and its name. */
  const place = (context: Context): { readonly parent: Item | undefined; readonly name: string } => ({ parent: folderOf(byPath(context, findFile(context, base).item, path.slice(0, -1)).item), name: path.at(-1) ?? '' });
  switch (`${method} ${tail}`) {
    case 'PATCH ': return (context) => patchItem(context, found(context));
    case 'DELETE ': return (context) => deleteItem(context, found(context));
    case 'POST children': return (context) => createChild(context, found(context));
    case 'PUT content': return (context) => {
      if (context.request.bytes.byteLength > PUT_LIMIT) throw new GraphError(413, 'requestEntityTooLarge', 'The content is too large for one request.');
      const { parent, name } = place(context);
      return putFile(context, parent, name, context.request.bytes, conflictOf(context.options.custom.get('@microsoft.graph.conflictbehavior'), 'replace'));
    };
    case 'POST createUploadSession': return (context) => openUpload(context, () => place(context));
    default:
      if (['', 'children', 'content'].includes(tail)) throw methodNotAllowed();
      throw resourceNotFound();
  }
}

export const DRIVE_WRITES: readonly WriteRoute[] = [
  ['POST', 'drive/root/children', (context) => createChild(context, undefined)],
  ['POST', 'drive/items/:/children', byId(createChild)],
  ['PUT', 'drive/items/:/content', byId(putContent)],
  ['POST', 'drive/items/:/createUploadSession', byId((context, item) => {
    if (item?.entity.file === undefined) throw invalid('An upload session by id is for a file that exists.');
    return openUpload(context, () => ({ parent: findParent(context, item), name: item.name ?? '' }));
  })],
  ['PATCH', 'drive/items/:', byId(patchItem)],
  ['DELETE', 'drive/items/:', byId(deleteItem)],
  // There is no recycle bin here: both ways the item is gone.
  ['POST', 'drive/items/:/permanentDelete', byId(deleteItem)],
];

