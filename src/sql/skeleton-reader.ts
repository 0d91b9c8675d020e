/**
 * Owns: clause boundaries by tokens alone (skeleton.ts says what they are).
 * Does not own: expressions.
 * Invariants: total on what SQLite prepares as SELECT, WITH or VALUES; what is odd is left out, never guessed at.
 */
import type { Span } from './ast.js';
import type { ArmSkeleton, ClauseSkeleton, CteSkeleton, FromSkeleton, ItemSkeleton, LimitSkeleton, OrderItemSkeleton, QuerySkeleton } from './skeleton.js';
import { nameOrText, type Token } from './tokenizer.js';
import { windowTerms, withoutDirection } from './window-terms.js';

export function readSkeleton(tokens: readonly Token[]): QuerySkeleton {
  return new Reader(tokens).query(0, tokens.length);
}

const isQueryWord = (key: string | undefined): boolean => key === 'SELECT' || key === 'WITH' || key === 'VALUES';
const SET_OPERATORS = new Set(['UNION', 'INTERSECT', 'EXCEPT']);
const JOIN_WORDS = new Set(['NATURAL', 'LEFT', 'RIGHT', 'FULL', 'INNER', 'CROSS', 'OUTER', 'JOIN']);

class Reader {
  readonly #tokens: readonly Token[];
  /** Index of the closing parenthesis of every opening one. */
  readonly #close = new Map<number, number>();
  /** Opening parentheses of derived tables: what is left over is nested in expressions. */
  readonly #sources = new Set<number>();

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    const open: number[] = [];
    tokens.forEach(({ key }, index) => {
      if (key === '(') open.push(index);
      else if (key === ')') {
        const from = open.pop();
        if (from !== undefined) this.#close.set(from, index);
      }
    });
  }

  #key(index: number): string {
    return this.#tokens[index]?.key ?? '';
  }

  /** Span of tokens from..to (exclusive). */
  #span(from: number, to: number): Span {
    const first = this.#tokens[from];
    if (first === undefined || to <= from) {
      const at = this.#tokens[Math.max(0, to - 1)]?.end ?? 0;
      return { start: at, end: at };
    }
    return { start: first.start, end: this.#tokens[to - 1]!.end };
  }

  /** Next index at the same depth. */
  #step(index: number): number {
    return (this.#key(index) === '(' ? (this.#close.get(index) ?? index) : index) + 1;
  }

  /** First index in from..to, at depth 0, where `test` holds; `to` if nowhere. */
  #find(from: number, to: number, test: (index: number) => boolean): number {
    for (let index = from; index < to; index = this.#step(index)) {
      if (test(index)) return index;
    }
    return to;
  }

  query(from: number, to: number): QuerySkeleton {
    let end = to;
    while (end > from && this.#key(end - 1) === ';') end -= 1;
    let at = from;
    const ctes: CteSkeleton[] = [];
    let recursive = false;
    if (this.#key(at) === 'WITH') {
      at += 1;
      if (this.#key(at) === 'RECURSIVE') {
        recursive = true;
        at += 1;
      }
      at = this.#ctes(at, end, ctes);
    }
    const body = at;
    const limitAt = this.#find(at, end, (index) => this.#key(index) === 'LIMIT');
    const orderAt = this.#find(at, limitAt, (index) => this.#key(index) === 'ORDER' && this.#key(index + 1) === 'BY');
    const arms: ArmSkeleton[] = [];
    const operators: ('UNION' | 'UNION ALL' | 'INTERSECT' | 'EXCEPT')[] = [];
    for (;;) {
      const next = this.#find(at, orderAt, (index) => SET_OPERATORS.has(this.#key(index)));
      arms.push(this.#arm(at, next));
      if (next >= orderAt) break;
      const all = this.#key(next) === 'UNION' && this.#key(next + 1) === 'ALL';
      operators.push(all ? 'UNION ALL' : (this.#key(next) as 'UNION' | 'INTERSECT' | 'EXCEPT'));
      at = next + (all ? 2 : 1);
    }
    const subqueries: QuerySkeleton[] = [];
    // After the arms, whose FROM clauses say which queries are sources.
    this.#nested(body, end, subqueries);
    const limit = this.#limit(limitAt, end);
    return {
      span: this.#span(from, end),
      recursive,
      ctes,
      arms,
      operators,
      orderBy: orderAt < limitAt ? this.#orderItems(orderAt + 2, limitAt) : [],
      ...(orderAt < limitAt ? { orderBySpan: this.#span(orderAt, limitAt) } : {}),
      ...(limit === undefined ? {} : { limit }),
      subqueries,
    };
  }

  #ctes(from: number, to: number, ctes: CteSkeleton[]): number {
    let at = from;
    for (;;) {
      const name = this.#name(at);
      if (name === undefined) return at;
      at += 1;
      let columns: string[] | undefined;
      if (this.#key(at) === '(') {
        const close = this.#close.get(at) ?? to;
        columns = [];
        for (let index = at + 1; index < close; index += 1) {
          const column = this.#name(index);
          if (column !== undefined) columns.push(column);
        }
        at = close + 1;
      }
      if (this.#key(at) === 'AS') at += 1;
      let materialized: boolean | undefined;
      if (this.#key(at) === 'NOT') {
        materialized = false;
        at += 2;
      } else if (this.#key(at) === 'MATERIALIZED') {
        materialized = true;
        at += 1;
      }
      const close = this.#close.get(at);
      if (this.#key(at) !== '(' || close === undefined) return at;
      ctes.push({ name, ...(columns === undefined ? {} : { columns }), ...(materialized === undefined ? {} : { materialized }), query: this.query(at + 1, close) });
      at = close + 1;
      if (this.#key(at) !== ',') return at;
      at += 1;
    }
  }

  #name(index: number): string | undefined {
    const token = this.#tokens[index];
    return token === undefined ? undefined : nameOrText(token);
  }

  #limit(from: number, to: number): LimitSkeleton | undefined {
    if (from >= to) return undefined;
    const separator = this.#find(from + 1, to, (index) => this.#key(index) === 'OFFSET' || this.#key(index) === ',');
    const span = this.#span(from, to);
    if (separator >= to) return { span, limit: this.#span(from + 1, to) };
    const first = this.#span(from + 1, separator);
    const second = this.#span(separator + 1, to);
    // LIMIT 5, 2 has the offset first.
    return this.#key(separator) === ',' ? { span, limit: second, offset: first } : { span, limit: first, offset: second };
  }

  #orderItems(from: number, to: number): OrderItemSkeleton[] {
    return this.#list(from, to).map(([start, stop]) => {
      const [, end] = withoutDirection(this.#tokens, start, stop);
      const nulls = this.#key(stop - 2) !== 'NULLS' ? undefined : this.#key(stop - 1) === 'FIRST' ? 'first' : 'last';
      return { expression: this.#span(start, end), descending: this.#key(end) === 'DESC' && end < stop, ...(nulls === undefined ? {} : { nulls }) };
    });
  }

  /** Parts between depth-0 commas. */
  #list(from: number, to: number): [number, number][] {
    const parts: [number, number][] = [];
    let start = from;
    while (start < to) {
      const comma = this.#find(start, to, (index) => this.#key(index) === ',');
      parts.push([start, comma]);
      start = comma + 1;
    }
    return parts;
  }

  #arm(from: number, to: number): ArmSkeleton {
    const span = this.#span(from, to);
    if (this.#key(from) === 'VALUES') return { span, values: true, distinct: false, items: [], groupBy: [], hasWindowClause: false, rowItems: this.#rows(from + 1, to) };
    let at = from + 1;
    const distinct = this.#key(at) === 'DISTINCT';
    if (distinct || this.#key(at) === 'ALL') at += 1;
    const fromAt = this.#find(at, to, (index) => this.#key(index) === 'FROM' && this.#key(index - 1) !== 'DISTINCT');
    const windowAt = this.#find(at, to, (index) => this.#key(index) === 'WINDOW' && this.#key(index + 2) === 'AS' && this.#key(index + 3) === '(');
    const havingAt = this.#find(at, windowAt, (index) => this.#key(index) === 'HAVING');
    const groupAt = this.#find(at, havingAt, (index) => this.#key(index) === 'GROUP' && this.#key(index + 1) === 'BY');
    const whereAt = this.#find(at, groupAt, (index) => this.#key(index) === 'WHERE');
    const source = fromAt < whereAt ? this.#from(fromAt + 1, whereAt) : undefined;
    return {
      span,
      values: false,
      distinct,
      items: this.#list(at, Math.min(fromAt, whereAt)).map(([start, stop]) => this.#item(start, stop)),
      ...(source === undefined ? {} : { from: source }),
      ...(whereAt < groupAt ? { where: this.#clause(whereAt + 1, groupAt) } : {}),
      groupBy: groupAt < havingAt ? this.#list(groupAt + 2, havingAt).map(([start, stop]) => this.#span(start, stop)) : [],
      ...(havingAt < windowAt ? { having: this.#clause(havingAt + 1, windowAt) } : {}),
      hasWindowClause: windowAt < to,
      ...(windowAt < to ? { windowTerms: this.#windows(windowAt + 1, to) } : {}),
    };
  }

  /** `(1, 2), (3, 4)` */
  #rows(from: number, to: number): Span[] {
    return this.#list(from, to).flatMap(([open]) => this.#list(open + 1, this.#close.get(open) ?? open + 1).map(([start, stop]) => this.#span(start, stop)));
  }

  /** `name AS (…), name AS (…)` */
  #windows(from: number, to: number): Span[] {
    return this.#list(from, to).flatMap(([name]) => windowTerms(this.#tokens, name + 3, this.#close.get(name + 2) ?? name + 3).map(([start, stop]) => this.#span(start, stop)));
  }

  #item(from: number, to: number): ItemSkeleton {
    const last = this.#key(to - 1);
    if (last === '*' && (to - from === 1 || this.#key(to - 2) === '.')) return { expression: this.#span(from, to), star: true };
    const alias = this.#alias(from, to);
    return alias === undefined ? { expression: this.#span(from, to), star: false } : { expression: this.#span(from, alias.from), star: false, alias: alias.name };
  }

  #alias(from: number, to: number): { name: string; from: number } | undefined {
    if (to - from < 2) return undefined;
    const token = this.#tokens[to - 1]!;
    const name = nameOrText(token);
    if (name === undefined) return undefined;
    const before = this.#tokens[to - 2]!;
    if (before.key === 'AS') return { name, from: to - 2 };
    // Without AS: only after something that ends an operand.
    const ends = before.key === ')' || before.key === 'END' || before.key === '*' || (before.key === '' && before.kind !== 'invalid') || (before.kind === 'word' && !OPERATOR_WORDS.has(before.key));
    if (!ends || (token.kind === 'word' && (NOT_ALIAS.has(token.key) || token.key === 'END'))) return undefined;
    if (before.key === '*') return undefined;
    return { name, from: to - 1 };
  }

  #clause(from: number, to: number): ClauseSkeleton {
    return { span: this.#span(from, to), conjuncts: this.#conjuncts(from, to) };
  }

  #conjuncts(from: number, to: number): Span[] {
    if (this.#key(from) === '(' && this.#close.get(from) === to - 1 && !isQueryWord(this.#key(from + 1))) {
      const inner = this.#list(from + 1, to - 1);
      if (inner.length === 1) return this.#conjuncts(from + 1, to - 1);
    }
    const parts: [number, number][] = [];
    let start = from;
    let betweens = 0;
    let cases = 0;
    for (let index = from; index < to; index = this.#step(index)) {
      const key = this.#key(index);
      if (key === 'CASE') cases += 1;
      else if (key === 'END' && cases > 0) cases -= 1;
      if (cases > 0) continue;
      if (key === 'OR') return [this.#span(from, to)];
      if (key === 'BETWEEN') betweens += 1;
      else if (key === 'AND') {
        if (betweens > 0) betweens -= 1;
        else {
          parts.push([start, index]);
          start = index + 1;
        }
      }
    }
    parts.push([start, to]);
    if (parts.length === 1) return [this.#span(from, to)];
    return parts.flatMap(([a, b]) => this.#conjuncts(a, b));
  }

  #from(from: number, to: number): FromSkeleton | undefined {
    let at = from;
    const first = this.#source(at, to, true);
    if (first === undefined) return undefined;
    let left = first.item;
    at = first.next;
    while (at < to) {
      let type: 'inner' | 'left' | 'right' | 'full' | 'cross' = 'inner';
      let natural = false;
      if (this.#key(at) === ',') at += 1;
      else {
        while (JOIN_WORDS.has(this.#key(at))) {
          const key = this.#key(at);
          if (key === 'NATURAL') natural = true;
          if (key === 'LEFT') type = 'left';
          if (key === 'RIGHT') type = 'right';
          if (key === 'FULL') type = 'full';
          if (key === 'CROSS') type = 'cross';
          at += 1;
          if (key === 'JOIN') break;
        }
      }
      const right = this.#source(at, to, false);
      if (right === undefined) return left;
      at = right.next;
      let on: ClauseSkeleton | undefined;
      let using: string[] | undefined;
      if (this.#key(at) === 'ON') {
        const end = this.#find(at + 1, to, (index) => this.#key(index) === ',' || this.#joins(index, to));
        on = this.#clause(at + 1, end);
        at = end;
      } else if (this.#key(at) === 'USING' && this.#key(at + 1) === '(') {
        const close = this.#close.get(at + 1) ?? to;
        using = [];
        for (let index = at + 2; index < close; index += 1) {
          const name = this.#name(index);
          if (name !== undefined) using.push(name);
        }
        at = close + 1;
      }
      const end = this.#tokens[at - 1]?.end ?? right.item.span.end;
      left = { kind: 'join', type, natural, left, right: right.item, ...(on === undefined ? {} : { on }), ...(using === undefined ? {} : { using }), span: { start: left.span.start, end } };
    }
    return left;
  }

  /** Join words are a join only if they lead to JOIN; `left(x, 1)` is a function. */
  #joins(index: number, to: number): boolean {
    let at = index;
    while (at < to && JOIN_WORDS.has(this.#key(at))) {
      if (this.#key(at) === 'JOIN') return true;
      at += 1;
    }
    return false;
  }

  #source(from: number, to: number, isFirst: boolean): { item: FromSkeleton; next: number } | undefined {
    let at = from;
    if (this.#key(at) === '(') {
      const close = this.#close.get(at) ?? to;
      if (isQueryWord(this.#key(at + 1))) {
        this.#sources.add(at);
        const query = this.query(at + 1, close);
        const alias = this.#sourceAlias(close + 1, to);
        return { item: { kind: 'derived', query, ...(alias.name === undefined ? {} : { alias: alias.name }), span: this.#span(from, alias.next) }, next: alias.next };
      }
      const inner = this.#from(at + 1, close);
      const alias = this.#sourceAlias(close + 1, to);
      if (inner === undefined) return undefined;
      const constrained = this.#key(alias.next) === 'ON' || this.#key(alias.next) === 'USING';
      return { item: isFirst && alias.name === undefined && !constrained ? inner : this.#grouped(inner, alias.name, [from, close, alias.next]), next: alias.next };
    }
    const path: string[] = [];
    for (;;) {
      const name = this.#name(at);
      if (name === undefined) return undefined;
      path.push(name);
      at += 1;
      if (this.#key(at) !== '.') break;
      at += 1;
    }
    const nameSpan = this.#span(from, at);
    let isFunction = false;
    let args: Span[] = [];
    if (this.#key(at) === '(') {
      isFunction = true;
      const close = this.#close.get(at) ?? to;
      args = this.#list(at + 1, close).map(([start, stop]) => this.#span(start, stop));
      at = close + 1;
    }
    const alias = this.#sourceAlias(at, to);
    at = alias.next;
    if (this.#key(at) === 'INDEXED') at += 3;
    else if (this.#key(at) === 'NOT' && this.#key(at + 1) === 'INDEXED') at += 2;
    return { item: { kind: 'table', path, ...(alias.name === undefined ? {} : { alias: alias.name }), span: this.#span(from, at), nameSpan, isFunction, ...(isFunction ? { args } : {}) }, next: at };
  }

  /**
   * A group in parentheses as SQLite's grammar has it: one source takes the group's alias and loses its own, even if the group has
   * none; a join with an alias becomes SELECT * of it, one without keeps its names.
   */
  #grouped(inner: FromSkeleton, name: string | undefined, [open, close, next]: readonly [number, number, number]): FromSkeleton {
    const span = this.#span(open, next);
    if (inner.kind === 'join') {
      if (name === undefined) return inner;
      const body = this.#span(open + 1, close);
      const star = { start: body.start, end: body.start };
      const arm: ArmSkeleton = { span: body, values: false, distinct: false, items: [{ expression: star, star: true }], from: inner, groupBy: [], hasWindowClause: false };
      return { kind: 'derived', query: { span: body, recursive: false, ctes: [], arms: [arm], operators: [], orderBy: [], subqueries: [] }, alias: name, span };
    }
    const { alias: _own, ...bare } = inner;
    return name === undefined ? { ...bare, span } : { ...bare, alias: name, span };
  }

  #sourceAlias(at: number, to: number): { name: string | undefined; next: number } {
    if (at >= to) return { name: undefined, next: Math.min(at, to) };
    if (this.#key(at) === 'AS') return { name: this.#aliasName(at + 1), next: at + 2 };
    const token = this.#tokens[at]!;
    if (token.kind === 'word' && (JOIN_WORDS.has(token.key) || ['ON', 'USING', 'INDEXED', 'NOT'].includes(token.key))) return { name: undefined, next: at };
    const name = this.#aliasName(at);
    return name === undefined ? { name: undefined, next: at } : { name, next: at + 1 };
  }

  #aliasName(index: number): string | undefined {
    const token = this.#tokens[index];
    if (token === undefined) return undefined;
    return nameOrText(token);
  }

  /** Queries in parentheses that are no sources. One that FROM did not reach is found here, so that none is ever lost. */
  #nested(from: number, to: number, found: QuerySkeleton[]): void {
    for (let index = from; index < to; index += 1) {
      if (this.#key(index) !== '(' || !isQueryWord(this.#key(index + 1))) continue;
      const close = this.#close.get(index) ?? to;
      if (!this.#sources.has(index)) found.push(this.query(index + 1, close));
      index = close;
    }
  }
}

const OPERATOR_WORDS = new Set(['AND', 'OR', 'NOT', 'IS', 'IN', 'LIKE', 'GLOB', 'REGEXP', 'MATCH', 'BETWEEN', 'ESCAPE', 'COLLATE', 'CASE', 'WHEN', 'THEN', 'ELSE', 'FROM', 'DISTINCT', 'SELECT', 'ALL', 'OVER']);
const NOT_ALIAS = new Set(['ISNULL', 'NOTNULL', 'NULL', 'OVER', 'FILTER']);
