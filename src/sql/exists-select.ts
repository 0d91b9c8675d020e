/**
 * Owns: `DELETE FROM t WHERE EXISTS SELECT Id FROM t#TEMP` of the incumbent: the rows of t with these keys.
 * Does not own: EXISTS (SELECT …) in parentheses, which is SQL's.
 */
import { edit, type Edit } from './edits.js';
import { nameOf, type Token } from './tokenizer.js';
import { quoteIdentifier } from '../engine/ddl.js';

/** `EXISTS SELECT a, b FROM …` becomes `(a, b) IN (SELECT a, b FROM …)`; without plain names it stays, for SQLite to refuse. */
export function existsEdits(tokens: readonly Token[]): Edit[] {
  const at = tokens.findIndex(({ key }, index) => key === 'EXISTS' && tokens[index + 1]?.key === 'SELECT');
  const word = tokens[at];
  if (word === undefined) return [];
  const names: string[] = [];
  let index = at + 2;
  for (;; index += 2) {
    const name = tokens[index] === undefined ? undefined : nameOf(tokens[index]!);
    if (name === undefined) return [];
    names.push(quoteIdentifier(name));
    if (tokens[index + 1]?.key !== ',') break;
  }
  if (tokens[index + 1]?.key !== 'FROM') return [];
  const end = endOf(tokens, index + 1);
  return [edit(word, word, `(${names.join(', ')}) IN (`), { span: { start: end, end }, replacement: ')' }];
}

/** The SELECT goes on to the end of the statement, or to RETURNING. */
function endOf(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index += 1) {
    const { key } = tokens[index]!;
    if (key === '(') depth += 1;
    else if (key === ')') depth -= 1;
    if (depth < 0 || (depth === 0 && key === 'RETURNING')) return tokens[index - 1]!.end;
  }
  return tokens.at(-1)!.end;
}
