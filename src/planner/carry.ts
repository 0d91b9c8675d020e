/**
 * Owns: following a column of a FROM item to the base table reference that a predicate on it may restrict.
 * Does not own: the predicate (classify.ts) and where it stands (restrictions.ts).
 * Invariants: SQLite's own column origins are followed, never names; what is used twice, aggregated, limited or combined is not entered.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import { hasAggregate } from '../engine/opcodes.js';
import { sameName } from './names.js';
import { columnOf, isNullSupplied, pathTo } from './scope.js';
import type { Item, ItemColumn, QueryScope, TableReference } from './scope.js';
import type { Rules } from './soundness.js';

export interface BaseColumn {
  readonly reference: TableReference;
  readonly column: ColumnDeclaration;
  /** A row of NULLs may stand for the table inside the derived tables that were entered. */
  readonly nullSupplied: boolean;
}

/** The reference a predicate on this column may be carried to; undefined if it must stay outside. */
export function carry(item: Item, column: ItemColumn, text: string, rules: Rules): BaseColumn | undefined {
  if (item.reference !== undefined) {
    const own = columnOf(item.reference.declaration, column.name);
    return own === undefined ? undefined : { reference: item.reference, column: own, nullSupplied: false };
  }
  if (item.body === undefined) return undefined;
  if (!rules('renamedColumns')) return byNameOnly(item, column, text, rules);
  const { origin } = column;
  if (origin === undefined) return undefined;
  const entered = enter(item, origin.table, text, rules);
  if (entered === undefined) return undefined;
  const own = columnOf(entered.reference.declaration, origin.column);
  return own === undefined ? undefined : { ...entered, column: own };
}

function enter(item: Item, table: string, text: string, rules: Rules): Pick<BaseColumn, 'reference' | 'nullSupplied'> | undefined {
  if (item.kind === 'table') return item.reference !== undefined && sameName(item.reference.declaration.name, table) ? { reference: item.reference, nullSupplied: false } : undefined;
  const { body, cte } = item;
  if (body === undefined) return undefined;
  if (cte !== undefined && cte.uses > 1 && rules('cteTwice')) return undefined;
  if (!isTransparent(item, body, text, rules)) return undefined;
  // A table that occurs twice inside: which of the two the column comes from is not known.
  if (mentions(body, table) !== 1) return undefined;
  const arm = body.arms[0];
  for (const inner of arm?.items ?? []) {
    const entered = enter(inner, table, text, rules);
    if (entered !== undefined) return { reference: entered.reference, nullSupplied: entered.nullSupplied || isNullSupplied(pathTo(arm!.from, inner) ?? []) };
  }
  return undefined;
}

/** One SELECT whose rows pass through one by one. DISTINCT is fine, and so is an order without a limit. */
function isTransparent(item: Item, body: QueryScope, text: string, rules: Rules): boolean {
  const { arms, limit, span } = body.skeleton;
  if (arms.length !== 1 && rules('setOperations')) return false;
  const arm = arms[0];
  if (arm === undefined || arm.values) return false;
  if (!rules('derivedBody')) return true;
  if (limit !== undefined || arm.groupBy.length > 0 || arm.having !== undefined || arm.hasWindowClause) return false;
  if (item.program === undefined || hasAggregate(item.program)) return false;
  // Not every window function aggregates; a word too many in a string only costs the pushdown.
  return !/\bover\b/i.test(text.slice(span.start, span.end));
}

/** How often a table is mentioned anywhere inside a query, CTEs counted once per mention. */
function mentions(query: QueryScope, table: string, depth = 0): number {
  // A recursive CTE mentions itself.
  if (depth > 50) return 2;
  let count = 0;
  for (const arm of query.arms) {
    for (const item of arm.items) {
      if (item.reference !== undefined) count += sameName(item.reference.declaration.name, table) ? 1 : 0;
      else if (item.body !== undefined) count += mentions(item.body, table, depth + 1);
      if (count > 1) return count;
    }
    for (const nested of arm.nested) count += mentions(nested, table, depth + 1);
  }
  return count;
}

/** With the rule off: the first table inside that has a column of that name. */
function byNameOnly(item: Item, column: ItemColumn, text: string, rules: Rules): BaseColumn | undefined {
  const { body } = item;
  if (body === undefined || !isTransparent(item, body, text, rules)) return undefined;
  if (item.cte !== undefined && item.cte.uses > 1 && rules('cteTwice')) return undefined;
  for (const inner of body.arms[0]?.items ?? []) {
    const own = inner.reference === undefined ? undefined : columnOf(inner.reference.declaration, column.name);
    if (own !== undefined) return { reference: inner.reference!, column: own, nullSupplied: isNullSupplied(pathTo(body.arms[0]!.from, inner) ?? []) };
  }
  return undefined;
}

/**
 * Whether a column's values, wherever it is computed, are values of the base column that SQLite names; of a set operation SQLite
 * names one arm's only. For key look-ups: the rows of the base table hold every value.
 */
export const originHolds = (item: Item, rules: Rules): boolean => !hasSetOperation(item, 0) || !rules('setOperations');

function hasSetOperation({ body }: Item, depth: number): boolean {
  if (body === undefined) return false;
  if (depth > 50 || body.arms.length !== 1) return true;
  return body.arms.some((arm) => arm.items.some((item) => hasSetOperation(item, depth + 1)));
}
