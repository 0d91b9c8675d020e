/**
 * Owns: the table a person reads: columns fitted to the terminal, wide and combining characters counted as shown.
 * Invariants: one line a row; control characters are shown escaped; right-to-left text is isolated so that it cannot reorder the line.
 */
import stringWidth from 'string-width';
import type { Column, Value } from '../../index.js';
import type { Formatter } from './formatter.js';

/** Widths are fitted to these many first rows, so that the rest can stream. */
const SAMPLE = 200;
const LEAST = 4;
const GAP = '  ';
const NUMERIC: ReadonlySet<string | undefined> = new Set(['integer', 'bigint', 'double']);

export const table: Formatter = async function* (columns, rows, width) {
  const sample: string[][] = [];
  let layout: Layout | undefined;
  let count = 0;
  const right = columns.map(({ type }) => NUMERIC.has(type));
  for await (const row of rows) {
    count += 1;
    row.forEach((value, index) => {
      if (columns[index]?.type === undefined && typeof value !== 'number' && typeof value !== 'bigint' && value !== null) right[index] = false;
      else if (columns[index]?.type === undefined && count === 1 && value !== null) right[index] = true;
    });
    const cells = row.map(cell);
    if (layout !== undefined) yield line(cells, layout);
    else {
      sample.push(cells);
      if (sample.length === SAMPLE) {
        layout = fit(columns, sample, right, width);
        yield head(columns, layout) + sample.map((kept) => line(kept, layout!)).join('');
      }
    }
  }
  if (layout === undefined) {
    layout = fit(columns, sample, right, width);
    yield head(columns, layout) + sample.map((kept) => line(kept, layout!)).join('');
  }
  yield `(${String(count)} ${count === 1 ? 'row' : 'rows'})\n`;
};

interface Layout {
  readonly widths: readonly number[];
  readonly right: readonly boolean[];
}

/** Every column gets what it needs; where that is too much, the widest give way first. */
function fit(columns: readonly Column[], sample: readonly (readonly string[])[], right: readonly boolean[], width: number): Layout {
  const widths = columns.map(({ name }, index) => Math.max(LEAST, stringWidth(cell(name)), ...sample.map((row) => stringWidth(row[index] ?? ''))));
  const room = Math.max(width - GAP.length * (columns.length - 1), columns.length * LEAST);
  let excess = widths.reduce((sum, one) => sum + one, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    const second = Math.max(LEAST, ...widths.filter((one) => one < widest));
    const many = widths.filter((one) => one === widest).length;
    const cut = Math.min(widest - second, Math.ceil(excess / many)) || 1;
    for (let index = 0; index < widths.length && excess > 0; index += 1) {
      if (widths[index] !== widest) continue;
      widths[index] = widest - Math.min(cut, excess);
      excess -= Math.min(cut, excess);
    }
  }
  return { widths, right };
}

function head(columns: readonly Column[], layout: Layout): string {
  return `${line(columns.map(({ name }) => cell(name)), layout)}${layout.widths.map((width) => '-'.repeat(width)).join(GAP)}\n`;
}

function line(cells: readonly string[], { widths, right }: Layout): string {
  const parts = cells.map((text, index) => {
    const width = widths[index]!;
    const shown = clip(text, width);
    const blanks = ' '.repeat(Math.max(0, width - stringWidth(shown)));
    // Isolates keep right-to-left text from reordering its neighbours (Unicode TR9, FSI … PDI).
    const isolated = RTL.test(shown) ? `\u2068${shown}\u2069` : shown;
    return right[index] === true ? blanks + isolated : isolated + blanks;
  });
  return `${parts.join(GAP).trimEnd()}\n`;
}

const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;
const segmenter = new Intl.Segmenter();

function clip(text: string, width: number): string {
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

/** Longest text measured; a body of a megabyte is not laid out to be cut to forty characters. */
const LONGEST = 500;

function cell(value: Value): string {
  if (value === null) return 'NULL';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `<${String(value.byteLength)} bytes>`;
  const text = String(value);
  // Line breaks as a mark; other control characters and bidirectional overrides as escapes: a subject must not drive the terminal.
  return (text.length > LONGEST ? text.slice(0, LONGEST) : text)
    .replace(/\r\n|[\r\n]/g, '⏎')
    .replace(/\t/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
