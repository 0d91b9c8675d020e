/**
 * Owns: writing rows to a stream in the formats of `--format`.
 * Does not own: where rows come from; conversion of values (driver/results.ts).
 * Invariants: rows are written as they come, no faster than the stream takes them; no control character of a mail reaches a terminal.
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Column } from '../../index.js';
import { csv } from './csv.js';
import type { Formatter, Rows } from './formatter.js';
import { json, ndjson } from './json.js';
import { table } from './table.js';

export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const;
export type Format = (typeof FORMATS)[number];
export const isFormat = (name: string): name is Format => (FORMATS as readonly string[]).includes(name);

const FORMATTERS: Readonly<Record<Format, Formatter>> = { table, json, ndjson, csv };

/** What is not a terminal has no width: nothing is cut for it. */
const NO_TERMINAL = Number.POSITIVE_INFINITY;

export async function writeRows(format: Format, columns: readonly Column[], rows: Rows, out: Writable & { readonly columns?: number }): Promise<void> {
  for await (const piece of FORMATTERS[format](columns, rows, out.columns ?? process.stdout.columns ?? NO_TERMINAL)) {
    if (piece !== '' && !out.write(piece)) {
      if (out.destroyed) return;
      await Promise.race([once(out, 'drain'), once(out, 'close')]);
    }
  }
}
