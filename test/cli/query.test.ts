import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { cli, cliPath, startCli } from './support/cli.js';

let sandbox: Sandbox;
const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-cli-'));

beforeAll(async () => {
  await cliPath();
  sandbox = await startSandbox({ messages: 300, seed: 1 });
}, 120_000);

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const connected = (args: readonly string[], options: Parameters<typeof cli>[1] = {}): ReturnType<typeof cli> => cli(args, { ...options, env: { EXCHANGE_SQL_CONNECTION: sandbox.connectionString, ...options.env } });

describe('query', () => {
  test("the README's first command prints a table of ten rows and nothing else", async () => {
    const { stdout, stderr, code } = await cli(['query', '--sandbox', 'SELECT subject, from_emailAddress_name, receivedDateTime FROM Messages ORDER BY receivedDateTime DESC LIMIT 10']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(13);
    expect(lines[0]).toMatch(/^subject +from_emailAddress_name +receivedDateTime$/);
    expect(lines.at(-1)).toBe('(10 rows)');
  });

  test('json is one array of objects with typed values, [] where there are no rows', async () => {
    const { stdout, code } = await connected(['query', '--format', 'json', 'SELECT isRead, subject, receivedDateTime, 1 AS n, 2 AS n FROM Messages LIMIT 2']);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(rows).toHaveLength(2);
    expect(Object.keys(rows[0]!)).toEqual(['isRead', 'subject', 'receivedDateTime', 'n', 'n_2']);
    expect(typeof rows[0]!['isRead']).toBe('boolean');
    expect((await connected(['query', '--json', "SELECT subject FROM Messages WHERE subject = 'no such subject'"])).stdout).toBe('[]\n');
  });

  test('ndjson and csv', async () => {
    const ndjson = await connected(['query', '-f', 'ndjson', 'SELECT id FROM Messages LIMIT 3']);
    expect(ndjson.stdout.trimEnd().split('\n').map((line) => Object.keys(JSON.parse(line) as object))).toEqual([['id'], ['id'], ['id']]);
    const csv = await connected(['query', '-fcsv', "SELECT 'a,b' AS x, NULL AS y, '' AS z"]);
    expect(csv.stdout).toBe('x,y,z\r\n"a,b",,""\r\n');
  });

  test('parameters by position and by name; a value may begin with a dash', async () => {
    const sum = await connected(['query', '-f', 'json', '-p', '-5', '--param=7', '-p', "'42'", 'SELECT ? + ? AS total, typeof(?) AS kind']);
    expect(JSON.parse(sum.stdout)).toEqual([{ total: 2, kind: 'text' }]);
    const named = await connected(['query', '-f', 'json', '-p', 'a=null', '-p', 'b=x=y', 'SELECT @a AS a, :b AS b']);
    expect(JSON.parse(named.stdout)).toEqual([{ a: null, b: 'x=y' }]);
    const mixed = await connected(['query', '-p', 'a=1', '-p', '2', 'SELECT @a']);
    expect([mixed.code, mixed.stderr]).toEqual([2, 'exchange-sql: give all parameters by name or all by position\n']);
  });

  test('the statement comes from a file, from standard input, or begins with a comment', async () => {
    const file = join(folder, 'statement.sql');
    writeFileSync(file, '\ufeffSELECT 1 AS one;\n');
    expect((await connected(['query', '--json', '--file', file])).stdout).toContain('"one":1');
    expect((await connected(['query', '--json', '--file', '-'], { input: 'SELECT 2 AS two' })).stdout).toContain('"two":2');
    expect((await connected(['query', '--json', '-'], { input: 'SELECT 3 AS three' })).stdout).toContain('"three":3');
    expect((await connected(['query', '--json', '-- why\nSELECT 4 AS four'])).stdout).toContain('"four":4');
    const empty = await connected(['query', '--file', '-'], { input: ' \n' });
    expect([empty.code, empty.stderr]).toEqual([2, 'exchange-sql: standard input holds no statement\n']);
    const missing = await connected(['query', '--file', join(folder, 'none.sql')]);
    expect([missing.code, missing.stderr]).toEqual([2, `exchange-sql: cannot read ${join(folder, 'none.sql')}: there is no such file\n`]);
  });

  test('any statement runs: EXPLAIN as text, temporary tables, VALUES', async () => {
    const explained = await connected(['query', 'EXPLAIN SELECT subject FROM Messages WHERE isRead = 0']);
    expect(explained.stdout).toMatch(/^ {2}GET \/users\/.*isRead eq false/m);
    expect((await connected(['query', '-f', 'csv', 'EXPLAIN SELECT subject FROM Messages'])).stdout).toMatch(/^step,table,operation/);
    expect((await connected(['query', '--json', 'VALUES (1), (2)'])).stdout.match(/"column1"/g)).toHaveLength(2);
  });

  test('procedures run, are explained, and their errors name the input', async () => {
    const { stdout, code } = await connected(['query', '--format', 'csv', '--param', 'kind=Folders', 'EXEC GetChanges @Source = @kind']);
    expect([code, stdout.split(/\r?\n/)[0]]).toEqual([0, 'Change,Id,ChangeKey,Name,LastModifiedDateTime,Item,Reason,NextToken']);
    const explained = await connected(['explain', "{call MoveMail('x', 'archive')}"]);
    expect([explained.code, explained.stdout]).toEqual([0, expect.stringContaining('/messages/x/move')]);
    const wrong = await connected(['query', "EXEC MoveMail Id = 'x', Destination = 'archive'"]);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/MoveMail has no input Destination[^]*DestinationId/)]);
  });

  test('--max-rows ends early', async () => {
    const { stdout } = await connected(['query', '-f', 'ndjson', '--max-rows', '7', 'SELECT id FROM Messages']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(7);
  });

  test('warnings go to standard error, rows to standard output', async () => {
    const text = `${sandbox.connectionString};OAuthExpiresIn=3600`;
    const { stdout, stderr, code } = await cli(['query', '--connection', text, '-f', 'csv', 'SELECT 1 AS one'], {});
    expect([code, stdout]).toEqual([0, 'one\r\n1\r\n']);
    if (stderr !== '') expect(stderr).toMatch(/^warning /);
    const limited = await connected(['query', '-f', 'csv', "SELECT count(*) AS n FROM Messages WHERE userId IN ('ada@contoso.example', 'nobody@contoso.example')"], {
      env: { EXCHANGE_SQL_CONNECTION: `${sandbox.connectionString};OnMailboxError=warn` },
    });
    expect(limited.code).toBe(0);
    expect(limited.stderr).toMatch(/^warning \S+: .*nobody@contoso\.example/);
    expect(limited.stdout).toMatch(/^n\r\n\d+\r\n$/);
  });

  test('a reader that leaves early is no error', async () => {
    const child = await startCli(['query', '-f', 'ndjson', 'SELECT * FROM Messages'], { EXCHANGE_SQL_CONNECTION: sandbox.connectionString });
    let stderr = '';
    child.stderr!.on('data', (text: Buffer) => (stderr += text.toString()));
    child.stdout!.once('data', () => child.stdout!.destroy());
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('errors and exit codes', () => {
  test('a wrong statement: 1, with the place marked and the name meant', async () => {
    const { stdout, stderr, code } = await connected(['query', 'SELECT subject,\n       "日本", subjet FROM Messages']);
    expect([stdout, code]).toEqual(['', 1]);
    const lines = stderr.split('\n');
    expect(lines[0]).toMatch(/^error 42703 UNKNOWN_COLUMN: /);
    expect(stderr).toMatch(/^ +\^$/m);
    expect(stderr).not.toContain('    at ');
  });

  test.each([
    [['qurey', 'SELECT 1'], "exchange-sql: unknown command 'qurey'; did you mean 'query'? (exchange-sql --help lists them)"],
    [['constructor'], "exchange-sql: unknown command 'constructor' (exchange-sql --help lists them)"],
    [['query', '--sandbx', 'SELECT 1'], 'exchange-sql: unknown option --sandbx; did you mean --sandbox?'],
    [['query', '--sandbox', '--format', 'jsn', 'SELECT 1'], "exchange-sql: unknown format 'jsn'; did you mean json?"],
    [['query', '--sandbox', 'SELECT', 'subject', 'FROM', 'Messages'], 'exchange-sql: one statement, please; put it in quotes (got 4 arguments: SELECT subject FROM …)'],
    [['query', '--sandbox'], 'exchange-sql: no statement: exchange-sql query "SELECT …"'],
    [['query', '--sandbox', '--format'], 'exchange-sql: --format needs a value'],
    [['query', '--format', '--sandbox', 'SELECT 1'], 'exchange-sql: --format needs a value'],
    [['query', '--sandbox', '--messages', '1e3', 'SELECT 1'], "exchange-sql: --messages takes a whole number from 0, not '1e3'"],
    [['query', '--messages', '5', 'SELECT 1'], 'exchange-sql: --messages goes with --sandbox'],
    [['query', '--sandbox', '--connection', 'x=y', 'SELECT 1'], 'exchange-sql: give --sandbox or --connection, not both'],
    [['query', 'SELECT 1'], 'exchange-sql: no connection: give --sandbox to try it on demo data, --connection "…", or set EXCHANGE_SQL_CONNECTION'],
    [['shell', 'SELECT 1'], "exchange-sql: unexpected argument 'SELECT 1'; a single statement goes to exchange-sql query"],
    [['explain', '--sandbox', 'EXPLAIN SELECT 1'], 'exchange-sql: the command explains already: leave EXPLAIN out of the statement'],
    [['sandbox', '--fault', 'throtleEvery=3'], "exchange-sql: there is no fault 'throtleEvery'; did you mean throttleEvery?"],
    [['sandbox', '--fault', 'filterMode=loose'], "exchange-sql: the fault filterMode takes strict or live, not 'loose'"],
    [['sandbox', '--port', '70000'], "exchange-sql: --port takes a whole number from 0 to 65535, not '70000'"],
  ])('a wrong call: 2 (%j)', async (args, message) => {
    expect(await cli(args)).toMatchObject({ code: 2, stdout: '', stderr: `${message}\n` });
  });

  test('no connection: 3', async () => {
    const wrong = await cli(['query', '--connection', 'Schema=MSGraph;AuthShceme=OAuth', 'SELECT 1']);
    expect(wrong).toMatchObject({ code: 3, stdout: '' });
    expect(wrong.stderr).toContain('Did you mean AuthScheme?');
    const nobody = await cli(['query', '--connection', 'Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=secret-token;GraphEndpoint=http://127.0.0.1:9/v1.0', 'SELECT subject FROM Messages']);
    expect(nobody.code).toBe(3);
    expect(nobody.stderr).toMatch(/^error 08006 UNREACHABLE: /);
    expect(nobody.stderr).not.toContain('secret-token');
  });
});

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  test('cancels the statement: 130, and the request is aborted', async () => {
    await using slow = await startSandbox({ messages: 10, faults: { latencyMs: 20_000 } });
    let sent = 0;
    const outcome = await cli(['query', '--connection', slow.connectionString, 'SELECT subject FROM Messages'], {
      during: (child) => {
        const timer = setInterval(() => {
          if (!Object.values(slow.log.peaks).some((peak) => peak > 0)) return; // the request is not there yet
          clearInterval(timer);
          sent = Date.now();
          child.kill('SIGINT');
        }, 20);
      },
    });
    expect(outcome).toMatchObject({ code: 130, stdout: '' });
    expect(outcome.stderr).toMatch(/^error 57014 CANCELLED: [^\n]*\n/);
    expect(Date.now() - sent).toBeLessThan(10_000);
  });

  test('ends the process where SQLite works and nothing could be cancelled', async () => {
    const endless = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c';
    const { signal } = await connected(['query', endless], { during: (child) => setTimeout(() => child.kill('SIGINT'), 1500) });
    expect(signal).toBe('SIGINT');
  });
});

describe('explain', () => {
  const sql = 'SELECT subject FROM Messages WHERE isRead = 0 AND length(subject) > 3 ORDER BY receivedDateTime DESC LIMIT 25';

  test('indented text with the whole URL; nothing is sent', async () => {
    sandbox.log.reset();
    const { stdout, code } = await connected(['explain', sql]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}GET \/users\/[^\n]+\/messages\?[^\n]*\$filter=isRead eq false&\$orderby=receivedDateTime desc[^\n]*[^…]$/m);
    expect(stdout).toMatch(/WHERE length\(subject\) > 3\n {6}done here \(function-of-column: /);
    expect(sandbox.log.entries).toHaveLength(0);
  });

  test('--analyze runs and measures', async () => {
    const { stdout } = await connected(['explain', '--analyze', sql]);
    expect(stdout).toMatch(/took \d+ requests?, \d+ bytes, \d+ rows? read, \d+ kept, 0 retries, [\d.]+ ms/);
  });

  test('as one JSON value, and as rows of any format', async () => {
    const plan = JSON.parse((await connected(['explain', '--json', sql])).stdout) as { scans: { table: string; requests: { url: string }[] }[] };
    expect(plan.scans[0]!.table).toBe('Messages');
    expect(plan.scans[0]!.requests[0]!.url).toContain('isRead eq false');
    expect((JSON.parse((await connected(['explain', '--format', 'json', sql])).stdout) as unknown[]).length).toBeGreaterThan(3);
  });

  test('parameters and files, as query takes them', async () => {
    const { stdout } = await connected(['explain', '-p', 'true', '--file', '-'], { input: 'SELECT subject FROM Messages WHERE isRead = ?' });
    expect(stdout).toContain('isRead eq true');
  });
});

describe('tables and describe', () => {
  test('need no connection', async () => {
    const tables = await cli(['tables', '--format', 'csv']);
    expect(tables.code).toBe(0);
    expect(tables.stdout).toMatch(/^Messages,TABLE,/m);
    expect(tables.stdout).not.toContain('sys_tables');
    const columns = await cli(['describe', 'messages', '--format', 'csv']);
    expect(columns.stdout).toMatch(/^receivedDateTime,TIMESTAMP,false,/m);
  });

  test('narrow by a text, and name the table meant', async () => {
    expect((await cli(['tables', 'recip', '-f', 'csv'])).stdout.trimEnd().split('\r\n')).toHaveLength(2);
    expect((await cli(['tables', '--system', '-f', 'csv'])).stdout).toMatch(/^sys_tables,/m);
    const procedure = (await cli(['describe', 'sendmail', '-f', 'csv'])).stdout;
    expect(procedure).toMatch(/^Importance,in,VARCHAR,false,,"low,normal,high",/m);
    expect(procedure).toMatch(/^Status,out,/m);
    expect((await cli(['describe', 'SendMial'])).stderr).toContain('Did you mean SendMail');
    const typo = await cli(['describe', 'Mesages']);
    expect(typo).toMatchObject({ code: 1, stdout: '' });
    expect(typo.stderr).toContain('Did you mean Messages');
  });
});

test('help and version', async () => {
  const help = await cli(['--help']);
  expect(help.code).toBe(0);
  for (const command of ['query', 'explain', 'tables', 'describe', 'shell', 'sandbox']) {
    expect(help.stdout).toContain(`\n  ${command} `);
    const own = await cli([command, '--help']);
    expect([command, own.code, own.stderr]).toEqual([command, 0, '']);
    expect(own.stdout).toMatch(new RegExp(`^Usage: exchange-sql ${command}`));
  }
  expect((await cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await cli([])).toMatchObject({ code: 2, stdout: help.stdout });
}, 60_000);
