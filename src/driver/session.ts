/**
 * Owns: what lives as long as a connection: options, catalog, judge, source, warnings of the last statement, temporary tables.
 * Does not own: running a statement (statement.ts).
 */
import type { Catalog } from '../catalog/load.js';
import type { TemporaryJudge } from '../engine/judge.js';
import type { Procedures } from '../scan/procedure.js';
import type { SoundnessSwitches } from '../planner/index.js';
import type { StatementRun } from '../http/statement-traces.js';
import type { Source, Warning } from '../scan/source.js';
import type { Mutator } from '../scan/write.js';
import type { ConnectionOptions } from './connection-string.js';
import type { FileAccess } from './files.js';
import type { Transaction } from './transaction.js';

/** SCOPE_IDENTITY(): id of the row that was inserted last; undefined before the first. */
export interface LastWrite {
  identity: string | undefined;
}

export interface Session {
  readonly options: ConnectionOptions;
  readonly catalog: Catalog;
  /** What the system tables list, where `Tables` or `Views` narrow it. */
  readonly listed?: Catalog;
  readonly judge: TemporaryJudge;
  readonly source: Source;
  /** Writes rows; absent where the protocol only reads. */
  readonly mutator?: Mutator;
  /** Runs stored procedures; absent where the protocol has none. */
  readonly procedures?: Procedures;
  /** Which files of this machine procedures may read and write; absent for none. */
  readonly fileAccess?: FileAccess;
  /** Of a statement that begins: runs pieces of its work, so that what they trace is found in its files. */
  readonly traced?: () => StatementRun;
  /** Warnings of the statement that ended last, for sys_warnings. */
  warnings: readonly Warning[];
  /** Writes between BEGIN and COMMIT. */
  readonly transaction: Transaction;
  /** What the connection wrote last. */
  readonly written: LastWrite;
  /** Warnings of the connection string that no statement has carried yet; the first one does. */
  readonly unreported: Warning[];
  readonly closed: AbortSignal;
  /** Set by tests only: rules of soundness turned off, to show that each is needed. */
  readonly rules?: SoundnessSwitches;
}
