/**
 * Owns: which well-formed filters and orders of messages the service refuses, and how (facts 1.1, 12.3, 12.4).
 * Does not own: evaluating those it takes.
 * Invariants: a filter that passes here is evaluated in full.
 */
import type { Faults } from '../faults.js';
import { GraphError, inefficientFilter, invalidFilter } from '../graph-error.js';
import { inspectFilter, type FilterNode, type FilterUse } from '../odata/index.js';
import type { Parsed } from './parsed.js';

/** Filters on these go with `$orderby=receivedDateTime` without a floor on a live mailbox. */
const LENIENT = new Set(['isRead', 'isDraft', 'receivedDateTime', 'sentDateTime', 'categories']);
/** Collections that `any` may look into; not into multi-value properties (facts 6.4). */
const SEARCHABLE = new Set(['categories', 'singleValueExtendedProperties', 'extensions']);
const FUNCTIONS = new Set(['startswith', 'contains']);
const UNFILTERABLE = /^(id|internetMessageHeaders|uniqueBody|webLink|changeKey|conversationIndex|(?:to|cc|bcc)Recipients|replyTo)(\/|$)/;
const ARITHMETIC = new Set(['add', 'sub', 'mul', 'div', 'divby', 'mod', 'has', 'in']);

/** Refusals all Outlook collections share. */
export function checkOutlookNodes(use: FilterUse, collections: ReadonlySet<string> = SEARCHABLE): void {
  if (use.functions.some((name) => !FUNCTIONS.has(name))) throw invalidFilter();
  if (use.casts.some((cast) => !cast.startsWith('Edm.'))) throw invalidFilter();
  if (use.operators.some((operator) => ARITHMETIC.has(operator))) throw invalidFilter();
  if (use.lambdas.some((lambda) => !collections.has(lambda.collection) || lambda.quantifier === 'all')) throw invalidFilter();
}

export function checkMessages(parsed: Parsed, faults: Faults): void {
  const orders = parsed.orderBy.map((item) => item.path);
  if (orders.some((path) => path === '' || /^(body|uniqueBody|internetMessageHeaders)/.test(path))) throw invalidFilter();
  if (parsed.filter === undefined) {
    // "importance sorts only behind a filtered scalar" (facts 1.1).
    if (orders[0] === 'importance') throw inefficientFilter();
    return;
  }
  const use = inspectFilter(parsed.filter);
  checkOutlookNodes(use);
  if (use.paths.some((path) => UNFILTERABLE.test(path))) throw invalidFilter();
  if (use.comparisons.some((comparison) => comparison.withNull && comparison.operator === 'ne' && /^flag(\/|$)/.test(comparison.path) && !comparison.inner)) {
    throw new GraphError(500, 'ErrorInternalServerError', 'An internal server error occurred. The operation failed.');
  }
  if (faults.refuseContains && use.functions.includes('contains')) throw inefficientFilter();
  if (orders.length === 0) return;
  if (use.functionUses.some((call) => call.path === 'subject')) throw inefficientFilter();
  if (faults.filterMode === 'live' && orders.length === 1 && orders[0] === 'receivedDateTime' && use.paths.every((path) => LENIENT.has(path))) return;
  // Documented: every sort property stands in the filter, in the same order, before all others.
  if (!orders.every((path, index) => use.paths[index] === path)) throw inefficientFilter();
}

const LOSSY_PATHS = /^(subject|(?:from|sender)\/emailAddress\/address)$/;

/** The filter as a lossy row meets it: `eq` on subject or sender address never matches. */
export function lossyFilter(node: FilterNode): FilterNode {
  switch (node.kind) {
    case 'binary': {
      const isPath = (side: FilterNode): boolean => side.kind === 'path' && side.variable === undefined && LOSSY_PATHS.test(side.segments.join('/'));
      if (node.operator === 'eq' && (isPath(node.left) || isPath(node.right))) return { kind: 'literal', value: false, type: undefined, text: 'false', position: node.position };
      return { ...node, left: lossyFilter(node.left), right: lossyFilter(node.right) };
    }
    case 'not':
      return { ...node, operand: lossyFilter(node.operand) };
    default:
      return node;
  }
}
