import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../../src/catalog/load.js';
import { identityOf } from '../../../src/catalog/row-key-columns.js';
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
const rowsOf = (name: string, schema: string, given: SystemContext): Row[] => {
  const found = table(name, schema);
  return found.rows(given).map((row) => Object.fromEntries(found.columns.map((column, index) => [column.name, row[index] ?? null])));
};
const rows = (name: string, schema = 'main'): Row[] => rowsOf(name, schema, context);

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
    const insertable = Object.fromEntries(rows('tables', 'information_schema').map((row) => [row.table_name, row.is_insertable_into]));
    expect(insertable).toMatchObject({ Messages: 'YES', MailboxSettings: 'NO', CalendarView: 'NO', People: 'NO', MessageHeaders: 'NO', GroupMembers: 'YES' });
    expect(rows('sys_tables')).toContainEqual(expect.objectContaining({ TableName: 'People', TableType: 'VIEW', IsUpdateable: 0n }));
    const columns = rows('sys_tablecolumns').filter((row) => row.TableName === 'Messages');
    expect(columns).toHaveLength(context.catalog.table('Messages')!.columns.length);
    const one = (name: string): Row => columns.find((row) => row.ColumnName === name)!;
    expect(one('id')).toMatchObject({ DataTypeName: 'VARCHAR', DataType: 12n, Length: 512n, Collation: 'BINARY', IsKey: 1n, IsNullable: 0n, IsReadOnly: 1n, Ordinal: 1n });
    expect(one('receivedDateTime')).toMatchObject({ DataTypeName: 'TIMESTAMP', DataType: 93n, DisplaySize: 20n, NumericScale: 0n, Collation: null });
    expect(one('RowKey')).toMatchObject({ DataTypeName: 'VARCHAR', Length: 717n, Collation: 'BINARY', IsKey: 0n, IsGeneratedColumn: 1n, IsReadOnly: 1n });
    expect(one('isRead')).toMatchObject({ DataTypeName: 'BIT', DataType: -7n, IsReadOnly: 0n });
    expect(one('importance')).toMatchObject({ Length: 6n, AllowedValues: 'low,normal,high' });
    expect(one('conversationIndex')).toMatchObject({ DataTypeName: 'VARBINARY', DataType: -3n });
    expect(one('IncludeSubfolders')).toMatchObject({ IsHidden: 1n, ColumnType: 'Pseudo-Column' });
  });

  it('lists keys', () => {
    expect(rows('sys_keycolumns')).toContainEqual(expect.objectContaining({ TableName: 'MessageAttachments', ColumnName: 'messageId', IsKey: 0n, IsForeignKey: 1n, ReferencedTableName: 'Messages', ReferencedColumnName: 'id' }));
    expect(rows('sys_keycolumns')).toContainEqual(expect.objectContaining({ TableName: 'MessageRecipients', ColumnName: 'messageId', IsKey: 1n, IsForeignKey: 1n, PrimaryKeyName: 'PK_MessageRecipients' }));
    expect(rows('sys_primarykeys').filter((row) => row.TableName === 'MessageRecipients').map((row) => [row.ColumnName, row.KeySeq])).toEqual([['messageId', 1n], ['kind', 2n], ['ordinal', 3n]]);
    const unique = new Set(rows('sys_indexes').map((row) => row.IndexName));
    for (const row of rows('sys_foreignkeys')) expect(unique).toContain(row.PrimaryKeyName);
  });

  it.each([
    ['composite', ['id', 'changeKey'], ['messageId', 'kind', 'ordinal'], ['UQ_Messages_id', 'UQ_Messages_RowKey']],
    ['id', ['id'], ['messageId', 'kind', 'ordinal'], ['UQ_Messages_RowKey']],
    ['RowKey', ['RowKey'], ['messageRowKey', 'kind', 'ordinal'], ['UQ_Messages_id']],
  ] as const)('declare the key that was chosen: %s', (primaryKey, messages, recipients, others) => {
    const chosen = { ...context, catalog: loadCatalog('msgraph', { primaryKey }) };
    const of = (name: string, schema: 'main' | 'information_schema' = 'main'): Row[] => rowsOf(name, schema, chosen);
    const key = (table: string): unknown[] => of('sys_primarykeys').filter((row) => row.TableName === table).map((row) => row.ColumnName);
    expect(key('Messages')).toEqual(messages);
    expect(key('MessageRecipients')).toEqual(recipients);
    expect(key('MailFolders')).toEqual([primaryKey === 'RowKey' ? 'RowKey' : 'id']);
    expect(of('sys_tablecolumns').filter((row) => row.TableName === 'Messages' && row.IsKey === 1n).map((row) => row.ColumnName)).toEqual(messages);
    expect(of('sys_keycolumns').filter((row) => row.TableName === 'Messages' && row.IsKey === 1n).map((row) => row.ColumnName)).toEqual(messages);
    expect(of('key_column_usage', 'information_schema').filter((row) => row.constraint_name === 'PK_Messages').map((row) => row.column_name)).toEqual(messages);
    expect(of('table_constraints', 'information_schema').filter((row) => row.table_name === 'Messages' && row.constraint_type === 'UNIQUE').map((row) => row.constraint_name)).toEqual(others);
    const names = of('table_constraints', 'information_schema').map((row) => row.constraint_name);
    expect(new Set(names).size).toBe(names.length);
    for (const row of of('referential_constraints', 'information_schema')) expect(names).toContain(row.unique_constraint_name);
    // Whatever is declared, a row is told from others by its id.
    for (const table of chosen.catalog.tables()) expect([table.name, identityOf(table)]).toEqual([table.name, identityOf(context.catalog.table(table.name)!)]);
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
    expect(rows('columns', 'information_schema')).toContainEqual(expect.objectContaining({ table_name: 'Events', column_name: 'createdDateTime', data_type: 'TIMESTAMP', datetime_precision: 7n, is_nullable: 'YES', ordinal_position: 5n, collation_name: null }));
    expect(rows('columns', 'information_schema')).toContainEqual(expect.objectContaining({ table_name: 'Messages', column_name: 'id', character_maximum_length: 512n, is_nullable: 'NO', character_set_name: 'UTF8', collation_name: 'BINARY' }));
    const constraints = rows('table_constraints', 'information_schema');
    const names = constraints.map((row) => row.constraint_name);
    expect(new Set(names).size).toBe(names.length);
    for (const row of rows('referential_constraints', 'information_schema')) expect(names).toContain(row.unique_constraint_name);
    for (const row of rows('key_column_usage', 'information_schema')) expect(names).toContain(row.constraint_name);
  });
});
