/**
 * Owns: the record of how a statement will run.
 * Invariants: immutable plain data; running it needs only the engine and a Source.
 */
import type { ResultColumn } from '../engine/types.js';
import type { Reason } from '../scan/reason.js';
import type { Scan } from '../scan/scan.js';

/** A scan that may be answered by looking up keys that other scans deliver. */
export interface Lookup {
  /** Column of this scan's table that the keys are for. */
  readonly column: string;
  /** SQL over the staged tables that gives the keys (one column, distinct, not NULL). */
  readonly keysSql: string;
  /** Scans that must be staged before `keysSql` can run. */
  readonly after: readonly number[];
  /** For EXPLAIN: the join or IN term as the user wrote it. */
  readonly sql: string;
  /**
   * The column chooses where rows are read (userId), so the keys are part of the statement's meaning: they are always added
   * to the scan as an IN, whatever is decided about the other look-ups.
   */
  readonly required?: boolean;
}

export interface PlannedScan {
  readonly scan: Scan;
  readonly lookups: readonly Lookup[];
  /** Why the statement's LIMIT is not in the scan. Absent if there is none, or if it is. */
  readonly limitReason?: Reason;
}

/**
 * - `constant`: no virtual table is read (or none can deliver rows): no request
 * - `count`: one scan with `countOnly`
 * - `bypass`: rows go from page to caller; `projection[i]` is the index of result column i in the scan's columns
 * - `rowwise`: `pageSql` runs once per page over that page's rows
 * - `staged`: all scans are staged, then `sql` runs
 */
export type Mode = 'constant' | 'count' | 'bypass' | 'rowwise' | 'staged';

/** Ways to run a statement that depend on what the source answers; `finishPlan` chooses. */
export interface Candidates {
  /** The result is nothing but counts of the scan's rows. */
  readonly count: boolean;
  /** The statement has an ORDER BY, so rows must arrive in its order. */
  readonly ordered: boolean;
  /** The scan's conjuncts say all that WHERE says. */
  readonly represented: boolean;
  readonly projection?: readonly number[];
  readonly pageSql?: string;
  readonly limit?: number;
  readonly offset?: number;
}

export interface StatementPlan {
  /** The text the engine runs: the user's own with token edits. */
  readonly sql: string;
  readonly columns: readonly ResultColumn[];
  readonly scans: readonly PlannedScan[];
  /** System and temporary tables the statement reads, which are filled locally. */
  readonly localTables: readonly { readonly schema: string; readonly table: string }[];
  readonly mode: Mode;
  readonly projection?: readonly number[];
  /** For `rowwise`: the text without LIMIT/OFFSET. */
  readonly pageSql?: string;
  /** For `bypass`, `rowwise`: counted across pages. */
  readonly limit?: number;
  readonly offset?: number;
  /** Present until `finishPlan` has chosen the mode. */
  readonly candidates?: Candidates;
}
