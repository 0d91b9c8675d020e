/**
 * Owns: from the user's SELECT to Scans: what may go down, proved; look-ups, modes, EXPLAIN's data.
 * Does not own: reading SQL (sql/), running it (engine/), requests (graph/, ews/).
 * Invariants: pure and synchronous; a scan's conjuncts always describe a superset of the rows the statement needs.
 */
export { explainJson, explainRows } from './explain.js';
export type { ExplainColumn, Explained, ScanMeasure } from './explain.js';
export { finishPlan } from './finish.js';
export { applyFolderIds, collectFolderNames, isWellKnownFolder } from './folders.js';
export type { CollectedFolders, FolderInput, FolderName } from './folders.js';
export type { Candidates, Lookup, Mode, PlannedScan, StatementPlan } from './plan.js';
export { planStatement } from './plan-statement.js';
export type { PlanInput } from './plan-statement.js';
export { SOUNDNESS_RULES } from './soundness.js';
export type { SoundnessRule, SoundnessSwitches } from './soundness.js';
