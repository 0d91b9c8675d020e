/**
 * Owns: what each FROM item of a statement is, and what a column name means where it stands.
 * Does not own: clause boundaries (sql/), reading expressions (sql/), what may go down (conjuncts.ts).
 * Invariants: names are resolved per SELECT, innermost FROM first; what is not certain is `unknown`, never a guess.
 */
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { quoteIdentifier } from '../engine/ddl.js';
import type { Examination, Judge, Opcode } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import type { Span } from '../sql/ast.js';
import type { ArmSkeleton, ClauseSkeleton, CteSkeleton, FromSkeleton, QuerySkeleton } from '../sql/skeleton.js';
import { nameKey, sameName } from './names.js';
import type { Rules } from './soundness.js';

export type TableLookup = (name: string) => TableDeclaration | undefined;

/** One mention of a virtual table in FROM. */
export interface TableReference {
  /** In order of walking, the same for every text with the same clauses. */
  readonly ordinal: number;
  readonly declaration: TableDeclaration;
  /** Alias, or the table's name as written. */
  readonly name: string;
  readonly item: Item;
  readonly arm: ArmScope;
}

/** A column a FROM item offers. */
export interface ItemColumn {
  readonly name: string;
  /** Base table and column by SQLite's own account; absent for expressions. */
  readonly origin?: { readonly table: string; readonly column: string };
  /** The same for a text column of a temporary table; `from` is how FROM names the table. */
  readonly local?: { readonly from: string; readonly column: string };
  /** A timestamp of a temporary table, by its declared type; what the user put there need not be in normal form. */
  readonly timestamp?: true;
}

export interface Item {
  readonly kind: 'table' | 'derived' | 'cte' | 'other';
  /** What qualifies its columns. */
  readonly name: string | undefined;
  readonly span: Span;
  /** Undefined if they cannot be known. */
  readonly columns: readonly ItemColumn[] | undefined;
  readonly byName: ReadonlyMap<string, ItemColumn>;
  readonly reference?: TableReference;
  /** A system or temporary table, filled before any scan runs: how FROM names it, and its text columns. */
  readonly local?: { readonly from: string; readonly texts: ReadonlySet<string> };
  /** For `derived` and `cte`. */
  readonly body?: QueryScope;
  readonly cte?: Cte;
  /** Program of `SELECT * FROM` this item, for `derived` and `cte`. */
  readonly program?: readonly Opcode[];
}

export interface Cte {
  readonly skeleton: CteSkeleton;
  readonly visible: readonly Cte[];
  /** Mentions in the text; a recursive one counts its own. */
  uses: number;
  body: QueryScope | undefined;
}

export type FromNode =
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'join'; readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross'; readonly natural: boolean; readonly using: readonly string[]; readonly left: FromNode; readonly right: FromNode; readonly on?: ClauseSkeleton };

export interface ArmScope {
  readonly skeleton: ArmSkeleton;
  readonly query: QueryScope;
  /** The SELECT this one is nested in, whose names it sees. */
  readonly parent: ArmScope | undefined;
  from: FromNode | undefined;
  readonly items: Item[];
  natural: boolean;
  readonly using: Set<string>;
  /** Queries nested in this SELECT's expressions. */
  readonly nested: QueryScope[];
}

export interface QueryScope {
  readonly skeleton: QuerySkeleton;
  readonly arms: ArmScope[];
  readonly parent: ArmScope | undefined;
  readonly visible: readonly Cte[];
  /** Where it stands: the statement itself, a FROM item, a CTE, or an expression. */
  readonly place: 'statement' | 'derived' | 'cte' | 'expression';
}

export interface StatementScope {
  readonly text: string;
  readonly root: QueryScope;
  readonly references: readonly TableReference[];
  readonly arms: readonly ArmScope[];
  readonly queries: readonly QueryScope[];
  /** A view, or `x IN name`, reads virtual tables behind the back of FROM. */
  readonly hidden: boolean;
}

export interface ScopeInput {
  readonly text: string;
  readonly skeleton: QuerySkeleton;
  readonly judge: Judge;
  readonly tables: TableLookup;
  /** Names of temporary tables the statement reads; they hide virtual tables of the same name. */
  readonly temporary: ReadonlySet<string>;
  readonly rules: Rules;
}

export function readScope(input: ScopeInput): StatementScope {
  return new ScopeReader(input).read();
}

/** Columns of SQLite's own table-valued functions. */
const JSON_COLUMNS = ['key', 'value', 'type', 'atom', 'id', 'parent', 'fullkey', 'path', 'json', 'root'];
const FUNCTION_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  json_each: JSON_COLUMNS,
  json_tree: JSON_COLUMNS,
  jsonb_each: JSON_COLUMNS,
  jsonb_tree: JSON_COLUMNS,
};

class ScopeReader {
  readonly #input: ScopeInput;
  readonly #references: TableReference[] = [];
  readonly #arms: ArmScope[] = [];
  readonly #queries: QueryScope[] = [];
  readonly #examined = new Map<string, Examination | undefined>();
  #hidden = false;

  constructor(input: ScopeInput) {
    this.#input = input;
  }

  read(): StatementScope {
    const root = this.#query(this.#input.skeleton, undefined, [], 'statement');
    return { text: this.#input.text, root, references: this.#references, arms: this.#arms, queries: this.#queries, hidden: this.#hidden };
  }

  #query(skeleton: QuerySkeleton, parent: ArmScope | undefined, outer: readonly Cte[], place: QueryScope['place'], own: Cte | undefined = undefined): QueryScope {
    const visible = [...outer];
    for (const cte of skeleton.ctes) visible.push({ skeleton: cte, visible, uses: 0, body: undefined });
    const query: QueryScope = { skeleton, arms: [], parent, visible, place };
    // A recursive arm sees the CTE itself, so its body must be known before it is walked.
    if (own !== undefined) own.body = query;
    this.#queries.push(query);
    for (const arm of skeleton.arms) query.arms.push(this.#arm(arm, query));
    for (const nested of skeleton.subqueries) {
      const arm = query.arms.find(({ skeleton: { span } }) => span.start <= nested.span.start && nested.span.end <= span.end) ?? (query.arms.length === 1 ? query.arms[0] : undefined);
      const inner = this.#query(nested, arm ?? parent, visible, 'expression');
      (arm ?? query.arms[0])?.nested.push(inner);
    }
    return query;
  }

  #arm(skeleton: ArmSkeleton, query: QueryScope): ArmScope {
    const arm: ArmScope = { skeleton, query, parent: query.parent, from: undefined, items: [], natural: false, using: new Set(), nested: [] };
    this.#arms.push(arm);
    if (skeleton.from !== undefined) arm.from = this.#from(skeleton.from, arm);
    return arm;
  }

  #from(skeleton: FromSkeleton, arm: ArmScope): FromNode {
    if (skeleton.kind === 'join') {
      if (skeleton.natural) arm.natural = true;
      for (const name of skeleton.using ?? []) arm.using.add(nameKey(name));
      const left = this.#from(skeleton.left, arm);
      const right = this.#from(skeleton.right, arm);
      const { type, natural, on } = skeleton;
      return { kind: 'join', type, natural, using: skeleton.using ?? [], left, right, ...(on === undefined ? {} : { on }) };
    }
    const item = skeleton.kind === 'derived' ? this.#derived(skeleton, arm) : this.#named(skeleton, arm);
    arm.items.push(item);
    return { kind: 'item', item };
  }

  #derived(skeleton: Extract<FromSkeleton, { kind: 'derived' }>, arm: ArmScope): Item {
    const body = this.#query(skeleton.query, arm.parent, arm.query.visible, 'derived');
    return { kind: 'derived', name: skeleton.alias, span: skeleton.span, body, ...this.#columnsOf(`(${this.#slice(skeleton.query.span)})`, arm.query.visible) };
  }

  #named(skeleton: Extract<FromSkeleton, { kind: 'table' }>, arm: ArmScope): Item {
    const { path, span, alias } = skeleton;
    const table = path.at(-1) ?? '';
    const name = alias ?? table;
    if (skeleton.isFunction) {
      const columns = FUNCTION_COLUMNS[nameKey(table)]?.map((column) => ({ name: column }));
      return { kind: 'other', name, span, columns, byName: byName(columns) };
    }
    const cte = path.length === 1 ? findCte(arm.query.visible, table) : undefined;
    if (cte !== undefined) {
      cte.uses += 1;
      // Its body sees no names of the SELECT that mentions it.
      if (cte.body === undefined) this.#query(cte.skeleton.query, undefined, cte.visible, 'cte', cte);
      return { kind: 'cte', name, span, cte, body: cte.body!, ...this.#columnsOf(quoteIdentifier(table), arm.query.visible) };
    }
    const declaration = this.#virtual(path);
    if (declaration === undefined) {
      const from = path.map(quoteIdentifier).join('.');
      const { columns } = this.#columnsOf(from, []);
      const examined = this.#examine(from, []);
      const readsVirtual = examined === undefined || examined.tables.some((use) => use.schema === 'main' && this.#input.tables(use.table) !== undefined);
      if (readsVirtual) this.#hidden = true;
      const texts = readsVirtual ? [] : examined.columns.filter(({ declaredType }) => /^TEXT\b/i.test(declaredType ?? ''));
      return { kind: 'other', name, span, columns, byName: byName(columns), local: { from, texts: new Set(texts.map((column) => nameKey(column.name))) } };
    }
    const columns = declaration.columns.map((column) => ({ name: column.name, origin: { table: declaration.name, column: column.name } }));
    const item: Item & { reference?: TableReference } = { kind: 'table', name, span, columns, byName: byName(columns) };
    const reference: TableReference = { ordinal: this.#references.length, declaration, name, item, arm };
    this.#references.push(reference);
    return Object.assign(item, { reference });
  }

  #virtual(path: readonly string[]): TableDeclaration | undefined {
    const table = path.at(-1) ?? '';
    if (path.length === 1 ? this.#input.temporary.has(nameKey(table)) : !sameName(path[0]!, 'main')) return undefined;
    return this.#input.tables(table);
  }

  /** Columns of a FROM item as SQLite sees them; unknown if it cannot stand alone (a derived table that refers outwards). */
  #columnsOf(from: string, visible: readonly Cte[]): Pick<Item, 'columns' | 'byName' | 'program'> {
    const examined = this.#examine(from, visible);
    if (examined === undefined) return { columns: undefined, byName: new Map() };
    const columns = examined.columns.map(({ name, table, column, schema, declaredType }): ItemColumn => {
      const base = table !== undefined && (schema === undefined || schema === 'main') ? this.#input.tables(table) : undefined;
      if (base === undefined && declaredType === 'TEXT TIMESTAMP') return { name, timestamp: true };
      if (schema === 'temp' && table !== undefined && column !== undefined && /^TEXT\b/i.test(declaredType ?? '')) return { name, local: { from: `temp.${quoteIdentifier(table)}`, column } };
      return base === undefined || column === undefined ? { name } : { name, origin: { table: base.name, column } };
    });
    return { columns, byName: byName(columns), program: examined.program };
  }

  #examine(from: string, visible: readonly Cte[]): Examination | undefined {
    const definitions = definitionsOf(visible, this.#input.text);
    if (definitions === undefined) return undefined;
    const sql = `${definitions}SELECT * FROM ${from}`;
    if (this.#examined.has(sql)) return this.#examined.get(sql);
    let examined: Examination | undefined;
    try {
      examined = this.#input.judge.examine(sql);
    } catch (error) {
      if (!(error instanceof ExchangeSqlError)) throw error;
    }
    this.#examined.set(sql, examined);
    return examined;
  }

  #slice({ start, end }: Span): string {
    return `${this.#input.text.slice(start, end)}\n`;
  }
}

/** WITH and what it names, to put before a slice of the text; undefined if one name is defined on two levels. */
export function definitionsOf(visible: readonly Cte[], text: string): string | undefined {
  if (visible.length === 0) return '';
  if (new Set(visible.map(({ skeleton }) => nameKey(skeleton.name))).size < visible.length) return undefined;
  const definitions = visible.map(({ skeleton: { name, columns, query } }) => {
    const list = columns === undefined ? '' : `(${columns.map(quoteIdentifier).join(', ')})`;
    // A comment to the end of the line must not swallow what follows the slice.
    return `${quoteIdentifier(name)}${list} AS (${text.slice(query.span.start, query.span.end)}\n)`;
  });
  return `WITH RECURSIVE ${definitions.join(', ')} `;
}

function byName(columns: readonly ItemColumn[] | undefined): ReadonlyMap<string, ItemColumn> {
  const map = new Map<string, ItemColumn>();
  for (const column of columns ?? []) {
    const key = nameKey(column.name);
    // Two columns of one name: SQLite takes the first of a derived table.
    if (!map.has(key)) map.set(key, column);
  }
  return map;
}

function findCte(visible: readonly Cte[], name: string): Cte | undefined {
  return visible.findLast(({ skeleton }) => sameName(skeleton.name, name));
}

export type Resolution =
  /** A column of an item of this SELECT (`outer: false`) or of one around it. */
  | { readonly kind: 'column'; readonly item: Item; readonly column: ItemColumn; readonly arm: ArmScope; readonly outer: boolean }
  /** It may be a result alias, or a column of an item whose columns are not known, or ambiguous under NATURAL or USING. */
  | { readonly kind: 'unknown' };

const UNKNOWN: Resolution = { kind: 'unknown' };

/** What `a`, `t.a` or `s.t.a` means in an expression of `arm`. */
export function resolve(path: readonly string[], arm: ArmScope, rules: Rules): Resolution {
  const levels: ArmScope[] = [];
  for (let level: ArmScope | undefined = arm; level !== undefined; level = level.parent) levels.push(level);
  if (!rules('aliasShadow') && path.length > 1) levels.reverse();
  for (const level of levels) {
    const found = resolveIn(path, level);
    if (found === 'nothing') continue;
    if (found === 'unknown') return UNKNOWN;
    return { kind: 'column', ...found, arm: level, outer: level !== arm && rules('aliasShadow') };
  }
  return UNKNOWN;
}

function resolveIn(path: readonly string[], arm: ArmScope): { readonly item: Item; readonly column: ItemColumn } | 'nothing' | 'unknown' {
  const name = path.at(-1);
  if (name === undefined || path.length > 3) return 'unknown';
  const key = nameKey(name);
  if (path.length > 1) {
    const qualifier = path.at(-2)!;
    const items = arm.items.filter((item) => item.name !== undefined && sameName(item.name, qualifier));
    if (items.length === 0) return 'nothing';
    const item = items[0]!;
    // `main.t.a`: the schema may tell two tables of one name apart; leave it alone.
    if (items.length > 1) return 'unknown';
    const column = item.byName.get(key);
    return column === undefined ? 'unknown' : { item, column };
  }
  // Under NATURAL and USING it is neither side alone.
  if (arm.from !== undefined && (arm.natural || arm.using.has(key))) {
    return arm.items.some((item) => item.columns === undefined || item.byName.has(key)) ? 'unknown' : resultAlias(key, arm);
  }
  const found = arm.items.flatMap((item) => {
    const column = item.byName.get(key);
    return column === undefined ? [] : [{ item, column }];
  });
  if (arm.items.some((item) => item.columns === undefined)) return 'unknown';
  if (found.length > 1) return 'unknown';
  return found[0] ?? resultAlias(key, arm);
}

/** A name that no item has may be an alias of the select list before it is a name of the outer SELECT. */
const resultAlias = (key: string, arm: ArmScope): 'nothing' | 'unknown' => (arm.skeleton.items.some(({ alias }) => alias !== undefined && nameKey(alias) === key) ? 'unknown' : 'nothing');

/** Joins from the root of FROM down to an item, with the side taken. */
export function pathTo(node: FromNode | undefined, item: Item): readonly JoinStep[] | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'item') return node.item === item ? [] : undefined;
  const left = pathTo(node.left, item);
  if (left !== undefined) return [{ join: node, side: 'left' }, ...left];
  const right = pathTo(node.right, item);
  return right === undefined ? undefined : [{ join: node, side: 'right' }, ...right];
}

export interface JoinStep {
  readonly join: Extract<FromNode, { kind: 'join' }>;
  readonly side: 'left' | 'right';
}

/** True if a row of NULLs may stand for the item somewhere along these joins. */
export function isNullSupplied(steps: readonly JoinStep[]): boolean {
  return steps.some(({ join: { type }, side }) => type === 'full' || type === (side === 'left' ? 'right' : 'left'));
}

/** All joins of a FROM clause. */
export function joinsOf(node: FromNode | undefined): readonly Extract<FromNode, { kind: 'join' }>[] {
  if (node === undefined || node.kind === 'item') return [];
  return [node, ...joinsOf(node.left), ...joinsOf(node.right)];
}

export function columnOf(declaration: TableDeclaration, name: string): ColumnDeclaration | undefined {
  const key = nameKey(name);
  return declaration.columns.find((column) => nameKey(column.name) === key);
}
