/**
 * Owns: Predicate to OData $filter text, with what it promises: exact, a superset, or nothing and why.
 * Does not own: which terms go together (order-rules.ts), keys, paths and windows (access.ts), escaping (literal.ts).
 * Invariants: a term's rows are a superset of the predicate's rows; `exact` only if they are the same rows.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import type { CompareOperator, Predicate } from '../scan/predicate.js';
import type { Constant } from '../scan/value.js';
import { ALWAYS, conjunction, disjunction, NEVER, none, pathOf, sent } from './filter-term.js';
import type { ColumnOf, FilterOutcome } from './filter-term.js';
import { textComparison, textMatch } from './filter-texts.js';
import { timestampComparison } from './filter-times.js';
import { booleanComparison, enumComparison, numberComparison } from './filter-values.js';
import { quote, sendable } from './literal.js';

/** What the service is asked for one predicate. Key, path and window forms are not $filter and give `none`. */
export function writeFilter(predicate: Predicate, columnOf: ColumnOf): FilterOutcome {
  switch (predicate.kind) {
    case 'never':
      return NEVER;
    case 'search':
      return none('search-index');
    case 'any':
      return disjunction(predicate.arms.map((arm) => writeFilter(arm, columnOf)));
    case 'all':
      return conjunction(predicate.arms.map((arm) => writeFilter(arm, columnOf)));
    default: {
      const column = columnOf(predicate.column);
      if (column === undefined) return none('not-filterable');
      if (predicate.kind === 'null') return nullTest(column, predicate.negated);
      if (column.filter === undefined) return none(column.origin === 'computed' ? 'computed' : 'not-filterable');
      if (predicate.kind === 'compare') return comparison(column, predicate.op, predicate.value);
      if (predicate.kind === 'in') return membership(column, predicate.values);
      return textMatch(column, predicate);
    }
  }
}

/** Graph: `x eq null` is answered differently by every collection, so a null test never goes down. */
function nullTest(column: ColumnDeclaration, negated: boolean): FilterOutcome {
  if (column.nullable === false) return negated ? ALWAYS : NEVER;
  return none(column.origin === 'computed' ? 'computed' : 'operator-not-supported');
}

function comparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  switch (column.type) {
    case 'boolean':
      return booleanComparison(column, op, value);
    case 'integer':
    case 'bigint':
    case 'double':
      return numberComparison(column, op, value);
    case 'timestamp':
      return timestampComparison(column, op, value);
    case 'text':
      return column.values === undefined ? textComparison(column, op, value) : enumComparison(column, column.values, op, value);
    case 'json':
      return op === 'eq' ? none('operator-not-supported') : none('negation');
    default:
      return none('operator-not-supported');
  }
}

function membership(column: ColumnDeclaration, values: readonly Constant[]): FilterOutcome {
  const capability = column.filter?.in;
  if (capability?.as === 'compare' && column.type === 'text' && column.values === undefined) {
    const texts = values.filter((value) => typeof value === 'string');
    if (texts.length === values.length && texts.every((text) => text !== '' && sendable(text))) {
      return sent(column, capability, `${pathOf(column)} in (${texts.map(quote).join(',')})`, texts.length, 'case-insensitive');
    }
  }
  return disjunction(values.map((value) => comparison(column, 'eq', value)));
}
