/**
 * Owns: making a credential of its description.
 * Invariants: every secret is known to the trace's redactor before the first request.
 */
import type { HttpTransport } from '../http/transport.js';
import type { RetryPolicy } from '../http/retry.js';
import type { CredentialSpec } from './credential-spec.js';
import type { Credential } from './credential.js';
import { ManagedIdentity } from './managed-identity.js';
import { OAuthCredential, type OAuthSpec } from './oauth/credential.js';
import { ProvidedTokens } from './provided-token.js';
import { StaticToken } from './static-token.js';
import { openStore } from './store/index.js';

/**
 * @param graphOrigin origin of GraphEndpoint; a token provider is asked for its scope.
 * @throws ExchangeSqlError CONNECTION_STRING if a given token cannot be one.
 */
export function createCredential(spec: CredentialSpec, graphOrigin: string, transport: HttpTransport, retry: Partial<RetryPolicy> = {}): Credential {
  const { redactor } = transport.trace;
  switch (spec.kind) {
    case 'token':
      redactor.add(spec.token.trim().replace(/^Bearer\s+/i, ''));
      return new StaticToken(spec.token);
    case 'oauth':
      return createSignIn(spec, transport, retry);
    case 'managedIdentity':
      return new ManagedIdentity(spec, transport, retry);
    case 'provider':
      return new ProvidedTokens(spec.provider, graphOrigin, transport);
  }
}

/** The credential of a user or an application, which can also be told to sign in anew. */
export function createSignIn(spec: Extract<CredentialSpec, { kind: 'oauth' }>, transport: HttpTransport, retry: Partial<RetryPolicy> = {}, asking: Pick<OAuthSpec, 'prompt' | 'browse'> = {}): OAuthCredential {
  const { redactor } = transport.trace;
  const { application, grant, seed, store } = spec;
  const secrets = [
    seed.accessToken, seed.refreshToken, store.passphrase,
    application.proof.kind === 'secret' ? application.proof.secret : undefined,
    grant.kind === 'password' ? grant.password : undefined,
    grant.kind === 'code' ? grant.verifier : undefined,
  ];
  for (const secret of secrets) if (secret !== undefined) redactor.add(secret);
  return new OAuthCredential({ ...spec, store: openStore(store.location, store.passphrase), ...asking }, { transport, retry });
}
