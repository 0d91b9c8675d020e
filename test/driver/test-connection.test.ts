/** "Test connection": each mistake has an answer of its own that names it and its remedy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { testConnection, type TestStep } from '../../src/index.js';
import { parseConnectionString } from '../../src/driver/connection-string.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { PUBLIC_CLIENT, startEntra, type Entra } from '../auth/real/entra.js';
import { json, serve } from '../http/server.js';
import { GHOST, MAIN, startOffice } from './office.js';

let sandbox: Sandbox;
let entra: Entra;
beforeAll(async () => {
  [sandbox, entra] = await Promise.all([startOffice(), startEntra()]);
});
afterAll(() => Promise.all([sandbox.close(), entra.close()]));

async function steps(properties: Record<string, string | undefined>, table?: string): Promise<TestStep[]> {
  const found: TestStep[] = [];
  for await (const step of testConnection({ GraphEndpoint: sandbox.graphEndpoint, ...properties }, table === undefined ? {} : { table })) found.push(step);
  return found;
}

/** The step that failed, and what a person is told. */
async function verdict(properties: Record<string, string | undefined>, table?: string): Promise<{ readonly step: string; readonly text: string }> {
  const last = (await steps(properties, table)).at(-1)!;
  expect(last.status).toBe('failed');
  return { step: last.name, text: `${last.error!.message} ${last.error!.hint ?? ''}` };
}

/** A sign-in service that refuses as Microsoft Entra does. */
async function refusing(number: number, error = 'invalid_client'): Promise<string> {
  const server = await serve((_, response) => json(response, { error, error_description: `AADSTS${String(number)}: The canary text of the service. Trace ID: t`, error_codes: [number], correlation_id: '00000000-0000-4000-8000-000000000000' }, 401));
  return `${server.origin}/token`;
}

const application = { AuthScheme: 'AzureServicePrincipal', AzureTenant: 'contoso.example', OAuthClientId: 'client', OAuthClientSecret: 'canary-secret', UserId: MAIN };
const password = { AuthScheme: 'OAuth', OAuthGrantType: 'PASSWORD', AzureTenant: 'contoso.example', OAuthClientId: 'client', User: MAIN, Password: 'canary-password' };
const user = { AuthScheme: 'AzureAD', InitiateOAuth: 'REFRESH', OAuthRefreshToken: 'canary-refresh', AzureTenant: 'contoso.example', OAuthClientId: 'client', OAuthSettingsLocation: 'memory://test-connection' };
const given = (UserId: string): Record<string, string> => ({ AuthScheme: 'OAuth', InitiateOAuth: 'OFF', OAuthAccessToken: `sandbox-${MAIN}`, UserId });

it('says step by step that a connection works', async () => {
  // The office's clock stands still, which would be told of.
  await using running = await startSandbox({ messages: 3 });
  const { UserId } = parseConnectionString(running.connectionString);
  expect((await steps({ ...given(UserId!), GraphEndpoint: running.graphEndpoint })).map(({ name, status }) => [name, status])).toEqual([['properties', 'ok'], ['service', 'ok'], ['sign-in', 'ok'], ['mailbox', 'ok']]);
  expect((await steps(given(MAIN), 'Events')).at(-1)).toMatchObject({ status: 'ok', detail: `one row of Events was read in ${MAIN}` });
});

describe('the sign-in', () => {
  it.each<[string, Record<string, string>, number, string, RegExp]>([
    ['wrong secret', application, 7000215, 'invalid_client', /client secret is wrong \(AADSTS7000215\).*value of the secret/],
    ['expired secret', application, 7000222, 'invalid_client', /client secret has expired \(AADSTS7000222\).*new secret/],
    ['wrong tenant', application, 90002, 'invalid_request', /tenant is not known \(AADSTS90002\).*AzureTenant/],
    ['unknown client', application, 700016, 'unauthorized_client', /application is not known in this tenant \(AADSTS700016\).*OAuthClientId/],
    ['no consent', password, 65001, 'invalid_grant', /nobody has consented.*\(AADSTS65001\).*GetAdminConsentURL/],
    ['a second factor', password, 50076, 'invalid_grant', /second factor is required \(AADSTS50076\).*password alone/],
    ['wrong password', password, 50126, 'invalid_grant', /user name or password is wrong \(AADSTS50126\)/],
    ['wrong clock', application, 700024, 'invalid_client', /clock of this machine is wrong.*\(AADSTS700024\).*NTP/],
    ['unregistered certificate', application, 700027, 'invalid_client', /certificate is not registered.*\(AADSTS700027\).*Upload/],
    ['dead refresh token', user, 700082, 'invalid_grant', /refresh token is no longer accepted \(AADSTS700082\).*exchange-sql login/],
    ['single tenant', password, 50194, 'invalid_request', /belongs to one tenant.*AzureTenant/],
  ])('%s', async (_, properties, number, error, message) => {
    const { step, text } = await verdict({ ...properties, OAuthAccessTokenURL: await refusing(number, error) });
    expect(step).toBe('sign-in');
    expect(text).toMatch(message);
    expect(text).not.toContain('canary');
  });

  it('wrong redirect URI: the page that only a browser would see', async () => {
    const { step, text } = await verdict({ ...entra.properties, AuthScheme: 'AzureAD', InitiateOAuth: 'GETANDREFRESH', OAuthClientId: PUBLIC_CLIENT, CallbackURL: 'http://localhost/elsewhere', OAuthSettingsLocation: 'memory://page' });
    expect(step).toBe('sign-in page');
    expect(text).toMatch(/come back to is not registered with the application \(AADSTS50011\).*CallbackURL/);
  });

  it('a sign-in service that cannot be reached', async () => {
    expect((await verdict({ ...application, OAuthAccessTokenURL: 'http://127.0.0.1:9/token' })).text).toMatch(/Nothing answers at http:\/\/127\.0\.0\.1:9/);
  });
});

describe('the properties', () => {
  const folder = mkdtempSync(join(tmpdir(), 'test-connection-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['missing UserId', { ...application, UserId: undefined }, /needs UserId\. An application has no mailbox of its own/],
    ['no token', { AuthScheme: 'OAuth' }, /no access token/],
    ['a certificate without its key', { ...application, OAuthClientSecret: undefined, OAuthJWTCertType: 'PUBLIC_KEY_FILE', OAuthJWTCert: 'x.cer' }, /signing in needs the private key/],
  ])('%s', async (_, properties, message) => {
    const { step, text } = await verdict(properties);
    expect([step, text]).toEqual(['properties', expect.stringMatching(message) as string]);
  });

  it('a file that is no certificate', async () => {
    writeFileSync(join(folder, 'own.pfx'), 'no certificate');
    expect((await verdict({ ...application, OAuthClientSecret: undefined, OAuthJWTCert: join(folder, 'own.pfx') })).step).toBe('properties');
  });

  it('what does nothing is told of', async () => {
    expect((await steps({ ...given(MAIN), OAuthClientSecret: 'canary' })).find(({ status }) => status === 'warning')?.detail).toMatch(/OAuthClientSecret does nothing/);
  });
});

describe('the service', () => {
  it('a web page in its place', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    const { step, text } = await verdict({ ...given(MAIN), GraphEndpoint: `${server.origin}/v1.0` });
    expect(step).toBe('service');
    expect(text).toMatch(/not Microsoft Graph: it sends a web page/);
  });

  it('nothing in its place', async () => {
    expect(await verdict({ ...given(MAIN), GraphEndpoint: 'http://127.0.0.1:9/v1.0' })).toMatchObject({ step: 'service', text: expect.stringContaining('connection was refused') as string });
  });

  it('a clock that differs', async () => {
    const server = await serve((request, response) => {
      response.sendDate = false;
      json(response, request.url.includes('messages') ? { value: [] } : {}, 200, { date: new Date(Date.now() - 3_600_000).toUTCString() });
    });
    expect((await steps({ ...given(MAIN), GraphEndpoint: `${server.origin}/v1.0` })).find(({ status }) => status === 'warning')?.detail).toMatch(/60 minutes ahead of the service's/);
  });
});

describe('the mailbox', () => {
  const admin = async (body: object): Promise<void> => {
    expect((await fetch(`${sandbox.adminEndpoint}/authorization`, { method: 'POST', body: JSON.stringify(body) })).ok).toBe(true);
  };

  it('missing permission', async () => {
    await admin({ scopes: ['Calendars.Read'] });
    onTestFinished(() => admin({ scopes: null }));
    const { step, text } = await verdict(given(MAIN));
    expect([step, text]).toEqual(['mailbox', expect.stringMatching(/denied \(ErrorAccessDenied.*permission.*Mail\.Read/) as string]);
    expect((await steps(given(MAIN), 'Events')).at(-1)?.status).toBe('ok');
  });

  it('an expired token', async () => {
    await admin({ expired: [`sandbox-${MAIN}`] });
    onTestFinished(() => admin({ expired: [] }));
    expect((await verdict(given(MAIN))).text).toMatch(/does not accept the access token.*new access token/);
  });

  it('unknown and on-premises mailbox', async () => {
    const unknown = await verdict(given('nobody@contoso.example'));
    const elsewhere = await verdict(given(GHOST));
    expect(unknown.text).toMatch(/'nobody@contoso\.example' cannot be opened.*Check the address or id/);
    expect(elsewhere.text).toMatch(/'ghost@contoso\.example' cannot be opened: it is not in Exchange Online.*server of your own/);
  });

  it('a table that there is not', async () => {
    expect((await verdict(given(MAIN), 'Mesages')).text).toMatch(/Mesages/);
  });
});
