/**
 * Owns: text with the values of its parameters in it, for key queries, which are run without parameters.
 */
import type { BoundParameters } from '../engine/types.js';
import type { SqlValue } from '../scan/value.js';
import type { Span } from '../sql/ast.js';
import { applyEdits } from '../sql/index.js';
import { writeLiteral } from './names.js';
import { SqlText } from './sql-text.js';

/** A slice of the text with its parameters written as literals. */
export function inlined(slice: string, start: number, text: string, { positional, named }: BoundParameters): string | undefined {
  const whole = new SqlText(text);
  const placeholders = whole.placeholders();
  const edits: { span: Span; replacement: string }[] = [];
  for (const token of whole.tokens) {
    if (token.kind !== 'parameter' || token.start < start || token.end > start + slice.length) continue;
    const name = token.text.slice(1);
    const value: SqlValue | undefined = token.text === '?' ? positional[placeholders.indexOf(token.start)] : Object.hasOwn(named, name) ? named[name] : positional[Number(name) - 1];
    const literal = value === undefined ? undefined : writeLiteral(value);
    if (literal === undefined) return undefined;
    edits.push({ span: { start: token.start - start, end: token.end - start }, replacement: literal });
  }
  return applyEdits(slice, edits).text;
}
