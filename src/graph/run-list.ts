/**
 * Owns: running listings: of mailboxes, places in them, folders below, hits of a search.
 * Does not own: paging inside one listing (paging.ts).
 */
import type { EntityRow, ListPlan, Place, TreePlan } from './entity-plan.js';
import type { Listing } from './fetcher.js';
import { isAdvanced } from './list-query.js';
import { encodeSegment } from './literal.js';
import type { QueryOption } from './literal.js';
import { merge } from './merge.js';
import { listPages } from './paging.js';
import { walkTree } from './run-tree.js';
import { isNoRow, LANES, perMailbox } from './running.js';
import type { EntityPages, Running } from './running.js';
import { translateIds } from './translate-ids.js';
import { callOf, prefixOf } from './wire.js';

export function runList(plan: ListPlan, running: Running): EntityPages {
  return perMailbox(plan, running, async function* (mailbox) {
    const places = plan.subfolders ? await withDescendants(plan, mailbox, running) : plan.places;
    yield* merge(
      places.map((place) => () => placePages(plan, mailbox, place, running)),
      LANES,
    );
  });
}

export function listingOf(plan: ListPlan, mailbox: string | undefined, place: Place, running: Running): Listing {
  const { wire } = running;
  const { arranged } = plan;
  const advanced = isAdvanced(plan, arranged);
  return {
    wire,
    call: callOf(wire, plan.declaration, mailbox, advanced),
    path: `${prefixOf(plan.declaration, mailbox)}${place.path}`,
    parts: { select: plan.select, expand: plan.expand, options: plan.options, search: plan.search, arranged },
    count: advanced,
    stability: plan.stability,
    pageSize: plan.pageSize,
    largest: plan.declaration.options?.top,
    limit: plan.limit,
  };
}

/** Graph gives at most this many hits of a search. */
const MOST_HITS = 1000;

async function* placePages(plan: ListPlan, mailbox: string | undefined, place: Place, running: Running): EntityPages {
  const named = Object.keys(place.bound).length > 0;
  const { wire } = running;
  let hits = 0;
  try {
    for await (const page of listPages(listingOf(plan, mailbox, place, running))) {
      hits += page.length;
      // Hits of a search have regular ids whatever the header says (facts 1.2).
      const entities = plan.search === undefined || wire.idType === 'Regular' ? page : await translateIds(wire, plan.declaration, mailbox, page);
      const bound = named ? place.bound : undefined;
      yield entities.map((entity): EntityRow => ({ entity, mailbox, bound, parent: undefined, asked: undefined, notes: undefined }));
    }
  } catch (error) {
    // A folder or calendar that does not exist holds no rows.
    if (!(named && isNoRow(error))) throw error;
  }
  if (plan.search !== undefined && hits >= MOST_HITS) {
    wire.context.warn({ code: 'SEARCH_LIMIT', message: `SEARCH found ${hits} rows; the service gives at most ${MOST_HITS}, so there may be more.` });
  }
}

/** The folders of a plan and everything below them. Rows of all show the folder that was asked for. */
async function withDescendants(plan: ListPlan, mailbox: string | undefined, running: Running): Promise<readonly Place[]> {
  const folders = running.table('MailFolders');
  const all: Place[] = [];
  for (const place of plan.places) {
    all.push(place);
    const root = Object.values(place.bound)[0];
    if (folders?.shape.kind !== 'tree' || typeof root !== 'string') continue;
    const tree: TreePlan = {
      kind: 'tree',
      declaration: folders,
      mailboxes: { names: [mailbox], tolerant: false },
      select: ['id', 'childFolderCount'],
      expand: [],
      singles: [],
      wellKnown: false,
      defaultCalendar: false,
      path: folders.shape.children.replace('{id}', encodeSegment(root)),
      children: folders.shape.children,
      childCount: folders.shape.childCount,
      options: queryOptions(folders.shape.query),
      pageSize: undefined,
    };
    try {
      // How deep folders are shown is no limit of whose messages are meant.
      const whole = { ...running, wire: { ...running.wire, folderDepth: undefined } };
      for await (const page of walkTree(tree, mailbox, whole)) {
        for (const { entity } of page) all.push({ path: place.path.replace(encodeSegment(root), encodeSegment(String(entity['id']))), bound: place.bound });
      }
    } catch (error) {
      if (!isNoRow(error)) throw error;
    }
  }
  return all;
}

const queryOptions = (query: Readonly<Record<string, string>> | undefined): QueryOption[] => Object.entries(query ?? {}).map(([name, value]) => ({ name, value }));
