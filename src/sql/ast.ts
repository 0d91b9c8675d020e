/**
 * Owns: the tree an expression of the user's SQL is read into, with positions.
 * Does not own: reading (sql/expression-reader.ts), meaning (planner/).
 * Invariants: spans are UTF-16 offsets into the text that was read; names are unquoted; nothing is folded or evaluated.
 */

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Terms that only order or partition: `ORDER BY …` inside an aggregate, and what follows OVER (none for a named window). */
export interface FunctionOrder {
  /** From ORDER to the last term; from OVER to the end of the window. */
  readonly span: Span;
  readonly terms: readonly Expression[];
}

export type Expression =
  | { readonly kind: 'literal'; readonly type: 'text' | 'integer' | 'real' | 'blob' | 'null' | 'boolean' | 'clock'; readonly text: string; readonly span: Span }
  | { readonly kind: 'parameter'; readonly text: string; readonly span: Span }
  /** `a`, `t.a`, `s.t.a`; parts unquoted. */
  | { readonly kind: 'column'; readonly path: readonly string[]; readonly span: Span }
  | { readonly kind: 'unary'; readonly op: '-' | '+' | '~' | 'NOT'; readonly operand: Expression; readonly span: Span }
  /** op upper case: AND OR = <> < <= > >= + - * / % || & | << >> -> ->> (`==` and `!=` come as `=` and `<>`). */
  | { readonly kind: 'binary'; readonly op: string; readonly left: Expression; readonly right: Expression; readonly span: Span }
  /** `IS [NOT] x`, `IS [NOT] DISTINCT FROM x` (distinct). ISNULL, NOTNULL, NOT NULL come as IS [NOT] with a null literal. */
  | { readonly kind: 'is'; readonly negated: boolean; readonly distinct: boolean; readonly left: Expression; readonly right: Expression; readonly span: Span }
  | { readonly kind: 'like'; readonly op: 'LIKE' | 'GLOB' | 'REGEXP' | 'MATCH'; readonly negated: boolean; readonly left: Expression; readonly right: Expression; readonly escape?: Expression; readonly span: Span }
  | { readonly kind: 'between'; readonly negated: boolean; readonly operand: Expression; readonly low: Expression; readonly high: Expression; readonly span: Span }
  | { readonly kind: 'in'; readonly negated: boolean; readonly operand: Expression; readonly list?: readonly Expression[]; readonly select?: Span; readonly table?: readonly string[]; readonly span: Span }
  /** `(SELECT …)` as a scalar, or EXISTS. `select` spans the inner text without parentheses. */
  | { readonly kind: 'subquery'; readonly exists: boolean; readonly select: Span; readonly span: Span }
  | { readonly kind: 'function'; readonly name: string; readonly args: readonly Expression[]; readonly star: boolean; readonly distinct: boolean; readonly orderBy?: FunctionOrder; readonly filter?: Expression; readonly over: boolean; readonly window?: FunctionOrder; readonly span: Span; readonly nameSpan: Span }
  | { readonly kind: 'case'; readonly operand?: Expression; readonly whens: readonly { readonly when: Expression; readonly then: Expression }[]; readonly otherwise?: Expression; readonly span: Span }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: string; readonly span: Span }
  | { readonly kind: 'collate'; readonly operand: Expression; readonly collation: string; readonly span: Span }
  | { readonly kind: 'row'; readonly items: readonly Expression[]; readonly span: Span };
