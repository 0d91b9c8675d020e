/**
 * Owns: writing rows to a stream in the formats of `--format`, and plans as text.
 * Does not own: where rows come from; conversion of values (driver/results.ts).
 * Invariants: rows are written as they come, no faster than the stream takes them; no control character of a mail reaches a terminal.
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Column } from '../../index.js';
import { nearest, UsageError } from '../arguments.js';
import { printable } from '../printable.js';
import { csv } from './csv.js';
import type { Formatter, Rows } from './formatter.js';
import { json, ndjson } from './json.js';
import { plan } from './plan.js';
import { records } from './records.js';
import { table } from './table.js';

export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];
/** Besides: EXPLAIN as indented text, and one line per column. */
export type Layout = Format | 'plan' | 'records';

export function formatNamed(name: string): Format {
  const found = FORMATS.find((one) => one === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(name, FORMATS);
  throw new UsageError(`unknown format '${name}'; ${near === undefined ? `one of ${FORMATS.join(', ')}` : `did you mean ${near}?`}`);
}

const FORMATTERS: Readonly<Record<Layout, Formatter>> = { table, json, ndjson, csv, plan, records };

/** What is not a terminal has no width: nothing is cut for it. */
const NO_TERMINAL = Number.POSITIVE_INFINITY;
/** Rows are written together up to this many characters, and whatever is there when the event loop turns. */
const CHUNK = 16_384;

export async function writeRows(format: Layout, columns: readonly Column[], rows: Rows, out: Writable & { readonly columns?: number; readonly isTTY?: boolean }): Promise<void> {
  // A file gets a mail's text as it is; on a terminal it must not move the cursor.
  const shown = out.isTTY === true ? (text: string): string => printable(text.replaceAll('\r\n', '\n')) : (text: string): string => text;
  const gone = (): boolean => out.destroyed || out.writableEnded;
  let pending = '';
  let scheduled: NodeJS.Immediate | undefined;
  const flush = (): boolean => {
    clearImmediate(scheduled);
    scheduled = undefined;
    const text = pending;
    pending = '';
    return text === '' || gone() || out.write(text);
  };
  const room = async (): Promise<void> => {
    if (!flush() && !gone()) await Promise.race([once(out, 'drain'), once(out, 'close')]);
  };
  try {
    for await (const piece of FORMATTERS[format](columns, rows, out.columns ?? process.stdout.columns ?? NO_TERMINAL)) {
      if (gone()) return;
      pending += format === 'csv' || format === 'json' || format === 'ndjson' ? shown(piece) : piece;
      if (pending.length >= CHUNK) await room();
      else scheduled ??= setImmediate(flush);
    }
    await room();
  } finally {
    flush(); // rows that came before an error stand before its message
  }
}
