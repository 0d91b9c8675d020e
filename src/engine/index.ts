/**
 * Owns: better-sqlite3: the judge, staging, functions, running.
 * Does not own: where rows come from, what may go down (planner/).
 * Invariants: knows no protocol; only queries run over staged rows; every error is an ExchangeSqlError.
 */
export { createTable, declaredType, engineTable, quoteIdentifier, type EngineColumn, type EngineTable, type LocalTable } from './ddl.js';
export { PURE_FUNCTIONS } from './functions/registry.js';
export { normalTimestamp } from './functions/timestamp.js';
export { createJudge, type JudgeOptions, type TemporaryJudge } from './judge.js';
export { bypassProjection, hasAggregate, hasSorter, isRowwise, samePrograms } from './opcodes.js';
export { variablesOf } from './parameters.js';
export { createStatementDatabase, type DeadlineDatabase, type StatementDatabaseOptions } from './statement-database.js';
export type { TemporaryResult, TemporaryTable } from './temporary.js';
export type * from './types.js';
