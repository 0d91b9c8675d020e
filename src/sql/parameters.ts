/**
 * Owns: names and order of a statement's parameters, and a caller's values as SQLite takes them.
 * Invariants: integers become bigint (better-sqlite3 binds numbers as REAL), booleans 1n/0n, dates normal-form UTC text; nothing is dropped silently.
 */
import type { BoundParameters } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import type { Token } from './tokenizer.js';

export interface ParameterNames {
  /** How many plain `?` the user wrote. */
  readonly positional: number;
  /** Of these, the ones that were moved behind others, counted from 0; the text has a name for each. */
  readonly moved: readonly number[];
  /** Highest N of `?N` and `$N`. */
  readonly numbered: number;
  /** Each N, ascending. */
  readonly numbers: readonly number[];
  /** Names without sigil, as written. */
  readonly named: readonly string[];
}

const MOVED = 'xs_moved_';

/** Name of a plain `?` that a token edit moves behind others. */
export const movedName = (ordinal: number): string => `${MOVED}${String(ordinal)}`;

export function parameterNames(tokens: readonly Token[]): ParameterNames {
  let positional = 0;
  const moved: number[] = [];
  const numbers = new Set<number>();
  const named = new Set<string>();
  for (const { kind, text } of tokens) {
    if (kind !== 'parameter') continue;
    const name = text.slice(1);
    if (text === '?') positional += 1;
    else if (text.startsWith(`:${MOVED}`)) moved.push(Number(name.slice(MOVED.length)));
    else if (/^[1-9]\d*$/.test(name) && (text[0] === '?' || text[0] === '$')) numbers.add(Number(name));
    else named.add(name);
  }
  const sorted = [...numbers].sort((a, b) => a - b);
  return { positional: positional + moved.length, moved, numbered: sorted.at(-1) ?? 0, numbers: sorted, named: [...named] };
}

export type GivenParameters = readonly unknown[] | Readonly<Record<string, unknown>>;

export function bindParameters(names: ParameterNames, given: GivenParameters): BoundParameters {
  if (Array.isArray(given)) return bindList(names, given as readonly unknown[]);
  return bindNames(names, given as Readonly<Record<string, unknown>>);
}

function bindList(names: ParameterNames, values: readonly unknown[]): BoundParameters {
  if (names.named.length > 0) throw bad(`the statement has named parameters (${names.named.join(', ')}), but the values are a list`, `Give an object, e.g. { ${names.positional > 0 ? '1: …, ' : ''}${names.named[0]!}: … }.`);
  const wanted = Math.max(names.positional, names.numbered);
  if (values.length !== wanted) {
    throw bad(`the statement has ${count(wanted)}, but ${String(values.length)} ${values.length === 1 ? 'value was' : 'values were'} given`, values.length < wanted ? 'Give one value for each ? in the statement.' : 'Leave out the surplus values.');
  }
  const converted = values.map((value, index) => convert(value, `parameter ${String(index + 1)}`));
  return bound(names, converted, Object.fromEntries(names.numbers.map((n) => [String(n), converted[n - 1] ?? null])));
}

/** Takes the values of moved `?` out of the row of positional ones. */
function bound(names: ParameterNames, values: readonly SqlValue[], named: Record<string, SqlValue>): BoundParameters {
  for (const ordinal of names.moved) named[movedName(ordinal)] = values[ordinal] ?? null;
  return { positional: values.slice(0, names.positional).filter((_, ordinal) => !names.moved.includes(ordinal)), named };
}

function bindNames(names: ParameterNames, values: Readonly<Record<string, unknown>>): BoundParameters {
  const entries = Object.entries(values).map(([name, value]) => [name.replace(/^[@:$]/, ''), value] as const);
  // Beside names, a plain `?` goes by its number.
  if (names.positional > 0 && names.named.length === 0) throw bad(`the statement has ${count(names.positional)} without a name, but the values have names`, 'Give the values as a list.');
  const ordinals = Array.from({ length: names.positional }, (_, index) => String(index + 1));
  const wanted = [...new Set([...names.named, ...ordinals, ...names.numbers.map(String)])];
  const named: Record<string, SqlValue> = {};
  for (const [name, value] of entries) {
    if (!wanted.includes(name)) throw bad(`the statement has no parameter named ${name}`, wanted.length === 0 ? 'It has no parameters.' : `It has ${wanted.join(', ')}.`);
    Object.defineProperty(named, name, { value: convert(value, `parameter ${name}`), enumerable: true });
  }
  const missing = wanted.filter((name) => !Object.hasOwn(named, name));
  if (missing.length > 0) throw bad(`there is no value for the parameter ${missing[0]!}`, `Give { ${missing.join(': …, ')}: … }.`);
  return bound(names, ordinals.map((ordinal) => named[ordinal] ?? null), named);
}

const count = (n: number): string => (n === 0 ? 'no parameters' : n === 1 ? 'one parameter' : `${String(n)} parameters`);

function bad(message: string, hint: string): ExchangeSqlError {
  return new ExchangeSqlError('BAD_PARAMETER', message, { hint });
}

function convert(value: unknown, name: string): SqlValue {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) throw bad(`${name} is an integer beyond 64 bits`, 'SQL integers have 64 bits.');
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'number':
      if (!Number.isFinite(value)) throw bad(`${name} is ${String(value)}, which SQL does not have`, 'Give a finite number or null.');
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) throw bad(`${name} is an invalid Date`, 'Give a valid Date or null.');
        return value.toISOString().replace('.000Z', 'Z');
      }
      if (value instanceof Uint8Array) return value;
      if (value instanceof ArrayBuffer) return new Uint8Array(value);
      break;
    default:
  }
  throw bad(`${name} is ${value === undefined ? 'undefined' : Array.isArray(value) ? 'a list' : `of type ${typeof value}`}, which SQL does not have`, 'Give text, a number, a boolean, a Date, bytes or null.');
}
