/** Every source of managed identities, each in a process of its own, against its endpoint on loopback as Microsoft documents it. */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSelfSignedCertificate } from '../../src/http/certificate.js';
import { cliPath } from '../cli/support/cli.js';
import { json, serve, type Handler, type TestServer } from '../http/server.js';
import { describeReal } from '../support/counterpart.js';

const CHILD = fileURLToPath(new URL('managed-identity-child.mjs', import.meta.url));
const RESOURCE = 'https://graph.microsoft.com';
const CLIENT = '33333333-0000-4000-8000-000000000003';
let dist: string;

beforeAll(async () => {
  dist = resolve(dirname(await cliPath()), '..');
}, 240_000);

interface Said {
  readonly value?: string;
  readonly same?: boolean;
  readonly key?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** Nothing of the environment of this test may decide which source is found. */
const CLEAN = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(IDENTITY|MSI|IMDS|AZURE)_/.test(name)));

function ask(environment: Record<string, string>, properties: Record<string, string> = {}): Promise<Said> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [CHILD, JSON.stringify({ dist, properties })], { env: { ...CLEAN, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    child.on('close', () => {
      try {
        done(JSON.parse(out) as Said);
      } catch {
        failed(new Error(err));
      }
    });
  });
}

const soon = (): string => String(Math.floor(Date.now() / 1000) + 3600);
const grant: Handler = (_, response) => json(response, { access_token: 'issued-token', token_type: 'Bearer', expires_in: '3600', expires_on: soon(), resource: RESOURCE });
const query = (server: TestServer): Record<string, string> => Object.fromEntries(new URL(server.seen[0]!.url, server.origin).searchParams);

describe('a machine (IMDS)', () => {
  it('asks once for all, with the header that keeps strangers out', async () => {
    const server = await serve(grant);
    expect(await ask({ AZURE_POD_IDENTITY_AUTHORITY_HOST: server.origin })).toMatchObject({ value: 'Bearer issued-token', same: true, key: 'identity:system' });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.headers['metadata']).toBe('true');
    expect(query(server)).toMatchObject({ resource: RESOURCE });
  });

  it.each([
    ['client id', CLIENT, { client_id: CLIENT }],
    ['object id', `object:${CLIENT}`, { object_id: CLIENT }],
    ['resource id', '/subscriptions/s/resourceGroups/g/providers/x', { msi_res_id: '/subscriptions/s/resourceGroups/g/providers/x' }],
  ])('names a user-assigned identity by %s', async (_, OAuthClientId, sent) => {
    const server = await serve(grant);
    expect((await ask({ AZURE_POD_IDENTITY_AUTHORITY_HOST: server.origin }, { OAuthClientId })).value).toBe('Bearer issued-token');
    expect(query(server)).toMatchObject(sent);
  });

  it('waits where it is throttled, and takes the resource of Scope', async () => {
    const server = await serve((request, response, raw) => (server.seen.length < 3 ? json(response, { error: 'too_many_requests' }, 429) : grant(request, response, raw)));
    expect((await ask({ AZURE_POD_IDENTITY_AUTHORITY_HOST: server.origin }, { Scope: 'https://graph.microsoft.us/.default' })).value).toBe('Bearer issued-token');
    expect(server.seen).toHaveLength(3);
    expect(query(server)['resource']).toBe('https://graph.microsoft.us');
  });

  it('says what is wrong where there is no identity, or no endpoint', async () => {
    const server = await serve((_, response) => json(response, { error: 'invalid_request', error_description: 'Identity not found' }, 400));
    expect(await ask({ AZURE_POD_IDENTITY_AUTHORITY_HOST: server.origin })).toMatchObject({ code: 'AUTHENTICATION', message: expect.stringContaining('gives no token') as string, hint: expect.stringContaining('system-assigned') as string });
    expect(await ask({ AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:9' })).toMatchObject({ code: 'AUTHENTICATION', message: expect.stringContaining('no managed identity here') as string });
  });
});

it('App Service', async () => {
  const server = await serve(grant);
  expect((await ask({ IDENTITY_ENDPOINT: `${server.origin}/msi/token`, IDENTITY_HEADER: 'canary-header' }, { OAuthClientId: CLIENT })).value).toBe('Bearer issued-token');
  expect(server.seen[0]?.headers['x-identity-header']).toBe('canary-header');
  expect(query(server)).toMatchObject({ resource: RESOURCE, client_id: CLIENT });
});

it('Cloud Shell', async () => {
  const server = await serve(grant);
  expect((await ask({ MSI_ENDPOINT: `${server.origin}/msi` })).value).toBe('Bearer issued-token');
  expect(server.seen[0]).toMatchObject({ method: 'POST', headers: { metadata: 'true' } });
  expect(new URLSearchParams(server.seen[0]!.body).get('resource')).toBe(RESOURCE);
});

it('Machine Learning', async () => {
  const server = await serve(grant);
  expect((await ask({ MSI_ENDPOINT: `${server.origin}/msi`, MSI_SECRET: 'canary-secret' })).value).toBe('Bearer issued-token');
  expect(server.seen[0]?.headers['secret']).toBe('canary-secret');
});

describe('Service Fabric', () => {
  it('by the thumbprint of its certificate; another certificate gets no request', async () => {
    const { key, cert } = await createSelfSignedCertificate(['localhost', '127.0.0.1']);
    const server = await serve(grant, createTlsServer({ key, cert }));
    const environment = (thumbprint: string): Record<string, string> => ({ IDENTITY_ENDPOINT: `https://localhost:${String(server.port)}/token`, IDENTITY_HEADER: 'canary-header', IDENTITY_SERVER_THUMBPRINT: thumbprint });
    expect((await ask(environment('ab'.repeat(20)))).code).toBe('AUTHENTICATION');
    expect(server.seen).toHaveLength(0);
    expect((await ask(environment(new X509Certificate(cert).fingerprint.replaceAll(':', '')))).value).toBe('Bearer issued-token');
    expect(server.seen[0]?.headers['secret']).toBe('canary-header');
  });
});

// The agent's folder of keys is fixed by msal, as by the agent: it takes root to make it.
describeReal('Azure Arc', { root: true, packages: [] }, () => {
  it('proves by a file that only the machine can read', async () => {
    const folder = '/var/opt/azcmagent/tokens';
    const made = !existsSync('/var/opt/azcmagent');
    mkdirSync(folder, { recursive: true });
    const file = `${folder}/exchange-sql-${String(process.pid)}.key`;
    writeFileSync(file, 'canary-key');
    onTestFinished(() => rmSync(made ? '/var/opt/azcmagent' : file, { recursive: true }));
    const server = await serve((request, response, raw) => {
      if (request.headers.authorization === 'Basic canary-key') grant(request, response, raw);
      else response.writeHead(401, { 'www-authenticate': `Basic realm=${file}` }).end();
    });
    const said = await ask({ IDENTITY_ENDPOINT: `${server.origin}/metadata/identity/oauth2/token`, IMDS_ENDPOINT: server.origin });
    expect(said.value).toBe('Bearer issued-token');
    expect(server.seen).toHaveLength(2);
  });
});
