/** Users, groups, members and files, from SQL to the sandbox's store. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { BEN, open, refusal, startOffice, values, writtenRow } from './office.js';

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

const one = (sql: string, parameters?: Parameters<Connection['query']>[1]): Promise<Record<string, unknown>> => writtenRow(connection, sql, parameters);
const change = async (sql: string, parameters: Parameters<Connection['query']>[1] = []): Promise<number | undefined> => (await connection.query(sql, parameters)).affectedRows;
const content = async (id: unknown): Promise<Buffer> => Buffer.from(await (await fetch(`${sandbox.graphEndpoint}/me/drive/items/${encodeURIComponent(id as string)}/content`)).arrayBuffer());

test('users are made, changed and deleted', async () => {
  const { id } = await one("INSERT INTO Users (accountEnabled, displayName, mailNickname, userPrincipalName, passwordProfile_password, jobTitle) VALUES (1, 'Nia New', 'nia', 'nia@contoso.example', 'Not-a-real-1', 'Buyer') RETURNING id, displayName");
  expect(await one("UPDATE Users SET department = 'Sales', city = 'Köln' WHERE id = ? RETURNING displayName, department, city", [id as string])).toEqual({ displayName: 'Nia New', department: 'Sales', city: 'Köln' });
  expect(await change('DELETE FROM Users WHERE id = ?', [id as string])).toBe(1);
  expect(await values(connection, 'SELECT id FROM Users WHERE id = ?', [id as string])).toEqual([]);
  expect(await refusal(connection.query("INSERT INTO Users (displayName) VALUES ('x')"))).toMatchObject({ code: 'MISSING_COLUMN' });
});

test('groups and their members', async () => {
  const { id } = await one("INSERT INTO Groups (displayName, mailEnabled, mailNickname, securityEnabled) VALUES ('Testers', 0, 'testers', 1) RETURNING id");
  const [ben] = await values(connection, `SELECT id FROM Users WHERE userPrincipalName = '${BEN}'`);
  expect(await change('INSERT INTO GroupMembers (groupId, id) VALUES (?, ?)', [id as string, ben as string])).toBe(1);
  expect(await values(connection, 'SELECT userPrincipalName FROM GroupMembers WHERE groupId = ?', [id as string])).toEqual([BEN]);
  expect(await change('DELETE FROM GroupMembers WHERE groupId = ? AND id = ?', [id as string, ben as string])).toBe(1);
  expect(await values(connection, 'SELECT id FROM GroupMembers WHERE groupId = ?', [id as string])).toEqual([]);
  expect(await one("UPDATE Groups SET description = 'Who tests' WHERE id = ? RETURNING description", [id as string])).toEqual({ description: 'Who tests' });
  expect(await change('DELETE FROM Groups WHERE id = ?', [id as string])).toBe(1);
});

test('folders and files of the drive', async () => {
  const folder = await one("INSERT INTO Files (name) VALUES ('Plans') RETURNING id, folder_childCount");
  const small = await one("INSERT INTO Files (name, parentReference_id, content, description) VALUES ('a b #1.txt', ?, 'Grüße', 'first') RETURNING id, name, parentReference_id", [folder['id'] as string]);
  expect(small).toMatchObject({ name: 'a b #1.txt', parentReference_id: folder['id'] });
  expect((await content(small['id'])).toString()).toBe('Grüße');
  const bytes = Buffer.alloc(6_000_000, 5);
  const large = await one("INSERT INTO Files (name, contentBytes) VALUES ('large.bin', ?) RETURNING id, size", [bytes]);
  expect([large['size'], (await content(large['id'])).equals(bytes)]).toEqual([6_000_000, true]);
  expect(await refusal(connection.query("INSERT INTO Files (name, content) VALUES ('large.bin', 'x')"))).toMatchObject({ code: 'DUPLICATE' });
  expect(await change("UPDATE Files SET content = 'new' WHERE id = ?", [small['id'] as string])).toBe(1);
  expect((await content(small['id'])).toString()).toBe('new');
  expect(await one("UPDATE Files SET name = 'moved.bin', parentReference_id = ? WHERE id = ? RETURNING name, parentReference_id", [folder['id'] as string, large['id'] as string])).toEqual({ name: 'moved.bin', parentReference_id: folder['id'] });
  expect(await change('DELETE FROM Files WHERE id = ?', [large['id'] as string])).toBe(1);
  expect(await change("DELETE FROM Files WHERE id = ? AND DeleteMode = 'HardDelete'", [small['id'] as string])).toBe(1);
  expect(await change('DELETE FROM Files WHERE id = ?', [folder['id'] as string])).toBe(1);
});
