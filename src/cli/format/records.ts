/** Owns: a row as a block of `name  value` lines, for rows that are wider than the terminal can show as a table. */
import stringWidth from 'string-width';
import type { Column, Value } from '../../index.js';
import type { Formatter } from './formatter.js';
import { cell, clip, isolated } from './text.js';

/** Values are cut at the terminal's width, or here where there is none. */
const LONGEST = 4000;

export function record(columns: readonly Column[], row: readonly Value[], ordinal: number, width: number): string {
  const names = columns.map(({ name }) => cell(name));
  const widest = Math.min(Math.max(...names.map((name) => stringWidth(name))), Math.max(8, Math.floor(width / 2)));
  const room = Math.max(8, width - widest - 2);
  const title = `-[ ${String(ordinal)} ]`;
  const lines = names.map((name, index) => {
    const shown = clip(name, widest);
    return `${shown}${' '.repeat(Math.max(0, widest - stringWidth(shown)))}  ${isolated(clip(cell(row[index] ?? null, LONGEST), room))}`;
  });
  return `${title}${'-'.repeat(Math.max(0, Math.min(width, 60) - title.length))}\n${lines.join('\n')}\n`;
}

export const records: Formatter = async function* (columns, rows, width) {
  let count = 0;
  for await (const row of rows) yield record(columns, row, (count += 1), width);
  yield `(${String(count)} ${count === 1 ? 'row' : 'rows'})\n`;
};
