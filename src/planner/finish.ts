/**
 * Owns: choosing the mode of a statement once the source has said what it keeps.
 * Invariants: pure; the engine is passed by only if every conjunct is exact and the order, if any, is honoured.
 */
import type { ScanPlan } from '../scan/scan.js';
import type { StatementPlan } from './plan.js';

/** @param scanPlans the source's answers, one per scan, in order. */
export function finishPlan(plan: StatementPlan, scanPlans: readonly ScanPlan[]): StatementPlan {
  const { candidates, ...rest } = plan;
  const scanPlan = scanPlans[0];
  if (plan.mode !== 'staged' || candidates === undefined || scanPlan === undefined || scanPlans.length !== 1) return rest;
  const exact = candidates.represented && scanPlan.outcomes.every(({ handled }) => handled === 'exact');
  if (candidates.count && exact && scanPlan.count === 'service') return { ...rest, mode: 'count' };
  if (candidates.ordered && scanPlan.order !== 'honoured') return rest;
  const { limit, offset, projection, pageSql } = candidates;
  const cut = { ...(limit === undefined ? {} : { limit }), ...(offset === undefined ? {} : { offset }) };
  if (projection !== undefined && exact) return { ...rest, mode: 'bypass', projection, ...cut };
  if (pageSql !== undefined) return { ...rest, mode: 'rowwise', pageSql, ...cut };
  return rest;
}
