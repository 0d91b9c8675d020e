/**
 * Owns: the contents of an attachment or file as a row gives them: a blob, base64, text, or the path of a local file.
 * Does not own: which files may be read (the session's Files), sending.
 * Invariants: a file is opened when its row is sent, not before; at most one of the three columns is given.
 */
import { ExchangeSqlError } from '../errors.js';
import type { RowValues } from './write-row.js';
import type { WriteSettings } from './write-settings.js';
import type { UploadContent } from './write-step.js';
import { badValue, bytesOf } from './write-value.js';

export const CONTENT_COLUMNS = ['contentBytes', 'content', 'LocalFile'] as const;

export type RowContent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; open(most: number): Promise<UploadContent> };

/** undefined where the row gives none. @throws ExchangeSqlError BAD_VALUE, STATEMENT_REFUSED. */
export function contentOf(values: RowValues, settings: WriteSettings): RowContent | undefined {
  const { declaration } = values;
  const given = CONTENT_COLUMNS.filter((name) => (values.given(name) ?? null) !== null);
  if (given.length > 1) throw new ExchangeSqlError('BAD_VALUE', `A row of ${declaration.name} has one content, not ${given.join(' and ')}.`, { hint: `Give one of ${CONTENT_COLUMNS.join(', ')}.` });
  const [name] = given;
  const value = name === undefined ? null : (values.given(name) ?? null);
  const column = declaration.columns.find((one) => one.name === name);
  if (value === null || column === undefined) return undefined;
  if (name === 'contentBytes') return { kind: 'bytes', bytes: bytesOf(declaration.name, column, value) };
  if (name === 'content') return { kind: 'bytes', bytes: value instanceof Uint8Array ? value : new Uint8Array(Buffer.from(String(value), 'utf8')) };
  if (typeof value !== 'string' || value === '') throw badValue(declaration.name, column, 'takes the path of a file');
  const { files } = settings;
  if (files === undefined) throw new ExchangeSqlError('STATEMENT_REFUSED', `Files cannot be used here: ${declaration.name}.${column.name} is refused.`, { hint: 'Give the contents as bytes in contentBytes.' });
  files.demand(column.name);
  return { kind: 'file', path: value, open: (most) => files.contents(column.name, value, most) };
}

export const inMemory = (bytes: Uint8Array): UploadContent => ({ size: bytes.byteLength, read: (start, end) => Promise.resolve(bytes.subarray(start, end)) });

/** @throws ExchangeSqlError BAD_VALUE above `most` bytes. */
export function checkSize(values: RowValues, size: number, most: number): void {
  if (size > most) throw new ExchangeSqlError('BAD_VALUE', `The contents of a row of ${values.declaration.name} have ${String(size)} bytes.`, { hint: `The service takes at most ${String(most)} bytes.` });
}
