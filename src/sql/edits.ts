/**
 * Owns: changing a text token by token while keeping the way back to the user's positions.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Span } from './ast.js';

export interface Edit {
  readonly span: Span;
  readonly replacement: string;
}

/** Puts a text in the place of everything from one token to another. */
export const edit = (from: Span, to: Span, replacement: string): Edit => ({ span: { start: from.start, end: to.end }, replacement });

export interface EditedText {
  readonly text: string;
  /** Offset in the text before for an offset in the text after; inside a replacement it is the start of what was replaced. */
  toOriginal(offset: number): number;
  toEdited(offset: number): number;
}

export function applyEdits(text: string, edits: readonly Edit[]): EditedText {
  const sorted = edits.map((edit, index) => ({ ...edit, index })).sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end || a.index - b.index);
  const pieces: string[] = [];
  const marks: { original: number; originalEnd: number; edited: number; editedEnd: number }[] = [];
  let at = 0;
  let length = 0;
  for (const { span, replacement } of sorted) {
    if (span.start < at) throw new ExchangeSqlError('INTERNAL', 'two edits of the statement overlap');
    pieces.push(text.slice(at, span.start), replacement);
    length += span.start - at;
    marks.push({ original: span.start, originalEnd: span.end, edited: length, editedEnd: length + replacement.length });
    length += replacement.length;
    at = span.end;
  }
  pieces.push(text.slice(at));
  return {
    text: pieces.join(''),
    toOriginal: (offset) => {
      let shift = 0;
      for (const mark of marks) {
        if (offset < mark.edited) break;
        if (offset < mark.editedEnd) return mark.original;
        shift = mark.originalEnd - mark.editedEnd;
      }
      return offset + shift;
    },
    toEdited: (offset) => {
      let shift = 0;
      for (const mark of marks) {
        if (offset < mark.original) break;
        if (offset < mark.originalEnd) return mark.edited;
        shift = mark.editedEnd - mark.originalEnd;
      }
      return offset + shift;
    },
  };
}
