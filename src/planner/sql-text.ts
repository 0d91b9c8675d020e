/**
 * Owns: one text of the statement with its tokens, clauses and trees.
 * Does not own: reading them (sql/).
 */
import { readExpression, readSkeleton, secondOpinion, tokenize } from '../sql/index.js';
import type { Token } from '../sql/index.js';
import type { Expression, Span } from '../sql/ast.js';
import type { QuerySkeleton } from '../sql/skeleton.js';
import { nodesOf, walkExpressions } from '../sql/walk.js';

export class SqlText {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly skeleton: QuerySkeleton;
  readonly #read = new Map<string, Expression | undefined>();

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text);
    this.skeleton = readSkeleton(this.tokens);
  }

  /** The tree of an expression; the same object for the same span. Undefined if it cannot be read. */
  readonly read = (span: Span): Expression | undefined => {
    const key = `${String(span.start)}:${String(span.end)}`;
    if (!this.#read.has(key)) this.#read.set(key, readExpression(this.tokens, span));
    return this.#read.get(key);
  };

  /** The tree of a predicate, unless node-sql-parser reads it differently: then nothing of it is pushed. */
  readonly readTerm = (span: Span): Expression | undefined => {
    const expression = this.read(span);
    return expression !== undefined && secondOpinion(expression, this.tokens, span).disagreed ? undefined : expression;
  };

  slice({ start, end }: Span): string {
    return this.text.slice(start, end);
  }

  /** `x IN name` reads a table or view outside of FROM. */
  namesTableInExpression(): boolean {
    let found = false;
    walkExpressions(this.skeleton, this.tokens, (expression) => {
      if (expression !== undefined && !found) for (const node of nodesOf(expression)) found ||= node.kind === 'in' && node.table !== undefined;
    });
    return found;
  }

  /** Positions of the plain `?`, ascending. */
  placeholders(): readonly number[] {
    return this.tokens.filter(({ kind, text }) => kind === 'parameter' && text === '?').map(({ start }) => start);
  }
}
