/**
 * Owns: comparing SQL names, and writing constants into SQL.
 * Invariants: names differ by case only if they differ beyond A-Z (SQLite: sqlite3StrICmp); values of ids never pass through here.
 */
import type { Constant } from '../scan/value.js';

/** Key of a name: SQLite folds the ASCII letters only. */
export const nameKey = (name: string): string => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

export const sameName = (a: string, b: string): boolean => nameKey(a) === nameKey(b);

/** A constant as an SQL literal; undefined if there is no literal that reads back as the same value. */
export function writeLiteral(value: Constant | null): string | undefined {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return value.includes('\0') ? undefined : `'${value.replaceAll("'", "''")}'`;
  if (typeof value === 'bigint') return value === -9223372036854775808n ? '(-9223372036854775807 - 1)' : String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return undefined;
    // Shortest digits that read back the same; an exponent makes it REAL also where there is no fraction.
    return value.toExponential();
  }
  return `x'${Buffer.from(value).toString('hex')}'`;
}
