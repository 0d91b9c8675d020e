/**
 * Owns: reading the user's SQL: tokens, clauses, expressions, token edits for the conveniences SQLite lacks, parameters.
 * Does not own: what tables and columns mean, what may go down (planner/), running (engine/).
 * Invariants: everything has exact positions; the text that runs is the user's own but for edited tokens.
 */
export type { CallStatement, CallValue } from './call-reader.js';
export { applyEdits, type Edit, type EditedText } from './edits.js';
export { readExpression } from './expression-reader.js';
export { bindParameters, type GivenParameters, type ParameterNames } from './parameters.js';
export { readPredicate, secondOpinion, type ReadPredicate } from './predicate-reader.js';
export { printExpression } from './printer.js';
export { readSkeleton } from './skeleton-reader.js';
export { nameOf, tokenize, type Token } from './tokenizer.js';
export { columnNames, translate, type StatementKind, type Translated } from './translate.js';
export { walkExpressions, type ExpressionSite } from './walk.js';
export type { Spliced } from './splice.js';
export type { Assignment, ConflictClause, WriteSkeleton } from './write-skeleton.js';
export * from './write-texts.js';
