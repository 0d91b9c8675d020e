/**
 * Owns: turning connection properties into typed options: defaults, contradictions, what this version offers.
 * Does not own: the list of properties (connection-properties.ts), the syntax of strings, or connecting.
 * Invariants: no value of a secret property appears in an error; tokens and secrets travel over https or loopback only.
 */
import { readFileSync } from 'node:fs';
import type { CredentialSpec, TokenProvider } from '../auth/credential.js';
import { CLOUDS } from '../auth/clouds.js';
import { bearerToken } from '../auth/static-token.js';
import { readClaims } from '../auth/token-claims.js';
import type { PrimaryKey } from '../catalog/row-key-columns.js';
import { ExchangeSqlError } from '../errors.js';
import { isLoopback } from '../http/origin.js';
import type { TraceLevel } from '../http/trace.js';
import type { Warning } from '../scan/source.js';
import { findProperty, foldName, suggestProperty } from './connection-properties.js';
import type { ConnectionProperty } from './connection-properties.js';

/** Properties by name, as a program gives them; names in any spelling. */
export type PropertyBag = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ConnectionOptions {
  readonly schema: 'MSGraph';
  readonly credential: CredentialSpec;
  /** The connection's user; undefined for the signed-in one. */
  readonly userId: string | undefined;
  /** Service root with version, without a trailing slash. */
  readonly graphEndpoint: string;
  /** PEM text to trust besides the usual authorities. */
  readonly ca: string | undefined;
  readonly idType: 'Immutable' | 'Regular';
  readonly primaryKey: PrimaryKey;
  /** Undefined for all. */
  readonly maxRows: number | undefined;
  /** 1 to 1000; undefined lets the driver choose. */
  readonly pageSize: number | undefined;
  /** Undefined for no limit. */
  readonly timeoutSeconds: number | undefined;
  readonly disableServerSideFiltering: boolean;
  readonly onMailboxError: 'fail' | 'warn';
  readonly onRowError: 'stop' | 'continue';
  readonly readonly: boolean;
  /** Undefined for no limit. */
  readonly maxAffectedRows: number | undefined;
  readonly allowFullTable: boolean;
  readonly dryRun: boolean;
  readonly includeSubfolders: boolean;
  readonly verbosity: TraceLevel;
  readonly logfile: string | undefined;
  /** Folder with tables and procedures of one's own. */
  readonly location: string | undefined;
  /** What the user should know about the properties given; one for each that does nothing. */
  readonly warnings: readonly Warning[];
  /** The properties as given, by canonical name, secrets masked; for sys_connection_props. */
  readonly shown: Readonly<Record<string, string>>;
}

/**
 * Turns properties into options: defaults filled in, contradictions explained.
 *
 * @param provider an object with `getToken(scope)`; it takes the place of AuthScheme.
 * @throws ExchangeSqlError CONNECTION_STRING, or NOT_SUPPORTED for what this version does not offer.
 */
export function resolveOptions(properties: PropertyBag, provider?: TokenProvider): ConnectionOptions {
  const reader = new Reader(properties);
  // First: what a property means depends on it.
  reader.choice('Schema');
  reader.judge();
  const graphEndpoint = endpoint(reader);
  const maxRows = reader.integer('MaxRows', -1, Number.MAX_SAFE_INTEGER);
  const pageSize = reader.integer('Pagesize', -1, 1000);
  const timeout = reader.integer('Timeout', 0, 2_147_483);
  const maxAffectedRows = reader.integer('MaxAffectedRows', 0, Number.MAX_SAFE_INTEGER);
  const userId = reader.text('UserId');
  const credential = provider === undefined ? credentialOf(reader, userId) : { kind: 'provider' as const, provider };
  return {
    schema: 'MSGraph',
    credential,
    userId,
    graphEndpoint,
    ca: certificate(reader.text('SSLServerCert')),
    primaryKey: reader.choice('PrimaryKey') as PrimaryKey,
    idType: reader.choice('IdType') === 'Regular' ? 'Regular' : 'Immutable',
    maxRows: maxRows < 0 ? undefined : maxRows,
    pageSize: pageSize <= 0 ? undefined : pageSize,
    timeoutSeconds: timeout === 0 ? undefined : timeout,
    disableServerSideFiltering: reader.flag('DisableServerSideFiltering'),
    onMailboxError: reader.choice('OnMailboxError') === 'warn' ? 'warn' : 'fail',
    onRowError: reader.choice('OnRowError') === 'continue' ? 'continue' : 'stop',
    readonly: reader.flag('Readonly'),
    maxAffectedRows: maxAffectedRows === 0 ? undefined : maxAffectedRows,
    allowFullTable: reader.flag('AllowFullTable'),
    dryRun: reader.flag('DryRun'),
    includeSubfolders: reader.flag('IncludeSubfolders'),
    verbosity: reader.integer('Verbosity', 0, 5) as TraceLevel,
    logfile: reader.text('Logfile'),
    location: reader.text('Location'),
    warnings: reader.warnings,
    shown: reader.shown(),
  };
}

class Reader {
  readonly warnings: Warning[] = [];
  readonly #values = new Map<string, string>();

  constructor(properties: PropertyBag) {
    for (const [name, given] of Object.entries(properties)) {
      if (given === undefined) continue;
      const entry = findProperty(name);
      if (entry === undefined) throw unknown(name);
      if (this.#values.has(entry.name)) throw twice(entry.name);
      const value = String(given).trim();
      // An empty value means "not set", as forms that list every property give it.
      if (value === '') continue;
      this.#values.set(entry.name, value);
    }
  }

  /** Warns of what does nothing. @throws ExchangeSqlError NOT_SUPPORTED for what this version does not offer. */
  judge(): void {
    for (const [name, value] of this.#values) this.#judge(declared(name), value);
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The value in the spelling of the list, or the default. */
  choice(name: string): string {
    const entry = declared(name);
    const value = this.#values.get(name);
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
    return readFlag(declared(name), this.#values.get(name));
  }

  integer(name: string, least: number, most: number): number {
    const entry = declared(name);
    const value = this.#values.get(name) ?? entry.default;
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

function endpoint(reader: Reader): string {
  const cloudName = reader.choice('AzureEnvironment');
  const given = reader.text('GraphEndpoint');
  const cloud = CLOUDS.find(({ name }) => name === cloudName);
  if (given === undefined) return `${cloud?.graph ?? 'https://graph.microsoft.com'}/v1.0`;
  const hint = 'Give the root of the service with its version, e.g. https://graph.microsoft.com/v1.0.';
  if (!/^https?:\/\//i.test(given) || /[\s\\\u0000-\u001f\u007f]/.test(given) || !URL.canParse(given)) throw bad('GraphEndpoint is not an http or https address.', hint);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(given)) throw bad('GraphEndpoint must not hold a user name or a password.', hint);
  if (url.search !== '' || url.hash !== '') throw bad('GraphEndpoint must not have a query or a fragment.', hint);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw bad(`GraphEndpoint leads to ${url.host} over http: the access token would travel unencrypted.`, 'Use https. Plain http is allowed only for a server on this machine (localhost).');
  }
  if (reader.text('AzureEnvironment') !== undefined && cloud !== undefined && url.origin !== cloud.graph && !isLoopback(url.hostname)) {
    throw bad(`GraphEndpoint (${url.origin}) does not belong to AzureEnvironment=${cloud.name} (${cloud.graph}).`, 'Give one of the two.');
  }
  const path = url.pathname.replace(/\/+$/, '');
  // The bare host of the service is meant as its current version.
  return `${url.origin}${path === '' ? '/v1.0' : path}`;
}

function credentialOf(reader: Reader, userId: string | undefined): CredentialSpec {
  const token = reader.text('OAuthAccessToken');
  const clientSecret = reader.text('OAuthClientSecret');
  const scheme = reader.text('AuthScheme') === undefined ? (token === undefined && clientSecret !== undefined ? 'AzureServicePrincipal' : 'OAuth') : reader.choice('AuthScheme');
  reader.choice('InitiateOAuth');
  if (scheme === 'OAuth') {
    if (token === undefined) {
      throw bad(
        'The connection has no access token.',
        'Give OAuthAccessToken (with AuthScheme=OAuth;InitiateOAuth=OFF), or AuthScheme=AzureServicePrincipal with AzureTenant, OAuthClientId, OAuthClientSecret and UserId.',
      );
    }
    if (reader.text('OAuthAccessTokenURL') !== undefined) {
      throw bad('OAuthAccessTokenURL contradicts a given OAuthAccessToken.', 'Remove OAuthAccessTokenURL, or use AuthScheme=AzureServicePrincipal.');
    }
    const text = bearerToken(token, 'OAuthAccessToken');
    if (userId === undefined && readClaims(text).applicationOnly === true) {
      throw bad('The access token is an application\'s own: no user is signed in, so there is no own mailbox.', 'Give UserId, the address or id of the mailbox to read.');
    }
    return { kind: 'token', token: text };
  }
  if (token !== undefined) {
    throw bad(`AuthScheme=${scheme} signs in by itself; OAuthAccessToken contradicts it.`, 'Remove OAuthAccessToken, or use AuthScheme=OAuth.');
  }
  const tenant = reader.text('AzureTenant');
  const clientId = reader.text('OAuthClientId');
  const missing = Object.entries({ AzureTenant: tenant, OAuthClientId: clientId, OAuthClientSecret: clientSecret, UserId: userId })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name);
  if (tenant === undefined || clientId === undefined || clientSecret === undefined || userId === undefined) {
    throw bad(
      `AuthScheme=${scheme} needs ${missing.join(', ')}.`,
      missing.includes('UserId') ? 'An application has no mailbox of its own: UserId names the mailbox to read (address or id).' : 'They are shown in the registration of the application in Microsoft Entra.',
    );
  }
  if (!/^[A-Za-z0-9.-]+$/.test(tenant)) throw bad('AzureTenant is not a tenant id or a domain.', 'Give the id of the tenant or one of its verified domains.');
  const tokenUrl = tokenAddress(reader.text('OAuthAccessTokenURL'));
  return { kind: 'servicePrincipal', tenant, clientId, clientSecret, ...(tokenUrl === undefined ? {} : { tokenUrl }) };
}

function tokenAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw bad('OAuthAccessTokenURL is not an http or https address.');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw bad('OAuthAccessTokenURL must not hold a user name or a password.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw bad(`OAuthAccessTokenURL leads to ${url.host} over http: the secret would travel unencrypted.`, 'Use https. Plain http is allowed only for a server on this machine (localhost).');
  }
  return url.href;
}

/** PEM text, or the path of a PEM file. */
function certificate(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.includes('-----BEGIN CERTIFICATE-----')) return value;
  if (value === '*' || /^[0-9a-f:\s]{32,}$/i.test(value)) {
    throw new ExchangeSqlError('NOT_SUPPORTED', 'SSLServerCert as a thumbprint or * is not offered by this version.', { hint: 'Give the certificate as PEM text or as the path of a PEM file.' });
  }
  let text: string;
  try {
    text = readFileSync(value, 'utf8');
  } catch (error) {
    throw new ExchangeSqlError('CONNECTION_STRING', `The certificate file of SSLServerCert cannot be read: '${value}'.`, { hint: 'Give PEM text or the path of a PEM file.', cause: error });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw bad(`The file of SSLServerCert holds no PEM certificate: '${value}'.`);
  return text;
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

function bad(message: string, hint?: string): ExchangeSqlError {
  return new ExchangeSqlError('CONNECTION_STRING', message, hint === undefined ? {} : { hint });
}

