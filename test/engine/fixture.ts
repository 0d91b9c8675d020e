import type { ColumnType, TableDeclaration } from '../../src/catalog/table.js';
import { createJudge, createStatementDatabase, engineTable, type DeadlineDatabase, type LocalTable, type TemporaryJudge } from '../../src/engine/index.js';
import type { BoundParameters } from '../../src/engine/types.js';
import type { SqlValue } from '../../src/scan/value.js';
import { ExchangeSqlError } from '../../src/errors.js';

const declare = (name: string, columns: Readonly<Record<string, ColumnType>>): TableDeclaration => ({
  name,
  description: name,
  scope: 'mailbox',
  shape: { kind: 'collection', path: `/${name}` },
  key: ['id'],
  columns: Object.entries(columns).map(([column, type]) => ({ name: column, type, description: column })),
});

export const MESSAGES = declare('Messages', {
  id: 'text',
  subject: 'text',
  receivedDateTime: 'timestamp',
  isRead: 'boolean',
  size: 'integer',
  score: 'double',
  big: 'bigint',
  toRecipients: 'json',
  mime: 'binary',
  parentFolderId: 'text',
});
export const FOLDERS = declare('MailFolders', { id: 'text', displayName: 'text', totalItemCount: 'integer' });
export const PEOPLE = declare('People', { id: 'text', name: 'text', birthday: 'date', wakes: 'time' });
export const TABLES: readonly TableDeclaration[] = [MESSAGES, FOLDERS, PEOPLE];
export const LOCAL: readonly LocalTable[] = [
  { schema: 'main', name: 'sys_tables', columns: [{ name: 'TableName', type: 'text' }] },
  { schema: 'information_schema', name: 'tables', columns: [{ name: 'table_name', type: 'text' }, { name: 'table_type', type: 'text' }] },
];

export const newJudge = (): TemporaryJudge => createJudge({ tables: TABLES, localTables: LOCAL });
export const newDatabase = (memory = true, ceiling?: number): DeadlineDatabase => createStatementDatabase({ tables: TABLES.map(engineTable), memory, ...(ceiling === undefined ? {} : { ceiling }) });

export const NONE: BoundParameters = { positional: [], named: {} };
export const bound = (...positional: SqlValue[]): BoundParameters => ({ positional, named: {} });

export const rowsOf = (database: DeadlineDatabase, sql: string, parameters = NONE): SqlValue[][] => [...database.run(sql, parameters)].map((row) => [...row]);

/** Value of an expression in the judge. */
export const evaluate = (judge: TemporaryJudge, expression: string, ...values: SqlValue[]): SqlValue | undefined => judge.fold(expression, bound(...values))?.value;

export function failure(work: () => unknown): ExchangeSqlError {
  try {
    work();
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
