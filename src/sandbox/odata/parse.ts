/**
 * Owns: the grammar of expressions: tokens to a tree as written (Pratt parser).
 * Does not own: names and types (bind.ts), the options around an expression (options.ts).
 * Invariants: every token is consumed by whoever asked or a syntax error is thrown; operators are read in any letter case.
 */
import { closeExpected, expressionExpected, syntaxError } from './error.js';
import { tokenize } from './tokens.js';
import type { Token } from './tokens.js';
import type { Operator, Syntax } from './tree.js';

const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1, and: 2, eq: 3, ne: 3, gt: 4, ge: 4, lt: 4, le: 4, has: 4, in: 4, add: 5, sub: 5, mul: 6, div: 6, divby: 6, mod: 6,
};
const UNARY = 7;
/** Deeper nesting, or longer chains, would overflow the stack; the service has limits of its own. */
const DEPTH_LIMIT = 200;
const OPERATOR_LIMIT = 4000;

export class ExpressionParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #operators = 0;

  constructor(readonly text: string) {
    this.#tokens = tokenize(text);
  }

  peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** The token after the next. */
  peekSecond(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  isMark(mark: string): boolean {
    const token = this.peek();
    return token.kind === 'mark' && token.text === mark;
  }

  takeMark(mark: string): boolean {
    if (!this.isMark(mark)) return false;
    this.#at++;
    return true;
  }

  /** The service's library names the place after the token it could not use. */
  unexpected(): Error {
    return syntaxError(this.peek().end, this.text);
  }

  requireMark(mark: string): void {
    if (!this.takeMark(mark)) throw mark === ')' ? closeExpected(this.peek().position, this.text) : this.unexpected();
  }

  requireEnd(): void {
    if (this.peek().kind !== 'end') throw this.unexpected();
  }

  expression(least = 0): Syntax {
    if (++this.#depth > DEPTH_LIMIT) throw syntaxError(this.peek().position, this.text);
    let left = this.#operand();
    for (;;) {
      const token = this.peek();
      const operator = token.kind === 'name' ? token.text.toLowerCase() : '';
      const precedence = Object.hasOwn(PRECEDENCE, operator) ? (PRECEDENCE[operator] as number) : undefined;
      if (precedence === undefined || precedence <= least) break;
      this.take();
      if (++this.#operators > OPERATOR_LIMIT) throw syntaxError(token.position, this.text);
      if (operator === 'in') left = this.#in(left);
      else {
        const right = this.expression(precedence);
        left = { kind: 'binary', operator: operator as Operator, left, right, position: left.position, end: right.end };
      }
    }
    this.#depth--;
    return left;
  }

  #in(operand: Syntax): Syntax {
    this.requireMark('(');
    const values: Syntax[] = [];
    do values.push(this.expression());
    while (this.takeMark(','));
    const end = this.peek().end;
    this.requireMark(')');
    return { kind: 'in', operand, values, position: operand.position, end };
  }

  #operand(): Syntax {
    const token = this.peek();
    switch (token.kind) {
      case 'name':
        return this.#named(token);
      case 'mark': {
        if (token.text === '(') {
          this.take();
          const inner = this.expression();
          this.requireMark(')');
          return inner;
        }
        if (token.text === '-') {
          this.take();
          const operand = this.expression(UNARY);
          return { kind: 'negate', operand, position: token.position, end: operand.end };
        }
        throw expressionExpected(token.position, this.text);
      }
      case 'end':
        throw expressionExpected(token.position, this.text);
      default:
        this.take();
        return { kind: 'literal', literal: token.kind, text: token.text, position: token.position, end: token.end };
    }
  }

  #named(token: Token): Syntax {
    const word = token.text.toLowerCase();
    const follows = this.peekSecond();
    if (word === 'not' && !(follows.kind === 'mark' && follows.text === '/')) {
      this.take();
      // `not` binds tighter than comparisons in the grammar, yet `not a eq b` is what clients write.
      const operand = this.expression(follows.kind === 'mark' ? UNARY : (PRECEDENCE['and'] as number));
      return { kind: 'not', operand, position: token.position, end: operand.end };
    }
    if (word === 'true' || word === 'false' || word === 'null') {
      this.take();
      return { kind: 'literal', literal: word === 'null' ? 'null' : 'boolean', text: word, position: token.position, end: token.end };
    }
    if (follows.kind === 'mark' && follows.text === '(') return this.#call(token);
    // microsoft.graph.importance'high'
    if (follows.kind === 'string' && follows.position === token.end && token.text.includes('.')) {
      this.take();
      this.take();
      return { kind: 'literal', literal: 'string', text: follows.text, position: token.position, end: follows.end };
    }
    return this.#path();
  }

  #call(name: Token): Syntax {
    this.take();
    this.take();
    const list: Syntax[] = [];
    if (!this.isMark(')')) {
      do list.push(this.expression());
      while (this.takeMark(','));
    }
    const end = this.peek().end;
    this.requireMark(')');
    return { kind: 'call', name: name.text, arguments: list, position: name.position, end };
  }

  #path(): Syntax {
    const steps: { readonly name: string; readonly position: number; readonly end: number }[] = [];
    const start = this.peek();
    for (;;) {
      const token = this.peek();
      if (token.kind !== 'name') throw this.unexpected();
      const word = token.text.toLowerCase();
      const follows = this.peekSecond();
      if (steps.length > 0 && follows.kind === 'mark' && follows.text === '(') {
        if (word !== 'any' && word !== 'all') throw syntaxError(follows.end, this.text);
        return this.#lambda({ kind: 'path', steps, position: start.position, end: token.position }, word);
      }
      this.take();
      steps.push({ name: token.text, position: token.position, end: token.end });
      if (!this.takeMark('/')) return { kind: 'path', steps, position: start.position, end: token.end };
    }
  }

  #lambda(source: Syntax & { readonly kind: 'path' }, quantifier: 'any' | 'all'): Syntax {
    this.take();
    this.take();
    let variable: string | undefined;
    let body: Syntax | undefined;
    if (!this.isMark(')')) {
      const name = this.take();
      if (name.kind !== 'name' || !this.takeMark(':')) throw syntaxError(name.end, this.text);
      variable = name.text;
      body = this.expression();
    } else if (quantifier === 'all') throw this.unexpected();
    const end = this.peek().end;
    this.requireMark(')');
    return { kind: 'lambda', source, quantifier, variable, body, position: source.position, end };
  }
}
