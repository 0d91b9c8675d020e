/**
 * Owns: the syntax of connection strings, and showing one without its secrets.
 * Does not own: what the properties mean (connection-options.ts) or which there are (connection-properties.ts).
 * Invariants: no value appears in an error; a property given twice is refused (a value that was pasted in unquoted could
 * otherwise replace another, e.g. GraphEndpoint).
 */
import { ExchangeSqlError } from '../errors.js';
import { findProperty, foldName } from './connection-properties.js';
import type { ConnectionProperty } from './connection-properties.js';

export { resolveOptions } from './connection-options.js';
export type { ConnectionOptions, PropertyBag } from './connection-options.js';

const JDBC = /^\s*jdbc:exchange(?:-sql)?:\s*/i;

/**
 * Reads `Name=Value;Name2=Value2`. Names in any case, with blanks and underscores; values may be quoted with ' or " (the
 * quote doubled inside); blanks around names and unquoted values do not count; a JDBC prefix is skipped.
 *
 * @returns values by canonical name where the name is known, else by the name as given.
 * @throws ExchangeSqlError CONNECTION_STRING naming the place, never a value.
 * @example parseConnectionString("auth scheme=OAuth; OAuthAccessToken='a;b'") // { AuthScheme: 'OAuth', OAuthAccessToken: 'a;b' }
 */
export function parseConnectionString(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const { name, value } of entries(text)) {
    const canonical = findProperty(name)?.name ?? name;
    const taken = Object.keys(properties).find((other) => foldName(other) === foldName(canonical));
    if (taken !== undefined) throw bad(`The connection property ${label(canonical)} is given twice.`, 'Give it once. A value that holds a semicolon must be quoted.');
    Object.defineProperty(properties, canonical, { value, enumerable: true, writable: true, configurable: true });
  }
  return properties;
}

/** The connection string with every secret value (and every value of an unknown name) replaced by ***; safe to log. */
export function redactConnectionString(text: string): string {
  const prefix = JDBC.exec(text)?.[0] ?? '';
  let list;
  try {
    list = entries(text);
  } catch {
    // What cannot be read cannot be redacted piece by piece.
    return '***';
  }
  return prefix + list.map(({ name, value }) => `${name}=${hidden(findProperty(name)) ? '***' : quote(value)}`).join(';');
}

/** Unknown names are hidden too: a misspelt OAuthAccessToken is still a token. */
export function hidden(entry: ConnectionProperty | undefined): boolean {
  return entry === undefined || entry.secret;
}

function quote(value: string): string {
  return /[;'"]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function bad(message: string, hint?: string): ExchangeSqlError {
  return new ExchangeSqlError('CONNECTION_STRING', message, hint === undefined ? {} : { hint });
}

interface Entry {
  readonly name: string;
  readonly value: string;
}

function entries(text: string): Entry[] {
  const list: Entry[] = [];
  let at = JDBC.exec(text)?.[0].length ?? 0;
  while (at < text.length) {
    const equals = text.indexOf('=', at);
    const semicolon = text.indexOf(';', at);
    if (semicolon >= 0 && (equals < 0 || semicolon < equals)) {
      if (text.slice(at, semicolon).trim() !== '') throw missingEquals(list);
      at = semicolon + 1;
      continue;
    }
    if (equals < 0) {
      if (text.slice(at).trim() !== '') throw missingEquals(list);
      break;
    }
    const name = text.slice(at, equals).trim();
    if (name === '') throw bad(`A name is missing before '=' ${after(list)}.`);
    let start = equals + 1;
    while (start < text.length && /\s/.test(text[start]!)) start++;
    const mark = text[start];
    if (mark === "'" || mark === '"') {
      const closed = readQuoted(text, start, mark, name);
      list.push({ name, value: closed.value });
      at = closed.next;
    } else {
      const end = text.indexOf(';', start);
      list.push({ name, value: text.slice(start, end < 0 ? text.length : end).trim() });
      at = end < 0 ? text.length : end + 1;
    }
  }
  return list;
}

function readQuoted(text: string, start: number, mark: string, name: string): { readonly value: string; readonly next: number } {
  let value = '';
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] !== mark) {
      value += text[i];
    } else if (text[i + 1] === mark) {
      value += mark;
      i++;
    } else {
      const end = text.indexOf(';', i + 1);
      if (text.slice(i + 1, end < 0 ? text.length : end).trim() !== '') {
        throw bad(`Something follows the closing quote of ${label(name)}.`, 'Double a quote that belongs to the value.');
      }
      return { value, next: end < 0 ? text.length : end + 1 };
    }
  }
  throw bad(`The quote of ${label(name)} is not closed.`, `Add the closing ${mark}; double a quote that belongs to the value.`);
}

/** A part without '=' may be the rest of a secret that held a semicolon: it is not shown, only its neighbour is. */
function missingEquals(list: readonly Entry[]): ExchangeSqlError {
  return bad(`A part of the connection string ${after(list)} has no '='.`, 'Write Name=Value;Name=Value and quote values that hold a semicolon.');
}

function after(list: readonly Entry[]): string {
  const last = list.at(-1);
  return last === undefined ? 'at its start' : `after ${label(last.name)}`;
}

/** The name if it is a known one; else it may be a piece of a value. */
function label(name: string): string {
  return findProperty(name)?.name ?? 'an unknown property';
}
