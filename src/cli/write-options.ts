/**
 * Owns: the options of commands that may write, and what is told on stderr of what was written.
 * Does not own: keeping to them (the library).
 */
import type { RowStream, WriteOptions } from '../index.js';
import { UsageError, type OptionSpec, type ParsedArguments } from './arguments.js';
import { printable } from './printable.js';

export const WRITE_OPTIONS = {
  'dry-run': { type: 'boolean' },
  'on-row-error': { type: 'string' },
  'max-affected-rows': { type: 'string' },
  'allow-full-table': { type: 'boolean' },
} as const satisfies OptionSpec;

export function writeOptions(args: ParsedArguments): WriteOptions {
  const onRowError = args.value('on-row-error');
  if (onRowError !== undefined && onRowError !== 'stop' && onRowError !== 'continue') throw new UsageError(`--on-row-error takes stop or continue, not '${onRowError}'`);
  const maxAffectedRows = args.integer('max-affected-rows');
  return {
    ...(args.flag('dry-run') ? { dryRun: true } : {}),
    ...(onRowError === undefined ? {} : { onRowError }),
    ...(maxAffectedRows === undefined ? {} : { maxAffectedRows }),
    ...(args.flag('allow-full-table') ? { allowFullTable: true } : {}),
  };
}

/** One line on what a statement wrote, or would write; nothing for one that only reads. */
export function writtenLine({ affectedRows, outcomes, dryRun }: Pick<RowStream<unknown>, 'affectedRows' | 'outcomes' | 'dryRun'>): string | undefined {
  if (dryRun !== undefined) {
    const mails = dryRun.mails.length === 0 ? 'nobody would get mail' : `mail would go to ${dryRun.mails.map(printable).join(', ')}`;
    return `dry run: ${rows(dryRun.rows)} would be written, ${mails}; nothing was sent`;
  }
  if (affectedRows === undefined || outcomes === undefined) return undefined;
  const left = outcomes.filter(({ status }) => status === 'failed').length;
  return `${rows(affectedRows)} affected${left === 0 ? '' : `, ${String(left)} not written`}`;
}

const rows = (count: number): string => (count === 1 ? '1 row' : `${String(count)} rows`);
