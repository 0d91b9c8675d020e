import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';

interface Outcome {
  readonly read: number;
  readonly distinct: number;
  readonly filtered: { readonly rows: number; readonly count: number };
  readonly batch: readonly number[];
  readonly missing: object;
  readonly unknown: object;
  readonly search: object;
}

let sandbox: Sandbox;
let outcome: Outcome;
const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-sdk-'));

async function runClient(): Promise<Outcome> {
  const file = join(folder, 'certificate.pem');
  writeFileSync(file, sandbox.certificate ?? '');
  const child = spawn(process.execPath, [fileURLToPath(new URL('./support/sdk-client.mjs', import.meta.url))], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: file, GRAPH: sandbox.graphEndpoint, TOKEN: /OAuthAccessToken=([^;]*)/.exec(sandbox.connectionString)![1] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return JSON.parse(text) as Outcome;
}

beforeAll(async () => {
  // Every seventh request is throttled; the SDK waits and tries again by itself.
  sandbox = await startSandbox({ messages: 300, https: true, faults: { throttleEvery: 7, retryAfter: 1 } });
  outcome = await runClient();
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

test('the PageIterator reads every message of the mailbox once, through throttled pages', () => {
  expect(outcome.read).toBeGreaterThan(100);
  expect(outcome.distinct).toBe(outcome.read);
  expect(sandbox.log.entries.some(({ status }) => status === 429)).toBe(true);
});

test('$filter, $orderby, $top and $count', () => {
  expect(outcome.filtered.rows).toBe(5);
  expect(outcome.filtered.count).toBeGreaterThan(5);
});

test('$batch with a failing part', () => {
  expect(outcome.batch).toEqual([200, 200, 400]);
});

test('errors arrive as the SDK reads them', () => {
  expect(outcome.missing).toMatchObject({ status: 404, code: 'ErrorItemNotFound', requestId: 'string' });
  expect(outcome.unknown).toMatchObject({ status: 400, code: 'BadRequest' });
  expect(outcome.search).toMatchObject({ status: 400, code: 'SearchWithOrderBy' });
});
