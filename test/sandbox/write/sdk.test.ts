import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { ANN, BOB, fill } from '../support/fill.js';

let sandbox: Sandbox;
let outcome: Record<string, unknown>;
const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-sdk-'));

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, https: true });
  fill(sandbox.writer);
  const certificate = join(folder, 'certificate.pem');
  writeFileSync(certificate, sandbox.certificate ?? '');
  const child = spawn(process.execPath, [fileURLToPath(new URL('../support/sdk-writes.mjs', import.meta.url))], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate, GRAPH: sandbox.graphEndpoint, TOKEN: `sandbox-${ANN}`, RECIPIENT: BOB },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  outcome = JSON.parse(text) as Record<string, unknown>;
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

test('a draft is made, changed under If-Match, given files by both ways, and sent', () => {
  expect(outcome).toMatchObject({ draft: { isDraft: true, importance: 'high' }, uploaded: true, sent: { isDraft: false, attachments: ['large.bin', 'small.txt'] } });
  const bob = sandbox.store.mailboxes.find(BOB)!;
  const inbox = sandbox.store.wellKnown(bob.mailbox, 'mailFolder', 'inbox')!;
  expect(sandbox.store.messages.counts(bob.mailbox).get(inbox.n)).toEqual({ total: 3, unread: 3 });
});

test('folders, moves, batches and deletions', () => {
  expect(outcome).toMatchObject({ moved: true, statuses: [201, 201] });
});

test('refusals arrive as the SDK reads them', () => {
  expect(outcome).toMatchObject({
    stale: { status: 412, code: 'ErrorIrresolvableConflict' }, unknown: { status: 400, code: 'RequestBodyRead' }, taken: { status: 409, code: 'ErrorFolderExists' }, deleted: { status: 404, code: 'ErrorItemNotFound' },
  });
});

test('meetings, schedules, contacts, tasks and files', () => {
  expect(outcome).toMatchObject({ others: { attendee: 'none', view: '010', displayName: 'Grace Murray', status: 'notStarted', size: 5 * 1024 * 1024 } });
});
