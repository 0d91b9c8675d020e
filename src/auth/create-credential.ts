/**
 * Owns: making a credential of its description.
 * Invariants: every secret is known to the trace's redactor before the first request.
 */
import type { HttpTransport } from '../http/transport.js';
import type { RetryPolicy } from '../http/retry.js';
import type { Credential, CredentialSpec } from './credential.js';
import { ProvidedTokens } from './provided-token.js';
import { ServicePrincipal } from './service-principal.js';
import { StaticToken } from './static-token.js';

/**
 * @param graphOrigin origin of GraphEndpoint; the scope of application tokens is made of it.
 * @throws ExchangeSqlError CONNECTION_STRING if a given token cannot be one.
 */
export function createCredential(spec: CredentialSpec, graphOrigin: string, transport: HttpTransport, retry: Partial<RetryPolicy> = {}): Credential {
  switch (spec.kind) {
    case 'token':
      transport.trace.redactor.add(spec.token.trim().replace(/^Bearer\s+/i, ''));
      return new StaticToken(spec.token);
    case 'servicePrincipal':
      return new ServicePrincipal(spec, graphOrigin, transport, retry);
    case 'provider':
      return new ProvidedTokens(spec.provider, graphOrigin, transport);
  }
}
