/**
 * Owns: the result of a dry run: every write request as it would be sent, and who would get mail.
 * Does not own: describing requests (the Mutator), reading the rows (write.ts).
 * Invariants: nothing of a dry run reaches the service but its reads.
 */
import type { DescribedWrite } from '../scan/write.js';
import type { RawRow } from './execute.js';
import type { Column } from './results.js';

/** What a dry run found. */
export interface DryRunSummary {
  /** Rows that would be written. */
  readonly rows: number;
  /** Addresses that would get mail, each once. */
  readonly mails: readonly string[];
}

const column = (name: string, type: Column['type'], description: string): Column => ({ name, type, table: undefined, column: undefined, nullable: type !== 'integer', description });

export const DRY_RUN_COLUMNS: readonly Column[] = [
  column('row', 'integer', 'Row of the statement, from 1.'),
  column('method', 'text', 'HTTP method.'),
  column('url', 'text', 'Path and query below the service root.'),
  column('headers', 'json', 'Headers, without authorization.'),
  column('body', 'text', 'What would be sent; large contents by their length.'),
  column('mails', 'text', 'Addresses that would get mail.'),
];

export function dryRunRows(described: readonly DescribedWrite[]): readonly RawRow[] {
  return described.map(({ row, method, url, headers, body, mails }) => [BigInt(row + 1), method, url, JSON.stringify(headers), body ?? null, mails.length === 0 ? null : mails.join('; ')]);
}

export const dryRunSummary = (described: readonly DescribedWrite[], rows: number): DryRunSummary => ({ rows, mails: [...new Set(described.flatMap(({ mails }) => mails))] });
