/**
 * Owns: how a created row is found again whose answer was lost: its mark, or what it equals.
 * Invariants: pure; a mark is one extended property with a value of its own for every row.
 */
import type { TableWrite } from '../catalog/table.js';
import { quote, withQuery } from './literal.js';
import type { Json } from './write-body.js';
import type { Repeat } from './write-step.js';

/** The named property that marks rows made by this driver; its value is new for every row. */
export const MARK = 'String {6b1f0c1e-3d5a-4d43-9a0e-52a9f6f1c7d4} Name ExchangeSqlCreated';

/** The body to send, and what is done when its answer is lost. `collection` is the path that is posted to, `top` its largest page. */
export function recoverable(write: TableWrite, collection: string, body: Json, propertyOf: (column: string) => string, newName: () => string, top = 0): { readonly body: Json; readonly repeat: Repeat } {
  const { recover } = write;
  if (recover === 'transaction') return { body, repeat: 'absolute' };
  if (recover === 'mark') {
    const value = newName();
    const filter = `singleValueExtendedProperties/any(ep:ep/id eq ${quote(MARK)} and ep/value eq ${quote(value)})`;
    return {
      body: { ...body, singleValueExtendedProperties: [{ id: MARK, value }] },
      repeat: { find: { url: withQuery(collection, [{ name: '$filter', value: filter }]), by: 'mark' } },
    };
  }
  const equal = Object.fromEntries(recover.equal.map((column) => [propertyOf(column), body[propertyOf(column)]]));
  return { body, repeat: { find: { url: withQuery(collection, top > 0 ? [{ name: '$top', value: String(top) }] : []), by: 'likeness', equal, ...(recover.created === undefined ? {} : { created: recover.created }) } } };
}
