/**
 * Owns: If-Match on messages, events, contacts and their like (facts 5, 6.2).
 * Does not own: which rows have versions.
 * Invariants: a stale change key is 412, what is no change key at all is 400.
 */
import type { Context } from '../context.js';
import { invalidChangeKey, irresolvableConflict } from '../graph-error.js';

/** Throws unless the request's If-Match (if any) names the row's current version. `*` matches every row that exists. */
export function checkIfMatch(context: Context, row: { readonly n: number; readonly version: number }): void {
  const header = context.request.headers['if-match'];
  if (header === undefined) return;
  const current = context.store.ids.changeKey(row.n, row.version);
  let matched = false;
  for (const part of header.split(',')) {
    const text = part.trim();
    if (text === '*') {
      matched = true;
      continue;
    }
    const key = /^(?:W\/)?"([^"]*)"$/.exec(text)?.[1];
    if (key === undefined || !/^CQAAABYAAAA[A-Za-z0-9+/_-]{28,}={0,2}$/.test(key)) throw invalidChangeKey();
    if (key === current) matched = true;
  }
  if (!matched) throw irresolvableConflict();
}
