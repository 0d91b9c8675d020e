/**
 * Owns: binding values to the variables of a statement.
 * Does not own: checking a user's parameters for surplus ones (driver/), because single slices of a statement are run, too.
 * Invariants: numbering is SQLite's; a missing value is an error, never NULL.
 */
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import { tokensOf } from './tokens.js';
import type { BoundParameters } from './types.js';

/** A variable by its SQLite number (index + 1). Neither member: a gap below `?N`, whose value is never read. */
export interface Variable {
  /** Name without sigil; `1` for `?1` and `$1`. */
  name?: string;
  /** Ordinal among the plain `?`, from 0. */
  ordinal?: number;
}

/** Variables of a statement, in SQLite's numbering: `?` takes the highest number plus one, `?N` is N, equal names share one. */
export function variablesOf(sql: string): readonly Variable[] {
  if (!/[?:@$#]/.test(sql)) return [];
  const variables: Variable[] = [];
  const numbers = new Map<string, number>();
  let ordinal = 0;
  for (const { kind, text } of tokensOf(sql)) {
    if (kind !== 'variable') continue;
    if (text === '?') {
      variables.push({ ordinal: ordinal++ });
      continue;
    }
    const number = text.startsWith('?') ? Number(text.slice(1)) : (numbers.get(text) ?? variables.length + 1);
    if (number < 1 || number > MAX_VARIABLES) return variables; // SQLite refuses the text
    numbers.set(text, number);
    while (variables.length < number) variables.push({});
    variables[number - 1]!.name = text.slice(1);
  }
  return variables;
}

/** SQLITE_MAX_VARIABLE_NUMBER of this build. */
const MAX_VARIABLES = 32_766;

/** Arguments for better-sqlite3: it counts nameless variables by position and takes `?1`, `$1`, `:a`, `@a` by name. */
export function bindArguments(variables: readonly Variable[], parameters: BoundParameters): [SqlValue[], Record<string, SqlValue>] | [SqlValue[]] {
  const positional: SqlValue[] = [];
  const named: Record<string, SqlValue> = Object.create(null) as Record<string, SqlValue>;
  let hasNames = false;
  for (const { name, ordinal } of variables) {
    if (name === undefined) {
      positional.push(ordinal === undefined ? null : at(parameters, ordinal));
      continue;
    }
    hasNames = true;
    if (Object.hasOwn(parameters.named, name)) named[name] = wellFormed(parameters.named[name]!);
    else if (ordinal !== undefined) named[name] = at(parameters, ordinal);
    else if (/^[1-9]\d*$/.test(name)) named[name] = at(parameters, Number(name) - 1);
    else throw new ExchangeSqlError('BAD_PARAMETER', `there is no value for the parameter ${name}`, { hint: `Pass a value named ${name}.` });
  }
  return hasNames ? [positional, { ...named }] : [positional];
}

function at({ positional }: BoundParameters, index: number): SqlValue {
  const value = positional[index];
  if (value === undefined) throw new ExchangeSqlError('BAD_PARAMETER', `there is no value for parameter ${String(index + 1)}; ${String(positional.length)} given`, { hint: 'Pass one value for each parameter, in order.' });
  return wellFormed(value);
}

/** better-sqlite3 would write a lone surrogate as bytes that are no UTF-8; rows have U+FFFD in its place. */
const wellFormed = (value: SqlValue): SqlValue => (typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value);

/** NULL for every variable: EXPLAIN needs all bound, its program does not depend on the values. */
export function bindNulls(variables: readonly Variable[]): [null[], Record<string, null>] | [null[]] {
  const positional = variables.filter(({ name }) => name === undefined).map(() => null);
  const names = variables.flatMap(({ name }) => (name === undefined ? [] : [[name, null] as const]));
  return names.length === 0 ? [positional] : [positional, Object.fromEntries(names)];
}
