/**
 * Owns: arguments of own functions as text, whole numbers and timestamps.
 * Invariants: integers arrive as bigint and leave as bigint (a number would become REAL); booleans never leave.
 */
import { ExchangeSqlError } from '../../errors.js';
import type { SqlValue } from '../../scan/value.js';
import { readTimestamp, type Instant } from './timestamp.js';

/** Text of a value as SQLite's CAST gives it. */
export function textOf(value: Exclude<SqlValue, null>): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return realText(value);
  return Buffer.from(value).toString('utf8');
}

/** SQLite: `%!.15g`, which always has a point or an exponent with a point before it. */
function realText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'Inf' : '-Inf';
  const [mantissa = '', exponent] = value.toPrecision(15).split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/0+$/, '').replace(/\.$/, '.0') : `${mantissa}.0`;
  if (exponent !== undefined) return `${short}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`;
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && magnitude < 1e-4) {
    const [digits = '', power = '0'] = value.toExponential(14).split('e');
    return `${digits.replace(/0+$/, '').replace(/\.$/, '.0')}e-${power.slice(1).padStart(2, '0')}`;
  }
  return short;
}

/** Whole number of a numeric value, cut towards zero. */
export function wholeOf(value: Exclude<SqlValue, null>, what: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'bigint' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw badValue(`${what}: ${show(value)} is not a number`);
  return Math.trunc(number);
}

export function timestampOf(value: Exclude<SqlValue, null>, what: string): Instant {
  const instant = typeof value === 'string' ? readTimestamp(value) : undefined;
  if (instant === undefined) throw badTimestamp(value, what);
  return instant;
}

export const badTimestamp = (value: Exclude<SqlValue, null>, what: string): ExchangeSqlError =>
  badValue(`${what}: ${show(value)} is not a timestamp`, "Write it as '2024-01-31', '2024-01-31 10:00:00' or '2024-01-31T10:00:00Z'; without a zone it is UTC.");

export const badValue = (message: string, hint?: string): ExchangeSqlError => new ExchangeSqlError('BAD_VALUE', message, hint === undefined ? {} : { hint });

export function show(value: Exclude<SqlValue, null>): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  return value instanceof Uint8Array ? 'a blob' : String(value);
}
