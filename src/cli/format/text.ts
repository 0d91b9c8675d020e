/**
 * Owns: one value as text on a terminal, its width, and cutting it to a width.
 * Invariants: control characters are shown escaped; right-to-left text is isolated so that it cannot reorder the line.
 */
import stringWidth from 'string-width';
import type { Value } from '../../index.js';

/** Longest text measured; a body of a megabyte is not laid out to be cut to forty characters. */
const LONGEST = 500;

export function cell(value: Value, longest = LONGEST): string {
  if (value === null) return 'NULL';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `<${String(value.byteLength)} bytes>`;
  const text = String(value);
  // Line breaks as a mark; other control characters and bidirectional overrides as escapes: a subject must not drive the terminal.
  return (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)
    .replace(/\r\n|[\r\n\u2028\u2029]/g, '⏎')
    .replace(/\t/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]|\ud802|\ud803|\ud83a|\ud83b/;

// Isolates keep right-to-left text from reordering its neighbours (Unicode TR9, FSI … PDI).
export const isolated = (text: string): string => (RTL.test(text) ? `\u2068${text}\u2069` : text);

const segmenter = new Intl.Segmenter();

/** At most `width` columns of the terminal; `…` stands for what is cut. */
export function clip(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let shown = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    shown += segment;
    used += wide;
  }
  return `${shown}…`;
}
