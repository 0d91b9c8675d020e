/**
 * Owns: a text put together from pieces of the user's own and a few words between them, with the way back to where each stood.
 * Does not own: which pieces (write-select.ts).
 * Invariants: a position inside a word that was put in is that of the piece that follows it; right behind a piece is its end.
 */
import type { Span } from './ast.js';
import type { Token } from './tokenizer.js';

export interface Spliced {
  readonly text: string;
  /** Ordinals, among the source's plain `?`, of those in the text, in the text's order. */
  readonly placeholders: readonly number[];
  /** Offset in the source for an offset in the text. */
  toSource(offset: number): number;
}

export function splice(source: string, tokens: readonly Token[], pieces: readonly (Span | string)[]): Spliced {
  const marks: { readonly at: number; readonly length: number; readonly source: number | undefined }[] = [];
  const placeholders: number[] = [];
  const plain = tokens.filter(({ kind, text }) => kind === 'parameter' && text === '?');
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      marks.push({ at: text.length, length: piece.length, source: undefined });
      text += piece;
      continue;
    }
    plain.forEach(({ start, end }, ordinal) => {
      if (start >= piece.start && end <= piece.end) placeholders.push(ordinal);
    });
    marks.push({ at: text.length, length: piece.end - piece.start, source: piece.start });
    text += source.slice(piece.start, piece.end);
  }
  return {
    text,
    placeholders,
    toSource: (offset) => {
      const index = marks.findIndex(({ at, length }) => offset < at + length);
      const rest = index === -1 ? [] : marks.slice(index);
      const [mark] = rest;
      if (mark?.source !== undefined) return mark.source + offset - mark.at;
      const before = marks[index - 1];
      if (mark !== undefined && offset === mark.at && before?.source !== undefined) return before.source + before.length;
      const next = rest.find((one) => one.source !== undefined)?.source;
      if (next !== undefined) return next;
      const last = marks.findLast((one) => one.source !== undefined);
      return last?.source === undefined ? 0 : last.source + last.length;
    },
  };
}
