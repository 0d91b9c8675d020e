/**
 * Owns: the requests of rows that are one item each, as EXPLAIN shows them.
 * Invariants: pure; the paths are those that are sent (write-item.ts), with placeholders.
 */
import type { TableDeclaration, TableWrite } from '../catalog/table.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { WriteShape } from '../scan/write.js';
import { DELETE_MODE } from './write-delete.js';
import { plannedRequest } from './write-settings.js';
import type { WriteSettings } from './write-settings.js';

export function describeItems(declaration: TableDeclaration, { kind, columns }: WriteShape, write: TableWrite, item: string, settings: WriteSettings): readonly PlannedRequest[] {
  const { shape } = declaration;
  const request = (method: PlannedRequest['method'], path: string, names: readonly string[]): PlannedRequest => plannedRequest(declaration, settings, method, path, names, kind);
  if (kind === 'insert') {
    const { place } = write;
    const placed = place !== undefined && columns.includes(place.column);
    return [request('POST', placed ? place.path.replace('{value}', `{${place.column}}`) : 'path' in shape ? shape.path : '', columns)];
  }
  if (kind === 'delete') {
    const form = columns.includes(DELETE_MODE) ? undefined : write.modes?.MoveToDeletedItems;
    return [form !== undefined && 'path' in form ? request('POST', form.path, []) : request('DELETE', item, [])];
  }
  const move = write.move !== undefined && columns.includes(write.move.column) ? write.move : undefined;
  const patched = columns.filter((name) => name !== move?.column);
  return [...(patched.length > 0 ? [request('PATCH', item, patched)] : []), ...(move === undefined ? [] : [request('POST', move.path, [move.column])])];
}
