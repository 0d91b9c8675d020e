/**
 * The same in a real database that compares without case by default: MariaDB as Debian installs it, loaded with CSV files that the
 * command line wrote.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { cli } from '../cli/support/cli.js';
import { open } from '../driver/office.js';
import { describeReal, freePort, run, startServer, temporaryFolder, type RunningServer } from '../support/counterpart.js';
import { EXPORT, MESSAGES, RECIPIENTS, startTwins, TWINS, writeBy } from './mailbox.js';

describeReal('linked by MariaDB with its default collation', { commands: ['mariadbd', 'mariadb', 'mariadb-install-db'], packages: ['mariadb-server'] }, () => {
  const folder = temporaryFolder();
  let server: RunningServer | undefined;
  let socket = '';
  let sandbox: Sandbox;
  let connection: Connection;

  /** Rows of a statement, tab-separated. */
  const ask = (sql: string): string[][] => run('mariadb', ['--no-defaults', `--socket=${socket}`, '--user=root', '--local-infile=1', '--batch', '--raw', '--skip-column-names', 'linked'], { input: sql }).split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
  const count = (sql: string): number => Number(ask(sql)[0]?.[0]);

  /** Writes rows of a statement to a file with the command line, and loads it as an import does that skips keys it has. */
  const load = async (sql: string, tables: readonly string[]): Promise<void> => {
    const { stdout, stderr, code } = await cli(['query', '--connection', sandbox.connectionString, '--format', 'csv', sql]);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    const file = join(folder.path, 'rows.csv');
    writeFileSync(file, stdout);
    for (const table of tables) ask(`LOAD DATA LOCAL INFILE '${file}' IGNORE INTO TABLE ${table} FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '' LINES TERMINATED BY '\\r\\n' IGNORE 1 LINES`);
  };

  beforeAll(async () => {
    const data = join(folder.path, 'data');
    socket = join(folder.path, 'mariadb.sock');
    mkdirSync(data);
    // The server is run by its own user, never by root.
    const user = process.getuid?.() === 0 ? ['--user=mysql'] : [];
    chmodSync(folder.path, 0o777);
    run('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user]);
    const port = await freePort();
    server = await startServer('mariadbd', ['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, `--port=${String(port)}`, '--bind-address=127.0.0.1', '--skip-log-bin', '--local-infile=1', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M', ...user], port, { waitMs: 60_000 });
    run('mariadb', ['--no-defaults', `--socket=${socket}`, '--user=root'], { input: 'CREATE DATABASE linked' });
    const columns = 'id VARCHAR(255) NOT NULL, changeKey VARCHAR(255) NOT NULL, RowKey VARCHAR(717) NOT NULL, subject VARCHAR(255)';
    ask(`CREATE TABLE naive (${columns}, PRIMARY KEY (id)); CREATE TABLE composite (${columns}, PRIMARY KEY (id, changeKey)); CREATE TABLE rowkey (${columns}, PRIMARY KEY (RowKey));
      CREATE TABLE recipients (messageId VARCHAR(255), messageRowKey VARCHAR(717), ordinal INT, address VARCHAR(255), PRIMARY KEY (messageRowKey, ordinal))`);
    sandbox = await startTwins();
    connection = await open(sandbox);
    await load(EXPORT, ['naive', 'composite', 'rowkey']);
    await load(RECIPIENTS, ['recipients']);
  }, 180_000);

  afterAll(async () => {
    await server?.stop();
    folder.remove();
    await connection.close();
    await sandbox.close();
  });

  test('it compares without case', () => {
    expect(count("SELECT 'a' = 'A'")).toBe(1);
    expect(ask("SELECT COLLATION_NAME LIKE '%\\_ci' FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'linked' AND COLUMN_NAME = 'id' AND TABLE_NAME = 'naive'")).toEqual([['1']]);
  });

  test('the id alone loses every second mail, the composite and the RowKey none', () => {
    expect(count('SELECT count(*) FROM naive')).toBe(MESSAGES - TWINS);
    expect(count('SELECT count(*) FROM composite')).toBe(MESSAGES);
    expect(count('SELECT count(*) FROM rowkey')).toBe(MESSAGES);
    expect(count('SELECT count(DISTINCT subject) FROM rowkey')).toBe(MESSAGES);
  });

  test('a join on ids doubles rows, a join on RowKeys does not', () => {
    expect(count('SELECT count(*) FROM rowkey m JOIN recipients r ON r.messageId = m.id')).toBe(MESSAGES + 2 * TWINS);
    expect(count("SELECT count(*) FROM rowkey m JOIN recipients r ON r.messageRowKey = m.RowKey WHERE r.address = concat('p', substr(m.subject, 6), '@fabrikam.example')")).toBe(MESSAGES);
  });

  test('every key it holds finds its mail again', async () => {
    for (const [RowKey, id, subject] of ask("SELECT RowKey, id, subject FROM rowkey WHERE subject IN ('Mail 7', 'Mail 8', 'Mail 0')")) {
      for (const [name, value] of [['RowKey', RowKey], ['id', id]] as const) {
        const { rows, warnings } = await connection.query(`SELECT subject FROM Messages WHERE ${name} = ?`, [value!]);
        expect([name, rows, warnings]).toEqual([name, [{ subject }], []]);
      }
    }
  });

  test('edits, moves and deletes by each key hit the right mail', async () => {
    const row = (table: string, subject: string): string[] => ask(`SELECT RowKey, id, changeKey FROM ${table} WHERE subject = '${subject}'`)[0]!;
    for (const n of [21, 22]) await writeBy(sandbox, connection, `Mail ${String(n)}`, (subject) => ({ RowKey: row('rowkey', subject)[0]! }));
    for (const n of [31, 32]) await writeBy(sandbox, connection, `Mail ${String(n)}`, (subject) => ({ id: row('rowkey', subject)[1]! }));
    for (const n of [41, 42]) {
      await writeBy(sandbox, connection, `Mail ${String(n)}`, async (subject) => {
        // The version is another after each edit.
        ask('TRUNCATE composite');
        await load(EXPORT, ['composite']);
        const [, id, changeKey] = row('composite', subject);
        return { id: id!, changeKey: changeKey! };
      });
    }
  }, 120_000);

  test('what was edited is another row by the composite key, the same by the RowKey', async () => {
    await connection.query("UPDATE Messages SET importance = 'low' WHERE subject = 'Mail 60'");
    ask('TRUNCATE composite');
    await load(EXPORT, ['composite', 'rowkey']);
    await connection.query("UPDATE Messages SET importance = 'high' WHERE subject = 'Mail 60'");
    await load(EXPORT, ['composite', 'rowkey']);
    expect([count('SELECT count(*) FROM composite'), count('SELECT count(*) FROM rowkey')]).toEqual([MESSAGES + 1, MESSAGES]);
  }, 120_000);
});
