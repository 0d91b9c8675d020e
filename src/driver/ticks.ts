/**
 * Owns: a way out of local work that never ends: terms with `xs_tick()` in WHERE, which the engine calls while it works and
 * which throws when the time is over.
 * Does not own: the deadline (engine/), joins that are too large by their known rows (refused before they run: engine/runaway.ts).
 * Invariants: rows and columns stay the same; a text that cannot run long stays as it is.
 *
 * SQLite cannot be interrupted from JavaScript (better-sqlite3 has neither interrupt nor progress handler). A term is worked out
 * in the loop of the last table it names, so one without arguments is called for the outermost loop only: enough for a recursion,
 * where each step starts it anew, but not for joins, which get one for every table.
 */
import { quoteIdentifier } from '../engine/ddl.js';
import { applyEdits, readSkeleton, tokenize } from '../sql/index.js';
import type { ArmSkeleton, CteSkeleton, FromSkeleton, QuerySkeleton } from '../sql/skeleton.js';

type Edit = Parameters<typeof applyEdits>[1][number];
type Ctes = ReadonlyMap<string, CteSkeleton>;

/**
 * The text with a tick in every recursive arm.
 *
 * @param everywhere also in every loop over a table: a call for about every 16th row, which is a tenth of what a call for each would cost.
 */
export function withTicks(sql: string, everywhere = false): string {
  if (!everywhere && !/\bwith\b/i.test(sql)) return sql;
  const edits: Edit[] = [];
  visit(readSkeleton(tokenize(sql)), new Map());
  return edits.length === 0 ? sql : applyEdits(sql, edits).text;

  /** @param self name of the common table expression whose body this is. */
  function visit(query: QuerySkeleton, outer: Ctes, self?: string): void {
    const known = new Map(outer);
    for (const cte of query.ctes) known.set(cte.name.toLowerCase(), cte);
    for (const cte of query.ctes) visit(cte.query, known, cte.name.toLowerCase());
    query.arms.forEach((arm, index) => {
      const recursive = self !== undefined && index > 0 && mentions(arm.from, self);
      const terms = [...(recursive ? ['xs_tick()'] : []), ...(everywhere ? itemsOf(arm.from).map((item) => termOf(item, known, sql)).filter((term) => term !== undefined) : [])];
      edits.push(...conjoined(arm, terms));
      for (const item of itemsOf(arm.from)) if (item.kind === 'derived') visit(item.query, known);
    });
    for (const nested of query.subqueries) visit(nested, known);
  }
}

function conjoined({ where, from }: ArmSkeleton, terms: readonly string[]): Edit[] {
  if (terms.length === 0) return [];
  const insert = (at: number, replacement: string): Edit => ({ span: { start: at, end: at }, replacement });
  const all = terms.join(' AND ');
  if (where !== undefined) return [insert(where.span.start, '('), insert(where.span.end, `) AND ${all}`)];
  return from === undefined ? [] : [insert(from.span.end, ` WHERE ${all}`)];
}

type FromItem = Exclude<FromSkeleton, { kind: 'join' }>;

const itemsOf = (from: FromSkeleton | undefined): readonly FromItem[] => (from === undefined ? [] : from.kind === 'join' ? [...itemsOf(from.left), ...itemsOf(from.right)] : [from]);

const mentions = (from: FromSkeleton | undefined, name: string): boolean => itemsOf(from).some((item) => item.kind === 'table' && item.path.length === 1 && item.path[0]!.toLowerCase() === name);

/** A term that is worked out for rows of this item; undefined if none of its columns is known by name. */
function termOf(item: FromItem, known: Ctes, sql: string): string | undefined {
  const name = item.alias ?? (item.kind === 'table' ? item.path.at(-1) : undefined);
  if (name === undefined) return undefined;
  const qualifier = quoteIdentifier(name);
  const ofColumn = (column: string | undefined): string | undefined => (column === undefined ? undefined : `((random() & 15) IS NOT 1 OR xs_tick(${qualifier}.${quoteIdentifier(column)} IS NULL))`);
  if (item.kind === 'derived') return ofColumn(firstColumn(item.query, sql));
  if (item.isFunction) return /^json_(?:each|tree)$/i.test(item.path.at(-1) ?? '') ? ofColumn('key') : undefined;
  const cte = item.path.length === 1 ? known.get(item.path[0]!.toLowerCase()) : undefined;
  if (cte !== undefined) return ofColumn(cte.columns?.[0] ?? firstColumn(cte.query, sql));
  // Of a row that an outer join made up the rowid is NULL, which IS NOT 1 either.
  return `((${qualifier}.rowid & 15) IS NOT 1 OR xs_tick(${qualifier}.rowid))`;
}

function firstColumn({ arms }: QuerySkeleton, sql: string): string | undefined {
  const arm = arms[0];
  if (arm?.values === true) return 'column1';
  const item = arm?.items[0];
  if (item === undefined || item.star) return undefined;
  return item.alias ?? /^(?:\w+\.)?(\w+)$/.exec(sql.slice(item.expression.start, item.expression.end).trim())?.[1];
}
