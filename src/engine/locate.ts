/**
 * Owns: where in the text an error is, found by asking SQLite about parts of the text.
 * Does not own: the errors themselves (sqlite-error.ts).
 * Invariants: runs only after an error; never throws.
 */
import { nameOf, tokensOf, type Token } from './tokens.js';

/** Message SQLite has for a text, or undefined if it accepts it. */
export type Complaint = (sql: string) => string | undefined;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * Position of the token of `near "…": syntax error`. SQLite's grammar reads from left to right: the first occurrence after
 * which the text so far is already a syntax error is the one.
 */
export function locateSyntaxError(sql: string, near: string, complaint: Complaint): number | undefined {
  let first: number | undefined;
  for (let at = sql.indexOf(near); at >= 0; at = sql.indexOf(near, at + 1)) {
    first ??= at;
    if (complaint(sql.slice(0, at + near.length))?.startsWith(`near "${near}"`) === true) return at;
  }
  return first;
}

/** Position of a (dotted) name that SQLite does not know: the occurrence that makes the error go away when NULL stands there. */
export function locateName(sql: string, path: readonly string[], message: string, complaint: Complaint): number | undefined {
  const found = occurrences(sql, path);
  if (found.length > 1) {
    for (const { start, end } of found) {
      const without = complaint(`${sql.slice(0, start)} NULL ${sql.slice(end)}`);
      if (without !== message && without?.endsWith('syntax error') !== true) return start;
    }
  }
  return found[0]?.start;
}

function occurrences(sql: string, path: readonly string[]): { readonly start: number; readonly end: number }[] {
  const tokens = [...tokensOf(sql)];
  const found: { start: number; end: number }[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    if (index > 0 && tokens[index - 1]!.text === '.') continue;
    const last = matches(tokens, index, path);
    if (last !== undefined) found.push({ start: tokens[index]!.position, end: last.position + last.text.length });
  }
  return found;
}

function matches(tokens: readonly Token[], index: number, path: readonly string[]): Token | undefined {
  let last: Token | undefined;
  for (const [step, part] of path.entries()) {
    const token = tokens[index + 2 * step];
    const name = token === undefined ? undefined : nameOf(token);
    if (name === undefined || !same(name, part)) return undefined;
    if (step > 0 && tokens[index + 2 * step - 1]?.text !== '.') return undefined;
    last = token;
  }
  return tokens[index + 2 * path.length - 1]?.text === '.' ? undefined : last;
}

/** Position of a function call. */
export function locateCall(sql: string, name: string): number | undefined {
  const tokens = [...tokensOf(sql)];
  return tokens.find((token, index) => same(nameOf(token) ?? '', name) && tokens[index + 1]?.text === '(')?.position;
}
