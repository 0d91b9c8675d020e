/**
 * Owns: the records between a writing statement and a protocol: what a statement writes, one row of it, what became of the row.
 * Does not own: how SQL says it (sql/), how a protocol sends it (graph/write.ts), when it is sent (driver/).
 * Invariants: immutable plain data; column names are canonical; every row written has exactly one outcome.
 */
import type { ExchangeSqlError } from '../errors.js';
import type { PlannedRequest } from './scan.js';
import type { RunContext } from './source.js';
import type { SqlValue } from './value.js';

export type WriteKind = 'insert' | 'update' | 'delete';

/** What one statement writes, before its rows are known. */
export interface WriteShape {
  readonly kind: WriteKind;
  /** Canonical table name as declared. */
  readonly table: string;
  /** Columns given a value: INSERT's list, UPDATE's SET list; for DELETE the pseudo-columns its WHERE binds (DeleteMode). */
  readonly columns: readonly string[];
  /** Columns whose values after the write are wanted (RETURNING). Empty for DELETE: its rows were read before. */
  readonly returning: readonly string[];
  /** The statement names the version of its rows (changeKey in WHERE, or read by it): every row is written only if unchanged. */
  readonly guarded: boolean;
}

/** One row to write. */
export interface RowWrite {
  /** Ordinal in the statement, from 0. */
  readonly row: number;
  /** In the order of `WriteShape.columns`; undefined is DEFAULT: the service chooses. */
  readonly values: readonly (SqlValue | undefined)[];
  /** UPDATE, DELETE: in the order of `WritePlan.read`. Empty for INSERT. */
  readonly target: readonly SqlValue[];
}

/** How rows of one shape will be written. `Detail` is the protocol's own. */
export interface WritePlan<Detail = unknown> {
  readonly shape: WriteShape;
  /** Columns that have to be read of each row to be changed: key, mailbox, parents, version, what a request must repeat. */
  readonly read: readonly string[];
  /** One entry a family of requests, for EXPLAIN. */
  readonly requests: readonly PlannedRequest[];
  readonly detail: Detail;
}

/** Columns by which the written row is known: `id`, `changeKey`, and what else the key has. */
export type WrittenKey = Readonly<Record<string, SqlValue>>;

export type RowOutcome =
  | {
      readonly row: number;
      readonly status: 'done';
      readonly key: WrittenKey;
      /** In the order of `WriteShape.returning`. */
      readonly values: readonly SqlValue[];
      /** DELETE: it was not there any more, so nothing was changed. It does not count as affected. */
      readonly gone?: true;
    }
  /** The service refused it; nothing of it was done, or the message says that a part was. */
  | { readonly row: number; readonly status: 'failed'; readonly error: ExchangeSqlError }
  /** No answer came and it could not be found out: it may have been done. Never repeated. */
  | { readonly row: number; readonly status: 'unknown'; readonly error: ExchangeSqlError }
  /** Not sent: an earlier row failed, or the statement was cancelled. */
  | { readonly row: number; readonly status: 'skipped' };

/** One request as it would be sent, for DryRun. */
export interface DescribedWrite {
  readonly row: number;
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query below the service root. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as it would be sent; large contents are named by their length. */
  readonly body: string | undefined;
  /** Addresses that would get mail (invitations, cancellations, a message sent). */
  readonly mails: readonly string[];
}

export interface WriteContext extends RunContext {
  /** `stop`: after a row failed nothing further is sent. */
  readonly onRowError: 'stop' | 'continue';
}

export interface Mutator {
  /**
   * Pure. @throws ExchangeSqlError NOT_WRITABLE, MISSING_COLUMN, BAD_VALUE, NOT_SUPPORTED: what no row of this shape can be, naming
   * column and rule.
   */
  planWrite(shape: WriteShape): WritePlan;
  /** Pure. @throws the same for one row's values (enum, type, length). Called for every row before the first is sent. */
  checkRow(plan: WritePlan, row: RowWrite): void;
  /** Pure: the requests these rows would send, in order. */
  describeWrites(plan: WritePlan, rows: readonly RowWrite[]): readonly DescribedWrite[];
  /** Sends. Every row gives exactly one outcome, in any order. Throws only for what befalls all (no token, cancelled before the first). */
  write(plan: WritePlan, rows: readonly RowWrite[], context: WriteContext): AsyncIterable<RowOutcome>;
}
