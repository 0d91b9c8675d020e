import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inDependencyOrder } from '../../src/driver/transaction-order.js';
import { loadCatalog } from '../../src/catalog/load.js';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import type { WriteKind } from '../../src/scan/write.js';
import { BEN, listed, logged, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeEach(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterEach(async () => {
  await connection.close();
  await sandbox.close();
});

const run = (sql: string): ReturnType<Connection['query']> => connection.query(sql);
const contacts = async (): Promise<unknown[]> => (await listed(sandbox, '/me/contacts?$select=displayName&$top=100')).map(({ displayName }) => displayName).sort();
const isWrite = ({ method, url }: { readonly method: string; readonly url: string }): boolean => method !== 'GET' && url !== '/$batch';

describe('BEGIN … COMMIT', () => {
  test('collects, and sends at COMMIT only', async () => {
    const { calls, parts } = await logged(sandbox, async () => {
      await run('BEGIN');
      expect((await run("INSERT INTO Contacts (displayName) VALUES ('Ann'), ('Bob')")).affectedRows).toBe(2);
      const { affectedRows, warnings } = await run("UPDATE Categories SET color = 'preset5' WHERE displayName = 'Red'");
      expect(affectedRows).toBe(1);
      expect(warnings).toEqual([{ code: 'ROWS_WAIT', message: 'nothing was sent: 3 rows wait for COMMIT' }]);
      const select = await run("SELECT color FROM Categories WHERE displayName = 'Red'");
      expect(select.rows).toEqual([{ color: 'preset0' }]);
      expect(select.warnings).toMatchObject([{ code: 'ROWS_WAIT' }]);
    });
    expect([...calls, ...parts].filter(isWrite)).toEqual([]);
    const { rows, affectedRows, outcomes, warnings } = await run('COMMIT');
    expect(rows).toEqual([{ changes: 3 }]);
    expect(affectedRows).toBe(3);
    expect(warnings).toEqual([]);
    expect(outcomes?.map(({ row, status, statement }) => [row, status, statement])).toEqual([[0, 'done', 1], [1, 'done', 1], [2, 'done', 2]]);
    expect(await contacts()).toEqual(expect.arrayContaining(['Ann', 'Bob']));
    expect(await values(connection, "SELECT color FROM Categories WHERE displayName = 'Red'")).toEqual(['preset5']);
    expect(await values(connection, 'SELECT count(*) FROM LastResultInfo#TEMP')).toEqual([3]);
  });

  test('ROLLBACK sends nothing', async () => {
    const { calls, parts } = await logged(sandbox, async () => {
      await run('START TRANSACTION');
      await run("INSERT INTO Contacts (displayName) VALUES ('Ann')");
      await run('ROLLBACK');
    });
    expect([...calls, ...parts].filter(isWrite)).toEqual([]);
    expect(await contacts()).not.toContain('Ann');
    expect((await run("INSERT INTO Contacts (displayName) VALUES ('Cy')")).warnings).toEqual([]);
    expect(await contacts()).toContain('Cy');
  });

  test('what cannot stand where', async () => {
    for (const verb of ['COMMIT', 'ROLLBACK', 'END']) expect(await refusal(run(verb))).toMatchObject({ code: 'TRANSACTION', sqlState: '25000' });
    await run('BEGIN TRANSACTION');
    expect(await refusal(run('BEGIN'))).toMatchObject({ code: 'TRANSACTION' });
    expect(await refusal(run('SAVEPOINT a'))).toMatchObject({ code: 'NOT_SUPPORTED', sqlState: '0A000' });
    const [id] = await values(connection, "SELECT id FROM Messages WHERE parentFolderId = 'inbox' LIMIT 1");
    expect(await refusal(connection.query("EXEC MoveMail MessageId = ?, DestinationId = 'archive'", [String(id)]))).toMatchObject({ code: 'TRANSACTION' });
    await run('ROLLBACK');
  });

  test('RETURNING gives what the statement says, and nothing that the service makes', async () => {
    await run('BEGIN');
    const error = await refusal(run("INSERT INTO Contacts (displayName) VALUES ('Ann') RETURNING id"));
    expect(error).toMatchObject({ code: 'NOT_SUPPORTED', sqlState: '0A000' });
    expect(error.message).toContain('id');
    expect((await run("INSERT INTO Contacts (displayName, givenName) VALUES ('Ann', 'A') RETURNING upper(displayName) AS name")).rows).toEqual([{ name: 'ANN' }]);
    expect((await run("DELETE FROM Categories WHERE displayName = 'Red' RETURNING displayName, color")).rows).toEqual([{ displayName: 'Red', color: 'preset0' }]);
    expect(await refusal(run("UPDATE Contacts SET givenName = 'x' WHERE displayName = 'Carla Cook' RETURNING changeKey"))).toMatchObject({ code: 'NOT_SUPPORTED' });
    // A refused statement leaves nothing behind in the transaction.
    expect((await run('COMMIT')).affectedRows).toBe(2);
  });

  test('two statements on one row, guarded', async () => {
    await run('BEGIN');
    await run("UPDATE Contacts SET jobTitle = 'Cook' WHERE displayName = 'Carla Cook' AND changeKey IS NOT NULL");
    await run("UPDATE Contacts SET department = 'Kitchen' WHERE displayName = 'Carla Cook' AND changeKey IS NOT NULL");
    expect((await run('COMMIT')).affectedRows).toBe(2);
    expect((await run("SELECT jobTitle, department FROM Contacts WHERE displayName = 'Carla Cook'")).rows).toEqual([{ jobTitle: 'Cook', department: 'Kitchen' }]);
  });
});

describe('a COMMIT that fails half-way', () => {
  const half = async (): Promise<void> => {
    await run('BEGIN');
    await run("INSERT INTO Contacts (displayName) VALUES ('Ann'), ('Bob')");
    await run("UPDATE Contacts SET jobTitle = 'Chef' WHERE displayName = 'Carla Cook'");
    await run("INSERT INTO Categories (displayName) VALUES ('Red')");
    await run("UPDATE Messages SET isRead = TRUE WHERE parentFolderId = 'inbox' AND isRead = FALSE");
  };

  test('puts back what it wrote, sends nothing further, and tells each row', async () => {
    const before = await contacts();
    const unread = await values(connection, "SELECT count(*) FROM Messages WHERE parentFolderId = 'inbox' AND isRead = FALSE");
    await half();
    const error = await refusal(run('COMMIT'));
    expect(error).toMatchObject({ code: 'DUPLICATE', sqlState: '23505' });
    expect(error.message).toContain('statement 3 (INSERT Categories), row 1');
    expect(error.message).toContain('3 written and undone');
    expect(error.outcomes?.slice(0, 5).map(({ statement, status, effect }) => [statement, status, effect])).toEqual([
      [1, 'done', 'undone'], [1, 'done', 'undone'], [2, 'done', 'undone'], [3, 'failed', undefined], [4, 'skipped', undefined],
    ]);
    expect(await contacts()).toEqual(before);
    expect(await values(connection, "SELECT jobTitle FROM Contacts WHERE displayName = 'Carla Cook'")).toEqual([null]);
    expect(await values(connection, "SELECT count(*) FROM Messages WHERE parentFolderId = 'inbox' AND isRead = FALSE")).toEqual(unread);
    // It is over.
    expect(await refusal(run('COMMIT'))).toMatchObject({ code: 'TRANSACTION' });
  });

  test('never overwrites what somebody else has written meanwhile', async () => {
    const { id } = (await run("INSERT INTO Contacts (displayName, jobTitle) VALUES ('Cleo', 'Clerk') RETURNING id")).rows[0] as { id: string };
    await run('BEGIN');
    await run("UPDATE Contacts SET jobTitle = 'Buyer' WHERE displayName = 'Cleo'");
    await run("INSERT INTO Categories (displayName) VALUES ('Red')");
    sandbox.log.reset();
    sandbox.faults.set({ latencyMs: 400 });
    const committed = refusal(run('COMMIT'));
    const path = `${sandbox.graphEndpoint}/me/contacts/${encodeURIComponent(id)}`;
    // The update is through, the category that exists is on its way to its refusal.
    await vi.waitFor(() => expect(sandbox.log.entries.some(({ method, status }) => method === 'PATCH' && status === 200)).toBe(true), { timeout: 20_000, interval: 5 });
    sandbox.faults.set({ latencyMs: 0 });
    const edit = await fetch(path, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jobTitle: 'Director' }) });
    expect(edit.status).toBe(200);
    const error = await committed;
    expect(error.outcomes?.map(({ status, effect }) => [status, effect])).toEqual([['done', 'durable'], ['failed', undefined]]);
    expect((await connection.query('SELECT jobTitle FROM Contacts WHERE id = ?', [id])).rows).toEqual([{ jobTitle: 'Director' }]);
  });

  test('puts back two updates of one row', async () => {
    await run("INSERT INTO Contacts (displayName, jobTitle, department) VALUES ('Dana', 'Clerk', 'Sales')");
    await run('BEGIN');
    await run("UPDATE Contacts SET jobTitle = 'Buyer' WHERE displayName = 'Dana'");
    await run("UPDATE Contacts SET department = 'IT' WHERE displayName = 'Dana'");
    await run("INSERT INTO Categories (displayName) VALUES ('Red')");
    const error = await refusal(run('COMMIT'));
    expect(error.outcomes?.map(({ status, effect }) => [status, effect])).toEqual([['done', 'undone'], ['done', 'undone'], ['failed', undefined]]);
    expect((await run("SELECT jobTitle, department FROM Contacts WHERE displayName = 'Dana'")).rows).toEqual([{ jobTitle: 'Clerk', department: 'Sales' }]);
  });

  test('says what cannot be undone: invitations that went out, rows that were deleted', async () => {
    await run('BEGIN');
    await run(`INSERT INTO Events (subject, start_dateTime, end_dateTime, attendees) VALUES ('Plan', '2026-05-01T10:00:00Z', '2026-05-01T11:00:00Z', '[{"emailAddress":{"address":"${BEN}"},"type":"required"}]'), ('Alone', '2026-05-02T10:00:00Z', '2026-05-02T11:00:00Z', NULL)`);
    await run("DELETE FROM Contacts WHERE displayName = 'Sam Supplier' OR displayName = 'Carla Cook'");
    await run("INSERT INTO Categories (displayName) VALUES ('Red')");
    const error = await refusal(run('COMMIT'));
    expect(error.outcomes?.map(({ status, effect }) => [status, effect])).toEqual([['done', 'irreversible'], ['done', 'undone'], ['done', 'irreversible'], ['failed', undefined]]);
    expect(error.message).toContain('2 written and cannot be undone');
    expect(await values(connection, "SELECT subject FROM Events WHERE subject IN ('Plan', 'Alone')")).toEqual(['Plan']);
  });

  test('goes on with OnRowError=continue, and undoes nothing', async () => {
    await half();
    const { affectedRows, warnings, outcomes } = await connection.query('COMMIT', [], { onRowError: 'continue' });
    expect(affectedRows).toBe(outcomes!.length - 1);
    expect(warnings).toMatchObject([{ code: 'DUPLICATE' }]);
    expect(await contacts()).toEqual(expect.arrayContaining(['Ann', 'Bob']));
    expect(outcomes?.filter(({ effect }) => effect === 'durable')).toHaveLength(affectedRows!);
  });
});

test('a connection that closes sends nothing and says so', async () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const other = await open(sandbox);
  await other.query('BEGIN');
  await other.query("INSERT INTO Contacts (displayName) VALUES ('Ann')");
  await other.close();
  expect(emitted).toHaveBeenCalledWith(expect.stringContaining('1 rows that waited for COMMIT were not sent'), expect.objectContaining({ code: 'TRANSACTION_DISCARDED' }));
  emitted.mockRestore();
  expect(await contacts()).not.toContain('Ann');
});

test('statements are sent in dependency order, otherwise in the order they were written', () => {
  const tables = loadCatalog('msgraph').tables();
  const order = (...steps: [WriteKind, string][]): string[] => inDependencyOrder(steps, ([kind, table]) => ({ kind, table }), tables).map((step) => step.join(' '));
  expect(order(['delete', 'MailFolders'], ['delete', 'Messages'], ['update', 'Contacts'])).toEqual(['delete Messages', 'delete MailFolders', 'update Contacts']);
  expect(order(['update', 'Messages'], ['insert', 'MailFolders'])).toEqual(['insert MailFolders', 'update Messages']);
  expect(order(['delete', 'MailFolders'], ['insert', 'MailFolders'])).toEqual(['delete MailFolders', 'insert MailFolders']);
  expect(order(['delete', 'TodoLists'], ['update', 'ChecklistItems'], ['insert', 'TodoLists'])).toEqual(['delete TodoLists', 'update ChecklistItems', 'insert TodoLists']);
  expect(order(['insert', 'Contacts'], ['insert', 'Categories'], ['delete', 'Contacts'])).toEqual(['insert Contacts', 'insert Categories', 'delete Contacts']);
});
