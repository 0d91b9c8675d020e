/**
 * Owns: the columns a writing statement names, by the declaration of its table.
 * Does not own: whether they may be written (the Mutator).
 */
import { identityOf as identityOfTable, sourceOf } from '../catalog/row-key-columns.js';
import { similarNames } from '../catalog/similar.js';
import type { ColumnDeclaration, TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import { sameName } from '../planner/names.js';
import type { NamedSpan } from '../sql/write-skeleton.js';

/** @throws ExchangeSqlError UNKNOWN_COLUMN; SYNTAX for a name given twice. */
export function writtenColumns(table: TableDeclaration, names: readonly NamedSpan[], toOriginal: (offset: number) => number): readonly ColumnDeclaration[] {
  const found: ColumnDeclaration[] = [];
  for (const { name, span } of names) {
    const column = table.columns.find((one) => sameName(one.name, name));
    const position = toOriginal(span.start);
    if (column === undefined) {
      const why = Object.entries(table.lacking ?? {}).find(([one]) => sameName(one, name))?.[1];
      if (why !== undefined) throw new ExchangeSqlError('NOT_SUPPORTED', `${table.name} has no column ${name}: ${why}`, { position, hint: 'Leave the column out.' });
      const guess = similarNames(name, table.columns.map((one) => one.name), 1)[0];
      throw new ExchangeSqlError('UNKNOWN_COLUMN', `there is no column ${name} in ${table.name}`, { position, hint: guess === undefined ? `SELECT ColumnName FROM sys_tablecolumns WHERE TableName = '${table.name}' lists the columns.` : `Did you mean ${guess}?` });
    }
    if (found.includes(column)) throw new ExchangeSqlError('SYNTAX', `the column ${column.name} is given twice`, { position, hint: 'Give each column one value.' });
    found.push(column);
  }
  return found;
}

/** The column that says whose mailbox a row is in. */
export const mailboxColumn = (table: TableDeclaration): ColumnDeclaration | undefined => table.columns.find(({ origin }) => origin === 'mailbox');

const VERSION = 'changeKey';

export const isVersion = (name: string): boolean => name === VERSION;

/** What identifies a row among those of one mailbox. */
export function identityOf(table: TableDeclaration): readonly string[] {
  const mailbox = mailboxColumn(table)?.name;
  return identityOfTable(table).filter((name) => name !== mailbox);
}

/** The names with the id in the place of its RowKey. */
const sources = (table: TableDeclaration, columns: readonly string[]): readonly string[] => table.columns.filter(({ name }) => columns.includes(name)).map((column) => sourceOf(column, table).name);

/** Whether values of these columns say which row is meant. */
export function identifies(table: TableDeclaration, columns: readonly string[]): boolean {
  const identity = identityOf(table);
  const given = sources(table, columns);
  // A table with one row a mailbox is known by the mailbox.
  const needed = identity.length > 0 ? identity : [mailboxColumn(table)?.name];
  return needed.every((name) => name !== undefined && given.includes(name));
}

/** Of some columns, those of the key: identity, its RowKeys, version, mailbox. */
export function keyColumns(table: TableDeclaration, columns: readonly string[]): readonly string[] {
  const mailbox = mailboxColumn(table)?.name;
  const identity = identityOf(table);
  return columns.filter((name) => name === mailbox || isVersion(name) || sources(table, [name]).some((source) => identity.includes(source)));
}
