/**
 * Owns: T-SQL's LEN, LEFT, RIGHT, CHARINDEX.
 * Invariants: positions and lengths count Unicode characters (code points), as SQLite's substr() and length() do; NULL in, NULL out.
 */
import type { SqlValue } from '../../scan/value.js';
import { badValue, textOf, wholeOf } from './value.js';

/** LEN: without trailing blanks (SQL Server), NUL counted. */
export function len(value: SqlValue): SqlValue {
  if (value === null) return null;
  const text = textOf(value);
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end -= 1;
  return BigInt(characters(text.slice(0, end)));
}

function characters(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index += 1) {
    if (isLow(text.charCodeAt(index)) && isHigh(text.charCodeAt(index - 1))) count -= 1;
  }
  return count;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

function count(value: Exclude<SqlValue, null>, caller: string): number {
  const n = wholeOf(value, caller);
  if (n < 0) throw badValue(`${caller}: the length ${String(n)} is negative`);
  return n;
}

export function left(value: SqlValue, length: SqlValue): SqlValue {
  if (value === null || length === null) return null;
  const n = count(length, 'LEFT');
  const text = textOf(value);
  return text.length <= n ? text : Array.from(text.slice(0, 2 * n)).slice(0, n).join('');
}

export function right(value: SqlValue, length: SqlValue): SqlValue {
  if (value === null || length === null) return null;
  const n = count(length, 'RIGHT');
  if (n === 0) return '';
  const text = textOf(value);
  if (text.length <= n) return text;
  // Two units more than can be needed, so that the cut does not fall into a pair.
  return Array.from(text.slice(-2 * n - 2)).slice(-n).join('');
}

/**
 * CHARINDEX(sub, text[, start]): position from 1 of the first occurrence at or after `start`, 0 if there is none. Letters A to
 * Z match without case, as LIKE does here; SQL Server's default collation does so, too. An empty `sub` is never found.
 */
export function charIndex(sub: SqlValue, value: SqlValue, start: SqlValue = 1n): SqlValue {
  if (sub === null || value === null || start === null) return null;
  const wanted = foldAscii(textOf(sub));
  const text = foldAscii(textOf(value));
  if (wanted === '') return 0n;
  const from = Math.max(1, wholeOf(start, 'CHARINDEX'));
  const offset = from === 1 ? 0 : Array.from(text.slice(0, 2 * from)).slice(0, from - 1).join('').length;
  const at = text.indexOf(wanted, offset);
  return at < 0 ? 0n : BigInt(characters(text.slice(0, at)) + 1);
}

const foldAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
