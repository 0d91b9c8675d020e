/**
 * Owns: carrying a constant over an equality: `a.x = b.y AND b.y = 'k'` restricts a as well.
 * Does not own: key look-ups, where the values are not known before (lookups.ts).
 * Invariants: only texts; the equality must itself be allowed to restrict the table it is carried to.
 */
import type { Predicate } from '../scan/predicate.js';
import type { Expression } from '../sql/ast.js';
import { positionObstacle, targetOf } from './restrictions.js';
import type { Restriction, Term } from './restrictions.js';
import { resolve } from './scope.js';
import type { StatementScope } from './scope.js';
import type { Rules } from './soundness.js';

export interface EqualityInput {
  readonly scope: StatementScope;
  readonly terms: readonly Term[];
  readonly restrictions: readonly Restriction[];
  readonly rules: Rules;
}

type ColumnName = Extract<Expression, { kind: 'column' }>;

/** Rounds of carrying: a chain of more equalities than this is not followed. */
const ROUNDS = 3;

export function derivedRestrictions(input: EqualityInput): readonly Restriction[] {
  const derived: Restriction[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = derived.length;
    for (const term of input.terms) {
      const { expression } = term;
      if (expression?.kind !== 'binary' || expression.op !== '=' || expression.left.kind !== 'column' || expression.right.kind !== 'column') continue;
      for (const [to, from] of [[expression.left, expression.right], [expression.right, expression.left]] as const) {
        const carried = carryOver(term, to, from, [...input.restrictions, ...derived], input);
        if (carried !== undefined) derived.push(carried);
      }
    }
    if (derived.length === before) break;
  }
  return derived;
}

function carryOver(term: Term, to: ColumnName, from: ColumnName, known: readonly Restriction[], { scope, rules }: EqualityInput): Restriction | undefined {
  const target = targetOf(to, term.arm, scope.text, rules);
  if (typeof target === 'string' || target.base.column.type !== 'text') return undefined;
  const source = resolve(from.path, term.arm, rules);
  // Only a table itself: the values of a derived column need not be restricted by what restricts its origin.
  if (source.kind !== 'column' || source.item.reference === undefined || source.item.reference === target.base.reference) return undefined;
  const { reference } = source.item;
  const declared = reference.declaration.columns.find(({ name }) => name === source.column.name);
  if (declared?.type !== 'text') return undefined;
  const has = (restriction: Restriction, column: string): Predicate | undefined => restriction.predicates.find((predicate) => (predicate.kind === 'in' || (predicate.kind === 'compare' && predicate.op === 'eq')) && predicate.column === column);
  const constant = known.filter((restriction) => restriction.reference === reference).map((restriction) => has(restriction, declared.name)).find((predicate) => predicate !== undefined);
  if (constant === undefined || (constant.kind !== 'in' && constant.kind !== 'compare')) return undefined;
  if (known.some((restriction) => restriction.reference === target.base.reference && has(restriction, target.base.column.name) !== undefined)) return undefined;
  const predicate: Predicate = { ...constant, column: target.base.column.name };
  if (positionObstacle(term, target, [predicate], rules) !== undefined) return undefined;
  // The equality itself is more than this.
  return { term, reference: target.base.reference, predicates: [predicate], complete: false };
}
