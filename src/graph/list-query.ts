/**
 * Owns: the query options of a listing, from its plan and the rung the connection stands on.
 * Invariants: pure; EXPLAIN and running use the same function.
 */
import { withQuery } from './literal.js';
import type { QueryOption } from './literal.js';
import type { ListPlan } from './entity-plan.js';
import { FLOOR, RECEIVED } from './order-rules.js';
import type { Arranged } from './order-rules.js';

export interface ListParts {
  readonly select: readonly string[];
  readonly expand: readonly string[];
  readonly options: readonly QueryOption[];
  readonly search: string | undefined;
  readonly arranged: Arranged;
  readonly top: number | undefined;
  readonly count: boolean;
  /** Continuation of a keyset: goes first in $filter and stands in for the floor. */
  readonly after?: string | undefined;
}

export function listOptions(parts: ListParts): QueryOption[] {
  const { select, expand, options, search, arranged, top, count, after } = parts;
  const terms = after === undefined ? arranged.terms : arranged.terms.filter((term) => term !== FLOOR);
  const texts = [...(after === undefined ? [] : [after]), ...terms.map((term) => term.text)];
  const list: QueryOption[] = [...options];
  if (select.length > 0) list.push({ name: '$select', value: select.join(',') });
  if (expand.length > 0) list.push({ name: '$expand', value: expand.join(',') });
  if (texts.length > 0) list.push({ name: '$filter', value: texts.join(' and ') });
  if (search !== undefined) list.push({ name: '$search', value: `"${search}"` });
  if (arranged.sort !== undefined) list.push({ name: '$orderby', value: `${arranged.sort.path}${arranged.sort.descending ? ' desc' : ''}` });
  if (top !== undefined) list.push({ name: '$top', value: String(top) });
  if (count) list.push({ name: '$count', value: 'true' });
  return list;
}

export function listUrl(path: string, parts: ListParts): string {
  return withQuery(path, listOptions(parts));
}

/** Directory: some filters, and filters with a sort, need ConsistencyLevel: eventual and $count=true (facts 1.4). */
export function isAdvanced(plan: ListPlan, arranged: Arranged): boolean {
  if (plan.wish.rules !== 'directory') return false;
  return arranged.terms.some((term) => term.advanced) || (arranged.terms.length > 0 && arranged.sort !== undefined);
}

/** The $filter text that continues a keyset in the order of receipt. */
export function afterText(shown: string, descending: boolean): string {
  return `${RECEIVED} ${descending ? 'lt' : 'ge'} ${shown}`;
}

/** What counts the same rows: without sort, hence without the floor that only the sort needs. */
export function countingTerms(arranged: Arranged): Arranged {
  return { terms: arranged.terms.filter((term) => term !== FLOOR), sort: undefined };
}
