/**
 * Owns: rows of a file as values by column name: CSV (with a header line), NDJSON, a JSON array.
 * Does not own: what a value means in a column (the library).
 * Invariants: read as a stream; every row knows its line; a value not given is left out, so that the service's default holds.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { UsageError } from '../arguments.js';
import { readCsv } from './csv.js';
import type { FileRow } from './file-row.js';
import { readNdjson } from './ndjson.js';

export type { FileRow } from './file-row.js';

export const FILE_FORMATS = ['csv', 'ndjson'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Columns that a file of failed rows has beside the row's own; they are not data. */
export const FAILURE_COLUMNS = ['_line', '_status', '_code', '_message'] as const;

/** @throws UsageError where the format is neither given nor told by the file's name. */
export function formatOf(path: string, named: string | undefined): FileFormat {
  const text = (named ?? /\.([a-z]+)$/i.exec(path)?.[1] ?? '').toLowerCase();
  if (text === 'csv') return 'csv';
  if (text === 'ndjson' || text === 'jsonl' || text === 'json') return 'ndjson';
  throw new UsageError(named === undefined ? `the format of '${path}' is not known: give --format ${FILE_FORMATS.join(' or ')}` : `--format is ${FILE_FORMATS.join(' or ')}, not '${named}'`);
}

/** @param path a file, or `-` for standard input. @throws ExchangeSqlError BAD_VALUE with the line of what cannot be read. */
export async function* readRows(path: string, format: FileFormat): AsyncGenerator<FileRow, void, void> {
  const input: Readable = path === '-' ? process.stdin : createReadStream(path);
  try {
    for await (const { line, values } of format === 'csv' ? readCsv(input, path) : readNdjson(input, path)) {
      const data = Object.fromEntries(Object.entries(values).filter(([name]) => !(FAILURE_COLUMNS as readonly string[]).includes(name)));
      yield { line, values: data };
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) throw new UsageError(`'${path}' cannot be read (${error.code})`);
    throw error;
  }
}
