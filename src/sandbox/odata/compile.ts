/**
 * Owns: turning a filter into a SQLite condition over the store's own columns.
 * Does not own: the columns.
 * Invariants: a compiled condition is true for exactly the rows that evaluate to true; undefined whenever that is not certain.
 */
import type { FilterNode, LiteralNode } from './tree.js';
import { foldText } from './values.js';

export interface Column {
  /** SQL expression of the column, e.g. `m.received`. */
  readonly sql: string;
  /** instant: integer milliseconds since 1970; boolean: 0 or 1; number; text: compared as it stands (ids excluded: the service folds case); folded: holds `foldText(value)`. NULL stands for null in each. */
  readonly kind: 'instant' | 'boolean' | 'number' | 'folded';
}

/** By property path, `from/emailAddress/address`. */
export type ColumnMap = Readonly<Record<string, Column>>;

export interface CompiledFilter {
  /** Condition with `?` parameters, in brackets. */
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

const COMPARISONS: Readonly<Record<string, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' };
const MIRRORED: Readonly<Record<string, string>> = { eq: 'eq', ne: 'ne', gt: 'lt', ge: 'le', lt: 'gt', le: 'ge' };

/** Undefined when any part lies outside the columns. `words`: whether `contains` is the word-wise one (never compiled). */
export function compileFilter(node: FilterNode, columns: ColumnMap): CompiledFilter | undefined {
  switch (node.kind) {
    case 'path': {
      const column = columnOf(node, columns);
      return column?.kind === 'boolean' ? { sql: `(${column.sql} <> 0)`, parameters: [] } : undefined;
    }
    case 'literal':
      return typeof node.value === 'boolean' ? { sql: node.value ? '(1)' : '(0)', parameters: [] } : undefined;
    case 'not': {
      const operand = compileFilter(node.operand, columns);
      return operand === undefined ? undefined : { sql: `(NOT ${operand.sql})`, parameters: operand.parameters };
    }
    case 'in':
      return compileIn(node, columns);
    case 'call':
      return compileCall(node, columns);
    case 'binary':
      return compileBinary(node, columns);
    default:
      return undefined;
  }
}

function columnOf(node: FilterNode, columns: ColumnMap): Column | undefined {
  if (node.kind !== 'path' || node.variable !== undefined || node.casts.length > 0) return undefined;
  const path = node.segments.join('/');
  return Object.hasOwn(columns, path) ? columns[path] : undefined;
}

/** The literal as the column holds it; undefined if it cannot be told. */
function parameterOf(column: Column, literal: LiteralNode): string | number | undefined {
  const { value } = literal;
  if (column.kind === 'folded') {
    // SQLite's text functions stop at NUL; enumeration literals compare by rank, not by text.
    return typeof value === 'string' && !value.includes('\0') && literal.type?.name === 'Edm.String' ? foldText(value) : undefined;
  }
  if (column.kind === 'boolean') return typeof value === 'boolean' ? Number(value) : undefined;
  return typeof value === 'number' ? value : undefined;
}

function compileBinary(node: FilterNode & { readonly kind: 'binary' }, columns: ColumnMap): CompiledFilter | undefined {
  const { operator } = node;
  if (operator === 'and' || operator === 'or') {
    const left = compileFilter(node.left, columns);
    const right = compileFilter(node.right, columns);
    if (left === undefined || right === undefined) return undefined;
    return { sql: `(${left.sql} ${operator.toUpperCase()} ${right.sql})`, parameters: [...left.parameters, ...right.parameters] };
  }
  if (!Object.hasOwn(MIRRORED, operator)) return undefined;
  if (node.right.kind === 'literal') return compare(operator, node.left, node.right, columns);
  if (node.left.kind === 'literal') return compare(MIRRORED[operator] ?? '', node.right, node.left, columns);
  return undefined;
}

function compare(operator: string, side: FilterNode, literal: LiteralNode, columns: ColumnMap): CompiledFilter | undefined {
  const column = columnOf(side, columns);
  if (column === undefined) return undefined;
  if (literal.value === null) {
    return { sql: operator === 'eq' ? `(${column.sql} IS NULL)` : operator === 'ne' ? `(${column.sql} IS NOT NULL)` : '(0)', parameters: [] };
  }
  const parameter = parameterOf(column, literal);
  if (parameter === undefined) return undefined;
  // A comparison with null is false, not unknown, so that `not (…)` turns it into true.
  if (operator === 'eq') return { sql: `(${column.sql} IS ?)`, parameters: [parameter] };
  if (operator === 'ne') return { sql: `(${column.sql} IS NOT ?)`, parameters: [parameter] };
  // Texts order by UTF-16 units here and by code points in SQLite.
  if (column.kind === 'folded' || column.kind === 'boolean') return undefined;
  const symbol = COMPARISONS[operator];
  return symbol === undefined ? undefined : { sql: `(${column.sql} IS NOT NULL AND ${column.sql} ${symbol} ?)`, parameters: [parameter] };
}

function compileIn(node: FilterNode & { readonly kind: 'in' }, columns: ColumnMap): CompiledFilter | undefined {
  const parts = node.values.map((value) => compare('eq', node.operand, value, columns));
  const parameters: (string | number)[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    parameters.push(...part.parameters);
  }
  return { sql: `(${parts.map((part) => part?.sql ?? '0').join(' OR ')})`, parameters };
}

function compileCall(node: FilterNode & { readonly kind: 'call' }, columns: ColumnMap): CompiledFilter | undefined {
  // `contains` may be the word-wise one; only prefixes are certain.
  const [subject, literal] = node.arguments;
  if (node.name !== 'startswith' || subject === undefined || literal?.kind !== 'literal') return undefined;
  const column = columnOf(subject, columns);
  if (column?.kind !== 'folded') return undefined;
  const parameter = parameterOf(column, literal);
  if (parameter === undefined) return undefined;
  return { sql: `(substr(${column.sql}, 1, length(?)) = ?)`, parameters: [parameter, parameter] };
}
