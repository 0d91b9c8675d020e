/**
 * Owns: the properties of a connection as given: names in any spelling, values checked against their declaration, references resolved,
 * which of them were used.
 * Does not own: what they mean (the files beside).
 * Invariants: no value of a secret property appears in an error.
 */
import { ExchangeSqlError } from '../../errors.js';
import type { Warning } from '../../scan/source.js';
import { findProperty, foldName, suggestProperty, type ConnectionProperty } from '../connection-properties.js';
import { resolveReference } from './reference.js';

/** Properties by name, as a program gives them; names in any spelling. */
export type PropertyBag = Readonly<Record<string, string | number | boolean | undefined>>;

export class Reader {
  readonly warnings: Warning[] = [];
  readonly #values = new Map<string, string>();
  readonly #used = new Set<string>();

  constructor(properties: PropertyBag) {
    for (const [name, given] of Object.entries(properties)) {
      if (given === undefined) continue;
      const entry = findProperty(name);
      if (entry === undefined) throw unknown(name);
      if (this.#values.has(entry.name)) throw twice(entry.name);
      const value = String(given).trim();
      // An empty value means "not set", as forms that list every property give it.
      if (value === '') continue;
      this.#values.set(entry.name, entry.secret ? resolveReference(entry.name, value) : value);
    }
  }

  /** Warns of what does nothing. @throws ExchangeSqlError NOT_SUPPORTED for what this version does not offer. */
  judge(): void {
    for (const [name, value] of this.#values) this.#judge(declared(name), value);
  }

  /** Whether it is given, without using it. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Whether it is not given, or given its default. */
  isDefault(name: string): boolean {
    const value = this.#values.get(name);
    return value === undefined || foldName(value) === foldName(declared(name).default);
  }

  text(name: string): string | undefined {
    this.#used.add(name);
    return this.#values.get(name);
  }

  /** Tells of given properties of these categories (or names) that nothing has read. */
  warnUnused(groups: readonly string[], by: string): void {
    for (const name of this.#values.keys()) {
      const entry = declared(name);
      if (entry.status !== 'supported' || this.#used.has(name) || !(groups.includes(entry.category) || groups.includes(name))) continue;
      this.warnings.push({ code: 'PROPERTY_IGNORED', message: `${name} does nothing with ${by}.` });
    }
  }

  /** The value in the spelling of the list, or the default. */
  choice(name: string): string {
    const entry = declared(name);
    const value = this.text(name);
    if (value === undefined) return entry.default;
    const known = entry.values?.find((candidate) => foldName(candidate) === foldName(value));
    if (known === undefined) {
      throw bad(`${name} has no value '${show(entry, value)}'.`, `Use one of: ${offered(entry).join(', ')}.`);
    }
    if (entry.laterValues?.includes(known) === true) {
      throw new ExchangeSqlError('NOT_SUPPORTED', `${name}=${known} is not offered by this version.`, { hint: `Use one of: ${offered(entry).join(', ')}.` });
    }
    return known;
  }

  flag(name: string): boolean {
    return readFlag(declared(name), this.text(name));
  }

  integer(name: string, least: number, most: number): number {
    const entry = declared(name);
    const value = this.text(name) ?? entry.default;
    const number = /^[+-]?\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most)) {
      // -1 stands for none; 0 is taken as that, too.
      throw bad(`${name} must be a whole number from ${Math.max(least, least === -1 ? 1 : least)}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}${least === -1 ? ', or -1 to leave it open' : ''}, not '${show(entry, value)}'.`);
    }
    return number;
  }

  shown(): Record<string, string> {
    return Object.fromEntries([...this.#values].map(([name, value]) => [name, findProperty(name)?.secret === true ? '***' : value]));
  }

  #judge(entry: ConnectionProperty, value: string): void {
    if (entry.status === 'supported') return;
    if (entry.default !== '' && foldName(entry.default) === foldName(value)) return;
    if (entry.status === 'moot') {
      this.warnings.push({ code: 'PROPERTY_IGNORED', message: `${entry.name} does nothing here: ${entry.description}.` });
      return;
    }
    throw new ExchangeSqlError('NOT_SUPPORTED', `The connection property ${entry.name} is not offered by this version: ${entry.description}.`, {
      hint: `Remove ${entry.name} from the connection string${entry.default === '' ? '' : ` or set it to ${entry.default}`}.`,
    });
  }
}

function readFlag(entry: ConnectionProperty, given: string | undefined): boolean {
  const value = (given ?? entry.default).toLowerCase();
  if (['true', 'yes', '1', 'on'].includes(value)) return true;
  if (['false', 'no', '0', 'off', ''].includes(value)) return false;
  throw bad(`${entry.name} must be true or false, not '${show(entry, value)}'.`);
}

function declared(name: string): ConnectionProperty {
  const entry = findProperty(name);
  if (entry === undefined) throw new ExchangeSqlError('INTERNAL', `The connection property ${name} is not declared.`);
  return entry;
}

function offered(entry: ConnectionProperty): readonly string[] {
  return (entry.values ?? []).filter((value) => entry.laterValues?.includes(value) !== true);
}

/** A value for a message. */
function show(entry: ConnectionProperty, value: string): string {
  return entry.secret ? '***' : value.length > 60 ? `${value.slice(0, 60)}…` : value;
}

function unknown(name: string): ExchangeSqlError {
  const suggestion = suggestProperty(name);
  // What does not look like a name may be a piece of a secret that held a semicolon.
  const shown = /^[A-Za-z][\w -]{0,40}$/.test(name) ? `'${name}'` : 'of that name';
  return bad(`There is no connection property ${shown}.`, suggestion === undefined ? 'SELECT * FROM sys_connection_props lists them all.' : `Did you mean ${suggestion}?`);
}

function twice(name: string): ExchangeSqlError {
  return bad(`The connection property ${name} is given twice.`, 'Give it once. A value that holds a semicolon must be quoted.');
}

export function bad(message: string, hint?: string): ExchangeSqlError {
  return new ExchangeSqlError('CONNECTION_STRING', message, hint === undefined ? {} : { hint });
}

