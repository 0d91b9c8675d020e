/**
 * Owns: the interface between a statement and a protocol.
 * Invariants: `plan` is pure; `run` may be called again for the same plan and starts anew.
 */
import type { Scan, ScanPlan } from './scan.js';
import type { SqlValue } from './value.js';

/** A page of rows. `rows[i]` holds the scan's columns in the scan's order; `keys[i]` identifies the row for de-duplication. */
export interface Page {
  readonly rows: readonly (readonly SqlValue[])[];
  readonly keys: readonly string[];
}

/** Counters of one scan or statement; a source adds to them while it runs. */
export interface RunStatistics {
  requests: number;
  /** Bytes of response bodies. */
  bytes: number;
  /** Rows the service sent, before de-duplication and re-check. */
  rowsRead: number;
  retries: number;
}

export interface Warning {
  readonly code: string;
  readonly message: string;
}

export interface RunContext {
  readonly signal: AbortSignal;
  readonly statistics: RunStatistics;
  warn(warning: Warning): void;
  /** Read once per statement. */
  readonly now: Date;
  /** How many rows the consumer is likely to need: sizes the first page, never limits. */
  readonly expectedRows?: number;
}

export type FolderKind = 'mail' | 'contact';

/**
 * Thrown by `run` or `count` before any row is delivered, when the service refused the planned requests and the way that
 * it accepts keeps fewer promises (order, limit, exactness, count) than the plan made. The source remembers what was
 * refused, so the statement only has to be planned again, once: `plan` now answers with promises that hold. An internal
 * signal, never shown to a user.
 */
export class PlanWeakened extends Error {
  override readonly name = 'PlanWeakened';
  constructor(readonly plan: ScanPlan) {
    super('The service refused the planned request; the statement must be planned again.');
  }
}

export interface Source {
  /** Decide what to send. Pure, no I/O. Throws ExchangeSqlError PREDICATE_REQUIRED for a hopeless scan. */
  plan(scan: Scan): ScanPlan;
  /**
   * Rows page by page; superset of the scan's rows, each row once. Stops requesting when the iterator is returned.
   * May throw PlanWeakened before the first page: plan the statement again and start anew.
   */
  run(plan: ScanPlan, context: RunContext): AsyncIterable<Page>;
  /** Number of rows of a `countOnly` plan whose `count` is `service`; undefined when the service's count proves unusable. */
  count(plan: ScanPlan, context: RunContext): Promise<bigint | undefined>;
  /** Rough number of rows a scan would read, by a cheap request; undefined if the service cannot tell. */
  estimate(plan: ScanPlan, context: RunContext): Promise<number | undefined>;
  /** Requests a scan costs if `keys` values of `column` are looked up instead of scanning; undefined if it cannot look up. */
  lookupCost(table: string, column: string, keys: number): number | undefined;
  /** Id of a folder by path (`/Inbox/Clients`) or well-known name (`inbox`); undefined if there is none. */
  resolveFolder(kind: FolderKind, name: string, mailbox: string | undefined, context: RunContext): Promise<string | undefined>;
}
