/**
 * Owns: the planner's own rendering of a tree: fully parenthesised, literals and parameters verbatim.
 * Invariants: compared by bytecode, never run. The tree that is printed is the tree that is planned from.
 */
import { quoteIdentifier } from '../engine/ddl.js';
import type { Expression } from './ast.js';

export type ColumnPrinter = (path: readonly string[]) => string;

const plainColumn: ColumnPrinter = (path) => path.map(quoteIdentifier).join('.');

export function printExpression(expression: Expression, text: string, column: ColumnPrinter = plainColumn): string {
  const print = (one: Expression): string => printExpression(one, text, column);
  const list = (many: readonly Expression[]): string => many.map(print).join(', ');
  const slice = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
  switch (expression.kind) {
    case 'literal':
    case 'parameter':
      return expression.text;
    case 'column':
      return column(expression.path);
    case 'unary':
      return `(${expression.op} ${print(expression.operand)})`;
    case 'binary':
      return `(${print(expression.left)} ${expression.op} ${print(expression.right)})`;
    case 'is':
      return `(${print(expression.left)} IS ${expression.negated ? 'NOT ' : ''}${expression.distinct ? 'DISTINCT FROM ' : ''}${print(expression.right)})`;
    case 'like':
      return `(${print(expression.left)} ${expression.negated ? 'NOT ' : ''}${expression.op} ${print(expression.right)}${expression.escape === undefined ? '' : ` ESCAPE ${print(expression.escape)}`})`;
    case 'between':
      return `(${print(expression.operand)} ${expression.negated ? 'NOT ' : ''}BETWEEN ${print(expression.low)} AND ${print(expression.high)})`;
    case 'in': {
      const set = expression.list !== undefined ? `(${list(expression.list)})` : expression.select !== undefined ? `(${slice(expression.select)})` : (expression.table ?? []).map(quoteIdentifier).join('.');
      return `(${print(expression.operand)} ${expression.negated ? 'NOT ' : ''}IN ${set})`;
    }
    case 'subquery':
      return `${expression.exists ? 'EXISTS ' : ''}(${slice(expression.select)})`;
    case 'function': {
      // By its parts, so that the readings of the arguments are proved, too. What orders or partitions stays as it is.
      const { name, distinct, star, args, orderBy, filter, window } = expression;
      const inner = star ? '*' : `${distinct ? 'DISTINCT ' : ''}${list(args)}`;
      return `${quoteIdentifier(name)}(${inner}${orderBy === undefined ? '' : ` ${slice(orderBy.span)}`})${filter === undefined ? '' : ` FILTER (WHERE ${print(filter)})`}${window === undefined ? '' : ` ${slice(window.span)}`}`;
    }
    case 'case':
      return `(CASE ${expression.operand === undefined ? '' : print(expression.operand)} ${expression.whens.map(({ when, then }) => `WHEN ${print(when)} THEN ${print(then)}`).join(' ')}${expression.otherwise === undefined ? '' : ` ELSE ${print(expression.otherwise)}`} END)`;
    case 'cast':
      return `CAST(${print(expression.operand)} AS ${expression.type})`;
    case 'collate':
      return `(${print(expression.operand)} COLLATE ${quoteIdentifier(expression.collation)})`;
    case 'row':
      return `(${list(expression.items)})`;
  }
}
