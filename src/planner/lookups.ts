/**
 * Owns: which scans may be answered by keys that other scans deliver: equi-joins, IN (SELECT …), EXISTS.
 * Does not own: look-up or scan (driver/, when the number of keys is known), what a key look-up sends (graph/).
 * Invariants: the keys are a superset of those that can match; the preserved side of an outer join is never looked up; no cycles.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import { hasAggregate } from '../engine/opcodes.js';
import type { Examination, Judge } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct, Predicate } from '../scan/predicate.js';
import type { Expression, Span } from '../sql/ast.js';
import type { QuerySkeleton } from '../sql/skeleton.js';
import { originHolds } from './carry.js';
import { keysOf, localKeys } from './key-sql.js';
import { nameKey, sameName } from './names.js';
import type { Lookup } from './plan.js';
import { positionObstacle, targetOf } from './restrictions.js';
import type { Term } from './restrictions.js';
import { columnOf, definitionsOf, resolve } from './scope.js';
import type { ArmScope, Item, ItemColumn, QueryScope, StatementScope, TableLookup, TableReference } from './scope.js';
import type { Rules } from './soundness.js';

export interface LookupInput {
  readonly scope: StatementScope;
  /** Terms whose reading was proved. */
  readonly terms: readonly Term[];
  readonly examination: Examination;
  readonly judge: Judge;
  readonly tables: TableLookup;
  readonly rules: Rules;
  /** Scan number by canonical table name. */
  readonly scanOf: (table: string) => number | undefined;
  readonly conjunctsOf: (table: string) => readonly Conjunct[];
  readonly canLookup: (table: string, column: string) => boolean;
  /** Text with every parameter written as a literal; undefined if one has none. */
  readonly inlined: (text: string, start: number) => string | undefined;
  /** The user's own text of a term. */
  readonly shown: (span: Span) => string;
  /** With pushdown off only columns that choose where rows are read are bound. */
  readonly selectorsOnly: boolean;
}

interface Edge {
  readonly reference: TableReference;
  readonly lookup: Lookup;
  /** Tables whose rows the keys are read from. */
  readonly drivers: readonly string[];
}

/** Look-ups by scan number. */
export function findLookups(input: LookupInput): ReadonlyMap<number, readonly Lookup[]> {
  const edges = input.terms.flatMap((term) => (term.expression === undefined ? [] : edgesOf(term, term.expression, input)));
  return withoutCycles(edges, input);
}

function edgesOf(term: Term, expression: Expression, input: LookupInput): readonly Edge[] {
  if (expression.kind === 'binary' && expression.op === '=' && expression.left.kind === 'column' && expression.right.kind === 'column') {
    return [...joinEdge(term, expression.left, expression.right, input), ...joinEdge(term, expression.right, expression.left, input)];
  }
  if (expression.kind === 'binary' && expression.op === '=') {
    for (const [column, other] of [[expression.left, expression.right], [expression.right, expression.left]] as const) {
      if (column.kind === 'column' && other.kind === 'subquery' && !other.exists) return membershipEdge(term, column, other.select.start, input);
    }
  }
  if (expression.kind === 'in' && expression.select !== undefined && expression.operand.kind === 'column') {
    if (!expression.negated) return membershipEdge(term, expression.operand, expression.select.start, input);
    return input.rules('notInNull') ? [] : innerEdge(term, expression.operand, expression.select.start, input);
  }
  if (expression.kind === 'subquery' && expression.exists) return existsEdges(term, expression.select.start, input);
  return [];
}

type ColumnName = Extract<Expression, { kind: 'column' }>;

/** What a key predicate looks like to the rules of position: it rejects NULL. */
const KEY: readonly Predicate[] = [{ kind: 'null', column: '', negated: true }];

interface Wanted {
  readonly reference: TableReference;
  readonly column: ColumnDeclaration;
}

/** The reference and column that a term would restrict by keys, if it may and if the source can look it up. */
function wantedOf(term: Term, column: ColumnName, arm: ArmScope, input: LookupInput): Wanted | undefined {
  const { scope, rules } = input;
  const target = targetOf(column, arm, scope.text, rules);
  if (typeof target === 'string') return undefined;
  const obstacle = positionObstacle(term, target, KEY, rules);
  if (obstacle !== undefined && rules('lookupSides')) return undefined;
  const { reference, column: own } = target.base;
  const table = reference.declaration.name;
  // Shared rows: keys of one reference would starve the others.
  if (scope.references.filter(({ declaration }) => declaration.name === table).length !== 1) return undefined;
  if (own.type !== 'text') return undefined;
  if (isBound(own.name, input.conjunctsOf(table))) return undefined;
  if (input.selectorsOnly && !isSelector(own)) return undefined;
  return input.canLookup(table, own.name) ? { reference, column: own } : undefined;
}

/** Columns that choose where rows are read: what they are compared with is part of the statement's meaning. */
export const isSelector = (column: ColumnDeclaration): boolean => column.selector === true || column.pseudo === true || column.origin === 'mailbox';

const isBound = (column: string, conjuncts: readonly Conjunct[]): boolean =>
  conjuncts.some(({ predicate }) => (predicate.kind === 'in' || (predicate.kind === 'compare' && predicate.op === 'eq')) && predicate.column === column);

/** `wanted = other`: rows of the wanted table matter only for values the other side has. */
function joinEdge(term: Term, wantedColumn: ColumnName, other: ColumnName, input: LookupInput): readonly Edge[] {
  const wanted = wantedOf(term, wantedColumn, term.arm, input);
  if (wanted === undefined) return [];
  const edge = edgeFrom(wanted, other, term.arm, term, input);
  return edge === undefined ? [] : [edge];
}

function edgeFrom({ reference, column }: Wanted, other: ColumnName, arm: ArmScope, term: Term, input: LookupInput): Edge | undefined {
  const { rules, tables } = input;
  const found = resolve(other.path, arm, rules);
  if (found.kind === 'unknown') return undefined;
  if (!originHolds(found.item, rules)) return undefined;
  const local = localColumn(found.item, found.column);
  if (local !== undefined) {
    const lookup: Lookup = { column: column.name, keysSql: localKeys(local.from, local.column), after: [], sql: input.shown(term.span), ...(isSelector(column) ? { required: true } : {}) };
    return { reference, drivers: [], lookup };
  }
  const { origin } = found.column;
  if (origin === undefined || sameName(origin.table, reference.declaration.name)) return undefined;
  const declaration = tables(origin.table);
  const driver = declaration === undefined ? undefined : columnOf(declaration, origin.column);
  const scan = declaration === undefined ? undefined : input.scanOf(declaration.name);
  // Two texts compare as they are; other types would be converted by SQLite first.
  if (declaration === undefined || scan === undefined || driver?.type !== 'text') return undefined;
  return {
    reference,
    drivers: [declaration.name],
    lookup: {
      column: column.name,
      keysSql: keysOf(declaration.name, driver.name, input.conjunctsOf(declaration.name)),
      after: [scan],
      sql: input.shown(term.span),
      ...(isSelector(column) ? { required: true } : {}),
    },
  };
}

/** A text column of a table that is filled before any scan runs, named itself or through a derived table. */
function localColumn(item: Item, column: ItemColumn): { readonly from: string; readonly column: string } | undefined {
  if (item.local === undefined) return column.local;
  return item.local.texts.has(nameKey(column.name)) ? { from: item.local.from, column: column.name } : undefined;
}

/** `wanted IN (SELECT …)`, or `=` the first row of one: an uncorrelated select is run over the staged rows. */
function membershipEdge(term: Term, column: ColumnName, select: number, input: LookupInput): readonly Edge[] {
  const wanted = wantedOf(term, column, term.arm, input);
  if (wanted === undefined) return [];
  const query = nestedAt(term.arm, select);
  // Which rows a LIMIT picks is free, so it may pick others next time.
  if (query === undefined || query.arms.length !== 1 || hasLimit(query.skeleton) || query.visible.some(({ skeleton }) => hasLimit(skeleton.query))) return [];
  const { span } = query.skeleton;
  const text = input.scope.text.slice(span.start, span.end);
  if (/\b(?:random|randomblob|changes|total_changes|last_insert_rowid)\s*\(/i.test(text)) return [];
  const definitions = query.visible.length === 0 ? '' : definitionsOf(query.visible.filter((cte) => !query.skeleton.ctes.includes(cte.skeleton)), input.scope.text);
  const inner = input.inlined(text, span.start);
  if (inner === undefined || definitions === undefined || /[?:@$]/.test(definitions)) return [];
  const keysSql = `${definitions}SELECT * FROM (${inner}\n)`;
  const examined = examine(keysSql, input.judge);
  const result = examined?.columns[0];
  if (examined === undefined || examined.columns.length !== 1 || result?.table === undefined || result.column === undefined) return [];
  const source = result.schema === undefined || result.schema === 'main' ? input.tables(result.table) : undefined;
  const isText = source === undefined ? /^TEXT\b/i.test(result.declaredType ?? '') : columnOf(source, result.column)?.type === 'text';
  if (!isText) return [];
  const drivers: string[] = [];
  const after: number[] = [];
  for (const use of examined.tables) {
    const scan = use.schema === 'main' ? input.scanOf(use.table) : undefined;
    if (scan === undefined) continue;
    drivers.push(use.table);
    after.push(scan);
  }
  if (drivers.some((name) => sameName(name, wanted.reference.declaration.name))) return [];
  const lookup: Lookup = { column: wanted.column.name, keysSql, after, sql: input.shown(term.span), ...(isSelector(wanted.column) ? { required: true } : {}) };
  return [{ reference: wanted.reference, drivers, lookup }];
}

/** With the rule off: the inner table of `x NOT IN (SELECT y …)` is looked up by x. */
function innerEdge(term: Term, column: ColumnName, select: number, input: LookupInput): readonly Edge[] {
  const query = nestedAt(term.arm, select);
  const arm = query?.arms[0];
  const item = arm?.items[0];
  const name = item?.reference === undefined ? undefined : columnNamed(input.scope.text.slice(arm!.skeleton.items[0]!.expression.start, arm!.skeleton.items[0]!.expression.end));
  const own = name === undefined ? undefined : columnOf(item!.reference!.declaration, name);
  if (own === undefined || !input.canLookup(item!.reference!.declaration.name, own.name)) return [];
  const edge = edgeFrom({ reference: item!.reference!, column: own }, column, term.arm, term, input);
  return edge === undefined ? [] : [edge];
}

const columnNamed = (text: string): string => text.trim().split('.').at(-1)!.replaceAll('"', '');

/** EXISTS (SELECT … WHERE inner.y = outer.x): outer rows matter only for values of y. */
function existsEdges(term: Term, select: number, input: LookupInput): readonly Edge[] {
  const query = nestedAt(term.arm, select);
  const arm = query?.arms[0];
  if (query === undefined || arm === undefined || query.arms.length !== 1 || hasLimit(query.skeleton) || arm.skeleton.groupBy.length > 0 || arm.skeleton.having !== undefined) return [];
  // EXISTS (SELECT count(*) …) is true without any row.
  if (hasAggregate(input.examination.program)) return [];
  return input.terms.flatMap((inner) => {
    const { expression } = inner;
    if (inner.arm !== arm || inner.clause.kind !== 'where' || expression?.kind !== 'binary' || expression.op !== '=') return [];
    const { left, right } = expression;
    if (left.kind !== 'column' || right.kind !== 'column') return [];
    return [...outerEdge(term, left, right, arm, input), ...outerEdge(term, right, left, arm, input)];
  });
}

function outerEdge(term: Term, outer: ColumnName, own: ColumnName, arm: ArmScope, input: LookupInput): readonly Edge[] {
  const { rules } = input;
  const [there, here] = [resolve(outer.path, arm, rules), resolve(own.path, arm, rules)];
  if (there.kind !== 'column' || !there.outer || there.arm !== term.arm || here.kind !== 'column' || here.outer) return [];
  const wanted = wantedOf(term, outer, term.arm, input);
  const edge = wanted === undefined ? undefined : edgeFrom(wanted, own, arm, term, input);
  return edge === undefined ? [] : [edge];
}

const nestedAt = (arm: ArmScope, start: number): QueryScope | undefined => arm.nested.find(({ skeleton: { span } }) => Math.abs(span.start - start) <= 1);

function hasLimit(query: QuerySkeleton): boolean {
  return query.limit !== undefined || query.subqueries.some(hasLimit) || query.ctes.some((cte) => hasLimit(cte.query)) || query.arms.some(({ from }) => from !== undefined && fromHasLimit(from));
}

function fromHasLimit(from: NonNullable<QuerySkeleton['arms'][number]['from']>): boolean {
  if (from.kind === 'join') return fromHasLimit(from.left) || fromHasLimit(from.right);
  return from.kind === 'derived' && hasLimit(from.query);
}

function examine(sql: string, judge: Judge): Examination | undefined {
  try {
    return judge.examine(sql);
  } catch (error) {
    if (error instanceof ExchangeSqlError) return undefined;
    throw error;
  }
}

/**
 * Takes the best edges first. A table with more conditions of its own drives, else the one named first; a scan never waits
 * for one that waits for it.
 */
function withoutCycles(edges: readonly Edge[], input: LookupInput): ReadonlyMap<number, readonly Lookup[]> {
  const weight = (table: string): number => input.conjunctsOf(table).length;
  const ordinal = (table: string): number => input.scope.references.find(({ declaration }) => declaration.name === table)?.ordinal ?? 0;
  const lead = ({ drivers, reference }: Edge): number => Math.max(...drivers.map(weight), 0) - weight(reference.declaration.name);
  const position = ({ drivers }: Edge): number => Math.min(...drivers.map(ordinal), Number.MAX_SAFE_INTEGER);
  const sorted = [...edges].sort((a, b) => Number(b.lookup.required ?? false) - Number(a.lookup.required ?? false) || lead(b) - lead(a) || position(a) - position(b));
  const waits = new Map<number, Set<number>>();
  const reaches = (from: number, to: number): boolean => from === to || [...(waits.get(from) ?? [])].some((next) => reaches(next, to));
  const chosen = new Map<number, Lookup[]>();
  for (const { reference, lookup } of sorted) {
    const scan = input.scanOf(reference.declaration.name);
    if (scan === undefined || lookup.after.some((driver) => reaches(driver, scan))) continue;
    const own = chosen.get(scan) ?? [];
    if (own.some((known) => known.keysSql === lookup.keysSql && nameKey(known.column) === nameKey(lookup.column))) continue;
    chosen.set(scan, [...own, lookup]);
    const set = waits.get(scan) ?? new Set<number>();
    for (const driver of lookup.after) set.add(driver);
    waits.set(scan, set);
  }
  return chosen;
}
