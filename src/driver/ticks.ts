/**
 * Owns: a way out of recursive common table expressions that never end: `xs_tick()` in the WHERE of each recursive arm, which
 * the engine calls once a row and which throws when the time is over.
 * Does not own: the deadline (engine/), joins that are too large (refused before they run: engine/runaway.ts).
 * Invariants: rows and columns stay the same; a text without recursion stays as it is.
 *
 * Why only there: SQLite cannot be interrupted from JavaScript (better-sqlite3 has neither interrupt nor progress handler). The
 * work of joins can be estimated before and is bounded; how often a recursion goes on cannot be known.
 */
import { applyEdits, readSkeleton, tokenize } from '../sql/index.js';
import type { ArmSkeleton, FromSkeleton, QuerySkeleton } from '../sql/skeleton.js';

type Edit = Parameters<typeof applyEdits>[1][number];

/** The text with a tick in every recursive arm. */
export function withTicks(sql: string): string {
  if (!/\bwith\b/i.test(sql)) return sql;
  const edits: Edit[] = [];
  visit(readSkeleton(tokenize(sql)), edits);
  return edits.length === 0 ? sql : applyEdits(sql, edits).text;
}

function visit(query: QuerySkeleton, edits: Edit[]): void {
  for (const { name, query: body } of query.ctes) {
    for (const arm of body.arms.slice(1)) if (mentions(arm.from, name.toLowerCase())) edits.push(...tick(arm));
    visit(body, edits);
  }
  for (const arm of query.arms) for (const derived of derivedOf(arm.from)) visit(derived, edits);
  for (const nested of query.subqueries) visit(nested, edits);
}

function tick({ where, from }: ArmSkeleton): Edit[] {
  const insert = (at: number, replacement: string): Edit => ({ span: { start: at, end: at }, replacement });
  if (where !== undefined) return [insert(where.span.start, '('), insert(where.span.end, ') AND xs_tick()')];
  return from === undefined ? [] : [insert(from.span.end, ' WHERE xs_tick()')];
}

function mentions(from: FromSkeleton | undefined, name: string): boolean {
  if (from === undefined) return false;
  if (from.kind === 'join') return mentions(from.left, name) || mentions(from.right, name);
  return from.kind === 'table' && from.path.length === 1 && from.path[0]!.toLowerCase() === name;
}

function derivedOf(from: FromSkeleton | undefined): readonly QuerySkeleton[] {
  if (from === undefined || from.kind === 'table') return [];
  return from.kind === 'derived' ? [from.query] : [...derivedOf(from.left), ...derivedOf(from.right)];
}
