import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCatalog } from '../src/catalog/load.js';
import { renderProcedureReference } from '../src/catalog/procedure-reference.js';
import { renderPermissionReference } from '../src/catalog/permission-reference.js';
import { renderReference } from '../src/catalog/reference.js';
import { renderConnectionReference } from '../src/driver/connection-reference.js';
import { connect, type Connection } from '../src/index.js';
import { NO_FAULTS } from '../src/sandbox/faults.js';
import { startSandbox, type Sandbox } from '../src/sandbox/index.js';
import { cli, cliPath } from './cli/support/cli.js';

// Compiling takes long where other tests do the same.
beforeAll(() => cliPath(), 240_000);

const page = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const blocks = (name: string, language: string): string[] => [...page(name).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, text]) => text!);

test.each([
  ['docs/tables.md', () => renderReference(loadCatalog('msgraph'))],
  ['docs/permissions.md', () => renderPermissionReference(loadCatalog('msgraph'))],
  ['docs/procedures.md', () => renderProcedureReference(loadCatalog('msgraph'))],
  ['docs/connection-properties.md', renderConnectionReference],
])('%s is up to date (npm run docs)', (name, render) => {
  expect(page(name) === render()).toBe(true);
});

test('every fault is in docs/sandbox.md with its usual value, and no other', () => {
  const rows = [...page('docs/sandbox.md').matchAll(/^\| `(\w+)` \|([^|]*)\|/gm)].map(([, name, usual]) => [name, usual!.replaceAll('`', '').trim()]);
  expect(rows).toEqual(Object.entries(NO_FAULTS).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]));
});

test('every option of the sandbox is in docs/sandbox.md', async () => {
  const { stdout } = await cli(['sandbox', '--help']);
  for (const [option] of stdout.matchAll(/^ +(--[\w-]+)/gm)) expect(page('docs/sandbox.md')).toContain(`| \`${option.trim()}`);
});

test('links lead somewhere', () => {
  for (const name of ['README.md', 'docs/sql.md', 'docs/sandbox.md', 'docs/statements-by-task.md']) {
    for (const [, target] of page(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const base = new URL(`../${name}`, import.meta.url);
      expect(() => readFileSync(new URL(target!, base))).not.toThrow();
    }
  }
});

describe('examples run', () => {
  let sandbox: Sandbox;
  let connection: Connection;

  beforeAll(async () => {
    sandbox = await startSandbox({ messages: 300, seed: 1 });
    connection = await connect(sandbox.connectionString);
    await cliPath();
  }, 120_000);
  afterAll(async () => {
    await connection.close();
    await sandbox.close();
  });

  test('docs/sql.md', async () => {
    const statements = blocks('docs/sql.md', 'sql').flatMap((block) => block.split(/;\n/)).map((text) => text.trim()).filter((text) => text !== '');
    expect(statements.length).toBeGreaterThan(15);
    for (const sql of statements) {
      const rows = await connection.query(sql).then((result) => result.rows, (error: unknown) => error);
      expect([sql, rows]).toEqual([sql, expect.any(Array)]);
    }
  });

  test('the commands of the README', async () => {
    const commands = blocks('README.md', 'sh').flatMap((block) => block.split('\n')).map((line) => /npx exchange-sql (.*)$/.exec(line)?.[1]).filter((text) => text !== undefined);
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) {
      const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
      if (args[0] === 'sandbox') continue; // serves until it is stopped: test/cli/sandbox.test.ts
      const outcome = await cli(args, { input: args[0] === 'shell' ? 'SELECT 1;' : '' });
      expect([command, outcome.code, outcome.stderr]).toEqual([command, 0, '']);
    }
  }, 60_000);

  test('the programs of the README and docs/sandbox.md', async () => {
    const programs = [...blocks('README.md', 'ts'), ...blocks('docs/sandbox.md', 'ts')];
    expect(programs.length).toBeGreaterThanOrEqual(2);
    for (const program of programs) {
      // The connection string of the example names a tenant; the statements are the same on any mailbox.
      const text = program.replace(/^import .*$/gm, '').replace(/connect\('[^']*'\)/, 'connect(connectionString)').replace(/await using (\w+)/g, 'const $1');
      const names = ['connect', 'startSandbox', 'connectionString', 'console'];
      const AsyncFunction = (async () => undefined).constructor as new (...parameters: string[]) => (...values: unknown[]) => Promise<void>;
      const opened: AsyncDisposable[] = [];
      const kept = async <T extends AsyncDisposable>(resource: Promise<T>): Promise<T> => {
        opened.push(await resource);
        return resource;
      };
      const run = new AsyncFunction(...names, text);
      try {
        await run((string: string) => kept(connect(string)), (options: object) => kept(startSandbox(options)), sandbox.connectionString, { log: () => undefined });
      } finally {
        for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]();
      }
      expect(opened.length).toBeGreaterThan(0);
    }
  });
});
