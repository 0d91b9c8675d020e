/**
 * Owns: origins: which URL belongs to which, which host is this machine, what of a URL goes on the wire.
 * Does not own: the decision which origins a connection trusts.
 * Invariants: a URL is compared after the WHATWG parser read it, never as text; what is sent is the text as given.
 */
import { ExchangeSqlError } from '../errors.js';

/** True for localhost, *.localhost, 127.0.0.0/8 and ::1 (a host name as `URL.hostname` gives it). */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Origin and request target of an absolute http(s) URL; the target is the text as given (a nextLink is opaque to its last byte). */
export function parseTarget(url: string): { readonly origin: string; readonly path: string } {
  const parsed = tryParse(url);
  if (parsed === undefined) throw new ExchangeSqlError('BAD_VALUE', 'A request address is not an http or https URL.');
  const raw = /^https?:\/\/[^/?#\\]*([/?][^#]*)?/i.exec(url)?.[1] ?? '/';
  // What HTTP cannot carry as it is (blanks, non-ASCII) goes out in the parser's escaped form.
  const path = /^\/[\x21-\x7e]*$/.test(raw) ? raw : `${parsed.pathname}${parsed.search}`;
  return { origin: parsed.origin, path };
}

/**
 * True if a link leads to `origin` and nowhere else: same scheme, host and port, no user name or password, no characters
 * that other parsers read differently (backslashes, blanks, controls).
 */
export function isOnOrigin(link: string, origin: string): boolean {
  if (/[\\\s\u0000-\u001f\u007f]/.test(link)) return false;
  const parsed = tryParse(link);
  if (parsed === undefined || parsed.origin !== origin) return false;
  // User name and password by the text: the parser drops them where they are empty ("https://@host/").
  return !(/^[^/]*\/\/([^/?#]*)/.exec(link)?.[1] ?? '@').includes('@');
}

/** The origin of a link for a message: no path, no user name, no password. */
export function originOf(link: string): string {
  const parsed = tryParse(link);
  return parsed === undefined ? 'an address that is no http URL' : parsed.origin;
}

function tryParse(url: string): URL | undefined {
  // Relative texts and "https:host" without slashes would be completed by the parser.
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url);
}
