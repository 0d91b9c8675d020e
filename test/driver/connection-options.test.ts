import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveOptions } from '../../src/driver/connection-options.js';
import type { PropertyBag } from '../../src/driver/connection-options.js';
import { failureOf } from '../http/server.js';

const BASE = { OAuthAccessToken: 'token' };
const refused = (properties: PropertyBag): Promise<Error & Record<string, unknown>> => failureOf(Promise.resolve().then(() => resolveOptions(properties)));
const applicationOf = (properties: PropertyBag): unknown => {
  const { credential } = resolveOptions(properties);
  return credential.kind === 'oauth' ? credential.application : credential;
};
const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveOptions(BASE)).toEqual({
      schema: 'MSGraph', credential: { kind: 'token', token: 'token' }, userId: undefined, graphEndpoint: 'https://graph.microsoft.com/v1.0',
      network: { connect: { trust: { kind: 'authorities' }, ca: undefined, minVersion: undefined, identity: undefined, proxy: undefined, pinnedOrigin: 'https://graph.microsoft.com' }, headers: {} },
      primaryKey: 'composite', idType: 'Immutable', maxRows: undefined, pageSize: undefined, timeoutSeconds: 60, disableServerSideFiltering: false, onMailboxError: 'fail', onRowError: 'stop', readonly: false, maxAffectedRows: 1000, allowFullTable: false, dryRun: false,
      includeSubfolders: false, bodyType: undefined, folderDepth: undefined, batchSize: undefined, connectOnOpen: false, listed: { tables: undefined, views: undefined }, tracing: { logfile: undefined, verbosity: 1, modules: undefined, maxBytes: undefined, maxFiles: undefined, traceFolder: undefined }, warnings: [], shown: { OAuthAccessToken: '***' },
    });
  });

  it('reads every supported property, numbers and booleans included', () => {
    expect(
      resolveOptions({
        ...BASE, schema: 'msgraph', 'Auth Scheme': 'oauth', InitiateOAuth: 'off', UserId: 'Ann@contoso.example', GraphEndpoint: 'http://localhost:8080/v1.0/',
        IdType: 'regular', PrimaryKey: 'rowkey', MaxRows: 100, PageSize: 50, Timeout: 0, DisableServerSideFiltering: true, OnMailboxError: 'WARN', IncludeSubfolders: 'yes', Verbosity: 3, Logfile: 'x.log', Readonly: true, MaxAffectedRows: 0, AllowFullTable: true, DryRun: true, OnRowError: 'Continue',
      }),
    ).toMatchObject({
      userId: 'Ann@contoso.example', graphEndpoint: 'http://localhost:8080/v1.0', idType: 'Regular', primaryKey: 'RowKey', maxRows: 100, pageSize: 50, timeoutSeconds: undefined,
      disableServerSideFiltering: true, onMailboxError: 'warn', includeSubfolders: true, tracing: { verbosity: 3, logfile: 'x.log', maxBytes: 104_857_600 }, readonly: true, maxAffectedRows: undefined, allowFullTable: true, dryRun: true, onRowError: 'continue',
    });
  });

  it('treats an empty value as not set', () => {
    expect(resolveOptions({ ...BASE, Password: '', AuthScheme: ' ', MaxRows: '' }).maxRows).toBeUndefined();
  });

  it('chooses the national cloud', () => {
    expect(resolveOptions({ ...BASE, AzureEnvironment: 'china' }).graphEndpoint).toBe('https://microsoftgraph.chinacloudapi.cn/v1.0');
    expect(resolveOptions({ ...BASE, GraphEndpoint: 'https://graph.microsoft.us' }).graphEndpoint).toBe('https://graph.microsoft.us/v1.0');
  });

  it('signs in as an application', () => {
    const given = { AuthScheme: 'AzureServicePrincipal', AzureTenant: 'contoso.example', OAuthClientId: 'client', OAuthClientSecret: 'hunter2', UserId: 'ann' };
    expect(resolveOptions(given).credential).toEqual({
      kind: 'oauth',
      application: { authorityHost: 'https://login.microsoftonline.com', tenant: 'contoso.example', clientId: 'client', proof: { kind: 'secret', secret: 'hunter2', in: 'body' } },
      grant: { kind: 'client' }, scopes: ['https://graph.microsoft.com/.default'], seed: {}, store: { location: 'memory://', passphrase: undefined },
    });
    expect(applicationOf({ ...given, AuthScheme: undefined, OAuthAccessTokenURL: 'http://127.0.0.1:1/token' })).toMatchObject({ tokenUrl: 'http://127.0.0.1:1/token' });
    expect(applicationOf({ ...given, GraphEndpoint: 'http://localhost:1', AzureEnvironment: 'USGOVT', OAuthClientAuthentication: 'header' })).toMatchObject({ authorityHost: 'https://login.microsoftonline.us', proof: { in: 'header' } });
    expect(resolveOptions(given).shown).toMatchObject({ OAuthClientSecret: '***', OAuthClientId: 'client' });
    expect(resolveOptions({ ...given, InitiateOAuth: 'GETANDREFRESH' }).credential).toEqual(resolveOptions(given).credential);
    expect(resolveOptions({ ...given, InitiateOAuth: 'OFF', OAuthAccessToken: 'token' }).credential).toEqual({ kind: 'token', token: 'token' });
  });

  it('signs in as a user', () => {
    const given = { AuthScheme: 'AzureAD', OAuthClientId: 'client' };
    const signIn = (properties: PropertyBag): unknown => resolveOptions({ ...given, ...properties }).credential;
    expect(signIn({ InitiateOAuth: 'GETANDREFRESH', User: 'ann', CallbackURL: 'http://localhost:1/x', OAuthSettingsLocation: 'memory://x', OAuthSettingsPassphrase: 'hunter2' })).toMatchObject({
      application: { tenant: 'organizations', proof: { kind: 'none' } }, grant: { kind: 'code', mode: 'interactive', loginHint: 'ann', callbackUrl: 'http://localhost:1/x' }, store: { location: 'memory://x', passphrase: 'hunter2' },
    });
    expect(signIn({})).toMatchObject({ grant: { mode: 'refresh' } });
    expect(signIn({ InitiateOAuth: 'OFF' })).toMatchObject({ grant: { mode: 'off' } });
    expect(signIn({ InitiateOAuth: 'OFF', OAuthAccessToken: 'token' })).toEqual({ kind: 'token', token: 'token' });
    expect(signIn({ OAuthAccessToken: 'token' })).toEqual({ kind: 'token', token: 'token' });
    expect(signIn({ OAuthVerifier: 'code', Scope: 'a b' })).toMatchObject({ grant: { verifier: 'code' }, scopes: ['a', 'b'] });
    expect(signIn({ OAuthAccessToken: 'token', OAuthRefreshToken: 'more', OAuthExpiresIn: 3600, OAuthTokenTimestamp: '1700000000000' })).toMatchObject({ grant: { mode: 'refresh' }, seed: { accessToken: 'token', refreshToken: 'more', expires: 1_700_003_600_000 } });
    expect(signIn({ OAuthRefreshToken: 'more', OAuthExpiresIn: 3600, OAuthTokenTimestamp: '2026-01-01T00:00:00Z' })).toMatchObject({ seed: { expires: Date.UTC(2026, 0, 1, 1) } });
    expect(signIn({ AuthScheme: 'OAuth', OAuthGrantType: 'basic_oauth', User: 'ann', Password: 'hunter2' })).toMatchObject({ grant: { kind: 'password', user: 'ann', password: 'hunter2' } });
    expect(signIn({ AuthScheme: 'OAuth', OAuthGrantType: 'CLIENT', OAuthClientSecret: 's', UserId: 'ann', OAuthAccessTokenURL: 'https://id.example/token', Scope: 'mail' })).toMatchObject({ grant: { kind: 'client' }, scopes: ['mail'] });
  });

  it('signs in as a machine', () => {
    const identity = (OAuthClientId?: string): unknown => resolveOptions({ AuthScheme: 'AzureMSI', UserId: 'ann', OAuthClientId }).credential;
    expect(identity()).toEqual({ kind: 'managedIdentity', identity: undefined, resource: 'https://graph.microsoft.com' });
    expect(identity('c')).toMatchObject({ identity: { userAssignedClientId: 'c' } });
    expect(identity('object:o')).toMatchObject({ identity: { userAssignedObjectId: 'o' } });
    expect(identity('/subscriptions/s')).toMatchObject({ identity: { userAssignedResourceId: '/subscriptions/s' } });
  });

  it('takes the federated token of the platform', () => {
    const before = { ...process.env };
    onTestFinished(() => void Object.assign(process.env, { AZURE_FEDERATED_TOKEN_FILE: before['AZURE_FEDERATED_TOKEN_FILE'] ?? '', AZURE_CLIENT_ID: before['AZURE_CLIENT_ID'] ?? '', AZURE_TENANT_ID: before['AZURE_TENANT_ID'] ?? '' }));
    Object.assign(process.env, { AZURE_FEDERATED_TOKEN_FILE: '/run/token', AZURE_CLIENT_ID: 'client', AZURE_TENANT_ID: 'contoso.example' });
    expect(applicationOf({ AuthScheme: 'AzureServicePrincipal', UserId: 'ann' })).toMatchObject({ clientId: 'client', tenant: 'contoso.example', proof: { kind: 'federated', file: '/run/token' } });
    expect(applicationOf({ AuthScheme: 'AzureServicePrincipal', UserId: 'ann', OAuthFederatedTokenFile: '/other', OAuthClientId: 'mine' })).toMatchObject({ clientId: 'mine', proof: { file: '/other' } });
    expect(applicationOf({ AuthScheme: 'AzureServicePrincipal', UserId: 'ann', OAuthClientSecret: 's', OAuthClientId: 'mine', AzureTenant: 't' })).toMatchObject({ proof: { kind: 'secret' } });
  });

  it('takes secrets by reference', () => {
    const folder = mkdtempSync(join(tmpdir(), 'connection-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'secret'), 'from-file\n');
    process.env['EXCHANGE_SQL_TEST_SECRET'] = 'from-environment';
    onTestFinished(() => void delete process.env['EXCHANGE_SQL_TEST_SECRET']);
    const token = (OAuthAccessToken: string): unknown => resolveOptions({ OAuthAccessToken }).credential;
    expect(token('env:EXCHANGE_SQL_TEST_SECRET')).toEqual({ kind: 'token', token: 'from-environment' });
    expect(token(`file:${join(folder, 'secret')}`)).toEqual({ kind: 'token', token: 'from-file' });
    expect(token('value:env:x')).toEqual({ kind: 'token', token: 'env:x' });
    // Only secrets are references: a name may begin so.
    expect(resolveOptions({ ...BASE, UserId: 'env:x' }).userId).toBe('env:x');
  });

  it('tells of properties that the scheme does not use', () => {
    expect(resolveOptions({ ...BASE, OAuthClientSecret: 'hunter2', InitiateOAuth: 'OFF', Password: 'hunter2' }).warnings.map(({ message }) => message)).toEqual([
      'OAuthClientSecret does nothing with AuthScheme=OAuth;InitiateOAuth=OFF.', 'Password does nothing with AuthScheme=OAuth;InitiateOAuth=OFF.',
    ]);
    expect(resolveOptions({ ...BASE, OAuthExpiresIn: 10, OAuthTokenTimestamp: '1000000' }).warnings).toMatchObject([{ code: 'TOKEN_EXPIRED' }]);
  });

  it('takes a token provider in place of a scheme', () => {
    const provider = { getToken: () => Promise.resolve({ token: 'x' }) };
    expect(resolveOptions({ UserId: 'ann' }, provider).credential).toEqual({ kind: 'provider', provider });
  });

  it.each<[PropertyBag, string, RegExp]>([
    [{}, 'CONNECTION_STRING', /no access token/],
    [{ AuthScheme: 'OAuth' }, 'CONNECTION_STRING', /no access token/],
    [{ AuthScheme: 'AzureServicePrincipal', AzureTenant: 't' }, 'CONNECTION_STRING', /needs OAuthClientId, OAuthClientSecret, UserId/],
    [{ AuthScheme: 'AzureServicePrincipal', OAuthAccessToken: 'hunter2' }, 'CONNECTION_STRING', /contradicts/],
    [{ OAuthClientSecret: 'hunter2', OAuthClientId: 'c', AzureTenant: 'a/../b', UserId: 'u' }, 'CONNECTION_STRING', /AzureTenant is not/],
    [{ AuthScheme: 'AzureAD' }, 'CONNECTION_STRING', /no access token/],
    [{ AuthScheme: 'AzureAD', OAuthClientId: 'c', OAuthGrantType: 'CLIENT' }, 'CONNECTION_STRING', /contradicts/],
    [{ AuthScheme: 'AzureMSI' }, 'CONNECTION_STRING', /AuthScheme=AzureMSI needs UserId/],
    [{ AuthScheme: 'AzureServicePrincipal', InitiateOAuth: 'OFF', UserId: 'u' }, 'CONNECTION_STRING', /no access token/],
    [{ AuthScheme: 'AzureServicePrincipal', InitiateOAuth: 'OFF', OAuthAccessToken: 'hunter2' }, 'CONNECTION_STRING', /needs UserId/],
    [{ AuthScheme: 'AzureServicePrincipalCert', OAuthClientSecret: 'hunter2', OAuthClientId: 'c', AzureTenant: 't', UserId: 'u' }, 'CONNECTION_STRING', /needs OAuthJWTCert/],
    [{ AuthScheme: 'AzureServicePrincipal', OAuthClientSecret: 'hunter2', OAuthJWTCert: 'hunter2', OAuthClientId: 'c', AzureTenant: 't', UserId: 'u' }, 'CONNECTION_STRING', /two proofs/],
    [{ AuthScheme: 'AzureServicePrincipal', OAuthClientSecret: 'hunter2', OAuthClientId: 'c', AzureTenant: 't', UserId: 'u', Scope: 'Mail.Read' }, 'CONNECTION_STRING', /ends with \/\.default/],
    [{ OAuthJWTCert: 'hunter2', OAuthClientId: 'c', OAuthJWTIssuer: 'd', AzureTenant: 't', UserId: 'u' }, 'CONNECTION_STRING', /OAuthJWTIssuer contradicts/],
    [{ AuthScheme: 'OAuth', OAuthGrantType: 'PASSWORD', OAuthClientId: 'c' }, 'CONNECTION_STRING', /needs User, Password/],
    [{ AuthScheme: 'OAuth', OAuthGrantType: 'SAML' }, 'CONNECTION_STRING', /OAuthGrantType has no value/],
    [{ ...BASE, OAuthVersion: '1.0' }, 'CONNECTION_STRING', /OAuthVersion has no value/],
    [{ ...BASE, OAuthTokenTimestamp: '1' }, 'CONNECTION_STRING', /needs OAuthExpiresIn/],
    [{ ...BASE, OAuthTokenTimestamp: 'soon', OAuthExpiresIn: 1 }, 'CONNECTION_STRING', /no point in time/],
    [{ OAuthAccessToken: 'env:NO_SUCH_VARIABLE_HERE' }, 'CONNECTION_STRING', /no such environment variable/],
    [{ OAuthAccessToken: 'file:/no/such/hunter2' }, 'CONNECTION_STRING', /cannot be read \(ENOENT\)/],
    [{ AuthScheme: 'Magic', ...BASE }, 'CONNECTION_STRING', /AuthScheme has no value 'Magic'/],
    [{ Schema: 'EWS', ...BASE }, 'NOT_SUPPORTED', /Schema=EWS is not offered/],
    [{ InitiateOAuth: 'GETANDREFRESH', ...BASE }, 'CONNECTION_STRING', /InitiateOAuth=GETANDREFRESH needs OAuthClientId/],
    [{ OAuthAcessToken: 'hunter2' }, 'CONNECTION_STRING', /no connection property 'OAuthAcessToken'/],
    [{ 'hunter2~hunter2': '1' }, 'CONNECTION_STRING', /no connection property of that name/],
    [{ ...BASE, UserId: 'a', 'user id': 'b' }, 'CONNECTION_STRING', /UserId is given twice/],
    [{ ...BASE, GraphEndpoint: 'http://graph.example/v1.0' }, 'CONNECTION_STRING', /unencrypted/],
    [{ ...BASE, GraphEndpoint: 'graph.microsoft.com' }, 'CONNECTION_STRING', /not an http/],
    [{ ...BASE, GraphEndpoint: 'https://ann:hunter2@graph.example/v1.0' }, 'CONNECTION_STRING', /user name or a password/],
    [{ ...BASE, GraphEndpoint: 'https://graph.example/v1.0?x=hunter2' }, 'CONNECTION_STRING', /query/],
    [{ ...BASE, GraphEndpoint: 'https://graph.microsoft.us/v1.0', AzureEnvironment: 'CHINA' }, 'CONNECTION_STRING', /does not belong/],
    [{ ...BASE, OAuthAccessTokenURL: 'https://x.example' }, 'CONNECTION_STRING', /contradicts/],
    [{ ...BASE, MaxRows: '1.5' }, 'CONNECTION_STRING', /MaxRows must be a whole number/],
    [{ ...BASE, Pagesize: 1001 }, 'CONNECTION_STRING', /Pagesize must be a whole number from 1 to 1000, or -1/],
    [{ User: 'ada', Password: 'hunter2', Schema: 'EWS' }, 'NOT_SUPPORTED', /Schema=EWS is not offered/],
    [{ ...BASE, Timeout: -1 }, 'CONNECTION_STRING', /Timeout must be/],
    [{ ...BASE, DisableServerSideFiltering: 'maybe' }, 'CONNECTION_STRING', /must be true or false/],
    [{ ...BASE, SSLServerCert: '/no/such/file.pem' }, 'CONNECTION_STRING', /cannot be read/],
    [{ OAuthAccessToken: 'hunter2\r\nX-Evil: 1' }, 'CONNECTION_STRING', /OAuthAccessToken is not a token/],
    [{ OAuthAccessToken: jwt({ idtyp: 'app', appid: 'x' }) }, 'CONNECTION_STRING', /application's own/],
  ])('refuses %j', async (properties, code, message) => {
    const error = await refused(properties);
    expect(error).toMatchObject({ code, name: 'ExchangeSqlError' });
    expect(error.message).toMatch(message);
    expect(`${error.message}${String(error['hint'])}`).not.toContain('hunter2');
  });

  it('says what was meant', async () => {
    expect((await refused({ OAuthAcessToken: 'x' }))['hint']).toBe('Did you mean OAuthAccessToken?');
  });
});
