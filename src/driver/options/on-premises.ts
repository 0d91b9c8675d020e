/**
 * Owns: the options of a connection to an Exchange server (Schema=EWS): its address, how to sign in, whose mailbox.
 * Does not own: tables (there are none of EWS yet), TLS and proxies (transport.ts), OAuth (credential.ts), the schemes (auth/handshake).
 * Invariants: a password or token goes over plain http only where the address says http:// itself, a token only on this machine.
 */
import type { CredentialSpec } from '../../auth/credential-spec.js';
import { basicHandshake, digestHandshake, ntlmHandshake, type PasswordUser } from '../../auth/handshake/index.js';
import { negotiateHandshake } from '../../auth/handshake/negotiate.js';
import type { Impersonation } from '../../ews/inbox.js';
import type { HandshakeFactory } from '../../http/handshake.js';
import { isLoopback } from '../../http/origin.js';
import type { Warning } from '../../scan/source.js';
import { foldName } from '../connection-properties.js';
import { credentialOf } from './credential.js';
import { bad, Reader, type PropertyBag } from './reader.js';
import { tracingOptions, type TracingOptions } from './tracing.js';
import { networkOptions, type NetworkOptions } from './transport.js';

export const SERVER_SCHEMES = ['Basic', 'Digest', 'NTLM', 'Negotiate', 'NONE'] as const;
type ServerScheme = (typeof SERVER_SCHEMES)[number];

export type ServerSignIn = { readonly kind: 'none' } | { readonly kind: 'handshake'; readonly handshake: HandshakeFactory } | { readonly kind: 'oauth'; readonly credential: CredentialSpec };

export interface ServerOptions {
  /** Address of EWS. */
  readonly url: string;
  /** `AuthScheme=…`. */
  readonly by: string;
  readonly signIn: ServerSignIn;
  readonly network: NetworkOptions;
  /** RequestServerVersion. */
  readonly version: string;
  readonly impersonation: Impersonation | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly tracing: TracingOptions;
  /** Values to hide in traces. */
  readonly secrets: readonly string[];
  readonly warnings: readonly Warning[];
}

/** Whether properties are of Schema=EWS. */
export function isServer(properties: PropertyBag): boolean {
  return foldName(String(Object.entries(properties).find(([name]) => foldName(name) === 'schema')?.[1] ?? '')) === 'ews';
}

/** @throws ExchangeSqlError CONNECTION_STRING for what is missing or contradictory. */
export function serverOptions(properties: PropertyBag): ServerOptions {
  const reader = new Reader(properties);
  reader.text('Schema');
  reader.judge();
  const url = serverAddress(reader);
  const scheme = schemeOf(reader);
  const by = `AuthScheme=${scheme}`;
  const network = networkOptions(reader, new URL(url).origin);
  const signIn = signInOf(reader, scheme, url);
  const timeout = reader.integer('Timeout', 0, 2_147_483);
  const platform = reader.choice('Platform');
  const options: ServerOptions = {
    url, by, signIn, network,
    // The oldest is understood by all.
    version: platform === '' ? 'Exchange2007_SP1' : platform === 'Exchange_Online' ? 'Exchange2013_SP1' : platform,
    impersonation: impersonationOf(reader),
    timeoutSeconds: timeout === 0 ? undefined : timeout,
    tracing: tracingOptions(reader),
    secrets: [reader.text('Password'), ...Object.values(network.headers)].filter((value) => value !== undefined),
    warnings: reader.warnings,
  };
  reader.warnUnused(signIn.kind === 'oauth' ? ['Kerberos', 'Domain', 'ChannelBinding', 'GraphEndpoint'] : ['Kerberos', 'Authentication', 'Azure', 'OAuth', 'JWT OAuth'], by);
  return options;
}

/** A host, an IP address or a URL; `/EWS/Exchange.asmx` is added where the path is not that of a service. */
export function serverAddress(reader: Reader): string {
  const given = reader.text('Server');
  const hint = 'Give the host of the Exchange server, or the address of EWS: https://mail.contoso.example/EWS/Exchange.asmx.';
  if (given === undefined) throw bad('Schema=EWS needs Server.', hint);
  const bare = /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*$/i.test(given) ? `[${given}]` : given;
  const text = /^https?:\/\//i.test(bare) ? bare : `https://${bare}`;
  if (/[\s\\\u0000-\u001f\u007f]/.test(text) || (!/^https?:\/\//i.test(given) && bare.includes('://')) || !URL.canParse(text)) throw bad('Server is not a host, nor an http or https address.', hint);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text)) throw bad('Server must not hold a user name or a password.', 'Use User and Password.');
  if (url.search !== '' || url.hash !== '') throw bad('Server must not have a query or a fragment.', hint);
  const path = url.pathname.replace(/\/+$/, '');
  const service = /\.asmx$/i.test(path) ? path : /\/ews$/i.test(path) ? `${path}/Exchange.asmx` : `${path}/EWS/Exchange.asmx`;
  return `${url.origin}${service}`;
}

function schemeOf(reader: Reader): string {
  if (reader.has('AuthScheme')) return reader.choice('AuthScheme');
  if (['OAuthAccessToken', 'OAuthRefreshToken', 'OAuthGrantType', 'OAuthClientId'].some((name) => reader.has(name))) return 'OAuth';
  if (reader.has('User')) return 'Basic';
  throw bad('The connection does not say how to sign in.', `Set AuthScheme to one of ${SERVER_SCHEMES.join(', ')} with User and Password, or to OAuth.`);
}

function signInOf(reader: Reader, scheme: string, url: string): ServerSignIn {
  const { protocol, hostname, origin } = new URL(url);
  const open = protocol === 'http:' && !isLoopback(hostname);
  if (!(SERVER_SCHEMES as readonly string[]).includes(scheme)) {
    if (open) throw bad(`Server leads to ${hostname} over http: the access token would travel unencrypted.`, 'Use https. Plain http is allowed only for a server on this machine (localhost).');
    return { kind: 'oauth', credential: credentialOf(reader, reader.text('UserId'), origin) };
  }
  // The address was written with http:// (a bare host means https), so it is done, but not in silence.
  if (open && scheme !== 'NONE') reader.warnings.push({ code: 'INSECURE', message: `Server is an http address: ${scheme === 'Basic' ? 'the password travels' : 'mail travels'} unencrypted to ${hostname}.` });
  return fromScheme(reader, scheme as ServerScheme);
}

function fromScheme(reader: Reader, scheme: ServerScheme): ServerSignIn {
  if (scheme === 'NONE') {
    const orphan = ['User', 'Password', 'Domain'].find((name) => reader.has(name));
    if (orphan !== undefined) throw bad(`AuthScheme=NONE sends no user; ${orphan} contradicts it.`, `Remove ${orphan}, or choose Basic, Digest, NTLM or Negotiate.`);
    return { kind: 'none' };
  }
  const withoutBinding = !reader.flag('ChannelBinding');
  if (scheme === 'Negotiate') return { kind: 'handshake', handshake: negotiate(reader, withoutBinding) };
  const user = userOf(reader);
  const missing = [...(user.user === '' ? ['User'] : []), ...(user.password === '' ? ['Password'] : [])];
  if (missing.length > 0) throw bad(`AuthScheme=${scheme} needs ${missing.join(' and ')}.`);
  const handshake = scheme === 'NTLM' ? ntlmHandshake(user, { withoutBinding }) : scheme === 'Digest' ? digestHandshake(user) : basicHandshake(user);
  return { kind: 'handshake', handshake };
}

function negotiate(reader: Reader, withoutBinding: boolean): HandshakeFactory {
  const user = userOf(reader);
  const options = {
    kdc: reader.text('KerberosKDC'), realm: reader.text('KerberosRealm'), spn: reader.text('KerberosSPN'), principal: reader.text('KerberosUser'), keytab: reader.text('KerberosKeytabFile'),
    serviceRealm: reader.text('KerberosServiceRealm'), serviceKdc: reader.text('KerberosServiceKDC'), ticketCache: reader.text('KerberosTicketCache'), withoutBinding,
  };
  if (options.keytab !== undefined && options.ticketCache !== undefined) throw bad('KerberosKeytabFile and KerberosTicketCache are two ways to sign in.', 'Give one of the two.');
  if (options.kdc !== undefined && options.realm === undefined) throw bad('KerberosKDC needs KerberosRealm.', 'Set KerberosRealm to the realm of the user, e.g. CONTOSO.EXAMPLE.');
  if (options.serviceKdc !== undefined && options.serviceRealm === undefined) throw bad('KerberosServiceKDC needs KerberosServiceRealm.', 'Set KerberosServiceRealm to the realm of the server.');
  return negotiateHandshake(user.user === '' ? undefined : user, options);
}

/** `Domain`, or the part of `DOMAIN\user`. */
function userOf(reader: Reader): PasswordUser {
  const name = reader.text('User') ?? '';
  const domain = reader.text('Domain');
  const [, before, after] = /^([^\\]+)\\(.+)$/.exec(name) ?? [];
  if (before !== undefined && domain !== undefined && before.toLowerCase() !== domain.toLowerCase()) throw bad('User names another domain than Domain.', 'Give the domain once.');
  return { user: after ?? name, password: reader.text('Password') ?? '', domain: domain ?? before };
}

function impersonationOf(reader: Reader): Impersonation | undefined {
  const user = reader.text('ImpersonationUser');
  const own = reader.text('UserId');
  const type = reader.choice('ImpersonationType') as Impersonation['type'];
  if (user !== undefined && own !== undefined && user.toLowerCase() !== own.toLowerCase()) throw bad('UserId and ImpersonationUser name two mailboxes.', 'Give one of the two.');
  const named = user ?? own;
  return named === undefined ? undefined : { type: user === undefined && named.includes('@') ? 'PrimarySmtpAddress' : type, user: named };
}
