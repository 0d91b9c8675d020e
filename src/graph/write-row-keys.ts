/**
 * Owns: rows that name their parent by its RowKey on INSERT: ids in place of RowKeys before a row is looked at.
 * Does not own: what becomes of the row (the Writer of its table).
 * Invariants: a row names its parent once; a text that is no RowKey is refused, never sent.
 */
import { decodeRowKey } from '../catalog/row-key.js';
import { ROW_KEY, sourceOf } from '../catalog/row-key-columns.js';
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { RowWrite, WriteShape } from '../scan/write.js';
import type { Writer } from './write-settings.js';

/** The Writer of a shape that may name ids by their RowKeys. @throws ExchangeSqlError SYNTAX if both are given. */
export function withIds(declaration: TableDeclaration, shape: WriteShape, writerOf: (shape: WriteShape) => Writer): Writer {
  const columns = shape.columns.map((name) => declaration.columns.find((column) => column.name === name));
  const encoded = columns.flatMap((column, index) => (shape.kind === 'insert' && column?.compute === ROW_KEY && column.write?.create === true ? [index] : []));
  if (encoded.length === 0) return writerOf(shape);
  const names = columns.map((column, index) => (column !== undefined && encoded.includes(index) ? sourceOf(column, declaration).name : shape.columns[index]!));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ExchangeSqlError('SYNTAX', `${declaration.name}.${twice} is given twice: by itself and by its RowKey.`, { hint: 'Give one of them.' });
  const writer = writerOf({ ...shape, columns: names });
  const byId = (row: RowWrite): RowWrite => ({
    ...row,
    values: row.values.map((value, index) => {
      if (!encoded.includes(index) || typeof value !== 'string') return value;
      const id = decodeRowKey(value);
      if (id === undefined) throw new ExchangeSqlError('BAD_VALUE', `'${value}' is no RowKey: ${declaration.name}.${shape.columns[index]!} takes the RowKey of the ${names[index]!}.`, { hint: 'A RowKey has digits and the capital letters A to V, and is neither folded nor cut.' });
      return id;
    }),
  });
  return {
    read: writer.read,
    requests: writer.requests,
    check: (row) => writer.check(byId(row)),
    jobs: (rows, newName) => writer.jobs(rows.map(byId), newName),
  };
}
