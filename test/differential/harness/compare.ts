/** Are two answers the same, as far as SQL leaves nothing free? */
import type { SqlValue } from '../../../src/scan/value.js';
import type { Row } from './link.js';
import type { Oracle, Scope } from './oracle.js';

/**
 * - `multiset`: the same rows
 * - `sequence`: the same rows in the same order (ORDER BY is total)
 * - `top`: as many rows, the same values in the `keys` columns in the same order, and each row is one of `of`
 */
export type Check = { readonly kind: 'multiset' } | { readonly kind: 'sequence' } | { readonly kind: 'top'; readonly keys: readonly number[]; readonly of: string };

export interface Statement {
  readonly sql: string;
  readonly check: Check;
  readonly scope: Scope;
  /** What plain SQLite is asked instead, where the statement uses what only the driver has. */
  readonly oracle?: string;
  /** `Table.column operator` of every drawn combination. */
  readonly covers: readonly string[];
}

const valueText = (value: SqlValue): string => {
  if (value === null) return 'NULL';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return `${String(value)}r`;
  if (typeof value === 'string') return JSON.stringify(value);
  return `x${Buffer.from(value).toString('hex')}`;
};

export const rowText = (row: Row): string => row.map(valueText).join(' | ');

/** What is wrong with `actual`; undefined if nothing is. */
export function difference({ sql: asked, oracle: instead, check, scope }: Statement, actual: readonly Row[], oracle: Oracle): string | undefined {
  const sql = instead ?? asked;
  const expected = oracle.run(sql, scope).map(rowText);
  const given = actual.map(rowText);
  switch (check.kind) {
    case 'sequence':
      return compare(given, expected);
    case 'multiset':
      return compare([...given].sort(), [...expected].sort());
    case 'top': {
      const keyOf = (row: Row): string => rowText(check.keys.map((index) => row[index] ?? null));
      const keys = compare(actual.map(keyOf), oracle.run(sql, scope).map(keyOf));
      if (keys !== undefined) return `order or number of rows: ${keys}`;
      const left = new Map<string, number>();
      for (const row of oracle.run(check.of, scope)) left.set(rowText(row), (left.get(rowText(row)) ?? 0) + 1);
      for (const row of given) {
        const count = left.get(row) ?? 0;
        if (count === 0) return `a row that is none: ${row}`;
        left.set(row, count - 1);
      }
      return undefined;
    }
  }
}

function compare(given: readonly string[], expected: readonly string[]): string | undefined {
  const at = Array.from({ length: Math.max(given.length, expected.length) }, (_, index) => index).find((index) => given[index] !== expected[index]);
  if (at === undefined) return undefined;
  const show = (row: string | undefined): string => (row === undefined ? '(no row)' : row.slice(0, 400));
  return `${String(given.length)} rows for ${String(expected.length)}; row ${String(at)}: ${show(given[at])} for ${show(expected[at])}`;
}
