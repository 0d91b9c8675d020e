/**
 * Owns: how a connection signs in, from its properties: the scheme, what it needs, what contradicts it.
 * Does not own: the application (application.ts), signing in (auth/).
 * Invariants: what is missing is named all at once; a property that the scheme does not use is told of; no secret is shown.
 */
import type { CredentialSpec } from '../../auth/credential-spec.js';
import type { ManagedIdentitySpec } from '../../auth/managed-identity.js';
import type { Grant } from '../../auth/oauth/credential.js';
import { bearerToken } from '../../auth/static-token.js';
import { readClaims } from '../../auth/token-claims.js';
import { applicationOf, scopesOf } from './application.js';
import { bad, type Reader } from './reader.js';
import { storePlace } from './store-place.js';
import { tokenEnd } from './token-end.js';

type Initiate = 'OFF' | 'REFRESH' | 'GETANDREFRESH' | undefined;

interface Way {
  readonly reader: Reader;
  /** `AuthScheme=…`, for messages. */
  readonly by: string;
  readonly initiate: Initiate;
  readonly token: string | undefined;
  readonly userId: string | undefined;
  readonly graphOrigin: string;
}

/** @throws ExchangeSqlError CONNECTION_STRING for what is missing or contradictory. */
export function credentialOf(reader: Reader, userId: string | undefined, graphOrigin: string): CredentialSpec {
  reader.choice('OAuthVersion');
  const scheme = schemeOf(reader);
  const way: Way = { reader, by: `AuthScheme=${scheme}`, initiate: reader.has('InitiateOAuth') ? (reader.choice('InitiateOAuth') as Initiate) : undefined, token: reader.text('OAuthAccessToken'), userId, graphOrigin };
  const spec = specOf(scheme, way);
  reader.warnUnused(['Azure', 'OAuth', 'JWT OAuth', 'User', 'Password'], way.initiate === undefined ? way.by : `${way.by};InitiateOAuth=${way.initiate}`);
  return spec;
}

function schemeOf(reader: Reader): string {
  if (reader.has('AuthScheme')) return reader.choice('AuthScheme');
  if (reader.has('OAuthAccessToken') || reader.has('OAuthRefreshToken') || reader.has('OAuthGrantType')) return 'OAuth';
  if (reader.has('OAuthJWTCert')) return 'AzureServicePrincipalCert';
  return reader.has('OAuthClientSecret') || reader.has('OAuthFederatedTokenFile') ? 'AzureServicePrincipal' : 'OAuth';
}

function specOf(scheme: string, way: Way): CredentialSpec {
  switch (scheme) {
    case 'AzureServicePrincipal':
      return application(way, ['secret', 'certificate', 'federated']);
    case 'AzureServicePrincipalCert':
      return application(way, ['certificate']);
    case 'AzureMSI':
      return managedIdentity(way);
    case 'AzureAD':
      if (way.reader.has('OAuthGrantType') && way.reader.choice('OAuthGrantType') !== 'CODE') throw bad('AuthScheme=AzureAD signs a user in with a browser; OAuthGrantType contradicts it.', 'Use AuthScheme=OAuth with OAuthGrantType.');
      return user(way);
    default: {
      const grant = way.reader.choice('OAuthGrantType');
      const named = { ...way, by: way.reader.has('OAuthGrantType') ? `${way.by};OAuthGrantType=${grant}` : way.by };
      if (grant === 'CLIENT') return application(named, ['secret', 'certificate', 'federated']);
      return grant === 'CODE' ? user(named) : password(named);
    }
  }
}

/** An application as itself. */
function application(way: Way, proofs: Parameters<typeof applicationOf>[1]['proofs']): CredentialSpec {
  const { reader, by, initiate, token, userId, graphOrigin } = way;
  const missing = userId === undefined ? ['UserId'] : [];
  if (initiate === 'OFF') {
    if (token !== undefined && userId === undefined) throw bad(`${by} needs UserId.`, 'An application has no mailbox of its own: UserId names the mailbox to read (address or id).');
    return givenToken(way);
  }
  if (token !== undefined) throw bad(`${by} signs in by itself; OAuthAccessToken contradicts it.`, 'Remove OAuthAccessToken, or set InitiateOAuth=OFF to use it.');
  const own = by.startsWith('AuthScheme=OAuth');
  return {
    kind: 'oauth',
    application: applicationOf(reader, { by, asItself: true, proofs, tenantRequired: !(own && reader.has('OAuthAccessTokenURL')), missing, graphOrigin }),
    grant: { kind: 'client' },
    scopes: scopesOf(reader, graphOrigin, !own),
    seed: {},
    store: { location: 'memory://', passphrase: undefined },
  };
}

function managedIdentity({ reader, by, token, userId, graphOrigin }: Way): ManagedIdentitySpec {
  if (token !== undefined) throw bad(`${by} signs in by itself; OAuthAccessToken contradicts it.`, 'Remove OAuthAccessToken, or use AuthScheme=OAuth.');
  if (userId === undefined) throw bad(`${by} needs UserId.`, 'An application has no mailbox of its own: UserId names the mailbox to read (address or id).');
  const id = reader.text('OAuthClientId');
  const [scope = ''] = scopesOf(reader, graphOrigin, true);
  const object = /^object:(.+)$/i.exec(id ?? '')?.[1];
  return {
    kind: 'managedIdentity',
    identity: id === undefined ? undefined : object !== undefined ? { userAssignedObjectId: object.trim() } : id.startsWith('/') ? { userAssignedResourceId: id } : { userAssignedClientId: id },
    resource: scope.replace(/\/\.default$/, ''),
  };
}

/** A signed-in user: given tokens, a stored sign-in, or a browser. */
function user(way: Way): CredentialSpec {
  const { reader, by, initiate, token, graphOrigin } = way;
  const refreshes = reader.has('OAuthRefreshToken') || (token === undefined && reader.has('OAuthClientId'));
  if (token !== undefined && (initiate === 'OFF' || (initiate === undefined && !refreshes))) return givenToken(way);
  if (token === undefined && !refreshes && initiate !== 'REFRESH' && initiate !== 'GETANDREFRESH') throw noToken();
  const mode = initiate === 'OFF' ? 'off' : initiate === 'GETANDREFRESH' ? 'interactive' : 'refresh';
  const grant: Grant = { kind: 'code', mode, callbackUrl: reader.text('CallbackURL'), verifier: reader.text('OAuthVerifier'), loginHint: reader.text('User') };
  return {
    kind: 'oauth',
    application: applicationOf(reader, { by: initiate === undefined ? by : `${by};InitiateOAuth=${initiate}`, asItself: false, proofs: ['none', 'secret', 'certificate'], tenantRequired: false, missing: [], graphOrigin }),
    grant,
    scopes: scopesOf(reader, graphOrigin, false, true),
    seed: { accessToken: token === undefined ? undefined : bearerToken(token, 'OAuthAccessToken'), expires: tokenEnd(reader, token), refreshToken: reader.text('OAuthRefreshToken') },
    store: storePlace(reader),
  };
}

function password(way: Way): CredentialSpec {
  const { reader, by, initiate, token, graphOrigin } = way;
  if (initiate === 'OFF') return givenToken(way);
  if (token !== undefined) throw bad(`${by} signs in by itself; OAuthAccessToken contradicts it.`, 'Remove OAuthAccessToken, or set InitiateOAuth=OFF to use it.');
  const [name, secret] = [reader.text('User'), reader.text('Password')];
  const missing = [...(name === undefined ? ['User'] : []), ...(secret === undefined ? ['Password'] : [])];
  const application = applicationOf(reader, { by, asItself: false, proofs: ['none', 'secret', 'certificate'], tenantRequired: false, missing, graphOrigin });
  return {
    kind: 'oauth',
    application,
    grant: { kind: 'password', user: name ?? '', password: secret ?? '' },
    scopes: scopesOf(reader, graphOrigin, false, true),
    seed: {},
    store: { location: 'memory://', passphrase: undefined },
  };
}

/** InitiateOAuth=OFF: the token as it is. */
function givenToken({ reader, token, userId }: Way): CredentialSpec {
  if (token === undefined) throw noToken();
  if (reader.text('OAuthAccessTokenURL') !== undefined) throw bad('OAuthAccessTokenURL contradicts a given OAuthAccessToken.', 'Remove OAuthAccessTokenURL, or use AuthScheme=AzureServicePrincipal.');
  const text = bearerToken(token, 'OAuthAccessToken');
  const ends = tokenEnd(reader, token);
  if (ends !== undefined && ends <= Date.now()) reader.warnings.push({ code: 'TOKEN_EXPIRED', message: `The access token given has ended at ${new Date(ends).toISOString()}, by OAuthTokenTimestamp and OAuthExpiresIn.` });
  if (userId === undefined && readClaims(text).applicationOnly === true) {
    throw bad("The access token is an application's own: no user is signed in, so there is no own mailbox.", 'Give UserId, the address or id of the mailbox to read.');
  }
  return { kind: 'token', token: text };
}

function noToken(): Error {
  return bad(
    'The connection has no access token.',
    'Give OAuthAccessToken (with AuthScheme=OAuth;InitiateOAuth=OFF), or AuthScheme=AzureServicePrincipal with AzureTenant, OAuthClientId, OAuthClientSecret and UserId, or AuthScheme=AzureAD with OAuthClientId and InitiateOAuth=GETANDREFRESH.',
  );
}
