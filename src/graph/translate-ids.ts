/**
 * Owns: regular ids of search hits as immutable ones.
 * Invariants: entities keep their order; an id that cannot be translated stays.
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { GraphObject } from './client.js';
import { callOf, prefixOf } from './wire.js';
import type { Wire } from './wire.js';

/** Graph: at most 1000 ids a call. */
const MOST = 1000;

export async function translateIds(wire: Wire, declaration: TableDeclaration, mailbox: string | undefined, entities: readonly GraphObject[]): Promise<readonly GraphObject[]> {
  const ids = [...new Set(entities.map(({ id }) => id).filter((id) => typeof id === 'string'))];
  const targets = new Map<string, string>();
  for (let at = 0; at < ids.length; at += MOST) {
    const { body } = await wire.client.post(
      `${prefixOf(declaration, mailbox)}/translateExchangeIds`,
      { inputIds: ids.slice(at, at + MOST), sourceIdType: 'restId', targetIdType: 'restImmutableEntryId' },
      { ...callOf(wire, declaration, mailbox), permission: 'User.ReadBasic.All', idempotent: true },
    );
    const results = typeof body === 'object' && body !== null && 'value' in body ? body.value : undefined;
    if (!Array.isArray(results)) continue;
    for (const result of results as readonly Readonly<Record<string, unknown>>[]) {
      const { sourceId, targetId } = result;
      if (typeof sourceId === 'string' && typeof targetId === 'string' && targetId !== '') targets.set(sourceId, targetId);
    }
  }
  return entities.map((entity) => {
    const target = typeof entity['id'] === 'string' ? targets.get(entity['id']) : undefined;
    return target === undefined ? entity : { ...entity, id: target };
  });
}
