/**
 * Owns: what a column or an operand is for a comparison: free text, a moment in normal form, under a COLLATE.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import type { CompareOperator } from '../scan/predicate.js';
import type { Constant } from '../scan/value.js';
import type { Expression } from '../sql/ast.js';
import { NEVER, none, one } from './readings.js';
import type { Reading } from './readings.js';

/** Text whose values are not from a closed list: the service's comparison of it is not SQL's. */
export const isFreeText = (column: ColumnDeclaration): boolean => hasTextAffinity(column) && column.type !== 'timestamp' && column.values === undefined;

export const hasTextAffinity = ({ type }: ColumnDeclaration): boolean => type === 'text' || type === 'json' || type === 'timestamp' || type === 'date' || type === 'time';
const NORMAL_TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?Z)(\d*)$/;

/**
 * A comparison with a timestamp in the column's normal form. A moment between two that the column can hold has its finer
 * digits behind the `Z`; there `>` and `>=` say the same, and `=` never holds.
 */
export function betweenTicks(column: ColumnDeclaration, op: CompareOperator, text: string): Reading {
  const match = NORMAL_TIMESTAMP.exec(text);
  if (match === null || (match[2]?.length ?? 0) !== (column.fraction ?? 0)) return none('storage-class');
  const [, value = ''] = match;
  if (match[3] === '') return one({ kind: 'compare', column: column.name, op, value });
  switch (op) {
    case 'eq':
      return NEVER;
    case 'ne':
      return one({ kind: 'null', column: column.name, negated: true });
    case 'gt':
    case 'ge':
      return one({ kind: 'compare', column: column.name, op: 'gt', value });
    case 'lt':
    case 'le':
      return one({ kind: 'compare', column: column.name, op: 'le', value });
  }
}

export const isNormalTimestamp = (column: ColumnDeclaration, value: Constant): boolean => typeof value === 'string' && betweenTicks(column, 'eq', value).kind === 'some';

export function hasCollate(expression: Expression): boolean {
  switch (expression.kind) {
    case 'collate':
      return true;
    case 'unary':
    case 'cast':
      return hasCollate(expression.operand);
    case 'binary':
      return hasCollate(expression.left) || hasCollate(expression.right);
    case 'function':
      return expression.args.some(hasCollate);
    case 'case':
      return [expression.operand, expression.otherwise, ...expression.whens.flatMap(({ when, then }) => [when, then])].some((part) => part !== undefined && hasCollate(part));
    case 'row':
      return expression.items.some(hasCollate);
    default:
      return false;
  }
}
