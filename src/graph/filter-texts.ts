/**
 * Owns: comparisons and patterns of texts as $filter text.
 * Invariants: only what keeps a superset under another collation goes down; never a range, never a negation.
 */
import type { Capability, ColumnDeclaration } from '../catalog/table.js';
import type { CompareOperator, Predicate } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { Constant } from '../scan/value.js';
import { call, collectionOf, none, pathOf, sent } from './filter-term.js';
import type { FilterOutcome } from './filter-term.js';
import { enumPrefix } from './filter-values.js';
import { quote, sendable, sendablePrefix } from './literal.js';

export function textComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'string') return none('storage-class');
  if (op === 'ne') return none('negation');
  // The service's collation is unknown: a range of texts is no superset.
  if (op !== 'eq') return none('text-order');
  return textEquality(column, column.filter?.eq, value);
}

function textEquality(column: ColumnDeclaration, capability: Capability | undefined, value: string): FilterOutcome {
  if (capability === undefined) return none('operator-not-supported');
  if (value === '') return none('pattern');
  switch (capability.as) {
    case 'compare':
      return sendable(value) ? sent(column, capability, `${pathOf(column)} eq ${quote(value)}`, 1, 'case-insensitive') : none('operator-not-supported');
    case 'startswith':
      return startsWith(column, capability, value, 'lossy-equality');
    case 'contains':
      return sendable(value) ? call(column, capability, `contains(${pathOf(column)},${quote(value)})`, 'word-index') : none('operator-not-supported');
    case 'any':
      return sendable(value) ? lambda(column, capability, value) : none('operator-not-supported');
    default:
      return none('not-filterable');
  }
}

/** The cut at what cannot be sent is still a prefix of the value, hence a superset. */
function startsWith(column: ColumnDeclaration, capability: Capability, text: string, reason: Reason): FilterOutcome {
  const prefix = shorten(sendablePrefix(text));
  if (prefix === '') return none('pattern');
  return call(column, capability, `startswith(${pathOf(column)},${quote(prefix)})`, reason);
}

const LONGEST_TEXT = 255;

/** Long prefixes gain nothing and lengthen the URL; never cut inside a surrogate pair. */
function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : sendablePrefix(text.slice(0, LONGEST_TEXT));
}

function lambda(column: ColumnDeclaration, capability: Capability, value: string): FilterOutcome {
  const operand = capability.member === undefined ? 'x' : `x/${capability.member}`;
  return call(column, capability, `${collectionOf(column)}/any(x:${operand} eq ${quote(value)})`, 'case-insensitive');
}

export function textMatch(column: ColumnDeclaration, predicate: Extract<Predicate, { kind: 'prefix' | 'contains' }>): FilterOutcome {
  if (predicate.kind === 'prefix') {
    const capability = column.filter?.prefix;
    if (capability === undefined || column.type !== 'text') return none('operator-not-supported');
    if (column.values !== undefined) return enumPrefix(column, column.values, predicate.prefix, predicate.caseSensitive);
    return capability.as === 'startswith' ? startsWith(column, capability, predicate.prefix, 'case-insensitive') : none('operator-not-supported');
  }
  const capability = column.filter?.contains;
  if (capability === undefined) return none('operator-not-supported');
  if (!sendable(predicate.text)) return none('operator-not-supported');
  if (capability.as === 'contains') return call(column, capability, `contains(${pathOf(column)},${quote(predicate.text)})`, 'word-index');
  if (capability.as !== 'any') return none('operator-not-supported');
  // Only a whole element of the JSON text, quotes included, is a statement about elements.
  const element = /^"([^"\\]+)"$/.exec(predicate.text)?.[1];
  return element === undefined ? none('pattern') : lambda(column, capability, element);
}
