/**
 * Owns: msal-node's application object for each way of signing in: authority, own token and authorization addresses, secret, certificate,
 * federated token.
 * Does not own: which flow runs (the files beside), keeping tokens (store/).
 * Invariants: msal is loaded when the first token is needed; secrets go to the sign-in service of the connection only; msal's own cache holds
 * nothing across flows.
 */
import { readFile } from 'node:fs/promises';
import type { Configuration, ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';
import { ExchangeSqlError } from '../../errors.js';
import type { RetryPolicy } from '../../http/retry.js';
import type { HttpTransport } from '../../http/transport.js';
import type { ClientCertificate } from '../certificate/index.js';
import { MsalNetwork } from '../network-client.js';

/** How the application proves who it is. `none` is a public client. */
export type ClientProof =
  | { readonly kind: 'none' }
  | { readonly kind: 'secret'; readonly secret: string; /** RFC 6749 2.3.1; Entra takes both. */ readonly in: 'body' | 'header' }
  | { readonly kind: 'certificate'; readonly certificate: ClientCertificate }
  /** Path of a file with a token of another issuer (workload identity federation); read again for each request. */
  | { readonly kind: 'federated'; readonly file: string };

export interface ApplicationSpec {
  /** Sign-in service, e.g. `https://login.microsoftonline.com`. */
  readonly authorityHost: string;
  readonly tenant: string;
  readonly clientId: string;
  readonly proof: ClientProof;
  /** Where they are not the authority's own. */
  readonly tokenUrl?: string | undefined;
  readonly authorizationUrl?: string | undefined;
}

export interface SignInContext {
  readonly transport: HttpTransport;
  readonly retry?: Partial<RetryPolicy>;
}

export function networkFor({ transport, retry = {} }: SignInContext, { proof, clientId }: ApplicationSpec): MsalNetwork {
  return new MsalNetwork(transport, retry, proof.kind === 'secret' && proof.in === 'header' ? { clientId, secret: proof.secret } : undefined);
}

/** The application, made anew for each flow: tokens are kept in our store, not in msal's cache. */
export async function buildApplication(spec: ApplicationSpec, network: MsalNetwork): Promise<ConfidentialClientApplication | PublicClientApplication> {
  // Loaded late: it costs 100 ms that a given token need not pay.
  const msal = await import('@azure/msal-node');
  const configuration = configurationOf(spec, network);
  return spec.proof.kind === 'none' ? new msal.PublicClientApplication(configuration) : new msal.ConfidentialClientApplication(configuration);
}


function configurationOf(spec: ApplicationSpec, networkClient: MsalNetwork): Configuration {
  const authority = `${spec.authorityHost.replace(/\/+$/, '')}/${encodeURIComponent(spec.tenant)}`;
  const own = spec.tokenUrl !== undefined || spec.authorizationUrl !== undefined;
  return {
    auth: {
      clientId: spec.clientId,
      authority,
      // A host that msal does not know would be asked for at Microsoft's first.
      knownAuthorities: [new URL(authority).host],
      // Static metadata: no discovery call, and the addresses may be others than the authority's.
      ...(own ? { authorityMetadata: metadata(authority, spec) } : {}),
      ...proofOf(spec.proof),
    },
    system: { networkClient, loggerOptions: { piiLoggingEnabled: false } },
  };
}

function proofOf(proof: ClientProof): Pick<Configuration['auth'], 'clientSecret' | 'clientCertificate' | 'clientAssertion'> {
  switch (proof.kind) {
    case 'none':
      return {};
    case 'secret':
      return { clientSecret: proof.secret };
    case 'certificate':
      return { clientCertificate: proof.certificate };
    case 'federated':
      return { clientAssertion: () => federatedToken(proof.file) };
  }
}

async function federatedToken(file: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new ExchangeSqlError('AUTHENTICATION', `The federated token file ${file} cannot be read.`, { hint: 'Set AZURE_FEDERATED_TOKEN_FILE (or OAuthFederatedTokenFile) to the file that the platform mounts.', cause: error });
  }
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) throw new ExchangeSqlError('AUTHENTICATION', `The federated token file ${file} holds no token.`, { hint: 'It has to hold one JSON Web Token.' });
  return text;
}

function metadata(authority: string, { tokenUrl, authorizationUrl }: ApplicationSpec): string {
  return JSON.stringify({
    issuer: `${authority}/v2.0`,
    authorization_endpoint: authorizationUrl ?? `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: tokenUrl ?? `${authority}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  });
}
