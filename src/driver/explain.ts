/**
 * Owns: EXPLAIN (sends nothing) and EXPLAIN ANALYZE (runs and measures) as results.
 * Does not own: the plan's words (planner/explain.ts).
 */
import type { Catalog } from '../catalog/load.js';
import { explainJson, explainRows, type PermissionOf, type ScanMeasure } from '../planner/explain.js';
import type { WritePermissions } from '../planner/explain-write.js';
import type { StatementPlan } from '../planner/plan.js';
import type { ScanPlan } from '../scan/scan.js';
import type { RawRow } from './execute.js';
import type { Column } from './results.js';

export interface ExplainResult {
  readonly columns: readonly Column[];
  readonly rows: readonly RawRow[];
}

export function explainResult(format: 'rows' | 'json', plan: StatementPlan, scanPlans: readonly ScanPlan[], permissionOf: PermissionOf, measures?: readonly ScanMeasure[]): ExplainResult {
  const column = (name: string, type: Column['type']): Column => ({ name, type, table: undefined, column: undefined, nullable: true, description: undefined });
  if (format === 'json') return { columns: [column('plan', 'json')], rows: [[JSON.stringify(explainJson(plan, scanPlans, measures, permissionOf), json, 2)]] };
  const { columns, rows } = explainRows(plan, scanPlans, measures, permissionOf);
  return { columns: columns.map(({ name, type }) => column(name, type)), rows };
}

const json = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/** Least permissions of the tables of a catalog, as its declarations name them. */
export function permissionsOf(catalog: Catalog): WritePermissions {
  const words = (permissions: { readonly delegated: string; readonly application?: string } | undefined): string | undefined => {
    if (permissions === undefined) return undefined;
    const { delegated, application } = permissions;
    return application === undefined || application === delegated ? delegated : `${delegated} (delegated) or ${application} (application)`;
  };
  return { read: (table) => words(catalog.table(table)?.permissions), write: (table) => words(catalog.table(table)?.write?.permissions) };
}
