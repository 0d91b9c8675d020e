/**
 * Owns: `$expand=singleValueExtendedProperties($filter=id eq …)` and its multi-value twin (facts 6.4).
 * Does not own: which properties an item has.
 * Invariants: without its inner filter the expansion is refused, as the service does.
 */
import { badRequest } from '../graph-error.js';
import type { ExpandItem, FilterNode } from '../odata/index.js';
import { sameProperty } from '../present.js';
import type { Expander } from '../query/collection.js';
import type { Json } from '../writer.js';

function ids(node: FilterNode): string[] {
  if (node.kind === 'binary' && node.operator === 'or') return [...ids(node.left), ...ids(node.right)];
  if (node.kind === 'binary' && node.operator === 'eq' && node.left.kind === 'path' && node.left.segments.join('/') === 'id' && node.right.kind === 'literal' && typeof node.right.value === 'string') return [node.right.value];
  throw badRequest("The filter of an expanded extended property compares 'id' with 'eq', joined by 'or'.");
}

export function expandExtended(properties: readonly Json[], item: ExpandItem): Json[] {
  if (item.filter === undefined) throw badRequest(`'${item.name}' must be expanded with a $filter on 'id'.`);
  const list = properties as readonly { readonly id: string; readonly value: Json }[];
  const found: Json[] = [];
  for (const wanted of new Set(ids(item.filter))) {
    const match = list.find((property) => sameProperty(property.id, wanted));
    if (match !== undefined) found.push({ id: match.id, value: match.value });
  }
  return found;
}

/** For rows that carry both lists (present.ts `withExtended`). */
export const EXTENDED_EXPANDERS: Readonly<Record<string, Expander>> = {
  singleValueExtendedProperties: (entity, item) => expandExtended((entity.singleValueExtendedProperties ?? []) as Json[], item),
  multiValueExtendedProperties: (entity, item) => expandExtended((entity.multiValueExtendedProperties ?? []) as Json[], item),
};
