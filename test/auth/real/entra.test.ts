/** Every flow of a user and an application through msal, against a provider that checks them (entra.ts). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createCredential, createSignIn } from '../../../src/auth/create-credential.js';
import type { Credential } from '../../../src/auth/credential.js';
import type { OAuthCredential } from '../../../src/auth/oauth/credential.js';
import { resolveOptions, type PropertyBag } from '../../../src/driver/connection-options.js';
import { Trace } from '../../../src/http/trace.js';
import { HttpTransport } from '../../../src/http/transport.js';
import { failureOf, pause } from '../../http/server.js';
import { CERTIFICATE_CLIENT, HEADER_CLIENT, PASSWORD, PUBLIC_CLIENT, SECRET, SECRET_CLIENT, startEntra, USER, type Entra, type TokenRequest } from './entra.js';

const GRAPH = 'https://graph.microsoft.com';
let entra: Entra;
let names = 0;

beforeAll(async () => {
  entra = await startEntra({ redirectUris: ['http://localhost', 'http://localhost/back', 'https://app.contoso.example/back'] });
});
afterAll(() => entra.close());

function transport(lines: string[] = []): HttpTransport {
  const instance = new HttpTransport({ trace: new Trace(5, (line) => lines.push(line)) });
  onTestFinished(() => instance.close());
  return instance;
}

const store = (): string => `memory://${String(names += 1)}`;

function credential(properties: PropertyBag, http = transport()): Credential {
  return createCredential(resolveOptions({ ...entra.properties, ...properties }).credential, GRAPH, http);
}

/** A user's credential, whose browser is the test. */
function person(properties: PropertyBag, http = transport()): { readonly credential: OAuthCredential; readonly said: string[] } {
  const { credential: spec } = resolveOptions({ AuthScheme: 'AzureAD', OAuthClientId: PUBLIC_CLIENT, ...entra.properties, ...properties });
  if (spec.kind !== 'oauth') throw new Error('not a sign-in');
  const said: string[] = [];
  return { credential: createSignIn(spec, http, {}, { prompt: (text) => said.push(text), browse: () => Promise.resolve(false) }), said };
}

const requestsOf = async (work: () => Promise<unknown>): Promise<readonly TokenRequest[]> => {
  const before = entra.requests.length;
  await work();
  return entra.requests.slice(before);
};

describe('an application', () => {
  const base = { UserId: USER, OAuthClientId: SECRET_CLIENT, OAuthClientSecret: SECRET };

  it('signs in with a secret in the body or the header', async () => {
    const [body] = await requestsOf(() => credential({ ...base, AuthScheme: 'AzureServicePrincipal' }).authorization(undefined));
    expect(body).toMatchObject({ status: 200, authorization: undefined, form: { grant_type: 'client_credentials', client_secret: SECRET } });
    const header = { ...base, AuthScheme: 'OAuth', OAuthGrantType: 'CLIENT', OAuthClientId: HEADER_CLIENT, OAuthClientAuthentication: 'HEADER' };
    const [sent] = await requestsOf(() => credential(header).authorization(undefined));
    expect(sent?.status).toBe(200);
    expect(sent?.form['client_secret']).toBeUndefined();
    expect(sent?.authorization).toMatch(/^Basic /);
  });

  it('is refused with a wrong secret', async () => {
    const failure = await failureOf(credential({ ...base, AuthScheme: 'AzureServicePrincipal', OAuthClientSecret: 'canary-wrong' }).authorization(undefined));
    expect(failure).toMatchObject({ code: 'AUTHENTICATION', serviceCode: 'invalid_client' });
    expect(`${failure.message}${String(failure['hint'])}`).not.toContain('canary');
  });

  it('signs in with a token of another issuer, read anew each time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'federated-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'token');
    const one = credential({ AuthScheme: 'AzureServicePrincipal', UserId: USER, OAuthClientId: CERTIFICATE_CLIENT, OAuthFederatedTokenFile: file });
    expect((await failureOf(one.authorization(undefined))).message).toMatch(/cannot be read/);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const sub of ['first', 'second']) {
      writeFileSync(file, `${part({ alg: 'RS256' })}.${part({ sub })}.c2ln\n`);
      const [sent] = await requestsOf(() => failureOf(one.authorization(undefined)));
      expect(sent?.assertion?.claims).toEqual({ sub });
      expect(sent?.form).toMatchObject({ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
    }
    writeFileSync(file, 'no token');
    expect((await failureOf(one.authorization(undefined))).message).toMatch(/holds no token/);
  });
});

describe('a user', () => {
  it('signs in with a password, with and without a secret', async () => {
    const grant = { AuthScheme: 'OAuth', OAuthGrantType: 'PASSWORD', User: USER, Password: PASSWORD };
    for (const application of [{ OAuthClientId: PUBLIC_CLIENT }, { OAuthClientId: SECRET_CLIENT, OAuthClientSecret: SECRET }]) {
      const [sent] = await requestsOf(() => credential({ ...grant, ...application }).authorization(undefined));
      expect(sent).toMatchObject({ status: 200, form: { grant_type: 'password', username: USER } });
    }
    expect(await failureOf(credential({ ...grant, OAuthGrantType: 'BASIC_OAUTH', OAuthClientId: PUBLIC_CLIENT, Password: 'canary' }).authorization(undefined))).toMatchObject({ serviceCode: 'AADSTS50126' });
  });

  it('signs in in two steps, then renews; a code in the string is used once', async () => {
    const place = store();
    const first = person({ OAuthSettingsLocation: place });
    const { url } = await first.credential.begin('https://app.contoso.example/back');
    const back = await entra.signIn(url);
    expect(back).toMatch(/^https:\/\/app\.contoso\.example\/back\?code=/);
    const second = { OAuthSettingsLocation: place, OAuthVerifier: back };
    const [redeemed] = await requestsOf(() => person(second).credential.authorization(undefined));
    expect(redeemed).toMatchObject({ status: 200, form: { grant_type: 'authorization_code', redirect_uri: 'https://app.contoso.example/back' } });
    expect(await requestsOf(() => person(second).credential.authorization(undefined))).toEqual([]);
    const token = await person(second).credential.authorization(undefined);
    const [renewed] = await requestsOf(() => person(second).credential.authorization(undefined, token));
    expect(renewed).toMatchObject({ status: 200, form: { grant_type: 'refresh_token' } });
  });

  it('signs in with a browser on this machine, at any port or the one of CallbackURL', async () => {
    for (const CallbackURL of [undefined, 'http://localhost/back']) {
      const place = store();
      const { credential: one, said } = person({ InitiateOAuth: 'GETANDREFRESH', OAuthSettingsLocation: place, CallbackURL });
      const value = one.authorization(undefined);
      while (said.length === 0) await pause(10);
      const back = await entra.signIn(/http\S+/.exec(said[0]!)![0]);
      expect(back).toMatch(CallbackURL === undefined ? /^http:\/\/localhost:\d+\/?\?code=/ : /^http:\/\/localhost:\d+\/back\?code=/);
      // Somebody who guesses gets nothing, and ends nothing.
      expect((await fetch(back.replace(/state=[^&]+/, 'state=guess'))).status).toBe(400);
      const page = await fetch(back);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('You are signed in') as string]);
      expect(await value).toMatch(/^Bearer ./);
      expect(await requestsOf(() => person({ OAuthSettingsLocation: place }).credential.authorization(undefined))).toEqual([]);
    }
  });

  it('signs in with a code shown in a terminal', async () => {
    const { credential: spec } = resolveOptions({ AuthScheme: 'AzureAD', OAuthClientId: PUBLIC_CLIENT, ...entra.properties, OAuthSettingsLocation: store() });
    if (spec.kind !== 'oauth' || spec.grant.kind !== 'code') throw new Error('not a sign-in');
    const said: string[] = [];
    const value = createSignIn({ ...spec, grant: { ...spec.grant, mode: 'device' } }, transport(), {}, { prompt: (text) => said.push(text) }).authorization(undefined);
    while (said.length === 0) await pause(10);
    const [, address = '', code = ''] = /open (\S+) and enter the code (\S+)/.exec(said[0]!) ?? [];
    await entra.enterCode(address, code);
    expect(await value).toMatch(/^Bearer ./);
  });

  it('refuses a code without its first step, and the answer of another sign-in', async () => {
    expect((await failureOf(person({ OAuthVerifier: 'code', OAuthSettingsLocation: store() }).credential.authorization(undefined))).message).toMatch(/needs the first step/);
    const place = store();
    await person({ OAuthSettingsLocation: place }).credential.begin('http://localhost');
    expect((await failureOf(person({ OAuthSettingsLocation: place, OAuthVerifier: 'http://localhost/?code=c&state=other' }).credential.authorization(undefined))).message).toMatch(/another sign-in/);
  });

  it('renews rotating refresh tokens; the stored one wins over the one of the string, and a dead one is said to be dead', async () => {
    const place = store();
    const one = person({ OAuthSettingsLocation: place });
    const { url } = await one.credential.begin('http://localhost');
    const { refreshToken } = await one.credential.finish(await entra.signIn(url));
    expect(refreshToken).toBeTruthy();
    const seeded = { OAuthSettingsLocation: store(), OAuthRefreshToken: refreshToken, InitiateOAuth: 'REFRESH' };
    const value = await person(seeded).credential.authorization(undefined);
    const sent = await requestsOf(() => person(seeded).credential.authorization(undefined, value));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.form['refresh_token']).not.toBe(refreshToken);
    expect(sent[0]?.status).toBe(200);
    const dead = await failureOf(person({ ...seeded, OAuthSettingsLocation: store() }).credential.authorization(undefined));
    expect(dead).toMatchObject({ code: 'AUTHENTICATION', serviceCode: 'invalid_grant' });
    expect(dead.message).toMatch(/refresh token is no longer accepted/);
    expect(dead['hint']).toMatch(/exchange-sql login/);
  });

  it('uses given tokens until their end', async () => {
    const given = { OAuthSettingsLocation: store(), OAuthAccessToken: 'given-token', OAuthRefreshToken: 'dead', InitiateOAuth: 'REFRESH', OAuthExpiresIn: 3600 };
    expect(await requestsOf(async () => expect(await person(given).credential.authorization(undefined)).toBe('Bearer given-token'))).toEqual([]);
    const late = { ...given, OAuthSettingsLocation: store(), OAuthTokenTimestamp: Date.now() - 3_500_000 };
    expect((await failureOf(person(late).credential.authorization(undefined))).message).toMatch(/no longer accepted/);
  });

  it('says what to do where there is nothing to renew', async () => {
    expect(await failureOf(person({ OAuthSettingsLocation: store(), InitiateOAuth: 'REFRESH' }).credential.authorization(undefined))).toMatchObject({ message: 'There is no sign-in to renew in memory.', hint: expect.stringContaining('exchange-sql login') as string });
    expect((await failureOf(person({ OAuthSettingsLocation: store(), InitiateOAuth: 'OFF' }).credential.authorization(undefined))).message).toMatch(/InitiateOAuth=OFF gets none/);
  });
});

it('no secret stands in a trace at the highest level', async () => {
  const lines: string[] = [];
  const http = transport(lines);
  const value = await credential({ UserId: USER, OAuthClientId: SECRET_CLIENT, OAuthClientSecret: SECRET }, http).authorization(undefined);
  const place = store();
  const one = person({ OAuthSettingsLocation: place }, http);
  const { url, verifier } = await one.credential.begin('http://localhost');
  const { accessToken, refreshToken = '' } = await one.credential.finish(await entra.signIn(url));
  const { accessToken: renewed } = await one.credential.renew();
  await failureOf(credential({ AuthScheme: 'OAuth', OAuthGrantType: 'PASSWORD', User: USER, Password: `${PASSWORD}x`, OAuthClientId: PUBLIC_CLIENT }, http).authorization(undefined));
  const text = lines.join('\n');
  expect(lines.length).toBeGreaterThan(10);
  for (const canary of [SECRET, encodeURIComponent(SECRET), value.slice(7), verifier, accessToken, refreshToken, renewed, PASSWORD]) expect(text).not.toContain(canary);
});
