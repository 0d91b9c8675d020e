/** Signing in by SQL: the four procedures, against a provider that checks what they send. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Connection, type ConnectOptions } from '../../../src/index.js';
import { PASSWORD, PUBLIC_CLIENT, SECRET, SECRET_CLIENT, startEntra, TENANT, USER, type Entra } from '../../auth/real/entra.js';
import { refusal } from '../office.js';

const BACK = 'https://app.contoso.example/back';
let entra: Entra;
let names = 0;

beforeAll(async () => {
  entra = await startEntra({ redirectUris: ['http://localhost', BACK] });
});
afterAll(() => entra.close());

const open = (properties: Record<string, string>, options: ConnectOptions = {}): Promise<Connection> => connect({ AuthScheme: 'AzureAD', OAuthClientId: PUBLIC_CLIENT, OAuthSettingsLocation: `memory://procedures-${String(names += 1)}`, ...entra.properties, ...properties }, options);

async function row(connection: Connection, sql: string, parameters: readonly string[] = []): Promise<Record<string, string>> {
  const { rows } = await connection.query(sql, [...parameters]);
  expect(rows).toHaveLength(1);
  return rows[0] as Record<string, string>;
}

describe('a user', () => {
  it('signs in in two steps and is renewed', async () => {
    await using connection = await open({ InitiateOAuth: 'OFF', Readonly: 'true' });
    const { URL: address } = await row(connection, 'EXEC GetOAuthAuthorizationURL CallbackURL = ?', [BACK]);
    const asked = new URL(address!).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({ client_id: PUBLIC_CLIENT, redirect_uri: BACK, response_type: 'code', code_challenge_method: 'S256' });
    const tokens = await row(connection, "EXEC GetOAuthAccessToken AuthMode = 'WEB', Verifier = ?", [await entra.signIn(address!)]);
    expect(tokens).toEqual({ OAuthAccessToken: expect.stringMatching(/.{20}/) as string, OAuthRefreshToken: expect.stringMatching(/.{20}/) as string, ExpiresIn: expect.stringMatching(/^3[56]\d\d$/) as string });
    const renewed = await row(connection, 'EXEC RefreshOAuthAccessToken');
    expect(renewed['OAuthAccessToken']).not.toBe(tokens['OAuthAccessToken']);
    // The old refresh token was given up for a new one; using it again is refused.
    expect(await refusal(connection.query('EXEC RefreshOAuthAccessToken OAuthRefreshToken = ?', [tokens['OAuthRefreshToken']!]))).toMatchObject({ code: 'AUTHENTICATION', serviceCode: 'invalid_grant' });
  });

  it('needs the code in a web application', async () => {
    await using connection = await open({});
    expect(await refusal(connection.query("EXEC GetOAuthAccessToken AuthMode = 'WEB'"))).toMatchObject({ code: 'BAD_PARAMETER' });
    expect((await refusal(connection.query("EXEC GetOAuthAuthorizationURL Scope = 'Mail.Read'"))).message).toMatch(/Scope/);
  });
});

it('a password and an application get a token', async () => {
  await using user = await open({ AuthScheme: 'OAuth', OAuthGrantType: 'PASSWORD', User: USER, Password: PASSWORD });
  expect((await row(user, 'EXEC GetOAuthAccessToken'))['OAuthAccessToken']).toMatch(/.{20}/);
  await using application = await open({ AuthScheme: 'AzureServicePrincipal', OAuthClientId: SECRET_CLIENT, OAuthClientSecret: SECRET, UserId: USER });
  expect((await row(application, 'EXEC GetOAuthAccessToken'))['OAuthAccessToken']).toMatch(/.{20}/);
  expect(await refusal(application.query('EXEC GetOAuthAuthorizationURL'))).toMatchObject({ code: 'NOT_SUPPORTED' });
  expect(await refusal(application.query("EXEC GetOAuthAccessToken Verifier = 'x'"))).toMatchObject({ code: 'BAD_PARAMETER' });
  expect(await refusal(application.query('EXEC RefreshOAuthAccessToken'))).toMatchObject({ code: 'NOT_SUPPORTED' });
});

it('GetAdminConsentURL leads to the page of the tenant', async () => {
  await using connection = await open({ CallbackURL: BACK });
  const { URL: address } = await row(connection, "EXEC GetAdminConsentURL State = 'seven'");
  const url = new URL(address!);
  expect(url.origin + url.pathname).toBe(`https://login.microsoftonline.com/${TENANT}/v2.0/adminconsent`);
  expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: PUBLIC_CLIENT, scope: 'https://graph.microsoft.com/.default', redirect_uri: BACK, state: 'seven' });
});

it('EXPLAIN sends nothing', async () => {
  await using connection = await open({});
  const before = entra.requests.length;
  const { rows } = await connection.query('EXPLAIN EXEC RefreshOAuthAccessToken');
  expect(rows.map(({ detail }) => detail)).toContain(`POST ${entra.tokenUrl}`);
  expect(entra.requests).toHaveLength(before);
});

it('a program that serves others hands out no tokens; a given token has none to give', async () => {
  await using served = await open({}, { fileAccess: 'off' });
  for (const sql of ['EXEC GetOAuthAccessToken', 'EXEC RefreshOAuthAccessToken']) expect(await refusal(served.query(sql))).toMatchObject({ code: 'STATEMENT_REFUSED' });
  await using given = await connect({ OAuthAccessToken: 'token' });
  expect(await refusal(given.query('EXEC GetOAuthAccessToken'))).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('a given token') as string });
});
