/**
 * Owns: one scan per table from what is known of each of its references.
 * Does not own: the restrictions of a reference (restrictions.ts).
 * Invariants: the staged rows of a table are shared, so a scan's conjuncts hold for the union of what its references need.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct, Predicate } from '../scan/predicate.js';
import type { Residual } from '../scan/scan.js';
import { allOf, anyOf, predicateKey } from './predicates.js';
import type { TableReference } from './scope.js';
import type { Rules } from './soundness.js';

/** What is known of one reference. */
export interface Wanted {
  readonly reference: TableReference;
  readonly conjuncts: readonly Conjunct[];
  readonly residuals: readonly Residual[];
  /** No result needs a row of it. */
  readonly unneeded: Conjunct | undefined;
}

export interface Merged {
  readonly conjuncts: readonly Conjunct[];
  readonly residuals: readonly Residual[];
}

/** More arms than this make a filter no service takes. */
const MOST_ARMS = 12;

export function mergeReferences(wanted: readonly Wanted[], rules: Rules): Merged {
  const live = wanted.filter(({ unneeded }) => unneeded === undefined);
  if (live.length === 0) {
    const why = wanted.find(({ unneeded }) => unneeded !== undefined)?.unneeded;
    return { conjuncts: why === undefined ? [] : [why], residuals: [] };
  }
  const first = live[0]!;
  if (live.length === 1) return { conjuncts: first.conjuncts, residuals: first.residuals };
  if (!rules('severalReferences')) return { conjuncts: live.flatMap(({ conjuncts }) => conjuncts), residuals: [] };
  return union(live);
}

function union(live: readonly Wanted[]): Merged {
  const shared: Conjunct[] = [];
  const sharedKeys = new Set<string>();
  for (const conjunct of live[0]!.conjuncts) {
    const key = predicateKey(conjunct.predicate);
    if (!sharedKeys.has(key) && live.every(({ conjuncts }) => conjuncts.some(({ predicate }) => predicateKey(predicate) === key))) {
      sharedKeys.add(key);
      shared.push({ ...conjunct, complete: live.every(({ conjuncts }) => conjuncts.some(({ predicate, complete }) => complete && predicateKey(predicate) === key)) });
    }
  }
  const selectors = selectorUnion(live, sharedKeys);
  const rest = live.map(({ conjuncts }) => conjuncts.filter(({ predicate }) => !sharedKeys.has(predicateKey(predicate))));
  const residuals = unique(live.flatMap(({ residuals: own }) => own));
  if (rest.some((conjuncts) => conjuncts.length === 0)) {
    const lost = rest.flat().map(({ sql }): Residual => ({ sql, reason: 'several-references' }));
    return { conjuncts: [...shared, ...selectors], residuals: [...residuals, ...unique(lost)] };
  }
  const arms = rest.map((conjuncts) => allOf(conjuncts.map(({ predicate }) => predicate)));
  const sql = unique(rest.flat().map((conjunct) => ({ sql: conjunct.sql, reason: 'several-references' as const }))).map((lost) => lost.sql);
  if (rest.length > MOST_ARMS || arms.some(hasSearch)) return { conjuncts: [...shared, ...selectors], residuals: [...residuals, ...sql.map((text): Residual => ({ sql: text, reason: 'several-references' }))] };
  const predicate = anyOf(arms);
  const known = new Set(selectors.map((conjunct) => predicateKey(conjunct.predicate)));
  if (known.has(predicateKey(predicate))) return { conjuncts: [...shared, ...selectors], residuals };
  const complete = rest.flat().every((conjunct) => conjunct.complete);
  return { conjuncts: [...shared, ...selectors, { predicate, complete, sql: sql.join(' / ') }], residuals };
}

/**
 * A column that chooses where rows are read (userId) must be bound by every reference or by none: unbound means the
 * connection's own place, and shared rows cannot be both.
 */
function selectorUnion(live: readonly Wanted[], sharedKeys: ReadonlySet<string>): readonly Conjunct[] {
  const { declaration } = live[0]!.reference;
  const conjuncts: Conjunct[] = [];
  for (const column of declaration.columns) {
    if (column.selector !== true && column.pseudo !== true) continue;
    const bound = live.map(({ conjuncts: own }) => own.filter(({ predicate }) => columnOfPredicate(predicate) === column.name && binds(predicate)));
    if (bound.every((list) => list.length === 0)) continue;
    if (bound.some((list) => list.length === 0)) {
      throw new ExchangeSqlError('NOT_SUPPORTED', `${declaration.name} is used several times, and ${column.name} is bound for some of them only.`, {
        hint: `Add a condition on ${column.name} to every use of ${declaration.name}.`,
      });
    }
    if (bound.every((list) => list.every(({ predicate }) => sharedKeys.has(predicateKey(predicate))))) continue;
    const predicate = anyOf(bound.map((list) => allOf(list.map((conjunct) => conjunct.predicate))));
    conjuncts.push({ predicate, complete: false, sql: unique(bound.flat().map(({ sql }) => ({ sql, reason: 'several-references' as const }))).map(({ sql }) => sql).join(' / ') });
  }
  return conjuncts;
}

/** `IS NOT NULL` holds wherever the rows are read. */
const binds = (predicate: Predicate): boolean => predicate.kind !== 'null';

const columnOfPredicate = (predicate: Predicate): string | undefined => ('column' in predicate ? predicate.column : undefined);

const hasSearch = (predicate: Predicate): boolean => predicate.kind === 'search' || ('arms' in predicate && predicate.arms.some(hasSearch));

function unique(residuals: readonly Residual[]): readonly Residual[] {
  return residuals.filter(({ sql }, index) => residuals.findIndex((other) => other.sql === sql) === index);
}
