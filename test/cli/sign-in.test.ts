/** `exchange-sql login` and `exchange-sql test` as a person uses them, one process after the other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { PUBLIC_CLIENT, startEntra, USER, type Entra } from '../auth/real/entra.js';
import { temporaryFolder } from '../support/counterpart.js';
import { cli, cliPath } from './support/cli.js';

const folder = temporaryFolder();
let entra: Entra;
let sandbox: Sandbox;
let connection: string;

beforeAll(async () => {
  [entra, sandbox] = await Promise.all([startEntra(), startSandbox({ messages: 5 }), cliPath()]);
  connection = Object.entries({ AuthScheme: 'AzureAD', OAuthClientId: PUBLIC_CLIENT, GraphEndpoint: sandbox.graphEndpoint, ...entra.properties }).map(([name, value]) => `${name}=${value}`).join(';');
}, 240_000);
afterAll(async () => {
  await Promise.all([entra.close(), sandbox.close()]);
  folder.remove();
});

const env = (): Record<string, string> => ({ XDG_CONFIG_HOME: folder.path, EXCHANGE_SQL_CONNECTION: connection });

it('login with a browser keeps the sign-in for later processes', async () => {
  const before = await cli(['query', 'SELECT id FROM Messages LIMIT 1'], { env: env() });
  expect([before.code, before.stderr]).toEqual([3, expect.stringMatching(/no sign-in to renew.*\n.*exchange-sql login/) as string]);
  const outcome = await cli(['login', '--no-browser'], {
    env: env(),
    during: (child) => {
      let text = '';
      child.stderr?.on('data', (chunk: string) => {
        text += chunk;
        const url = /^(http\S+)\n/m.exec(text)?.[1];
        if (url === undefined) return;
        text = '';
        void entra.signIn(url).then((back) => fetch(back));
      });
    },
  });
  const file = join(folder.path, 'exchange-sql', 'tokens.json');
  expect(outcome).toMatchObject({ code: 0, stdout: `Signed in as ${USER}; kept in ${file}.\n` });
  expect(outcome.stdout + outcome.stderr).not.toContain((Object.values((JSON.parse(readFileSync(file, 'utf8')) as { entries: Record<string, { accessToken: string }> }).entries)[0]!).accessToken);
  const after = await cli(['query', '--format', 'csv', 'SELECT count(*) AS n FROM Messages'], { env: env() });
  expect(after).toMatchObject({ code: 0, stdout: expect.stringMatching(/^n\r?\n\d+/) as string });
});

it('login with a code for another machine', async () => {
  const outcome = await cli(['login', '--device-code'], {
    env: { ...env(), XDG_CONFIG_HOME: join(folder.path, 'other') },
    during: (child) => {
      child.stderr?.on('data', (chunk: string) => {
        const [, address, code] = /open (\S+) and enter the code (\S+)/.exec(chunk) ?? [];
        if (address !== undefined && code !== undefined) void entra.enterCode(address, code);
      });
    },
  });
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining(`Signed in as ${USER}`) as string });
});

it('login is for users', async () => {
  expect(await cli(['login', '-c', 'OAuthAccessToken=x'])).toMatchObject({ code: 3, stderr: expect.stringContaining('needs OAuthClientId') as string });
  expect(await cli(['login', '-c', 'AuthScheme=AzureMSI;UserId=ann'])).toMatchObject({ code: 3, stderr: expect.stringContaining('exchange-sql test') as string });
  expect(await cli(['login'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no connection') as string });
});

it('test prints each step, and the first that fails with its remedy', async () => {
  expect(await cli(['test', '-c', sandbox.connectionString])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok {7}properties: Schema=MSGraph.*\nok {7}service: .*\nok {7}sign-in: .*\nok {7}mailbox: one row of Messages was read.*\nThe connection works\.\n$/) as string });
  const wrong = await cli(['test', '-c', `${sandbox.connectionString.replace(/GraphEndpoint=[^;]+/, 'GraphEndpoint=http://127.0.0.1:9')}`]);
  expect(wrong).toMatchObject({ code: 3, stdout: expect.stringMatching(/^ok {7}properties.*\nFAILED {3}service\n$/) as string, stderr: expect.stringMatching(/^error 08006 UNREACHABLE: Nothing answers.*\nhint: /) as string });
});
