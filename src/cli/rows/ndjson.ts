/**
 * Owns: one JSON object a line; also one JSON array of objects, as `--format json` writes it.
 * Invariants: objects and lists become JSON text, as columns of type json hold them.
 */
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { ParameterValue } from '../../index.js';
import { lineError, type FileRow } from './file-row.js';

export async function* readNdjson(input: Readable, path: string): AsyncGenerator<FileRow, void, void> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let failed: Error | undefined;
  input.on('error', (error) => {
    failed = error;
    lines.close();
  });
  let line = 0;
  for await (const raw of lines) {
    line += 1;
    const text = (line === 1 ? raw.replace(/^\uFEFF/, '') : raw).trim();
    if (text === '') continue;
    if (line === 1 && text.startsWith('[')) {
      yield* wholeArray(text, lines, path);
      return;
    }
    yield { line, values: objectOf(parseLine(text, path, line), path, line) };
  }
  if (failed !== undefined) throw failed;
}

async function* wholeArray(first: string, rest: AsyncIterable<string>, path: string): AsyncGenerator<FileRow, void, void> {
  const parts = [first];
  for await (const part of rest) parts.push(part);
  const list = parseLine(parts.join('\n'), path, 1);
  if (!Array.isArray(list)) throw lineError(path, 1, 'it is no list of objects');
  for (const [index, item] of list.entries()) yield { line: index + 1, values: objectOf(item, path, index + 1) };
}

function parseLine(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw lineError(path, line, 'it is no JSON', 'Write one JSON object a line.');
  }
}

function objectOf(value: unknown, path: string, line: number): Record<string, ParameterValue> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw lineError(path, line, 'it is no JSON object', 'Write one JSON object a line: {"column": value, …}.');
  return Object.fromEntries(Object.entries(value).map(([name, member]): [string, ParameterValue] => [name, typeof member === 'object' && member !== null ? JSON.stringify(member) : (member as ParameterValue)]));
}
