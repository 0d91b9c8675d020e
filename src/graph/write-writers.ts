/**
 * Owns: which code writes the rows of a table, by its shape and form.
 * Invariants: pure; a table that fits an existing shape needs no entry here.
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { WriteShape } from '../scan/write.js';
import { AttachmentWriter } from './write-attachment.js';
import { writeOf } from './write-columns.js';
import { DriveWriter } from './write-drive.js';
import { ElementsWriter } from './write-elements.js';
import { ExtendedWriter } from './write-extended.js';
import { ItemWriter } from './write-item.js';
import { ReferenceWriter } from './write-reference.js';
import type { Writer, WriteSettings } from './write-settings.js';

/** @throws ExchangeSqlError NOT_WRITABLE, MISSING_COLUMN, NOT_SUPPORTED: what no row of this shape can be. */
export function writerOf(declaration: TableDeclaration, shape: WriteShape, settings: WriteSettings): Writer {
  const { form } = writeOf(declaration, shape.kind);
  if (declaration.shape.kind === 'elements') return new ElementsWriter(declaration, shape, settings);
  if (declaration.shape.kind === 'extended-properties') return new ExtendedWriter(declaration, shape, settings);
  if (form === 'reference') return new ReferenceWriter(declaration, shape, settings);
  if (form === 'attachment' && shape.kind === 'insert') return new AttachmentWriter(declaration, shape, settings);
  if (form === 'drive' && shape.kind !== 'delete') return new DriveWriter(declaration, shape, settings);
  return new ItemWriter(declaration, shape, settings);
}
