/**
 * Owns: words of other dialects in a statement: table hints, which say nothing here and go, and what has another form or meaning.
 * Does not own: functions that do not exist (unsupported-functions.ts).
 */
import { ExchangeSqlError } from '../errors.js';
import { edit, type Edit } from './edits.js';
import { nameOf, type Token } from './tokenizer.js';

const HINTS = new Set(['NOLOCK', 'READUNCOMMITTED', 'READCOMMITTED', 'READCOMMITTEDLOCK', 'REPEATABLEREAD', 'SERIALIZABLE', 'SNAPSHOT', 'HOLDLOCK', 'UPDLOCK', 'XLOCK', 'ROWLOCK', 'PAGLOCK', 'TABLOCK', 'TABLOCKX', 'READPAST', 'NOWAIT', 'NOEXPAND', 'FORCESEEK', 'FORCESCAN']);

/** `Messages WITH (NOLOCK)` and `Messages (NOLOCK)`: nothing is locked here, so the hint goes. */
export function tableHint(tokens: readonly Token[], index: number, close: ReadonlyMap<number, number>): Edit[] {
  const open = tokens[index]!.key === 'WITH' ? index + 1 : index;
  const closing = close.get(open);
  const before = tokens[index - 1];
  if (tokens[open]?.key !== '(' || closing === undefined || closing === open + 1 || before === undefined || nameOf(before) === undefined) return [];
  for (let at = open + 1; at < closing; at += 1) if (tokens[at]!.key !== ',' && !HINTS.has(tokens[at]!.key)) return [];
  return [edit(tokens[index]!, tokens[closing]!, '')];
}

/** CROSS APPLY and OUTER APPLY. */
export function refuseApply(tokens: readonly Token[], index: number): void {
  const side = tokens[index - 1]?.key;
  if (side !== 'CROSS' && side !== 'OUTER') return;
  throw new ExchangeSqlError('NOT_SUPPORTED', `${side} APPLY is not offered`, {
    position: tokens[index - 1]!.start,
    hint: side === 'CROSS' ? 'Join with a condition, take one value by a subquery in the select list, or read a JSON column by JOIN json_each(x).' : 'Write LEFT JOIN … ON …, or take one value by a subquery in the select list.',
  });
}

/** FORMAT and LOG exist here with another meaning than people bring. */
export function refuseOtherMeaning(tokens: readonly Token[], index: number): void {
  const name = tokens[index]!;
  if (name.key === 'LOG') {
    throw new ExchangeSqlError('UNKNOWN_FUNCTION', `${name.text} means the natural logarithm in some databases and that of base 10 in others`, { position: name.start, hint: 'Use ln(x), log10(x), or ln(x) / ln(base).' });
  }
  // format('%d of %d', …) is printf; FORMAT(value, 'yyyy-MM-dd') is not.
  if (name.key === 'FORMAT' && !(tokens[index + 2]?.kind === 'string' && tokens[index + 2]!.text.includes('%'))) {
    throw new ExchangeSqlError('UNKNOWN_FUNCTION', `there is no function ${name.text} that takes a value and a pattern`, { position: name.start, hint: "Use strftime('%Y-%m-%d', x) for times, printf('%.2f', x) for numbers." });
  }
}
