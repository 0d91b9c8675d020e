/**
 * Owns: what SQLite's bytecode says about a statement: tables, columns, and its shape.
 * Does not own: compiling statements (judge.ts).
 * Invariants: pure; exact for tables without key and index.
 */
import type { Opcode, TableUse } from './types.js';

/** A table or index by its root page in one database of the judge. */
export interface RootEntry {
  readonly schema: string;
  readonly table: string;
  /** Column names in declaration order. */
  readonly columns: readonly string[];
  /** Count every column as read: the user's temporary tables may have keys, and an index numbers columns in its own way. */
  readonly whole: boolean;
}

/** Finds what `OpenRead` opens. */
export type RootLookup = (database: number, rootPage: number) => RootEntry | undefined;

/** Root page of `sqlite_schema` in every database. */
export const SCHEMA_ROOT = 1;

interface Opened {
  readonly entry: RootEntry;
  readonly read: Set<number>;
}

/**
 * Tables a program reads and which of their columns. RIGHT and FULL JOIN open a table twice, a self join opens several
 * cursors: the result is a set. Cursors of sorters, ephemeral tables and automatic indexes are filled from these by `Column`.
 */
export function tablesRead(program: readonly Opcode[], lookup: RootLookup): TableUse[] {
  const cursors = new Map<number, Opened>();
  const tables = new Map<RootEntry, Opened>();
  for (const { opcode, p1, p2, p3 } of program) {
    if (opcode !== 'OpenRead' && opcode !== 'ReopenIdx') continue;
    const entry = lookup(p3, p2);
    if (entry === undefined) continue;
    let opened = tables.get(entry);
    if (opened === undefined) tables.set(entry, (opened = { entry, read: new Set() }));
    cursors.set(p1, opened);
  }
  for (const { opcode, p1, p2 } of program) {
    if (opcode === 'Column') cursors.get(p1)?.read.add(p2);
  }
  const uses = new Map<string, TableUse>();
  for (const { entry, read } of tables.values()) {
    const columns = entry.whole ? entry.columns : entry.columns.filter((_, index) => read.has(index));
    uses.set(`${entry.schema}.${entry.table}`, { schema: entry.schema, table: entry.table, columns });
  }
  return [...uses.values()];
}

/** A column of a base table by database, root page and position. */
export interface ColumnPlace {
  readonly database: number;
  readonly root: number;
  readonly column: number;
}

/**
 * Columns that a program compares for equality with a column of another cursor by `Ne` or `Eq`, that is by visiting pairs of rows.
 */
export function joinColumns(program: readonly Opcode[]): ColumnPlace[] {
  const cursors = new Map<number, { readonly database: number; readonly root: number }>();
  for (const { opcode, p1, p2, p3 } of program) if (opcode === 'OpenRead') cursors.set(p1, { database: p3, root: p2 });
  const registers = new Map<number, { readonly cursor: number; readonly column: number }>();
  const found = new Map<string, ColumnPlace>();
  for (const { opcode, p1, p2, p3 } of program) {
    if (opcode === 'Column') registers.set(p3, { cursor: p1, column: p2 });
    if (opcode !== 'Ne' && opcode !== 'Eq') continue;
    const left = registers.get(p1);
    const right = registers.get(p3);
    if (left === undefined || right === undefined || left.cursor === right.cursor) continue;
    for (const { cursor, column } of [left, right]) {
      const opened = cursors.get(cursor);
      if (opened !== undefined) found.set(`${String(opened.database)}:${String(opened.root)}:${String(column)}`, { ...opened, column });
    }
  }
  return [...found.values()];
}

/** True if the program calls an aggregate function or counts rows. Window functions are aggregates here. */
export const hasAggregate = (program: readonly Opcode[]): boolean => program.some(({ opcode }) => opcode === 'Count' || opcode.startsWith('Agg'));

/** True if the program sorts. */
export const hasSorter = (program: readonly Opcode[]): boolean => program.some(({ opcode }) => opcode.startsWith('Sorter'));

/**
 * True if running the program page by page over one table gives the rows of running it once: no aggregate, no sort, no
 * rowid, one table opened once. The statement's clauses must say the same (no DISTINCT, LIMIT, set operation, subselect):
 * `OpenEphemeral` is no obstacle here because constant IN lists use it.
 */
export function isRowwise(program: readonly Opcode[]): boolean {
  let opened = 0;
  for (const { opcode } of program) {
    if (opcode === 'OpenRead') opened += 1;
    else if (opcode === 'Rowid' || opcode === 'VOpen' || opcode === 'OpenAutoindex' || opcode === 'InitCoroutine') return false;
  }
  return opened === 1 && !hasAggregate(program) && !hasSorter(program);
}

/**
 * If every result column is a plain column of the one table, the index of each in `columns`; else undefined. Between Rewind
 * and Next only Column, RealAffinity, ResultRow and DecrJumpZero may stand: the rows then need no engine.
 *
 * @param program of the text without the conjuncts that are handled exactly.
 * @param columns positions of the scan's columns in the table's declaration, in the scan's order.
 */
export function bypassProjection(program: readonly Opcode[], columns: readonly number[]): readonly number[] | undefined {
  if (!isRowwise(program)) return undefined;
  const start = program.findIndex(({ opcode }) => opcode === 'Rewind');
  const end = program.findIndex(({ opcode }) => opcode === 'Next');
  const cursor = program[start]?.p1;
  if (start < 0 || end < start || program[end]?.p1 !== cursor) return undefined;
  const registers = new Map<number, number>();
  let projection: number[] | undefined;
  for (const { opcode, p1, p2, p3 } of program.slice(start + 1, end)) {
    switch (opcode) {
      case 'Column':
        if (p1 !== cursor) return undefined;
        registers.set(p3, p2);
        break;
      case 'RealAffinity': // of a REAL column: values are REAL already
      case 'DecrJumpZero':
        break;
      case 'ResultRow': {
        if (projection !== undefined) return undefined;
        projection = [];
        for (let register = p1; register < p1 + p2; register += 1) {
          const column = registers.get(register);
          const index = column === undefined ? -1 : columns.indexOf(column);
          if (index < 0) return undefined;
          projection.push(index);
        }
        break;
      }
      default:
        return undefined;
    }
  }
  return projection;
}

/** True if both programs are the same: equal programs mean equal statements. */
export function samePrograms(a: readonly Opcode[], b: readonly Opcode[]): boolean {
  return a.length === b.length && a.every((x, index) => {
    const y = b[index]!;
    return x.opcode === y.opcode && x.p1 === y.p1 && x.p2 === y.p2 && x.p3 === y.p3 && x.p4 === y.p4 && x.p5 === y.p5;
  });
}

type RawOpcode = readonly [addr: number, opcode: string, p1: number, p2: number, p3: number, p4: string | null, p5: number, comment: string | null];

/** Rows of EXPLAIN as opcodes; addresses of virtual tables differ from run to run and are masked. */
export function opcodesOf(rows: readonly unknown[]): Opcode[] {
  return (rows as readonly RawOpcode[]).map(([, opcode, p1, p2, p3, p4, p5]) => ({ opcode, p1, p2, p3, p4: p4?.startsWith('vtab:') === true ? 'vtab:' : p4, p5 }));
}
