/**
 * Owns: the `Scan` record, the joint of the design: what one table reference of a statement asks of a source.
 * Does not own: how it came about (planner/, or a server that plans elsewhere) or how it is answered (graph/, ews/).
 * Invariants: immutable plain data, no AST, no I/O.
 */
import type { Conjunct, Predicate } from './predicate.js';
import type { Reason } from './reason.js';
import type { RowLimit } from './value.js';

export interface OrderTerm {
  readonly column: string;
  readonly descending: boolean;
}

/** A conjunct of the statement that is not represented in the scan, with why. For EXPLAIN and the limit rule. */
export interface Residual {
  readonly sql: string;
  readonly reason: Reason;
  /** What it says, where it was read and only must not go down. */
  readonly predicate?: Predicate;
}

export interface Scan {
  /** Ordinal of the scan in its statement, from 0. */
  readonly id: number;
  /** Canonical table name as declared. */
  readonly table: string;
  /** Name of the reference in the statement (alias or table name), for EXPLAIN. */
  readonly reference: string;
  /** Canonical column names the statement reads: union over all its references to this table. May be empty (`count(*)`). */
  readonly columns: readonly string[];
  readonly conjuncts: readonly Conjunct[];
  readonly residuals: readonly Residual[];
  /** Present only if the statement's order is made of bare columns of this one table. */
  readonly order?: readonly OrderTerm[];
  /** limit + offset. Present only if nothing between scan and limit changes the row count. */
  readonly limit?: RowLimit;
  /** True if the statement only counts the scan's rows (`SELECT count(*) FROM t WHERE …`). */
  readonly countOnly?: boolean;
}

export type Handling = 'exact' | 'inexact' | 'none';

export interface ConjunctOutcome {
  readonly conjunct: Conjunct;
  readonly handled: Handling;
  /** What is sent for it, e.g. `isRead eq false` or `path /mailFolders/{id}/messages`. */
  readonly how?: string;
  /** Why it is not exact. Present unless `exact`. */
  readonly reason?: Reason;
}

/** One request, or one family of like requests, that a plan will send. Pure data for EXPLAIN and tests. */
export interface PlannedRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query below the service root, decoded placeholders as `{…}`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Canonical columns this request serves. */
  readonly columns: readonly string[];
  /** Row-per-page asked for, where it pages. */
  readonly pageSize?: number;
  /** Number of pages or calls where known before running. */
  readonly calls?: number;
  /** E.g. `per message with attachments`, `per mailbox`, `20 keys a batch`. */
  readonly repeated?: string;
}

/** What a source answers to a scan. `Detail` is the protocol's own data, opaque to everyone else. */
export interface ScanPlan<Detail = unknown> {
  readonly scan: Scan;
  readonly requests: readonly PlannedRequest[];
  readonly outcomes: readonly ConjunctOutcome[];
  /** `honoured`: rows arrive in the scan's order, SQL's order in every respect. */
  readonly order: 'none' | 'honoured' | 'local';
  readonly orderReason?: Reason;
  /** `honoured`: at most limit rows arrive, and they are the right ones. `local`: the limit is a stop signal at most. */
  readonly limit: 'none' | 'honoured' | 'local';
  readonly limitReason?: Reason;
  /** For `countOnly` scans: `service` if one count request answers exactly, else `rows`. */
  readonly count?: 'service' | 'rows';
  readonly detail: Detail;
}
