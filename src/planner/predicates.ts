/**
 * Owns: the algebra of predicates: AND, OR, sameness, what rejects NULL.
 * Does not own: their shape (scan/predicate.ts).
 */
import type { Predicate } from '../scan/predicate.js';
import type { Constant } from '../scan/value.js';

export const allOf = (predicates: readonly Predicate[]): Predicate => (predicates.length === 1 ? predicates[0]! : { kind: 'all', arms: predicates.flatMap((predicate) => (predicate.kind === 'all' ? predicate.arms : [predicate])) });

/** OR; equalities of one column become one IN, which is how keys are looked up. */
export function anyOf(predicates: readonly Predicate[]): Predicate {
  const arms = predicates.flatMap((predicate) => (predicate.kind === 'any' ? predicate.arms : [predicate])).filter(({ kind }) => kind !== 'never');
  if (arms.length === 0) return { kind: 'never' };
  const unique = arms.filter((arm, index) => arms.findIndex((other) => samePredicate(arm, other)) === index);
  if (unique.length === 1) return unique[0]!;
  const lists = unique.map(equalities);
  const column = lists[0]?.column;
  if (column !== undefined && lists.every((list) => list?.column === column)) {
    const values: Constant[] = [];
    for (const value of lists.flatMap((list) => list!.values)) if (!values.some((known) => sameConstant(known, value))) values.push(value);
    return values.length === 1 ? { kind: 'compare', column, op: 'eq', value: values[0]! } : { kind: 'in', column, values };
  }
  return { kind: 'any', arms: unique };
}

function equalities(predicate: Predicate): { readonly column: string; readonly values: readonly Constant[] } | undefined {
  if (predicate.kind === 'in') return predicate;
  return predicate.kind === 'compare' && predicate.op === 'eq' ? { column: predicate.column, values: [predicate.value] } : undefined;
}

/** Equal for SQLite: 1 and 1.0 are. */
export function sameConstant(a: Constant, b: Constant): boolean {
  if (typeof a === typeof b) return a === b;
  if (typeof a === 'number' && typeof b === 'bigint') return Number.isInteger(a) && BigInt(a) === b;
  return typeof a === 'bigint' && typeof b === 'number' && sameConstant(b, a);
}

export function samePredicate(a: Predicate, b: Predicate): boolean {
  return predicateKey(a) === predicateKey(b);
}

/** Text that two predicates share only if they are the same. */
export const predicateKey = (predicate: Predicate): string => JSON.stringify(predicate, (_, value: unknown) => (typeof value === 'bigint' ? { integer: String(value) } : value));

/** True if the predicate is not true for a row of NULLs. */
export function rejectsNull(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'null':
      return predicate.negated;
    case 'any':
      return predicate.arms.every(rejectsNull);
    case 'all':
      return predicate.arms.some(rejectsNull);
    default:
      return true;
  }
}
