/**
 * Owns: which filters and sorts a collection takes together, and what is tried next when the service refuses them.
 * Does not own: writing single predicates (filter.ts) or sending requests (paging.ts).
 * Invariants: each rung asks for a superset of the rung before; what was refused is remembered for the connection.
 */
import type { FilterRules } from '../catalog/table.js';
import type { Reason } from '../scan/reason.js';
import type { FilterTerm } from './filter-term.js';

export interface SortRequest {
  /** OData path. */
  readonly path: string;
  readonly descending: boolean;
  /** True if the statement's order rests on it; false if it is only there for stable paging. */
  readonly promised: boolean;
}

/** What a listing could ask for if the service took everything. */
export interface Wish {
  readonly rules: FilterRules;
  readonly terms: readonly FilterTerm[];
  readonly sort: SortRequest | undefined;
}

/** What is asked for. */
export interface Arranged {
  /** In the order they are written; the floor included. */
  readonly terms: readonly FilterTerm[];
  readonly sort: SortRequest | undefined;
  /** Why the sort was left out. */
  readonly sortReason?: Reason;
}

export const RECEIVED = 'receivedDateTime';

/** Graph: a harmless restriction that puts the sort field first in $filter ("the floor", facts 1.1). */
export const FLOOR: FilterTerm = {
  text: `${RECEIVED} ge 1900-01-01T00:00:00Z`,
  paths: [RECEIVED],
  lenient: true,
  notWithOrder: false,
  functions: false,
  dates: true,
  advanced: false,
  nodes: 1,
};

/** Rungs of the ladder, one step per 400 InefficientFilter or ErrorRestrictionTooComplex. */
export const RUNG = { asked: 0, floor: 1, unsorted: 2, noFunctions: 3, datesOnly: 4, plain: 5 } as const;

/** What the service refused on this connection. */
export class Refusals {
  readonly #rungs = new Map<string, number>();
  #strict = false;

  /** The service wants the floor even beside the lenient set: learnt once for the connection. */
  get strict(): boolean {
    return this.#strict;
  }

  rung(wish: Wish): number {
    return this.#rungs.get(signature(wish)) ?? RUNG.asked;
  }

  /**
   * Remembers that this wish was refused, as it was `tried`; false if there is no further rung. Two listings can be refused
   * for the same reason at once: the second one finds that the rung has moved already.
   */
  refuse(wish: Wish, tried?: Arranged): boolean {
    const rung = this.rung(wish);
    const before = JSON.stringify(arrange(wish, rung, this.#strict));
    if (tried !== undefined && JSON.stringify(tried) !== before) return true;
    for (let next = rung + 1; next <= RUNG.plain; next++) {
      if (JSON.stringify(arrange(wish, next, this.#strict)) === before) continue;
      if (next === RUNG.floor) this.#strict = true;
      this.#rungs.set(signature(wish), next);
      return true;
    }
    return false;
  }
}

/** Values differ from statement to statement; what the service refuses is the form. */
function signature({ rules, terms, sort }: Wish): string {
  const forms = terms.map((term) => `${term.paths.join(',')}${term.functions ? '()' : ''}`).sort();
  return `${rules}|${forms.join('|')}|${sort === undefined ? '' : `${sort.path} ${sort.descending ? 'desc' : 'asc'}`}`;
}

/** Filter and sort as they are sent on a rung. */
export function arrange(wish: Wish, rung: number, strict: boolean): Arranged {
  const kept = wish.terms.filter((term) => (rung >= RUNG.plain ? false : rung >= RUNG.datesOnly ? term.dates : rung >= RUNG.noFunctions ? !term.functions : true));
  const { sort } = wish;
  if (sort === undefined) return { terms: kept, sort: undefined };
  // With nothing left to filter the plain listing sorts as ever.
  if (rung >= RUNG.unsorted && kept.length > 0) return { terms: kept, sort: undefined, sortReason: 'too-complex' };
  if (kept.length === 0) return { terms: kept, sort };
  if (kept.some((term) => term.notWithOrder)) return { terms: kept, sort: undefined, sortReason: 'not-with-order' };
  if (wish.rules !== 'messages') return { terms: kept, sort };
  // Graph: each $orderby property must be in $filter too, in the same order and before all others, else InefficientFilter.
  const own = kept.filter((term) => term.paths.every((path) => path === sort.path));
  const others = kept.filter((term) => !own.includes(term));
  if (own.length > 0) return { terms: [...own, ...others], sort };
  if (sort.path !== RECEIVED) return { terms: kept, sort: undefined, sortReason: 'not-with-order' };
  const lenient = kept.every((term) => term.lenient);
  return lenient && !strict && rung < RUNG.floor ? { terms: kept, sort } : { terms: [FLOOR, ...kept], sort };
}

const MOST_NODES = 15;
const MOST_ENCODED = 1400;

/**
 * The terms that fit a URL and the service's patience; the longest go first, since short ones (flags, dates) restrict best
 * per character.
 */
export function fitting(terms: readonly FilterTerm[]): readonly FilterTerm[] {
  let kept = [...terms];
  const size = (list: readonly FilterTerm[]): number => list.reduce((sum, term) => sum + encodeURIComponent(term.text).length + 9, 0);
  const nodes = (list: readonly FilterTerm[]): number => list.reduce((sum, term) => sum + term.nodes, 0);
  while (kept.length > 0 && (nodes(kept) > MOST_NODES || size(kept) > MOST_ENCODED)) {
    const longest = kept.reduce((a, b) => (b.nodes > a.nodes || (b.nodes === a.nodes && b.text.length > a.text.length) ? b : a));
    kept = kept.filter((term) => term !== longest);
  }
  return kept;
}
