import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/index.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { cli } from './support/cli.js';

let sandbox: Sandbox;
let folder: string;
beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0 });
  folder = mkdtempSync(join(tmpdir(), 'exchange-sql-insert-'));
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const insert = (...args: readonly string[]): ReturnType<typeof cli> => cli(['insert', '--connection', sandbox.connectionString, ...args]);
const rows = async (sql: string): Promise<readonly object[]> => {
  await using connection = await connect(sandbox.connectionString);
  return (await connection.query(sql)).rows;
};

describe('insert', () => {
  test('CSV with quotes, line ends, umlauts, empty cells; semicolons as in Excel', async () => {
    const path = file('people.csv', '\uFEFFgivenName;surname;companyName;personalNotes\r\nAda;Müller;"A; ""B"" & Co";"two\nlines"\r\nBo;Li;;""\r\n');
    const { code, stderr, stdout } = await insert('Contacts', path);
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('2 of 2 rows inserted') as string });
    expect(await rows('SELECT givenName, surname, companyName, personalNotes FROM Contacts ORDER BY givenName')).toEqual([
      { givenName: 'Ada', surname: 'Müller', companyName: 'A; "B" & Co', personalNotes: 'two\nlines' },
      { givenName: 'Bo', surname: 'Li', companyName: null, personalNotes: '' },
    ]);
  });

  test('NDJSON from standard input, lists and objects as JSON; a JSON array, too', async () => {
    const lines = '{"subject":"one","isRead":true,"toRecipients":[{"emailAddress":{"address":"x@contoso.example"}}]}\n\n{"subject":"two"}\n';
    const { code, stderr } = await cli(['insert', '--connection', sandbox.connectionString, '--format', 'ndjson', 'Messages', '-'], { input: lines });
    expect([code, stderr]).toEqual([0, expect.stringContaining('2 of 2')]);
    expect((await insert('Messages', file('more.json', '[\n {"subject": "three"},\n {"subject": "four"}\n]\n'))).code).toBe(0);
    expect(await rows('SELECT subject FROM Messages ORDER BY subject')).toEqual(['four', 'one', 'three', 'two'].map((subject) => ({ subject })));
  });

  test('a file that cannot be read on: what was inserted is told, so that nobody inserts it again', async () => {
    const path = file('broken.ndjson', [...Array.from({ length: 30 }, (_, n) => `{"givenName":"Broken ${String(n)}"}`), '{"givenName":', '{"givenName":"after"}'].join('\n'));
    const failed = join(folder, 'unsent.ndjson');
    const { code, stderr } = await insert('--rows', '10', '--failed', failed, 'Contacts', path);
    expect(code).toBe(1);
    expect(stderr).toContain('line 31: it is no JSON');
    const there = (await rows("SELECT givenName FROM Contacts WHERE givenName LIKE 'Broken%'")).length;
    expect(there).toBeGreaterThan(0);
    expect(stderr).toContain(`${String(there)} of 30 rows inserted, ${String(30 - there)} not`);
    expect(readFileSync(failed, 'utf8').trim().split('\n')).toHaveLength(30 - there);
  });

  test.each(['csv', 'ndjson'])('%s that is not UTF-8 is refused, and no letter is lost', async (format) => {
    const text = format === 'csv' ? 'givenName\nZo\u00eb\n' : '{"givenName":"Zo\u00eb"}\n';
    const path = join(folder, `latin1.${format}`);
    writeFileSync(path, Buffer.from(text, 'latin1'));
    const { code, stderr } = await insert('Contacts', path);
    expect([code, stderr]).toEqual([1, expect.stringContaining('not UTF-8')]);
    expect(await rows("SELECT givenName FROM Contacts WHERE givenName LIKE 'Zo%'")).toEqual([]);
  });

  test('rows that fail are named, kept in a file, and can be given again', async () => {
    const path = file('tasks.ndjson', ['{"displayName":"Blue","color":"preset1"}', '{"displayName":"Odd","color":"purple"}', '{"displayName":"Blue","color":"preset2"}', '{"displayName":"Green","color":"preset3"}'].join('\n'));
    const failed = join(folder, 'failed.ndjson');
    const { code, stderr } = await insert('--failed', failed, 'Categories', path);
    expect(code).toBe(1);
    expect(stderr).toMatch(/line 2: failed BAD_VALUE/);
    expect(stderr).toMatch(/line 3: failed DUPLICATE/);
    expect(stderr).toContain('2 of 4 rows inserted, 2 not');
    const kept = readFileSync(failed, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(kept).toMatchObject([{ displayName: 'Odd', color: 'purple', _line: 2, _code: 'BAD_VALUE' }, { displayName: 'Blue', _line: 3, _code: 'DUPLICATE' }]);
    const mended = file('mended.ndjson', readFileSync(failed, 'utf8').replace('purple', 'preset4').replace('Blue', 'Navy'));
    expect((await insert('Categories', mended)).code).toBe(0);
    expect(await rows('SELECT displayName FROM Categories ORDER BY displayName')).toEqual(['Blue', 'Green', 'Navy', 'Odd'].map((displayName) => ({ displayName })));
  });

  test('stop: nothing further is sent, and what was not sent is in the file', async () => {
    const path = file('stop.csv', 'displayName,color\nRed,preset5\nRed,preset6\nLate,preset7\n');
    const failed = join(folder, 'unsent.ndjson');
    const { code } = await insert('--on-row-error', 'stop', '--rows', '1', '--failed', failed, 'Categories', path);
    expect(code).toBe(1);
    expect(readFileSync(failed, 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { _status: string; displayName: string })._status)).toEqual(['failed', 'skipped']);
    expect(await rows("SELECT count(*) AS n FROM Categories WHERE displayName = 'Late'")).toEqual([{ n: 0 }]);
  });

  test.each([
    [['Contacts'], 2, 'takes a table and a file'],
    [['Contacts', 'nowhere.csv'], 2, "'nowhere.csv' cannot be read (ENOENT)"],
    [['Contacts', 'people.txt'], 2, 'give --format csv or ndjson'],
  ] as const)('%j', async (args, code, text) => {
    const result = await insert(...args);
    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(text)]);
  });

  test('broken files are errors with their line; unknown columns with a suggestion', async () => {
    expect((await insert('Contacts', file('a.csv', 'givenName,surname\nAda\n'))).stderr).toContain('line 2: it has another number of cells');
    expect((await insert('Contacts', file('b.csv', 'givenName,givenname\nAda,B\n'))).stderr).toContain('the column givenname is named twice');
    expect((await insert('Contacts', file('c.ndjson', '{"givenName":"Ada"}\nnot json\n'))).stderr).toContain('line 2: it is no JSON');
    expect((await insert('Contacts', file('d.csv', 'givenNam\nAda\n'))).stderr).toMatch(/givenNam[^]*givenName/);
  });
});
