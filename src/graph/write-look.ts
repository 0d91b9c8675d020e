/**
 * Owns: finding out what became of a write whose answer was lost: the created item's mark or likeness, a guarded item's version.
 * Does not own: sending (write-batch.ts), or what follows from it (write-job.ts).
 * Invariants: only GETs; "not there" is said only when the service said so.
 */
import type { ExchangeSqlError } from '../errors.js';
import { isItemNotFound } from './errors.js';
import type { GraphObject } from './client.js';
import type { Reply, WireRequest } from './write-batch.js';
import type { FindCreated, LeftFolder } from './write-step.js';

export type Looked =
  | { readonly kind: 'there'; readonly item: GraphObject }
  | { readonly kind: 'absent' }
  /** It cannot be told: nothing proves the one or the other, or the look itself failed. */
  | { readonly kind: 'unclear'; readonly error?: ExchangeSqlError };

export interface Looker {
  /** GETs what it is given, again and again where that helps. */
  get(request: WireRequest): Promise<Reply>;
  /** Time on the service's clock when ours showed `local`; undefined if it is not known. */
  serviceTime(local: number): number | undefined;
  /** The next page of a collection, as a path below the root; a link that leads elsewhere as it is, to be refused by the client; undefined after the last. */
  nextOf(body: unknown): string | undefined;
  /** True for items that are known to be another row's. */
  isTaken(id: string): boolean;
}

/** Date headers and times of creation are cut to the second, and the way back takes its time. */
const SLACK_MS = 2_000;
/** Pages of a list that is looked through: more would cost more than the doubt. */
const MOST_PAGES = 40;

/** Looks for what a create may have made. `sentAt`: our clock when it was sent. */
export async function lookForCreated(find: FindCreated, base: WireRequest, sentAt: number, looker: Looker): Promise<Looked> {
  const items: GraphObject[] = [];
  let link: string | undefined = find.url;
  for (let page = 0; link !== undefined && page < MOST_PAGES; page += 1) {
    const reply: Reply = await looker.get({ ...base, method: 'GET', url: link, ...(link.startsWith('/') ? {} : { alone: true }) });
    if (reply.kind !== 'answer') return reply.kind === 'withdrawn' ? { kind: 'unclear' } : { kind: 'unclear', error: reply.error };
    if (reply.error !== undefined) return page === 0 && isItemNotFound(reply.error) ? { kind: 'absent' } : { kind: 'unclear', error: reply.error };
    items.push(...itemsOf(reply.body));
    link = find.by === 'mark' && items.length > 0 ? undefined : looker.nextOf(reply.body);
  }
  const candidates = items.filter(({ id }) => typeof id !== 'string' || !looker.isTaken(id));
  if (find.by === 'mark') return candidates[0] === undefined ? { kind: link === undefined ? 'absent' : 'unclear' } : { kind: 'there', item: candidates[0] };
  const alike = candidates.filter((item) => holds(item, find.equal ?? {}));
  // Only a list that was read to its end proves that something is not in it.
  const more = link !== undefined;
  if (alike.length === 0) return { kind: more ? 'unclear' : 'absent' };
  const since = looker.serviceTime(sentAt);
  if (find.created === undefined || since === undefined) return { kind: 'unclear' };
  const { created } = find;
  const recent = alike.filter((item) => Date.parse(String(item[created])) >= since - SLACK_MS);
  return recent[0] === undefined ? { kind: more ? 'unclear' : 'absent' } : { kind: 'there', item: recent[0] };
}

/**
 * Looks whether a change under If-Match was done: `absent` if the item still has the version, or was not changed since the
 * request was sent; `there` if it has what was written. Anything else may be ours, changed again by somebody else.
 */
export async function lookAtVersion(request: WireRequest, etag: string, sentAt: number, looker: Looker): Promise<Looked> {
  const reply = await looker.get({ ...withoutBody(request), method: 'GET' });
  if (reply.kind !== 'answer') return reply.kind === 'withdrawn' ? { kind: 'unclear' } : { kind: 'unclear', error: reply.error };
  if (reply.error !== undefined) return { kind: 'unclear', error: reply.error };
  const item = reply.body;
  if (!isObject(item)) return { kind: 'unclear' };
  if (item['@odata.etag'] === etag) return { kind: 'absent' };
  const written = request.body !== undefined && 'json' in request.body ? request.body.json : undefined;
  if (isObject(written) && holds(item, written)) return { kind: 'there', item };
  const since = looker.serviceTime(sentAt);
  return since !== undefined && Date.parse(String(item['lastModifiedDateTime'])) < since - SLACK_MS ? { kind: 'absent' } : { kind: 'unclear' };
}

/**
 * Looks whether an item was deleted: `there` if it is in Deleted Items, or nowhere, or was in Deleted Items and left them; `absent` if it
 * is where it was. In any other folder somebody else has put it, and nothing tells whether before or after.
 */
export async function lookForLeft({ url, from, bin }: LeftFolder, base: WireRequest, looker: Looker): Promise<Looked> {
  const reply = await looker.get({ ...base, method: 'GET', url });
  if (reply.kind !== 'answer') return reply.kind === 'withdrawn' ? { kind: 'unclear' } : { kind: 'unclear', error: reply.error };
  if (reply.error !== undefined) return isItemNotFound(reply.error) ? { kind: 'there', item: {} } : { kind: 'unclear', error: reply.error };
  const folder = isObject(reply.body) ? reply.body['parentFolderId'] : undefined;
  if (!isObject(reply.body) || typeof folder !== 'string') return { kind: 'unclear' };
  if (folder === from) return { kind: 'absent' };
  const deleted = await looker.get({ ...base, method: 'GET', url: bin });
  const id = deleted.kind === 'answer' && deleted.error === undefined && isObject(deleted.body) ? deleted.body['id'] : undefined;
  return typeof id === 'string' && (id === folder || id === from) ? { kind: 'there', item: reply.body } : { kind: 'unclear' };
}

/** The request without what it would write: same mailbox and headers, but no condition. */
export function withoutBody({ body: _body, headers, finish: _finish, alone: _alone, ...rest }: WireRequest): WireRequest {
  const kept = Object.entries(headers ?? {}).filter(([name]) => !/^(?:if-match|content-type)$/i.test(name));
  return { ...rest, headers: Object.fromEntries(kept), finish: true };
}

/** True if `item` has everything that `written` gave it; what the service adds does not count. */
export function holds(item: unknown, written: unknown): boolean {
  if (Array.isArray(written)) return Array.isArray(item) && item.length === written.length && written.every((value, at) => holds(item[at], value));
  if (isObject(written)) {
    return isObject(item) && Object.entries(written).every(([name, value]) => name.startsWith('@odata.') || name.endsWith('ExtendedProperties') || holds(item[name], value));
  }
  if (typeof written === 'string' && typeof item === 'string') return written === item || timeOf(written) === timeOf(item);
  return written === item || (written === null && item === undefined);
}

/** A date and time without closing zeros of its fraction; any other text as it is. */
function timeOf(text: string): string {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z?)$/.exec(text);
  return found === null ? text : `${found[1]!}:${found[2] ?? '00'}.${(found[3] ?? '').replace(/0+$/, '')}${found[4]!}`;
}

function itemsOf(body: unknown): GraphObject[] {
  if (!isObject(body)) return [];
  const list = body['value'];
  return Array.isArray(list) ? list.filter(isObject) : [body];
}

function isObject(value: unknown): value is GraphObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
