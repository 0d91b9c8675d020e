import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/index.js';
import { cli, cliPath, startCli } from './support/cli.js';
import { HAS_TERMINAL, Terminal } from './support/terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-sandbox-'));

interface Ready {
  readonly graphEndpoint: string;
  readonly connectionString: string;
  readonly connectionStrings: Readonly<Record<string, string>>;
  readonly adminEndpoint: string;
  readonly imported?: Readonly<Record<string, number>>;
}

interface Served extends AsyncDisposable {
  readonly ready: Ready;
  readonly stderr: () => string;
  /** Exit code after the signal. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

async function serve(...args: string[]): Promise<Served> {
  const child = await startCli(['sandbox', '--json', ...args]);
  let stderr = '';
  child.stderr!.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([text]) => text as string),
    ended.then((code) => {
      throw new Error(`the sandbox ended with ${String(code)}: ${stderr}`);
    }),
  ]);
  const stop = (signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return { ready: JSON.parse(line) as Ready, stderr: () => stderr, stop, [Symbol.asyncDispose]: async () => { await stop('SIGKILL'); } };
}

const countOf = async (connectionString: string, table: string): Promise<unknown> => {
  await using connection = await connect(connectionString);
  return (await connection.query(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.['n'];
};

/** Invented files of every kind that is read, two of them broken. */
function writeImports(): { readonly mail: string; readonly calendar: string; readonly contacts: string } {
  const paths = { mail: join(folder, 'mail'), calendar: join(folder, 'calendar'), contacts: join(folder, 'contacts') };
  for (const path of Object.values(paths)) mkdirSync(path, { recursive: true });
  const message = (n: number): string => `From: Ann Example <ann@contoso.example>\nTo: bo@contoso.example\nSubject: Message ${String(n)}\nDate: Mon, 2 Mar 2026 10:0${String(n)}:00 +0000\nMessage-ID: <${String(n)}@contoso.example>\n\nHello\n`;
  writeFileSync(join(paths.mail, 'one.eml'), message(1));
  writeFileSync(join(paths.mail, 'list.mbox'), [2, 3, 4].map((n) => `From ann@contoso.example Mon Mar  2 10:00:00 2026\n${message(n)}\n`).join(''));
  writeFileSync(join(paths.mail, 'broken.mbox'), 'this is no mbox\n');
  writeFileSync(join(paths.calendar, 'team.ics'), 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:1@contoso.example\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:Planning\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n');
  writeFileSync(join(paths.calendar, 'broken.ics'), 'no calendar\r\n');
  writeFileSync(join(paths.contacts, 'people.vcf'), 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Example\r\nN:Example;Ann;;;\r\nEMAIL:ann@contoso.example\r\nEND:VCARD\r\n');
  return paths;
}

let paths: ReturnType<typeof writeImports>;

beforeAll(async () => {
  paths = writeImports();
  await cliPath();
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('exchange-sql sandbox', () => {
  test('--json gives what a program needs, and it ends with Ctrl-C', async () => {
    await using served = await serve('--messages', '50', '--seed', '3');
    const { graphEndpoint, connectionString, connectionStrings, adminEndpoint } = served.ready;
    expect(graphEndpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\.0$/);
    expect(Object.keys(connectionStrings).length).toBeGreaterThanOrEqual(5);
    expect(Object.values(connectionStrings)).toContain(connectionString);
    const counts = await Promise.all(Object.values(connectionStrings).map((text) => countOf(text, 'Messages')));
    expect(counts.every((count) => typeof count === 'number')).toBe(true);
    expect(await (await fetch(`${adminEndpoint}/faults`)).json()).toMatchObject({ throttleEvery: 0 });
    expect(await served.stop()).toBe(0);
  });

  test('for a person: endpoints, connection string and what to try', async () => {
    const child = await startCli(['sandbox', '--messages', '20']);
    let stdout = '';
    child.stdout!.on('data', (text: Buffer) => {
      stdout += text.toString();
      if (stdout.includes('Ctrl-C stops it.')) child.kill('SIGTERM');
    });
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(stdout).toMatch(/^Graph endpoint: +http:[^]*\nAdmin endpoint: +http:[^]*\nConnection string: Schema=MSGraph;[^]*\nOther mailboxes: +\S+@/);
  });

  test('--import takes several paths, counts, and names each thing it could not read', async () => {
    await using served = await serve('--import', paths.mail, paths.calendar, paths.contacts, join(folder, 'missing'));
    expect(served.ready.imported).toMatchObject({ messages: 4, events: 1, contacts: 1 });
    const lines = served.stderr().trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^imported 4 messages, 1 event, 1 contact in [\d.]+ s; 3 problems$/);
    for (const name of ['broken.mbox', 'broken.ics', 'missing']) expect(lines.filter((line) => line.startsWith('import: ') && line.includes(name))).toHaveLength(1);
    expect(lines).toHaveLength(4);
    expect(await countOf(served.ready.connectionString, 'Messages')).toBe(4);
    expect(await countOf(served.ready.connectionString, 'Contacts')).toBe(1);
  });

  test('--data keeps the store in a file', async () => {
    const file = join(folder, 'store.db');
    {
      await using first = await serve('--data', file, '--import', paths.mail);
      await first.stop();
    }
    await using second = await serve('--data', file);
    expect(await countOf(second.ready.connectionString, 'Messages')).toBe(4);
  });

  test('--https with a certificate file: the connection string works as it is', async () => {
    const file = join(folder, 'certificate.pem');
    await using served = await serve('--messages', '5', '--https', '--certificate', file);
    expect(served.ready.graphEndpoint).toMatch(/^https:/);
    expect(readFileSync(file, 'utf8')).toContain('-----BEGIN CERTIFICATE-----');
    expect(await countOf(served.ready.connectionString, 'MailFolders')).toBeGreaterThan(3);
  });

  test('--fault, --require-token and --scopes', async () => {
    await using served = await serve('--messages', '5', '--fault', 'shortPages', '--fault', 'latencyMs=1', '--fault', 'denyMailboxes=ben@contoso.example,x@contoso.example', '--require-token', '--scopes', 'Mail.Read');
    expect(await (await fetch(`${served.ready.adminEndpoint}/faults`)).json()).toMatchObject({ shortPages: true, latencyMs: 1, denyMailboxes: ['ben@contoso.example', 'x@contoso.example'] });
    expect((await fetch(`${served.ready.graphEndpoint}/me/messages`)).status).toBe(401);
    expect(await countOf(served.ready.connectionString, 'Messages')).toBeGreaterThan(0);
    await expect(countOf(served.ready.connectionString, 'Contacts')).rejects.toMatchObject({ code: 'PERMISSION' });
  });

  test('--fault list shows every fault with its usual value', async () => {
    const { stdout, code } = await cli(['sandbox', '--fault', 'list']);
    expect(code).toBe(0);
    expect(stdout).toContain('filterMode=live\n');
    expect(stdout).toContain('throttleEvery=0\n');
  });

  test('a port in use is said so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await cli(['sandbox', '--port', String(port), '--messages', '0']);
    other.close();
    expect([code, stderr]).toEqual([1, `error: port ${String(port)} is in use; choose another, or --port 0 for a free one\n`]);
  });
});

describe('imports of the other commands', () => {
  test('query --sandbox --import: one line of counts on standard error', async () => {
    const { stdout, stderr, code } = await cli(['query', '-f', 'csv', '--sandbox', '--import', paths.mail, paths.contacts, 'SELECT count(*) AS n FROM Messages']);
    expect([code, stdout]).toEqual([0, 'n\r\n4\r\n']);
    expect(stderr).toMatch(/^imported 4 messages, 0 events, 1 contact in [\d.]+ s; 1 problem \(exchange-sql sandbox --import names them\)\n$/);
  });

  test.skipIf(!HAS_TERMINAL)('a bar on a terminal, wiped at the end', async () => {
    const terminal = await Terminal.start(['query', '-f', 'csv', '--sandbox', '--import', paths.mail, '--', 'SELECT count(*) AS n FROM Messages']);
    await terminal.until(/importing \[#+\.*\] +\d+ % of [\d.]+ MB/);
    await terminal.until('\r\u001b[Kimported 4 messages');
    expect(await terminal.ended()).toBe(0);
  });
});
