/**
 * Owns: CONVERT(type, value[, style]) as xs_convert('type', value[, style]).
 * Does not own: CAST, which is SQLite's.
 * Invariants: NULL in, NULL out; what cannot be converted is an error, as in SQL Server, never 0 or NULL.
 */
import type { SqlValue } from '../../scan/value.js';
import { MONTHS } from './date-parts.js';
import { fractionOf, isoDate, isoTime, readTimestamp, writeTimestamp, type Instant } from './timestamp.js';
import { badValue, show, textOf, timestampOf, wholeOf } from './value.js';

type Present = Exclude<SqlValue, null>;

export function convert(type: SqlValue, value: SqlValue, style: SqlValue = null): SqlValue {
  const match = /^\s*([a-z_][\w ]*?)\s*(?:\(\s*(max|\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/i.exec(type === null ? '' : textOf(type));
  if (match?.[1] === undefined) throw badValue(`CONVERT: ${type === null ? 'NULL' : show(type)} is not a type`);
  if (value === null) return null;
  const [, name, first, second] = match;
  const size = first === undefined || first.toLowerCase() === 'max' ? undefined : Number(first);
  switch (name.toLowerCase()) {
    case 'char':
    case 'nchar':
    case 'varchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'sysname':
    case 'uniqueidentifier':
    case 'uuid':
      return cut(style === null ? textOf(value) : styled(value, wholeOf(style, 'CONVERT')), size);
    case 'tinyint':
      return within(value, 0n, 255n, 'tinyint');
    case 'smallint':
      return within(value, -32_768n, 32_767n, 'smallint');
    case 'int':
    case 'integer':
      return within(value, -2_147_483_648n, 2_147_483_647n, 'int');
    case 'bigint':
      return within(value, -(2n ** 63n), 2n ** 63n - 1n, 'bigint');
    case 'bit':
    case 'boolean':
      return bit(value);
    case 'float':
    case 'real':
    case 'double':
    case 'double precision':
      return numeric(value);
    case 'decimal':
    case 'numeric':
    case 'money':
      return rounded(numeric(value), name.toLowerCase() === 'money' ? 4 : Number(second ?? 0));
    case 'date':
      return isoDate(new Date(timestampOf(value, 'CONVERT').ms));
    case 'time':
      return time(value);
    case 'datetime':
    case 'datetime2':
    case 'smalldatetime':
    case 'datetimeoffset':
    case 'timestamp': {
      const instant = timestampOf(value, 'CONVERT');
      return writeTimestamp(instant, instant.digits);
    }
    case 'binary':
    case 'varbinary':
    case 'blob': {
      const bytes = value instanceof Uint8Array ? value : Buffer.from(textOf(value), 'utf8');
      return size === undefined ? bytes : bytes.subarray(0, size);
    }
    default:
      throw badValue(`CONVERT: ${name} is not a type`, 'Use varchar, int, bigint, bit, float, decimal, date, time, datetime or varbinary.');
  }
}

const cut = (text: string, size: number | undefined): string => (size === undefined || text.length <= size ? text : Array.from(text).slice(0, size).join(''));

function within(value: Present, low: bigint, high: bigint, type: string): bigint {
  const whole = integer(value, type);
  if (whole < low || whole > high) throw badValue(`CONVERT: ${show(value)} does not fit into ${type}`);
  return whole;
}

function integer(value: Present, type: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return BigInt(value.trim().replace(/^\+/, ''));
  throw badValue(`CONVERT: ${show(value)} is not a ${type}`);
}

function bit(value: Present): bigint {
  if (typeof value === 'string') {
    const text = value.trim().toLowerCase();
    if (text === 'true') return 1n;
    if (text === 'false') return 0n;
  }
  return numeric(value) === 0 ? 0n : 1n;
}

function numeric(value: Present): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw badValue(`CONVERT: ${show(value)} is not a number`);
  return number;
}

function rounded(number: number, digits: number): number {
  const text = Math.abs(number) < 1e15 ? Number(`${String(Math.round(Number(`${String(Math.abs(number))}e${String(digits)}`)))}e-${String(digits)}`) : Math.abs(number);
  return Number.isNaN(text) ? number : Math.sign(number) * text;
}

function time(value: Present): string {
  if (typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value)) return value.length === 5 ? `${value}:00` : value;
  return isoTime(new Date(timestampOf(value, 'CONVERT').ms));
}

/** SQL Server's date styles. A value that is not a timestamp keeps its text, as a number does there. */
function styled(value: Present, style: number): string {
  const instant = typeof value === 'string' ? readTimestamp(value) : undefined;
  if (instant === undefined) return textOf(value);
  const format = STYLES[style];
  if (format === undefined) throw badValue(`CONVERT: the style ${String(style)} is not offered`, `Use one of ${Object.keys(STYLES).join(', ')}, or strftime().`);
  return format(instant);
}

const dated = (write: (year: string, month: string, day: string) => string) => ({ ms }: Instant): string => {
  const [year = '', month = '', day = ''] = isoDate(new Date(ms)).split('-');
  return write(year, month, day);
};
const clock = ({ ms }: Instant): string => isoTime(new Date(ms));
const thousandths = (instant: Instant): string => fractionOf(instant).slice(0, 3);
const shortMonth = (month: string): string => (MONTHS[Number(month) - 1] ?? '').slice(0, 3);
const day = dated((y, m, d) => `${y}-${m}-${d}`);

const STYLES: Readonly<Record<number, (instant: Instant) => string>> = {
  23: day,
  24: clock,
  101: dated((y, m, d) => `${m}/${d}/${y}`),
  102: dated((y, m, d) => `${y}.${m}.${d}`),
  103: dated((y, m, d) => `${d}/${m}/${y}`),
  104: dated((y, m, d) => `${d}.${m}.${y}`),
  105: dated((y, m, d) => `${d}-${m}-${y}`),
  106: dated((y, m, d) => `${d} ${shortMonth(m)} ${y}`),
  107: dated((y, m, d) => `${shortMonth(m)} ${d}, ${y}`),
  108: clock,
  110: dated((y, m, d) => `${m}-${d}-${y}`),
  111: dated((y, m, d) => `${y}/${m}/${d}`),
  112: dated((y, m, d) => `${y}${m}${d}`),
  114: (at) => `${clock(at)}:${thousandths(at)}`,
  120: (at) => `${day(at)} ${clock(at)}`,
  121: (at) => `${day(at)} ${clock(at)}.${thousandths(at)}`,
  126: (at) => writeTimestamp(at, thousandths(at) === '000' ? 0 : 3).slice(0, -1),
  127: (at) => writeTimestamp(at, thousandths(at) === '000' ? 0 : 3),
};
