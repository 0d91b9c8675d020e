/**
 * Owns: what DELETE of a row sends, by DeleteMode.
 * Invariants: pure; a mode that is not offered is refused before any request.
 */
import { DELETE_MODES } from '../catalog/table.js';
import type { DeleteForm, TableDeclaration, TableWrite } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { RowValues } from './write-row.js';

export const DELETE_MODE = 'DeleteMode';

/** @throws ExchangeSqlError BAD_VALUE, NOT_SUPPORTED. */
export function deleteForm(declaration: TableDeclaration, write: TableWrite, values: RowValues): Exclude<DeleteForm, { readonly refused: string }> {
  const given = values.given(DELETE_MODE);
  const name = typeof given === 'string' ? given : 'MoveToDeletedItems';
  const mode = DELETE_MODES.find((one) => one.toLowerCase() === name.toLowerCase());
  if (mode === undefined) throw new ExchangeSqlError('BAD_VALUE', `DeleteMode of ${declaration.name} does not take '${name.slice(0, 40)}'.`, { hint: `It takes ${DELETE_MODES.join(', ')}.` });
  const form = write.modes?.[mode] ?? { by: 'delete' };
  if ('refused' in form) throw new ExchangeSqlError('NOT_SUPPORTED', `DeleteMode ${mode} is not offered for ${declaration.name}.`, { hint: `${form.refused}.` });
  return form;
}
