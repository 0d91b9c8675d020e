/**
 * Owns: where the expressions of a window (`PARTITION BY …, … ORDER BY …`) and of an ORDER BY list stand.
 * Does not own: reading them.
 * Invariants: ranges are token indexes, the end exclusive; frames (`ROWS BETWEEN …`) are left out.
 */
import type { Token } from './tokenizer.js';

export type TokenRange = readonly [from: number, to: number];

const FRAMES = new Set(['RANGE', 'ROWS', 'GROUPS']);

/** Terms between the parentheses of a window. */
export function windowTerms(tokens: readonly Token[], from: number, to: number): TokenRange[] {
  const ranges: TokenRange[] = [];
  let start: number | undefined;
  const close = (end: number): void => {
    if (start !== undefined && end > start) ranges.push(withoutDirection(tokens, start, end));
  };
  for (let at = from; at < to; at = afterGroup(tokens, at, to)) {
    const { key } = tokens[at]!;
    const clause = (key === 'PARTITION' || key === 'ORDER') && tokens[at + 1]?.key === 'BY';
    // Only a frame begins with these words after a term: as a column's name they stand after BY, a comma or an operator.
    const frame = FRAMES.has(key) && (start === undefined || at > start) && isFrame(tokens[at + 1]);
    if (clause || frame) {
      close(at);
      start = clause ? at + 2 : undefined;
      if (frame) return ranges;
    } else if (key === ',' && start !== undefined) {
      close(at);
      start = at + 1;
    }
  }
  close(to);
  return ranges;
}

const isFrame = (next: Token | undefined): boolean => next !== undefined && (['BETWEEN', 'UNBOUNDED', 'CURRENT', '('].includes(next.key) || next.kind === 'number' || next.kind === 'parameter' || next.kind === 'word');

/** A term without ASC, DESC and NULLS FIRST|LAST. */
export function withoutDirection(tokens: readonly Token[], from: number, to: number): TokenRange {
  let end = to;
  if (end - from > 2 && tokens[end - 2]?.key === 'NULLS') end -= 2;
  const last = tokens[end - 1]?.key;
  if (end - from > 1 && (last === 'ASC' || last === 'DESC')) end -= 1;
  return [from, end];
}

/** Index of the token after this one, or after the group it opens. */
function afterGroup(tokens: readonly Token[], at: number, to: number): number {
  if (tokens[at]!.key !== '(') return at + 1;
  let depth = 0;
  for (let index = at; index < to; index += 1) {
    const { key } = tokens[index]!;
    if (key === '(') depth += 1;
    if (key === ')') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return to;
}
