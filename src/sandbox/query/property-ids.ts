/**
 * Owns: extended properties in filters: their ids are written in more than one way (`String 0x001A`, `String 0x1a`).
 * Does not own: which properties an item has.
 * Invariants: a filter finds a property whatever the spelling of its id.
 */
import type { Entity } from '../json.js';
import type { FilterNode } from '../odata/index.js';
import { sameProperty } from '../present.js';
import type { Json } from '../writer.js';

/** The texts a filter compares with. */
export function literals(node: FilterNode, found: string[] = []): string[] {
  switch (node.kind) {
    case 'literal': if (typeof node.value === 'string') found.push(node.value); break;
    case 'binary': literals(node.left, found); literals(node.right, found); break;
    case 'not': case 'negate': case 'cast': literals(node.operand, found); break;
    case 'lambda': if (node.body !== undefined) literals(node.body, found); break;
    case 'call': for (const argument of node.arguments) literals(argument, found); break;
    default: break;
  }
  return found;
}

/** Property ids are written in more than one way; each is added under the spelling the filter uses. */
export function withSpellings(entity: Entity, spellings: readonly string[]): Entity {
  const properties = entity.singleValueExtendedProperties;
  if (!Array.isArray(properties)) return entity;
  const list = properties as readonly { readonly id: string; readonly value: string }[];
  const added: Json[] = [];
  for (const spelling of spellings) {
    const match = list.find((property) => property.id !== spelling && sameProperty(property.id, spelling));
    if (match !== undefined) added.push({ id: spelling, value: match.value });
  }
  return added.length === 0 ? entity : { ...entity, singleValueExtendedProperties: [...list, ...added] };
}
