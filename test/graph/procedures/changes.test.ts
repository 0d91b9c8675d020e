/** GetChanges: rounds, tokens, what a forgotten token does. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/index.js';
import { NO_FAULTS } from '../../../src/sandbox/faults.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { CLIENT_MESSAGES, logged, open, refusal, startOffice, values } from '../../driver/office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});
beforeEach(() => {
  sandbox.faults.set(NO_FAULTS);
});

const changes = async (inputs: string, parameters: string[] = []): Promise<{ readonly rows: Record<string, unknown>[]; readonly token: string; readonly warnings: readonly unknown[] }> => {
  const { rows, warnings } = await connection.query(`EXEC GetChanges ${inputs}`, parameters);
  const last = rows.pop()!;
  expect(last).toEqual({ Change: 'token', Id: null, ChangeKey: null, Name: null, LastModifiedDateTime: null, Item: null, Reason: null, NextToken: expect.stringContaining('http') as unknown });
  return { rows, token: String(last['NextToken']), warnings };
};

describe('messages of a folder', () => {
  test('everything, then only what changed', async () => {
    const first = await changes("FolderId = FOLDER('/Inbox/Clients')");
    expect([first.rows.length, new Set(first.rows.map(({ Change }) => Change))]).toEqual([CLIENT_MESSAGES, new Set(['changed'])]);
    expect(JSON.parse(String(first.rows[0]!['Item']))).toMatchObject({ id: first.rows[0]!['Id'], subject: first.rows[0]!['Name'] });
    expect((await changes('Token = ?', [first.token])).rows).toEqual([]);

    const [moved, marked] = first.rows.map(({ Id }) => String(Id));
    await connection.query("EXEC MoveMail ?, 'archive'", [moved!]);
    await connection.query('EXEC MarkAsRead ?, true', [marked!]);
    await connection.query('EXEC MarkAsRead ?, false', [marked!]);
    const { result: second, calls } = await logged(sandbox, () => changes('Token = ?', [first.token]));
    expect(calls.every(({ method }) => method === 'GET')).toBe(true);
    expect(second.rows.map(({ Change, Id, Reason }) => [Change, Id, Reason]).sort()).toEqual([['changed', marked, null], ['removed', moved, 'deleted']]);
    expect((await changes('Token = ?', [second.token])).rows).toEqual([]);
  });

  test('only deletions', async () => {
    const first = await changes("FolderId = 'inbox', ChangeType = 'deleted'");
    expect(first.rows).toEqual([]);
    await connection.query('EXEC PermanentDelete ?', [String((await values(connection, "SELECT id FROM Messages WHERE subject = 'Lunch 30'"))[0])]);
    expect((await changes('Token = ?', [first.token])).rows.map(({ Change }) => Change)).toEqual(['removed']);
  });

  test('rows come page by page', async () => {
    const { result, calls } = await logged(sandbox, () => changes("FolderId = 'inbox'"));
    expect(calls.length).toBeGreaterThan(2);
    expect(new Set(result.rows.map(({ Id }) => Id)).size).toBe(result.rows.length);
  });
});

describe('a forgotten token', () => {
  test('is an error that says what to do', async () => {
    const { token } = await changes("FolderId = 'inbox'");
    sandbox.faults.set({ expireDelta: true });
    expect(await refusal(connection.query('EXEC GetChanges Token = ?', [token]))).toMatchObject({ code: 'DATA_CHANGED', serviceCode: 'SyncStateNotFound', hint: expect.stringContaining("IfExpired = 'full'") as unknown });
  });

  test('or a full round after a row that says so', async () => {
    const { token, rows } = await changes("FolderId = 'archive'");
    sandbox.faults.set({ expireDelta: true });
    const again = await changes("FolderId = 'archive', Token = ?, IfExpired = 'full'", [token]);
    expect(again.rows.map(({ Change }) => Change)).toEqual(['reset', ...rows.map(() => 'changed')]);
  });
});

test.each([
  ["Source = 'Folders'", ['Inbox', 'Clients']],
  ["Source = 'Contacts'", ['Carla Cook']],
  ["Source = 'Contacts', FolderId = '/Suppliers'", ['Sam Supplier']],
  ["Source = 'ContactFolders'", ['Suppliers']],
  ["Source = 'Events', StartDateTime = '2026-03-11', EndDateTime = '2026-03-12', TimeZone = 'Europe/Berlin'", ['Board meeting']],
])('%s', async (inputs, names) => {
  expect((await changes(inputs)).rows.map(({ Name }) => Name)).toEqual(expect.arrayContaining(names));
});

test('events of a calendar without a window', async () => {
  const [calendar] = (await values(connection, "SELECT id FROM Calendars WHERE name = 'Private'")) as string[];
  expect((await changes("Source = 'Events', CalendarId = ?", [calendar!])).rows).toHaveLength(1);
});

test.each([
  ["Token = 'abc'", 'Token of GetChanges is no token'],
  ["Token = 'https://evil.example/delta'", 'leads to https://evil.example'],
  ["Source = 'Events'", 'needs the input StartDateTime'],
  ["Source = 'Events', StartDateTime = '2026-01-01'", 'StartDateTime of GetChanges needs the other end'],
  ["Source = 'Contacts', ChangeType = 'created'", 'ChangeType of GetChanges has no meaning with Source = Contacts'],
  ["Source = 'Folders', FolderId = 'inbox'", 'FolderId of GetChanges has no meaning'],
  ["StartDateTime = '2026-01-01'", 'StartDateTime of GetChanges has no meaning'],
])('%s is refused', async (inputs, message) => {
  const { result, calls } = await logged(sandbox, () => refusal(connection.query(`EXEC GetChanges ${inputs}`)));
  expect(result.message).toContain(message);
  expect(calls).toEqual([]);
});
