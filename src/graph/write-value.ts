/**
 * Owns: one SQL value as the JSON the service takes for a column, with its checks: type, enum, length, elements of a list.
 * Does not own: times with a zone of their own (write-time.ts), where a value stands in the body (write-body.ts).
 * Invariants: pure; a value is sent as it was given or refused, naming table, column and rule.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import { addressesIn, recipientsFromText } from './write-addresses.js';
import { localTime } from './write-time.js';

/** JSON of a value that is not NULL. @throws ExchangeSqlError BAD_VALUE. */
export function toJson(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): unknown {
  switch (column.type) {
    case 'text':
      return textOf(table, column, value);
    case 'boolean':
      return booleanOf(table, column, value);
    case 'integer':
    case 'bigint':
      return integerOf(table, column, value);
    case 'double':
      return doubleOf(table, column, value);
    case 'timestamp':
      return instantOf(table, column, value);
    case 'date':
      return dateOf(table, column, value);
    case 'time':
      return timeOf(table, column, value);
    case 'binary':
      return Buffer.from(bytesOf(table, column, value)).toString('base64');
    case 'json':
      return listOf(table, column, value);
  }
}

export function badValue(table: string, column: ColumnDeclaration, problem: string, hint?: string): ExchangeSqlError {
  return new ExchangeSqlError('BAD_VALUE', `${table}.${column.name} ${problem}.`, hint === undefined ? {} : { hint });
}

function textOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): string {
  if (value instanceof Uint8Array) throw badValue(table, column, 'takes text, not bytes');
  const text = String(value);
  const { values, length } = column;
  if (values !== undefined) return enumValue(table, column, values, text);
  if (length !== undefined && text.length > length) throw badValue(table, column, `takes at most ${String(length)} characters, not ${String(text.length)}`, 'Shorten the value.');
  return text;
}

function enumValue(table: string, column: ColumnDeclaration, values: readonly string[], text: string): string {
  const known = values.find((one) => one.toLowerCase() === text.toLowerCase());
  if (known === undefined) throw badValue(table, column, `does not take ${shown(text)}`, `It takes ${values.join(', ')}.`);
  return known;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([['1', true], ['true', true], ['0', false], ['false', false]]);

function booleanOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): boolean {
  const known = value instanceof Uint8Array ? undefined : BOOLEANS.get(String(value).toLowerCase());
  if (known === undefined) throw badValue(table, column, 'takes true or false', 'Write TRUE, FALSE, 1 or 0.');
  return known;
}

function integerOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): number {
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : typeof value === 'string' && /^\s*-?\d+\s*$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number)) throw badValue(table, column, 'takes a whole number');
  if (column.type === 'integer' && (number < -2_147_483_648 || number > 2_147_483_647)) throw badValue(table, column, 'takes a whole number of 32 bits');
  return number;
}

function doubleOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): number {
  const number = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  if (!Number.isFinite(number)) throw badValue(table, column, 'takes a number');
  return number;
}

/** Edm.DateTimeOffset: a time without an offset is UTC, as it is shown. */
function instantOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): string {
  const time = typeof value === 'string' ? localTime(value) : undefined;
  if (time === undefined) throw badValue(table, column, 'takes a date or a timestamp', "Write '2026-05-01T09:00:00Z'.");
  const head = time.offsetMinutes === undefined || time.offsetMinutes === 0 ? time.clock : new Date(Date.parse(`${time.clock}Z`) - time.offsetMinutes * 60_000).toISOString().slice(0, 19);
  return `${head}${time.fraction === '' ? '' : `.${time.fraction}`}Z`;
}

function dateOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): string {
  const time = typeof value === 'string' ? localTime(value) : undefined;
  if (time === undefined || !time.clock.endsWith('T00:00:00')) throw badValue(table, column, 'takes a date', "Write '2026-05-01'.");
  return time.clock.slice(0, 10);
}

function timeOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): string {
  const match = typeof value === 'string' ? /^\s*([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,7}))?)?\s*$/.exec(value) : null;
  if (match === null) throw badValue(table, column, 'takes a time of day', "Write '08:30:00'.");
  const [, hours, minutes, seconds = '00', fraction = ''] = match;
  return `${hours}:${minutes}:${seconds}.${fraction.padEnd(7, '0')}`;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Bytes of a blob, or of text in base64. */
export function bytesOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const text = typeof value === 'string' ? value.replace(/\s+/g, '') : undefined;
  if (text === undefined || !BASE64.test(text)) throw badValue(table, column, 'takes a blob, or text in base64', 'Give bytes as a parameter or as X\'…\'.');
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** A JSON column: JSON text; addresses may be a plain list, and a list of names from a closed set too. */
function listOf(table: string, column: ColumnDeclaration, value: Exclude<SqlValue, null>): unknown {
  if (typeof value !== 'string') throw badValue(table, column, 'takes JSON text');
  const { items, itemValues } = column;
  const text = value.trim();
  if (items !== undefined && !text.startsWith('[') && !text.startsWith('{') && text !== 'null') {
    if (items === 'recipient' || items === 'attendee' || items === 'address') {
      const list = recipientsFromText(text, items);
      const bad = list.flatMap((one) => addressesIn([items === 'address' ? { emailAddress: one } : one])).find((address) => !address.includes('@'));
      if (bad !== undefined) throw badValue(table, column, `has ${shown(bad)}, which is no address`, exampleOf(column));
      return list;
    }
    if (items === 'text' && itemValues !== undefined) return text.split(/[,;]/).map((one) => one.trim()).filter((one) => one !== '').map((one, index) => element(table, column, one, index));
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw badValue(table, column, 'takes JSON, and this text is none', exampleOf(column));
  }
  if (items === undefined) return parsed;
  if (!Array.isArray(parsed)) throw badValue(table, column, 'takes a JSON array', exampleOf(column));
  return parsed.map((one: unknown, index) => element(table, column, one, index));
}

function exampleOf({ name, items, itemValues }: ColumnDeclaration): string {
  switch (items) {
    case 'recipient':
    case 'attendee':
      return `Write '[{"emailAddress":{"address":"ann@contoso.example"}}]', or addresses separated by semicolons.`;
    case 'address':
      return `Write '[{"address":"ann@contoso.example","name":"Ann"}]', or addresses separated by semicolons.`;
    case 'header':
      return `Write '[{"name":"x-origin","value":"import"}]'.`;
    case 'text':
      return `Write a JSON array of texts: '["${itemValues?.[0] ?? (name === 'categories' ? 'Blue' : 'first", "second')}"]'.`;
    default:
      return 'Write a JSON value.';
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** One element, checked as far as the service would refuse it. */
function element(table: string, column: ColumnDeclaration, one: unknown, index: number): unknown {
  const bad = (problem: string): ExchangeSqlError => badValue(table, column, `has an element ${String(index)} that ${problem}`, exampleOf(column));
  switch (column.items) {
    case 'text':
      if (typeof one !== 'string') throw bad('is no text');
      return column.itemValues === undefined ? one : enumValue(table, column, column.itemValues, one);
    case 'recipient':
    case 'attendee': {
      const address = isObject(one) && isObject(one['emailAddress']) ? one['emailAddress']['address'] : undefined;
      if (typeof address !== 'string' || address === '') throw bad('has no emailAddress.address');
      return one;
    }
    case 'address':
      if (!isObject(one) || typeof one['address'] !== 'string' || one['address'] === '') throw bad('has no address');
      return one;
    case 'header':
      if (!isObject(one) || typeof one['name'] !== 'string' || typeof one['value'] !== 'string') throw bad('has no name and value');
      if (!/^x-/i.test(one['name'])) throw badValue(table, column, `takes only headers whose names start with x-, not ${shown(one['name'])}`);
      return one;
    default:
      if (!isObject(one)) throw bad('is no object');
      return one;
  }
}

/** A value in an error, cut: it may be a whole message. */
function shown(text: string): string {
  return `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
}
