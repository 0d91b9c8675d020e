/**
 * Owns: making the sockets of a transport: direct or through a proxy, then TLS with the trust that was asked for.
 * Does not own: the pool (undici), or forwarding plain http by an HTTP proxy (transport.ts rewrites that request).
 * Invariants: a socket is handed over only when the server's certificate was accepted; no TLS session is resumed where a
 * certificate is compared (a resumed one has none).
 */
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, createSecureContext, rootCertificates } from 'node:tls';
import type { ConnectionOptions, SecureContext, SecureVersion, TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { isTrusted, type ServerTrust } from './server-trust.js';
import { wayTo, type ProxyChoice, type ProxySettings } from './proxy.js';
import { openTunnel } from './tunnel.js';
import { socks4, socks5 } from './socks.js';

export interface ClientIdentity {
  /** PEM, or PKCS#12 with its password. */
  readonly cert?: string;
  readonly key?: string;
  readonly pfx?: Buffer;
  readonly passphrase?: string;
}

export interface ConnectSettings {
  readonly trust: ServerTrust;
  /** The origin whose certificate `trust` pins; others (the sign-in service) may also have one of the usual authorities. Default: all origins. */
  readonly pinnedOrigin?: string | undefined;
  /** PEM of authorities trusted besides the usual ones. */
  readonly ca?: string | undefined;
  readonly minVersion?: SecureVersion | undefined;
  readonly identity?: ClientIdentity | undefined;
  readonly proxy?: ProxyChoice | undefined;
  /** Go through CONNECT even where an HTTP proxy would take a plain http request: the socket itself is to be signed in. */
  readonly tunnelAlways?: boolean | undefined;
  /** Milliseconds from the first packet to a usable socket. */
  readonly timeoutMs: number;
}

/** The server's certificate is not the pinned one. */
export class PinMismatch extends Error {
  override readonly name = 'PinMismatch';
  readonly code = 'PIN_MISMATCH';
  /** SHA-256 of what the server showed, with colons. */
  readonly fingerprint: string | undefined;

  constructor(fingerprint: string | undefined) {
    super('the certificate is not the one of SSLServerCert');
    this.fingerprint = fingerprint;
  }
}

/** A proxy could not be passed; `cause` says why. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  readonly code = 'PROXY_FAILED';
  readonly proxy: string;

  constructor(proxy: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : 'it failed', { cause });
    this.proxy = proxy;
  }
}

export function createConnector(settings: ConnectSettings): buildConnector.connector {
  // Parsing all authorities takes some 30 ms: once, and only when there is a TLS connection.
  const made = new Map<ContextKind, SecureContext>();
  const contextFor: ContextMaker = (kind) => {
    const context = made.get(kind) ?? createSecureContext(contextOptions(settings, kind));
    made.set(kind, context);
    return context;
  };
  return (options, callback) => {
    const port = Number(options.port === '' || options.port === undefined ? (options.protocol === 'https:' ? 443 : 80) : options.port);
    const hostname = options.hostname.replace(/^\[|\]$/g, '');
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(Object.assign(new Error('no connection in time'), { code: 'UND_ERR_CONNECT_TIMEOUT' })), settings.timeoutMs);
    void (async () => {
      let socket: Socket | undefined;
      try {
        const target = targetOf(options.protocol, hostname, port);
        socket = await open(settings, target, hostname, port, contextFor, timer.signal);
        if (options.protocol === 'https:') {
          const strict = settings.pinnedOrigin === undefined || settings.pinnedOrigin === target.origin;
          socket = await secure(socket, options.servername ?? hostname, settings.trust, strict, contextFor, timer.signal);
        }
        socket.setNoDelay(true);
        socket.setKeepAlive(true, 60_000);
        clearTimeout(timeout);
        callback(null, socket);
      } catch (error) {
        clearTimeout(timeout);
        socket?.destroy();
        callback(error instanceof Error ? error : new Error('no connection'), null);
      }
    })();
  };
}

/** `pinned`: the certificates of the pin and nothing else; `open`: these and the usual authorities; `proxy`: the usual authorities, no client certificate. */
type ContextKind = 'pinned' | 'open' | 'proxy';
type ContextMaker = (kind: ContextKind) => SecureContext;

const targetOf = (protocol: string, host: string, port: number): URL => new URL(`${protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`);

function contextOptions({ ca, trust, minVersion, identity }: ConnectSettings, kind: ContextKind): ConnectionOptions {
  const pinned = trust.kind === 'certificates' ? trust.pem : [];
  const authorities = [...rootCertificates, ...extraAuthorities(), ...(ca === undefined ? [] : [ca])];
  const version = minVersion === undefined ? {} : { minVersion };
  if (kind === 'proxy') return { ca: authorities, ...version };
  return {
    ca: kind === 'pinned' ? [...pinned] : [...authorities, ...pinned],
    ...version,
    ...(identity?.cert === undefined ? {} : { cert: identity.cert }),
    ...(identity?.key === undefined ? {} : { key: identity.key }),
    ...(identity?.pfx === undefined ? {} : { pfx: identity.pfx }),
    ...(identity?.passphrase === undefined ? {} : { passphrase: identity.passphrase }),
  };
}

/** A `ca` replaces what NODE_EXTRA_CA_CERTS adds, so it is added again. */
function extraAuthorities(): readonly string[] {
  const path = process.env['NODE_EXTRA_CA_CERTS'];
  if (path === undefined || path === '') return [];
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}

async function open(settings: ConnectSettings, target: URL, host: string, port: number, contextFor: ContextMaker, signal: AbortSignal): Promise<Socket> {
  const proxy = settings.proxy?.(target);
  const way = wayTo(proxy, target);
  if (proxy === undefined || way === 'direct' || (way === 'forward' && settings.tunnelAlways !== true)) return tcp(host, port, signal);
  const named = `${proxy.host}:${String(proxy.port)}`;
  let socket: Socket | undefined;
  const fail = (): void => void socket?.destroy(signal.reason as Error);
  signal.addEventListener('abort', fail, { once: true });
  try {
    if (proxy.kind === 'http') {
      return await openTunnel(async () => (socket = await proxySocket(proxy, contextFor, signal)), host, port, proxy.handshake?.(), signal);
    }
    socket = await proxySocket(proxy, contextFor, signal);
    if (proxy.kind === 'socks4') await socks4(socket, { host, port }, proxy.user ?? '');
    else await socks5(socket, { host, port }, proxy.user === undefined ? undefined : { user: proxy.user, password: proxy.password ?? '' });
    return socket;
  } catch (error) {
    socket?.destroy();
    throw new ProxyFailure(named, signal.aborted ? signal.reason : error);
  } finally {
    signal.removeEventListener('abort', fail);
  }
}

async function proxySocket({ host, port, tls }: ProxySettings, contextFor: ContextMaker, signal: AbortSignal): Promise<Socket> {
  const socket = await tcp(host, port, signal);
  return tls ? secureWith(socket, host, contextFor('proxy'), undefined, signal) : socket;
}

function tcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, autoSelectFamily: true });
    settle(socket, 'connect', signal, () => resolve(socket), reject);
  });
}

/** @param strict the pin alone decides; otherwise one of the usual authorities will do as well. */
function secure(socket: Socket, host: string, trust: ServerTrust, strict: boolean, contextFor: ContextMaker, signal: AbortSignal): Promise<TLSSocket> {
  if (trust.kind === 'authorities') return secureWith(socket, host, contextFor('open'), undefined, signal);
  const context = contextFor(strict && trust.kind === 'certificates' ? 'pinned' : 'open');
  return secureWith(socket, host, context, (tls) => {
    const peer = tls.getPeerX509Certificate();
    // A chain to the usual authorities says nothing about a pinned key or thumbprint.
    if (isTrusted(trust, peer, tls.authorized && trust.kind === 'certificates') || (!strict && tls.authorized)) return undefined;
    // Here the usual authorities would have done: what they say is the reason.
    if (!strict) return Object.assign(new Error('the certificate is not trusted'), { code: String(tls.authorizationError) });
    return new PinMismatch(peer?.fingerprint256);
  }, signal);
}

/** @param judge what is wrong with the server's certificate; without one, TLS decides. */
function secureWith(socket: Socket, host: string, secureContext: SecureContext, judge: ((tls: TLSSocket) => Error | undefined) | undefined, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = connectTls({ socket, ...(isIP(host) === 0 ? { servername: host } : {}), host, ALPNProtocols: ['http/1.1'], rejectUnauthorized: judge === undefined, secureContext });
    settle(tls, 'secureConnect', signal, () => {
      const wrong = judge?.(tls);
      if (wrong === undefined) return resolve(tls);
      tls.destroy();
      reject(wrong);
    }, reject);
  });
}

function settle(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal, done: () => void, fail: (error: Error) => void): void {
  const clean = (): void => {
    socket.off(event, onDone);
    socket.off('error', onError);
    socket.off('close', onClose);
    signal.removeEventListener('abort', onAbort);
  };
  const onDone = (): void => {
    clean();
    done();
  };
  const onError = (error: Error): void => {
    clean();
    socket.destroy();
    fail(error);
  };
  const onClose = (): void => onError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
  const onAbort = (): void => onError(signal.reason as Error);
  socket.on(event, onDone);
  socket.on('error', onError);
  socket.on('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
}
