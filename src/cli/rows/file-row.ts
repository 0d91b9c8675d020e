/**
 * Owns: one row of a file, and errors about one line.
 */
import { ExchangeSqlError, type ParameterValue } from '../../index.js';

export interface FileRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, ParameterValue>>;
}

/** An error about one line of a file. */
export const lineError = (path: string, line: number, message: string, hint?: string): ExchangeSqlError =>
  new ExchangeSqlError('BAD_VALUE', `${path === '-' ? 'standard input' : path}, line ${String(line)}: ${message}`, hint === undefined ? {} : { hint });
