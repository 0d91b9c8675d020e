/**
 * Owns: the table a person reads: columns fitted to the terminal, wide and combining characters counted as shown.
 * Does not own: text of a value (text.ts), rows too wide for a table (records.ts).
 * Invariants: one line a row; no line is wider than the terminal.
 */
import stringWidth from 'string-width';
import type { Column, Value } from '../../index.js';
import type { Formatter } from './formatter.js';
import { record } from './records.js';
import { cell, clip, isolated } from './text.js';

/** Widths are fitted to these many first rows, so that the rest can stream. */
const SAMPLE = 200;
const LEAST = 4;
/** A column cut below this says too little: rows are then shown as records. */
const READABLE = 8;
const GAP = '  ';
const NUMERIC: ReadonlySet<string | undefined> = new Set(['integer', 'bigint', 'double']);

export const table: Formatter = async function* (columns, rows, width) {
  const sample: (readonly Value[])[] = [];
  let shape: Shape | undefined;
  let count = 0;
  for await (const row of rows) {
    count += 1;
    if (shape !== undefined) yield shape.row(row, count);
    else {
      sample.push(row);
      if (sample.length === SAMPLE) {
        shape = shapeOf(columns, sample, width);
        yield shape.head + sample.map((kept, index) => shape!.row(kept, index + 1)).join('');
      }
    }
  }
  if (shape === undefined) {
    shape = shapeOf(columns, sample, width);
    yield shape.head + sample.map((kept, index) => shape!.row(kept, index + 1)).join('');
  }
  yield `(${String(count)} ${count === 1 ? 'row' : 'rows'})\n`;
};

interface Shape {
  readonly head: string;
  row(values: readonly Value[], ordinal: number): string;
}

function shapeOf(columns: readonly Column[], sample: readonly (readonly Value[])[], width: number): Shape {
  const cells = sample.map((row) => row.map((value) => cell(value)));
  const natural = columns.map(({ name }, index) => Math.max(LEAST, stringWidth(cell(name)), ...cells.map((row) => stringWidth(row[index] ?? ''))));
  const readable = natural.reduce((sum, one) => sum + Math.min(one, READABLE), 0) + GAP.length * (columns.length - 1);
  if (readable > width && sample.length > 0) return { head: '', row: (values, ordinal) => record(columns, values, ordinal, width) };
  const layout: Layout = { widths: fit(natural, width), right: columns.map((column, index) => isNumeric(column, sample, index)) };
  return { head: head(columns, layout), row: (values) => line(values.map((value) => cell(value)), layout) };
}

/** By declared type; an expression has none, and is judged by the rows seen. */
function isNumeric({ type }: Column, sample: readonly (readonly Value[])[], index: number): boolean {
  if (type !== undefined) return NUMERIC.has(type);
  const values = sample.map((row) => row[index] ?? null).filter((value) => value !== null);
  return values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint');
}

interface Layout {
  readonly widths: readonly number[];
  readonly right: readonly boolean[];
}

/** Every column gets what it needs; where that is too much, the widest give way first. */
function fit(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const room = width - GAP.length * (widths.length - 1);
  let excess = widths.reduce((sum, one) => sum + one, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= 1) break;
    const second = Math.max(1, ...widths.filter((one) => one < widest));
    const many = widths.filter((one) => one === widest).length;
    const cut = Math.min(widest - second, Math.ceil(excess / many)) || 1;
    for (let index = 0; index < widths.length && excess > 0; index += 1) {
      if (widths[index] !== widest) continue;
      widths[index] = widest - Math.min(cut, excess);
      excess -= Math.min(cut, excess);
    }
  }
  return widths;
}

function head(columns: readonly Column[], layout: Layout): string {
  return `${line(columns.map(({ name }) => cell(name)), layout)}${layout.widths.map((width) => '-'.repeat(width)).join(GAP)}\n`;
}

function line(cells: readonly string[], { widths, right }: Layout): string {
  const parts = cells.map((text, index) => {
    const width = widths[index]!;
    const shown = clip(text, width);
    const blanks = ' '.repeat(Math.max(0, width - stringWidth(shown)));
    return right[index] === true ? blanks + isolated(shown) : isolated(shown) + blanks;
  });
  return `${parts.join(GAP).trimEnd()}\n`;
}
