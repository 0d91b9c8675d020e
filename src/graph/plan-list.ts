/**
 * Owns: planning collections and windows: by key, or as listings with $filter, $orderby, $search and a limit.
 * Does not own: what $filter can say (filter.ts) or beside which sort (order-rules.ts).
 */
import { ExchangeSqlError } from '../errors.js';
import type { Reason } from '../scan/reason.js';
import type { OrderTerm } from '../scan/scan.js';
import { columnsOf } from './access.js';
import type { KeysPlan, ListPlan, Mailboxes, Place, Stability } from './entity-plan.js';
import { pathOf } from './filter-term.js';
import type { FilterTerm } from './filter-term.js';
import type { QueryOption } from './literal.js';
import { arrange, fitting, RECEIVED } from './order-rules.js';
import type { Wish } from './order-rules.js';
import type { Handled, OrderOutcome, Planned, Planning } from './planning.js';

export function planCollection(planning: Planning, mailboxes: Mailboxes): Planned {
  const { declaration } = planning.wish;
  const { shape } = declaration;
  if (shape.kind !== 'collection' && shape.kind !== 'window') throw new ExchangeSqlError('INTERNAL', 'not a collection');
  // A GET of the item does not say in which calendar it is: where that is asked, the calendar is listed.
  const placed = planning.accesses.some((access) => access.kind === 'place' && access.column.origin === 'computed');
  const keyed = !placed && shape.kind === 'collection' && shape.item !== undefined && planning.accesses.some(({ kind }) => kind === 'key');
  if (keyed && shape.kind === 'collection' && shape.item !== undefined) {
    const keys = planning.agreed('key', (count) => (count === 1 ? `GET ${shape.item!}` : `$batch, ${count} keys`)) ?? [];
    planning.rest('not-filterable');
    const plan: KeysPlan = { kind: 'keys', ...planning.common(mailboxes), keys, item: shape.item, bound: {} };
    return planning.finish(plan, keys.length === 1 && mailboxes.names.length === 1 ? planning.trivialOrder() : planning.localOrder());
  }
  const options = planning.window();
  const search = searchText(planning);
  const places = planning.places(shape.path);
  const below = planning.inputs['IncludeSubfolders'] ?? (planning.settings.includeSubfolders ? 1n : 0n);
  const subfolders = below === 1n && 'IncludeSubfolders' in planning.inputs && places.some(({ bound }) => Object.keys(bound).length > 0);
  if (search !== undefined) {
    planning.rest('not-with-search');
    return planList(planning, mailboxes, places, options, [], undefined, search, subfolders);
  }
  const extra = planning.wish.extraFilter;
  const terms = filterTerms(planning);
  if (extra !== undefined) terms.push(rawTerm(extra));
  planning.rest('not-filterable');
  return planList(planning, mailboxes, places, options, terms, planning.wish.order, undefined, subfolders);
}

function planList(
  planning: Planning,
  mailboxes: Mailboxes,
  places: readonly Place[],
  options: readonly QueryOption[],
  terms: readonly FilterTerm[],
  order: readonly OrderTerm[] | undefined,
  search: string | undefined,
  subfolders: boolean,
): Planned {
  const { declaration, limit } = planning.wish;
  const offered = declaration.options;
  const rules = offered?.rules ?? 'none';
  const series = mailboxes.names.length * places.length;
  const sort = sortOf(planning, order, series > 1 || subfolders || search !== undefined);
  let wish: Wish = { rules, terms, sort: sort.request };
  const { refusals } = planning.settings;
  let arranged = arrange(wish, refusals.rung(wish), refusals.strict);
  // Messages in order of receipt are paged by key; a set that could need more than one page gets that order unasked.
  const single = limit !== undefined && planning.limitHolds({ order: 'none' }) && order === undefined && limit <= (offered?.top ?? 0);
  if (rules === 'messages' && wish.sort === undefined && search === undefined && !single && offered?.orderby === true) {
    const stable: Wish = { rules, terms, sort: { path: RECEIVED, descending: true, promised: false } };
    const tried = arrange(stable, refusals.rung(stable), refusals.strict);
    if (tried.sort !== undefined && tried.terms.filter(isAsked(terms)).length === terms.length) [wish, arranged] = [stable, tried];
  }
  dropRefused(planning, terms, arranged.terms);
  const orderOutcome: OrderOutcome =
    order === undefined ? { order: 'none' } : sort.request === undefined ? { order: 'local', reason: sort.reason } : arranged.sort === undefined ? { order: 'local', reason: arranged.sortReason ?? 'not-with-order' } : { order: 'honoured' };
  const limitHonoured = planning.limitHolds(orderOutcome) && search === undefined && (series === 1 || order === undefined);
  const keyset = rules === 'messages' && wish.sort?.path === RECEIVED && arranged.sort !== undefined;
  const stability: Stability = search !== undefined ? 'links' : keyset ? 'keyset' : rules !== 'directory' && offered?.count === true && offered.skip ? 'count' : 'links';
  const common = planning.common(mailboxes, keyset ? [RECEIVED] : []);
  const plan: ListPlan = {
    kind: 'list',
    ...common,
    places,
    subfolders,
    wish,
    arranged,
    search,
    options,
    stability,
    pageSize: planning.pageSize(common.select, limitHonoured ? limit : undefined),
    limit: limitHonoured ? limit : undefined,
  };
  return planning.finish(plan, orderOutcome, limitHonoured);
}

/** A term the ladder has dropped on this connection is not handled. */
function dropRefused(planning: Planning, terms: readonly FilterTerm[], sent: readonly FilterTerm[]): void {
  const lost = terms.filter((term) => !sent.includes(term));
  if (lost.length === 0) return;
  planning.accesses.forEach((access, index) => {
    if (access.kind === 'filter' && access.outcome.kind === 'term' && lost.includes(access.outcome.term)) planning.undo(index, 'too-complex');
  });
}

function sortOf(planning: Planning, order: readonly OrderTerm[] | undefined, several: boolean): { request: Wish['sort']; reason: Reason } {
  const columnOf = columnsOf(planning.wish.declaration);
  const term = order?.[0];
  const column = term === undefined ? undefined : columnOf(term.column);
  if (order === undefined || term === undefined || column === undefined) return { request: undefined, reason: 'order-not-offered' };
  const offered = planning.settings.pushdown && planning.wish.declaration.options?.orderby === true && column.sort !== undefined;
  if (!planning.settings.pushdown) return { request: undefined, reason: 'pushdown-off' };
  if (!offered || order.length > 1 || several) return { request: undefined, reason: 'order-not-offered' };
  if (column.sort !== 'exact') return { request: undefined, reason: column.type === 'text' ? 'text-order' : 'null-order' };
  return { request: { path: pathOf(column), descending: term.descending, promised: true }, reason: 'order-not-offered' };
}

function searchText(planning: Planning): string | undefined {
  let text: string | undefined;
  planning.each('search', (access, index) => {
    if (planning.wish.declaration.options?.search !== true) {
      throw new ExchangeSqlError('NOT_SUPPORTED', `SEARCH cannot be used on ${planning.wish.declaration.name}.`, { hint: 'SEARCH works on Messages.' });
    }
    if (access.text.includes('"')) {
      // Graph drops a search with a quote inside without a word, which would be a full listing.
      throw new ExchangeSqlError('BAD_VALUE', 'A double quote cannot be used in SEARCH: the service would ignore the search.', { hint: 'Leave the quotes out; words beside each other must all occur.' });
    }
    if (access.text.trim() === '') throw new ExchangeSqlError('BAD_VALUE', 'SEARCH needs a text to search for.');
    text = text === undefined ? access.text : `(${text}) AND (${access.text})`;
    planning.done(index, { handled: 'exact', how: `$search="${access.text}"` });
  });
  return text;
}

function filterTerms(planning: Planning): FilterTerm[] {
  const found: { index: number; term: FilterTerm; handled: Handled }[] = [];
  planning.each('filter', ({ outcome }, index) => {
    if (outcome.kind !== 'term') return;
    const handled: Handled = outcome.exact ? { handled: 'exact', how: outcome.term.text } : { handled: 'inexact', how: outcome.term.text, reason: outcome.reason };
    found.push({ index, term: outcome.term, handled });
  });
  const kept = new Set(fitting(found.map(({ term }) => term)));
  for (const { index, term, handled } of found) planning.done(index, kept.has(term) ? handled : { handled: 'none', reason: 'too-complex' });
  return [...kept];
}

const isAsked =
  (terms: readonly FilterTerm[]) =>
  (term: FilterTerm): boolean =>
    terms.includes(term);

/** A declared $filter, e.g. `hasAttachments eq true`. */
function rawTerm(text: string): FilterTerm {
  return { text, paths: [text.split(' ')[0] ?? ''], lenient: false, notWithOrder: false, functions: false, dates: false, advanced: false, nodes: 1 };
}
