/**
 * Owns: what a connection and a call say about writing: Readonly, MaxAffectedRows, AllowFullTable, OnRowError, DryRun.
 * Does not own: keeping to it (write-safety.ts), the properties' texts (connection-properties.ts).
 */
import { ExchangeSqlError } from '../errors.js';
import type { ConnectionOptions } from './connection-options.js';

/** What a caller may say for one statement; otherwise the connection's properties count. */
export interface WriteOptions {
  /** Refuse the statement before its first write if it would write more rows; 0 for no limit. */
  readonly maxAffectedRows?: number;
  /** UPDATE and DELETE without WHERE may run. */
  readonly allowFullTable?: boolean;
  /** `stop`: after a row that cannot be written nothing further is sent; `continue`: the others are written. */
  readonly onRowError?: 'stop' | 'continue';
  /** Read, but write nothing: the rows of the result are the requests that would be sent. */
  readonly dryRun?: boolean;
}

export interface WriteSafety {
  readonly readonly: boolean;
  /** Undefined for no limit. */
  readonly maxAffectedRows: number | undefined;
  readonly allowFullTable: boolean;
  readonly onRowError: 'stop' | 'continue';
  readonly dryRun: boolean;
}

/** @throws ExchangeSqlError BAD_PARAMETER. */
export function safetyOf(options: ConnectionOptions, { maxAffectedRows, allowFullTable, onRowError, dryRun }: WriteOptions): WriteSafety {
  if (maxAffectedRows !== undefined && !(Number.isSafeInteger(maxAffectedRows) && maxAffectedRows >= 0)) {
    throw new ExchangeSqlError('BAD_PARAMETER', `maxAffectedRows must be a whole number from 0, not ${String(maxAffectedRows)}`, { hint: 'Give the most rows one statement may write, or 0 for no limit.' });
  }
  return {
    readonly: options.readonly,
    maxAffectedRows: maxAffectedRows === undefined ? options.maxAffectedRows : maxAffectedRows === 0 ? undefined : maxAffectedRows,
    allowFullTable: allowFullTable ?? options.allowFullTable,
    onRowError: onRowError ?? options.onRowError,
    dryRun: dryRun ?? options.dryRun,
  };
}
