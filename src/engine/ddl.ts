/**
 * Owns: the DDL of virtual tables, and the one escaper of SQLite identifiers.
 * Does not own: which tables there are (catalog/), the databases that run the DDL (judge.ts, statement-database.ts).
 * Invariants: judge and statement databases use the same text, so that the program that was examined is the one that runs;
 * no key, no index, no NOT NULL, BINARY collation everywhere (reads would else go through index cursors).
 */
import type { ColumnType, TableDeclaration } from '../catalog/table.js';

export interface EngineColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** A table that is empty in the judge and staged in a statement's database. */
export interface EngineTable {
  /** `main` or `information_schema`. */
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly EngineColumn[];
}

/** A table that is filled locally, without a request: `sys_*` in `main`, `information_schema.*`. */
export type LocalTable = EngineTable;

/** Quotes a name for SQL; names with NUL cannot be written in SQL at all. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new RangeError('an SQL name cannot hold NUL');
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Declared SQLite types. Two words keep TEXT affinity and come back as the declared type: `TIMESTAMP`, `DATE`, `JSON` alone
 * have NUMERIC affinity, which turns '007' into 7 and compares '2024-…' with the number 2024. BOOLEAN is NUMERIC on purpose:
 * `= TRUE`, `= 1` and `= '1'` all work on 1 and 0.
 */
const DECLARED: Readonly<Record<ColumnType, string>> = {
  text: 'TEXT',
  timestamp: 'TEXT TIMESTAMP',
  date: 'TEXT DATE',
  time: 'TEXT TIME',
  json: 'TEXT JSON',
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  double: 'REAL',
  binary: 'BLOB',
};

export const declaredType = (type: ColumnType): string => DECLARED[type];

/** `CREATE TABLE` of one table. */
export function createTable({ schema, name, columns }: EngineTable): string {
  const list = columns.map((column) => `${quoteIdentifier(column.name)} ${declaredType(column.type)}`).join(', ');
  return `CREATE TABLE ${quoteIdentifier(schema)}.${quoteIdentifier(name)}(${list})`;
}

/** A declared virtual table as the engine holds it. */
export const engineTable = ({ name, columns }: TableDeclaration): EngineTable => ({ schema: 'main', name, columns });
