/** `exchange-sql profile`, and `--profile` of the other commands. */
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { temporaryFolder } from '../support/counterpart.js';
import { cli, cliPath, type Outcome } from './support/cli.js';

const folder = temporaryFolder();
const file = join(folder.path, 'exchange-sql', 'profiles.json');
let sandbox: Sandbox;
beforeAll(async () => {
  [sandbox] = await Promise.all([startSandbox({ messages: 4 }), cliPath()]);
}, 240_000);
afterAll(async () => {
  await sandbox.close();
  folder.remove();
});

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> => cli(args, { env: { XDG_CONFIG_HOME: folder.path, ...env } });

it('keeps a string for its owner only, and shows it without its secrets', async () => {
  const text = sandbox.connectionString.replace(/OAuthAccessToken=[^;]+/, 'OAuthAccessToken=env:CANARY_TOKEN');
  expect(await run(['profile', 'set', 'work', text])).toMatchObject({ code: 0, stdout: `work is kept in ${file}.\n` });
  expect(await run(['profile', 'set', 'plain', `${sandbox.connectionString};MaxRows=1`])).toMatchObject({ code: 0 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { stdout } = await run(['profile', 'list']);
  expect(stdout).toMatch(/^plain\t.*OAuthAccessToken=\*\*\*.*\nwork\t.*OAuthAccessToken=\*\*\*.*\n$/);
  expect((await run(['profile', 'show', 'plain'])).stdout).toContain('MaxRows=1');

  const count = ['query', '--format', 'csv', 'SELECT 1 AS n FROM Messages'];
  const token = /OAuthAccessToken=([^;]+)/.exec(sandbox.connectionString)![1]!;
  expect(await run([...count, '--profile', 'plain'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^n\r?\n1\r?\n$/) as string });
  expect(await run(count, { EXCHANGE_SQL_PROFILE: 'work', CANARY_TOKEN: token })).toMatchObject({ code: 0 });
  expect(await run(count, { EXCHANGE_SQL_PROFILE: 'work' })).toMatchObject({ code: 3, stderr: expect.stringContaining('no such environment variable') as string });

  expect(await run(['profile', 'remove', 'plain'])).toMatchObject({ code: 0 });
  expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toEqual(['work']);
});

it('says what is wrong', async () => {
  expect(await run(['profile', 'set', 'bad', 'OAuthAcessToken=canary'])).toMatchObject({ code: 3, stderr: expect.stringContaining('Did you mean OAuthAccessToken?') as string });
  expect(await run(['profile', 'set', '../x', 'OAuthAccessToken=x'])).toMatchObject({ code: 2 });
  expect(await run(['profile', 'show', 'wrk'])).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean 'work'?") as string });
  expect(await run(['profile', 'show'])).toMatchObject({ code: 2, stderr: expect.stringContaining('takes a name') as string });
  expect(await run(['query', '--profile', 'work', '--connection', 'x', 'SELECT 1'])).toMatchObject({ code: 2, stderr: expect.stringContaining('not both') as string });
  chmodSync(file, 0o644);
  expect(await run(['profile', 'list'])).toMatchObject({ code: 3, stderr: expect.stringContaining('can be read by others') as string });
});
