/**
 * Owns: values given to columns, by the column's type: one form of each, whatever notation the statement used.
 * Does not own: enums, lengths, what a column may be (the Mutator), folder names (write-folders.ts).
 * Invariants: NULL stays NULL; a value that cannot be of the type is an error that names column and row, never a guess.
 */
import type { ColumnDeclaration, ColumnType } from '../catalog/table.js';
import { isoDate, isoTime, fractionOf, readTimestamp, writeTimestamp } from '../engine/functions/timestamp.js';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';

/** Where a value stands in the user's statement, for its error. */
export interface ValuePlace {
  readonly table: string;
  /** Ordinal of the row, from 0. */
  readonly row: number;
  /** Rows the statement has. */
  readonly rows: number;
  readonly position: number | undefined;
}

/**
 * A value as the column's type has it: timestamps in normal form (UTC with `Z`), booleans 1n or 0n, integers bigint, JSON as text that
 * parses (a list may be in a plain notation), bytes or text in base64. A timestamp column with a zone of its own (`zonePath`) keeps a time without offset as local time, written
 * `yyyy-mm-ddThh:mm:ss`, without `Z`.
 *
 * @throws ExchangeSqlError BAD_VALUE.
 */
export function normalValue(value: SqlValue, column: ColumnDeclaration, place: ValuePlace): SqlValue {
  if (value === null) return null;
  const normal = NORMAL[column.type](value, column);
  if (normal === undefined) {
    const where = place.rows > 1 ? `row ${String(place.row + 1)}: ` : '';
    throw new ExchangeSqlError('BAD_VALUE', `${where}${place.table}.${column.name} is ${WANTED[column.type]}, and ${shown(value)} is none`, {
      hint: HINTS[column.type],
      ...(place.position === undefined ? {} : { position: place.position }),
    });
  }
  return normal;
}

type Normal = (value: Exclude<SqlValue, null>, column: ColumnDeclaration) => SqlValue | undefined;

const NORMAL: Readonly<Record<ColumnType, Normal>> = {
  text: (value) => (value instanceof Uint8Array ? undefined : textOf(value)),
  timestamp: (value, column) => (typeof value === 'string' ? timestamp(value.trim(), column) : undefined),
  date: (value) => (typeof value === 'string' ? date(value.trim()) : undefined),
  time: (value) => (typeof value === 'string' ? time(value.trim()) : undefined),
  boolean,
  integer: (value) => integer(value, 32),
  bigint: (value) => integer(value, 64),
  double: (value) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    return typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : undefined;
  },
  // Lists of addresses and of names have plain notations beside JSON, which the Mutator knows.
  json: (value, { items }) => (value instanceof Uint8Array ? undefined : items === undefined ? json(textOf(value)) : textOf(value)),
  // Text is bytes in base64; the Mutator reads it.
  binary: (value) => (value instanceof Uint8Array || typeof value === 'string' ? value : undefined),
};

const WANTED: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  timestamp: 'a timestamp',
  date: 'a date',
  time: 'a time of day',
  boolean: 'a boolean',
  integer: 'a whole number of 32 bits',
  bigint: 'a whole number of 64 bits',
  double: 'a number',
  json: 'JSON',
  binary: 'bytes',
};

const HINTS: Readonly<Record<ColumnType, string>> = {
  text: "Give text in single quotes; bytes become text by CAST(x AS TEXT).",
  timestamp: "Give a time like '2026-03-10T09:00:00Z', or a Date parameter.",
  date: "Give a date like '2026-03-10'.",
  time: "Give a time like '09:00:00'.",
  boolean: 'Give TRUE, FALSE, 1, 0 or NULL.',
  integer: 'Give a whole number.',
  bigint: 'Give a whole number.',
  double: 'Give a number.',
  json: `Give a text that is JSON, like '["a", "b"]'; json_array() and json_object() make one.`,
  binary: "Give bytes as a parameter or as x'…'.",
};

/** SQLite writes a REAL with a fraction, also where there is none. */
function textOf(value: string | bigint | number): string {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
  return String(value);
}

function boolean(value: Exclude<SqlValue, null>): SqlValue | undefined {
  if (typeof value === 'bigint') return value === 0n || value === 1n ? value : undefined;
  if (typeof value === 'number') return value === 0 ? 0n : value === 1 ? 1n : undefined;
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === '1') return 1n;
  return word === 'false' || word === '0' ? 0n : undefined;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

function integer(value: Exclude<SqlValue, null>, bits: number): SqlValue | undefined {
  let whole: bigint | undefined;
  if (typeof value === 'bigint') whole = value;
  else if (typeof value === 'number') whole = Number.isSafeInteger(value) ? BigInt(value) : undefined;
  else if (typeof value === 'string' && /^\s*[+-]?\d{1,20}\s*$/.test(value)) whole = BigInt(value.trim().replace(/^\+/, ''));
  return whole !== undefined && BigInt.asIntN(bits, whole) === whole ? whole : undefined;
}

/** A time that names its offset, `Z` included. */
const WITH_OFFSET = /(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/;
const HAS_TIME = /[Tt ]\d\d:/;

function timestamp(text: string, { zonePath, fraction = 0 }: ColumnDeclaration): string | undefined {
  const instant = readTimestamp(text);
  if (instant === undefined) return undefined;
  const written = writeTimestamp(instant, Math.max(fraction, instant.digits));
  const isLocal = zonePath !== undefined && !(HAS_TIME.test(text) && WITH_OFFSET.test(text));
  return isLocal ? written.slice(0, -1) : written;
}

function date(text: string): string | undefined {
  const instant = readTimestamp(text);
  if (instant === undefined || instant.ticks !== 0) return undefined;
  const day = new Date(instant.ms);
  // A time of day would be lost.
  return isoTime(day) === '00:00:00' && instant.ms % 1000 === 0 ? isoDate(day) : undefined;
}

function time(text: string): string | undefined {
  if (!/^\d\d?:\d\d/.test(text)) return undefined;
  const instant = readTimestamp(`2000-01-01T${text.padStart(text.indexOf(':') === 1 ? text.length + 1 : text.length, '0')}`);
  if (instant === undefined) return undefined;
  const fraction = fractionOf(instant).replace(/0+$/, '');
  return isoTime(new Date(instant.ms)) + (fraction === '' ? '' : `.${fraction}`);
}

function json(text: string): string | undefined {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function shown(value: SqlValue): string {
  if (value instanceof Uint8Array) return `a value of ${String(value.length)} bytes`;
  const text = String(value);
  return typeof value === 'string' ? `'${text.length > 60 ? `${text.slice(0, 60)}…` : text}'` : text;
}
