/**
 * Owns: reading an expression by SQLite's precedence into a tree with positions.
 * Does not own: names' meaning, evaluation; proving the reading (planner/guard.ts).
 * Invariants: undefined for what is not one whole expression; never a tree that covers less than the span.
 */
import type { Expression, FunctionOrder, Span } from './ast.js';
import { nameOf, nameOrText, type Token } from './tokenizer.js';
import { windowTerms, withoutDirection, type TokenRange } from './window-terms.js';

/** Reads the tokens of `span` as one expression. */
export function readExpression(tokens: readonly Token[], span: Span): Expression | undefined {
  const from = firstAt(tokens, span.start);
  let to = from;
  while (to < tokens.length && tokens[to]!.end <= span.end) to += 1;
  const reader = new Reader(tokens, from, to);
  try {
    const expression = reader.expression(0);
    return reader.at === to ? expression : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Index of the first token that starts at or after an offset. */
export function firstAt(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Unreadable extends Error {}

const BINARY: Readonly<Record<string, number>> = { OR: 1, AND: 2, '=': 4, '==': 4, '<>': 4, '!=': 4, '<': 5, '<=': 5, '>': 5, '>=': 5, '&': 7, '|': 7, '<<': 7, '>>': 7, '+': 8, '-': 8, '*': 9, '/': 9, '%': 9, '||': 10, '->': 10, '->>': 10 };
const EQUALITY = 4;
const NOT_LEVEL = 3;
const AND_LEVEL = 2;
const UNARY = 12;
const COLLATE = 11;
const PLAIN: Readonly<Record<string, string>> = { '==': '=', '!=': '<>' };
/** Words that end an expression where an operand could follow. */
const RESERVED = new Set(['SELECT', 'FROM', 'WHERE', 'GROUP', 'ORDER', 'HAVING', 'LIMIT', 'UNION', 'EXCEPT', 'INTERSECT', 'ON', 'AND', 'OR', 'THEN', 'WHEN', 'ELSE', 'AS', 'IN', 'IS', 'BETWEEN', 'SET', 'VALUES', 'JOIN', 'USING', 'ISNULL', 'NOTNULL', 'COLLATE', 'ESCAPE']);

class Reader {
  at: number;
  readonly #tokens: readonly Token[];
  readonly #end: number;

  constructor(tokens: readonly Token[], from: number, to: number) {
    this.#tokens = tokens;
    this.at = from;
    this.#end = to;
  }

  #peek(ahead = 0): Token | undefined {
    const index = this.at + ahead;
    return index < this.#end ? this.#tokens[index] : undefined;
  }

  #key(ahead = 0): string {
    return this.#peek(ahead)?.key ?? '';
  }

  #next(): Token {
    const token = this.#peek();
    if (token === undefined) throw new Unreadable();
    this.at += 1;
    return token;
  }

  #take(key: string): Token {
    if (this.#key() !== key) throw new Unreadable();
    return this.#next();
  }

  #took(key: string): boolean {
    if (this.#key() !== key) return false;
    this.at += 1;
    return true;
  }

  expression(least: number): Expression {
    let left = this.#operand();
    for (;;) {
      const key = this.#key();
      const level = BINARY[key];
      if (level !== undefined) {
        if (level <= least) return left;
        this.#next();
        const right = this.expression(level);
        left = { kind: 'binary', op: PLAIN[key] ?? key, left, right, span: { start: left.span.start, end: right.span.end } };
        continue;
      }
      if (key === 'COLLATE') {
        if (COLLATE <= least) return left;
        this.#next();
        const name = this.#next();
        left = { kind: 'collate', operand: left, collation: nameOf(name) ?? this.#fail(), span: { start: left.span.start, end: name.end } };
        continue;
      }
      if (EQUALITY <= least) return left;
      const postfix = this.#postfix(left, key);
      if (postfix === undefined) return left;
      left = postfix;
    }
  }

  #fail(): never {
    throw new Unreadable();
  }

  /** Operators of the level of `=` that are words. */
  #postfix(left: Expression, key: string): Expression | undefined {
    const start = left.span.start;
    const nullLiteral = (token: Token): Expression => ({ kind: 'literal', type: 'null', text: 'NULL', span: token });
    switch (key) {
      case 'ISNULL':
      case 'NOTNULL': {
        const token = this.#next();
        return { kind: 'is', negated: key === 'NOTNULL', distinct: false, left, right: nullLiteral(token), span: { start, end: token.end } };
      }
      case 'IS': {
        this.#next();
        const negated = this.#took('NOT');
        const distinct = this.#key() === 'DISTINCT' && this.#key(1) === 'FROM';
        if (distinct) this.at += 2;
        const right = this.expression(EQUALITY);
        return { kind: 'is', negated, distinct, left, right, span: { start, end: right.span.end } };
      }
      case 'NOT': {
        const after = this.#key(1);
        if (after === 'NULL') {
          this.#next();
          const token = this.#next();
          return { kind: 'is', negated: true, distinct: false, left, right: nullLiteral(token), span: { start, end: token.end } };
        }
        if (!['LIKE', 'GLOB', 'REGEXP', 'MATCH', 'BETWEEN', 'IN'].includes(after)) return undefined;
        this.#next();
        return this.#matching(left, after, true);
      }
      case 'LIKE':
      case 'GLOB':
      case 'REGEXP':
      case 'MATCH':
      case 'BETWEEN':
      case 'IN':
        return this.#matching(left, key, false);
      default:
        return undefined;
    }
  }

  #matching(left: Expression, key: string, negated: boolean): Expression {
    const start = left.span.start;
    this.#next();
    if (key === 'BETWEEN') {
      // SQLite's grammar: up to the AND anything goes that binds tighter, `a BETWEEN b = c AND d` included.
      const low = this.expression(AND_LEVEL);
      this.#take('AND');
      const high = this.expression(EQUALITY);
      return { kind: 'between', negated, operand: left, low, high, span: { start, end: high.span.end } };
    }
    if (key === 'IN') return this.#in(left, negated);
    const right = this.expression(EQUALITY);
    const op = key as 'LIKE' | 'GLOB' | 'REGEXP' | 'MATCH';
    if (this.#took('ESCAPE')) {
      // SQLite's grammar gives the rule LIKE's precedence: `ESCAPE a <= b` is ESCAPE (a <= b).
      const escape = this.expression(EQUALITY);
      return { kind: 'like', op, negated, left, right, escape, span: { start, end: escape.span.end } };
    }
    return { kind: 'like', op, negated, left, right, span: { start, end: right.span.end } };
  }

  #in(operand: Expression, negated: boolean): Expression {
    const start = operand.span.start;
    if (this.#key() !== '(') {
      const path = [nameOf(this.#next()) ?? this.#fail()];
      let end = this.#tokens[this.at - 1]!.end;
      while (this.#took('.')) {
        const token = this.#next();
        path.push(nameOrText(token) ?? this.#fail());
        end = token.end;
      }
      if (this.#key() === '(') this.#fail();
      return { kind: 'in', negated, operand, table: path, span: { start, end } };
    }
    const open = this.#take('(');
    if (isQuery(this.#key())) {
      const close = this.#closing();
      return { kind: 'in', negated, operand, select: { start: open.end, end: close.start }, span: { start, end: close.end } };
    }
    const list = this.#list();
    const close = this.#take(')');
    return { kind: 'in', negated, operand, list, span: { start, end: close.end } };
  }

  #list(): Expression[] {
    const list: Expression[] = [];
    if (this.#key() === ')') return list;
    do list.push(this.expression(0));
    while (this.#took(','));
    return list;
  }

  /** Skips to the parenthesis that closes one already taken, and takes it. */
  #closing(): Token {
    let depth = 1;
    for (;;) {
      const token = this.#next();
      if (token.key === '(') depth += 1;
      if (token.key === ')') depth -= 1;
      if (depth === 0) return token;
    }
  }

  #operand(): Expression {
    const token = this.#next();
    const span = { start: token.start, end: token.end };
    switch (token.kind) {
      case 'number':
        return { kind: 'literal', type: /^(0[xX].*|[\d_]+)$/.test(token.text) ? 'integer' : 'real', text: token.text, span };
      case 'string':
        return { kind: 'literal', type: 'text', text: token.text, span };
      case 'blob':
        return { kind: 'literal', type: 'blob', text: token.text, span };
      case 'parameter':
        return { kind: 'parameter', text: token.text, span };
      case 'operator':
        return this.#signed(token);
      case 'word':
      case 'quoted':
        return this.#word(token);
      case 'invalid':
        return this.#fail();
    }
  }

  #signed(token: Token): Expression {
    if (token.key === '(') return this.#parenthesised(token);
    if (token.key === '-' || token.key === '+' || token.key === '~') {
      const operand = this.expression(UNARY);
      return { kind: 'unary', op: token.key, operand, span: { start: token.start, end: operand.span.end } };
    }
    return this.#fail();
  }

  #parenthesised(open: Token): Expression {
    if (isQuery(this.#key())) {
      const close = this.#closing();
      return { kind: 'subquery', exists: false, select: { start: open.end, end: close.start }, span: { start: open.start, end: close.end } };
    }
    const items = this.#list();
    const close = this.#take(')');
    const span = { start: open.start, end: close.end };
    if (items.length === 0) return this.#fail();
    // The tree needs no node for parentheses; the span grows so that slices stay whole.
    return items.length === 1 ? { ...items[0]!, span } : { kind: 'row', items, span };
  }

  #word(token: Token): Expression {
    const span = { start: token.start, end: token.end };
    if (token.kind === 'word') {
      switch (token.key) {
        case 'NULL':
          return { kind: 'literal', type: 'null', text: token.text, span };
        case 'CURRENT_TIMESTAMP':
        case 'CURRENT_DATE':
        case 'CURRENT_TIME':
          return { kind: 'literal', type: 'clock', text: token.text, span };
        case 'NOT': {
          const operand = this.expression(NOT_LEVEL);
          return { kind: 'unary', op: 'NOT', operand, span: { start: token.start, end: operand.span.end } };
        }
        case 'EXISTS': {
          if (this.#key() !== '(') break;
          const open = this.#next();
          if (!isQuery(this.#key())) return this.#fail();
          const close = this.#closing();
          return { kind: 'subquery', exists: true, select: { start: open.end, end: close.start }, span: { start: token.start, end: close.end } };
        }
        case 'CASE':
          return this.#case(token);
        case 'CAST':
          if (this.#key() === '(') return this.#cast(token);
          break;
        case 'TRUE':
        case 'FALSE':
          if (this.#key() !== '.' && this.#key() !== '(') return { kind: 'literal', type: 'boolean', text: token.text, span };
          break;
        default:
          if (RESERVED.has(token.key) && this.#key() !== '(' && this.#key() !== '.') return this.#fail();
      }
    }
    if (this.#key() === '(') return this.#function(token);
    const path = [nameOf(token) ?? this.#fail()];
    let end = token.end;
    while (this.#key() === '.') {
      this.#next();
      const part = this.#next();
      path.push(nameOrText(part) ?? this.#fail());
      end = part.end;
    }
    return { kind: 'column', path, span: { start: token.start, end } };
  }

  #function(name: Token): Expression {
    this.#take('(');
    let star = false;
    let distinct = false;
    let args: Expression[] = [];
    if (this.#key() === '*' && this.#key(1) === ')') {
      star = true;
      this.#next();
    } else {
      distinct = this.#took('DISTINCT');
      if (!distinct && this.#key() === 'ALL') this.#next();
      args = this.#list();
    }
    const orderBy = this.#key() === 'ORDER' ? this.#orderBy() : undefined;
    let end = this.#take(')').end;
    let filter: Expression | undefined;
    if (this.#key() === 'FILTER' && this.#key(1) === '(') {
      this.at += 2;
      this.#take('WHERE');
      filter = this.expression(0);
      end = this.#take(')').end;
    }
    let window: FunctionOrder | undefined;
    if (this.#key() === 'OVER') {
      window = this.#window();
      ({ end } = window.span);
    }
    const base = { kind: 'function' as const, name: nameOf(name)!, args, star, distinct, over: window !== undefined, span: { start: name.start, end }, nameSpan: { start: name.start, end: name.end } };
    return { ...base, ...(orderBy === undefined ? {} : { orderBy }), ...(filter === undefined ? {} : { filter }), ...(window === undefined ? {} : { window }) };
  }

  /** `ORDER BY …` inside an aggregate, up to the parenthesis that closes its arguments. */
  #orderBy(): FunctionOrder {
    const order = this.at;
    this.at += 1;
    if (!this.#took('BY')) this.#fail();
    const terms: Expression[] = [];
    do {
      const from = this.at;
      while (this.at < this.#end && this.#key() !== ',' && this.#key() !== ')') {
        const open = this.#next();
        if (open.key === '(') this.#closing();
      }
      terms.push(this.#part(withoutDirection(this.#tokens, from, this.at)));
    } while (this.#took(','));
    return { span: { start: this.#tokens[order]!.start, end: this.#tokens[this.at - 1]!.end }, terms };
  }

  #window(): FunctionOrder {
    const { start } = this.#next();
    const from = this.at;
    const next = this.#next();
    const { end } = next.key === '(' ? this.#closing() : next;
    const terms = next.key === '(' ? windowTerms(this.#tokens, from + 1, this.at - 1).map((range) => this.#part(range)) : [];
    return { span: { start, end }, terms };
  }

  /** Reads a range of tokens behind the reader. */
  #part([from, to]: TokenRange): Expression {
    const reader = new Reader(this.#tokens, from, to);
    const expression = reader.expression(0);
    return reader.at === to ? expression : this.#fail();
  }

  #case(token: Token): Expression {
    const operand = this.#key() === 'WHEN' ? undefined : this.expression(0);
    const whens: { when: Expression; then: Expression }[] = [];
    while (this.#took('WHEN')) {
      const when = this.expression(0);
      this.#take('THEN');
      whens.push({ when, then: this.expression(0) });
    }
    const otherwise = this.#took('ELSE') ? this.expression(0) : undefined;
    const { end } = this.#take('END');
    return { kind: 'case', ...(operand === undefined ? {} : { operand }), whens, ...(otherwise === undefined ? {} : { otherwise }), span: { start: token.start, end } };
  }

  #cast(token: Token): Expression {
    this.#take('(');
    const operand = this.expression(0);
    this.#take('AS');
    const words: string[] = [];
    let depth = 0;
    while (depth > 0 || this.#key() !== ')') {
      const { key, text } = this.#next();
      if (key === '(') depth += 1;
      if (key === ')') depth -= 1;
      words.push(text);
    }
    const { end } = this.#take(')');
    return { kind: 'cast', operand, type: words.join(' '), span: { start: token.start, end } };
  }
}

const isQuery = (key: string): boolean => key === 'SELECT' || key === 'WITH' || key === 'VALUES';
