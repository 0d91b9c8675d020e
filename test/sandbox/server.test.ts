import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.js';
import { clientOf } from './support/client.js';
import { ANN, COUNT, fill } from './support/fill.js';

const run = promisify(execFile);

/** What an independent client does: paging, batch, errors, throttling, with its own middleware. */
const SCRIPT = `
import { Client, PageIterator, BatchRequestContent } from '@microsoft/microsoft-graph-client';
const { baseUrl, host, user } = JSON.parse(process.argv[2]);
const client = Client.init({ baseUrl, defaultVersion: '', customHosts: new Set([host]), authProvider: (done) => done(null, 'sandbox-' + user) });
const out = { ids: [] };
const first = await client.api('/v1.0/me/messages').top(7).select('id').get();
await new PageIterator(client, first, (row) => { out.ids.push(row.id); return true; }).iterate();
out.me = (await client.api('/v1.0/me').get()).userPrincipalName;
try { await client.api('/v1.0/me/messages/garbage').get(); } catch (error) { out.error = [error.statusCode, error.code]; }
const batch = await client.api('/v1.0/$batch').post({ requests: [{ id: '1', method: 'GET', url: '/me' }] });
out.batch = batch.responses[0].status;
console.log(JSON.stringify(out));
`;

test('an independent client reads it over https', async () => {
  await using sandbox = await startSandbox({ messages: 0, https: true, requireToken: true, faults: { throttleEvery: 4, retryAfter: 0.01 } });
  fill(sandbox.writer);
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  try {
    writeFileSync(join(folder, 'ca.pem'), sandbox.certificate!);
    const script = join(import.meta.dirname, `.client-${String(process.pid)}.mjs`);
    writeFileSync(script, SCRIPT);
    try {
      const endpoint = new URL(sandbox.graphEndpoint);
      const { stdout } = await run(process.execPath, [script, JSON.stringify({ baseUrl: endpoint.origin, host: endpoint.hostname, user: ANN })], { env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } });
      const out = JSON.parse(stdout) as { ids: string[]; me: string; error: unknown; batch: number };
      expect(new Set(out.ids).size).toBe(COUNT);
      expect(out).toMatchObject({ me: ANN, error: [400, 'ErrorInvalidIdMalformed'] });
      // The client retries requests, not the parts of a batch.
      expect([200, 429]).toContain(out.batch);
    } finally {
      rmSync(script, { force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a store file keeps its ids, its seed and its changes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  try {
    const data = join(folder, 'store.db');
    const list = async (seed: number): Promise<string[]> => {
      await using sandbox = await startSandbox({ data, messages: 0, seed });
      if (sandbox.writer.mailbox(ANN) === undefined) fill(sandbox.writer);
      return (await clientOf(sandbox).all(`/users/${ANN}/messages?$select=id&$top=100`)).map((row) => String(row.id));
    };
    const first = await list(5);
    expect(first).toHaveLength(COUNT);
    expect(await list(6)).toEqual(first);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the same seed gives the same tenant, another seed other ids', async () => {
  const ids = async (seed: number): Promise<string[]> => {
    await using sandbox = await startSandbox({ messages: 50, seed, now: new Date('2026-01-01T00:00:00Z') });
    return (await clientOf(sandbox).all('/me/messages?$select=id')).map((row) => String(row.id));
  };
  const first = await ids(1);
  expect(await ids(1)).toEqual(first);
  expect(await ids(2)).not.toEqual(first);
});

test('connection strings name their mailbox, and a taken port is an error', async () => {
  await using sandbox = await startSandbox({ messages: 0 });
  fill(sandbox.writer);
  expect(sandbox.mailboxes.map((mailbox) => mailbox.userPrincipalName)).toContain(ANN);
  expect(sandbox.mailboxes.find((mailbox) => mailbox.userPrincipalName === ANN)!.connectionString)
    .toBe(`Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=sandbox-${ANN};UserId=${ANN};GraphEndpoint=${sandbox.graphEndpoint}`);
  await expect(startSandbox({ messages: 0, port: Number(new URL(sandbox.graphEndpoint).port) })).rejects.toThrow('EADDRINUSE');
});
