/**
 * Owns: the Proxy and Firewall properties: which proxy a target is reached through, and how one signs in there.
 * Does not own: the way of a request (http/proxy.ts), sockets, the schemes (auth/handshake).
 * Invariants: a proxy is named by one set of properties only; a password in an address of the environment is never shown.
 */
import { basicHandshake, digestHandshake, ntlmHandshake, type PasswordUser } from '../../auth/handshake/index.js';
import { negotiateHandshake } from '../../auth/handshake/negotiate.js';
import { ExchangeSqlError } from '../../errors.js';
import type { HandshakeFactory } from '../../http/handshake.js';
import { proxyFromEnvironment, type ProxyChoice, type ProxySettings } from '../../http/proxy.js';
import { bad, type Reader } from './reader.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined where every target is reached directly. */
export function proxyOptions(reader: Reader, environment: Environment = process.env): ProxyChoice | undefined {
  const firewall = firewallOf(reader);
  const server = reader.text('ProxyServer');
  if (firewall !== undefined) {
    if (server !== undefined) throw bad('FirewallType and ProxyServer name two ways to the server.', 'Remove one of the two; an HTTP proxy is ProxyServer, or FirewallType=TUNNEL.');
    if (reader.flag('ProxyAutoDetect')) throw bad('FirewallType contradicts ProxyAutoDetect=true.', 'Remove one of the two.');
    orphans(reader, 'ProxyServer', ['ProxyPort', 'ProxyUser', 'ProxyPassword', 'ProxyAuthScheme', 'ProxySSLType']);
    return always({ ...firewall, exceptions: exceptionsOf(reader) });
  }
  if (server !== undefined) {
    if (reader.flag('ProxyAutoDetect')) throw bad('ProxyServer contradicts ProxyAutoDetect=true, which takes the proxy of the environment.', 'Remove one of the two.');
    return always(proxyServer(reader, server));
  }
  if (reader.flag('ProxyAutoDetect')) {
    orphans(reader, 'ProxyServer', ['ProxyPort', 'ProxySSLType']);
    return detected(reader, environment);
  }
  orphans(reader, 'ProxyServer', ['ProxyPort', 'ProxyUser', 'ProxyPassword', 'ProxyAuthScheme', 'ProxySSLType', 'ProxyExceptions']);
  return undefined;
}

const always = (settings: ProxySettings): ProxyChoice => () => settings;

const exceptionsOf = (reader: Reader): string[] => (reader.text('ProxyExceptions') ?? '').split(/[\s;,]+/).filter((entry) => entry !== '');

function orphans(reader: Reader, owner: string, names: readonly string[]): void {
  const orphan = names.find((name) => reader.has(name) && !reader.isDefault(name));
  if (orphan !== undefined) throw bad(`${orphan} is given without ${owner}.`, `Give ${owner}, or remove ${orphan}.`);
}

function firewallOf(reader: Reader): Omit<ProxySettings, 'exceptions'> | undefined {
  const type = reader.choice('FirewallType');
  if (type === 'NONE') {
    orphans(reader, 'FirewallType', ['FirewallServer', 'FirewallPort', 'FirewallUser', 'FirewallPassword']);
    return undefined;
  }
  const host = reader.text('FirewallServer');
  if (host === undefined) throw bad(`FirewallType=${type} needs FirewallServer.`, 'Give the host of the proxy, and FirewallPort where it is not the usual one.');
  if (!/^[A-Za-z0-9._:[\]-]+$/.test(host)) throw bad('FirewallServer is not a host.', 'Give the name or the IP address alone; the port is FirewallPort.');
  const given = reader.integer('FirewallPort', 0, 65_535);
  const user = reader.text('FirewallUser');
  const password = reader.text('FirewallPassword');
  if (user === undefined && password !== undefined) throw bad('FirewallPassword is given without FirewallUser.');
  const where = { host: host.replace(/^\[|\]$/g, ''), port: given === 0 ? (type === 'TUNNEL' ? 80 : 1080) : given, tls: false, tunnelAlways: true };
  if (type === 'TUNNEL') return { kind: 'http', ...where, ...(user === undefined ? {} : { handshake: basicHandshake({ user, password: password ?? '' }) }) };
  if (type === 'SOCKS4' && password !== undefined) throw bad('SOCKS4 has no passwords.', 'Remove FirewallPassword, or use FirewallType=SOCKS5.');
  return { kind: type === 'SOCKS4' ? 'socks4' : 'socks5', ...where, user, password };
}

function proxyServer(reader: Reader, server: string): ProxySettings {
  const url = addressOf(server);
  if (url.username !== '' || url.password !== '') throw bad('ProxyServer must not hold a user name or a password.', 'Use ProxyUser and ProxyPassword.');
  const portGiven = reader.has('ProxyPort');
  if (portGiven && url.port !== '' && Number(url.port) !== reader.integer('ProxyPort', 1, 65_535)) throw bad('ProxyServer names another port than ProxyPort.', 'Give the port once.');
  const secure = url.protocol === 'https:';
  const type = reader.choice('ProxySSLType');
  if (secure && (type === 'NEVER' || type === 'TUNNEL')) throw bad(`ProxySSLType=${type} contradicts the https:// of ProxyServer.`, 'Write http://, or use ProxySSLType=AUTO or ALWAYS.');
  const tls = secure || type === 'ALWAYS';
  const scheme = reader.choice('ProxyAuthScheme');
  const bound = scheme === 'NTLM' || scheme === 'NEGOTIATE';
  return {
    kind: 'http',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: portGiven ? reader.integer('ProxyPort', 1, 65_535) : url.port !== '' ? Number(url.port) : secure ? 443 : reader.integer('ProxyPort', 1, 65_535),
    tls,
    tunnelAlways: type === 'TUNNEL' || bound,
    handshake: handshakeOf(reader, scheme),
    exceptions: exceptionsOf(reader),
  };
}

function addressOf(server: string): URL {
  const text = server.includes('://') ? server : `http://${server}`;
  if (/^https?:\/\/[^/\s\\]+\/?$/i.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    // The parser drops a port that is the scheme's usual one.
    if (url.port === '' && /:\d+\/?$/.test(text)) url.port = /:(\d+)\/?$/.exec(text)![1]!;
    return url;
  }
  throw bad('ProxyServer is not a host, nor an http or https address of one.', 'Write proxy.contoso.example, or http://proxy.contoso.example:8080.');
}

function handshakeOf(reader: Reader, scheme: string): HandshakeFactory | undefined {
  const name = reader.text('ProxyUser');
  const password = reader.text('ProxyPassword');
  if (name === undefined && password !== undefined) throw bad('ProxyPassword is given without ProxyUser.');
  const [, domain, user] = /^([^\\]+)\\(.*)$/.exec(name ?? '') ?? [undefined, undefined, name];
  const who: PasswordUser | undefined = user === undefined ? undefined : { user, password: password ?? '', domain };
  switch (scheme) {
    case 'NONE':
      if (name !== undefined) throw bad('ProxyAuthScheme=NONE sends no user; ProxyUser contradicts it.', 'Remove ProxyUser, or choose BASIC, DIGEST, NTLM or NEGOTIATE.');
      return undefined;
    case 'NEGOTIATE':
      return negotiateHandshake(who, {
        kdc: reader.text('KerberosKDC'), realm: reader.text('KerberosRealm'), ticketCache: reader.text('KerberosTicketCache'), keytab: reader.text('KerberosKeytabFile'), principal: reader.text('KerberosUser'),
      });
    default:
      if (who === undefined) {
        // BASIC is the default: without a user it means that the proxy asks for none.
        if (reader.has('ProxyAuthScheme') && scheme !== 'BASIC') throw bad(`ProxyAuthScheme=${scheme} needs ProxyUser and ProxyPassword.`);
        return undefined;
      }
      return scheme === 'NTLM' ? ntlmHandshake(who) : scheme === 'DIGEST' ? digestHandshake(who) : basicHandshake(who);
  }
}

/** HTTPS_PROXY, http_proxy, ALL_PROXY and NO_PROXY; ProxyUser and ProxyAuthScheme where the address names no user. */
function detected(reader: Reader, environment: Environment): ProxyChoice {
  const scheme = reader.choice('ProxyAuthScheme');
  const own = handshakeOf(reader, scheme);
  const more = exceptionsOf(reader);
  const known = new Map<string, ProxySettings>();
  return (target) => {
    const found = proxyFromEnvironment(environment, target);
    if (found === undefined) return undefined;
    const { url, exceptions, invalid } = found;
    if (url === undefined) throw new ExchangeSqlError('CONNECTION_STRING', `The environment variable ${invalid ?? 'HTTPS_PROXY'} is not the address of a proxy.`, { hint: 'Write http://host:port, or set ProxyAutoDetect=false.' });
    const settings = known.get(url.href) ?? fromAddress(url, [...exceptions, ...more], own, scheme === 'NTLM' || scheme === 'NEGOTIATE');
    known.set(url.href, settings);
    return settings;
  };
}

function fromAddress(url: URL, exceptions: readonly string[], own: HandshakeFactory | undefined, bound: boolean): ProxySettings {
  const scheme = url.protocol.replace(/:$/, '').toLowerCase();
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = (usual: number): number => (url.port === '' ? usual : Number(url.port));
  if (/^socks(?:4a?|5h?)?$/.test(scheme)) {
    return { kind: scheme.startsWith('socks4') ? 'socks4' : 'socks5', host, port: port(1080), tls: false, tunnelAlways: true, exceptions, ...(user === '' ? {} : { user, password }) };
  }
  if (scheme !== 'http' && scheme !== 'https') throw new ExchangeSqlError('CONNECTION_STRING', 'The proxy that the environment names is neither an HTTP nor a SOCKS proxy.', { hint: 'Write http://host:port or socks5://host:port, or set ProxyAutoDetect=false.' });
  const handshake = user === '' ? own : basicHandshake({ user, password });
  return { kind: 'http', host, port: port(scheme === 'https' ? 443 : 80), tls: scheme === 'https', tunnelAlways: user === '' && bound, exceptions, ...(handshake === undefined ? {} : { handshake }) };
}
