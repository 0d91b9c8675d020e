import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../../src/catalog/load.js';
import { findSystemTable, SYSTEM_TABLES, type SystemContext, type SystemTable } from '../../../src/catalog/system/index.js';
import type { SqlValue } from '../../../src/scan/value.js';

const context: SystemContext = {
  catalog: loadCatalog('msgraph'),
  connectionProperties: [
    { name: 'UserId', type: 'string', default: '', value: 'ann@contoso.example', category: 'Authentication', sensitive: false, description: 'The mailbox.' },
    { name: 'OAuthAccessToken', type: 'string', default: '', value: 'not-to-be-seen', category: 'OAuth', sensitive: true, description: 'A token.' },
    { name: 'OAuthClientSecret', type: 'string', default: '', category: 'OAuth', sensitive: true, description: 'A secret.' },
    { name: 'Schema', type: 'string', default: 'MSGraph', values: ['MSGraph', 'EWS'], category: 'Authentication', sensitive: false, description: 'The tables.' },
  ],
  warnings: [{ code: 'SEARCH_LIMIT', message: 'Only 1,000 hits.' }],
  version: '1.2.3',
};
type Row = Readonly<Record<string, SqlValue>>;
const table = (name: string, schema = 'main'): SystemTable => findSystemTable(schema, name) ?? expect.fail(`no ${schema}.${name}`);
const rows = (name: string, schema = 'main'): Row[] => {
  const found = table(name, schema);
  return found.rows(context).map((row) => Object.fromEntries(found.columns.map((column, index) => [column.name, row[index] ?? null])));
};

describe('system tables', () => {
  it('are all there', () => {
    expect(SYSTEM_TABLES.map((one) => `${one.schema}.${one.name}`).sort()).toEqual(
      [
        ...['catalogs', 'schemas', 'tables', 'tablecolumns', 'keycolumns', 'primarykeys', 'foreignkeys', 'indexes', 'procedures', 'procedureparameters', 'connection_props', 'sqlinfo', 'information', 'warnings', 'pushdown'].map((name) => `main.sys_${name}`),
        ...['tables', 'columns', 'schemata', 'key_column_usage', 'table_constraints', 'referential_constraints', 'views', 'routines', 'parameters'].map((name) => `information_schema.${name}`),
      ].sort(),
    );
  });

  it.each(SYSTEM_TABLES.map((one) => [`${one.schema}.${one.name}`, one] as const))('%s gives rows of its columns, in its types', (_name, one) => {
    expect(one.columns.length).toBeGreaterThan(0);
    for (const column of one.columns) expect(column.name).toMatch(/^\w+$/);
    for (const column of one.columns) expect(column.description).toMatch(/\w.*\.$/);
    for (const row of one.rows(context)) {
      expect(row).toHaveLength(one.columns.length);
      row.forEach((value, index) => {
        const column = one.columns[index]!;
        if (value !== null) expect([column.name, typeof value]).toEqual([column.name, column.type === 'text' ? 'string' : 'bigint']);
        if (column.type === 'boolean') expect([0n, 1n]).toContain(value);
      });
    }
    expect(one.rows(context)).toEqual(one.rows(context));
  });

  it('has no name in common with the tables', () => {
    for (const one of SYSTEM_TABLES.filter((item) => item.schema === 'main')) expect(context.catalog.table(one.name)).toBeUndefined();
  });

  it('lists tables and columns with types', () => {
    expect(rows('sys_tables')).toContainEqual(expect.objectContaining({ CatalogName: 'ExchangeSQL', SchemaName: 'MSGraph', TableName: 'Messages', TableType: 'TABLE', IsUpdateable: 1n }));
    expect(rows('sys_tables')).toContainEqual(expect.objectContaining({ TableName: 'CalendarView', TableType: 'VIEW', IsUpdateable: 0n }));
    const columns = rows('sys_tablecolumns').filter((row) => row.TableName === 'Messages');
    expect(columns).toHaveLength(context.catalog.table('Messages')!.columns.length);
    const one = (name: string): Row => columns.find((row) => row.ColumnName === name)!;
    expect(one('id')).toMatchObject({ DataTypeName: 'VARCHAR', DataType: 12n, Length: null, IsKey: 1n, IsNullable: 0n, IsReadOnly: 1n, Ordinal: 1n });
    expect(one('receivedDateTime')).toMatchObject({ DataTypeName: 'TIMESTAMP', DataType: 93n, DisplaySize: 20n, NumericScale: 0n });
    expect(one('isRead')).toMatchObject({ DataTypeName: 'BIT', DataType: -7n, IsReadOnly: 0n });
    expect(one('importance')).toMatchObject({ Length: 6n, AllowedValues: 'low,normal,high' });
    expect(one('conversationIndex')).toMatchObject({ DataTypeName: 'VARBINARY', DataType: -3n });
    expect(one('IncludeSubfolders')).toMatchObject({ IsHidden: 1n, ColumnType: 'Pseudo-Column' });
  });

  it('lists keys', () => {
    expect(rows('sys_keycolumns')).toContainEqual(expect.objectContaining({ TableName: 'MessageAttachments', ColumnName: 'messageId', IsKey: 0n, IsForeignKey: 1n, ReferencedTableName: 'Messages', ReferencedColumnName: 'id' }));
    expect(rows('sys_keycolumns')).toContainEqual(expect.objectContaining({ TableName: 'MessageRecipients', ColumnName: 'messageId', IsKey: 1n, IsForeignKey: 1n, PrimaryKeyName: 'PK_MessageRecipients' }));
    expect(rows('sys_primarykeys').filter((row) => row.TableName === 'MessageRecipients').map((row) => [row.ColumnName, row.KeySeq])).toEqual([['messageId', 1n], ['kind', 2n], ['ordinal', 3n]]);
    const primary = new Set(rows('sys_primarykeys').map((row) => row.KeyName));
    for (const row of rows('sys_foreignkeys')) expect(primary).toContain(row.PrimaryKeyName);
  });

  it('never shows the value of a secret', () => {
    expect(rows('sys_connection_props').map((row) => [row.Name, row.Value, row.Sensitivity])).toEqual([
      ['UserId', 'ann@contoso.example', 'NONE'],
      ['OAuthAccessToken', '********', 'PASSWORD'],
      ['OAuthClientSecret', null, 'PASSWORD'],
      ['Schema', null, 'NONE'],
    ]);
    for (const one of SYSTEM_TABLES) expect(one.rows(context).flat()).not.toContain('not-to-be-seen');
  });

  it('shows warnings and the driver', () => {
    expect(rows('sys_warnings')).toEqual([{ Ordinal: 1n, Code: 'SEARCH_LIMIT', Message: 'Only 1,000 hits.' }]);
    expect(rows('sys_information')).toEqual([{ Product: 'exchange-sql', Version: '1.2.3', Datasource: 'MSGraph', Tables: BigInt(context.catalog.tables().length) }]);
  });

  it('says what goes down', () => {
    const of = (column: string): unknown[] => rows('sys_pushdown').filter((row) => row.TableName === 'Messages' && row.ColumnName === column).map((row) => [row.Operator, row.Exactness, row.Form]);
    expect(of('isRead')).toEqual([['=', 'exact', 'compare'], ['<>', 'exact', 'compare']]);
    expect(of('subject')).toEqual([['=', 'inexact', 'startswith'], ["LIKE 'x%'", 'inexact', 'startswith'], ['ORDER BY', 'inexact', 'orderby']]);
    expect(of('body_content')).toEqual([]);
    expect(rows('sys_pushdown').find((row) => row.TableName === 'Contacts' && row.ColumnName === 'emailAddresses')?.Condition).toBe(`one element, written as JSON: LIKE '%"address":"x"%'`);
  });

  it('answers in the words of the standard', () => {
    const all = rows('tables', 'information_schema');
    expect(all).toContainEqual(expect.objectContaining({ table_schema: 'MSGraph', table_name: 'Messages', table_type: 'BASE TABLE' }));
    expect(all).toContainEqual(expect.objectContaining({ table_schema: 'information_schema', table_name: 'columns', table_type: 'SYSTEM VIEW' }));
    expect(all).toContainEqual(expect.objectContaining({ table_schema: 'main', table_name: 'sys_tables', table_type: 'SYSTEM VIEW' }));
    expect(rows('columns', 'information_schema')).toContainEqual(expect.objectContaining({ table_name: 'Events', column_name: 'createdDateTime', data_type: 'TIMESTAMP', datetime_precision: 7n, is_nullable: 'YES', ordinal_position: 4n }));
    const constraints = rows('table_constraints', 'information_schema');
    const names = constraints.map((row) => row.constraint_name);
    expect(new Set(names).size).toBe(names.length);
    for (const row of rows('referential_constraints', 'information_schema')) expect(names).toContain(row.unique_constraint_name);
    for (const row of rows('key_column_usage', 'information_schema')) expect(names).toContain(row.constraint_name);
  });
});
