import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { logged, MESSAGES, open, startOffice, values } from './office.js';

let sandbox: Sandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startOffice();
  connection = await open(sandbox, 'Pagesize=500;RTK=x');
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

describe('what a DBA asks first', () => {
  test.each<[string, (rows: Record<string, unknown>[]) => void]>([
    ["SELECT TableName, TableType FROM sys_tables ORDER BY TableName", (rows) => { expect(rows.length).toBeGreaterThan(30); }],
    ["SELECT * FROM sys_tablecolumns WHERE TableName = 'Messages' ORDER BY Ordinal", (rows) => { expect(rows.length).toBeGreaterThan(40); }],
    ["SELECT ColumnName FROM sys_keycolumns WHERE TableName = 'Messages' AND IsKey", (rows) => { expect(rows).toEqual([{ ColumnName: 'id' }, { ColumnName: 'changeKey' }]); }],
    ["SELECT * FROM sys_foreignkeys WHERE TableName = 'MessageAttachments'", (rows) => { expect(JSON.stringify(rows)).toContain('messageId'); }],
    ["SELECT ProcedureType, Kind, UsesFiles FROM sys_procedures WHERE ProcedureName = 'MoveMail'", (rows) => { expect(rows).toEqual([{ ProcedureType: 'PROCEDURE', Kind: 'write', UsesFiles: false }]); }],
    ["SELECT ColumnName, Direction, IsRequired, Ordinal FROM sys_procedureparameters WHERE ProcedureName = 'MoveMail' AND Direction = 1 ORDER BY Ordinal", (rows) => { expect(rows).toEqual([{ ColumnName: 'MessageId', Direction: 1, IsRequired: true, Ordinal: 1 }, { ColumnName: 'DestinationId', Direction: 1, IsRequired: true, Ordinal: 2 }, { ColumnName: 'UserId', Direction: 1, IsRequired: false, Ordinal: 3 }]); }],
    ["SELECT r.routine_name, count(*) AS n FROM information_schema.routines r JOIN information_schema.parameters p ON p.specific_name = r.specific_name WHERE r.routine_name = 'MoveMail' GROUP BY 1", (rows) => { expect(rows).toEqual([{ routine_name: 'MoveMail', n: 3 }]); }],
    ["SELECT Name, Value FROM sys_connection_props WHERE Name = 'Pagesize'", (rows) => { expect(rows).toEqual([{ Name: 'Pagesize', Value: '500' }]); }],
    ["SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'Mess%' ORDER BY 1", (rows) => { expect(rows.map(({ table_name }) => table_name)).toEqual(['MessageAttachments', 'MessageHeaders', 'MessageRecipients', 'MessageRules', 'Messages']); }],
    ["SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'Messages' AND column_name = 'isRead'", (rows) => { expect(rows).toHaveLength(1); expect(String(rows[0]!['data_type']).toUpperCase()).toMatch(/^(BIT|BOOLEAN)$/); }],
    ["SELECT * FROM INFORMATION_SCHEMA.TABLES", (rows) => { expect(rows.length).toBeGreaterThan(30); }],
    ["SELECT c.TableName, count(*) AS n FROM sys_tables t JOIN sys_tablecolumns c ON c.TableName = t.TableName GROUP BY 1 ORDER BY 2 DESC LIMIT 3", (rows) => { expect(rows).toHaveLength(3); }],
    ["SELECT t.table_name FROM information_schema.tables t LEFT JOIN information_schema.columns c ON c.table_name = t.table_name AND c.column_name = 'userId' WHERE c.column_name IS NULL ORDER BY 1", (rows) => { expect(rows.map(({ table_name }) => table_name)).toContain('Users'); }],
    ["SELECT k.table_name, k.column_name FROM information_schema.key_column_usage k JOIN information_schema.table_constraints c ON c.constraint_name = k.constraint_name AND c.table_name = k.table_name WHERE c.constraint_type = 'PRIMARY KEY' AND k.table_name = 'Events'", (rows) => { expect(rows).toEqual([{ table_name: 'Events', column_name: 'id' }, { table_name: 'Events', column_name: 'changeKey' }]); }],
    ['SELECT s.TableName, i.table_name FROM sys_tables s FULL JOIN information_schema.tables i ON i.table_name = s.TableName WHERE s.TableName IS NULL AND i.table_schema <> \'information_schema\'', (rows) => { for (const { table_name } of rows) expect(String(table_name)).toMatch(/^sys_/); }],
  ])('%s', async (sql, check) => {
    const { result, calls } = await logged(sandbox, () => connection.query(sql));
    check(result.rows);
    expect(calls).toEqual([]);
  });

  test('every column that sys_tablecolumns names can be selected', async () => {
    const { rows } = await connection.query('SELECT TableName, ColumnName FROM sys_tablecolumns');
    const columns = new Map<string, string[]>();
    for (const { TableName, ColumnName } of rows) columns.set(String(TableName), [...(columns.get(String(TableName)) ?? []), String(ColumnName)]);
    for (const [table, names] of columns) expect(connection.prepare(`SELECT ${names.map((name) => `[${name}]`).join(', ')} FROM [${table}]`).columns.map(({ name }) => name)).toEqual(names);
  });

  test('secrets are not shown', async () => {
    const text = JSON.stringify((await connection.query('SELECT * FROM sys_connection_props')).rows);
    expect(text).toContain('OAuthAccessToken');
    expect(text).not.toContain('sandbox-main');
  });

  test('join with tables of the mailbox', async () => {
    expect(await values(connection, "SELECT count(*) FROM sys_tables t JOIN Messages m ON t.TableName = 'Messages'")).toEqual([MESSAGES]);
  });

  test('properties that do nothing are warned of in sys_warnings', async () => {
    await using own = await open(sandbox, 'RTK=x');
    expect(JSON.stringify((await own.query('SELECT * FROM sys_warnings')).rows)).toContain('RTK');
  });
});
