/**
 * Owns: which expressions are constant for the length of a statement, and their values.
 * Does not own: evaluating (the judge does), the clock (sql/ has put the statement's time into the text).
 * Invariants: only functions on the list of pure ones are folded; nothing is computed in JavaScript.
 */
import type { BoundParameters, Folded, Judge } from '../engine/types.js';
import type { Reason } from '../scan/reason.js';
import type { SqlValue } from '../scan/value.js';
import { PURE_FUNCTIONS } from '../engine/functions/registry.js';
import type { Expression } from '../sql/ast.js';
import { childrenOf } from '../sql/walk.js';
import { nameKey } from './names.js';
import type { Rules } from './soundness.js';

/** Functions whose value depends on their arguments alone. */
const PURE = new Set(
  `abs ceil ceiling char coalesce concat concat_ws date datetime exp floor format glob hex if ifnull iif instr json json_array json_extract json_object
  json_quote json_type json_valid julianday length like ln log log10 log2 lower ltrim max min mod nullif octet_length pi pow power printf quote
  radians degrees replace round rtrim sign sqrt strftime substr substring time timediff trim trunc typeof unhex unicode unixepoch unistr upper
  `.trim().split(/\s+/),
);

const isPure = (name: string): boolean => PURE.has(name) || PURE_FUNCTIONS.has(name);

/** Position of the first time value; without one the function reads the clock. */
const CLOCK_FUNCTIONS: Readonly<Record<string, number>> = { date: 0, time: 0, datetime: 0, julianday: 0, unixepoch: 0, strftime: 1, timediff: 0 };

export interface Constants {
  /** The value, or why there is none. */
  fold(expression: Expression): Folded | Reason;
}

export interface ConstantInput {
  readonly judge: Judge;
  readonly parameters: BoundParameters;
  /** Positions of the plain `?` of the text, ascending. */
  readonly placeholders: readonly number[];
  readonly rules: Rules;
  print(expression: Expression): string;
}

export function createConstants({ judge, parameters, placeholders, rules, print }: ConstantInput): Constants {
  const known = new WeakMap<Expression, Folded | Reason>();
  // `?1` and `$1` count all positions of the statement, also where only a slice of it is evaluated.
  const named: Record<string, SqlValue> = { ...Object.fromEntries(parameters.positional.map((value, index) => [String(index + 1), value])), ...parameters.named };

  const obstacle = (expression: Expression): Reason | undefined => {
    switch (expression.kind) {
      case 'literal':
        return expression.type === 'clock' ? 'not-deterministic' : undefined;
      case 'parameter':
        return undefined;
      case 'column':
        return 'function-of-column';
      case 'unary':
      case 'cast':
      case 'collate':
        return obstacle(expression.operand);
      case 'binary':
        return obstacle(expression.left) ?? obstacle(expression.right);
      case 'is':
        return obstacle(expression.left) ?? obstacle(expression.right);
      case 'like':
        return expression.op === 'LIKE' || expression.op === 'GLOB' ? first([expression.left, expression.right, expression.escape]) : 'not-deterministic';
      case 'between':
        return first([expression.operand, expression.low, expression.high]);
      case 'in':
        return expression.list === undefined ? 'subquery' : first([expression.operand, ...expression.list]);
      case 'subquery':
        return 'subquery';
      case 'case':
        return first([expression.operand, ...expression.whens.flatMap(({ when, then }) => [when, then]), expression.otherwise]);
      case 'row':
        return first(expression.items);
      case 'function': {
        const inner = first(expression.args);
        if (inner !== undefined) return inner;
        if (expression.over || expression.star || expression.distinct || expression.filter !== undefined) return 'not-deterministic';
        const name = nameKey(expression.name);
        if (!rules('pureFunctions')) return undefined;
        if (!isPure(name) || ((name === 'max' || name === 'min') && expression.args.length < 2)) return 'not-deterministic';
        return readsClock(name, expression.args) ? 'not-deterministic' : undefined;
      }
    }
  };
  const first = (parts: readonly (Expression | undefined)[]): Reason | undefined => {
    for (const part of parts) {
      const found = part === undefined ? undefined : obstacle(part);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  /** `datetime('now')` folded here and evaluated later would be two moments. */
  const readsClock = (name: string, args: readonly Expression[]): boolean => {
    const from = CLOCK_FUNCTIONS[name];
    if (from === undefined) return false;
    if (args.length <= from) return true;
    return args.slice(from).some((arg) => {
      const folded = evaluate(arg);
      return folded === undefined || (typeof folded.value === 'string' && /^\s*now\s*$/i.test(folded.value));
    });
  };
  const evaluate = (expression: Expression): Folded | undefined => {
    const positions = placeholdersIn(expression);
    const positional = positions.map((position) => parameters.positional[placeholders.indexOf(position)] ?? null);
    return judge.fold(print(expression), { positional, named });
  };

  return {
    fold(expression) {
      const before = known.get(expression);
      if (before !== undefined) return before;
      const result = obstacle(expression) ?? evaluate(expression) ?? 'not-constant';
      known.set(expression, result);
      return result;
    },
  };
}

/** Positions of the plain `?` in an expression, in the order in which they are printed. */
function placeholdersIn(expression: Expression): readonly number[] {
  if (expression.kind === 'parameter') return expression.text === '?' ? [expression.span.start] : [];
  return childrenOf(expression).flatMap(placeholdersIn);
}
