/**
 * Owns: turning connection properties into typed options.
 * Does not own: the list of properties (connection-properties.ts), the parts (options/: reading values, addresses, signing in), the syntax of
 * strings, or connecting.
 * Invariants: no value of a secret property appears in an error; tokens and secrets travel over https or loopback only.
 */
import type { CredentialSpec } from '../auth/credential-spec.js';
import type { TokenProvider } from '../auth/credential.js';
import type { PrimaryKey } from '../catalog/row-key-columns.js';
import type { Warning } from '../scan/source.js';
import { foldName } from './connection-properties.js';
import { credentialOf } from './options/credential.js';
import { graphEndpoint } from './options/endpoint.js';
import { SERVER_SCHEMES } from './options/on-premises.js';
import { bad, Reader, type PropertyBag } from './options/reader.js';
import { tracingOptions, type TracingOptions } from './options/tracing.js';
import { networkOptions, type NetworkOptions } from './options/transport.js';

export type { PropertyBag } from './options/reader.js';

export interface ConnectionOptions {
  readonly schema: 'MSGraph';
  readonly credential: CredentialSpec;
  /** The connection's user; undefined for the signed-in one. */
  readonly userId: string | undefined;
  /** Service root with version, without a trailing slash. */
  readonly graphEndpoint: string;
  /** TLS, proxy, headers. */
  readonly network: NetworkOptions;
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
  /** Undefined shows bodies as they are stored. */
  readonly bodyType: 'html' | 'text' | undefined;
  /** Levels of folders; undefined for all. */
  readonly folderDepth: number | undefined;
  /** Writes in one call, 1 to 20; undefined for the service's most. */
  readonly batchSize: number | undefined;
  readonly connectOnOpen: boolean;
  /** Tables and views that the system tables list; undefined for all. */
  readonly listed: { readonly tables: readonly string[] | undefined; readonly views: readonly string[] | undefined };
  readonly tracing: TracingOptions;
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
  const endpoint = graphEndpoint(reader);
  const maxRows = reader.integer('MaxRows', -1, Number.MAX_SAFE_INTEGER);
  const pageSize = reader.integer('Pagesize', -1, 1000);
  const timeout = reader.integer('Timeout', 0, 2_147_483);
  const maxAffectedRows = reader.integer('MaxAffectedRows', 0, Number.MAX_SAFE_INTEGER);
  const userId = mailboxOf(reader);
  const folderDepth = reader.integer('DirectoryRetrievalDepth', -1, 1000);
  const batchSize = reader.integer('BatchSize', 0, Number.MAX_SAFE_INTEGER);
  const bodyType = reader.choice('BodyType').toLowerCase();
  ofGraph(reader);
  const credential = provider === undefined ? credentialOf(reader, userId, new URL(endpoint).origin) : { kind: 'provider' as const, provider };
  const network = networkOptions(reader, new URL(endpoint).origin);
  reader.warnUnused(['Server', 'Platform', 'Domain', 'ChannelBinding'], 'Schema=MSGraph');
  reader.warnUnused(['Kerberos'], 'Schema=MSGraph, except for ProxyAuthScheme=NEGOTIATE');
  return {
    schema: 'MSGraph',
    credential,
    userId,
    graphEndpoint: endpoint,
    network,
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
    bodyType: bodyType === 'html' || bodyType === 'text' ? bodyType : undefined,
    folderDepth: folderDepth <= 0 ? undefined : folderDepth,
    batchSize: batchSize === 0 ? undefined : Math.min(batchSize, 20),
    connectOnOpen: reader.flag('ConnectOnOpen'),
    listed: { tables: namesOf(reader, 'Tables'), views: namesOf(reader, 'Views') },
    tracing: tracingOptions(reader),
    location: reader.text('Location'),
    warnings: reader.warnings,
    shown: reader.shown(),
  };
}

/** `UserId`, or `DefaultUser` where it names one. */
function mailboxOf(reader: Reader): string | undefined {
  const own = reader.text('UserId');
  const usual = reader.isDefault('DefaultUser') ? undefined : reader.text('DefaultUser');
  if (usual !== undefined && foldName(usual) === 'allusers') throw bad('DefaultUser=AllUsers would read every mailbox of the tenant.', "Name the mailboxes in the statement: WHERE userId IN (SELECT id FROM Users).");
  if (own !== undefined && usual !== undefined && own.toLowerCase() !== usual.toLowerCase()) throw bad('UserId and DefaultUser name two mailboxes.', 'Give one of the two.');
  return own ?? usual;
}

function namesOf(reader: Reader, name: string): readonly string[] | undefined {
  return reader.text(name)?.split(',').map((one) => one.trim()).filter((one) => one !== '');
}

/** What belongs to the other schema and cannot be passed over: it decides who signs in, and whose mailbox is read. */
function ofGraph(reader: Reader): void {
  const scheme = reader.choice('AuthScheme');
  if ((SERVER_SCHEMES as readonly string[]).includes(scheme)) throw bad(`AuthScheme=${scheme} signs in at an Exchange server; Microsoft Graph takes OAuth only.`, 'Use Schema=EWS with Server, or AuthScheme=AzureAD, AzureServicePrincipal or OAuth.');
  const other = ['ImpersonationUser', 'ImpersonationType'].find((name) => reader.has(name) && !reader.isDefault(name));
  if (other !== undefined) throw bad(`${other} belongs to Schema=EWS.`, 'The mailbox that Schema=MSGraph reads is UserId.');
}
