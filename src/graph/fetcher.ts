/**
 * Owns: the requests of one listing: page sizes, smaller pages after 504, what counts as a refusal.
 * Does not own: which page comes next (keyset.ts, paging.ts).
 * Invariants: a nextLink is asked for exactly as given.
 */
import { ExchangeSqlError } from '../errors.js';
import type { RunContext } from '../scan/source.js';
import type { GraphCall, GraphObject, GraphPage } from './client.js';
import type { Stability } from './entity-plan.js';
import { listUrl } from './list-query.js';
import type { ListParts } from './list-query.js';
import type { Wire } from './wire.js';

export interface Listing {
  readonly wire: Wire;
  readonly call: GraphCall;
  /** With the mailbox's prefix. */
  readonly path: string;
  readonly parts: Omit<ListParts, 'top' | 'count' | 'after'>;
  /** Asked for although no stability needs it (directory: $count=true belongs to advanced queries). */
  readonly count: boolean;
  readonly stability: Stability;
  readonly pageSize: number | undefined;
  /** Largest page the service gives. */
  readonly largest: number | undefined;
  /** Stop after so many rows. */
  readonly limit: number | undefined;
}

/** The service refused filter or sort on the first request of a listing: the ladder's cue. */
export class Refused extends Error {
  constructor(override readonly cause: ExchangeSqlError) {
    super('refused');
  }
}

const SMALLEST_PAGE = 25;

/** Fetches pages; halves the page size of requests that are ours when the service times out over them. */
export class Fetcher {
  readonly #listing: Listing;
  #top: number | undefined;
  #first = true;

  constructor(listing: Listing) {
    this.#listing = listing;
    this.#top = firstPage(listing);
  }

  /** A page of our own making. */
  async own(after?: string): Promise<GraphPage> {
    const { path, parts, count, stability } = this.#listing;
    for (;;) {
      const counted = count || (stability === 'count' && after === undefined && this.#listing.limit === undefined);
      const url = listUrl(path, { ...parts, top: this.#top, count: counted, after });
      try {
        return await this.#get(url);
      } catch (error) {
        const slow = error instanceof ExchangeSqlError && error.status === 504;
        if (slow && this.#top !== undefined && this.#top > SMALLEST_PAGE) {
          this.#top = Math.max(SMALLEST_PAGE, Math.floor(this.#top / 2));
          continue;
        }
        if (this.#first && isRefusal(error)) throw new Refused(error);
        throw error;
      } finally {
        this.#first = false;
      }
    }
  }

  /** Following pages are as large as rows are needed at most; a page that was small on purpose grows. */
  grow(): void {
    const most = this.#listing.pageSize;
    if (this.#top !== undefined && most !== undefined) this.#top = Math.min(most, this.#top * 4);
  }

  /** Asks for the largest pages from now on; false if it did already. */
  widen(): boolean {
    const { largest } = this.#listing;
    if (this.#top === undefined || largest === undefined || this.#top >= largest) return false;
    this.#top = largest;
    return true;
  }

  link(url: string): Promise<GraphPage> {
    return this.#get(url);
  }

  async #get(url: string): Promise<GraphPage> {
    const { wire, call } = this.#listing;
    const page = await wire.client.getPage(url, call);
    wire.context.statistics.rowsRead += page.value.length;
    return page;
  }
}

/** Any 400 to a request with options may be cured by asking for less; a malformed id cannot. */
export function isRefusal(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && error.status === 400 && !/^ErrorInvalidId/.test(error.serviceCode ?? '');
}

/** A consumer that needs few rows gets a small first page. */
function firstPage({ pageSize, limit, wire }: Listing): number | undefined {
  if (pageSize === undefined) return undefined;
  const expected = limit ?? wire.context.expectedRows;
  return expected === undefined ? pageSize : Math.max(1, Math.min(pageSize, limit === undefined ? Math.max(10, expected * 2) : expected));
}

/** Starts a request now whose failure is reported when it is awaited, not before. */
export function started<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** True if it pays to fetch the next page before the consumer has asked for it. */
export function eager(context: RunContext, delivered: number): boolean {
  return context.expectedRows === undefined || delivered > context.expectedRows;
}

/** Identity of an entity in its collection. Some small collections have no ids: their rows are told apart by content. */
export function idOf(entity: GraphObject): string {
  const { id } = entity;
  return typeof id === 'string' ? id : JSON.stringify(entity);
}
