/**
 * Owns: the application that signs in, from properties: tenant, id, its proof (secret, certificate, federated token), its addresses and scopes.
 * Does not own: who signs in with it (credential.ts).
 */
import { authorityOf, CLOUDS } from '../../auth/clouds.js';
import { readClientCertificate, type CertificateType } from '../../auth/certificate/index.js';
import type { ApplicationSpec, ClientProof } from '../../auth/oauth/application.js';
import { signInAddress } from './endpoint.js';
import { bad, type Reader } from './reader.js';

export interface ApplicationNeeds {
  /** For messages: `AuthScheme=AzureServicePrincipal`. */
  readonly by: string;
  /** An application as itself: it must prove who it is. */
  readonly asItself: boolean;
  /** Which proofs this way of signing in takes. */
  readonly proofs: readonly ClientProof['kind'][];
  readonly tenantRequired: boolean;
  /** What else is missing, to be named with the rest. */
  readonly missing: readonly string[];
  readonly graphOrigin: string;
}

/** @throws ExchangeSqlError CONNECTION_STRING naming all that is missing at once. */
export function applicationOf(reader: Reader, needs: ApplicationNeeds): ApplicationSpec {
  const { by, asItself, proofs, graphOrigin } = needs;
  const federated = federatedFile(reader, proofs);
  const environment = (name: string): string | undefined => (federated === undefined || process.env[name] === '' ? undefined : process.env[name]);
  const tenant = reader.text('AzureTenant') ?? environment('AZURE_TENANT_ID');
  const clientId = clientIdOf(reader) ?? environment('AZURE_CLIENT_ID');
  const secret = proofs.includes('secret') ? reader.text('OAuthClientSecret') : undefined;
  const certificate = proofs.includes('certificate') ? reader.text('OAuthJWTCert') : undefined;
  if ([secret, certificate, reader.has('OAuthFederatedTokenFile') ? federated : undefined].filter((one) => one !== undefined).length > 1) {
    throw bad('The application is given two proofs of itself.', 'Give one of OAuthClientSecret, OAuthJWTCert and OAuthFederatedTokenFile.');
  }
  const proof = federated !== undefined || secret !== undefined || certificate !== undefined;
  const missing = [
    ...(needs.tenantRequired && tenant === undefined ? ['AzureTenant'] : []),
    ...(clientId === undefined ? ['OAuthClientId'] : []),
    ...(asItself && !proof ? [proofs.includes('secret') ? 'OAuthClientSecret' : 'OAuthJWTCert'] : []),
    ...needs.missing,
  ];
  if (clientId === undefined || missing.length > 0) {
    throw bad(`${by} needs ${missing.join(', ')}.`, missing.includes('UserId') ? 'An application has no mailbox of its own: UserId names the mailbox to read (address or id).' : 'They are shown in the registration of the application in Microsoft Entra.');
  }
  if (tenant !== undefined && !/^[A-Za-z0-9.-]+$/.test(tenant)) throw bad('AzureTenant is not a tenant id or a domain.', 'Give the id of the tenant or one of its verified domains.');
  const cloud = CLOUDS.find(({ name }) => name === reader.choice('AzureEnvironment'));
  const tokenUrl = signInAddress(reader, 'OAuthAccessTokenURL', 'secret');
  const authorizationUrl = signInAddress(reader, 'OAuthAuthorizationURL', 'sign-in');
  return {
    authorityHost: authorityOf(graphOrigin) ?? cloud?.authority ?? 'https://login.microsoftonline.com',
    tenant: tenant ?? 'organizations',
    clientId,
    proof: proofOf(reader, secret, certificate, federated),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
  };
}

/** `Scope`, or everything the application was granted for Graph; of EWS, what a user (`delegated`) may let it do. */
export function scopesOf(reader: Reader, graphOrigin: string, onlyDefault: boolean, delegated = false): readonly string[] {
  const usual = delegated && reader.text('Schema')?.toUpperCase() === 'EWS' ? 'EWS.AccessAsUser.All' : '.default';
  const scopes = (reader.text('Scope') ?? `${graphOrigin}/${usual}`).split(/[\s,]+/).filter((scope) => scope !== '');
  const wrong = onlyDefault ? scopes.find((scope) => !scope.endsWith('/.default')) : undefined;
  if (wrong !== undefined) throw bad(`Scope has '${wrong.slice(0, 80)}', but an application gets all the permissions it was granted, by a scope that ends with /.default.`, `Remove Scope, or set it to ${graphOrigin}/.default.`);
  return scopes;
}

/** OAuthJWTIssuer and OAuthJWTSubject of an application's proof are its id. */
function clientIdOf(reader: Reader): string | undefined {
  const id = reader.text('OAuthClientId');
  if (!reader.has('OAuthJWTCert')) return id;
  const names = ['OAuthJWTIssuer', 'OAuthJWTSubject'] as const;
  const [issuer, subject] = names.map((name) => reader.text(name));
  const known = id ?? issuer ?? subject;
  const other = names.find((name) => reader.text(name) !== undefined && reader.text(name)?.toLowerCase() !== known?.toLowerCase());
  if (other !== undefined) throw bad(`${other} contradicts the id of the application: in Microsoft Entra issuer and subject of an application's proof are its id.`, `Remove ${other}, or set it to OAuthClientId.`);
  return known;
}

function federatedFile(reader: Reader, proofs: readonly ClientProof['kind'][]): string | undefined {
  if (!proofs.includes('federated')) return undefined;
  const given = reader.text('OAuthFederatedTokenFile');
  if (given !== undefined || reader.has('OAuthClientSecret') || reader.has('OAuthJWTCert')) return given;
  const mounted = process.env['AZURE_FEDERATED_TOKEN_FILE'];
  return mounted === '' ? undefined : mounted;
}

function proofOf(reader: Reader, secret: string | undefined, certificate: string | undefined, federated: string | undefined): ClientProof {
  if (secret !== undefined) return { kind: 'secret', secret, in: reader.choice('OAuthClientAuthentication') === 'HEADER' ? 'header' : 'body' };
  if (certificate !== undefined) {
    return {
      kind: 'certificate',
      certificate: readClientCertificate({
        source: certificate,
        type: reader.choice('OAuthJWTCertType') as CertificateType,
        password: reader.text('OAuthJWTCertPassword'),
        subject: reader.text('OAuthJWTCertSubject'),
        publicCertificate: reader.text('OAuthJWTCertPublic'),
        thumbprint: reader.text('OAuthJWTCertThumbprint'),
      }),
    };
  }
  return federated === undefined ? { kind: 'none' } : { kind: 'federated', file: federated };
}
