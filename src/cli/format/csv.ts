/** Owns: RFC 4180: header line, CRLF, quotes doubled. NULL is an empty field, an empty text is `""`. */
import type { Value } from '../../index.js';
import type { Formatter } from './formatter.js';

export const csv: Formatter = async function* (columns, rows) {
  yield line(columns.map(({ name }) => field(name)));
  for await (const row of rows) yield line(row.map(field));
};

const line = (fields: readonly string[]): string => `${fields.join(',')}\r\n`;

function field(value: Value): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  const text = String(value);
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
