/**
 * Owns: which code writes the rows of a table, by its shape and form.
 * Invariants: pure; a table that fits an existing shape needs no entry here.
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { WriteShape } from '../scan/write.js';
import { writeOf } from './write-columns.js';
import { ItemWriter } from './write-item.js';
import type { Writer, WriteSettings } from './write-settings.js';

/** @throws ExchangeSqlError NOT_WRITABLE, MISSING_COLUMN, NOT_SUPPORTED: what no row of this shape can be. */
export function writerOf(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings): Writer {
  writeOf(declaration, shape.kind);
  return new ItemWriter(declaration, shape, settings);
}
