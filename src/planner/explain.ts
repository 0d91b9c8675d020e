/**
 * Owns: the data of EXPLAIN and EXPLAIN ANALYZE, as rows and as JSON.
 * Does not own: printing it (cli/), measuring (driver/).
 * Invariants: pure; reason codes come with their words; nothing but the plan is shown, so no token can be.
 */
import { REASONS } from '../scan/reason.js';
import type { Reason } from '../scan/reason.js';
import type { ConjunctOutcome, PlannedRequest, ScanPlan } from '../scan/scan.js';
import type { RunStatistics } from '../scan/source.js';
import type { SqlValue } from '../scan/value.js';
import type { Lookup, PlannedScan, StatementPlan } from './plan.js';

/** What one scan cost. */
export interface ScanMeasure {
  /** `Scan.id`. */
  readonly scan: number;
  readonly statistics: Readonly<RunStatistics>;
  /** Rows that were staged or delivered. */
  readonly rowsKept: number;
  readonly milliseconds: number;
}

export interface ExplainColumn {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'double';
}

export interface Explained {
  readonly columns: readonly ExplainColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
}

const COLUMNS: readonly ExplainColumn[] = [
  { name: 'step', type: 'integer' },
  { name: 'table', type: 'text' },
  // statement, request, conjunct, local, lookup, order, limit
  { name: 'operation', type: 'text' },
  // URL of a request, SQL of a condition
  { name: 'detail', type: 'text' },
  { name: 'columns', type: 'text' },
  { name: 'handled', type: 'text' },
  { name: 'how', type: 'text' },
  { name: 'reason', type: 'text' },
  { name: 'explanation', type: 'text' },
  { name: 'pageSize', type: 'integer' },
  { name: 'calls', type: 'integer' },
];

const MEASURES: readonly ExplainColumn[] = [
  { name: 'requests', type: 'integer' },
  { name: 'bytes', type: 'integer' },
  { name: 'rowsRead', type: 'integer' },
  { name: 'rowsKept', type: 'integer' },
  { name: 'retries', type: 'integer' },
  { name: 'ms', type: 'double' },
];

/** The permission that a table needs, in words; undefined where it needs none. */
export type PermissionOf = (table: string) => string | undefined;

export interface Line {
  readonly table?: string;
  readonly operation: string;
  readonly detail?: string;
  readonly columns?: readonly string[];
  readonly handled?: string;
  readonly how?: string;
  readonly reason?: Reason;
  readonly explanation?: string;
  readonly pageSize?: number;
  readonly calls?: number;
  /** The line that carries a scan's measures. */
  readonly measure?: ScanMeasure | undefined;
}

const MODES: Readonly<Record<StatementPlan['mode'], string>> = {
  constant: 'no request is needed',
  count: 'the service counts',
  bypass: 'rows go from page to caller',
  rowwise: 'rows are checked page by page as they arrive',
  staged: 'rows are collected, then the local engine runs the statement',
};

/**
 * One line for the statement, then per scan: its requests, its conditions, order, limit and look-ups.
 *
 * @param measures for EXPLAIN ANALYZE: adds what each scan cost, on its first line.
 * @param permissionOf adds a line with the permission that each table needs.
 */
export function explainRows(plan: StatementPlan, scanPlans: readonly ScanPlan[], measures?: readonly ScanMeasure[], permissionOf?: PermissionOf): Explained {
  const lines: Line[] = [{ operation: 'statement', how: plan.mode, explanation: MODES[plan.mode] }];
  for (const { scan, lookups, limitReason } of plan.scans) {
    const scanPlan = scanPlans.find((answer) => answer.scan.id === scan.id);
    lines.push(...scanLines({ scan, lookups, ...(limitReason === undefined ? {} : { limitReason }) }, plan.mode === 'constant' ? undefined : scanPlan, measures?.find((measure) => measure.scan === scan.id)));
    lines.push(...permissionLines(scan.table, scan.reference === scan.table ? scan.table : `${scan.table} ${scan.reference}`, permissionOf));
  }
  for (const { schema, table } of plan.localTables) lines.push({ table: schema === 'main' ? table : `${schema}.${table}`, operation: 'local', explanation: 'the table is filled by the driver' });
  return {
    columns: measures === undefined ? COLUMNS : [...COLUMNS, ...MEASURES],
    rows: lines.map((line, index) => [...cells(line, index + 1), ...(measures === undefined ? [] : measured(line.measure))]),
  };
}

/** Lines in the columns of EXPLAIN. */
export function explainedLines(lines: readonly Line[]): Explained {
  return { columns: COLUMNS, rows: lines.map((line, index) => cells(line, index + 1)) };
}

function scanLines({ scan, lookups, limitReason }: PlannedScan, scanPlan: ScanPlan | undefined, measure: ScanMeasure | undefined): readonly Line[] {
  const table = scan.reference === scan.table ? scan.table : `${scan.table} ${scan.reference}`;
  const requests: Line[] = scanPlan === undefined || scanPlan.requests.length === 0 ? [{ table, operation: 'request', columns: scan.columns, explanation: 'nothing is sent' }] : scanPlan.requests.map((request) => requestLine(table, request));
  const conjuncts: Line[] = scanPlan === undefined ? scan.conjuncts.map(({ sql }) => ({ table, operation: 'conjunct', detail: sql })) : scanPlan.outcomes.map((outcome) => conjunctLine(table, outcome));
  const residuals = scan.residuals.map(({ sql, reason }): Line => ({ table, operation: 'conjunct', detail: sql, handled: 'none', reason }));
  const order = scan.order === undefined ? [] : [orderLine(table, scan.order, scanPlan)];
  const limit: Line[] = [];
  if (scan.limit !== undefined) limit.push({ table, operation: 'limit', detail: String(scan.limit), ...(scanPlan === undefined ? {} : { handled: scanPlan.limit }), ...(scanPlan?.limitReason === undefined ? {} : { reason: scanPlan.limitReason }) });
  else if (limitReason !== undefined) limit.push({ table, operation: 'limit', handled: 'local', reason: limitReason });
  const lines = [...requests, ...conjuncts, ...residuals, ...order, ...limit, ...lookups.map((lookup) => lookupLine(table, lookup))];
  return measure === undefined ? lines : lines.map((line, index) => (index === 0 ? { ...line, measure } : line));
}

export function permissionLines(table: string, shown: string, permissionOf: PermissionOf | undefined): readonly Line[] {
  const detail = permissionOf?.(table);
  return detail === undefined ? [] : [{ table: shown, operation: 'permission', detail }];
}

function requestLine(table: string, { method, url, columns, pageSize, calls, repeated, headers }: PlannedRequest): Line {
  const how = [repeated, ...Object.entries(headers ?? {}).filter(([name]) => !/authorization|cookie/i.test(name)).map(([name, value]) => `${name}: ${value}`)].filter((part) => part !== undefined).join('; ');
  return { table, operation: 'request', detail: `${method} ${url}`, columns, ...(how === '' ? {} : { how }), ...(pageSize === undefined ? {} : { pageSize }), ...(calls === undefined ? {} : { calls }) };
}

function conjunctLine(table: string, { conjunct, handled, how, reason }: ConjunctOutcome): Line {
  return { table, operation: 'conjunct', detail: conjunct.sql, handled, ...(how === undefined ? {} : { how }), ...(reason === undefined ? {} : { reason }) };
}

function orderLine(table: string, order: NonNullable<ScanPlan['scan']['order']>, scanPlan: ScanPlan | undefined): Line {
  const detail = order.map(({ column, descending }) => `${column}${descending ? ' DESC' : ''}`).join(', ');
  return { table, operation: 'order', detail, ...(scanPlan === undefined ? {} : { handled: scanPlan.order }), ...(scanPlan?.orderReason === undefined ? {} : { reason: scanPlan.orderReason }) };
}

function lookupLine(table: string, { column, sql, required }: Lookup): Line {
  return { table, operation: 'lookup', detail: sql, how: `keys of ${column}`, explanation: required === true ? 'the keys choose where rows are read' : 'keys are looked up if that costs fewer requests than the scan' };
}

function cells({ table, operation, detail, columns, handled, how, reason, explanation, pageSize, calls }: Line, step: number): readonly SqlValue[] {
  return [
    BigInt(step),
    table ?? null,
    operation,
    detail ?? null,
    columns === undefined ? null : columns.join(', '),
    handled ?? null,
    how ?? null,
    reason ?? null,
    explanation ?? (reason === undefined ? null : REASONS[reason]),
    pageSize === undefined ? null : BigInt(pageSize),
    calls === undefined ? null : BigInt(calls),
  ];
}

function measured(measure: ScanMeasure | undefined): readonly SqlValue[] {
  if (measure === undefined) return MEASURES.map(() => null);
  const { requests, bytes, rowsRead, retries } = measure.statistics;
  return [BigInt(requests), BigInt(bytes), BigInt(rowsRead), BigInt(measure.rowsKept), BigInt(retries), Math.round(measure.milliseconds * 100) / 100];
}

/** The same as a JSON value: scans with their requests, conjuncts, residuals and measures. */
export function explainJson(plan: StatementPlan, scanPlans: readonly ScanPlan[], measures?: readonly ScanMeasure[], permissionOf?: PermissionOf): unknown {
  return {
    mode: plan.mode,
    columns: plan.columns.map(({ name, table, column }) => ({ name, ...(table === undefined ? {} : { table }), ...(column === undefined ? {} : { column }) })),
    scans: plan.scans.map(({ scan, lookups, limitReason }) => {
      const scanPlan = scanPlans.find((answer) => answer.scan.id === scan.id);
      const measure = measures?.find((candidate) => candidate.scan === scan.id);
      return {
        table: scan.table,
        reference: scan.reference,
        ...defined({ permission: permissionOf?.(scan.table) }),
        columns: scan.columns,
        requests: plan.mode === 'constant' ? [] : (scanPlan?.requests ?? []).map(({ method, url, columns, pageSize, calls, repeated }) => ({ method, url, columns, ...defined({ pageSize, calls, repeated }) })),
        conjuncts: scanPlan === undefined ? scan.conjuncts.map(({ sql }) => ({ sql })) : scanPlan.outcomes.map(({ conjunct, handled, how, reason }) => ({ sql: conjunct.sql, handled, ...defined({ how, reason, explanation: words(reason) }) })),
        residuals: scan.residuals.map(({ sql, reason }) => ({ sql, reason, explanation: words(reason) })),
        ...defined({ order: scan.order, orderHandled: scan.order === undefined ? undefined : scanPlan?.order, orderReason: scanPlan?.orderReason }),
        ...defined({ limit: scan.limit, limitHandled: scan.limit === undefined ? undefined : scanPlan?.limit, limitReason: scanPlan?.limitReason ?? limitReason }),
        lookups: lookups.map(({ column, sql, required }) => ({ column, sql, ...defined({ required }) })),
        ...(measure === undefined ? {} : { measured: { ...measure.statistics, rowsKept: measure.rowsKept, milliseconds: measure.milliseconds } }),
      };
    }),
    localTables: plan.localTables,
  };
}

const words = (reason: Reason | undefined): string | undefined => (reason === undefined ? undefined : REASONS[reason]);

const defined = (members: Readonly<Record<string, unknown>>): Record<string, unknown> => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
