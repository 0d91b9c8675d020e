/**
 * Owns: rows of a file as values by column name: CSV (with a header line), NDJSON, a JSON array.
 * Does not own: what a value means in a column (the library).
 * Invariants: read as a stream; every row knows its line; a value not given is left out, so that the service's default holds.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { UsageError } from '../arguments.js';
import { readCsv } from './csv.js';
import { lineError, type FileRow } from './file-row.js';
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
  const input = Readable.from(textOf(path === '-' ? process.stdin : createReadStream(path), path));
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

/** The bytes as text. @throws ExchangeSqlError BAD_VALUE for what is not UTF-8: a wrong letter is worse than an error. */
async function* textOf(bytes: Readable, path: string): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let line = 1;
  const decode = (chunk?: Buffer): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw lineError(path, line, 'from here on there are bytes that are not UTF-8', 'Save the file as UTF-8 ("CSV UTF-8" in Excel).');
    }
  };
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    const text = decode(chunk);
    for (const character of text) if (character === '\n') line += 1;
    if (text !== '') yield text;
  }
  const end = decode();
  if (end !== '') yield end;
}
