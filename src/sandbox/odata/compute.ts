/**
 * Owns: what the functions and casts of an expression compute.
 * Does not own: argument types (functions.ts).
 * Invariants: a null argument gives null; nothing throws.
 */
import { containsText, foldText, readMoment } from './values.js';

/** A comparable value; moments are milliseconds since 1970. */
export type Value = null | boolean | number | string;

export interface ComputeOptions {
  readonly words: boolean;
  readonly now: number;
}

type Call = (list: readonly Value[]) => Value;

const text = (work: (...texts: string[]) => Value): Call => (list) =>
  list.every((value) => typeof value === 'string') ? work(...(list as string[])) : null;
const number = (work: (value: number) => number): Call => ([value]) => (typeof value === 'number' ? work(value) : null);
const moment = (work: (date: Date) => number): Call => ([value]) => (typeof value === 'number' ? work(new Date(Math.floor(value))) : null);

const CALLS: Readonly<Record<string, Call>> = {
  contains: text((a = '', b = '') => containsText(foldText(a), foldText(b), false)),
  startswith: text((a = '', b = '') => foldText(a).startsWith(foldText(b))),
  endswith: text((a = '', b = '') => foldText(a).endsWith(foldText(b))),
  indexof: text((a = '', b = '') => foldText(a).indexOf(foldText(b))),
  concat: text((a = '', b = '') => a + b),
  length: text((a = '') => a.length),
  tolower: text((a = '') => a.toLowerCase()),
  toupper: text((a = '') => a.toUpperCase()),
  trim: text((a = '') => a.trim()),
  substring: ([value, start, count]) => {
    if (typeof value !== 'string' || typeof start !== 'number') return null;
    const from = Math.max(0, start);
    return typeof count === 'number' ? value.slice(from, from + Math.max(0, count)) : value.slice(from);
  },
  year: moment((date) => date.getUTCFullYear()),
  month: moment((date) => date.getUTCMonth() + 1),
  day: moment((date) => date.getUTCDate()),
  hour: moment((date) => date.getUTCHours()),
  minute: moment((date) => date.getUTCMinutes()),
  second: moment((date) => date.getUTCSeconds()),
  date: moment((date) => Math.floor(date.getTime() / 86_400_000) * 86_400_000),
  // OData rounds halves away from zero.
  round: number((value) => Math.sign(value) * Math.round(Math.abs(value))),
  floor: number(Math.floor),
  ceiling: number(Math.ceil),
  mindatetime: () => readMoment('0001-01-01T00:00:00Z')?.ms ?? null,
  maxdatetime: () => readMoment('9999-12-31T23:59:59.9999999Z')?.ms ?? null,
};

const WORD_CONTAINS = text((a = '', b = '') => containsText(foldText(a), foldText(b), true));

/** The function of that (lower-case) name; the binder has let no other through. */
export function callValue(name: string, options: ComputeOptions): Call {
  if (name === 'now') return () => options.now;
  if (name === 'contains' && options.words) return WORD_CONTAINS;
  return CALLS[name] ?? (() => null);
}

/** `cast(value, type)`; null where the text is no value of the type. */
export function castValue(value: Value, type: string): Value {
  if (value === null) return null;
  switch (type) {
    case 'Edm.String':
      return String(value);
    case 'Edm.Boolean':
      return typeof value === 'boolean' ? value : /^(true|1)$/i.test(String(value)) ? true : /^(false|0)$/i.test(String(value)) ? false : null;
    case 'Edm.DateTimeOffset':
    case 'Edm.Date':
      return typeof value === 'number' ? value : typeof value === 'string' ? (readMoment(value)?.ms ?? null) : null;
    case 'Edm.Guid':
      return typeof value === 'string' ? value.toLowerCase() : null;
    default: {
      if (typeof value === 'number') return value;
      const text = String(value).trim();
      if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return null;
      const read = Number(text);
      return type.startsWith('Edm.Int') && !Number.isInteger(read) ? null : read;
    }
  }
}
