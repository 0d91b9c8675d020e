/**
 * Owns: what an expression says about the rows of one reference, and AND of such readings.
 * Does not own: reading expressions (classify.ts).
 * Invariants: a reading without all its parts is wider, never narrower.
 */
import type { Predicate } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';

/** What an expression says about the rows of one reference. */
export type Reading =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'some'; readonly predicates: readonly Predicate[]; readonly complete: boolean }
  | { readonly kind: 'none'; readonly reason: Reason };

export const ALWAYS: Reading = { kind: 'always' };
export const NEVER: Reading = { kind: 'never' };
export const none = (reason: Reason): Reading => ({ kind: 'none', reason });
export const one = (predicate: Predicate, complete = true): Reading => ({ kind: 'some', predicates: [predicate], complete });

/** AND: what cannot be read is left out, which only widens it. */
export function conjunction(parts: readonly Reading[]): Reading {
  if (parts.some(({ kind }) => kind === 'never')) return NEVER;
  const some = parts.filter((part) => part.kind === 'some');
  const missing = parts.find((part) => part.kind === 'none');
  if (some.length === 0) return missing ?? ALWAYS;
  return { kind: 'some', predicates: some.flatMap(({ predicates }) => predicates), complete: missing === undefined && some.every(({ complete }) => complete) };
}
