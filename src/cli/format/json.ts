/** Owns: JSON (one array of objects) and newline-delimited JSON. Bytes are base64; integers beyond 2^53 are numbers in full. */
import type { Value } from '../../index.js';
import { distinctNames } from '../../driver/results.js';
import type { Formatter } from './formatter.js';

export const json: Formatter = async function* (columns, rows) {
  const names = distinctNames(columns);
  let first = true;
  for await (const row of rows) {
    yield `${first ? '[\n' : ',\n'}  ${object(names, row)}`;
    first = false;
  }
  yield first ? '[]\n' : '\n]\n';
};

export const ndjson: Formatter = async function* (columns, rows) {
  const names = distinctNames(columns);
  for await (const row of rows) yield `${object(names, row)}\n`;
};

function object(names: readonly string[], row: readonly Value[]): string {
  return `{${names.map((name, index) => `${JSON.stringify(name)}:${member(row[index] ?? null)}`).join(',')}}`;
}

function member(value: Value): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  return JSON.stringify(value);
}
