/**
 * Owns: the clauses of a statement, found by tokens alone: where each SELECT, FROM item, conjunct, ORDER BY term and LIMIT stands.
 * Does not own: expressions (expression-reader.ts), names' meaning (planner/).
 * Invariants: total: any text SQLite prepares as SELECT, WITH or VALUES has a skeleton; positions are exact.
 */
import type { Span } from './ast.js';

/** A query: optional WITH, one or more arms joined by set operations, ORDER BY and LIMIT of the whole. */
export interface QuerySkeleton {
  readonly span: Span;
  readonly recursive: boolean;
  readonly ctes: readonly CteSkeleton[];
  readonly arms: readonly ArmSkeleton[];
  /** One fewer than arms. */
  readonly operators: readonly ('UNION' | 'UNION ALL' | 'INTERSECT' | 'EXCEPT')[];
  readonly orderBy: readonly OrderItemSkeleton[];
  /** The whole `ORDER BY …` clause, absent if there is none. */
  readonly orderBySpan?: Span;
  readonly limit?: LimitSkeleton;
  /** Every query nested in expressions of this query (not CTEs, not derived tables), at any clause, one level down. */
  readonly subqueries: readonly QuerySkeleton[];
}

export interface CteSkeleton {
  readonly name: string;
  readonly columns?: readonly string[];
  readonly materialized?: boolean;
  readonly query: QuerySkeleton;
}

export interface ArmSkeleton {
  readonly span: Span;
  /** True for `VALUES (…)`. */
  readonly values: boolean;
  readonly distinct: boolean;
  readonly items: readonly ItemSkeleton[];
  readonly from?: FromSkeleton;
  readonly where?: ClauseSkeleton;
  readonly groupBy: readonly Span[];
  readonly having?: ClauseSkeleton;
  readonly hasWindowClause: boolean;
  /** Expressions of the WINDOW clause: what its windows partition and order by. */
  readonly windowTerms?: readonly Span[];
  /** Every expression of `VALUES (…), (…)`, row after row. */
  readonly rowItems?: readonly Span[];
}

export interface ItemSkeleton {
  /** Of the expression, `*` or `t.*`, without alias. */
  readonly expression: Span;
  readonly star: boolean;
  readonly alias?: string;
}

/** WHERE, ON or HAVING: the expression and its depth-0 AND terms (one term if there is a depth-0 OR). */
export interface ClauseSkeleton {
  readonly span: Span;
  readonly conjuncts: readonly Span[];
}

export type FromSkeleton =
  | { readonly kind: 'table'; readonly path: readonly string[]; readonly alias?: string; readonly span: Span; readonly nameSpan: Span; readonly isFunction: boolean; /** Arguments of a table-valued function. */ readonly args?: readonly Span[] }
  /** Also a join in parentheses with an alias: `(a JOIN b) AS x` is a SELECT * of it. */
  | { readonly kind: 'derived'; readonly query: QuerySkeleton; readonly alias?: string; readonly span: Span }
  | { readonly kind: 'join'; readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross'; readonly natural: boolean; readonly left: FromSkeleton; readonly right: FromSkeleton; readonly on?: ClauseSkeleton; readonly using?: readonly string[]; readonly span: Span };

export interface OrderItemSkeleton {
  readonly expression: Span;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last';
}

export interface LimitSkeleton {
  /** The whole clause, from LIMIT to the end of OFFSET. */
  readonly span: Span;
  readonly limit: Span;
  readonly offset?: Span;
}
