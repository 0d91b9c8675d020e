/**
 * Owns: which way a request takes: direct, through an HTTP proxy or tunnel, through SOCKS; exceptions and environment variables.
 * Does not own: opening sockets (connector.ts).
 * Invariants: immutable; loopback is never sent through a proxy that the environment names.
 */
import type { HandshakeFactory } from './handshake.js';
import { isLoopback } from './origin.js';

export interface ProxySettings {
  readonly kind: 'http' | 'socks4' | 'socks5';
  readonly host: string;
  readonly port: number;
  /** TLS to the proxy itself. */
  readonly tls: boolean;
  /** Plain http targets go through CONNECT, too. */
  readonly tunnelAlways: boolean;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Authentication at an HTTP proxy; undefined sends none. */
  readonly handshake?: HandshakeFactory | undefined;
  /** Hosts that are reached directly: names, `*.suffix`, `.suffix`, `host:port`, `*`. */
  readonly exceptions: readonly string[];
}

/** The proxy for a target; undefined for none. */
export type ProxyChoice = (target: URL) => ProxySettings | undefined;

export type Way = 'direct' | 'forward' | 'tunnel';

/** How a target is reached with these settings. */
export function wayTo(proxy: ProxySettings | undefined, target: URL): Way {
  if (proxy === undefined || isLinkLocal(target.hostname) || isException(proxy.exceptions, target)) return 'direct';
  if (proxy.kind !== 'http' || target.protocol === 'https:' || proxy.tunnelAlways) return 'tunnel';
  return 'forward';
}

/** The metadata service of a machine in Azure: a proxy would answer with the identity of its own machine, or not at all. */
const isLinkLocal = (hostname: string): boolean => /^169\.254(?:\.\d{1,3}){2}$/.test(hostname);

export function isException(exceptions: readonly string[], target: URL): boolean {
  const host = target.hostname.toLowerCase().replace(/\.$/, '').replace(/^\[|\]$/g, '');
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  return exceptions.some((entry) => {
    const text = entry.trim().toLowerCase();
    if (text === '') return false;
    if (text === '*') return true;
    if (text === '<local>') return !host.includes('.') && !host.includes(':');
    const [, name = '', wantedPort] = /^(\[[^\]]*\]|[^:]*|[0-9a-f:]+?)(?::(\d+))?$/.exec(text) ?? [];
    if (wantedPort !== undefined && wantedPort !== port) return false;
    const bare = name.replace(/^\[|\]$/g, '');
    if (bare.startsWith('*.')) return host.endsWith(bare.slice(1));
    if (bare.startsWith('.')) return host.endsWith(bare) || host === bare.slice(1);
    if (bare.includes('*')) return new RegExp(`^${bare.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&')).join('.*')}$`).test(host);
    // NO_PROXY=contoso.example means the hosts below it as well, as curl and others read it.
    return host === bare || host.endsWith(`.${bare}`);
  });
}

/** What HTTPS_PROXY (or HTTP_PROXY, ALL_PROXY) and NO_PROXY say; undefined if none is set. `invalid` is a value that is no URL. */
export function proxyFromEnvironment(environment: Readonly<Record<string, string | undefined>>, target: URL): { readonly url?: URL; readonly exceptions: readonly string[]; readonly invalid?: string } | undefined {
  const get = (name: string): string | undefined => environment[name.toLowerCase()] ?? environment[name];
  // HTTP_PROXY in capitals may come from a request header of a CGI (httpoxy): only the small form counts.
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'http_proxy';
  const value = (name === 'http_proxy' ? environment['http_proxy'] : get(name)) ?? get('ALL_PROXY');
  if (value === undefined || value.trim() === '' || isLoopback(target.hostname)) return undefined;
  const exceptions = (get('NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  try {
    return { url: new URL(value.includes('://') ? value : `http://${value}`), exceptions };
  } catch {
    return { exceptions, invalid: name };
  }
}
