/**
 * Owns: which terms of WHERE and ON restrict which table reference (the rules of joins, scopes and derived tables).
 * Does not own: reading a term for one reference (classify.ts), proving the reading (guard.ts), merging references (merge.ts).
 * Invariants: every row of the reference that can take part in the result satisfies its restrictions.
 */
import type { Predicate } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { Expression, Span } from '../sql/ast.js';
import { nodesOf } from '../sql/walk.js';
import { carry } from './carry.js';
import type { BaseColumn } from './carry.js';
import { classify } from './classify.js';
import type { Reading } from './readings.js';
import type { Constants } from './constants.js';
import { rejectsNull } from './predicates.js';
import { isNullSupplied, joinsOf, pathTo, resolve } from './scope.js';
import type { ArmScope, FromNode, Item, QueryScope, StatementScope, TableReference } from './scope.js';
import type { Rules } from './soundness.js';

export type Clause = { readonly kind: 'where' } | { readonly kind: 'on'; readonly join: Extract<FromNode, { kind: 'join' }> };

/** One AND term of a WHERE or ON. */
export interface Term {
  readonly id: number;
  readonly span: Span;
  readonly arm: ArmScope;
  readonly clause: Clause;
  /** Undefined if it could not be read. */
  readonly expression: Expression | undefined;
}

/** What a term says about one reference. */
export interface Restriction {
  readonly term: Term;
  readonly reference: TableReference;
  readonly predicates: readonly Predicate[];
  readonly complete: boolean;
}

export interface Leftover {
  readonly term: Term;
  readonly reference: TableReference;
  readonly reason: Reason;
}

export interface Restrictions {
  readonly restrictions: readonly Restriction[];
  readonly leftovers: readonly Leftover[];
  /** References whose rows no result needs, with the term that says so. */
  readonly unneeded: readonly { readonly reference: TableReference; readonly term: Term }[];
}

/** Terms of every WHERE and ON of the statement. */
export function termsOf(scope: StatementScope, read: (span: Span) => Expression | undefined): readonly Term[] {
  const terms: Term[] = [];
  const add = (spans: readonly Span[], arm: ArmScope, clause: Clause): void => {
    for (const span of spans) terms.push({ id: terms.length, span, arm, clause, expression: read(span) });
  };
  for (const arm of scope.arms) {
    if (arm.skeleton.where !== undefined) add(arm.skeleton.where.conjuncts, arm, { kind: 'where' });
    for (const join of joinsOf(arm.from)) if (join.on !== undefined) add(join.on.conjuncts, arm, { kind: 'on', join });
  }
  return terms;
}

export interface RestrictionInput {
  readonly scope: StatementScope;
  readonly terms: readonly Term[];
  readonly constants: Constants;
  readonly rules: Rules;
  /** The statement aggregates somewhere: a SELECT without rows may still evaluate its subqueries. */
  readonly aggregates: boolean;
}

export function restrict({ scope, terms, constants, rules, aggregates }: RestrictionInput): Restrictions {
  const restrictions: Restriction[] = [];
  const leftovers: Leftover[] = [];
  const unneeded: { reference: TableReference; term: Term }[] = [];
  for (const term of terms) {
    const { arm, expression } = term;
    if (expression === undefined) {
      for (const reference of referencesOf(arm.items, false)) leftovers.push({ term, reference, reason: 'not-readable' });
      continue;
    }
    const mentioned = [...nodesOf(expression)].filter((node) => node.kind === 'column').map((column) => ({ column, target: targetOf(column, arm, scope.text, rules) }));
    const targets = new Map<TableReference, { readonly base: BaseColumn; readonly item: Item; readonly arm: ArmScope }>();
    for (const { target } of mentioned) if (typeof target === 'object') targets.set(target.base.reference, merged(targets.get(target.base.reference), target));
    const read = (reference: TableReference | undefined): Reading =>
      classify(expression, {
        rules,
        constant: (part) => constants.fold(part),
        column: (part) => {
          const target = mentioned.find(({ column }) => column === part)?.target ?? 'unknown';
          if (typeof target === 'string') return target;
          return target.base.reference === reference ? target.base.column : 'other';
        },
      });
    const whole = read(undefined);
    if (whole.kind === 'never') {
      for (const reference of emptied(term, rules, aggregates)) unneeded.push({ reference, term });
      continue;
    }
    if (whole.kind === 'always') continue;
    for (const { reference, reason } of notEntered(mentioned, targets, arm, whole, rules)) leftovers.push({ term, reference, reason });
    for (const [reference, target] of targets) {
      const reading = read(reference);
      if (reading.kind === 'never') {
        for (const other of emptied(term, rules, aggregates)) unneeded.push({ reference: other, term });
      } else if (reading.kind === 'none') {
        leftovers.push({ term, reference, reason: reading.reason });
      } else if (reading.kind === 'some') {
        const obstacle = positionObstacle(term, target, reading.predicates, rules);
        if (obstacle === undefined) restrictions.push({ term, reference, predicates: reading.predicates, complete: reading.complete });
        else leftovers.push({ term, reference, reason: obstacle });
      }
    }
  }
  return { restrictions, leftovers, unneeded };
}

interface Target {
  readonly base: BaseColumn;
  /** Item of the term's SELECT the column belongs to. */
  readonly item: Item;
  readonly arm: ArmScope;
}

const merged = (known: Target | undefined, target: Target): Target => (known?.base.nullSupplied === true ? known : target);

export function targetOf(column: Extract<Expression, { kind: 'column' }>, arm: ArmScope, text: string, rules: Rules): Target | 'other' | 'outer' | 'unknown' {
  const found = resolve(column.path, arm, rules);
  if (found.kind === 'unknown') return 'unknown';
  if (found.outer && rules('correlated')) return 'outer';
  const base = carry(found.item, found.column, text, rules);
  return base === undefined ? 'other' : { base, item: found.item, arm: found.arm };
}

/** Why a term cannot restrict the table where it stands. */
export function positionObstacle(term: Term, { item, base, arm }: Target, predicates: readonly Predicate[], rules: Rules): Reason | undefined {
  let steps = pathTo(arm.from, item);
  if (steps === undefined) return 'correlated';
  if (term.clause.kind === 'on' && arm === term.arm) {
    const { join } = term.clause;
    const index = steps.findIndex((step) => step.join === join);
    const step = steps[index];
    if (step === undefined) return 'preserved-side';
    if (join.type === 'left' && step.side === 'left' && rules('outerJoinOn')) return 'preserved-side';
    if (join.type === 'right' && step.side === 'right' && rules('rightFullOn')) return 'preserved-side';
    if (join.type === 'full' && rules('rightFullOn')) return 'preserved-side';
    steps = steps.slice(index + 1);
  }
  const nullSupplied = base.nullSupplied || isNullSupplied(steps);
  return nullSupplied && !predicates.some(rejectsNull) && rules('nullSupplied') ? 'null-supplied' : undefined;
}

/** References that cannot matter because the term is never true. */
function emptied(term: Term, rules: Rules, aggregates: boolean): readonly TableReference[] {
  const { clause, arm } = term;
  if (clause.kind === 'where') return [...referencesOf(arm.items, true), ...(aggregates ? [] : arm.nested.flatMap(referencesInside))];
  const { join } = clause;
  const sides: Item[] = [];
  if (join.type === 'inner' || join.type === 'cross' || join.type === 'right' || !rules('outerJoinOn')) sides.push(...itemsOf(join.left));
  if (join.type === 'inner' || join.type === 'cross' || join.type === 'left' || !rules('rightFullOn')) sides.push(...itemsOf(join.right));
  return referencesOf(sides, true);
}

const itemsOf = (node: FromNode): readonly Item[] => (node.kind === 'item' ? [node.item] : [...itemsOf(node.left), ...itemsOf(node.right)]);

/** Table references among items; `deep`: also those inside derived tables and CTEs that nothing else uses. */
export function referencesOf(items: readonly Item[], deep: boolean): readonly TableReference[] {
  return items.flatMap((item) => {
    if (item.reference !== undefined) return [item.reference];
    if (!deep || item.body === undefined || (item.cte !== undefined && item.cte.uses > 1)) return [];
    return referencesInside(item.body);
  });
}

export const referencesInside = (query: QueryScope): readonly TableReference[] => query.arms.flatMap((arm) => [...referencesOf(arm.items, true), ...arm.nested.flatMap(referencesInside)]);

/** Tables behind what a term mentions that it cannot be carried to, with why. For EXPLAIN only. */
function notEntered(
  mentioned: readonly { readonly column: Extract<Expression, { kind: 'column' }>; readonly target: Target | string }[],
  targets: ReadonlyMap<TableReference, unknown>,
  arm: ArmScope,
  whole: Reading,
  rules: Rules,
): readonly { readonly reference: TableReference; readonly reason: Reason }[] {
  const found = new Map<TableReference, Reason>();
  const add = (references: readonly TableReference[], reason: Reason): void => {
    for (const reference of references) if (!targets.has(reference) && !found.has(reference)) found.set(reference, reason);
  };
  for (const { column, target } of mentioned) {
    if (target === 'unknown') add(referencesOf(arm.items, false), 'not-readable');
    if (target !== 'other') continue;
    const resolved = resolve(column.path, arm, rules);
    if (resolved.kind !== 'column' || resolved.item.body === undefined) continue;
    const { cte, body } = resolved.item;
    add(referencesInside(body), cte !== undefined && cte.uses > 1 ? 'several-references' : resolved.column.origin === undefined ? 'function-of-column' : 'statement-shape');
  }
  // A term without a column of its own SELECT: a subquery, a random number, an outer name.
  if (targets.size === 0 && mentioned.every(({ target }) => target === 'outer')) add(referencesOf(arm.items, false), whole.kind === 'none' ? whole.reason : 'not-readable');
  return [...found].map(([reference, reason]) => ({ reference, reason }));
}
