/**
 * Owns: Predicate to OData $filter text, with what it promises: exact, a superset, or nothing and why.
 * Does not own: which terms go together (order-rules.ts), keys, paths and windows (conjuncts.ts), escaping (literal.ts).
 * Invariants: a term's rows are a superset of the predicate's rows; `exact` only if they are the same rows.
 */
import type { Capability, ColumnDeclaration } from '../catalog/table.js';
import type { CompareOperator, Predicate } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { Constant } from '../scan/value.js';
import { quote, readInstant, sendable, sendablePrefix, step, writeInstant } from './literal.js';

/** One conjunct of a $filter, with what the rules of a collection ask about it. */
export interface FilterTerm {
  /** OData text, not percent-encoded. */
  readonly text: string;
  /** OData paths it restricts, in order. */
  readonly paths: readonly string[];
  /** Messages: may stand beside $orderby=receivedDateTime without a floor. */
  readonly lenient: boolean;
  /** Never together with $orderby. */
  readonly notWithOrder: boolean;
  /** Uses startswith, contains or a lambda, which the ladder drops before plain comparisons. */
  readonly functions: boolean;
  /** Compares timestamps only: what the ladder keeps longest. */
  readonly dates: boolean;
  /** Directory: needs ConsistencyLevel: eventual and $count=true. */
  readonly advanced: boolean;
  /** Comparisons and calls in it. */
  readonly nodes: number;
}

export type FilterOutcome =
  | { readonly kind: 'term'; readonly term: FilterTerm; readonly exact: true }
  | { readonly kind: 'term'; readonly term: FilterTerm; readonly exact: false; readonly reason: Reason }
  /** No row can satisfy it. */
  | { readonly kind: 'never' }
  /** Every row satisfies it: exact with nothing sent. */
  | { readonly kind: 'always' }
  | { readonly kind: 'none'; readonly reason: Reason };

export type ColumnOf = (name: string) => ColumnDeclaration | undefined;

const none = (reason: Reason): FilterOutcome => ({ kind: 'none', reason });
const NEVER: FilterOutcome = { kind: 'never' };
const ALWAYS: FilterOutcome = { kind: 'always' };

/** What the service is asked for one predicate. Key, path and window forms are not $filter and give `none`. */
export function writeFilter(predicate: Predicate, columnOf: ColumnOf): FilterOutcome {
  switch (predicate.kind) {
    case 'never':
      return NEVER;
    case 'search':
      return none('search-index');
    case 'any':
      return disjunction(predicate.arms.map((arm) => writeFilter(arm, columnOf)));
    case 'all':
      return conjunction(predicate.arms.map((arm) => writeFilter(arm, columnOf)));
    default: {
      const column = columnOf(predicate.column);
      if (column === undefined) return none('not-filterable');
      if (predicate.kind === 'null') return nullTest(column, predicate.negated);
      if (column.filter === undefined) return none(column.origin === 'computed' ? 'computed' : 'not-filterable');
      if (predicate.kind === 'compare') return comparison(column, predicate.op, predicate.value);
      if (predicate.kind === 'in') return membership(column, predicate.values);
      return textMatch(column, predicate);
    }
  }
}

/** `and` of outcomes inside an OR: what cannot go down is left out, which widens it. */
function conjunction(arms: readonly FilterOutcome[]): FilterOutcome {
  if (arms.some((arm) => arm.kind === 'never')) return NEVER;
  const sent = arms.filter((arm) => arm.kind === 'term');
  const lost = arms.find((arm) => arm.kind === 'none');
  const first = sent[0];
  if (first === undefined) return lost ?? ALWAYS;
  const term = sent.length === 1 ? first.term : join(sent.map((arm) => arm.term), ' and ');
  const inexact = sent.find((arm) => !arm.exact);
  if (lost !== undefined) return { kind: 'term', term, exact: false, reason: 'partial' };
  if (inexact !== undefined && !inexact.exact) return { kind: 'term', term, exact: false, reason: inexact.reason };
  return { kind: 'term', term, exact: true };
}

function disjunction(arms: readonly FilterOutcome[]): FilterOutcome {
  if (arms.some((arm) => arm.kind === 'always')) return ALWAYS;
  // A part of an OR would lose the rows of the other arms.
  if (arms.some((arm) => arm.kind === 'none')) return none('or-not-pushable');
  const sent = arms.filter((arm) => arm.kind === 'term');
  const first = sent[0];
  if (first === undefined) return NEVER;
  const term = sent.length === 1 ? first.term : join(sent.map((arm) => arm.term), ' or ');
  const inexact = sent.find((arm) => !arm.exact);
  return inexact === undefined || inexact.exact ? { kind: 'term', term, exact: true } : { kind: 'term', term, exact: false, reason: inexact.reason };
}

function join(terms: readonly FilterTerm[], word: ' and ' | ' or '): FilterTerm {
  return {
    text: `(${terms.map((term) => term.text).join(word)})`,
    paths: [...new Set(terms.flatMap((term) => term.paths))],
    lenient: terms.every((term) => term.lenient),
    notWithOrder: terms.some((term) => term.notWithOrder),
    functions: terms.some((term) => term.functions),
    dates: terms.every((term) => term.dates),
    advanced: terms.some((term) => term.advanced),
    nodes: terms.reduce((sum, term) => sum + term.nodes, 0),
  };
}

/** Graph: `x eq null` is answered differently by every collection, so a null test never goes down. */
function nullTest(column: ColumnDeclaration, negated: boolean): FilterOutcome {
  if (column.nullable === false) return negated ? ALWAYS : NEVER;
  return none(column.origin === 'computed' ? 'computed' : 'operator-not-supported');
}

function comparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  switch (column.type) {
    case 'boolean':
      return booleanComparison(column, op, value);
    case 'integer':
    case 'bigint':
    case 'double':
      return numberComparison(column, op, value);
    case 'timestamp':
      return timestampComparison(column, op, value);
    case 'text':
      return column.values === undefined ? textComparison(column, op, value) : enumComparison(column, column.values, op, value);
    case 'json':
      return op === 'eq' ? none('operator-not-supported') : none('negation');
    default:
      return none('operator-not-supported');
  }
}

/** The values 0 and 1 that satisfy `op`, since a boolean has no others. */
function booleanComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'bigint' && typeof value !== 'number') return none('storage-class');
  const holds = [0, 1].filter((bit) => compareNumbers(bit, op, Number(value)));
  if (holds.length === 0) return NEVER;
  if (holds.length === 2) return column.nullable === false ? ALWAYS : none('operator-not-supported');
  const capability = column.filter?.eq;
  if (!asComparison(capability)) return none('operator-not-supported');
  return sent(column, capability, `${pathOf(column)} eq ${holds[0] === 1 ? 'true' : 'false'}`);
}

function compareNumbers(left: number, op: CompareOperator, right: number): boolean {
  switch (op) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
  }
}

/** Enum values are compared as the service writes them; a text outside the closed list is no value of the column. */
function enumComparison(column: ColumnDeclaration, values: readonly string[], op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'string') return none('storage-class');
  if (op === 'eq') {
    if (!values.includes(value)) return NEVER;
    const capability = column.filter?.eq;
    return asComparison(capability) ? sent(column, capability, `${pathOf(column)} eq ${quote(value)}`) : none('operator-not-supported');
  }
  if (op === 'ne') {
    const capability = column.filter?.ne;
    if (!values.includes(value)) return column.nullable === false ? ALWAYS : none('negation');
    if (!asComparison(capability)) return none('negation');
    return negated(column, capability, `${pathOf(column)} ne ${quote(value)}`);
  }
  // The service orders members by number, SQL by text.
  return none('text-order');
}

/** The service's `ne` accepts NULL, SQL's does not. */
function negated(column: ColumnDeclaration, capability: Capability, text: string, nodes = 1): FilterOutcome {
  const outcome = sent(column, capability, text, nodes);
  return column.nullable === false ? outcome : widened(outcome);
}

const LIMITS = { integer: { least: -2_147_483_648, most: 2_147_483_647 }, bigint: { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER } } as const;

function numberComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'bigint' && typeof value !== 'number') return none('storage-class');
  const capability = op === 'eq' ? column.filter?.eq : op === 'ne' ? column.filter?.ne : column.filter?.range;
  if (!asComparison(capability)) return none(op === 'ne' ? 'negation' : 'operator-not-supported');
  const everything = column.nullable === false ? ALWAYS : none('operator-not-supported');
  const path = pathOf(column);
  if (column.type === 'double') {
    if (!Number.isFinite(Number(value))) return none('operator-not-supported');
    const text = `${path} ${op} ${String(value)}`;
    return op === 'ne' ? negated(column, capability, text) : sent(column, capability, text);
  }
  // Fractions and numbers beyond Edm.Int32 would be a 400: the comparison is brought to whole numbers first.
  const limits = LIMITS[column.type === 'integer' ? 'integer' : 'bigint'];
  let bound = Number(value);
  let sentOp = op;
  if (op === 'eq' || op === 'ne') {
    const possible = Number.isInteger(bound) && bound >= limits.least && bound <= limits.most;
    if (!possible) return op === 'eq' ? NEVER : everything;
  } else if (!Number.isInteger(bound) && Number.isFinite(bound)) {
    if (op === 'lt' || op === 'le') [sentOp, bound] = ['le', Math.floor(bound)];
    else [sentOp, bound] = ['ge', Math.ceil(bound)];
  }
  if (bound > limits.most) return sentOp === 'lt' || sentOp === 'le' ? everything : NEVER;
  if (bound < limits.least) return sentOp === 'gt' || sentOp === 'ge' ? everything : NEVER;
  const text = `${path} ${sentOp} ${bound}`;
  return sentOp === 'ne' ? negated(column, capability, text) : sent(column, capability, text);
}

/**
 * The service may store finer than the column shows. The range sent is the same rows either way: what shows as X lies in
 * [X, X + one step).
 */
function timestampComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
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

function widened(outcome: FilterOutcome): FilterOutcome {
  return outcome.kind === 'term' ? { kind: 'term', term: outcome.term, exact: false, reason: 'widened' } : outcome;
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

function textComparison(column: ColumnDeclaration, op: CompareOperator, value: Constant): FilterOutcome {
  if (typeof value !== 'string') return none('storage-class');
  if (op === 'ne') return none('negation');
  // The service's collation is unknown: a range of texts is no superset.
  if (op !== 'eq') return none('text-order');
  return textEquality(column, column.filter?.eq, value);
}

function textEquality(column: ColumnDeclaration, capability: Capability | undefined, value: string): FilterOutcome {
  if (capability === undefined) return none('operator-not-supported');
  if (value === '') return none('pattern');
  switch (capability.as) {
    case 'compare':
      return sendable(value) ? sent(column, capability, `${pathOf(column)} eq ${quote(value)}`, 1, 'case-insensitive') : none('operator-not-supported');
    case 'startswith':
      return startsWith(column, capability, value, 'lossy-equality');
    case 'contains':
      return sendable(value) ? call(column, capability, `contains(${pathOf(column)},${quote(value)})`, 'word-index') : none('operator-not-supported');
    case 'any':
      return sendable(value) ? lambda(column, capability, value) : none('operator-not-supported');
    default:
      return none('not-filterable');
  }
}

/** The cut at what cannot be sent is still a prefix of the value, hence a superset. */
function startsWith(column: ColumnDeclaration, capability: Capability, text: string, reason: Reason): FilterOutcome {
  const prefix = shorten(sendablePrefix(text));
  if (prefix === '') return none('pattern');
  return call(column, capability, `startswith(${pathOf(column)},${quote(prefix)})`, reason);
}

const LONGEST_TEXT = 255;

/** Long prefixes gain nothing and lengthen the URL; never cut inside a surrogate pair. */
function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : sendablePrefix(text.slice(0, LONGEST_TEXT));
}

function lambda(column: ColumnDeclaration, capability: Capability, value: string): FilterOutcome {
  const operand = capability.member === undefined ? 'x' : `x/${capability.member}`;
  return call(column, capability, `${collectionOf(column)}/any(x:${operand} eq ${quote(value)})`, 'case-insensitive');
}

function membership(column: ColumnDeclaration, values: readonly Constant[]): FilterOutcome {
  const capability = column.filter?.in;
  if (capability?.as === 'compare' && column.type === 'text' && column.values === undefined) {
    const texts = values.filter((value) => typeof value === 'string');
    if (texts.length === values.length && texts.every((text) => text !== '' && sendable(text))) {
      return sent(column, capability, `${pathOf(column)} in (${texts.map(quote).join(',')})`, texts.length, 'case-insensitive');
    }
  }
  return disjunction(values.map((value) => comparison(column, 'eq', value)));
}

function textMatch(column: ColumnDeclaration, predicate: Extract<Predicate, { kind: 'prefix' | 'contains' }>): FilterOutcome {
  if (predicate.kind === 'prefix') {
    const capability = column.filter?.prefix;
    if (capability === undefined || column.type !== 'text') return none('operator-not-supported');
    if (column.values !== undefined) return enumPrefix(column, column.values, predicate.prefix, predicate.caseSensitive);
    return capability.as === 'startswith' ? startsWith(column, capability, predicate.prefix, 'case-insensitive') : none('operator-not-supported');
  }
  const capability = column.filter?.contains;
  if (capability === undefined) return none('operator-not-supported');
  if (!sendable(predicate.text)) return none('operator-not-supported');
  if (capability.as === 'contains') return call(column, capability, `contains(${pathOf(column)},${quote(predicate.text)})`, 'word-index');
  if (capability.as !== 'any') return none('operator-not-supported');
  // Only a whole element of the JSON text, quotes included, is a statement about elements.
  const element = /^"([^"\\]+)"$/.exec(predicate.text)?.[1];
  return element === undefined ? none('pattern') : lambda(column, capability, element);
}

function enumPrefix(column: ColumnDeclaration, values: readonly string[], prefix: string, caseSensitive: boolean): FilterOutcome {
  const fold = (text: string): string => (caseSensitive ? text : text.toLowerCase());
  const matching = values.filter((value) => fold(value).startsWith(fold(prefix)));
  return disjunction(matching.map((value) => enumComparison(column, values, 'eq', value)));
}

function asComparison(capability: Capability | undefined): capability is Capability {
  return capability?.as === 'compare';
}

/** OData path of a column: its JSON path, whose array indexes never occur in filterable columns. */
export function pathOf(column: ColumnDeclaration): string {
  return column.path ?? column.name;
}

function collectionOf(column: ColumnDeclaration): string {
  return pathOf(column).replace(/\/\d+(\/.*)?$/, '');
}

function call(column: ColumnDeclaration, capability: Capability, text: string, reason: Reason): FilterOutcome {
  const outcome = sent(column, capability, text, 1, reason);
  if (outcome.kind !== 'term') return outcome;
  return { ...outcome, term: { ...outcome.term, functions: true } };
}

function sent(column: ColumnDeclaration, capability: Capability, text: string, nodes = 1, reason: Reason = 'widened'): FilterOutcome {
  const term: FilterTerm = {
    text,
    paths: [pathOf(column)],
    lenient: capability.lenient === true,
    notWithOrder: capability.notWithOrder === true,
    functions: false,
    dates: column.type === 'timestamp',
    advanced: capability.advanced === true,
    nodes,
  };
  return capability.push === 'exact' ? { kind: 'term', term, exact: true } : { kind: 'term', term, exact: false, reason };
}
