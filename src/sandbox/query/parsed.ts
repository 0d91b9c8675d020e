/**
 * Owns: options with their types looked up, and the names they mention.
 * Does not own: evaluation.
 * Invariants: a name the type does not have is refused here, with the service's text.
 */
import { collectPaths, parseExpand, parseFilter, parseOrderBy, parseSelect, type ExpandItem, type FilterNode, type OrderByItem } from '../odata/index.js';
import type { QueryOptions } from './options.js';

export interface Parsed {
  readonly type: string;
  /** Top-level names to show; undefined: the default set. */
  readonly select: ReadonlySet<string> | undefined;
  readonly filter: FilterNode | undefined;
  readonly orderBy: readonly OrderByItem[];
  readonly expand: readonly ExpandItem[];
  /** Top-level names that select, filter, order or expansion use; with `*` when the default set is shown. */
  readonly mentioned: ReadonlySet<string>;
}

export interface Takes {
  readonly filter?: boolean;
  readonly orderby?: boolean;
}

export function selection(text: string | undefined, type: string): ReadonlySet<string> | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const names = new Set<string>();
  for (const item of parseSelect(text, type)) names.add(item.path[0] ?? '*');
  return names.has('*') ? undefined : names;
}

/** Reads the options for rows of `type`; what the collection ignores is not even parsed. */
export function parseFor(type: string, options: QueryOptions, takes: Takes = {}): Parsed {
  const select = selection(options.select, type);
  const expand = options.expand === undefined || options.expand.trim() === '' ? [] : parseExpand(options.expand, type);
  const filter = takes.filter === false || options.filter === undefined || options.filter.trim() === '' ? undefined : parseFilter(options.filter, type);
  const orderBy = takes.orderby === false || options.orderby === undefined || options.orderby.trim() === '' ? [] : parseOrderBy(options.orderby, type);
  const mentioned = new Set<string>(select ?? ['*']);
  for (const item of expand) mentioned.add(item.name);
  for (const node of [...(filter === undefined ? [] : [filter]), ...orderBy.map((item) => item.node)]) {
    for (const path of collectPaths(node)) mentioned.add(path.split('/')[0] ?? path);
  }
  return { type, select, filter, orderBy, expand, mentioned };
}
