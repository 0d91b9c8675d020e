/**
 * Owns: taking a query string apart into OData system options.
 * Does not own: their grammar, and which collection has which.
 * Invariants: `+` and `%20` are blanks; option names are read without case and with or without `$`, as the service does.
 */
import { badRequest, GraphError } from '../graph-error.js';

export interface QueryOptions {
  readonly select?: string;
  readonly filter?: string;
  readonly orderby?: string;
  readonly top?: number;
  readonly skip?: number;
  readonly count: boolean;
  readonly expand?: string;
  readonly search?: string;
  readonly skiptoken?: string;
  readonly deltatoken?: string;
  /** Other parameters (startDateTime, includeHiddenFolders …), names lower case. */
  readonly custom: ReadonlyMap<string, string>;
  /** The pairs as sent, for building a nextLink. */
  readonly pairs: readonly (readonly [string, string])[];
}

const SYSTEM = new Set(['select', 'filter', 'orderby', 'top', 'skip', 'count', 'expand', 'search', 'skiptoken', 'deltatoken', 'format']);

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    throw badRequest('The request URI is not valid: it contains a malformed percent-encoding.');
  }
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\s*\d+\s*$/.test(text)) throw badRequest(`Invalid value '${text}' for $${name} query option found. The $${name} query option requires a non-negative integer value.`);
  return Number(text);
}

export function parseOptions(query: string): QueryOptions {
  const pairs: (readonly [string, string])[] = [];
  const system = new Map<string, string>();
  const custom = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    pairs.push([name, value]);
    const bare = name.replace(/^\$/, '').toLowerCase();
    if (SYSTEM.has(bare)) {
      if (system.has(bare)) throw badRequest(`Query option '$${bare}' was specified more than once, but it must be specified at most once.`);
      system.set(bare, value);
    } else if (name.startsWith('$')) {
      throw badRequest(`The query parameter '${name}' is not supported.`);
    } else custom.set(bare, value);
  }
  const count = system.get('count');
  if (count !== undefined && !/^(true|false)$/i.test(count)) throw badRequest(`Invalid value '${count}' for $count query option found. The $count query option requires a value of type Boolean.`);
  const top = whole('top', system.get('top'));
  const skip = whole('skip', system.get('skip'));
  const texts: { -readonly [Name in 'select' | 'filter' | 'orderby' | 'expand' | 'search' | 'skiptoken' | 'deltatoken']?: string } = {};
  for (const name of ['select', 'filter', 'orderby', 'expand', 'search', 'skiptoken', 'deltatoken'] as const) {
    const value = system.get(name);
    if (value !== undefined) texts[name] = value;
  }
  return { ...texts, ...(top === undefined ? {} : { top }), ...(skip === undefined ? {} : { skip }), count: /^true$/i.test(count ?? ''), custom, pairs };
}

/** The same options with some replaced (or removed, by undefined), percent-encoded for a link. */
export function linkQuery(options: QueryOptions, changes: Readonly<Record<string, string | undefined>>): string {
  const kept = options.pairs.filter(([name]) => !(name.replace(/^\$?/, '$').toLowerCase() in changes));
  const all = [...kept, ...Object.entries(changes).filter((pair): pair is [string, string] => pair[1] !== undefined)];
  return all.map(([name, value]) => `${name.startsWith('$') ? `%24${name.slice(1)}` : encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

/** Page size by the collection's default and maximum. */
export function pageSize(options: QueryOptions, limits: { readonly standard: number; readonly maximum: number; readonly tooLarge: 'clamp' | 'refuse' }, preferred?: number): number {
  const { top } = options;
  if (top === undefined) return Math.min(preferred ?? limits.standard, limits.maximum);
  if (top === 0) throw new GraphError(400, 'ErrorInvalidParameter', "The value of the parameter '$top' must be at least 1.");
  if (top > limits.maximum && limits.tooLarge === 'refuse') {
    throw new GraphError(400, 'ErrorInvalidParameter', `The limit of '${String(limits.maximum)}' for Top query has been exceeded. The value from the incoming request is '${String(top)}'.`);
  }
  return Math.min(top, limits.maximum);
}
