/**
 * Owns: signing in as an application by secret, through msal-node.
 * Invariants: the secret goes to the sign-in service of the Graph endpoint's own cloud (or the one named) only.
 */
import type { ConfidentialClientApplication } from '@azure/msal-node';
import { ExchangeSqlError } from '../errors.js';
import type { HttpTransport } from '../http/transport.js';
import type { RetryPolicy } from '../http/retry.js';
import { signInError } from './aadsts.js';
import { authorityOf } from './clouds.js';
import type { Credential, CredentialSpec } from './credential.js';
import { MsalNetwork } from './network-client.js';
import { bearerToken } from './static-token.js';
import { TokenCache } from './token-cache.js';
import type { FetchedToken } from './token-cache.js';

export type ServicePrincipalSpec = Extract<CredentialSpec, { kind: 'servicePrincipal' }>;

export class ServicePrincipal implements Credential {
  readonly applicationKey: string;
  readonly refreshable = true;
  readonly ownMailbox: readonly string[] = [];
  readonly #spec: ServicePrincipalSpec;
  readonly #graphOrigin: string;
  readonly #network: MsalNetwork;
  readonly #transport: HttpTransport;
  readonly #cache: TokenCache;
  #application: Promise<ConfidentialClientApplication> | undefined;

  constructor(spec: ServicePrincipalSpec, graphOrigin: string, transport: HttpTransport, retry: Partial<RetryPolicy> = {}) {
    this.#spec = spec;
    this.#graphOrigin = graphOrigin;
    this.#transport = transport;
    this.#network = new MsalNetwork(transport, retry);
    transport.trace.redactor.add(spec.clientSecret);
    this.applicationKey = `app:${spec.clientId.toLowerCase()}`;
    this.#cache = new TokenCache((forceRefresh) => this.#fetch(forceRefresh));
  }

  async authorization(signal: AbortSignal | undefined, rejected?: string): Promise<string> {
    return `Bearer ${await this.#cache.get(signal, rejected?.replace(/^Bearer /, ''))}`;
  }

  async #fetch(forceRefresh: boolean): Promise<FetchedToken> {
    try {
      this.#application ??= this.#build();
      const application = await this.#application;
      const result = await application.acquireTokenByClientCredential({ scopes: [`${this.#graphOrigin}/.default`], skipCache: forceRefresh });
      if (result === null || result.expiresOn === null) throw new Error('no token in the answer');
      this.#transport.trace.redactor.add(result.accessToken);
      this.#transport.trace.write(4, `token for application ${this.#spec.clientId}, valid until ${result.expiresOn.toISOString()}`);
      return { token: bearerToken(result.accessToken, 'The token of the sign-in service'), expires: result.expiresOn.getTime() };
    } catch (error) {
      this.#application = undefined;
      const below = this.#network.failure;
      throw below instanceof ExchangeSqlError ? below : signInError(error, this.#spec.tenant);
    }
  }

  async #build(): Promise<ConfidentialClientApplication> {
    // Loaded late: it costs 100 ms that a static token need not pay.
    const { ConfidentialClientApplication: Application } = await import('@azure/msal-node');
    const { tenant, clientId, clientSecret, tokenUrl } = this.#spec;
    const known = authorityOf(this.#graphOrigin) ?? 'https://login.microsoftonline.com';
    const authority = `${known}/${encodeURIComponent(tenant)}`;
    return new Application({
      auth: {
        clientId,
        clientSecret,
        authority,
        // Static metadata: no discovery call, and the token endpoint may be another one (auth: msal rules).
        ...(tokenUrl === undefined ? {} : { authorityMetadata: metadata(authority, tokenUrl), knownAuthorities: [new URL(authority).host] }),
      },
      system: { networkClient: this.#network, loggerOptions: { piiLoggingEnabled: false } },
    });
  }
}

function metadata(authority: string, tokenUrl: string): string {
  return JSON.stringify({
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: tokenUrl,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  });
}
