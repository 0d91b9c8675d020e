/**
 * Owns: what became of the rows of a writing statement, as reports, counts, warnings and errors.
 * Does not own: sending (the Mutator), the table LastResultInfo#TEMP (last-result.ts).
 * Invariants: every row of the statement has exactly one report; the count is of rows known to be done; a row that may have been
 * done is an error, never left out.
 */
import { ExchangeSqlError, type ErrorCode, type ErrorDetails, type RowReport } from '../errors.js';
import type { Warning } from '../scan/source.js';
import type { RowOutcome, WrittenKey } from '../scan/write.js';
import type { DryRunSummary } from './write-dry-run.js';

/** What a statement wrote; complete when its first row or its end has come. */
export interface WriteSummary {
  affectedRows: number | undefined;
  outcomes: readonly RowReport[] | undefined;
  /** Of a dry run. */
  dryRun?: DryRunSummary;
}

export function reportsOf(outcomes: readonly RowOutcome[]): readonly RowReport[] {
  return outcomes.map((outcome): RowReport => {
    const { row, status } = outcome;
    if (outcome.status === 'done' && outcome.gone === true) return { row, status, message: 'it was not there any more; nothing was changed' };
    if (outcome.status === 'done') return { row, status, ...textMember(outcome.key, 'id'), ...textMember(outcome.key, 'changeKey') };
    if (outcome.status === 'skipped') return { row, status };
    const { code, sqlState, message } = outcome.error;
    return { row, status, code, sqlState, message };
  });
}

function textMember(key: WrittenKey, name: 'id' | 'changeKey'): Partial<RowReport> {
  const value = key[name];
  return typeof value === 'string' ? { [name]: value } : {};
}

export const doneRows = (outcomes: readonly RowOutcome[]): number => outcomes.filter((outcome) => outcome.status === 'done' && outcome.gone !== true).length;

/** Most rows a warning or an error is given for by itself. */
const MOST_NAMED = 5;

export interface JudgedOutcomes {
  readonly onRowError: 'stop' | 'continue';
  /** The statement was cancelled while it wrote: why. */
  readonly aborted: ExchangeSqlError | undefined;
  /** INSERT, UPDATE, DELETE */
  readonly verb: string;
}

/** The error that the outcomes are; undefined if the statement succeeds. */
export function outcomeError(outcomes: readonly RowOutcome[], { onRowError, aborted, verb }: JudgedOutcomes): ExchangeSqlError | undefined {
  const reports = reportsOf(outcomes);
  const unknown = outcomes.filter((outcome) => outcome.status === 'unknown');
  const failed = outcomes.filter((outcome) => outcome.status === 'failed');
  const skipped = outcomes.filter(({ status }) => status === 'skipped').length;
  const first = unknown[0];
  if (first !== undefined) {
    return failure('OUTCOME_UNKNOWN', `${verb} may have been done for ${rowNames(unknown.map(({ row }) => row), outcomes.length)}: ${joined(first.error.message, outcomes)}`, first.error, reports, {
      hint: 'Look whether the rows are there before the statement is run again; `outcomes` lists each.',
      retryable: false,
    });
  }
  const worst = failed[0];
  if (worst !== undefined && (onRowError === 'stop' || outcomes.length === 1)) {
    const which = outcomes.length === 1 ? '' : `row ${String(worst.row + 1)} of ${String(outcomes.length)}: `;
    return failure(worst.error.code, `${which}${joined(worst.error.message, outcomes)}`, worst.error, reports, {});
  }
  if (skipped > 0 && aborted !== undefined) return failure(aborted.code, joined(aborted.message, outcomes), aborted, reports, {});
  return undefined;
}

/** Warnings for rows that failed where the statement goes on. */
export function outcomeWarnings(outcomes: readonly RowOutcome[]): readonly Warning[] {
  const failed = outcomes.filter((outcome) => outcome.status === 'failed');
  const warnings = failed.slice(0, MOST_NAMED).map(({ row, error }): Warning => ({ code: error.code, message: `row ${String(row + 1)} was not written: ${error.message}` }));
  if (failed.length > MOST_NAMED) warnings.push({ code: 'ROWS_FAILED', message: `${String(failed.length - MOST_NAMED)} further rows were not written; LastResultInfo#TEMP lists all` });
  return warnings;
}

function rowNames(rows: readonly number[], of: number): string {
  if (of === 1) return 'the row';
  const named = rows.slice(0, MOST_NAMED).map((row) => String(row + 1)).join(', ');
  return `row ${named}${rows.length > MOST_NAMED ? ` and ${String(rows.length - MOST_NAMED)} more` : ''} of ${String(of)}`;
}

const joined = (message: string, outcomes: readonly RowOutcome[]): string => (outcomes.length === 1 ? message : message.replace(/[.]$/, '') + counted(outcomes));

/** `; 3 of 10 rows were written, 2 failed, 5 were not sent` */
function counted(outcomes: readonly RowOutcome[]): string {
  const count = (status: RowOutcome['status']): number => outcomes.filter((outcome) => outcome.status === status).length;
  const parts = [`${String(count('done'))} of ${String(outcomes.length)} rows were written`];
  if (count('failed') > 0) parts.push(`${String(count('failed'))} failed`);
  if (count('unknown') > 0) parts.push(`${String(count('unknown'))} may have been written`);
  if (count('skipped') > 0) parts.push(`${String(count('skipped'))} were not sent`);
  return `; ${parts.join(', ')}`;
}

/** An error of its own with the outcomes and what the error behind it knows. */
export function failure(code: ErrorCode, message: string, cause: ExchangeSqlError, outcomes: readonly RowReport[], own: Pick<ErrorDetails, 'hint' | 'retryable'>): ExchangeSqlError {
  const { hint, requestId, status, serviceCode, retryable, position } = cause;
  const details = Object.entries({ hint, requestId, status, serviceCode, position }).filter(([, value]) => value !== undefined);
  return new ExchangeSqlError(code, message, { ...Object.fromEntries(details), retryable, ...own, outcomes, cause });
}
