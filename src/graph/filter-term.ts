/**
 * Owns: what a predicate comes to as $filter text: terms with what the rules of a collection ask about them, and their joining
 * by and/or.
 * Does not own: which text a predicate gives (filter.ts and the files of its types).
 * Invariants: what is left out of an AND widens it; what cannot go down ends an OR.
 */
import type { Capability, ColumnDeclaration } from '../catalog/table.js';
import type { Reason } from '../scan/reason.js';

/** One conjunct of a $filter, with what the rules of a collection ask about it. */
export interface FilterTerm {
  /** OData text, not percent-encoded. */
  readonly text: string;
  /** OData paths it restricts, in order. */
  readonly paths: readonly string[];
  /** Messages: may stand beside $orderby=receivedDateTime without a floor. */
  readonly lenient: boolean;
  /** Never together with $orderby. */
  readonly notWithOrder: boolean;
  /** Uses startswith, contains or a lambda, which the ladder drops before plain comparisons. */
  readonly functions: boolean;
  /** Compares timestamps only: what the ladder keeps longest. */
  readonly dates: boolean;
  /** Directory: needs ConsistencyLevel: eventual and $count=true. */
  readonly advanced: boolean;
  /** Comparisons and calls in it. */
  readonly nodes: number;
}

export type FilterOutcome =
  | { readonly kind: 'term'; readonly term: FilterTerm; readonly exact: true }
  | { readonly kind: 'term'; readonly term: FilterTerm; readonly exact: false; readonly reason: Reason }
  /** No row can satisfy it. */
  | { readonly kind: 'never' }
  /** Every row satisfies it: exact with nothing sent. */
  | { readonly kind: 'always' }
  | { readonly kind: 'none'; readonly reason: Reason };

export type ColumnOf = (name: string) => ColumnDeclaration | undefined;
export const none = (reason: Reason): FilterOutcome => ({ kind: 'none', reason });
export const NEVER: FilterOutcome = { kind: 'never' };
export const ALWAYS: FilterOutcome = { kind: 'always' };

export function sent(column: ColumnDeclaration, capability: Capability, text: string, nodes = 1, reason: Reason = 'widened'): FilterOutcome {
  const term: FilterTerm = {
    text,
    paths: [pathOf(column)],
    lenient: capability.lenient === true,
    notWithOrder: capability.notWithOrder === true,
    functions: false,
    dates: column.type === 'timestamp',
    advanced: capability.advanced === true,
    nodes,
  };
  return capability.push === 'exact' ? { kind: 'term', term, exact: true } : { kind: 'term', term, exact: false, reason };
}

export function call(column: ColumnDeclaration, capability: Capability, text: string, reason: Reason): FilterOutcome {
  const outcome = sent(column, capability, text, 1, reason);
  if (outcome.kind !== 'term') return outcome;
  return { ...outcome, term: { ...outcome.term, functions: true } };
}

export function widened(outcome: FilterOutcome): FilterOutcome {
  return outcome.kind === 'term' ? { kind: 'term', term: outcome.term, exact: false, reason: 'widened' } : outcome;
}

/** The service's `ne` accepts NULL, SQL's does not. */
export function negated(column: ColumnDeclaration, capability: Capability, text: string, nodes = 1): FilterOutcome {
  const outcome = sent(column, capability, text, nodes);
  return column.nullable === false ? outcome : widened(outcome);
}

/** `and` of outcomes inside an OR: what cannot go down is left out, which widens it. */
export function conjunction(arms: readonly FilterOutcome[]): FilterOutcome {
  if (arms.some((arm) => arm.kind === 'never')) return NEVER;
  const sent = arms.filter((arm) => arm.kind === 'term');
  const lost = arms.find((arm) => arm.kind === 'none');
  const first = sent[0];
  if (first === undefined) return lost ?? ALWAYS;
  const term = sent.length === 1 ? first.term : join(sent.map((arm) => arm.term), ' and ');
  const inexact = sent.find((arm) => !arm.exact);
  if (lost !== undefined) return { kind: 'term', term, exact: false, reason: 'partial' };
  if (inexact !== undefined && !inexact.exact) return { kind: 'term', term, exact: false, reason: inexact.reason };
  return { kind: 'term', term, exact: true };
}

export function disjunction(arms: readonly FilterOutcome[]): FilterOutcome {
  if (arms.some((arm) => arm.kind === 'always')) return ALWAYS;
  // A part of an OR would lose the rows of the other arms.
  if (arms.some((arm) => arm.kind === 'none')) return none('or-not-pushable');
  const sent = arms.filter((arm) => arm.kind === 'term');
  const first = sent[0];
  if (first === undefined) return NEVER;
  const term = sent.length === 1 ? first.term : join(sent.map((arm) => arm.term), ' or ');
  const inexact = sent.find((arm) => !arm.exact);
  return inexact === undefined || inexact.exact ? { kind: 'term', term, exact: true } : { kind: 'term', term, exact: false, reason: inexact.reason };
}

function join(terms: readonly FilterTerm[], word: ' and ' | ' or '): FilterTerm {
  return {
    text: `(${terms.map((term) => term.text).join(word)})`,
    paths: [...new Set(terms.flatMap((term) => term.paths))],
    lenient: terms.every((term) => term.lenient),
    notWithOrder: terms.some((term) => term.notWithOrder),
    functions: terms.some((term) => term.functions),
    dates: terms.every((term) => term.dates),
    advanced: terms.some((term) => term.advanced),
    nodes: terms.reduce((sum, term) => sum + term.nodes, 0),
  };
}

export function asComparison(capability: Capability | undefined): capability is Capability {
  return capability?.as === 'compare';
}

/** OData path of a column: its JSON path, whose array indexes never occur in filterable columns. */
export function pathOf(column: ColumnDeclaration): string {
  return column.path ?? column.name;
}

export function collectionOf(column: ColumnDeclaration): string {
  return pathOf(column).replace(/\/\d+(\/.*)?$/, '');
}
