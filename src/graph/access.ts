/**
 * Owns: sorting a scan's conjuncts by the way they reach the service: mailbox, key, place, window, search, filter.
 * Does not own: what becomes of them in one table shape (plan.ts) or $filter text (filter.ts).
 * Invariants: every conjunct gets exactly one access; what selects the rows' place is read even with pushdown off.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import type { Conjunct, Predicate } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { Constant } from '../scan/value.js';
import { ExchangeSqlError } from '../errors.js';
import { writeFilter } from './filter.js';
import type { ColumnOf, FilterOutcome } from './filter-term.js';
import { readInstant, step, writeInstant } from './literal.js';

export interface WindowBound {
  readonly side: 'start' | 'end';
  readonly at: string;
}

export type Access =
  | { readonly kind: 'mailbox'; readonly values: readonly string[]; readonly many: boolean }
  | { readonly kind: 'key'; readonly values: readonly string[] }
  | { readonly kind: 'parent'; readonly values: readonly string[] }
  | { readonly kind: 'place'; readonly column: ColumnDeclaration; readonly path: string; readonly values: readonly string[] }
  /** A pseudo-column's value; exact. */
  | { readonly kind: 'input'; readonly column: ColumnDeclaration; readonly value: Constant; readonly window: WindowBound | undefined }
  | { readonly kind: 'window'; readonly bounds: readonly WindowBound[]; readonly exact: boolean }
  | { readonly kind: 'search'; readonly text: string }
  /** Restricts the rows of the parent table; rewritten to its column names. */
  | { readonly kind: 'onParent'; readonly predicate: Predicate }
  /** Chooses among the arrays of an element table. */
  | { readonly kind: 'arrays'; readonly values: readonly string[] }
  | { readonly kind: 'filter'; readonly outcome: FilterOutcome }
  | { readonly kind: 'local'; readonly reason: Reason };

export interface AccessOptions {
  readonly pushdown: boolean;
  readonly parent: TableDeclaration | undefined;
}

export function columnsOf(declaration: TableDeclaration): ColumnOf {
  const columns = new Map(declaration.columns.map((column) => [column.name, column]));
  return (name) => columns.get(name);
}

export function accessOf(conjunct: Conjunct, declaration: TableDeclaration, columnOf: ColumnOf, options: AccessOptions): Access {
  const { predicate } = conjunct;
  if (predicate.kind === 'never') return { kind: 'filter', outcome: { kind: 'never' } };
  if (predicate.kind === 'search') return { kind: 'search', text: predicate.text };
  const name = columnName(predicate);
  const column = name === undefined ? undefined : columnOf(name);
  if (isWindowed(declaration)) {
    const bounds = windowBounds(predicate, columnOf);
    if (bounds.length > 0) return { kind: 'window', bounds, exact: predicate.kind === 'compare' && columnOf(predicate.column)?.filter?.range?.push === 'exact' };
  }
  if (column === undefined) return options.pushdown ? { kind: 'filter', outcome: writeFilter(predicate, columnOf) } : { kind: 'local', reason: 'pushdown-off' };
  const values = valuesOf(predicate);
  // What chooses the place of the rows is part of the statement's meaning, so it goes down always.
  if (column.origin === 'mailbox') {
    return values === undefined ? { kind: 'local', reason: 'computed' } : { kind: 'mailbox', values: named(values), many: predicate.kind !== 'compare' };
  }
  if ((column.selector === true || column.pseudo === true) && values !== undefined) {
    const path = placePath(column, values.length);
    if (path !== undefined) return { kind: 'place', column, path, values: named(values) };
  }
  if (column.pseudo === true) return inputAccess(column, predicate, declaration);
  if (!options.pushdown) return { kind: 'local', reason: 'pushdown-off' };
  return pushAccess(column, predicate, values, declaration, columnOf, options);
}

function pushAccess(
  column: ColumnDeclaration,
  predicate: Predicate,
  values: readonly string[] | undefined,
  declaration: TableDeclaration,
  columnOf: ColumnOf,
  options: AccessOptions,
): Access {
  const { shape } = declaration;
  if (values !== undefined) {
    if ((shape.kind === 'children' || shape.kind === 'elements') && column.name === shape.parentColumn) return { kind: 'parent', values: values.filter((value) => canBe(column, value)) };
    if (shape.kind === 'elements' && column.name === shape.kindColumn) return { kind: 'arrays', values };
    const capability = values.length === 1 ? (column.filter?.eq ?? column.filter?.in) : (column.filter?.in ?? column.filter?.eq);
    if (capability?.as === 'key') return { kind: 'key', values };
    if (capability?.as === 'path') {
      const path = placePath(column, values.length);
      if (path !== undefined) return { kind: 'place', column, path, values: named(values) };
    }
  }
  if (column.origin === 'parent' && options.parent !== undefined) {
    const target = parentColumnOf(column, options.parent);
    return target === undefined ? { kind: 'local', reason: 'computed' } : { kind: 'onParent', predicate: renamed(predicate, target.name) };
  }
  return { kind: 'filter', outcome: writeFilter(predicate, columnOf) };
}

/** The parent table's column that holds the same value. */
export function parentColumnOf(column: ColumnDeclaration, parent: TableDeclaration): ColumnDeclaration | undefined {
  if (column.column !== undefined) return parent.columns.find(({ name }) => name === column.column);
  return parent.columns.find(({ path, origin }) => path !== undefined && path === column.path && (origin ?? 'entity') === 'entity');
}

/** Nothing is named '': such a path would be another one. */
const named = (values: readonly string[]): readonly string[] => values.filter((value) => value.trim() !== '');

function placePath(column: ColumnDeclaration, count: number): string | undefined {
  const { filter } = column;
  return (count === 1 ? (filter?.eq?.path ?? filter?.in?.path) : (filter?.in?.path ?? filter?.eq?.path));
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The directory takes its ids in any case and writes them in lower case: no row has another. */
export function canBe(column: ColumnDeclaration, value: string): boolean {
  return column.references !== 'Groups.id' || GUID.test(value);
}

/** The one column a predicate is about; undefined for an OR over several. */
function columnName(predicate: Predicate): string | undefined {
  switch (predicate.kind) {
    case 'any':
    case 'all': {
      const names = new Set(predicate.arms.map(columnName));
      return names.size === 1 ? [...names][0] : undefined;
    }
    case 'search':
    case 'never':
      return undefined;
    default:
      return predicate.column;
  }
}

/** The texts a predicate confines its column to; undefined if it is not such a predicate. */
function valuesOf(predicate: Predicate): readonly string[] | undefined {
  switch (predicate.kind) {
    case 'compare':
      return predicate.op === 'eq' && typeof predicate.value === 'string' ? [predicate.value] : undefined;
    case 'in':
      return predicate.values.every((value) => typeof value === 'string') ? [...new Set(predicate.values)] : undefined;
    case 'any': {
      const lists = predicate.arms.map(valuesOf);
      return lists.every((list) => list !== undefined) ? [...new Set(lists.flat())] : undefined;
    }
    default:
      return undefined;
  }
}

function renamed(predicate: Predicate, column: string): Predicate {
  switch (predicate.kind) {
    case 'any':
    case 'all':
      return { ...predicate, arms: predicate.arms.map((arm) => renamed(arm, column)) };
    case 'search':
    case 'never':
      return predicate;
    default:
      return { ...predicate, column };
  }
}

/** The pseudo-columns of a window, where the shape names them or by the incumbent's names. */
export function windowColumns(declaration: TableDeclaration): { readonly start: string; readonly end: string } {
  const { shape } = declaration;
  return shape.kind === 'window' ? { start: shape.startColumn, end: shape.endColumn } : { start: 'StartDateTime', end: 'EndDateTime' };
}

export function isWindowed(declaration: TableDeclaration): boolean {
  const { shape } = declaration;
  return shape.kind === 'window' || (shape.kind === 'children' && shape.window === true);
}

/**
 * A pseudo-column has the value it was compared with. For a strict comparison that is one step beyond the constant, so that
 * the statement's own predicate holds for the rows.
 */
function inputAccess(column: ColumnDeclaration, predicate: Predicate, declaration: TableDeclaration): Access {
  if (predicate.kind !== 'compare' || predicate.op === 'ne') {
    throw new ExchangeSqlError('BAD_VALUE', `The column ${column.name} of ${declaration.name} is an input: it can only be compared with one value.`, {
      hint: `Write ${column.name} = value.`,
    });
  }
  const { op, value } = predicate;
  const names = windowColumns(declaration);
  const side = !isWindowed(declaration) ? undefined : column.name === names.start ? 'start' : column.name === names.end ? 'end' : undefined;
  if (side === undefined) return { kind: 'input', column, value, window: undefined };
  const instant = typeof value === 'string' ? readInstant(value) : undefined;
  if (instant === undefined) {
    throw new ExchangeSqlError('BAD_VALUE', `${column.name} of ${declaration.name} needs a date or a timestamp.`, { hint: `Write ${column.name} = '2024-05-01T00:00:00Z'.` });
  }
  const shift = op === 'gt' ? step(0) : op === 'lt' ? -step(0) : 0n;
  const shown = writeInstant(instant.ticks + shift, column.fraction ?? 0) ?? (value as string);
  return { kind: 'input', column, value: shown, window: { side, at: shown } };
}

/**
 * The window that holds every event a predicate on start or end lets pass. Graph lists events with start < windowEnd and
 * end > windowStart; an event of no length at the window's very start may be left out, so lower bounds go one second lower
 * unless `end >` asks for just that.
 */
function windowBounds(predicate: Predicate, columnOf: ColumnOf): readonly WindowBound[] {
  if (predicate.kind === 'all') return predicate.arms.flatMap((arm) => windowBounds(arm, columnOf));
  if (predicate.kind === 'any') return hullOf(predicate.arms.map((arm) => windowBounds(arm, columnOf)));
  if (predicate.kind === 'in') return hullOf(predicate.values.map((value) => windowBounds({ kind: 'compare', column: predicate.column, op: 'eq', value }, columnOf)));
  if (predicate.kind !== 'compare' || typeof predicate.value !== 'string') return [];
  const column = columnOf(predicate.column);
  if (column === undefined || column.pseudo === true) return [];
  if (column.filter?.range?.as !== 'window' && column.filter?.eq?.as !== 'window') return [];
  const instant = readInstant(predicate.value);
  if (instant === undefined) return [];
  const second = step(0);
  const isEnd = column.path?.startsWith('end') === true;
  const slack = BigInt(column.filter.range?.widen ?? column.filter.eq?.widen ?? 0) * 36_000_000_000n;
  const bound = (side: 'start' | 'end', ticks: bigint): WindowBound[] => {
    const at = writeInstant(ticks + (side === 'start' ? -slack : slack), 0);
    return at === undefined ? [] : [{ side, at }];
  };
  const lower = bound('start', isEnd && predicate.op === 'gt' ? instant.ticks : instant.ticks - second);
  const upper = bound('end', !isEnd && predicate.op === 'lt' && instant.ticks % second === 0n ? instant.ticks : instant.ticks + 2n * second);
  switch (predicate.op) {
    case 'gt':
    case 'ge':
      return lower;
    case 'lt':
    case 'le':
      return upper;
    case 'eq':
      return [...lower, ...upper];
    case 'ne':
      return [];
  }
}

/** The bounds that hold the rows of every arm: a side counts only if all arms have it. */
function hullOf(arms: readonly (readonly WindowBound[])[]): readonly WindowBound[] {
  const sideOf = (side: WindowBound['side'], outer: (a: string, b: string) => boolean, inner: (a: string, b: string) => boolean): readonly WindowBound[] => {
    const own = arms.map((bounds) => bounds.filter((bound) => bound.side === side).map(({ at }) => at).reduce<string | undefined>((best, at) => (best === undefined || inner(at, best) ? at : best), undefined));
    if (own.length === 0 || own.includes(undefined)) return [];
    return [{ side, at: own.reduce((a, b) => (outer(b!, a!) ? b : a))! }];
  };
  // Normal-form texts of one length: their order is the order of time.
  const before = (a: string, b: string): boolean => a < b;
  const after = (a: string, b: string): boolean => a > b;
  return [...sideOf('start', before, after), ...sideOf('end', after, before)];
}
