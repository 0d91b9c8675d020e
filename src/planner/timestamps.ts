/**
 * Owns: bringing everything that is compared with a timestamp column to that column's normal form, by token insertion.
 * Does not own: the normal form itself (engine/functions/timestamp.ts).
 * Invariants: does not depend on whether anything is pushed; a comparison that cannot be normalised is refused, never made as text.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Folded } from '../engine/types.js';
import type { Expression, Span } from '../sql/ast.js';
import type { Edit } from '../sql/index.js';
import { nodesOf } from '../sql/walk.js';
import { nameKey } from './names.js';
import { baseColumn, expressionsOf, placesOf } from './places.js';
import { columnOf } from './scope.js';
import type { ArmScope, Item, QueryScope, StatementScope, TableLookup } from './scope.js';

export interface TimestampInput {
  readonly scope: StatementScope;
  readonly tables: TableLookup;
  read(span: Span): Expression | undefined;
  /** Value of a constant, undefined if it is none. */
  fold(expression: Expression): Folded | undefined;
  /** `xs_ts(expression, digits)` of a constant, undefined if SQLite refuses it. */
  normal(expression: Expression, digits: number): Folded | undefined;
}

/** A timestamp of so many fraction digits; `mixed` if not every value of it is in normal form already. */
interface Kind {
  readonly digits: number;
  readonly mixed: boolean;
}

export function timestampEdits(input: TimestampInput): readonly Edit[] {
  return new Wrapper(input).run();
}

const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>=']);
/** Functions that give one of their arguments back. */
const PASSING = new Set(['min', 'max', 'coalesce', 'ifnull', 'iif', 'if', 'nullif', 'first_value', 'last_value', 'nth_value', 'lag', 'lead']);

class Wrapper {
  readonly #input: TimestampInput;
  readonly #wraps = new Map<string, { readonly span: Span; digits: number }>();
  #depth = 0;

  constructor(input: TimestampInput) {
    this.#input = input;
  }

  run(): readonly Edit[] {
    for (const arm of this.#input.scope.arms) {
      for (const span of expressionsOf(arm)) {
        const expression = this.#input.read(span);
        if (expression !== undefined) for (const node of nodesOf(expression)) this.#node(node, arm);
      }
    }
    // Inner ones first: two that end at the same place must close in that order.
    const wraps = [...this.#wraps.values()].sort((a, b) => b.span.start - a.span.start || a.span.end - b.span.end);
    return wraps.flatMap(({ span, digits }) => [
      { span: { start: span.start, end: span.start }, replacement: 'xs_ts(' },
      { span: { start: span.end, end: span.end }, replacement: digits === 0 ? ')' : `, ${String(digits)})` },
    ]);
  }

  #node(node: Expression, arm: ArmScope): void {
    switch (node.kind) {
      case 'binary':
        if (COMPARISONS.has(node.op)) this.#compare([node.left, node.right], arm);
        break;
      case 'is':
        this.#compare([node.left, node.right], arm);
        break;
      case 'between':
        this.#compare([node.operand, node.low, node.high], arm);
        break;
      case 'in':
        if (node.list !== undefined) this.#compare([node.operand, ...node.list], arm);
        else if (node.select !== undefined) this.#member(node.operand, node.select, arm);
        break;
      case 'case':
        if (node.operand !== undefined) this.#compare([node.operand, ...node.whens.map(({ when }) => when)], arm);
        break;
      case 'function': {
        const name = nameKey(node.name);
        if (name === 'nullif' || ((name === 'min' || name === 'max') && node.args.length > 1)) this.#compare(node.args, arm);
        break;
      }
      default:
        break;
    }
  }

  /** All of these are compared with one another. */
  #compare(sides: readonly Expression[], arm: ArmScope): void {
    if (sides.every((side) => side.kind === 'row')) {
      const length = Math.min(...sides.map((side) => (side.kind === 'row' ? side.items.length : 0)));
      for (let index = 0; index < length; index += 1) this.#compare(sides.map((side) => (side.kind === 'row' ? side.items[index]! : side)), arm);
      return;
    }
    const kinds = sides.map((side) => this.#kind(side, arm));
    const known = kinds.filter((kind) => kind !== undefined);
    if (known.length === 0) return;
    const digits = Math.max(...known.map((kind) => kind.digits));
    const column = sides[kinds.findIndex((kind) => kind !== undefined)]!;
    sides.forEach((side, index) => {
      const kind = kinds[index];
      if (kind === undefined || kind.mixed || kind.digits !== digits) this.#wrap(side, digits, column, arm, kind !== undefined);
    });
  }

  /** `x IN (SELECT y …)` */
  #member(operand: Expression, select: Span, arm: ArmScope): void {
    const query = nestedAt(arm, select);
    if (query === undefined) return;
    const own = this.#kind(operand, arm);
    const inner = query.arms.map((one) => this.#resultKind(one, 0));
    const known = [own, ...inner].filter((kind) => kind !== undefined);
    if (known.length === 0) return;
    const digits = Math.max(...known.map((kind) => kind.digits));
    if (own === undefined || own.mixed || own.digits !== digits) this.#wrap(operand, digits, operand, arm, own !== undefined);
    query.arms.forEach((one, index) => {
      const kind = inner[index];
      if (kind !== undefined && !kind.mixed && kind.digits === digits) return;
      const item = one.skeleton.items[0];
      const expression = item === undefined || item.star ? undefined : this.#input.read(item.expression);
      if (expression === undefined) throw refused(this.#name(operand), select.start, 'a list of rows');
      this.#wrap(expression, digits, operand, one, kind !== undefined);
    });
  }

  #wrap(side: Expression, digits: number, column: Expression, arm: ArmScope, isTimestamp: boolean): void {
    if (side.kind === 'literal' && side.type === 'null') return;
    if (isTimestamp) {
      this.#add(side.span, digits);
      return;
    }
    if (side.kind === 'row') throw refused(this.#name(column), side.span.start, 'a row of values');
    if (side.kind === 'literal' && side.type === 'boolean') throw refused(this.#name(column), side.span.start, 'a truth value');
    const folded = this.#input.fold(side);
    if (folded !== undefined) {
      if (folded.value === null) return;
      if (folded.type !== 'text') throw refused(this.#name(column), side.span.start, folded.type === 'blob' ? 'bytes' : 'a number');
      if (this.#input.normal(side, digits)?.type !== 'text') throw refused(this.#name(column), side.span.start, `'${String(folded.value)}'`);
    } else {
      const type = this.#otherType(side, arm);
      if (type !== undefined) throw refused(this.#name(column), side.span.start, type);
    }
    this.#add(side.span, digits);
  }

  #add(span: Span, digits: number): void {
    const key = `${String(span.start)}:${String(span.end)}`;
    const known = this.#wraps.get(key);
    if (known === undefined) this.#wraps.set(key, { span, digits });
    else known.digits = Math.max(known.digits, digits);
  }

  #name(expression: Expression): string {
    return this.#input.scope.text.slice(expression.span.start, expression.span.end);
  }

  /** What a side that is no timestamp certainly is; undefined if it may be text. */
  #otherType(side: Expression, arm: ArmScope): string | undefined {
    if (side.kind === 'binary') return side.op === '||' || side.op === '->' || side.op === '->>' ? undefined : 'a number';
    if (side.kind === 'unary') return 'a number';
    if (side.kind !== 'column') return undefined;
    const column = baseColumn(side.path, arm, this.#input);
    switch (column?.type) {
      case 'integer':
      case 'bigint':
      case 'double':
        return `the number ${column.name}`;
      case 'boolean':
        return `the truth value ${column.name}`;
      case 'binary':
        return `the bytes ${column.name}`;
      case 'time':
        return `the time of day ${column.name}`;
      default:
        return undefined;
    }
  }

  #kind(expression: Expression, arm: ArmScope): Kind | undefined {
    if (this.#depth > 40) return undefined;
    this.#depth += 1;
    try {
      switch (expression.kind) {
        case 'column':
          return this.#columnKind(expression.path, arm);
        case 'collate':
          return this.#kind(expression.operand, arm);
        case 'function':
          return this.#functionKind(expression, arm);
        case 'case':
          return this.#mixed([...expression.whens.map(({ then }) => then), ...(expression.otherwise === undefined ? [] : [expression.otherwise])], arm);
        case 'subquery': {
          const query = expression.exists ? undefined : nestedAt(arm, expression.select);
          return query?.arms[0] === undefined ? undefined : this.#resultKind(query.arms[0], 0);
        }
        default:
          return undefined;
      }
    } finally {
      this.#depth -= 1;
    }
  }

  #functionKind(expression: Extract<Expression, { kind: 'function' }>, arm: ArmScope): Kind | undefined {
    const name = nameKey(expression.name);
    if (name === 'xs_ts') return { digits: Number(expression.args[1]?.kind === 'literal' ? expression.args[1].text : 0), mixed: false };
    if (!PASSING.has(name)) return undefined;
    if (name === 'nullif' || name === 'first_value' || name === 'last_value' || name === 'nth_value') return expression.args[0] === undefined ? undefined : this.#kind(expression.args[0], arm);
    if (name === 'lag' || name === 'lead') return this.#mixed(expression.args.filter((_, index) => index !== 1), arm);
    return this.#mixed(name === 'iif' || name === 'if' ? expression.args.slice(1) : expression.args, arm);
  }

  /** One of several values. */
  #mixed(values: readonly Expression[], arm: ArmScope): Kind | undefined {
    const live = values.filter((value) => !(value.kind === 'literal' && value.type === 'null'));
    const kinds = live.map((value) => this.#kind(value, arm));
    const known = kinds.filter((kind) => kind !== undefined);
    if (known.length === 0) return undefined;
    const digits = Math.max(...known.map((kind) => kind.digits));
    return { digits, mixed: known.length < kinds.length || known.some((kind) => kind.mixed || kind.digits !== digits) };
  }

  /** More lenient than resolving for pushdown: under NATURAL and USING both sides are timestamps alike. */
  #columnKind(path: readonly string[], arm: ArmScope): Kind | undefined {
    for (const { item, name, alias } of placesOf(path, arm, (span) => this.#input.read(span))) {
      const kind = item === undefined ? this.#kind(alias!.expression, alias!.arm) : this.#itemKind(item, name);
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  #itemKind(item: Item, name: string): Kind | undefined {
    const column = item.byName.get(nameKey(name));
    if (column?.origin !== undefined) {
      const declaration = this.#input.tables(column.origin.table);
      const declared = declaration === undefined ? undefined : columnOf(declaration, column.origin.column);
      return declared?.type === 'timestamp' ? { digits: declared.fraction ?? 0, mixed: (item.body?.arms.length ?? 1) > 1 } : undefined;
    }
    // With all digits there are, so that none is lost.
    if (column?.timestamp === true) return { digits: 7, mixed: true };
    const body = item.body;
    if (body === undefined) return undefined;
    const named = item.cte?.skeleton.columns?.findIndex((one) => nameKey(one) === nameKey(name)) ?? -1;
    const kinds = body.arms.map((arm) => {
      const index = named >= 0 ? named : (body.arms[0]?.skeleton.items.findIndex(({ alias, expression }) => nameKey(alias ?? this.#input.scope.text.slice(expression.start, expression.end)) === nameKey(name)) ?? -1);
      return index < 0 ? undefined : this.#resultKind(arm, index);
    });
    const known = kinds.filter((kind) => kind !== undefined);
    if (known.length === 0) return undefined;
    return { digits: Math.max(...known.map((kind) => kind.digits)), mixed: known.length < kinds.length || known.some((kind) => kind.mixed) };
  }

  #resultKind(arm: ArmScope, index: number): Kind | undefined {
    const item = arm.skeleton.items[index];
    if (item === undefined || arm.skeleton.items.slice(0, index + 1).some(({ star }) => star)) return undefined;
    const expression = this.#input.read(item.expression);
    return expression === undefined ? undefined : this.#kind(expression, arm);
  }
}

const nestedAt = (arm: ArmScope, select: Span): QueryScope | undefined => arm.nested.find(({ skeleton: { span } }) => span.start >= select.start && span.end <= select.end);

function refused(column: string, position: number, what: string): ExchangeSqlError {
  return new ExchangeSqlError('BAD_VALUE', `The timestamp ${column} cannot be compared with ${what}.`, {
    position,
    hint: "Write a timestamp such as '2024-05-01', '2024-05-01T09:30:00Z' or datetime('now', '-7 days').",
  });
}
