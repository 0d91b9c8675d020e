/**
 * Owns: reading items by key.
 * Does not own: the requests (item-requests.ts).
 */
import type { EntityRow, KeysPlan } from './entity-plan.js';
import { getAll, isEntity, itemOptions, malformed, part } from './item-requests.js';
import { encodeSegment, withQuery } from './literal.js';
import { CHUNK, isNoRow, rowOf, tolerates } from './running.js';
import type { EntityPages, Running } from './running.js';
import { isOther } from './seen-ids.js';

export async function* runKeys(plan: KeysPlan, running: Running): EntityPages {
  const { declaration } = plan;
  const wanted = plan.mailboxes.names.flatMap((mailbox) => plan.keys.map((key) => ({ mailbox, key })));
  const failed = new Set<string | undefined>();
  for (let at = 0; at < wanted.length; at += CHUNK) {
    const chunk = wanted.slice(at, at + CHUNK).filter(({ mailbox, key }) => !failed.has(mailbox) && key !== '');
    const parts = chunk.map(({ mailbox, key }) => part(plan, mailbox, withQuery(plan.item.replace('{id}', encodeSegment(key)), itemOptions(plan)), running.wire));
    const results = await getAll(parts, running);
    const rows: EntityRow[] = [];
    results.forEach((result, index) => {
      const { mailbox, key } = chunk[index]!;
      if (result.error !== undefined) {
        if (isNoRow(result.error)) return;
        if (failed.has(mailbox)) return;
        if (!tolerates(plan, mailbox, running, result.error)) throw result.error;
        failed.add(mailbox);
        return;
      }
      if (!isEntity(result.body)) throw malformed();
      // The name of a function in the place of an id (`contacts/delta`): a list is no item.
      if (result.body['id'] === undefined && Array.isArray(result.body['value'])) return;
      // A directory takes other names for a key (UPN for id); SQL's equality does not.
      if (declaration.scope === 'tenant' && result.body['id'] !== key) return;
      if (isOther(result.body['id'], key)) return;
      running.wire.context.statistics.rowsRead++;
      rows.push(rowOf(result.body, mailbox, { asked: key, bound: plan.bound }));
    });
    if (rows.length > 0) yield rows;
  }
}
