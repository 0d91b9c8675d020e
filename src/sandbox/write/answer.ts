/**
 * Owns: what a write answers: 201 and 200 with the entity, 202 and 204 without (facts 6.3, 7).
 * Does not own: how entities are shown.
 * Invariants: an entity's ETag header is its `@odata.etag`; with `Prefer: return=minimal` no entity is sent and the preference is echoed.
 */
import type { Context } from '../context.js';
import { json, type GraphAnswer } from '../exchange.js';
import type { Entity } from '../json.js';

/** `metadata`: what stands in `@odata.context` after the owner, `/messages`. */
function entityAnswer(context: Context, status: 200 | 201, metadata: string, entity: Entity, headers: Readonly<Record<string, string>>): GraphAnswer {
  const etag = entity['@odata.etag'];
  const all = { ...headers, ...(typeof etag === 'string' ? { etag } : {}) };
  if (context.preferences.returnMinimal) return { status: 204, headers: { ...all, 'preference-applied': 'return=minimal' }, body: undefined };
  const answer = json({ '@odata.context': `${context.contextBase}${metadata}/$entity`, ...entity });
  return { ...answer, status, headers: { ...answer.headers, ...all } };
}

/** 201 with `Location`. `path`: the entity's collection below the owner, `/messages`; the default is `metadata`. */
export function created(context: Context, metadata: string, entity: Entity, path = metadata): GraphAnswer {
  const owner = context.contextBase.slice(context.contextBase.indexOf('#') + 1);
  const location = `${context.request.root}/${owner}${path}('${encodeURIComponent(String(entity.id))}')`;
  return entityAnswer(context, 201, metadata, entity, { location, ...(context.preferences.returnMinimal ? { 'odata-entityid': location } : {}) });
}

export const updated = (context: Context, metadata: string, entity: Entity): GraphAnswer => entityAnswer(context, 200, metadata, entity, {});

/** 202: done or on its way, nothing to show. */
export const accepted = (): GraphAnswer => ({ status: 202, headers: {}, body: undefined });

export const noContent = (): GraphAnswer => ({ status: 204, headers: {}, body: undefined });
