/**
 * Owns: the predicates that can leave the planner, free of any AST.
 * Does not own: how a protocol writes them (graph/filter.ts) or reads them from SQL (planner/).
 * Invariants: plain frozen data; column names are canonical (as declared in `schema/`); every predicate rejects NULL
 * except `null` with `negated: false`, and `any`/`all` built from it.
 */
import type { Constant } from './value.js';

export type CompareOperator = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export type Predicate =
  /** `column op constant`, both of one storage class (text/text, integer/number, boolean 0n/1n). SQLite's BINARY comparison. */
  | { readonly kind: 'compare'; readonly column: string; readonly op: CompareOperator; readonly value: Constant }
  /** `column IN (constants)`: at least one, distinct, no NULL. */
  | { readonly kind: 'in'; readonly column: string; readonly values: readonly Constant[] }
  /** Text that starts with `prefix` (never empty). From LIKE (ASCII case folded: `caseSensitive: false`) or GLOB (true). */
  | { readonly kind: 'prefix'; readonly column: string; readonly prefix: string; readonly caseSensitive: boolean }
  /** Text that contains `text` (never empty). */
  | { readonly kind: 'contains'; readonly column: string; readonly text: string; readonly caseSensitive: boolean }
  /** `column IS NULL`, or `IS NOT NULL` when negated. */
  | { readonly kind: 'null'; readonly column: string; readonly negated: boolean }
  /** `SEARCH('…')`: the service's own index decides; not re-checkable locally. */
  | { readonly kind: 'search'; readonly text: string }
  /** OR of predicates on this same table; may go down only if every arm can. */
  | { readonly kind: 'any'; readonly arms: readonly Predicate[] }
  /** AND of predicates inside an OR. */
  | { readonly kind: 'all'; readonly arms: readonly Predicate[] }
  /** No row can satisfy it (`x = NULL`, `WHERE 0`): the scan has no rows and needs no request. */
  | { readonly kind: 'never' };

/** One top-level AND term of a scan. */
export interface Conjunct {
  readonly predicate: Predicate;
  /** True if the predicate says all that the SQL says (half a BETWEEN, or the prefix of `'a%b'`, does not). */
  readonly complete: boolean;
  /** The user's own text of it, for EXPLAIN. */
  readonly sql: string;
}
