/**
 * Owns: an error as a user of the command line sees it: one line, the place in the statement, the remedy.
 */
import stringWidth from 'string-width';
import { ExchangeSqlError, type RowReport } from '../errors.js';
import { UsageError } from './arguments.js';
import { printable } from './printable.js';

export function printError(error: unknown, out: NodeJS.WritableStream): void {
  const sql = typeof error === 'object' && error !== null ? statements.get(error) : undefined;
  if (error instanceof UsageError) {
    out.write(`exchange-sql: ${printable(error.message)}\n`);
    return;
  }
  if (error instanceof ExchangeSqlError) {
    out.write(`error ${error.sqlState} ${error.code}: ${printable(error.message)}\n`);
    if (sql !== undefined && error.position !== undefined) out.write(marker(sql, error.position));
    if (error.hint !== undefined) out.write(`hint: ${printable(error.hint)}\n`);
    for (const line of outcomeLines(error.outcomes ?? [])) out.write(`${line}\n`);
    if (error.requestId !== undefined) out.write(`request id: ${printable(error.requestId)}\n`);
    return;
  }
  out.write(`error: ${printable(error instanceof Error ? error.message : String(error))}\n`);
}

/** Most rows an error names one by one. */
const MOST_NAMED = 10;

/** What became of the rows that were not written, or may have been. */
function outcomeLines(outcomes: readonly RowReport[]): string[] {
  if (outcomes.length < 2) return [];
  const count = (status: RowReport['status']): number => outcomes.filter((outcome) => outcome.status === status).length;
  const counts = (['done', 'failed', 'unknown', 'skipped'] as const).filter((status) => count(status) > 0).map((status) => `${String(count(status))} ${WORDS[status]}`);
  const open = outcomes.filter(({ status }) => status === 'failed' || status === 'unknown');
  const named = open.slice(0, MOST_NAMED).map(({ row, status, code, message }) => `  row ${String(row + 1)} ${status} ${code ?? ''}: ${printable(message ?? '')}`);
  return [`rows: ${counts.join(', ')}`, ...named, ...(open.length > MOST_NAMED ? [`  and ${String(open.length - MOST_NAMED)} more; LastResultInfo#TEMP lists all`] : [])];
}

const WORDS: Readonly<Record<RowReport['status'], string>> = { done: 'written', failed: 'refused', unknown: 'of unknown outcome', skipped: 'not sent' };

/** The line of the statement the position is on, with a caret below it. */
function marker(sql: string, position: number): string {
  const start = sql.lastIndexOf('\n', position - 1) + 1;
  const newline = sql.indexOf('\n', position);
  const line = printable(sql.slice(start, newline === -1 ? sql.length : newline).replace(/\t/g, ' '));
  const from = Math.max(0, position - start - 60);
  const [left, right] = [from > 0 ? '…' : '', from + 120 < line.length ? '…' : ''];
  return `  ${left}${line.slice(from, from + 120)}${right}\n  ${' '.repeat(stringWidth(left + line.slice(from, position - start)))}^\n`;
}

/** Runs `work`; an error of it is told apart as one about `sql`, so that its place can be marked when it is printed. */
export async function inStatement(sql: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (typeof error === 'object' && error !== null) statements.set(error, sql);
    throw error;
  }
}

/** The statement an error is about. */
const statements = new WeakMap<object, string>();
