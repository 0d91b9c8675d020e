/**
 * Owns: comparisons of booleans, numbers and enumerations as $filter text.
 * Invariants: what would be a 400 (fractions, numbers beyond the type, unknown members) is settled here and not sent.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import type { CompareOperator } from '../scan/predicate.js';
import type { Constant } from '../scan/value.js';
import { ALWAYS, asComparison, disjunction, negated, NEVER, none, pathOf, sent } from './filter-term.js';
import type { FilterOutcome } from './filter-term.js';
import { quote } from './literal.js';

/** The values 0 and 1 that satisfy `op`, since a boolean has no others. */
export function booleanComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'bigint' && typeof value !== 'number') return none('storage-class');
  const holds = [0, 1].filter((bit) => compareNumbers(bit, op, Number(value)));
  if (holds.length === 0) return NEVER;
  if (holds.length === 2) return column.nullable === false ? ALWAYS : none('operator-not-supported');
  const capability = column.filter?.eq;
  if (!asComparison(capability)) return none('operator-not-supported');
  return sent(column, capability, `${pathOf(column)} eq ${holds[0] === 1 ? 'true' : 'false'}`);
}

function compareNumbers(left: number, op: CompareOperator, right: number): boolean {
  switch (op) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
  }
}

/** Enum values are compared as the service writes them; a text outside the closed list is no value of the column. */
export function enumComparison(column: ColumnDeclaration, values: readonly string[], op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'string') return none('storage-class');
  if (op === 'eq') {
    if (!values.includes(value)) return NEVER;
    const capability = column.filter?.eq;
    return asComparison(capability) ? sent(column, capability, `${pathOf(column)} eq ${quote(value)}`) : none('operator-not-supported');
  }
  if (op === 'ne') {
    const capability = column.filter?.ne;
    if (!values.includes(value)) return column.nullable === false ? ALWAYS : none('negation');
    if (!asComparison(capability)) return none('negation');
    return negated(column, capability, `${pathOf(column)} ne ${quote(value)}`);
  }
  // The service orders members by number, SQL by text.
  return none('text-order');
}

export function enumPrefix(column: ColumnDeclaration, values: readonly string[], prefix: string, caseSensitive: boolean): FilterOutcome {
  const fold = (text: string): string => (caseSensitive ? text : text.toLowerCase());
  const matching = values.filter((value) => fold(value).startsWith(fold(prefix)));
  return disjunction(matching.map((value) => enumComparison(column, values, 'eq', value)));
}

const LIMITS = { integer: { least: -2_147_483_648, most: 2_147_483_647 }, bigint: { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER } } as const;

export function numberComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'bigint' && typeof value !== 'number') return none('storage-class');
  const capability = op === 'eq' ? column.filter?.eq : op === 'ne' ? column.filter?.ne : column.filter?.range;
  if (!asComparison(capability)) return none(op === 'ne' ? 'negation' : 'operator-not-supported');
  const everything = column.nullable === false ? ALWAYS : none('operator-not-supported');
  const path = pathOf(column);
  if (column.type === 'double') {
    if (!Number.isFinite(Number(value))) return none('operator-not-supported');
    const text = `${path} ${op} ${String(value)}`;
    return op === 'ne' ? negated(column, capability, text) : sent(column, capability, text);
  }
  // Fractions and numbers beyond Edm.Int32 would be a 400: the comparison is brought to whole numbers first.
  const limits = LIMITS[column.type === 'integer' ? 'integer' : 'bigint'];
  let bound = Number(value);
  let sentOp = op;
  if (op === 'eq' || op === 'ne') {
    const possible = Number.isInteger(bound) && bound >= limits.least && bound <= limits.most;
    if (!possible) return op === 'eq' ? NEVER : everything;
  } else if (!Number.isInteger(bound) && Number.isFinite(bound)) {
    if (op === 'lt' || op === 'le') [sentOp, bound] = ['le', Math.floor(bound)];
    else [sentOp, bound] = ['ge', Math.ceil(bound)];
  }
  if (bound > limits.most) return sentOp === 'lt' || sentOp === 'le' ? everything : NEVER;
  if (bound < limits.least) return sentOp === 'gt' || sentOp === 'ge' ? everything : NEVER;
  const text = `${path} ${sentOp} ${bound}`;
  return sentOp === 'ne' ? negated(column, capability, text) : sent(column, capability, text);
}
