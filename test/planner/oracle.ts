/**
 * A source that behaves as badly as it may (text without case, junk in columns nobody asked for, look-ups at random) beside
 * plain SQLite over all rows.
 */
import { createStatementDatabase } from '../../src/engine/index.js';
import type { StatementDatabase } from '../../src/engine/types.js';
import { finishPlan } from '../../src/planner/index.js';
import type { Lookup, SoundnessSwitches, StatementPlan } from '../../src/planner/index.js';
import type { Predicate } from '../../src/scan/predicate.js';
import type { Scan, ScanPlan } from '../../src/scan/scan.js';
import type { Constant, SqlValue } from '../../src/scan/value.js';
import { TABLES, judge, plan, tableOf } from './fixture.js';
import type { Random } from './generator.js';

export type Row = Readonly<Record<string, SqlValue>>;
export type Data = Readonly<Record<string, readonly Row[]>>;

export interface Answers {
  readonly expected: readonly string[];
  readonly actual: readonly string[];
  readonly plan: StatementPlan;
}

const PARAMETERS = { positional: [], named: {} };

/** The rows of a statement, from all rows and from what its plan asks for. Sorted unless the order is total. */
export function answers(sql: string, data: Data, random: Random, options: { readonly rules?: SoundnessSwitches; readonly inOrder?: boolean; readonly pushdown?: boolean } = {}): Answers {
  const first = plan(sql, { ...(options.rules === undefined ? {} : { rules: options.rules }), pushdown: options.pushdown ?? true });
  const scanPlans = first.scans.map(({ scan }) => scanPlanOf(scan));
  const finished = finishPlan(first, scanPlans);
  const reference = openDatabase();
  for (const { name, columns } of TABLES) stage(reference, name, columns.map((column) => column.name), data[name] ?? [], (row, column) => row[column] ?? null);
  const arrange = (rows: readonly (readonly SqlValue[])[]): readonly string[] => {
    const texts = rows.map((row) => JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${String(value)}n` : value)));
    return options.inOrder === true ? texts : texts.sort();
  };
  try {
    return { expected: arrange([...reference.run(finished.sql, PARAMETERS)]), actual: arrange(execute(finished, scanPlans, data, random)), plan: finished };
  } finally {
    reference.close();
  }
}

const openDatabase = (): StatementDatabase => createStatementDatabase({ tables: TABLES.map(({ name, columns }) => ({ schema: 'main', name, columns })), memory: true, temporary: judge.temporaryTables() });

function stage(database: StatementDatabase, table: string, columns: readonly string[], rows: readonly Row[], value: (row: Row, column: string) => SqlValue): void {
  database.stage(table, columns, { rows: rows.map((row) => columns.map((column) => value(row, column))), keys: rows.map((row) => String(row['id'])) });
}

/** Text predicates are re-checked, everything else is exact. */
function scanPlanOf(scan: Scan): ScanPlan {
  const outcomes = scan.conjuncts.map((conjunct) => ({ conjunct, handled: isExact(conjunct.predicate, scan.table) ? ('exact' as const) : ('inexact' as const) }));
  const exact = outcomes.every(({ handled }) => handled === 'exact');
  return {
    scan,
    requests: [],
    outcomes,
    order: scan.order === undefined ? 'none' : 'honoured',
    limit: scan.limit === undefined ? 'none' : exact ? 'honoured' : 'local',
    ...(scan.countOnly === true ? { count: exact ? ('service' as const) : ('rows' as const) } : {}),
    detail: undefined,
  };
}

function execute(finished: StatementPlan, scanPlans: readonly ScanPlan[], data: Data, random: Random): readonly (readonly SqlValue[])[] {
  const [only] = scanPlans;
  switch (finished.mode) {
    case 'constant':
      return staged(finished, [], data, random);
    case 'count':
      return [finished.columns.map(() => BigInt(rowsOf(only!, data, []).length))];
    case 'bypass': {
      const columns = only!.scan.columns;
      return cut(rowsOf(only!, data, []).map((row) => finished.projection!.map((index) => row[columns[index]!] ?? null)), finished);
    }
    case 'rowwise': {
      const database = openDatabase();
      const rows = rowsOf(only!, data, []);
      const result: (readonly SqlValue[])[] = [];
      for (let at = 0; at < rows.length; at += 2) {
        stageScan(database, only!.scan, rows.slice(at, at + 2));
        result.push(...database.run(finished.pageSql!, PARAMETERS));
        database.clear(only!.scan.table);
      }
      database.close();
      return cut(result, finished);
    }
    case 'staged':
      return staged(finished, scanPlans, data, random);
  }
}

const cut = (rows: readonly (readonly SqlValue[])[], { limit, offset = 0 }: StatementPlan): readonly (readonly SqlValue[])[] => rows.slice(offset, limit === undefined ? undefined : offset + limit);

function staged(finished: StatementPlan, scanPlans: readonly ScanPlan[], data: Data, random: Random): readonly (readonly SqlValue[])[] {
  const database = openDatabase();
  const done = new Set<number>();
  const run = (id: number): void => {
    if (done.has(id)) return;
    done.add(id);
    const planned = finished.scans.find(({ scan }) => scan.id === id);
    const scanPlan = scanPlans.find(({ scan }) => scan.id === id);
    if (planned === undefined || scanPlan === undefined) return;
    for (const { after } of planned.lookups) after.forEach(run);
    const keys = planned.lookups.filter(({ required }) => required === true || random.chance(0.7)).map((lookup: Lookup) => ({ column: lookup.column, values: database.keys(lookup.keysSql) }));
    stageScan(database, scanPlan.scan, rowsOf(scanPlan, data, keys));
  };
  scanPlans.forEach(({ scan }) => {
    run(scan.id);
  });
  try {
    return [...database.run(finished.sql, PARAMETERS)];
  } finally {
    database.close();
  }
}

/** Columns that the scan does not ask for hold junk, so a plan that forgot one is found out. */
function stageScan(database: StatementDatabase, scan: Scan, rows: readonly Row[]): void {
  const wanted = new Set(scan.columns);
  const columns = tableOf(scan.table)!.columns.map(({ name }) => name);
  stage(database, scan.table, columns, rows, (row, column) => (wanted.has(column) ? (row[column] ?? null) : 'JUNK'));
}

interface Keys {
  readonly column: string;
  readonly values: readonly SqlValue[];
}

function rowsOf({ scan, limit }: ScanPlan, data: Data, keys: readonly Keys[]): readonly Row[] {
  const table = scan.table;
  let rows: readonly Row[] = (data[table] ?? []).filter((row) => scan.conjuncts.every(({ predicate }) => holds(predicate, row, table)) && keys.every(({ column, values }) => values.some((value) => sameText(row[column] ?? null, value))));
  if (scan.order !== undefined) rows = ordered(rows, scan);
  if (limit === 'honoured') rows = rows.slice(0, scan.limit);
  return rows;
}

function ordered(rows: readonly Row[], scan: Scan): readonly Row[] {
  const columns = tableOf(scan.table)!.columns.map(({ name }) => name);
  const database = openDatabase();
  stage(database, scan.table, columns, rows, (row, column) => row[column] ?? null);
  const terms = scan.order!.map(({ column, descending }) => `"${column}"${descending ? ' DESC' : ''}`).join(', ');
  const ids = [...database.run(`SELECT id FROM "${scan.table}" ORDER BY ${terms}`, PARAMETERS)].map(([id]) => id);
  database.close();
  return ids.map((id) => rows.find((row) => row['id'] === id)!);
}

const sameText = (a: SqlValue, b: SqlValue): boolean => (typeof a === 'string' && typeof b === 'string' ? a.toLowerCase() === b.toLowerCase() : a === b);

function isExact(predicate: Predicate, table: string): boolean {
  switch (predicate.kind) {
    case 'compare':
    case 'in':
      return typeOf(predicate.column, table) !== 'text';
    case 'null':
    case 'never':
      return true;
    case 'any':
    case 'all':
      return predicate.arms.every((arm) => isExact(arm, table));
    default:
      return false;
  }
}

const typeOf = (column: string, table: string): string => tableOf(table)!.columns.find(({ name }) => name === column)!.type;

/** As the service would say: text without case; what it cannot compare it lets pass. */
function holds(predicate: Predicate, row: Row, table: string): boolean {
  switch (predicate.kind) {
    case 'compare':
      return compares(row[predicate.column] ?? null, predicate.op, predicate.value, typeOf(predicate.column, table));
    case 'in':
      return predicate.values.some((value) => compares(row[predicate.column] ?? null, 'eq', value, typeOf(predicate.column, table)));
    case 'prefix':
      return text(row[predicate.column]).startsWith(predicate.prefix.toLowerCase()) && row[predicate.column] !== null;
    case 'contains':
      return text(row[predicate.column]).includes(predicate.text.toLowerCase()) && row[predicate.column] !== null;
    case 'null':
      return (row[predicate.column] === null) !== predicate.negated;
    case 'search':
      return true;
    case 'any':
      return predicate.arms.some((arm) => holds(arm, row, table));
    case 'all':
      return predicate.arms.every((arm) => holds(arm, row, table));
    case 'never':
      return false;
  }
}

const text = (value: SqlValue | undefined): string => (typeof value === 'string' ? value.toLowerCase() : '');

function compares(value: SqlValue, op: string, constant: Constant, type: string): boolean {
  if (value === null) return false;
  const isText = type === 'text';
  if (isText && op !== 'eq' && op !== 'ne') return true;
  const [a, b] = isText ? [text(value), text(constant)] : typeof value === 'string' ? [value, String(constant)] : [Number(value), Number(constant)];
  switch (op) {
    case 'eq':
      return a === b;
    case 'ne':
      return a !== b;
    case 'lt':
      return a < b;
    case 'le':
      return a <= b;
    case 'gt':
      return a > b;
    default:
      return a >= b;
  }
}
