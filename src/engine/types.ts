/**
 * Owns: what the local engine tells the planner and the driver about a statement.
 * Invariants: plain data; nothing here runs anything.
 */
import type { SqlValue } from '../scan/value.js';

/** Parameters of a statement after sql/ has named them: positional values in order, or by name without the sigil. */
export interface BoundParameters {
  readonly positional: readonly SqlValue[];
  readonly named: Readonly<Record<string, SqlValue>>;
}

export interface ResultColumn {
  readonly name: string;
  /** Base table and column this result column is, through CTEs and renames; absent for an expression. */
  readonly table?: string;
  readonly column?: string;
  /** Schema (database) name of the base table: `main`, `temp`, `information_schema`. */
  readonly schema?: string;
  /** Declared SQLite type of the base column, e.g. `TEXT TIMESTAMP`. */
  readonly declaredType?: string;
}

/** One instruction; pointers masked so that two programs can be compared. */
export interface Opcode {
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly p4: string | null;
  readonly p5: number;
}

export interface TableUse {
  readonly schema: string;
  readonly table: string;
  /** Canonical column names read, in declaration order. */
  readonly columns: readonly string[];
}

export interface Examination {
  readonly columns: readonly ResultColumn[];
  readonly program: readonly Opcode[];
  readonly tables: readonly TableUse[];
  /** The user's statement reads `rowid` of a virtual table. */
  readonly readsRowid: boolean;
}

export interface Folded {
  /** `typeof()` of the value. */
  readonly type: 'null' | 'integer' | 'real' | 'text' | 'blob';
  readonly value: SqlValue;
}

/**
 * The judge: one lasting database per connection that holds an empty table for every virtual table, with no key and no
 * index, and the user's temporary objects. It decides syntax, names and result columns, and lends its bytecode.
 */
export interface Judge {
  /** Prepares and explains. Throws ExchangeSqlError SYNTAX, UNKNOWN_TABLE, UNKNOWN_COLUMN (did-you-mean), … with position in `sql`. */
  examine(sql: string): Examination;
  /** The program alone, masked for comparison; undefined if SQLite refuses the text. */
  program(sql: string): readonly Opcode[] | undefined;
  /** Evaluates a constant expression with the parameters bound; undefined if SQLite refuses it. */
  fold(expression: string, parameters: BoundParameters): Folded | undefined;
}

/** The small database of one running statement: only the tables it names. */
export interface StatementDatabase {
  /** Adds rows. `columns` are canonical names; other columns stay NULL. Rows whose key was staged before for this table are skipped. Returns how many were new. */
  stage(table: string, columns: readonly string[], page: { readonly rows: readonly (readonly SqlValue[])[]; readonly keys: readonly string[] }): number;
  /** Empties a staged table (between pages of a row-wise statement); keys already seen stay seen. */
  clear(table: string): void;
  /** Distinct non-NULL values of a one-column query. */
  keys(sql: string): readonly SqlValue[];
  /** Runs a SELECT; rows as arrays, integers as bigint where they do not fit a double exactly or where `bigints` is set. Iterates lazily. */
  run(sql: string, parameters: BoundParameters): IterableIterator<readonly SqlValue[]>;
  /** Refuses (STATEMENT_TOO_LARGE) when nested scans of the staged row counts multiply beyond the ceiling. */
  refuseRunaway(sql: string, parameters: BoundParameters): void;
  close(): void;
}
