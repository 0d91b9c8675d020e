import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { cli, cliPath } from './support/cli.js';

let sandbox: Sandbox;

beforeAll(async () => {
  await cliPath();
  sandbox = await startSandbox({ messages: 40, seed: 1 });
}, 120_000);
afterAll(async () => {
  await sandbox.close();
});

const query = (...args: readonly string[]): ReturnType<typeof cli> => cli(['query', '-f', 'csv', ...args], { env: { EXCHANGE_SQL_CONNECTION: sandbox.connectionString } });

test('affected rows are told on stderr, RETURNING on stdout', async () => {
  expect(await query("INSERT INTO Categories (displayName) VALUES ('One'), ('Two') RETURNING displayName")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^displayName\r?\nOne\r?\nTwo\r?\n$/) as unknown, stderr: '2 rows affected\n' });
});

test('--dry-run prints the requests and who would get mail, and writes nothing', async () => {
  const log = sandbox.log.entries.length;
  const { code, stdout, stderr } = await query('--dry-run', "INSERT INTO Events (subject, start_dateTime, end_dateTime, attendees) VALUES ('Plan', '2026-05-01T10:00:00Z', '2026-05-01T11:00:00Z', '[{\"emailAddress\":{\"address\":\"ann@contoso.example\"}}]')");
  expect([code, stderr]).toEqual([0, 'dry run: 1 row would be written, mail would go to ann@contoso.example; nothing was sent\n']);
  expect(stdout).toMatch(/^row,method,url,headers,body,mails/);
  expect(stdout).toContain('POST');
  expect(sandbox.log.entries.slice(log).filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('rows that failed: named, and the exit code says so', async () => {
  const stopped = await query("INSERT INTO Categories (displayName) VALUES ('Three'), ('One')");
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toContain('rows: 1 written, 1 refused');
  expect(stopped.stderr).toMatch(/ row 2 failed DUPLICATE: /);
  const went = await query('--on-row-error', 'continue', "INSERT INTO Categories (displayName) VALUES ('Four'), ('One')");
  expect(went.code).toBe(1);
  expect(went.stderr).toContain('1 row affected, 1 not written');
});

test('guards, and the options that lift them', async () => {
  const refused = await query("UPDATE Categories SET color = 'preset4'");
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toContain('error 54000 WRITE_LIMIT');
  expect((await query('--allow-full-table', '--max-affected-rows', '1', "UPDATE Categories SET color = 'preset4'")).stderr).toContain('at most 1 are allowed');
  expect((await query('--allow-full-table', "UPDATE Categories SET color = 'preset4'")).stderr).toMatch(/^\d+ rows affected\n$/);
  expect((await query('--on-row-error', 'x', 'SELECT 1')).code).toBe(2);
});
