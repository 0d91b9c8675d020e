/**
 * Owns: reading and evaluating the OData query options a Graph client sends.
 * Does not own: which collection takes which option (query/), how rows are stored, URLs and percent-encoding.
 * Invariants: shares nothing with the driver's writer; whatever it does not understand throws OdataError, nothing is skipped.
 */
export { OdataError, invalidNodes } from './error.js';
export { enumMember, findProperty, isDerived, isKnownType, propertiesOf, structuredType } from './edm.js';
export type { EdmType, Property } from './edm.js';
export type { ExpandItem, FilterNode, LambdaNode, LiteralNode, Operator, OrderByItem, PathNode, SelectItem } from './tree.js';
export { parseExpand, parseFilter, parseOrderBy, parseSelect } from './options.js';
export { collectPaths, inspectFilter } from './inspect.js';
export type { FilterUse } from './inspect.js';
export { evaluateFilter, filterPredicate, orderComparer } from './evaluate.js';
export type { EvaluateOptions } from './evaluate.js';
export { foldText } from './values.js';
export { compileFilter } from './compile.js';
export type { ColumnMap, CompiledFilter } from './compile.js';
export { matchSearch, parseSearch } from './search.js';
export type { SearchNode } from './search.js';
