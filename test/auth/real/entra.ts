/**
 * A sign-in service shaped like Microsoft Entra on loopback: a certified OpenID provider (`oidc-provider`) behind Entra's addresses and
 * dialect. It checks what Entra checks: secrets, signatures of assertions (PS256) and their certificate headers, PKCE, redirect URIs,
 * single use of codes and rotating refresh tokens.
 */
import { createPublicKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type GrantContext, type ProviderClient } from 'oidc-provider';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const USER = 'ann@contoso.example';
export const PASSWORD = 'Correct-Horse-7';
export const SECRET = 'canary~client/secret+7';
export const GRAPH_SCOPE = 'https://graph.microsoft.com/.default';

export const PUBLIC_CLIENT = '00000000-0000-4000-8000-0000000000a1';
export const SECRET_CLIENT = '00000000-0000-4000-8000-0000000000a2';
export const CERTIFICATE_CLIENT = '00000000-0000-4000-8000-0000000000a3';
export const HEADER_CLIENT = '00000000-0000-4000-8000-0000000000a4';
const OID = '99999999-0000-4000-8000-000000000001';

export interface TokenRequest {
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  /** Header and claims of the client assertion, where there is one. */
  readonly assertion: { readonly header: Readonly<Record<string, unknown>>; readonly claims: Readonly<Record<string, unknown>> } | undefined;
  status: number;
}

export interface Entra {
  readonly origin: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Every request at the token endpoint. */
  readonly requests: readonly TokenRequest[];
  /** Properties that lead a connection here. */
  readonly properties: Readonly<Record<string, string>>;
  /** Signs in at an authorization address as a person at a browser would; returns the address the browser ends at. */
  signIn(url: string): Promise<string>;
  /** Enters the code of a device. */
  enterCode(address: string, code: string): Promise<void>;
  close(): Promise<void>;
}

export interface EntraSettings {
  /** Public keys of certificates that are registered with CERTIFICATE_CLIENT. */
  readonly jwks?: readonly object[];
  /** Seconds an access token lives. */
  readonly lifetime?: number;
  readonly redirectUris?: readonly string[];
}

export async function startEntra({ jwks = [], lifetime = 3600, redirectUris = ['http://localhost'] }: EntraSettings = {}): Promise<Entra> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const issuer = `${origin}/${TENANT}`;
  const common = { grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'password', 'urn:ietf:params:oauth:grant-type:device_code'], response_types: ['code'], redirect_uris: [...redirectUris], id_token_signed_response_alg: 'RS256' };
  const clients: ProviderClient[] = [
    { ...common, client_id: PUBLIC_CLIENT, token_endpoint_auth_method: 'none', application_type: 'native' },
    { ...common, client_id: SECRET_CLIENT, client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post', application_type: 'native' },
    { ...common, client_id: HEADER_CLIENT, client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic', application_type: 'native' },
    ...(jwks.length === 0 ? [] : [{ ...common, client_id: CERTIFICATE_CLIENT, token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256', jwks: { keys: [...jwks] }, application_type: 'native' }]),
  ];
  const provider: Provider = new Provider(issuer, {
    clients,
    routes: { authorization: '/oauth2/v2.0/authorize', token: '/oauth2/v2.0/token', device_authorization: '/oauth2/v2.0/devicecode', jwks: '/discovery/v2.0/keys' },
    features: { clientCredentials: { enabled: true }, deviceFlow: { enabled: true }, devInteractions: { enabled: true }, resourceIndicators: { enabled: false } },
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256'] },
    conformIdTokenClaims: false,
    rotateRefreshToken: true,
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', 'profile', GRAPH_SCOPE, 'https://graph.microsoft.com/Mail.Read'],
    claims: { openid: ['sub', 'oid', 'tid', 'preferred_username'] },
    ttl: { AccessToken: lifetime, ClientCredentials: lifetime, RefreshToken: 86_400, IdToken: 3600, Session: 600, Interaction: 600, Grant: 86_400, DeviceCode: 600 },
    cookies: { keys: ['cookie-key'] },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, oid: OID, tid: TENANT, preferred_username: USER }) }),
    // Whoever signs in consents to all that is asked for.
    loadExistingGrant: async (ctx: GrantContext) => {
      const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope(String(ctx.oidc.params['scope']));
      await grant.save();
      return grant;
    },
    // As Entra does: whoever asks for offline_access gets a refresh token.
    issueRefreshToken: () => Promise.resolve(true),
    renderError: (ctx: GrantContext, out: { readonly error: string; readonly error_description?: string }) => {
      ctx.type = 'html';
      ctx.body = `<html>${out.error}: ${out.error === 'invalid_redirect_uri' ? 'AADSTS50011: The redirect URI specified in the request does not match' : (out.error_description ?? '')}</html>`;
    },
  });
  provider.registerGrantType('password', (ctx) => passwordGrant(provider, ctx), ['username', 'password', 'scope']);
  provider.on('server_error', (_, error) => process.stderr.write(`entra: ${String(error.stack)}\n`));

  const requests: TokenRequest[] = [];
  const callback = provider.callback();
  server.on('request', (request: IncomingMessage & { body?: string; originalUrl?: string }, response: ServerResponse) => {
    void serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  async function serve(request: IncomingMessage & { body?: string; originalUrl?: string }, response: ServerResponse): Promise<void> {
    const url = (request.url ?? '').replace(`/${TENANT}/v2.0/.well-known`, `/${TENANT}/.well-known`);
    const asked = new URL(url, origin);
    // Entra gives a refresh token to whoever asks for offline_access; this provider only where the user is asked for consent.
    const consents = url.includes('/authorize?') && !asked.searchParams.has('prompt') && asked.searchParams.get('scope')?.includes('offline_access') === true;
    request.originalUrl = consents ? `${url}&prompt=consent` : url;
    request.url = request.originalUrl.replace(`/${TENANT}`, '');
    if (request.method === 'POST' && /\/oauth2\/v2\.0\/(token|devicecode)/.test(url)) await speak(request, response, url.includes('/token'));
    callback(request, response);
  }

  /** Entra's dialect, both ways. */
  async function speak(request: IncomingMessage & { body?: string }, response: ServerResponse, token: boolean): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const record: TokenRequest = { form: Object.fromEntries(form), authorization: request.headers.authorization, assertion: assertionOf(form.get('client_assertion')), status: 0 };
    if (token) requests.push(record);
    if (form.get('grant_type') === 'device_code') form.set('grant_type', 'urn:ietf:params:oauth:grant-type:device_code');
    request.body = form.toString();
    const end = response.end.bind(response);
    response.end = ((chunk?: unknown) => {
      record.status = response.statusCode;
      const text = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? chunk.toString() : '';
      if (!text.startsWith('{')) return end(chunk as string);
      const body = JSON.parse(text) as Record<string, unknown>;
      if ('id_token' in body) body['client_info'] = Buffer.from(JSON.stringify({ uid: OID, utid: TENANT })).toString('base64url');
      if ('device_code' in body) Object.assign(body, { interval: 1, message: 'Enter the code.' });
      const out = JSON.stringify(body);
      response.setHeader('content-length', Buffer.byteLength(out));
      return end(out);
    }) as typeof response.end;
  }

  return {
    origin,
    authorizationUrl: `${issuer}/oauth2/v2.0/authorize`,
    tokenUrl: `${issuer}/oauth2/v2.0/token`,
    requests,
    properties: { AzureTenant: TENANT, OAuthAccessTokenURL: `${issuer}/oauth2/v2.0/token`, OAuthAuthorizationURL: `${issuer}/oauth2/v2.0/authorize`, Scope: GRAPH_SCOPE },
    signIn: (url) => browse(url, origin),
    enterCode: async (address, code) => {
      const end = await browse(address, origin, { user_code: code });
      if (!end.startsWith(origin)) throw new Error(`the code led to ${end}`);
    },
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

/** The public key of a certificate or key in PEM, to be registered with CERTIFICATE_CLIENT. */
export const publicJwk = (pem: string): object => ({ ...createPublicKey(pem).export({ format: 'jwk' }), use: 'sig', alg: 'PS256' });

function assertionOf(text: string | null): TokenRequest['assertion'] {
  if (text === null) return undefined;
  const [header = '', claims = ''] = text.split('.');
  const part = (encoded: string): Record<string, unknown> => JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as Record<string, unknown>;
  return { header: part(header), claims: part(claims) };
}

async function passwordGrant(provider: Provider, ctx: GrantContext): Promise<void> {
  const { params, client } = ctx.oidc;
  if (params['username'] !== USER || params['password'] !== PASSWORD) {
    ctx.status = 400;
    ctx.body = { error: 'invalid_grant', error_description: "AADSTS50126: Error validating credentials due to invalid username or password." };
    return;
  }
  const scope = String(params['scope']);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: OID });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const token = new provider.AccessToken({ accountId: OID, client, grantId, gty: 'password', scope });
  const idToken = new provider.IdToken({ sub: OID, oid: OID, tid: 'x', preferred_username: USER }, { ctx });
  ctx.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: token.expiration, scope, id_token: await idToken.issue({ use: 'idtoken' }) };
}

/** A browser with cookies that fills in the forms of the sign-in. */
async function browse(start: string, origin: string, values: Readonly<Record<string, string>> = {}): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 20; step += 1) {
    if (!url.startsWith(origin)) return url;
    const answer = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { body: form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    form = undefined;
    const location = answer.headers.get('location');
    if (location !== null) {
      url = new URL(location, url).href;
      continue;
    }
    const html = await answer.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1];
    // The last page of a device's sign-in has no form.
    if (action === undefined && 'user_code' in values && answer.ok) return url;
    if (action === undefined) throw new Error(`the sign-in stopped: HTTP ${String(answer.status)} ${html.slice(0, 300)}`);
    const inputs = [...html.matchAll(/<input[^>]*>/g)].map(([tag]): [string, string] => [/name="([^"]*)"/.exec(tag)?.[1] ?? '', /value="([^"]*)"/.exec(tag)?.[1] ?? '']);
    form = new URLSearchParams(inputs);
    for (const [name, value] of Object.entries(values)) form.set(name, value);
    form.set('login', USER);
    form.set('password', PASSWORD);
    url = new URL(action, url).href;
  }
  throw new Error('the sign-in went round in circles');
}
