import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCredential } from '../../src/auth/create-credential.js';
import type { CredentialSpec } from '../../src/auth/credential-spec.js';
import type { Credential } from '../../src/auth/credential.js';
import { resolveOptions } from '../../src/driver/connection-options.js';
import { Trace } from '../../src/http/trace.js';
import { HttpTransport } from '../../src/http/transport.js';
import { failureOf, json, pause, serve } from '../http/server.js';

const GRAPH = 'https://graph.microsoft.com';
const SECRET = 'hunter2~secret/value';
const FAST = { resetBaseMs: 1, throttleBaseMs: 1 };
const jwt = (claims: object): string => `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

function transport(trace = Trace.off()): HttpTransport {
  const instance = new HttpTransport({ trace });
  onTestFinished(() => instance.close());
  return instance;
}

const asItself = (graph: string, authorityHost: string, tokenUrl?: string): CredentialSpec => ({
  kind: 'oauth',
  application: { authorityHost, tenant: 'contoso.example', clientId: 'C0FFEE00-0000-4000-8000-000000000001', proof: { kind: 'secret', secret: SECRET, in: 'body' }, ...(tokenUrl === undefined ? {} : { tokenUrl }) },
  grant: { kind: 'client' },
  scopes: [`${graph}/.default`],
  seed: {},
  store: { location: 'memory://', passphrase: undefined },
});

function principal(tokenUrl: string, http = transport()): Credential {
  return createCredential(asItself(GRAPH, 'https://login.microsoftonline.com', tokenUrl), GRAPH, http, FAST);
}

describe('a given token', () => {
  it('is sent as it is, without the scheme people paste', async () => {
    for (const token of ['abc', ' Bearer abc\n', 'bearer  abc']) {
      expect(await createCredential({ kind: 'token', token }, GRAPH, transport()).authorization(undefined)).toBe('Bearer abc');
    }
  });

  it('is refused where it could break the header, without being shown', async () => {
    for (const token of ['', 'a b', 'a\r\nX-Evil: hunter2', 'tökén', 'a\u0000b']) {
      const error = await failureOf(Promise.resolve().then(() => createCredential({ kind: 'token', token }, GRAPH, transport())));
      expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
      expect(inspect(error)).not.toContain('hunter2');
    }
  });

  it('tells application and mailbox where it is readable', () => {
    const user = createCredential({ kind: 'token', token: jwt({ appid: 'APP-1', oid: 'o-1', upn: 'ann@contoso.example', scp: 'Mail.Read' }) }, GRAPH, transport());
    expect(user).toMatchObject({ applicationKey: 'app:app-1', ownMailbox: ['o-1', 'ann@contoso.example'], refreshable: false });
    const opaque = (token: string): string => createCredential({ kind: 'token', token }, GRAPH, transport()).applicationKey;
    expect(opaque('one')).toBe(opaque('one'));
    expect(opaque('one')).not.toBe(opaque('two'));
    expect(opaque('one-long-opaque-token')).not.toContain('one');
    for (const odd of ['a.b.c', 'a.bnVsbA.c', `a.${Buffer.from('[1]').toString('base64url')}.c`]) expect(opaque(odd)).toMatch(/^token:/);
  });
});

describe('an application with a secret', () => {
  it('gets one token for all who ask, by the scope of the endpoint, and keeps it', async () => {
    const server = await serve(async (_, response) => {
      await pause(10);
      json(response, { token_type: 'Bearer', expires_in: 3600, access_token: `issued-${server.seen.length}` });
    });
    const credential = principal(`${server.origin}/token`);
    const values = await Promise.all(Array.from({ length: 20 }, () => credential.authorization(undefined)));
    expect(new Set(values)).toEqual(new Set(['Bearer issued-1']));
    expect(server.seen).toHaveLength(1);
    const form = new URLSearchParams(server.seen[0]!.body);
    expect(Object.fromEntries(form)).toMatchObject({ grant_type: 'client_credentials', client_secret: SECRET, scope: `${GRAPH}/.default` });
    expect(credential.applicationKey).toBe('app:c0ffee00-0000-4000-8000-000000000001');
  });

  it('gets another one when the service refuses it, once for all', async () => {
    const server = await serve((_, response) => json(response, { token_type: 'Bearer', expires_in: 3600, access_token: `issued-${server.seen.length}` }));
    const credential = principal(`${server.origin}/token`);
    const first = await credential.authorization(undefined);
    const again = await Promise.all([credential.authorization(undefined, first), credential.authorization(undefined, first)]);
    expect(again).toEqual(['Bearer issued-2', 'Bearer issued-2']);
    expect(await credential.authorization(undefined, first)).toBe('Bearer issued-2');
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ['invalid_client', 7000215, /the client secret is wrong \(AADSTS7000215\)/],
    ['unauthorized_client', 700016, /not known in this tenant \(AADSTS700016\)/],
    ['invalid_request', 90002, /tenant is not known/],
    ['invalid_client', 7000222, /expired/],
    ['invalid_client', 999999, /the application or its secret is not accepted \(AADSTS999999\)/],
  ])('explains %s AADSTS%i', async (error, number, message) => {
    const server = await serve((_, response) =>
      json(response, { error, error_description: `AADSTS${number}: Invalid client secret provided: '${SECRET}'. Trace ID: t Correlation ID: c`, error_codes: [number], correlation_id: 'c' }, 401),
    );
    const failure = await failureOf(principal(`${server.origin}/token`).authorization(undefined));
    expect(failure).toMatchObject({ code: 'AUTHENTICATION', serviceCode: `AADSTS${number}` });
    expect(failure.message).toMatch(message);
    expect(failure['hint']).toBeTruthy();
    expect(inspect(failure, { depth: 9 })).not.toContain('hunter2');
    expect(server.seen).toHaveLength(1);
  });

  it('survives resets, 503 and web pages of the sign-in service', async () => {
    const server = await serve((_, response, raw) => {
      if (server.seen.length === 1) raw.socket.destroy();
      else if (server.seen.length === 2) response.writeHead(503, { 'content-type': 'text/html' }).end('<html>');
      else json(response, { token_type: 'Bearer', expires_in: 3600, access_token: 'issued' });
    });
    expect(await principal(`${server.origin}/token`).authorization(undefined)).toBe('Bearer issued');
    const down = await serve((_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'));
    expect(await failureOf(principal(`${down.origin}/token`).authorization(undefined))).toMatchObject({ code: 'AUTHENTICATION', retryable: true });
    expect(await failureOf(principal('http://127.0.0.1:9/token').authorization(undefined))).toMatchObject({ code: 'UNREACHABLE' });
  });

  it('tries anew after a failure', async () => {
    const server = await serve((_, response) =>
      server.seen.length === 1 ? json(response, { error: 'invalid_client', error_description: 'AADSTS7000215: no' }, 401) : json(response, { token_type: 'Bearer', expires_in: 3600, access_token: 'issued' }),
    );
    const credential = principal(`${server.origin}/token`);
    await failureOf(credential.authorization(undefined));
    expect(await credential.authorization(undefined)).toBe('Bearer issued');
  });

  it('lets a caller give up while others wait on', async () => {
    const server = await serve(async (_, response) => {
      await pause(60);
      json(response, { token_type: 'Bearer', expires_in: 3600, access_token: 'issued' });
    });
    const credential = principal(`${server.origin}/token`);
    const controller = new AbortController();
    const given = failureOf(credential.authorization(controller.signal));
    const other = credential.authorization(undefined);
    await pause(10);
    controller.abort();
    expect(await given).toMatchObject({ code: 'CANCELLED' });
    expect(await other).toBe('Bearer issued');
    expect(server.seen).toHaveLength(1);
  });

  it('shows neither secret nor token at the highest trace level', async () => {
    const lines: string[] = [];
    const server = await serve((_, response) => json(response, { token_type: 'Bearer', expires_in: 3600, access_token: 'issued-token-7' }));
    const http = transport(new Trace(5, (line) => lines.push(line)));
    await principal(`${server.origin}/token`, http).authorization(undefined);
    expect(http.trace.redactor.redact(`${SECRET} issued-token-7`)).toBe('*** ***');
    expect(lines.join('\n')).toMatch(/\/token\S* 200/);
    expect(lines.join('\n')).not.toMatch(/hunter2|issued-token-7/);
  });

  it('signs in at the cloud the endpoint belongs to', async () => {
    const asked: string[] = [];
    const http = transport();
    // Only the address is of interest: the request itself must not leave this machine.
    const recorder: Pick<HttpTransport, 'request' | 'trace'> = {
      trace: http.trace,
      request: ({ url }) => {
        asked.push(url);
        return Promise.resolve({ status: 200, headers: {}, bytes: 0, body: Buffer.from('{"token_type":"Bearer","expires_in":3600,"access_token":"x"}') });
      },
    };
    for (const [graph, login] of [
      ['https://graph.microsoft.com', 'https://login.microsoftonline.com'],
      ['https://graph.microsoft.us', 'https://login.microsoftonline.us'],
      ['https://microsoftgraph.chinacloudapi.cn', 'https://login.partner.microsoftonline.cn'],
    ] as const) {
      asked.length = 0;
      const { credential } = resolveOptions({ AuthScheme: 'AzureServicePrincipal', AzureTenant: 'contoso.example', OAuthClientId: 'c', OAuthClientSecret: SECRET, UserId: 'ann', GraphEndpoint: graph });
      await createCredential(credential, graph, recorder as HttpTransport).authorization(undefined);
      expect(asked.map((url) => new URL(url).origin)).toEqual(asked.map(() => login));
      expect(asked.at(-1)).toContain('/contoso.example/');
    }
  });
});

describe('a token provider', () => {
  const make = (getToken: Extract<CredentialSpec, { kind: 'provider' }>['provider']['getToken']): Credential =>
    createCredential({ kind: 'provider', provider: { getToken } }, GRAPH, transport());

  it('is asked for the scope of the endpoint, and again when its token ends or is refused', async () => {
    const scopes: string[] = [];
    let life = 3_600_000;
    const credential = make((scope) => {
      scopes.push(scope);
      return Promise.resolve({ token: `t${scopes.length}`, expiresOnTimestamp: Date.now() + life });
    });
    expect(await credential.authorization(undefined)).toBe('Bearer t1');
    expect(await credential.authorization(undefined)).toBe('Bearer t1');
    life = 0;
    expect(await credential.authorization(undefined, 'Bearer t1')).toBe('Bearer t2');
    expect(await credential.authorization(undefined)).toBe('Bearer t3');
    expect(new Set(scopes)).toEqual(new Set([`${GRAPH}/.default`]));
  });

  it('fails clearly', async () => {
    expect(await failureOf(make(() => Promise.resolve(null)).authorization(undefined))).toMatchObject({ code: 'AUTHENTICATION' });
    expect(await failureOf(make(() => Promise.reject(new Error('not signed in'))).authorization(undefined))).toMatchObject({ code: 'AUTHENTICATION' });
    expect(await failureOf(make(() => Promise.resolve({ token: 'a\nb' })).authorization(undefined))).toMatchObject({ code: 'CONNECTION_STRING' });
  });
});
