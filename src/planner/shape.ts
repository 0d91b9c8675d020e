/**
 * Owns: what the form of a statement allows: order and limit in the scan, counting, row by row, past the engine.
 * Does not own: whether the source keeps order and limit (it says so in its ScanPlan; finish.ts decides then).
 * Invariants: LIMIT goes down only from one SELECT over one table that neither drops nor combines rows.
 */
import { bypassProjection, hasAggregate, isRowwise } from '../engine/opcodes.js';
import type { Examination, Folded, Judge } from '../engine/types.js';
import type { OrderTerm } from '../scan/scan.js';
import { asRowLimit } from '../scan/value.js';
import type { RowLimit } from '../scan/value.js';
import type { Expression, Span } from '../sql/ast.js';
import type { OrderItemSkeleton } from '../sql/skeleton.js';
import { nameKey } from './names.js';
import type { Candidates } from './plan.js';
import { columnOf, resolve } from './scope.js';
import type { ArmScope, StatementScope, TableReference } from './scope.js';
import type { Rules } from './soundness.js';

export interface ShapeInput {
  readonly scope: StatementScope;
  readonly examination: Examination;
  readonly judge: Judge;
  readonly rules: Rules;
  read(span: Span): Expression | undefined;
  fold(expression: Expression): Folded | undefined;
}

/** One SELECT over one virtual table, without subqueries. */
export interface SimpleSelect {
  readonly arm: ArmScope;
  readonly reference: TableReference;
  /** Neither DISTINCT nor grouped nor aggregated nor windowed. */
  readonly plain: boolean;
}

export function simpleSelect({ scope, examination, rules }: ShapeInput): SimpleSelect | undefined {
  const arm = scope.root.arms[0];
  const reference = scope.references[0];
  if (arm === undefined || reference === undefined || arm.from?.kind !== 'item' || arm.from.item !== reference.item) return undefined;
  if (scope.root.arms.length !== 1 || scope.arms.length !== 1 || scope.references.length !== 1 || examination.tables.length !== 1) return undefined;
  const { skeleton } = arm;
  const grouped = skeleton.distinct || skeleton.groupBy.length > 0 || skeleton.having !== undefined || skeleton.hasWindowClause || hasAggregate(examination.program) || /\bover\b/i.test(scope.text.slice(skeleton.span.start, skeleton.span.end));
  return { arm, reference, plain: !grouped || !rules('limitShape') };
}

/** `none`: no LIMIT, or a negative one. `unknown`: it does not fold to integers. */
export type Limits = { readonly kind: 'none'; readonly offset: number } | { readonly kind: 'rows'; readonly limit: number; readonly offset: number } | { readonly kind: 'unknown' };

/** LIMIT and OFFSET of the whole statement. SQLite: a negative LIMIT is none, a negative OFFSET is 0. */
export function limitsOf(input: ShapeInput): Limits {
  const clause = input.scope.root.skeleton.limit;
  if (clause === undefined) return { kind: 'none', offset: 0 };
  const limit = integer(clause.limit, input);
  const offset = clause.offset === undefined ? 0 : integer(clause.offset, input);
  if (limit === undefined || offset === undefined) return { kind: 'unknown' };
  return limit < 0 ? { kind: 'none', offset: Math.max(offset, 0) } : { kind: 'rows', limit, offset: Math.max(offset, 0) };
}

function integer(span: Span, { read, fold }: ShapeInput): number | undefined {
  const expression = read(span);
  const folded = expression === undefined ? undefined : fold(expression);
  if (folded?.type !== 'integer' || typeof folded.value !== 'bigint') return undefined;
  const value = Number(folded.value);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function rowLimit(limits: Limits): RowLimit | undefined {
  return limits.kind === 'rows' ? asRowLimit(limits.limit + limits.offset) : undefined;
}

/** ORDER BY as bare columns of the one table; undefined if a term is anything else. Empty: no ORDER BY. */
export function orderTerms({ arm, reference }: SimpleSelect, input: ShapeInput): readonly OrderTerm[] | undefined {
  const terms: OrderTerm[] = [];
  for (const item of input.scope.root.skeleton.orderBy) {
    const column = orderColumn(item, arm, reference, input);
    if (column === undefined) return undefined;
    const declared = columnOf(reference.declaration, column);
    if (declared === undefined) return undefined;
    // SQLite puts NULLs first, last with DESC; anything else is an order of its own.
    const usual = item.descending ? 'last' : 'first';
    if (item.nulls !== undefined && item.nulls !== usual && declared.nullable !== false) return undefined;
    if (!terms.some((term) => term.column === declared.name)) terms.push({ column: declared.name, descending: item.descending });
  }
  return terms;
}

function orderColumn({ expression: span }: OrderItemSkeleton, arm: ArmScope, reference: TableReference, input: ShapeInput): string | undefined {
  const { rules, examination, read } = input;
  const expression = read(span);
  if (expression === undefined) return undefined;
  if (expression.kind === 'literal' && expression.type === 'integer') {
    // No subquery is in the statement, so the origin is the column itself.
    const result = examination.columns[Number(expression.text) - 1];
    return result?.table === reference.declaration.name ? result.column : undefined;
  }
  if (expression.kind !== 'column') return undefined;
  const name = expression.path[0]!;
  if (expression.path.length === 1 && rules('orderAlias')) {
    const item = arm.skeleton.items.find(({ alias }) => alias !== undefined && nameKey(alias) === nameKey(name));
    if (item !== undefined) {
      const aliased = read(item.expression);
      return aliased?.kind === 'column' ? ownColumn(aliased.path, arm, reference, rules) : undefined;
    }
  }
  return ownColumn(expression.path, arm, reference, rules);
}

function ownColumn(path: readonly string[], arm: ArmScope, reference: TableReference, rules: Rules): string | undefined {
  const found = resolve(path, arm, rules);
  return found.kind === 'column' && found.item === reference.item ? found.column.name : undefined;
}

/** True if the statement gives nothing but the number of rows, as `count(*)` once or several times. */
export function isCount({ arm }: SimpleSelect, { read, scope }: ShapeInput): boolean {
  const { distinct, groupBy, having, items, hasWindowClause } = arm.skeleton;
  if (distinct || groupBy.length > 0 || having !== undefined || hasWindowClause || items.length === 0) return false;
  if (scope.root.skeleton.limit !== undefined) return false;
  return items.every(({ expression: span, star }) => {
    if (star) return false;
    const expression = read(span);
    return expression?.kind === 'function' && nameKey(expression.name) === 'count' && expression.star && !expression.over && expression.filter === undefined;
  });
}

/** Ways to run one plain SELECT without staging; undefined if there are none. */
export function candidatesOf(simple: SimpleSelect, limits: Limits, columns: readonly string[], input: ShapeInput): Omit<Candidates, 'count' | 'represented'> | undefined {
  const { scope, judge, examination } = input;
  if (!simple.plain || limits.kind === 'unknown') return undefined;
  const { skeleton } = scope.root;
  const text = without(scope.text, [skeleton.orderBySpan, skeleton.limit?.span]);
  const ordered = skeleton.orderBy.length > 0;
  const program = ordered || skeleton.limit !== undefined ? judge.program(text) : examination.program;
  if (program === undefined || !isRowwise(program)) return undefined;
  const where = simple.arm.skeleton.where?.span;
  const open = where === undefined ? program : judge.program(withoutWhere(scope.text, where, [skeleton.orderBySpan, skeleton.limit?.span]));
  const positions = columns.map((name) => simple.reference.declaration.columns.findIndex((column) => column.name === name));
  const projection = open === undefined ? undefined : bypassProjection(open, positions);
  return {
    ordered,
    pageSql: text.trimEnd(),
    ...(projection === undefined ? {} : { projection }),
    ...(limits.kind === 'rows' ? { limit: limits.limit } : {}),
    ...(limits.offset > 0 ? { offset: limits.offset } : {}),
  };
}

/** Blanks of the same length, so that positions stay. */
function without(text: string, spans: readonly (Span | undefined)[]): string {
  return spans.reduce<string>((all, span) => (span === undefined ? all : `${all.slice(0, span.start)}${' '.repeat(span.end - span.start)}${all.slice(span.end)}`), text);
}

function withoutWhere(text: string, where: Span, others: readonly (Span | undefined)[]): string {
  const blank = without(text, [...others, where]);
  // The span may or may not hold the keyword.
  const keyword = /\bwhere\s*$/i.exec(blank.slice(0, where.start));
  return keyword === null ? blank : without(blank, [{ start: keyword.index, end: where.start }]);
}
