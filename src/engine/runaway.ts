/**
 * Owns: telling from EXPLAIN QUERY PLAN that a statement would visit too many combinations of rows.
 * Does not own: counting staged rows (statement-database.ts).
 * Invariants: an estimate for refusing only; when in doubt it says fewer. SQLite cannot be stopped once it runs
 * (better-sqlite3 has neither interrupt nor progress handler).
 */
import { nameOf, tokensOf } from './tokens.js';

/** Row of EXPLAIN QUERY PLAN. */
export interface PlanNode {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** Rows taken for what is not counted (a common table expression, json_each) where the worst is wanted. */
const UNKNOWN_ROWS = 1000;

/**
 * How many combinations of rows nested SCANs visit. Siblings in the plan are nested loops; a SEARCH counts as one row per
 * visit, a correlated subquery is worked out for every combination around it.
 *
 * @param rowsOf staged rows of a table by lower-case name; undefined if it is none.
 * @param worst count what may be as much as it can be: all rows of one value, nothing grouped or cut away.
 */
export function visits(nodes: readonly PlanNode[], sql: string, rowsOf: (name: string) => number | undefined, worst = false): number {
  const children = new Map<number, PlanNode[]>();
  for (const node of nodes) {
    const list = children.get(node.parent);
    if (list === undefined) children.set(node.parent, [node]);
    else list.push(node);
  }
  const aliases = aliasesOf(sql, rowsOf);
  const limited = hasInnerLimit(sql);
  const derived = new Map<string, number>();

  const walk = (parent: number): number => {
    let product = 1;
    let extra = 0;
    const correlated: number[] = [];
    for (const node of children.get(parent) ?? []) {
      const { detail } = node;
      const scanned = /^SCAN ([^]+?)(?: (?:LEFT-JOIN|VIRTUAL TABLE[^]*|USING [^]*|EXISTS))?$/.exec(detail)?.[1];
      const constant = /^SCAN (\d+)(?: CONSTANT ROWS|-ROW VALUES CLAUSE)$/.exec(detail)?.[1];
      const searched = worst ? /^SEARCH ([^]+?) USING AUTOMATIC /.exec(detail)?.[1] : undefined;
      const made = /^(?:CO-ROUTINE|MATERIALIZE) ([^]+)$/.exec(detail)?.[1];
      if (constant !== undefined) {
        product *= Math.max(1, Number(constant));
      } else if (searched !== undefined) {
        product *= Math.max(1, rowsOfReference(searched));
      } else if (scanned !== undefined) {
        product *= Math.max(1, rowsOfReference(scanned));
      } else if (detail.startsWith('CORRELATED')) {
        correlated.push(walk(node.id));
      } else {
        const inner = walk(node.id);
        extra += inner;
        // Its rows: as many as it visits, unless it groups or is cut, which the plan does not tell.
        if (made !== undefined) derived.set(made.toLowerCase(), worst ? Math.max(inner, recursive(node.id) ? UNKNOWN_ROWS : 1) : limited ? 1 : groups(node.id) ? Math.sqrt(inner) : inner);
      }
    }
    return product * (1 + correlated.reduce((sum, cost) => sum + cost, 0)) + extra;
  };
  const groups = (id: number): boolean => (children.get(id) ?? []).some(({ detail }) => detail.endsWith('FOR GROUP BY'));
  const recursive = (id: number): boolean => (children.get(id) ?? []).some(({ detail }) => detail === 'RECURSIVE STEP');
  const rowsOfReference = (shown: string): number => {
    const name = shown.toLowerCase();
    const last = name.slice(name.lastIndexOf('.') + 1);
    return derived.get(name) ?? aliases.get(last) ?? rowsOf(last) ?? (worst ? UNKNOWN_ROWS : 1);
  };
  return walk(0);
}

/** `FROM Messages AS m`: the plan shows `m`. The same alias in two places stands for the larger table. */
function aliasesOf(sql: string, rowsOf: (name: string) => number | undefined): Map<string, number> {
  const aliases = new Map<string, number>();
  let table: number | undefined;
  for (const token of tokensOf(sql)) {
    const name = nameOf(token)?.toLowerCase();
    if (name === 'as' && token.kind === 'name') continue;
    if (name !== undefined && table !== undefined) aliases.set(name, Math.max(aliases.get(name) ?? 0, table));
    table = name === undefined ? undefined : rowsOf(name);
  }
  return aliases;
}

function hasInnerLimit(sql: string): boolean {
  let depth = 0;
  for (const { kind, text } of tokensOf(sql)) {
    if (text === '(') depth += 1;
    else if (text === ')') depth -= 1;
    else if (depth > 0 && kind === 'name' && text.toLowerCase() === 'limit') return true;
  }
  return false;
}
