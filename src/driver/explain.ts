/**
 * Owns: EXPLAIN (sends nothing) and EXPLAIN ANALYZE (runs and measures) as results.
 * Does not own: the plan's words (planner/explain.ts).
 */
import { explainJson, explainRows, type ScanMeasure } from '../planner/explain.js';
import type { StatementPlan } from '../planner/plan.js';
import type { ScanPlan } from '../scan/scan.js';
import type { RawRow } from './execute.js';
import type { Column } from './results.js';

export interface ExplainResult {
  readonly columns: readonly Column[];
  readonly rows: readonly RawRow[];
}

export function explainResult(format: 'rows' | 'json', plan: StatementPlan, scanPlans: readonly ScanPlan[], measures?: readonly ScanMeasure[]): ExplainResult {
  const column = (name: string, type: Column['type']): Column => ({ name, type, table: undefined, column: undefined, nullable: true, description: undefined });
  if (format === 'json') return { columns: [column('plan', 'json')], rows: [[JSON.stringify(explainJson(plan, scanPlans, measures), json, 2)]] };
  const { columns, rows } = explainRows(plan, scanPlans, measures);
  return { columns: columns.map(({ name, type }) => column(name, type)), rows };
}

const json = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
