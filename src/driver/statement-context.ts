/**
 * Owns: the records that pass between the parts of a statement's life.
 */
import type { BoundParameters } from '../engine/types.js';
import type { RunContext, RunStatistics, Warning } from '../scan/source.js';
import type { DescribedWrite } from '../scan/write.js';
import type { RawRow } from './execute.js';
import type { Column } from './results.js';
import type { Session } from './session.js';
import type { WriteSafety } from './write-options.js';
import type { WriteSummary } from './write-outcomes.js';

/** What every part of a statement's life needs. */
export interface StatementContext {
  readonly session: Session;
  /** The user's own text. */
  readonly original: string;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly statistics: RunStatistics;
  readonly warnings: Warning[];
  readonly maxRows: number | undefined;
  readonly safety: WriteSafety;
  /** What becomes of rows to write, decided when the statement begins: sent, described (DryRun), or kept for COMMIT. */
  readonly mode: 'send' | 'dry-run' | 'queue';
  /** Of a dry run: what would be sent. */
  readonly described: DescribedWrite[];
  warn(warning: Warning): void;
  scanContext(statistics: RunStatistics, expectedRows?: number): RunContext;
}

/** A result whose columns are known and whose rows are still to come. */
export interface Opened {
  readonly columns: readonly Column[];
  readonly batches: AsyncGenerator<readonly RawRow[], void, void>;
  /** Of a writing statement; filled when its rows have come. */
  readonly written?: WriteSummary;
}

/** A SELECT for SQLite with its values. */
export interface BoundSelect {
  readonly text: string;
  readonly parameters: BoundParameters;
  readonly columnNames: readonly (string | undefined)[];
  toOriginal(offset: number): number;
}
