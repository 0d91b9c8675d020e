/**
 * Owns: comparisons of timestamps as $filter text.
 * Invariants: a range that holds every row the column shows as such, however fine the service stores.
 */
import type { Capability, ColumnDeclaration } from '../catalog/table.js';
import type { CompareOperator } from '../scan/predicate.js';
import type { Constant } from '../scan/value.js';
import { ALWAYS, asComparison, negated, NEVER, none, pathOf, sent, widened } from './filter-term.js';
import type { FilterOutcome } from './filter-term.js';
import { quote, readInstant, step, writeInstant } from './literal.js';

/**
 * The service may store finer than the column shows. The range sent is the same rows either way: what shows as X lies in
 * [X, X + one step).
 */
export function timestampComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'string') return none('storage-class');
  const capability = op === 'eq' ? (column.filter?.eq ?? column.filter?.range) : op === 'ne' ? column.filter?.ne : column.filter?.range;
  if (!asComparison(capability)) return none(op === 'ne' ? 'negation' : 'operator-not-supported');
  const instant = readInstant(value);
  if (instant === undefined) return none('storage-class');
  const digits = column.fraction ?? 0;
  const one = step(digits);
  const path = pathOf(column);
  const slack = BigInt(capability.widen ?? 0) * 36_000_000_000n;
  if (instant.digits !== digits) return widened(wideTimestamp(column, capability, op, instant.ticks, slack));
  if (slack > 0n) return wideTimestamp(column, capability, op, instant.ticks, slack);
  const at = timeLiteral(capability, instant.ticks, digits);
  const after = timeLiteral(capability, instant.ticks + one, digits);
  const everything = column.nullable === false ? ALWAYS : none('operator-not-supported');
  if (at === undefined) return none('operator-not-supported');
  if (capability.closed === true && op !== 'ge' && op !== 'gt') {
    // Without `lt` the upper bound is one step too far.
    if (op === 'ne') return none('negation');
    const upper = op === 'lt' ? at : after;
    if (upper === undefined) return everything;
    const below = `${path} le ${upper}`;
    return widened(op === 'eq' ? sent(column, capability, `${path} ge ${at} and ${below}`, 2) : sent(column, capability, below));
  }
  switch (op) {
    case 'ge':
      return sent(column, capability, `${path} ge ${at}`);
    case 'lt':
      return sent(column, capability, `${path} lt ${at}`);
    case 'gt':
      return after === undefined ? NEVER : sent(column, capability, `${path} ge ${after}`);
    case 'le':
      return after === undefined ? everything : sent(column, capability, `${path} lt ${after}`);
    case 'eq':
      return after === undefined
        ? sent(column, capability, `${path} ge ${at}`)
        : sent(column, capability, `${path} ge ${at} and ${path} lt ${after}`, 2);
    case 'ne':
      return after === undefined
        ? negated(column, capability, `${path} lt ${at}`)
        : negated(column, capability, `(${path} lt ${at} or ${path} ge ${after})`, 2);
  }
}

/**
 * A range with slack on both sides: for declared slack, and for a constant with other fraction digits than the column, where
 * text order is not time order.
 */
function wideTimestamp(column: ColumnDeclaration, capability: Capability, op: CompareOperator, ticks: bigint, slack: bigint): FilterOutcome {
  const path = pathOf(column);
  const digits = column.fraction ?? 0;
  const low = timeLiteral(capability, floorTo(ticks - slack - step(0), digits), digits);
  const high = timeLiteral(capability, floorTo(ticks + slack + 2n * step(0), digits), digits);
  if (low === undefined || high === undefined || op === 'ne') return none('operator-not-supported');
  const below = `${path} ${capability.closed === true ? 'le' : 'lt'} ${high}`;
  const text = op === 'lt' || op === 'le' ? below : op === 'gt' || op === 'ge' ? `${path} ge ${low}` : `${path} ge ${low} and ${below}`;
  return sent(column, capability, text, op === 'eq' ? 2 : 1);
}

function floorTo(ticks: bigint, digits: number): bigint {
  const unit = step(digits);
  const rest = ((ticks % unit) + unit) % unit;
  return ticks - rest;
}

/** Graph: date-times are bare; start/dateTime and end/dateTime of events are Edm.String, so quoted and without zone. */
function timeLiteral(capability: Capability, ticks: bigint, digits: number): string | undefined {
  const text = writeInstant(ticks, digits);
  if (text === undefined) return undefined;
  return capability.quoted === true ? quote(text.slice(0, -1)) : text;
}
