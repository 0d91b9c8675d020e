import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.js';
import { clientOf } from './support/client.js';
import { ANN, COUNT, fill } from './support/fill.js';

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
