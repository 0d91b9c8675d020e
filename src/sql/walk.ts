/**
 * Owns: visiting every expression of every clause of every query of a statement, with the SELECT it stands in.
 */
import type { Expression, Span } from './ast.js';
import { readExpression } from './expression-reader.js';
import type { ArmSkeleton, FromSkeleton, QuerySkeleton } from './skeleton.js';
import type { Token } from './tokenizer.js';

export interface ExpressionSite {
  readonly query: QuerySkeleton;
  /** Absent for ORDER BY and LIMIT of a compound. */
  readonly arm: ArmSkeleton | undefined;
  readonly clause: 'item' | 'values' | 'from' | 'where' | 'group' | 'having' | 'window' | 'order' | 'limit';
  readonly span: Span;
}

/** Calls `visit` with each expression, or undefined where it cannot be read. Nested queries are visited on their own. */
export function walkExpressions(query: QuerySkeleton, tokens: readonly Token[], visit: (expression: Expression | undefined, site: ExpressionSite) => void): void {
  const each = (span: Span, arm: ArmSkeleton | undefined, clause: ExpressionSite['clause']): void => {
    visit(readExpression(tokens, span), { query, arm, clause, span });
  };
  for (const cte of query.ctes) walkExpressions(cte.query, tokens, visit);
  for (const arm of query.arms) {
    for (const item of arm.items) {
      if (!item.star) each(item.expression, arm, 'item');
    }
    for (const span of arm.rowItems ?? []) each(span, arm, 'values');
    if (arm.from !== undefined) walkFrom(arm.from, arm, each, (inner) => { walkExpressions(inner, tokens, visit); });
    if (arm.where !== undefined) each(arm.where.span, arm, 'where');
    for (const span of arm.groupBy) each(span, arm, 'group');
    if (arm.having !== undefined) each(arm.having.span, arm, 'having');
    for (const span of arm.windowTerms ?? []) each(span, arm, 'window');
  }
  const only = query.arms.length === 1 ? query.arms[0] : undefined;
  for (const { expression } of query.orderBy) each(expression, only, 'order');
  if (query.limit !== undefined) {
    each(query.limit.limit, undefined, 'limit');
    if (query.limit.offset !== undefined) each(query.limit.offset, undefined, 'limit');
  }
  for (const inner of query.subqueries) walkExpressions(inner, tokens, visit);
}

function walkFrom(from: FromSkeleton, arm: ArmSkeleton, each: (span: Span, arm: ArmSkeleton, clause: 'from') => void, nested: (query: QuerySkeleton) => void): void {
  if (from.kind === 'derived') nested(from.query);
  if (from.kind === 'table') for (const span of from.args ?? []) each(span, arm, 'from');
  if (from.kind !== 'join') return;
  walkFrom(from.left, arm, each, nested);
  walkFrom(from.right, arm, each, nested);
  if (from.on !== undefined) each(from.on.span, arm, 'from');
}

/** Every node of a tree, parents first; queries inside it are not entered. */
export function* nodesOf(expression: Expression): Generator<Expression, void, void> {
  yield expression;
  for (const child of childrenOf(expression)) yield* nodesOf(child);
}

export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
    case 'cast':
    case 'collate':
      return [expression.operand];
    case 'binary':
    case 'is':
      return [expression.left, expression.right];
    case 'like':
      return expression.escape === undefined ? [expression.left, expression.right] : [expression.left, expression.right, expression.escape];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'in':
      return [expression.operand, ...(expression.list ?? [])];
    case 'function':
      return [...expression.args, ...(expression.orderBy?.terms ?? []), ...(expression.filter === undefined ? [] : [expression.filter]), ...(expression.window?.terms ?? [])];
    case 'case':
      return [...(expression.operand === undefined ? [] : [expression.operand]), ...expression.whens.flatMap(({ when, then }) => [when, then]), ...(expression.otherwise === undefined ? [] : [expression.otherwise])];
    case 'row':
      return expression.items;
    default:
      return [];
  }
}
