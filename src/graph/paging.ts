/**
 * Owns: reading one listing page by page, and that no lasting row is missed where there is no key to read by.
 * Does not own: requests (fetcher.ts), messages by key (keyset.ts), which listings there are (run.ts).
 * Invariants: each entity comes once; at most one page is fetched ahead of the consumer; a listing of several pages whose
 * count fell meanwhile is read again, since a vanished row shifts the `$skip` of the links behind it.
 */
import { ExchangeSqlError } from '../errors.js';
import type { GraphObject, GraphPage } from './client.js';
import { eager, Fetcher, idOf, started } from './fetcher.js';
import type { Listing } from './fetcher.js';
import { keysetPages } from './keyset.js';

export function listPages(listing: Listing): AsyncGenerator<readonly GraphObject[], void, void> {
  return listing.stability === 'keyset' ? keysetPages(listing) : linkPages(listing);
}

const MOST_PASSES = 5;

/** Pages in a row without a new row. A filtered listing may walk many rows for none (facts 2), but not for ever. */
const MOST_BARREN = 2000;
const PEOPLE = /\/people(?:[?/]|$)/i;

const endless = (): ExchangeSqlError =>
  new ExchangeSqlError('BAD_RESPONSE', 'The service keeps answering pages without new rows.', { retryable: true, hint: 'Try again; if it goes on, restrict the statement.' });

async function* linkPages(listing: Listing): AsyncGenerator<readonly GraphObject[], void, void> {
  const { wire, limit, stability } = listing;
  const seen = new Set<string>();
  const fetcher = new Fetcher(listing);
  for (let pass = 1; ; pass++) {
    const visited = new Set<string>();
    const inPass = new Set<string>();
    const counts: number[] = [];
    let pages = 0;
    let brought = 0;
    let delivered = seen.size;
    let barren = 0;
    let next: Promise<GraphPage> | undefined = started(fetcher.own());
    while (next !== undefined) {
      const page: GraphPage = await next;
      next = undefined;
      pages++;
      if (page.count !== undefined) counts.push(page.count);
      const fresh: GraphObject[] = [];
      for (const entity of page.value) {
        const id = idOf(entity);
        inPass.add(id);
        if (seen.has(id)) continue;
        seen.add(id);
        fresh.push(entity);
      }
      brought += fresh.length;
      const wanted = limit === undefined ? fresh : fresh.slice(0, limit - delivered);
      delivered += wanted.length;
      const link: string | undefined = page.nextLink;
      barren = fresh.length === 0 ? barren + 1 : 0;
      // People's last page names a page that was read already (facts 1.3): nothing new and a known link end the set.
      const circular = link !== undefined && visited.has(link) && fresh.length === 0;
      if (link !== undefined && ((circular && !PEOPLE.test(link)) || barren > MOST_BARREN)) throw endless();
      if (link === undefined || circular || (limit !== undefined && delivered >= limit)) {
        if (wanted.length > 0) yield wanted;
        break;
      }
      visited.add(link);
      if (eager(wire.context, delivered)) next = started(fetcher.link(link));
      if (wanted.length > 0) yield wanted;
      next ??= started(fetcher.link(link));
    }
    if (stability !== 'count' || limit !== undefined || pages <= 1) return;
    if (isWhole(counts, inPass.size, pass, brought)) return;
    if (pass === MOST_PASSES) {
      wire.context.warn({ code: 'DATA_CHANGED', message: 'Rows kept vanishing while they were read; the result may miss a row that moved meanwhile.' });
      return;
    }
  }
}

/**
 * True if a pass cannot have missed a lasting row: nothing vanished while it ran. Arrivals only repeat rows. A count of -1 or
 * none (facts 1.5) proves nothing; then a second pass that brings nothing new does.
 */
function isWhole(counts: readonly number[], distinct: number, pass: number, brought: number): boolean {
  const first = counts[0];
  if (first === undefined || counts.some((count) => count < 0)) return pass > 1 && brought === 0;
  return distinct >= first && counts.every((count, index) => index === 0 || count >= counts[index - 1]!);
}
