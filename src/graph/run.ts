/**
 * Owns: running an EntityPlan: listings, keys, trees, children, singletons, as pages of entities.
 * Does not own: paging inside one listing (paging.ts), rows (row.ts).
 * Invariants: an item or folder that is not there is no row; a mailbox that cannot be opened follows OnMailboxError.
 */
import { ExchangeSqlError } from '../errors.js';
import { batchGet } from './batch.js';
import type { BatchPart, BatchResult } from './batch.js';
import type { GraphObject, GraphPage } from './client.js';
import type { Bound, ChildrenPlan, EntityPlan, EntityRow, KeysPlan, ListPlan, Place, SingletonPlan, TreePlan } from './entity-plan.js';
import { isItemNotFound, isMailboxError, isMalformedId, isNoMailbox } from './errors.js';
import { isAdvanced } from './list-query.js';
import { encodeSegment, withQuery } from './literal.js';
import type { QueryOption } from './literal.js';
import type { MailboxFacts } from './notes.js';
import { listPages } from './paging.js';
import type { Listing } from './fetcher.js';
import { compileColumn, reader } from './row.js';
import { merge } from './merge.js';
import { isOther } from './seen-ids.js';
import { translateIds } from './translate-ids.js';
import type { TableDeclaration } from '../catalog/table.js';
import { callOf, headersOf, mailboxOf, prefixOf } from './wire.js';
import type { Wire } from './wire.js';

export interface Running {
  readonly wire: Wire;
  readonly facts: MailboxFacts;
  readonly table: (name: string) => TableDeclaration | undefined;
}

type EntityPages = AsyncGenerator<readonly EntityRow[], void, void>;

/** Requests of one statement to one service that run side by side at most; the governor decides per mailbox. */
const LANES = 4;
/** Keys or parents asked for at a time: enough calls to fill the lanes, few enough to stream. */
const CHUNK = 80;

export function runEntities(plan: EntityPlan, running: Running): EntityPages {
  switch (plan.kind) {
    case 'empty':
      return nothing();
    case 'list':
      return withExtras(plan, runList(plan, running), running);
    case 'keys':
      return withExtras(plan, runKeys(plan, running), running);
    case 'tree':
      return withExtras(plan, perMailbox(plan, running, (mailbox) => walkTree(plan, mailbox, running)), running);
    case 'singleton':
      return perMailbox(plan, running, (mailbox) => runSingleton(plan, mailbox, running));
    case 'children':
      return runChildren(plan, running);
  }
}

async function* nothing(): EntityPages {
  // No row can match.
}

const rowOf = (entity: GraphObject, mailbox: string | undefined, more: Partial<EntityRow> = {}): EntityRow => ({
  entity,
  mailbox,
  bound: undefined,
  parent: undefined,
  asked: undefined,
  notes: undefined,
  ...more,
});

// ── mailboxes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type WithMailboxes = Pick<ListPlan, 'mailboxes' | 'declaration'>;

function perMailbox(plan: WithMailboxes, running: Running, pages: (mailbox: string | undefined) => EntityPages): EntityPages {
  return merge(
    plan.mailboxes.names.map((mailbox) => () => guarded(plan, mailbox, running, pages(mailbox))),
    LANES,
  );
}

async function* guarded(plan: WithMailboxes, mailbox: string | undefined, running: Running, pages: EntityPages): EntityPages {
  try {
    yield* pages;
  } catch (error) {
    if (!tolerates(plan, mailbox, running, error)) throw error;
  }
}

/** True if the error only means that this mailbox gives no rows. */
function tolerates(plan: WithMailboxes, mailbox: string | undefined, running: Running, error: unknown): boolean {
  if (plan.declaration.scope !== 'mailbox' || !isMailboxError(error)) return false;
  const { wire } = running;
  const missing = isNoMailbox(error) && plan.mailboxes.tolerant;
  if (!missing && wire.onMailboxError !== 'warn') return false;
  wire.context.warn({ code: error.code, message: missing ? `'${mailbox ?? ''}' has no mailbox that can be read; it gives no rows.` : error.message });
  return true;
}

const isNoRow = (error: unknown): boolean => isItemNotFound(error) || isMalformedId(error);

/** An item of a kind that cannot have such children (instances of an event that is no series) has none. */
function isNoParent({ declaration: { shape } }: WithMailboxes, error: unknown): boolean {
  return shape.kind === 'children' && shape.parentFilter !== undefined && error instanceof ExchangeSqlError && error.status === 400 && error.serviceCode === 'ErrorInvalidRequest';
}

// ── listings ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function runList(plan: ListPlan, running: Running): EntityPages {
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
      for await (const page of walkTree(tree, mailbox, running)) {
        for (const { entity } of page) all.push({ path: place.path.replace(encodeSegment(root), encodeSegment(String(entity['id']))), bound: place.bound });
      }
    } catch (error) {
      if (!isNoRow(error)) throw error;
    }
  }
  return all;
}

const queryOptions = (query: Readonly<Record<string, string>> | undefined): QueryOption[] => Object.entries(query ?? {}).map(([name, value]) => ({ name, value }));

// ── keys ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function itemOptions(plan: Pick<ListPlan, 'select' | 'expand'>): QueryOption[] {
  return [
    ...(plan.select.length > 0 ? [{ name: '$select', value: plan.select.join(',') }] : []),
    ...(plan.expand.length > 0 ? [{ name: '$expand', value: plan.expand.join(',') }] : []),
  ];
}

async function* runKeys(plan: KeysPlan, running: Running): EntityPages {
  const { declaration } = plan;
  const wanted = plan.mailboxes.names.flatMap((mailbox) => plan.keys.map((key) => ({ mailbox, key })));
  const failed = new Set<string | undefined>();
  for (let at = 0; at < wanted.length; at += CHUNK) {
    const chunk = wanted.slice(at, at + CHUNK).filter(({ mailbox, key }) => !failed.has(mailbox) && key !== '');
    const parts = chunk.map(({ mailbox, key }) => part(plan, mailbox, withQuery(plan.item.replace('{id}', encodeSegment(key)), itemOptions(plan)), running.wire));
    const results = await getAll(parts, running);
    const rows: EntityRow[] = [];
    results.forEach((result, index) => {
      const { mailbox, key } = chunk[index]!;
      if (result.error !== undefined) {
        if (isNoRow(result.error)) return;
        if (failed.has(mailbox)) return;
        if (!tolerates(plan, mailbox, running, result.error)) throw result.error;
        failed.add(mailbox);
        return;
      }
      if (!isEntity(result.body)) throw malformed();
      // The name of a function in the place of an id (`contacts/delta`): a list is no item.
      if (result.body['id'] === undefined && Array.isArray(result.body['value'])) return;
      // A directory takes other names for a key (UPN for id); SQL's equality does not.
      if (declaration.scope === 'tenant' && result.body['id'] !== key) return;
      if (isOther(result.body['id'], key)) return;
      running.wire.context.statistics.rowsRead++;
      rows.push(rowOf(result.body, mailbox, { asked: key, bound: plan.bound }));
    });
    if (rows.length > 0) yield rows;
  }
}

function part(plan: WithMailboxes, mailbox: string | undefined, path: string, wire: Wire): BatchPart {
  return {
    id: '',
    url: `${prefixOf(plan.declaration, mailbox)}${path}`,
    headers: headersOf(plan.declaration, wire.idType),
    mailbox: mailboxOf(plan.declaration, mailbox),
    lane: groupMailbox(path),
  };
}

/** Conversations of a group lie in the group's mailbox, whose limit they share (Graph: MailboxConcurrency is per mailbox). */
function groupMailbox(path: string): string | undefined {
  return /^\/groups\/([^/?]+)\/(?:conversations|threads)/.exec(path)?.[1];
}

/** One part goes as a GET of its own, several as $batch. */
async function getAll(parts: readonly BatchPart[], { wire }: Running): Promise<readonly BatchResult[]> {
  const only = parts[0];
  if (only === undefined) return [];
  if (parts.length > 1) {
    return batchGet(wire.client, parts, { signal: wire.signal, statistics: wire.context.statistics, permission: wire.permission });
  }
  try {
    const { status, headers, body } = await wire.client.get(only.url, {
      ...(only.headers === undefined ? {} : { headers: only.headers }),
      signal: wire.signal,
      statistics: wire.context.statistics,
      mailbox: only.mailbox,
      ...(only.lane === undefined ? {} : { lanes: [{ mailbox: only.lane, slots: 1 }] }),
      permission: wire.permission,
    });
    return [{ id: '', status, headers, body }];
  } catch (error) {
    if (error instanceof ExchangeSqlError && error.status !== undefined) return [{ id: '', status: error.status, error }];
    throw error;
  }
}

function isEntity(body: unknown): body is GraphObject {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

function malformed(): ExchangeSqlError {
  return new ExchangeSqlError('BAD_RESPONSE', 'The service answered with something that is no item.', { retryable: true, hint: 'Run the statement again.' });
}

// ── trees ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function* walkTree(plan: TreePlan, mailbox: string | undefined, running: Running): EntityPages {
  const options = [...plan.options, ...itemOptions(plan), ...(plan.pageSize === undefined ? [] : [{ name: '$top', value: String(plan.pageSize) }])];
  const count = plan.childCount === undefined ? undefined : reader(plan.childCount);
  const hasChildren = (entity: GraphObject): boolean => count === undefined || (typeof count(entity) === 'number' && (count(entity) as number) > 0);
  const seen = new Set<string>();
  const place = (entity: GraphObject, above: EntityRow | undefined): EntityRow | undefined => {
    const id = entity['id'];
    if (typeof id !== 'string' || seen.has(id)) return undefined;
    seen.add(id);
    const path = `${String(above?.notes?.['folderPath'] ?? '')}/${String(entity['displayName'] ?? entity['name'] ?? '')}`;
    const depth = ((above?.notes?.['folderDepth'] as bigint | undefined) ?? 0n) + 1n;
    return rowOf(entity, mailbox, { notes: { folderPath: path, folderDepth: depth } });
  };
  const keep = (entities: readonly GraphObject[], above: EntityRow | undefined): EntityRow[] => entities.map((entity) => place(entity, above)).filter((row) => row !== undefined);
  const top = withQuery(`${prefixOf(plan.declaration, mailbox)}${plan.path}`, options);
  let level: EntityRow[] = [];
  for await (const page of follow(plan, mailbox, top, running)) {
    const rows = keep(page.value, undefined);
    level.push(...rows);
    if (rows.length > 0) yield rows;
  }
  while (level.length > 0) {
    const below: EntityRow[] = [];
    const parents = level.filter(({ entity }) => hasChildren(entity));
    for (let at = 0; at < parents.length; at += CHUNK) {
      const chunk = parents.slice(at, at + CHUNK);
      const lists = await listAll(plan, chunk.map(({ entity }) => ({ mailbox, path: withQuery(plan.children.replace('{id}', encodeSegment(String(entity['id']))), options) })), running);
      const rows = chunk.flatMap((parent, index) => keep(lists[index] ?? [], parent));
      below.push(...rows);
      if (rows.length > 0) yield rows;
    }
    level = below;
  }
}

async function* follow(plan: WithMailboxes, mailbox: string | undefined, url: string, { wire }: Running): AsyncGenerator<GraphPage, void, void> {
  for await (const page of wire.client.pages(url, callOf(wire, plan.declaration, mailbox))) {
    wire.context.statistics.rowsRead += page.value.length;
    yield page;
  }
}

/** Whole listings of several paths, by $batch; undefined where the parent is gone. */
async function listAll(
  plan: WithMailboxes,
  wanted: readonly { readonly mailbox: string | undefined; readonly path: string }[],
  running: Running,
): Promise<(readonly GraphObject[] | undefined)[]> {
  const { wire } = running;
  const results = await getAll(wanted.map(({ mailbox, path }) => part(plan, mailbox, path, wire)), running);
  const lists: (readonly GraphObject[] | undefined)[] = [];
  for (const [index, result] of results.entries()) {
    const { mailbox } = wanted[index]!;
    if (result.error !== undefined) {
      if (!isNoRow(result.error) && !isNoParent(plan, result.error) && !tolerates(plan, mailbox, running, result.error)) throw result.error;
      lists.push(undefined);
      continue;
    }
    const body = result.body;
    if (!isEntity(body) || !Array.isArray(body['value'])) throw malformed();
    const all = [...(body['value'] as GraphObject[])];
    wire.context.statistics.rowsRead += all.length;
    const link = body['@odata.nextLink'];
    if (typeof link === 'string' && link !== '') {
      for await (const page of follow(plan, mailbox, link, running)) all.push(...page.value);
    }
    lists.push(all);
  }
  return lists;
}

// ── children, singletons ───────────────────────────────────────────────────────────────────────────────────────────────

interface Parent {
  readonly key: string;
  readonly grandparent: string;
  readonly mailbox: string | undefined;
  readonly row: EntityRow | undefined;
}

async function* runChildren(plan: ChildrenPlan, running: Running): EntityPages {
  const seen = new Set<string>();
  for await (const parents of parentsOf(plan, running)) {
    for (let at = 0; at < parents.length; at += CHUNK) {
      const chunk = parents.slice(at, at + CHUNK).filter(({ key, mailbox }) => {
        const name = JSON.stringify([mailbox, key]);
        if (key === '' || seen.has(name)) return false;
        seen.add(name);
        return true;
      });
      const rows = await childrenOf(plan, chunk, running);
      if (rows.length > 0) yield* decorated(plan, rows, running);
    }
  }
}

async function childrenOf(plan: ChildrenPlan, parents: readonly Parent[], running: Running): Promise<EntityRow[]> {
  const bound = ({ key, grandparent }: Parent): Bound => ({ [plan.parentColumn]: key, ...(plan.grandparentColumn === undefined ? {} : { [plan.grandparentColumn]: grandparent }) });
  const fill = (template: string, parent: Parent): string => template.replace('{parent}', encodeSegment(parent.key)).replace('{grandparent}', encodeSegment(parent.grandparent));
  if (plan.keys !== undefined && plan.item !== undefined) {
    const { item, keys } = plan;
    const wanted = parents.flatMap((parent) => keys.filter((key) => key !== '').map((key) => ({ parent, key })));
    const results = await getAll(wanted.map(({ parent, key }) => part(plan, parent.mailbox, withQuery(fill(item, parent).replace('{id}', encodeSegment(key)), itemOptions(plan)), running.wire)), running);
    return results.flatMap((result, index) => {
      const { parent, key } = wanted[index]!;
      if (result.error !== undefined) {
        if (isNoRow(result.error) || isNoParent(plan, result.error) || tolerates(plan, parent.mailbox, running, result.error)) return [];
        throw result.error;
      }
      if (!isEntity(result.body)) throw malformed();
      if (isOther(result.body['id'], key)) return [];
      running.wire.context.statistics.rowsRead++;
      return [rowOf(result.body, parent.mailbox, { bound: bound(parent), parent: parent.row, asked: key })];
    });
  }
  const options = [...plan.options, ...itemOptions(plan), ...(plan.pageSize === undefined ? [] : [{ name: '$top', value: String(plan.pageSize) }])];
  const lists = await listAll(plan, parents.map((parent) => ({ mailbox: parent.mailbox, path: withQuery(fill(plan.path, parent), options) })), running);
  return parents.flatMap((parent, index) => {
    const known = bound(parent);
    return (lists[index] ?? []).map((entity) => rowOf(entity, parent.mailbox, { bound: known, parent: parent.row }));
  });
}

async function* parentsOf(plan: ChildrenPlan, running: Running): AsyncGenerator<readonly Parent[], void, void> {
  const { parents } = plan;
  if (parents.kind === 'given') {
    const all = plan.mailboxes.names.flatMap((mailbox) => parents.keys.flatMap((key) => parents.grandparents.map((grandparent): Parent => ({ key, grandparent, mailbox, row: undefined }))));
    yield all;
    return;
  }
  const declaration = parents.declaration;
  const grandColumn = declaration.columns.find(({ name }) => name === plan.grandparentColumn);
  const above = declaration.shape.kind === 'children' ? running.table(declaration.shape.parent) : undefined;
  const grand = grandColumn === undefined ? undefined : compileColumn(grandColumn, { declaration, parent: above, fixed: {}, ownMailbox: '' });
  const flag = plan.parentFlag === undefined ? undefined : reader(plan.parentFlag);
  const keyOf = reader(plan.parentKey);
  for await (const page of runEntities(parents, running)) {
    yield page
      .filter(({ entity }) => flag?.(entity) !== false)
      .map((row): Parent => {
        const key = row.asked ?? keyOf(row.entity);
        const grandparent = grand?.({ row, element: undefined, ordinal: 0n, arrayKind: undefined });
        return { key: typeof key === 'string' ? key : '', grandparent: typeof grandparent === 'string' ? grandparent : '', mailbox: row.mailbox, row };
      });
  }
}

async function* runSingleton(plan: SingletonPlan, mailbox: string | undefined, { wire }: Running): EntityPages {
  const { body } = await wire.client.get(`${prefixOf(plan.declaration, mailbox)}${withQuery(plan.path, itemOptions(plan))}`, callOf(wire, plan.declaration, mailbox));
  if (!isEntity(body)) throw malformed();
  wire.context.statistics.rowsRead++;
  yield [rowOf(body, mailbox)];
}

// ── what a listing does not give ───────────────────────────────────────────────────────────────────────────────────────

async function* withExtras(plan: ListPlan | KeysPlan | TreePlan, pages: EntityPages, running: Running): EntityPages {
  for await (const page of pages) yield* decorated(plan, page, running);
}

async function* decorated(plan: ListPlan | KeysPlan | TreePlan | ChildrenPlan, page: readonly EntityRow[], running: Running): EntityPages {
  let rows = page;
  if (plan.singles.length > 0) rows = await withSingles(plan, rows, running);
  if (plan.wellKnown) rows = await noted(rows, async (mailbox) => {
    const names = await running.facts.wellKnown(running.wire, mailbox);
    return ({ entity }) => ({ wellKnownName: names.get(String(entity['id'])) ?? null });
  });
  if (plan.defaultCalendar && plan.kind === 'keys') rows = await withCalendars(plan, rows, running);
  else if (plan.defaultCalendar) rows = await noted(rows, async (mailbox) => {
    const id = (await running.facts.defaultCalendar(running.wire, mailbox)) ?? null;
    return () => ({ calendarId: id });
  });
  yield rows;
}

async function noted(rows: readonly EntityRow[], notesOf: (mailbox: string | undefined) => Promise<(row: EntityRow) => Bound>): Promise<EntityRow[]> {
  const makers = new Map<string | undefined, (row: EntityRow) => Bound>();
  for (const { mailbox } of rows) if (!makers.has(mailbox)) makers.set(mailbox, await notesOf(mailbox));
  return rows.map((row) => ({ ...row, notes: { ...row.notes, ...makers.get(row.mailbox)?.(row) } }));
}

/** A key finds an event in whichever calendar it is, so each is asked for its own. */
async function withCalendars(plan: KeysPlan, rows: readonly EntityRow[], running: Running): Promise<EntityRow[]> {
  const results = await getAll(rows.map(({ entity, mailbox }) => part(plan, mailbox, `${plan.item.replace('{id}', encodeSegment(String(entity['id'])))}/calendar?$select=id`, running.wire)), running);
  return rows.flatMap((row, index): EntityRow[] => {
    const result = results[index]!;
    if (result.error !== undefined) {
      // Gone since it was read.
      if (isNoRow(result.error)) return [];
      throw result.error;
    }
    const id = isEntity(result.body) ? result.body['id'] : undefined;
    if (typeof id !== 'string') throw malformed();
    return [{ ...row, notes: { ...row.notes, calendarId: id } }];
  });
}

/** Properties that only a GET of the single row gives (facts 1.4: 501 in a list). */
async function withSingles(plan: ListPlan | KeysPlan | TreePlan | ChildrenPlan, rows: readonly EntityRow[], running: Running): Promise<readonly EntityRow[]> {
  const { shape } = plan.declaration;
  const item = shape.kind === 'collection' ? shape.item : undefined;
  if (item === undefined) return rows;
  const options = [{ name: '$select', value: ['id', ...plan.singles].join(',') }];
  const results = await getAll(rows.map(({ entity, mailbox }) => part(plan, mailbox, withQuery(item.replace('{id}', encodeSegment(String(entity['id']))), options), running.wire)), running);
  return rows.map((row, index) => {
    const result = results[index]!;
    if (result.error !== undefined) {
      // A user without a mailbox or profile simply has no such values.
      if (result.error.code === 'NOT_SUPPORTED' || isNoRow(result.error) || isMailboxError(result.error)) return row;
      throw result.error;
    }
    return isEntity(result.body) ? { ...row, entity: { ...row.entity, ...result.body } } : row;
  });
}
