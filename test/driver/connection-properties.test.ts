import { describe, expect, it } from 'vitest';
import { CONNECTION_PROPERTIES, findProperty, foldName, suggestProperty } from '../../src/driver/connection-properties.js';
import { resolveOptions } from '../../src/driver/connection-string.js';
import { failureOf } from '../http/server.js';

/** Every name existing connection strings of such drivers use. */
const KNOWN = `Platform Schema AuthScheme Server User Password Office365Environment AzureTenant AzureEnvironment InitiateOAuth OAuthClientId
OAuthClientSecret OAuthAccessToken OAuthSettingsLocation CallbackURL Scope OAuthGrantType UserId OAuthVerifier OAuthRefreshToken OAuthExpiresIn
OAuthTokenTimestamp OAuthVersion OAuthAuthorizationURL OAuthAccessTokenURL OAuthJWTCert OAuthJWTCertType OAuthJWTCertPassword OAuthJWTCertSubject
OAuthJWTIssuer OAuthJWTSubject KerberosKDC KerberosRealm KerberosSPN KerberosUser KerberosKeytabFile KerberosServiceRealm KerberosServiceKDC
KerberosTicketCache SSLServerCert FirewallType FirewallServer FirewallPort FirewallUser FirewallPassword ProxyAutoDetect ProxyServer ProxyPort
ProxyAuthScheme ProxyUser ProxyPassword ProxySSLType ProxyExceptions Logfile Verbosity LogModules MaxLogFileSize MaxLogFileCount Location
BrowsableSchemas Tables Views AutoCache CacheProvider CacheDriver CacheConnection CacheLocation CacheTolerance Offline CacheMetadata
AlwaysRequestTableDependencies BatchSize BodyType ConnectionLifeTime ConnectOnOpen CustomHeaders DefaultGroups DefaultUser
DirectoryRetrievalDepth DisableServerSideFiltering GroupId ImpersonationType ImpersonationUser IncludeContent MaxRows Other Pagesize
PoolIdleTimeout PoolMaxSize PoolMinSize PoolWaitTime PseudoColumns Readonly RTK SupportEnhancedSQL Timeout UseConnectionPooling
UserDefinedViews UseClientSidePaging OAuthClientAuthentication OAuthFederatedTokenFile OAuthSettingsPassphrase OAuthJWTCertPublic
OAuthJWTCertThumbprint`.split(/\s+/);

const BASE = { OAuthAccessToken: 'token' };

describe('CONNECTION_PROPERTIES', () => {
  it('knows every name', () => {
    expect(KNOWN.filter((name) => findProperty(name) === undefined)).toEqual([]);
  });

  it('has no two properties of one name', () => {
    const names = CONNECTION_PROPERTIES.flatMap(({ name, aliases }) => [name, ...aliases]).map(foldName);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('marks what holds secrets', () => {
    for (const { name, secret } of CONNECTION_PROPERTIES) if (/password|secret|token$|verifier|jwtcert$/i.test(name)) expect([name, secret]).toEqual([name, true]);
  });

  it('refuses what is for later with its reason, and accepts its default', async () => {
    for (const entry of CONNECTION_PROPERTIES.filter(({ status }) => status === 'later')) {
      const value = entry.type === 'boolean' ? 'true' : entry.type === 'integer' ? '77' : 'hunter2';
      const error = await failureOf(Promise.resolve().then(() => resolveOptions({ ...BASE, [entry.name]: value })));
      expect(error).toMatchObject({ code: 'NOT_SUPPORTED' });
      expect(error.message).toContain(entry.name);
      expect(error.message).not.toContain('hunter2');
      if (entry.default !== '') expect(resolveOptions({ ...BASE, [entry.name]: entry.default }).warnings).toEqual([]);
    }
  });

  it('accepts what does nothing with a warning', () => {
    for (const entry of CONNECTION_PROPERTIES.filter(({ status }) => status === 'moot')) {
      const { warnings } = resolveOptions({ ...BASE, [entry.name]: 'other' });
      expect(warnings).toEqual([{ code: 'PROPERTY_IGNORED', message: expect.stringContaining(entry.name) as string }]);
    }
  });
});

describe('suggestProperty', () => {
  it.each([
    ['OAuthAcessToken', 'OAuthAccessToken'],
    ['User ID s', 'UserId'],
    ['graphendpont', 'GraphEndpoint'],
    ['timeuot', 'Timeout'],
    ['page_sise', 'Pagesize'],
  ])('%s is meant as %s', (name, meant) => {
    expect(suggestProperty(name)).toBe(meant);
  });

  it('does not guess wildly', () => {
    expect(suggestProperty('zzzzzz')).toBeUndefined();
  });
});
