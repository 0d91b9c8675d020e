/**
 * Owns: reading a tree into predicates on the columns of one table reference.
 * Does not own: which reference a predicate may restrict (restrictions.ts), evaluating constants (constants.ts).
 * Invariants: the expression implies the predicates for every row, rows of NULLs included; `complete` only if they are equivalent.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import type { Folded } from '../engine/types.js';
import type { CompareOperator } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { Constant } from '../scan/value.js';
import type { Expression } from '../sql/ast.js';
import { betweenTicks, hasCollate, hasTextAffinity, isFreeText, isNormalTimestamp } from './operands.js';
import { readGlob, readLike } from './pattern.js';
import { allOf, anyOf, sameConstant } from './predicates.js';
import { ALWAYS, conjunction, NEVER, none, one } from './readings.js';
import type { Reading } from './readings.js';
import type { Rules } from './soundness.js';

export interface Classifier {
  readonly rules: Rules;
  /** The column of the reference that a name means; `other`: of another item; `outer`: of an outer SELECT; `unknown`. */
  column(expression: Extract<Expression, { kind: 'column' }>): ColumnDeclaration | 'other' | 'outer' | 'unknown';
  /** Value of a constant; the reason if it is none. */
  constant(expression: Expression): Folded | Reason;
}

type Mode = 'true' | 'false';

/** What holds for every row for which the expression is true. */
export function classify(expression: Expression, classifier: Classifier): Reading {
  return new Reader(classifier).read(expression, 'true');
}

const FLIPPED: Readonly<Record<CompareOperator, CompareOperator>> = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' };
const NEGATED: Readonly<Record<CompareOperator, CompareOperator>> = { eq: 'ne', ne: 'eq', lt: 'ge', le: 'gt', gt: 'le', ge: 'lt' };
const COMPARISONS: Readonly<Record<string, CompareOperator>> = { '=': 'eq', '<>': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };

class Reader {
  readonly #classifier: Classifier;

  constructor(classifier: Classifier) {
    this.#classifier = classifier;
  }

  read(expression: Expression, mode: Mode): Reading {
    switch (expression.kind) {
      case 'binary':
        return this.#binary(expression, mode);
      case 'unary':
        if (expression.op === 'NOT') return this.read(expression.operand, mode === 'true' ? 'false' : 'true');
        break;
      case 'is':
        return this.#is(expression, mode);
      case 'like':
        return this.#like(expression, mode);
      case 'between':
        return this.#between(expression, mode);
      case 'in':
        return this.#in(expression, mode);
      case 'column':
        return this.#truth(expression, mode);
      case 'collate':
        return none('collation');
      case 'subquery':
        return none('subquery');
      default:
        break;
    }
    return this.#constantTruth(expression, mode);
  }

  #binary(expression: Extract<Expression, { kind: 'binary' }>, mode: Mode): Reading {
    const { op, left, right } = expression;
    // NOT (a AND b) is true if one of them is false; a NULL makes neither of the two true.
    if (op === 'AND' || op === 'OR') {
      const both = (op === 'AND') === (mode === 'true');
      return both ? conjunction([this.read(left, mode), this.read(right, mode)]) : this.#disjunction([this.read(left, mode), this.read(right, mode)]);
    }
    const comparison = COMPARISONS[op];
    if (comparison === undefined) return this.#constantTruth(expression, mode);
    if (left.kind === 'row' || right.kind === 'row') return this.#rows(left, right, comparison, mode);
    return this.#compare(left, comparison, right, mode);
  }

  /** `(a, b) = (1, 2)` is two equalities; the order of rows is nothing a service knows. */
  #rows(left: Expression, right: Expression, op: CompareOperator, mode: Mode): Reading {
    if (left.kind !== 'row' || right.kind !== 'row') return none('subquery');
    if (op !== 'eq' || mode === 'false' || left.items.length !== right.items.length) return none('function-of-column');
    return conjunction(left.items.map((item, index) => this.#compare(item, 'eq', right.items[index]!, 'true')));
  }

  #compare(left: Expression, op: CompareOperator, right: Expression, mode: Mode): Reading {
    const operator = mode === 'true' ? op : NEGATED[op];
    if (this.#collated(left) || this.#collated(right)) return none('collation');
    const a = this.#column(left);
    const b = this.#column(right);
    if (a === undefined && b === undefined) {
      const [x, y] = [this.#constant(left), this.#constant(right)];
      if (typeof x === 'object' && typeof y === 'object') return this.#constantTruth({ kind: 'binary', op: operatorText(operator), left, right, span: { start: left.span.start, end: right.span.end } }, 'true');
      return none(typeof x === 'string' ? x : (y as Reason));
    }
    if (a !== undefined && b !== undefined) return none(this.#worst(a, b));
    const column = a ?? b!;
    if (typeof column === 'string') return none(columnReason(column));
    const value = this.#constant(a === undefined ? left : right);
    if (typeof value === 'string') return none(value);
    // `x = NULL` is never true, and never false.
    if (value.value === null) return this.#classifier.rules('nullTest') ? NEVER : one({ kind: 'null', column: column.name, negated: false });
    return this.#comparison(column, a === undefined ? FLIPPED[operator] : operator, value, mode === 'false' || op === 'ne');
  }

  #worst(a: ColumnDeclaration | string, b: ColumnDeclaration | string): Reason {
    return a === 'outer' || b === 'outer' ? 'correlated' : 'compares-columns';
  }

  /** @param negated the user wrote `<>` or NOT */
  #comparison(column: ColumnDeclaration, op: CompareOperator, folded: Folded, negated: boolean): Reading {
    if (column.type === 'timestamp' && typeof folded.value === 'string') return betweenTicks(column, op, folded.value);
    const value = this.#fitting(column, folded);
    if (value === undefined) return none('storage-class');
    // The service compares text without case or by words, so its complement misses rows.
    if ((op === 'ne' || negated) && isFreeText(column) && this.#classifier.rules('negation')) return op === 'eq' ? one({ kind: 'compare', column: column.name, op, value }) : none('negation');
    return one({ kind: 'compare', column: column.name, op, value });
  }

  /** The constant if it is of the column's storage class. Nothing is converted: SQLite's affinities would be guessed. */
  #fitting(column: ColumnDeclaration, { type, value }: Folded): Constant | undefined {
    if (value === null) return undefined;
    if (!this.#classifier.rules('storageClass')) return column.type === 'integer' || column.type === 'bigint' || column.type === 'double' ? BigInt(Math.trunc(Number(value)) || 0) : typeof value === 'object' ? undefined : String(value);
    switch (column.type) {
      case 'text':
      case 'json':
      case 'timestamp':
      case 'date':
      case 'time':
        return type === 'text' ? value : undefined;
      case 'boolean':
        return type === 'integer' && (value === 0n || value === 1n) ? value : undefined;
      case 'integer':
      case 'bigint':
      case 'double':
        return type === 'integer' || (type === 'real' && typeof value === 'number' && Number.isFinite(value)) ? value : undefined;
      case 'binary':
        return undefined;
    }
  }

  #is(expression: Extract<Expression, { kind: 'is' }>, mode: Mode): Reading {
    const { left, right } = expression;
    if (left.kind === 'row' || right.kind === 'row') return none('function-of-column');
    if (this.#collated(left) || this.#collated(right)) return none('collation');
    // `a IS DISTINCT FROM b` is `a IS NOT b`; IS is never NULL, so its falsehood is its negation.
    const negated = (expression.negated !== expression.distinct) !== (mode === 'false');
    const a = this.#column(left);
    const b = this.#column(right);
    if (a !== undefined && b !== undefined) return none(this.#worst(a, b));
    const column = a ?? b;
    if (column === undefined) {
      const inner = [left, right].find((side) => typeof this.#constant(side) === 'string');
      if (inner === undefined) return this.#constantTruth(expression, mode);
      return none(this.#constant(inner) as Reason);
    }
    if (typeof column === 'string') return none(columnReason(column));
    const other = a === undefined ? left : right;
    const folded = this.#constant(other);
    if (typeof folded === 'string') return none(folded);
    if (folded.value === null) return one({ kind: 'null', column: column.name, negated });
    if (other.kind === 'literal' && other.type === 'boolean' && this.#classifier.rules('isTrue')) {
      // A truth test: 5 IS TRUE. Only booleans hold nothing but 0 and 1.
      if (column.type !== 'boolean') return none('function-of-column');
    }
    if (negated) return this.#classifier.rules('negation') ? none('negation') : this.#comparison(column, 'ne', folded, true);
    return this.#comparison(column, 'eq', folded, false);
  }

  #like(expression: Extract<Expression, { kind: 'like' }>, mode: Mode): Reading {
    const { op, left, right, escape } = expression;
    if (this.#collated(left)) return none('collation');
    const column = this.#column(left);
    if (column === undefined) {
      const constant = this.#constantTruth(expression, mode);
      return constant.kind === 'none' && constant.reason === 'not-constant' ? none('function-of-column') : constant;
    }
    if (typeof column === 'string') return none(columnReason(column));
    if (op !== 'LIKE' && op !== 'GLOB') return none('function-of-column');
    const pattern = this.#constant(right);
    if (typeof pattern === 'string') return none(pattern);
    if (pattern.value === null) return NEVER;
    if (expression.negated !== (mode === 'false')) return none('negation');
    if (!hasTextAffinity(column) || typeof pattern.value !== 'string') return none('storage-class');
    let escapeText: string | undefined;
    if (escape !== undefined) {
      const folded = this.#constant(escape);
      if (typeof folded === 'string') return none(folded);
      if (folded.value === null) return NEVER;
      // SQLite: ESCAPE expression must be a single character, else the statement fails when it runs.
      if (typeof folded.value !== 'string' || [...folded.value].length !== 1) return none('pattern');
      if (this.#classifier.rules('likeEscape')) escapeText = folded.value;
    }
    const read = op === 'LIKE' || !this.#classifier.rules('globPattern') ? readLike(pattern.value, escapeText) : readGlob(pattern.value);
    if (read === undefined) return none('pattern');
    const caseSensitive = op === 'GLOB';
    if (read.kind === 'prefix') return one({ kind: 'prefix', column: column.name, prefix: read.text, caseSensitive }, read.complete);
    return one({ kind: 'contains', column: column.name, text: read.text, caseSensitive }, read.complete);
  }

  #between(expression: Extract<Expression, { kind: 'between' }>, mode: Mode): Reading {
    const { operand, low, high, negated } = expression;
    if ([operand, low, high].some((part) => part.kind === 'row')) return none('function-of-column');
    const inside = negated === (mode === 'false');
    if (inside) return conjunction([this.#compare(operand, 'ge', low, 'true'), this.#compare(operand, 'le', high, 'true')]);
    const outside = this.#disjunction([this.#compare(operand, 'ge', low, 'false'), this.#compare(operand, 'le', high, 'false')]);
    return outside.kind === 'none' && outside.reason === 'or-not-pushable' ? none('negation') : outside;
  }

  #in(expression: Extract<Expression, { kind: 'in' }>, mode: Mode): Reading {
    const { operand, list } = expression;
    const rules = this.#classifier.rules;
    if (list === undefined) return none('subquery');
    if (this.#collated(operand) || list.some((item) => this.#collated(item))) return none('collation');
    const inside = expression.negated === (mode === 'false');
    // `x IN ()` is false for every x, NULL included.
    if (list.length === 0) return inside ? NEVER : ALWAYS;
    if (operand.kind === 'row') return none('function-of-column');
    const column = this.#column(operand);
    if (column === undefined) {
      const operandConstant = this.#constant(operand);
      if (typeof operandConstant === 'string') return none(operandConstant);
      if (list.every((item) => typeof this.#constant(item) === 'object')) return this.#constantTruth(expression, mode);
      return none('compares-columns');
    }
    if (typeof column === 'string') return none(columnReason(column));
    const values: Constant[] = [];
    let hasNull = false;
    for (const item of list) {
      const folded = this.#constant(item);
      if (typeof folded === 'string') return none(this.#column(item) === undefined ? folded : 'compares-columns');
      if (folded.value === null) {
        hasNull = true;
        continue;
      }
      const value = this.#fitting(column, folded);
      if (value === undefined || (column.type === 'timestamp' && !isNormalTimestamp(column, value))) return none('storage-class');
      if (!values.some((known) => sameConstant(known, value))) values.push(value);
    }
    if (!inside) {
      if (hasNull || (isFreeText(column) && rules('negation'))) return none('negation');
      return conjunction(values.map((value) => one({ kind: 'compare', column: column.name, op: 'ne', value })));
    }
    if (values.length === 0) return NEVER;
    if (values.length === 1) return one({ kind: 'compare', column: column.name, op: 'eq', value: values[0]! });
    return one({ kind: 'in', column: column.name, values });
  }

  /** A bare column as a condition. */
  #truth(expression: Extract<Expression, { kind: 'column' }>, mode: Mode): Reading {
    const column = this.#classifier.column(expression);
    if (typeof column === 'string') return none(columnReason(column));
    if (column.type !== 'boolean') return none('function-of-column');
    return one({ kind: 'compare', column: column.name, op: 'eq', value: mode === 'true' ? 1n : 0n });
  }

  /** A constant as a condition. */
  #constantTruth(expression: Expression, mode: Mode): Reading {
    const whole: Expression = { kind: 'case', whens: [{ when: expression, then: literal('1', expression) }, { when: { kind: 'unary', op: 'NOT', operand: expression, span: expression.span }, then: literal('0', expression) }], span: expression.span };
    const folded = this.#classifier.constant(whole);
    if (typeof folded === 'string') return none(folded);
    return folded.value === (mode === 'true' ? 1n : 0n) ? ALWAYS : NEVER;
  }

  #disjunction(arms: readonly Reading[]): Reading {
    if (arms.some(({ kind }) => kind === 'always')) return ALWAYS;
    const live = arms.filter(({ kind }) => kind !== 'never');
    if (live.length === 0) return NEVER;
    const missing = live.find((arm) => arm.kind === 'none');
    if (missing !== undefined && this.#classifier.rules('orArms')) return missing.reason === 'collation' || missing.reason === 'not-deterministic' ? missing : none('or-not-pushable');
    const some = live.filter((arm) => arm.kind === 'some');
    const first = some[0];
    if (first === undefined) return none('or-not-pushable');
    if (some.length === 1) return missing === undefined ? first : { ...first, complete: false };
    const complete = missing === undefined && some.every((arm) => arm.complete);
    const predicate = anyOf(some.map(({ predicates }) => allOf(predicates)));
    return one(predicate, complete);
  }

  /** The column an operand is, if it is a bare one. */
  #column(expression: Expression): ColumnDeclaration | 'other' | 'outer' | 'unknown' | undefined {
    if (expression.kind === 'column') return this.#classifier.column(expression);
    if (expression.kind === 'collate' && !this.#classifier.rules('collate')) return this.#column(expression.operand);
    return undefined;
  }

  #constant(expression: Expression): Folded | Reason {
    return this.#classifier.constant(expression);
  }

  /** SQLite looks for COLLATE along the whole operand. */
  #collated(expression: Expression): boolean {
    return this.#classifier.rules('collate') && hasCollate(expression);
  }
}

const columnReason = (column: string): Reason => (column === 'outer' ? 'correlated' : column === 'unknown' ? 'not-readable' : 'compares-columns');
const operatorText = (op: CompareOperator): string => Object.entries(COMPARISONS).find(([, name]) => name === op)![0];
const literal = (text: string, { span }: Expression): Expression => ({ kind: 'literal', type: 'integer', text, span });
