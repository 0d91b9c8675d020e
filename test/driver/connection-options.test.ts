import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveOptions } from '../../src/driver/connection-options.js';
import type { PropertyBag } from '../../src/driver/connection-options.js';
import { failureOf } from '../http/server.js';

const BASE = { OAuthAccessToken: 'token' };
const refused = (properties: PropertyBag): Promise<Error & Record<string, unknown>> => failureOf(Promise.resolve().then(() => resolveOptions(properties)));
const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveOptions(BASE)).toEqual({
      schema: 'MSGraph', credential: { kind: 'token', token: 'token' }, userId: undefined, graphEndpoint: 'https://graph.microsoft.com/v1.0', ca: undefined,
      primaryKey: 'composite', idType: 'Immutable', maxRows: undefined, pageSize: undefined, timeoutSeconds: 60, disableServerSideFiltering: false, onMailboxError: 'fail', onRowError: 'stop', readonly: false, maxAffectedRows: 1000, allowFullTable: false, dryRun: false,
      includeSubfolders: false, verbosity: 1, logfile: undefined, warnings: [], shown: { OAuthAccessToken: '***' },
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
      disableServerSideFiltering: true, onMailboxError: 'warn', includeSubfolders: true, verbosity: 3, logfile: 'x.log', readonly: true, maxAffectedRows: undefined, allowFullTable: true, dryRun: true, onRowError: 'continue',
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
    expect(resolveOptions(given).credential).toEqual({ kind: 'servicePrincipal', tenant: 'contoso.example', clientId: 'client', clientSecret: 'hunter2' });
    expect(resolveOptions({ ...given, AuthScheme: undefined, OAuthAccessTokenURL: 'http://127.0.0.1:1/token' }).credential).toMatchObject({ tokenUrl: 'http://127.0.0.1:1/token' });
    expect(resolveOptions(given).shown).toMatchObject({ OAuthClientSecret: '***', OAuthClientId: 'client' });
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
    [{ AuthScheme: 'AzureAD' }, 'NOT_SUPPORTED', /AuthScheme=AzureAD is not offered/],
    [{ AuthScheme: 'Magic', ...BASE }, 'CONNECTION_STRING', /AuthScheme has no value 'Magic'/],
    [{ Schema: 'EWS', ...BASE }, 'NOT_SUPPORTED', /Schema=EWS is not offered/],
    [{ InitiateOAuth: 'GETANDREFRESH', ...BASE }, 'NOT_SUPPORTED', /InitiateOAuth=GETANDREFRESH/],
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
    [{ ...BASE, SSLServerCert: '*' }, 'NOT_SUPPORTED', /SSLServerCert/],
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

  it('takes a certificate as text or file', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
    const folder = mkdtempSync(join(tmpdir(), 'connection-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ca.pem'), pem);
    expect(resolveOptions({ ...BASE, SSLServerCert: pem }).ca).toBe(pem.trim());
    expect(resolveOptions({ ...BASE, SSLServerCert: join(folder, 'ca.pem') }).ca).toBe(pem);
  });
});
