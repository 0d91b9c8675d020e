/**
 * Owns: what other databases read otherwise than SQLite does without a word: texts joined by +, days added to a timestamp,
 * truth values written as text.
 * Does not own: comparisons with timestamps (timestamps.ts).
 * Invariants: such an expression is translated or refused, never run with a meaning its writer did not have.
 */
import { ExchangeSqlError } from '../errors.js';
import { normalTimestamp } from '../engine/functions/timestamp.js';
import type { Expression } from '../sql/ast.js';
import type { Edit } from '../sql/index.js';
import { nodesOf } from '../sql/walk.js';
import { nameKey } from './names.js';
import { baseColumn, expressionsOf } from './places.js';
import type { ArmScope } from './scope.js';
import type { TimestampInput } from './timestamps.js';

export type MixupInput = Omit<TimestampInput, 'normal'>;

/** Edits that make `isRead = 'true'` mean what it says. @throws ExchangeSqlError BAD_VALUE for what cannot be meant as SQLite reads it. */
export function mixupEdits(input: MixupInput): readonly Edit[] {
  const wraps = new Map<string, Edit[]>();
  for (const arm of input.scope.arms) {
    for (const span of expressionsOf(arm)) {
      const expression = input.read(span);
      if (expression === undefined) continue;
      for (const node of nodesOf(expression)) {
        if (node.kind === 'binary' && (node.op === '+' || node.op === '-')) arithmetic(node, arm, input);
        for (const side of truthTexts(node, arm, input)) {
          wraps.set(`${String(side.span.start)}:${String(side.span.end)}`, [
            { span: { start: side.span.start, end: side.span.start }, replacement: "(lower(" },
            { span: { start: side.span.end, end: side.span.end }, replacement: ") = 'true')" },
          ]);
        }
      }
    }
  }
  return [...wraps.values()].flat();
}

/** `word`: a text that is no number. */
type Sort = 'text' | 'word' | 'timestamp';

const TEXT_FUNCTIONS = new Set(['lower', 'upper', 'trim', 'ltrim', 'rtrim', 'left', 'right', 'replace', 'concat', 'concat_ws', 'substr', 'substring']);
const TIME_FUNCTIONS = new Set(['date', 'datetime', 'dateadd', 'xs_ts']);
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

function sortOf(expression: Expression, arm: ArmScope, input: MixupInput): Sort | undefined {
  switch (expression.kind) {
    case 'literal': {
      if (expression.type === 'clock') return 'timestamp';
      if (expression.type !== 'text') return undefined;
      const value = input.fold(expression)?.value;
      if (typeof value !== 'string' || NUMBER.test(value)) return undefined;
      return normalTimestamp(value, 7) === undefined ? 'word' : 'timestamp';
    }
    case 'column': {
      const type = baseColumn(expression.path, arm, input)?.type;
      return type === 'text' || type === 'json' ? 'text' : type === 'timestamp' || type === 'date' ? 'timestamp' : undefined;
    }
    case 'function': {
      const name = nameKey(expression.name);
      return TEXT_FUNCTIONS.has(name) ? 'text' : TIME_FUNCTIONS.has(name) ? 'timestamp' : undefined;
    }
    case 'binary':
      return expression.op === '||' ? 'text' : undefined;
    case 'collate':
      return sortOf(expression.operand, arm, input);
    default:
      return undefined;
  }
}

function arithmetic(node: Extract<Expression, { kind: 'binary' }>, arm: ArmScope, input: MixupInput): void {
  const [left, right] = [sortOf(node.left, arm, input), sortOf(node.right, arm, input)];
  const texts = [left, right].filter((sort) => sort === 'text' || sort === 'word');
  if (node.op === '+' && (texts.length === 2 || texts.includes('word'))) {
    throw new ExchangeSqlError('BAD_VALUE', '+ adds numbers; here it stands between texts.', { position: node.span.start, hint: "Join texts with ||: a || ' ' || b. concat(a, b) leaves NULLs out." });
  }
  if (left === 'timestamp' || right === 'timestamp') {
    throw new ExchangeSqlError('BAD_VALUE', `A timestamp cannot be calculated with ${node.op}.`, {
      position: node.span.start,
      hint: left === right ? 'DATEDIFF(day, a, b) is the time between two timestamps.' : `DATEADD(day, ${node.op === '-' ? '-' : ''}n, x) is n days ${node.op === '-' ? 'before' : 'after'} x.`,
    });
  }
}

const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** Constant texts 'true' and 'false' that are compared with a truth value. */
function truthTexts(node: Expression, arm: ArmScope, input: MixupInput): readonly Expression[] {
  const sides = compared(node);
  const isTruth = (side: Expression): boolean => side.kind === 'column' && baseColumn(side.path, arm, input)?.type === 'boolean';
  const column = sides.find(isTruth);
  if (column === undefined) return [];
  return sides.filter((side) => {
    const value = side.kind === 'literal' || side.kind === 'parameter' ? input.fold(side)?.value : undefined;
    if (typeof value !== 'string' || NUMBER.test(value)) return false;
    if (/^(?:true|false)$/i.test(value)) return true;
    throw new ExchangeSqlError('BAD_VALUE', `The truth value ${input.scope.text.slice(column.span.start, column.span.end)} cannot be compared with '${value.slice(0, 40)}'.`, { position: side.span.start, hint: 'Write 1 or 0, TRUE or FALSE.' });
  });
}

function compared(node: Expression): readonly Expression[] {
  if (node.kind === 'binary') return COMPARISONS.has(node.op) ? [node.left, node.right] : [];
  if (node.kind === 'is') return [node.left, node.right];
  if (node.kind === 'in') return node.list === undefined ? [] : [node.operand, ...node.list];
  if (node.kind === 'case') return node.operand === undefined ? [] : [node.operand, ...node.whens.map(({ when }) => when)];
  return [];
}
