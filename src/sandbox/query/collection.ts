/**
 * Owns: answering a collection whose rows fit in memory: filter, order, page, selection, expansion.
 * Does not own: messages (messages-query.ts), the directory's rules (routes/directory.ts).
 * Invariants: an option is evaluated, silently ignored where the service ignores it (facts 1.3), or refused; never half done.
 */
import type { Context } from '../context.js';
import { plainText, type GraphAnswer } from '../exchange.js';
import { badRequest, expandNotSupported } from '../graph-error.js';
import type { Entity } from '../json.js';
import { filterPredicate, orderComparer, type ExpandItem } from '../odata/index.js';
import { shape } from '../present.js';
import type { Json } from '../writer.js';
import { pageSize } from './options.js';
import { planPage, skipPage } from './page.js';
import { parseFor, type Parsed } from './parsed.js';
import { literals, withSpellings } from './property-ids.js';

export type Ignorable = 'filter' | 'orderby' | 'top' | 'skip' | 'count' | 'select';

export type Expander = (entity: Entity, item: ExpandItem) => Json;

export interface CollectionSpec {
  readonly type: string;
  /** What stands in `@odata.context` after the owner: `/calendars`. */
  readonly metadata: string;
  /** Whole entities in their natural order. */
  readonly rows: (parsed: Parsed) => readonly Entity[];
  readonly ignores?: readonly Ignorable[];
  readonly standard?: number;
  readonly maximum?: number;
  readonly expand?: Readonly<Record<string, Expander>>;
  readonly search?: (text: string, rows: readonly Entity[]) => readonly Entity[];
  /** Last touch of a row that is shown: time zone, body type. */
  readonly finish?: (entity: Entity) => Entity;
  /** Refuses filters and orders the service refuses here. */
  readonly check?: (parsed: Parsed) => void;
}

/** The rows a request is about, filtered and ordered, before paging. */
export function resolveRows(context: Context, spec: CollectionSpec, parsed: Parsed): readonly Entity[] {
  spec.check?.(parsed);
  let rows = spec.rows(parsed);
  if (context.options.search !== undefined) {
    if (spec.search === undefined) throw badRequest(`The query parameter '$search' is not supported for '${spec.metadata.slice(1)}'.`);
    rows = spec.search(context.options.search, rows);
  }
  if (parsed.filter !== undefined) {
    const test = filterPredicate(parsed.filter);
    const spellings = parsed.mentioned.has('singleValueExtendedProperties') ? literals(parsed.filter) : [];
    rows = rows.filter((row) => test(spellings.length > 0 ? withSpellings(row, spellings) : row));
  }
  if (parsed.orderBy.length > 0) rows = [...rows].sort(orderComparer(parsed.orderBy));
  if (spec.type === 'event' && parsed.orderBy[0]?.descending === true && context.service.faults.get().invertedEventOrder) rows = [...rows].reverse();
  return rows;
}

export function parseSpec(context: Context, spec: CollectionSpec): Parsed {
  const ignores = new Set(spec.ignores ?? []);
  const options = ignores.has('select') ? { ...context.options } : context.options;
  if (ignores.has('select')) delete (options as { select?: string }).select;
  return parseFor(spec.type, options, { filter: !ignores.has('filter'), orderby: !ignores.has('orderby') });
}

export function serveCollection(context: Context, spec: CollectionSpec): GraphAnswer {
  const { options } = context;
  const ignores = new Set(spec.ignores ?? []);
  const parsed = parseSpec(context, spec);
  const rows = resolveRows(context, spec, parsed);
  const maximum = spec.maximum ?? 1000;
  const size = ignores.has('top')
    ? maximum
    : pageSize(options, { standard: spec.standard ?? 10, maximum, tooLarge: context.service.faults.get().topTooLarge }, context.preferences.maxPageSize);
  const plan = planPage(context, size, ignores.has('skip') && options.skip !== undefined && options.skiptoken === undefined ? 0 : options.skip ?? 0);
  const page = rows.slice(plan.skip, plan.skip + plan.take);
  const count = options.count && !ignores.has('count') ? rows.length : undefined;
  return skipPage(context, metadataOf(spec.metadata, parsed), page.map((row) => showRow(row, spec, parsed)), plan, plan.skip + plan.take < rows.length, count);
}

export function metadataOf(metadata: string, parsed: Parsed): string {
  return parsed.select === undefined ? metadata : `${metadata}(${[...parsed.select].join(',')})`;
}

export function showRow(row: Entity, spec: Pick<CollectionSpec, 'type' | 'expand' | 'finish'>, parsed: Parsed): Entity {
  const expanded = new Set(parsed.expand.map((item) => item.name));
  const shown = shape(row, spec.type, parsed.select, expanded);
  for (const item of parsed.expand) {
    const expander = spec.expand?.[item.name];
    if (expander === undefined) throw expandNotSupported(item.name);
    shown[item.name] = expander(row, item);
  }
  return spec.finish === undefined ? shown : spec.finish(shown);
}

export function serveCount(context: Context, spec: CollectionSpec): GraphAnswer {
  return plainText(String(resolveRows(context, spec, parseSpec(context, spec)).length));
}
