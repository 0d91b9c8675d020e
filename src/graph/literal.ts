/**
 * Owns: the one escaper of OData literals, of query options and of path segments, and the arithmetic of timestamps.
 * Does not own: which predicate is written (filter.ts) or which path is asked (url.ts).
 * Invariants: no value reaches a URL but through this file; a value that cannot be sent faithfully is refused, not changed.
 */

/** Lone surrogates have no UTF-8 form, control characters are dropped or refused by the service's front end. */
const UNSENDABLE = /[\u0000-\u001f\u007f-\u009f\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text with each lone surrogate replaced by U+FFFD, as SQLite gives it back. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

/** True if the service can be asked for exactly this text. U+FFFD stands for a lone surrogate of the service in our rows. */
export function sendable(text: string): boolean {
  return !UNSENDABLE.test(text);
}

/** The longest start of `text` that can be sent. */
export function sendablePrefix(text: string): string {
  const at = text.search(UNSENDABLE);
  return at < 0 ? text : text.slice(0, at);
}

/** An OData string literal: single quotes, each quote inside doubled. Not yet percent-encoded. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Percent-encodes one path segment, so that `/`, `?`, `#` and `%` in an id cannot change the path. */
export function encodeSegment(text: string): string {
  // `.` and `..` are resolved away by URL parsers even as %2E. No item is called so; encoded twice it is a name nobody has.
  if (text === '.' || text === '..') return text.replaceAll('.', '%252E');
  // `$count`, `$value` and their like are segments of OData; no item is called so either.
  if (text.startsWith('$')) return `%2524${encodeURIComponent(wellFormed(text.slice(1))).replaceAll("'", '%27')}`;
  return encodeURIComponent(wellFormed(text)).replaceAll("'", '%27');
}

/** Percent-encodes the value of one query option. `+` would be read as a blank, so it is always encoded. */
export function encodeQueryValue(text: string): string {
  return encodeURIComponent(wellFormed(text))
    .replaceAll('%24', '$')
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/')
    .replaceAll("'", '%27');
}

export interface QueryOption {
  readonly name: string;
  readonly value: string;
}

/** `path?$select=…&$top=…`; a path that already has a query is continued. */
export function withQuery(path: string, options: readonly QueryOption[]): string {
  if (options.length === 0) return path;
  const query = options.map(({ name, value }) => `${name}=${encodeQueryValue(value)}`).join('&');
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?Z$/;
const TICKS_PER_SECOND = 10_000_000n;

/** A point of time in ticks of 100 ns since 1970, and how many fraction digits it was written with. */
export interface Instant {
  readonly ticks: bigint;
  readonly digits: number;
}

/** Reads normal-form UTC text; undefined for anything else, and for dates that do not exist. */
export function readInstant(text: string): Instant | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const head = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const milliseconds = Date.parse(`${head}Z`);
  // Date.parse rejects month 13, but rolls 30 February over.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 19) !== head) return undefined;
  return { ticks: BigInt(milliseconds) * 10_000n + BigInt(fraction.padEnd(7, '0')), digits: fraction.length };
}

const YEAR_1 = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 10_000n;
const YEAR_10000 = BigInt(Date.parse('+010000-01-01T00:00:00Z')) * 10_000n;

/** Writes ticks with `digits` fraction digits; undefined outside the years 1 to 9999, which Edm.DateTimeOffset ends at. */
export function writeInstant(ticks: bigint, digits: number): string | undefined {
  if (ticks < YEAR_1 || ticks >= YEAR_10000) return undefined;
  const seconds = ticks >= 0n ? ticks / TICKS_PER_SECOND : -((-ticks + TICKS_PER_SECOND - 1n) / TICKS_PER_SECOND);
  const rest = ticks - seconds * TICKS_PER_SECOND;
  const head = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return digits === 0 ? `${head}Z` : `${head}.${rest.toString().padStart(7, '0').slice(0, digits)}Z`;
}

/** Ticks of the smallest step a column with that many fraction digits shows. */
export function step(digits: number): bigint {
  return 10n ** BigInt(7 - digits);
}
