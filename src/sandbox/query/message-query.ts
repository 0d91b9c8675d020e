/**
 * Owns: which messages a listing is about and in which order: by index and SQL where that is exact, else row by row.
 * Does not own: the service's refusals (message-rules.ts), paging links.
 * Invariants: filters and orders use stored milliseconds; whatever SQL does not decide exactly is evaluated again per row;
 * row numbers found for a filter are kept only until the mailbox changes.
 */
import type { Context } from '../context.js';
import type { Entity } from '../json.js';
import { filterPredicate, inspectFilter, orderComparer, type FilterNode } from '../odata/index.js';
import { heavyFor, presentMessage } from '../present.js';
import { columnsFor, isLossyRow, type MessageRow } from '../store/messages.js';
import { conditionOf, SORT_COLUMNS } from './message-columns.js';
import { lossyFilter } from './message-rules.js';
import { literals, withSpellings } from './property-ids.js';
import type { Parsed } from './parsed.js';

export interface MessageSet {
  readonly count: number;
  /** Rows from `skip` on, at most `take`. */
  page(skip: number, take: number): readonly MessageRow[];
}

interface Known { readonly seq: number; readonly numbers: readonly number[] }
const kept = new WeakMap<object, Map<string, Known>>();

function predicateOf(context: Context, filter: FilterNode): (row: MessageRow) => boolean {
  const faults = context.service.faults.get();
  const mentioned = new Set(inspectFilter(filter).paths.map((path) => path.split('/')[0] ?? ''));
  const spellings = mentioned.has('singleValueExtendedProperties') ? literals(filter) : [];
  const options = { words: faults.containsWords };
  const exact = filterPredicate(filter, options);
  const lossy = faults.lossyEq ? filterPredicate(lossyFilter(filter), options) : exact;
  return (row) => {
    const entity = presentMessage(row, context, mentioned, true);
    // Filters on the body are accepted, but the service does not look into it (facts 1.1).
    if (mentioned.has('body')) entity.body = { contentType: 'html', content: '' };
    const test = faults.lossyEq && isLossyRow(context.store.seed, row.n) ? lossy : exact;
    return test(spellings.length > 0 ? withSpellings(entity, spellings) : entity);
  };
}

/** The messages of a folder, or of the whole mailbox. */
export function messageSet(context: Context, folder: number | undefined, parsed: Parsed): MessageSet {
  const { store } = context;
  const { database } = store;
  const faults = context.service.faults.get();
  const place = folder === undefined ? 'mailbox' : 'folder';
  const owner = folder ?? context.mailbox.mailbox;
  const direction = parsed.orderBy.length === 0 ? (parsed.filter === undefined || faults.filteredOrder === 'newest' ? 'DESC' : 'ASC') : undefined;
  const orders = parsed.orderBy.map((item) => ({ column: SORT_COLUMNS[item.path], descending: item.descending }));
  const sortable = orders.every((order) => order.column !== undefined);
  const order = direction !== undefined
    ? `received ${direction}, n ${direction}`
    : `${orders.map((item) => `${item.column ?? 'n'}${item.descending ? ' DESC' : ''}`).join(', ')}, n ${orders.at(-1)?.descending === true ? 'DESC' : 'ASC'}`;
  const condition = conditionOf(parsed.filter, store.ids);
  const exact = condition.exact && !(faults.lossyEq && parsed.filter !== undefined);
  const where = `${place} = ? AND ${condition.sql}`;
  const parameters = [owner, ...condition.parameters];
  const heavy = heavyFor(parsed.mentioned);

  if (exact && sortable) {
    return {
      get count() {
        return database.get<{ c: number }>(`SELECT COUNT(*) AS c FROM message WHERE ${where}`, ...parameters)?.c ?? 0;
      },
      page: (skip, take) => {
        if (take === 0) return [];
        return database.all<MessageRow>(`SELECT ${columnsFor(heavy)} FROM message WHERE ${where} ORDER BY ${order} LIMIT ? OFFSET ?`, ...parameters, take, skip);
      },
    };
  }

  const numbers = (): readonly number[] => {
    let known = kept.get(store);
    if (known === undefined) {
      known = new Map();
      kept.set(store, known);
    }
    const seq = database.seq(context.mailbox.mailbox);
    const key = JSON.stringify([context.mailbox.mailbox, folder, context.options.filter, context.options.orderby, faults.lossyEq, faults.containsWords, faults.filteredOrder, context.preferences.bodyType]);
    const cached = known.get(key);
    if (cached?.seq === seq) return cached.numbers;
    const found = walk(context, parsed, { where, parameters, order: sortable ? order : 'received DESC, n DESC', sort: !sortable });
    if (known.size > 20) known.clear();
    known.set(key, { seq, numbers: found });
    return found;
  };
  return {
    get count() {
      return numbers().length;
    },
    page: (skip, take) => store.messages.rows(numbers().slice(skip, skip + take), heavy),
  };
}

function walk(
  context: Context, parsed: Parsed,
  query: { readonly where: string; readonly parameters: readonly (string | number | null)[]; readonly order: string; readonly sort: boolean },
): readonly number[] {
  const { database } = context.store;
  const used = new Set<string>();
  if (parsed.filter !== undefined) for (const path of inspectFilter(parsed.filter).paths) used.add(path.split('/')[0] ?? '');
  for (const item of parsed.orderBy) used.add(item.path.split('/')[0] ?? '');
  const test = parsed.filter === undefined ? () => true : predicateOf(context, parsed.filter);
  const statement = database.sql.prepare(`SELECT ${columnsFor({ ...heavyFor(used), body: false })} FROM message WHERE ${query.where} ORDER BY ${query.order}`);
  const numbers: number[] = [];
  const entities: { readonly n: number; readonly entity: Entity }[] = [];
  for (const row of statement.iterate(...query.parameters) as Iterable<MessageRow>) {
    if (!test(row)) continue;
    if (query.sort) entities.push({ n: row.n, entity: presentMessage(row, context, used, true) });
    else numbers.push(row.n);
  }
  if (!query.sort) return numbers;
  const compare = orderComparer(parsed.orderBy);
  return entities.sort((left, right) => compare(left.entity, right.entity)).map((item) => item.n);
}
