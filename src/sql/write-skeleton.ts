/**
 * Owns: the clauses of a writing statement as a record: where its target, columns, values, conditions and RETURNING stand.
 * Does not own: finding them (write-reader.ts), queries inside it (skeleton.ts), names' meaning (driver/).
 * Invariants: spans are exact in the text that was read; names are unquoted; a part that is not there is absent.
 */
import type { ExchangeSqlError } from '../errors.js';
import type { Span } from './ast.js';

export interface NamedSpan {
  readonly name: string;
  readonly span: Span;
}

export interface WriteTarget {
  /** `Messages`, `main.Messages`; parts unquoted. */
  readonly path: readonly string[];
  readonly span: Span;
  readonly alias?: NamedSpan;
}

/** `column = expression`; of `(a, b) = (x, y)` one each. */
export interface Assignment {
  readonly column: NamedSpan;
  readonly expression: Span;
}

export type InsertSource =
  /** `VALUES (…), (…)` and nothing behind it. */
  | { readonly kind: 'values'; readonly span: Span; readonly rows: readonly (readonly Span[])[]; /** The word DEFAULT in the place of a value. */ readonly defaults: readonly { readonly row: number; readonly column: number; readonly span: Span }[] }
  | { readonly kind: 'select'; readonly span: Span }
  | { readonly kind: 'defaults'; readonly span: Span };

/** `ON CONFLICT (id) DO …`; of UPSERT there is none in the text. */
export interface ConflictClause {
  readonly span: Span;
  /** Between the parentheses; absent if none are given. */
  readonly target?: { readonly span: Span; readonly columns: readonly NamedSpan[] };
  readonly action: 'nothing' | 'update';
  readonly assignments: readonly Assignment[];
  readonly where?: Span;
}

export interface WriteSkeleton {
  readonly kind: 'insert' | 'update' | 'delete';
  /** `update-select`: `UPDATE t (columns) SELECT …`; `upsert`: UPSERT INTO. */
  readonly form: 'plain' | 'upsert' | 'update-select';
  /** The verb, INSERT, UPSERT, UPDATE or DELETE. */
  readonly verb: Span;
  /** `WITH …` before the verb. */
  readonly with?: Span;
  readonly ctes: readonly string[];
  readonly target: WriteTarget;
  /** The list behind the target's name, with its parentheses. */
  readonly columns?: { readonly span: Span; readonly names: readonly NamedSpan[] };
  readonly source?: InsertSource;
  readonly conflict?: ConflictClause;
  readonly assignments: readonly Assignment[];
  /** What follows FROM in UPDATE … FROM. */
  readonly from?: Span;
  /** The condition alone. */
  readonly where?: Span;
  /** ORDER BY and LIMIT of UPDATE and DELETE. */
  readonly tail?: Span;
  /** The whole clause, and what follows the word RETURNING. */
  readonly returning?: { readonly span: Span; readonly items: Span };
  /** The statement has a form of another dialect that tables of a mailbox do not take. */
  readonly refusal?: ExchangeSqlError;
}
