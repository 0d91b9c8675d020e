/**
 * Owns: reading messages in the order of receipt by key, from one end or from both.
 * Does not own: listings without such a key (paging.ts).
 * Invariants: a message that lasts is given once, whatever vanishes meanwhile; memory holds the ids of one second, not all.
 *
 * Why a keyset: Graph's nextLinks for messages carry `$skip`. When a message on a page already read is deleted or moved, all
 * others move up by one, and the first one of the next page is never seen. A message's receivedDateTime does not change, so
 * `receivedDateTime lt (last seen + 1 s)` in that order names the rest whatever happens to the part already read; messages of
 * the same second come twice and are dropped by id.
 *
 * Why both ends: pages by key follow one another as pages by link do. Where no order was asked for, a second reader that
 * starts with the oldest halves the waiting; each covers its side of its own key, and they are done when the keys cross.
 */
import { unneeded } from '../http/abort.js';
import type { GraphObject, GraphPage } from './client.js';
import { eager, Fetcher, idOf, isRefusal, Refused, started } from './fetcher.js';
import type { Listing } from './fetcher.js';
import { afterText } from './list-query.js';
import { readInstant, step, writeInstant } from './literal.js';
import { merge } from './merge.js';
import { RECEIVED } from './order-rules.js';

/** How far one reader has come: everything on its side of `bound` is read, of the second `bound` itself perhaps only a part. */
interface Frontier {
  /** In seconds since 1970. */
  bound: number | undefined;
  /** Ids that may come again: those of the second `bound`. */
  seen: Set<string>;
  /** True once a page came in no order, or the key was refused: then `seen` holds all ids since. */
  scattered: boolean;
  /** Nothing is left for anyone to read. */
  complete: boolean;
}

const frontier = (): Frontier => ({ bound: undefined, seen: new Set(), scattered: false, complete: false });

type EntityPages = AsyncGenerator<readonly GraphObject[], void, void>;

export async function* keysetPages(given: Listing): EntityPages {
  const near = frontier();
  const far = frontier();
  const { sort } = given.parts.arranged;
  const { signal } = given.wire;
  // When one reader has come to the end, the answer the other one waits for holds nothing new.
  const done = new AbortController();
  const abort = (): void => {
    done.abort(signal.reason ?? DONE);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const listing: Listing = { ...given, call: { ...given.call, signal: done.signal } };
  const first = direction(listing, near, far, abort);
  const both = listing.limit === undefined && sort?.promised === false && listing.wire.context.expectedRows === undefined;
  try {
    if (!both) {
      yield* first;
      return;
    }
    const page = await first.next();
    if (page.done === true) return;
    yield page.value;
    if (near.complete) return;
    const reversed: Listing = { ...listing, parts: { ...listing.parts, arranged: { ...listing.parts.arranged, sort: { ...sort, descending: !sort.descending } } } };
    yield* merge([() => first, () => optional(direction(reversed, far, near, abort))], 2);
  } finally {
    signal.removeEventListener('abort', abort);
    abort();
    await first.return();
  }
}

const DONE = unneeded('The listing has been read.');

/** The second reader only saves time: where the service refuses the other order, the first one reads on alone. */
async function* optional(pages: EntityPages): EntityPages {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

async function* direction(listing: Listing, own: Frontier, other: Frontier, finish: () => void): EntityPages {
  const { wire, parts, limit } = listing;
  const descending = parts.arranged.sort?.descending === true;
  const fetcher = new Fetcher(listing);
  /** Rows without a time have no place in the order, so they may come again at any time. */
  const undated = new Set<string>();
  let delivered = 0;
  let next: Promise<GraphPage> | undefined = started(fetcher.own());
  let keyed = true;
  const visited = new Set<string>();
  while (next !== undefined) {
    const page: GraphPage | undefined = await unless(next, other);
    next = undefined;
    if (page === undefined || other.complete) return;
    const { value, nextLink: link } = page;
    const { seconds, ordered, last } = timesOf(value, descending);
    const moved = keyed && ordered && last !== undefined && last !== own.bound;
    const fresh: GraphObject[] = [];
    /** Ids of the second at hand: in a page in order, beyond the key, only neighbours of one second can be the same message. */
    let neighbours: string[] = [];
    let second: number | undefined;
    for (let index = 0; index < value.length; index++) {
      const entity = value[index]!;
      const id = idOf(entity);
      const at = seconds[index];
      if (at !== undefined) {
        // What lies before the key was read already; only a busy service repeats it.
        if (keyed && own.bound !== undefined && (descending ? at > own.bound : at < own.bound)) continue;
        // What lies beyond the other end's key, that end has read.
        if (other.bound !== undefined && (descending ? at < other.bound : at > other.bound)) continue;
        if ((at === other.bound || other.scattered) && other.seen.has(id)) continue;
      } else if (undated.size === undated.add(id).size) continue;
      if (moved && !own.scattered && at !== own.bound) {
        if (at !== second) neighbours = [id];
        else if (neighbours.includes(id)) continue;
        else neighbours.push(id);
        second = at;
      } else if (own.seen.size === own.seen.add(id).size) continue;
      fresh.push(entity);
    }
    const wanted = limit === undefined ? fresh : fresh.slice(0, limit - delivered);
    delivered += wanted.length;
    // The ends have met when this page reaches beyond the other's key.
    const met = last !== undefined && ordered && other.bound !== undefined && (descending ? last < other.bound : last > other.bound);
    own.complete = link === undefined || met;
    if (own.complete) finish();
    const enough = limit !== undefined && delivered >= limit;
    if (link !== undefined && !enough && !met) {
      // More messages in one second than a page holds: one large page has no gap; only what is larger still goes by links.
      const stuck = !moved && keyed && ordered && last !== undefined && fetcher.widen();
      if (!moved && !stuck && fresh.length === 0 && visited.has(link)) break;
      visited.add(link);
      let proceed: () => Promise<GraphPage>;
      if ((moved || stuck) && last !== undefined) {
        if (moved) {
          own.bound = last;
          if (!own.scattered) own.seen = idsOfSecond(value, seconds, last);
          fetcher.grow();
        }
        const after = between(last, other.bound, descending);
        proceed = after === undefined ? () => fetcher.link(link) : () => continued(fetcher, after, link, () => {
          // From here on only links: any row of this page may come again, and what comes now is all remembered.
          keyed = false;
          own.scattered = true;
          for (const entity of value) own.seen.add(idOf(entity));
        });
      } else {
        own.scattered ||= !ordered;
        proceed = () => fetcher.link(link);
      }
      if (eager(wire.context, delivered)) next = started(proceed());
      if (wanted.length > 0) yield wanted;
      next ??= started(proceed());
    } else if (wanted.length > 0) yield wanted;
  }
}

/** The answer; undefined where the other reader has come to the end and cancelled it. */
async function unless(answer: Promise<GraphPage>, other: Frontier): Promise<GraphPage | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (other.complete) return undefined;
    throw error;
  }
}

/** The second of each message; whether they come in order; the last one. A page with a message without a time is in no order. */
function timesOf(value: readonly GraphObject[], descending: boolean): { readonly seconds: readonly (number | undefined)[]; readonly ordered: boolean; readonly last: number | undefined } {
  let last: number | undefined;
  let ordered = true;
  const seconds = value.map((entity) => {
    const at = secondOf(entity);
    if (at === undefined) ordered = false;
    else {
      if (last !== undefined && (descending ? at > last : at < last)) ordered = false;
      last = at;
    }
    return at;
  });
  return { seconds, ordered, last };
}

function idsOfSecond(value: readonly GraphObject[], seconds: readonly (number | undefined)[], second: number): Set<string> {
  const ids = new Set<string>();
  for (let index = value.length - 1; index >= 0 && seconds[index] === second; index--) ids.add(idOf(value[index]!));
  return ids;
}

/** $filter text for what neither reader has read, the seconds of both keys included; undefined at the ends of time. */
function between(own: number, other: number | undefined, descending: boolean): string | undefined {
  const near = written(descending ? own + 1 : own);
  const far = other === undefined ? undefined : written(descending ? other : other + 1);
  if (near === undefined) return undefined;
  return far === undefined ? afterText(near, descending) : `${afterText(near, descending)} and ${afterText(far, !descending)}`;
}

const TICKS_PER_SECOND = step(0);

const written = (second: number): string | undefined => writeInstant(BigInt(second) * TICKS_PER_SECOND, 0);

/** The next page by key, or by the service's link where it refuses the key beside this filter. */
async function continued(fetcher: Fetcher, after: string, link: string, refused: () => void): Promise<GraphPage> {
  try {
    return await fetcher.own(after);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    refused();
    return fetcher.link(link);
  }
}

/** Whole seconds since 1970, rounded down. Every message comes through here, so the form the service writes takes the short way. */
function secondOf(entity: GraphObject): number | undefined {
  const value = entity[RECEIVED];
  if (typeof value !== 'string') return undefined;
  if (value.length === WHOLE_SECONDS.length && value.endsWith('Z')) {
    const milliseconds = Date.parse(value);
    if (!Number.isNaN(milliseconds)) return Math.floor(milliseconds / 1000);
  }
  const instant = readInstant(value);
  if (instant === undefined) return undefined;
  return Number((instant.ticks - (((instant.ticks % TICKS_PER_SECOND) + TICKS_PER_SECOND) % TICKS_PER_SECOND)) / TICKS_PER_SECOND);
}

const WHOLE_SECONDS = '2000-01-01T00:00:00Z';
