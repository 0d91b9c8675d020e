/**
 * Owns: the functions SQLite lacks, for the judge and for every statement database alike.
 * Does not own: conveniences that are edited into the text before (sql/): ISNULL, GETDATE, TOP …
 * Invariants: the same names and arities everywhere, so that programs agree; deterministic functions are marked so, which lets
 * SQLite compute a constant call once; integers leave as bigint.
 */
import type Database from 'better-sqlite3';
import type { SqlValue } from '../../scan/value.js';
import { convert } from './convert.js';
import { dateAdd, dateDiff, dateName, datePart, partFunction } from './date-parts.js';
import { charIndex, left, len, right } from './text.js';
import { normalTimestamp } from './timestamp.js';
import { badTimestamp } from './value.js';

type Implementation = (...values: SqlValue[]) => SqlValue;

interface EngineFunction {
  readonly name: string;
  readonly arities: readonly number[];
  readonly run: Implementation;
}

/**
 * `xs_ts(value[, digits])`: a timestamp text in the normal form of a column with that many fraction digits. Anything else is an
 * error: a timestamp column must never be compared as text.
 */
function normal(value: SqlValue = null, digits: SqlValue = 0n): SqlValue {
  if (value === null) return null;
  const text = typeof value === 'string' ? normalTimestamp(value, Number(digits)) : undefined;
  if (text === undefined) throw badTimestamp(value, 'comparison with a timestamp column');
  return text;
}

const PURE: readonly EngineFunction[] = [
  { name: 'xs_ts', arities: [1, 2], run: normal },
  { name: 'xs_convert', arities: [2, 3], run: (type = null, value = null, style = null) => convert(type, value, style) },
  { name: 'dateadd', arities: [3], run: (part = null, n = null, ts = null) => dateAdd(part, n, ts) },
  { name: 'datediff', arities: [3], run: (part = null, a = null, b = null) => dateDiff(part, a, b) },
  { name: 'datepart', arities: [2], run: (part = null, ts = null) => datePart(part, ts) },
  { name: 'datename', arities: [2], run: (part = null, ts = null) => dateName(part, ts) },
  { name: 'year', arities: [1], run: (ts = null) => partFunction('year')(ts) },
  { name: 'month', arities: [1], run: (ts = null) => partFunction('month')(ts) },
  { name: 'day', arities: [1], run: (ts = null) => partFunction('day')(ts) },
  { name: 'len', arities: [1], run: (value = null) => len(value) },
  { name: 'left', arities: [2], run: (value = null, n = null) => left(value, n) },
  { name: 'right', arities: [2], run: (value = null, n = null) => right(value, n) },
  { name: 'charindex', arities: [2, 3], run: (sub = null, value = null, start = 1n) => charIndex(sub, value, start) },
];

/** Names of own pure functions: the planner may fold calls of them. */
export const PURE_FUNCTIONS: ReadonlySet<string> = new Set(PURE.map(({ name }) => name));

/** A running statement's deadline, read by `xs_tick()`. */
export interface Ticker {
  /** Throws when the statement must stop. */
  tick(): void;
}

/** Registers everything in a database. Without a ticker (the judge) `xs_tick()` does nothing. */
export function registerFunctions(database: Database.Database, ticker?: Ticker): void {
  for (const { name, arities, run } of PURE) {
    for (const arity of arities) database.function(name, { deterministic: true, safeIntegers: true }, withLength(run, arity));
  }
  // Not deterministic: it has to be called for every row.
  database.function('xs_tick', { safeIntegers: true, varargs: true }, () => {
    ticker?.tick();
    return 1n;
  });
}

/** SEARCH('…') and FOLDER('…') for the judge only: the planner takes them out of the text before it runs. */
export function registerPlaceholders(database: Database.Database): void {
  database.function('search', { safeIntegers: true }, (_text: unknown) => 1n);
  database.function('folder', { safeIntegers: true }, (_path: unknown) => null);
}

/** better-sqlite3 takes the number of parameters as the arity. */
function withLength(run: Implementation, arity: number): Implementation {
  const wrapped: Implementation = (...values) => run(...values);
  Object.defineProperty(wrapped, 'length', { value: arity });
  return wrapped;
}
