/**
 * Owns: the record of how a statement will run.
 * Invariants: immutable plain data; running it needs only the engine and a Source.
 */
import type { ResultColumn } from '../engine/types.js';
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
}

export interface PlannedScan {
  readonly scan: Scan;
  readonly lookups: readonly Lookup[];
}

/**
 * - `constant`: no virtual table is read (or none can deliver rows): no request
 * - `count`: one scan with `countOnly`
 * - `bypass`: rows go from page to caller; `projection[i]` is the index of result column i in the scan's columns
 * - `rowwise`: `pageSql` runs once per page over that page's rows
 * - `staged`: all scans are staged, then `sql` runs
 */
export type Mode = 'constant' | 'count' | 'bypass' | 'rowwise' | 'staged';

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
}
