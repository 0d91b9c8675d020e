/**
 * Owns: tokens of the identity of a machine of Azure (virtual machine, App Service, Arc, Service Fabric, Cloud Shell, Machine Learning), through
 * msal-node, which finds the source by the environment.
 * Invariants: the endpoint of the machine is asked directly, never through the connection's proxy.
 */
import type { ManagedIdentityApplication } from '@azure/msal-node';
import { ExchangeSqlError } from '../errors.js';
import type { RetryPolicy } from '../http/retry.js';
import { HttpTransport } from '../http/transport.js';
import { signInError } from './aadsts.js';
import type { Credential } from './credential.js';
import { MsalNetwork } from './network-client.js';
import { bearerToken } from './static-token.js';
import { TokenCache, type FetchedToken } from './token-cache.js';
import { readClaims } from './token-claims.js';

export interface ManagedIdentitySpec {
  readonly kind: 'managedIdentity';
  /** Of a user-assigned identity; undefined for the machine's own. */
  readonly identity: { readonly userAssignedClientId: string } | { readonly userAssignedObjectId: string } | { readonly userAssignedResourceId: string } | undefined;
  /** What the token is for, e.g. `https://graph.microsoft.com`. */
  readonly resource: string;
}

/** The endpoint is on this machine or beside it: an answer takes no longer, and where there is none nobody should wait for it. */
const CONNECT_MS = 3_000;

export class ManagedIdentity implements Credential {
  readonly refreshable = true;
  readonly ownMailbox: readonly string[] = [];
  readonly #spec: ManagedIdentitySpec;
  readonly #transport: HttpTransport;
  readonly #network: MsalNetwork;
  readonly #cache: TokenCache;
  #application: Promise<ManagedIdentityApplication> | undefined;
  #key: string;

  constructor(spec: ManagedIdentitySpec, { trace }: Pick<HttpTransport, 'trace'>, retry: Partial<RetryPolicy> = {}) {
    this.#spec = spec;
    const thumbprint = process.env['IDENTITY_SERVER_THUMBPRINT']?.replace(/[\s:]/g, '').toLowerCase() ?? '';
    this.#transport = new HttpTransport({
      trace,
      connectTimeoutMs: CONNECT_MS,
      // Service Fabric's endpoint has a certificate of its own, whose SHA-1 thumbprint the environment gives.
      ...(/^[0-9a-f]{40}$/.test(thumbprint) ? { trust: { kind: 'thumbprint', algorithm: 'sha1', digits: thumbprint } as const } : {}),
    });
    this.#network = new MsalNetwork(this.#transport, retry);
    this.#key = `identity:${spec.identity === undefined ? 'system' : Object.values(spec.identity).join('').toLowerCase()}`;
    this.#cache = new TokenCache((forceRefresh) => this.#fetch(forceRefresh));
  }

  get applicationKey(): string {
    return this.#key;
  }

  async authorization(signal: AbortSignal | undefined, rejected?: string): Promise<string> {
    return `Bearer ${await this.#cache.get(signal, rejected?.replace(/^Bearer /, ''))}`;
  }

  async #fetch(forceRefresh: boolean): Promise<FetchedToken> {
    try {
      this.#application ??= this.#build();
      const result = await (await this.#application).acquireToken({ resource: this.#spec.resource, forceRefresh });
      const token = bearerToken(result.accessToken, 'The token of the managed identity');
      const expires = result.expiresOn?.getTime() ?? Date.now() + 300_000;
      this.#transport.trace.redactor.add(token);
      this.#transport.trace.write(4, `token of the managed identity, valid until ${new Date(expires).toISOString()}`, 'AUTH');
      const { application } = readClaims(token);
      if (application !== undefined) this.#key = `app:${application.toLowerCase()}`;
      return { token, expires };
    } catch (error) {
      this.#application = undefined;
      throw refusal(error, this.#network.failure);
    }
  }

  async #build(): Promise<ManagedIdentityApplication> {
    const { ManagedIdentityApplication: Application } = await import('@azure/msal-node');
    const { identity } = this.#spec;
    return new Application({
      ...(identity === undefined ? {} : { managedIdentityIdParams: identity }),
      system: { networkClient: this.#network, loggerOptions: { piiLoggingEnabled: false } },
    });
  }
}

function refusal(error: unknown, below: unknown): ExchangeSqlError {
  if (below instanceof ExchangeSqlError) {
    return new ExchangeSqlError('AUTHENTICATION', `There is no managed identity here: its endpoint does not answer (${below.code}).`, {
      hint: 'AuthScheme=AzureMSI works on machines and services of Azure (or with Azure Arc) that have an identity. Elsewhere use AuthScheme=AzureServicePrincipal.',
      cause: below,
    });
  }
  const { message, serviceCode, retryable } = signInError(error, 'of the managed identity');
  return new ExchangeSqlError('AUTHENTICATION', `The managed identity gives no token${serviceCode === undefined ? '' : ` (${serviceCode})`}.`, {
    hint: 'Enable the system-assigned identity of the machine, or name a user-assigned one: OAuthClientId takes its client id, object:<object id>, or its resource id (/subscriptions/…).',
    retryable,
    ...(serviceCode === undefined ? {} : { serviceCode }),
    cause: new Error(message),
  });
}
