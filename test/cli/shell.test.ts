import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { cli, cliPath } from './support/cli.js';
import { HAS_TERMINAL, Terminal, type TerminalOptions } from './support/terminal.js';

let sandbox: Sandbox;
const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-shell-'));
const history = join(folder, 'exchange-sql', 'history');

beforeAll(async () => {
  await cliPath();
  sandbox = await startSandbox({ messages: 300, seed: 1 });
}, 120_000);

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const env = (): Record<string, string> => ({ EXCHANGE_SQL_CONNECTION: sandbox.connectionString, XDG_STATE_HOME: folder });

describe('from standard input', () => {
  const shell = (input: string, ...args: string[]): ReturnType<typeof cli> => cli(['shell', ...args], { env: env(), input });

  test('runs statements of several lines and commands; the last one needs no semicolon', async () => {
    const { stdout, stderr, code } = await shell("\\format csv\nSELECT 'a;b' AS x, -- no; end\n  2 AS y;\n\nSELECT 3 AS z");
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('format is csv\nx,y\r\na;b,2\r\nz\r\n3\r\n');
  });

  test('an error does not end it, and is in the exit code', async () => {
    const { stdout, stderr, code } = await shell('SELECT nosuch FROM Messages;\nSELECT 1 AS one;\n', '--format', 'csv');
    expect([code, stdout]).toEqual([1, 'one\r\n1\r\n']);
    expect(stderr).toMatch(/^error 42703 UNKNOWN_COLUMN/);
  });

  test('temporary tables live as long as the shell', async () => {
    const { stdout, stderr } = await shell('CREATE TEMP TABLE t AS SELECT 7 AS seven;\nSELECT seven FROM t;\n', '--format', 'csv');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/seven\r\n7\r\n$/);
  });

  test('lists tables, columns, system tables; says what a mistyped command may be', async () => {
    const { stdout, stderr } = await shell('\\format csv\n\\dt recip\n\\d messages\n\\ds warn\n\\d sys_warnings\n\\fromat\n\\?\n\\d Mesages\n');
    expect(stdout).toContain('MessageRecipients,');
    expect(stdout).toMatch(/^receivedDateTime,TIMESTAMP,/m);
    expect(stdout).toMatch(/^sys_warnings,SYSTEM TABLE,/m);
    expect(stdout).toMatch(/^ {2}\\timing /m);
    expect(stderr).toContain('unknown command \\fromat; did you mean \\format?');
    expect(stderr).toContain('Did you mean Messages');
  });

  test('\\i runs a file, \\explain and \\x print as people read', async () => {
    const file = join(folder, 'statements.sql');
    writeFileSync(file, 'SELECT 1 AS first;\nSELECT 2\n AS second');
    const { stdout, stderr } = await shell(`\\i ${file}\n\\x\nSELECT 'v' AS name;\n\\explain SELECT subject FROM Messages WHERE isRead = 0;\n\\q\nSELECT 'not reached';\n`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/first[^]*second[^]*expanded is on\n-\[ 1 \]-+\nname {2}v\n\(1 row\)\n[^]*GET .*isRead eq false/);
    expect(stdout).not.toContain('not reached');
  });
});

describe.skipIf(!HAS_TERMINAL)('on a terminal', () => {
  const open = (options: TerminalOptions = {}): Promise<Terminal> => Terminal.start(['shell'], { ...options, env: { ...env(), ...options.env } });
  const leave = async (terminal: Terminal): Promise<void> => {
    await terminal.type('\\q\r');
    expect(await terminal.ended()).toBe(0);
  };

  test('Tab completes tables, columns of the tables named, columns behind an alias, and commands', async () => {
    const terminal = await open();
    await terminal.until('sql> ');
    await terminal.type('select count(*) as n from MessageRec\t;\r');
    await terminal.until('MessageRecipients');
    await terminal.until(/\n +\d+\r?\n\(1 row\)/);
    await terminal.until('sql> ');
    await terminal.type('select m.receivedD\t from Messages m limit 1;\r');
    // Nothing names Messages yet when Tab is pressed behind `m.`, so the alias is not known.
    await terminal.until('error');
    await terminal.until('sql> ');
    await terminal.type('select 1 from Messages m where m.receivedD\t is null;\r');
    await terminal.until('receivedDateTime');
    await terminal.until('(0 rows)');
    await terminal.until('sql> ');
    await terminal.type('\\tim\t\r');
    await terminal.until('timing is on');
    await terminal.type('select 5 as five;\r');
    await terminal.until(/time: \d+ ms/);
    await leave(terminal);
  });

  test('history is kept between shells, for its owner only', async () => {
    rmSync(history, { force: true });
    const first = await open();
    await first.until('sql> ');
    await first.type("select 'remembered' as r;\r");
    await first.until('(1 row)');
    await leave(first);
    expect(readFileSync(history, 'utf8')).toBe("select 'remembered' as r;\n\\q\n");
    expect(statSync(history).mode & 0o077).toBe(0);
    const second = await open();
    await second.until('sql> ');
    await second.type('\u001b[A\u001b[A\r');
    await second.until(/remembered *\r?\n\(1 row\)/);
    await leave(second);
  });

  test('Ctrl-C clears the line, cancels a statement and keeps the shell', async () => {
    const terminal = await open();
    await terminal.until('sql> ');
    await terminal.type('select nonsense\u0003');
    await terminal.until('^C');
    await terminal.until('sql> ');
    sandbox.faults.set({ latencyMs: 15_000 });
    try {
      await terminal.type('select subject from Messages;\r');
      await terminal.until(/request.*Ctrl-C cancels/);
      await terminal.type('\u0003');
      await terminal.until('error 57014 CANCELLED');
    } finally {
      sandbox.faults.reset();
    }
    await terminal.until('sql> ');
    await terminal.type("select 'still ' || 'here' as s;\r");
    await terminal.until('still here');
    await leave(terminal);
  });

  test('a long result goes through the pager, a short one stays; leaving the pager ends the statement', async () => {
    const terminal = await open({ rows: 10, env: { PAGER: 'sed -u s/^/paged:/;q' } });
    await terminal.until('sql> ');
    await terminal.type('select 1 as one;\r');
    expect(await terminal.until('(1 row)')).not.toContain('paged:');
    await terminal.until('sql> ');
    await terminal.type('select subject, id from Messages;\r');
    await terminal.until('paged:');
    await terminal.until('sql> ');
    await terminal.type('\\pager off\r');
    await terminal.until('pager is off');
    await terminal.type('select id from Messages limit 30;\r');
    expect(await terminal.until('(30 rows)')).not.toContain('paged:');
    await leave(terminal);
  });

  test('the pager has the keys while it runs', async () => {
    const terminal = await open({ rows: 10, env: { PAGER: 'cat >/dev/null; printf "key? "; read key </dev/tty; echo "got $key"' } });
    await terminal.until('sql> ');
    await terminal.type('select id from Messages limit 50;\r');
    await terminal.until('key? ');
    await terminal.type('abc\r');
    await terminal.until('got abc');
    await terminal.until('sql> ');
    await leave(terminal);
  });

  test('without a pager on the machine everything is printed', async () => {
    const terminal = await open({ rows: 10, path: '/nowhere' });
    await terminal.until('sql> ');
    await terminal.type('select id from Messages limit 30;\r');
    await terminal.until('(30 rows)');
    await leave(terminal);
  });

  test('Ctrl-D leaves', async () => {
    const terminal = await open();
    await terminal.until('sql> ');
    await terminal.type('\u0004');
    expect(await terminal.ended()).toBe(0);
  });
});

describe.skipIf(!HAS_TERMINAL)('query on a terminal', () => {
  test('fits the terminal, wide and right-to-left text included', async () => {
    const terminal = await Terminal.start(['query', "SELECT '日本語の件名がとても長い場合はどうなるか' AS wide, 'שלום' AS rtl, printf('%0100d', 7) AS long, char(27) || '[31m' AS control"], { columns: 60, env: env() });
    expect(await terminal.ended()).toBe(0);
    const { default: stringWidth } = await import('string-width');
    const lines = terminal.screen.trimEnd().split('\r\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(60);
    expect(lines[2]).toContain('\u2068שלום\u2069');
    expect(terminal.screen).not.toContain('\u001b');
  });

  test('a long read shows progress on the terminal and wipes it; rows in a file are not touched', async () => {
    await using slow = await startSandbox({ messages: 60, seed: 1, faults: { latencyMs: 700 } });
    const file = join(folder, 'rows.ndjson');
    const terminal = await Terminal.start(['query', '-f', 'ndjson', 'SELECT subject FROM Messages'], { env: { EXCHANGE_SQL_CONNECTION: `${slow.connectionString};Pagesize=20` }, redirect: `> ${file}` });
    await terminal.until(/\d+ rows read, \d+ requests?, \d+ s \(Ctrl-C cancels\)/);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.screen.endsWith('\r\u001b[K')).toBe(true);
    for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) expect(Object.keys(JSON.parse(line) as object)).toEqual(['subject']);
  });

  test('no progress where standard error is no terminal', async () => {
    await using slow = await startSandbox({ messages: 5, seed: 1, faults: { latencyMs: 1200 } });
    const { stderr } = await cli(['query', 'SELECT subject FROM Messages'], { env: { EXCHANGE_SQL_CONNECTION: slow.connectionString } });
    expect(stderr).toBe('');
  });
});
