/**
 * Owns: what a write route is made of.
 * Does not own: any route.
 * Invariants: a route reads its body first, then looks up what it is about, then checks If-Match, then writes in one transaction.
 *
 * A write route:
 *
 *     const patchContact: Route = (context, [id = '']) => {
 *       const given = readEntity(context, 'contact', { readOnly: CONTACT_READ_ONLY, deep: EXTENDED });   // 400 for what the type does not have
 *       const { extended, members } = splitExtended(given);                                             // extended properties are stored beside the entity
 *       const item = itemById(context, id, 'contact');                                                  // 404, 400 ErrorInvalidIdMalformed
 *       checkIfMatch(context, item);                                                                    // 412, 400 ErrorInvalidChangeKey
 *       return transact(context, () => {
 *         context.store.items.patch(item.n, members, context.store.clock.now(), { extended: mergeExtended(item.extended, extended) });
 *         return updated(context, '/contacts', shown(context, item.n));                                 // 200, or 204 with Prefer: return=minimal
 *       });
 *     };
 *     export const CONTACT_WRITES: readonly WriteRoute[] = [['PATCH', 'contacts/:', patchContact]];
 *
 * and its table is spread into MAILBOX_WRITES (or GROUP_WRITES, TENANT_WRITES) in routes.ts. Scopes are in authorization.ts, faults come by themselves.
 */
export { allBut, invalidSet, readEntity, readJson, readNested, readParameters, rejectParameters, type BodyRules, type Parameters } from './body.js';
export { checkIfMatch } from './precondition.js';
export { accepted, created, noContent, updated } from './answer.js';
export { EXTENDED, checkPropertyId, mergeExtended, splitExtended } from './extended.js';
export { readZoned, type Zoned } from './values.js';
export { transact } from './transact.js';
export type { WriteRoute } from './write-route.js';
