/**
 * Owns: whether a table and the columns of a write can be written, by the declarations; every refusal names table, column and rule.
 * Does not own: values (write-value.ts).
 * Invariants: pure.
 */
import type { ColumnDeclaration, TableDeclaration, TableWrite } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { WriteKind, WriteShape } from '../scan/write.js';

const VERBS: Readonly<Record<WriteKind, string>> = { insert: 'INSERT INTO', update: 'UPDATE', delete: 'DELETE FROM' };

/** How the table is written. @throws ExchangeSqlError NOT_WRITABLE where it takes no such statement. */
export function writeOf(declaration: TableDeclaration, kind: WriteKind): TableWrite {
  const { name, write } = declaration;
  if (declaration.shape.kind === 'not-offered') throw new ExchangeSqlError('NOT_SUPPORTED', `The table ${name} is not offered: ${declaration.shape.reason}.`);
  if (write === undefined) throw new ExchangeSqlError('NOT_WRITABLE', `The table ${name} is read-only: the service takes no writes of it.`, { hint: 'SELECT IsUpdateable FROM sys_tables shows which tables can be written.' });
  const allowed = write[kind];
  if (allowed === true) return write;
  const all = write.insert !== true && write.update !== true && write.delete !== true;
  throw new ExchangeSqlError('NOT_WRITABLE', all ? `The table ${name} is read-only.` : `${VERBS[kind]} ${name} is not offered.`, { hint: `${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}.` });
}

/**
 * The columns of a write as declared, in its order.
 *
 * @throws ExchangeSqlError UNKNOWN_COLUMN, NOT_WRITABLE, MISSING_COLUMN.
 */
export function columnsToWrite(declaration: TableDeclaration, shape: WriteShape): readonly ColumnDeclaration[] {
  const columns = shape.columns.map((name) => {
    const column = declaration.columns.find((one) => one.name === name);
    if (column === undefined) throw new ExchangeSqlError('UNKNOWN_COLUMN', `${declaration.name} has no column ${name}.`);
    if (shape.kind === 'insert' && (column.write?.create ?? false) === false) throw refusal(declaration, column, 'insert');
    if (shape.kind === 'update' && (column.write?.update ?? false) === false) throw refusal(declaration, column, 'update');
    if (shape.kind === 'delete' && column.pseudo !== true) throw new ExchangeSqlError('INTERNAL', `DELETE gives a value to ${name}.`);
    return column;
  });
  if (shape.kind === 'insert') {
    const missing = declaration.columns.filter((column) => column.write?.create === 'required' && !shape.columns.includes(column.name)).map(({ name }) => name);
    if (missing.length > 0) throw missingColumn(declaration, missing);
  }
  return columns;
}

function refusal(declaration: TableDeclaration, column: ColumnDeclaration, kind: 'insert' | 'update'): ExchangeSqlError {
  const at = `${declaration.name}.${column.name}`;
  const { write } = column;
  const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  if (kind === 'insert' && (write?.update ?? false) !== false) {
    return new ExchangeSqlError('NOT_WRITABLE', `${at} cannot be given on INSERT: the service takes it on UPDATE only.`, { hint: write?.why === undefined ? 'UPDATE the row after the INSERT.' : sentence(write.why) });
  }
  const rule = column.pseudo === true
    ? 'it is an input for WHERE'
    : column.name === 'id'
      ? 'the service makes ids'
      : kind === 'update' && (write?.create ?? false) !== false
        ? 'the service takes it on INSERT only'
        : column.origin === 'mailbox'
          ? 'a row stays in its mailbox'
          : column.origin === 'computed'
            ? 'it is computed'
            : 'the service sets it';
  return new ExchangeSqlError('NOT_WRITABLE', `${at} cannot be written: ${rule}.`, {
    hint: write?.why !== undefined ? sentence(write.why) : column.name === 'id' ? 'Leave it out; RETURNING id gives the new one.' : 'Leave it out; SELECT ColumnName, IsReadOnly FROM sys_tablecolumns shows which columns can be written.',
  });
}

export function missingColumn(declaration: TableDeclaration, names: readonly string[]): ExchangeSqlError {
  return new ExchangeSqlError('MISSING_COLUMN', `INSERT INTO ${declaration.name} needs a value for ${names.join(', ')}.`, { hint: 'The service makes no such row without it.' });
}

/** The permission to name in a 403 on a write. */
export function writePermission({ write }: TableDeclaration): string | undefined {
  if (write === undefined) return undefined;
  const { delegated, application } = write.permissions;
  return application === undefined || application === delegated ? delegated : `${delegated} (delegated) or ${application} (application)`;
}
