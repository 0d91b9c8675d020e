/**
 * Processes that share a token file and renew rotating refresh tokens at once: using one twice would end the sign-in for all (oidc-provider
 * revokes the grant, as Entra may). One process that held the lock was killed.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSignIn } from '../../../src/auth/create-credential.js';
import { resolveOptions } from '../../../src/driver/connection-options.js';
import { HttpTransport } from '../../../src/http/transport.js';
import { cliPath } from '../../cli/support/cli.js';
import { temporaryFolder } from '../../support/counterpart.js';
import { PUBLIC_CLIENT, startEntra, type Entra } from '../real/entra.js';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
const PROCESSES = 6;
const ROUNDS = 10;
const folder = temporaryFolder();
const location = join(folder.path, 'tokens', 'tokens.json');
let entra: Entra;
let dist: string;

beforeAll(async () => {
  dist = resolve(dirname(await cliPath()), '..');
  entra = await startEntra();
}, 240_000);
afterAll(async () => {
  await entra.close();
  folder.remove();
});

const properties = (): Record<string, string> => ({ AuthScheme: 'AzureAD', OAuthClientId: PUBLIC_CLIENT, InitiateOAuth: 'REFRESH', OAuthSettingsLocation: location, ...entra.properties });

async function signIn(more: Record<string, string> = {}): Promise<void> {
  const transport = new HttpTransport();
  const { credential: spec } = resolveOptions({ ...properties(), ...more });
  if (spec.kind !== 'oauth') throw new Error('not a sign-in');
  const credential = createSignIn(spec, transport);
  const { url } = await credential.begin('http://localhost');
  await credential.finish(await entra.signIn(url));
  await transport.close();
}

function child(task: object): { readonly pid: number; readonly output: Promise<string>; readonly first: Promise<void>; kill(): void } {
  const running = spawn(process.execPath, [CHILD, JSON.stringify({ dist, properties: properties(), location, rounds: ROUNDS, ...task })], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let begun = (): void => undefined;
  const first = new Promise<void>((done) => (begun = done));
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    begun();
  });
  return { pid: running.pid!, first, output: new Promise((done) => running.on('close', () => done(text))), kill: () => running.kill('SIGKILL') };
}

it('renew rotating tokens at once, after a holder of the lock was killed', async () => {
  await signIn();
  const before = entra.requests.length;
  const holder = child({ hold: true });
  await holder.first;
  holder.kill();
  expect(await holder.output).toBe('holding\n');
  const outputs = await Promise.all(Array.from({ length: PROCESSES }, () => child({}).output));
  expect(outputs).toEqual(Array.from({ length: PROCESSES }, () => `{"tokens":${String(ROUNDS + 1)}}\n`));
  const sent = entra.requests.slice(before);
  expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 200));
  expect(new Set(sent.map(({ form }) => form['refresh_token'])).size).toBe(sent.length);
  // A process takes what another has just renewed, where it can.
  expect(sent.length).toBeLessThanOrEqual(PROCESSES * ROUNDS);
}, 120_000);

it('the file is for its owner only, whole at every time, and holds no more than one file', async () => {
  await signIn();
  expect(statSync(location).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(location)).mode & 0o777).toBe(0o700);
  expect(readdirSync(dirname(location)).filter((name) => name !== 'tokens.json.lock')).toEqual(['tokens.json']);
  expect(JSON.parse(readFileSync(location, 'utf8'))).toMatchObject({ v: 1 });
});

it('connections of other identities share the file without overwriting each other', async () => {
  await signIn();
  await signIn({ User: 'ben@contoso.example' });
  const { entries } = JSON.parse(readFileSync(location, 'utf8')) as { readonly entries: Record<string, unknown> };
  expect(Object.keys(entries).length).toBeGreaterThanOrEqual(2);
  const before = entra.requests.length;
  expect(await child({ rounds: 0 }).output).toBe('{"tokens":1}\n');
  expect(entra.requests).toHaveLength(before);
});
