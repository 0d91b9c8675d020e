/**
 * Owns: walking a tree of folders, level by level.
 */
import type { GraphObject } from './client.js';
import type { EntityRow, TreePlan } from './entity-plan.js';
import { follow, itemOptions, listAll } from './item-requests.js';
import { encodeSegment, withQuery } from './literal.js';
import { reader } from './row.js';
import { CHUNK, rowOf } from './running.js';
import type { EntityPages, Running } from './running.js';
import { prefixOf } from './wire.js';

export async function* walkTree(plan: TreePlan, mailbox: string | undefined, running: Running): EntityPages {
  const options = [...plan.options, ...itemOptions(plan), ...(plan.pageSize === undefined ? [] : [{ name: '$top', value: String(plan.pageSize) }])];
  const count = plan.childCount === undefined ? undefined : reader(plan.childCount);
  const hasChildren = (entity: GraphObject): boolean => count === undefined || (typeof count(entity) === 'number' && (count(entity) as number) > 0);
  const seen = new Set<string>();
  const place = (entity: GraphObject, above: EntityRow | undefined): EntityRow | undefined => {
    const id = entity['id'];
    if (typeof id !== 'string' || seen.has(id)) return undefined;
    seen.add(id);
    const path = `${String(above?.notes?.['folderPath'] ?? '')}/${String(entity['displayName'] ?? entity['name'] ?? '')}`;
    const depth = ((above?.notes?.['folderDepth'] as bigint | undefined) ?? 0n) + 1n;
    return rowOf(entity, mailbox, { notes: { folderPath: path, folderDepth: depth } });
  };
  const keep = (entities: readonly GraphObject[], above: EntityRow | undefined): EntityRow[] => entities.map((entity) => place(entity, above)).filter((row) => row !== undefined);
  const top = withQuery(`${prefixOf(plan.declaration, mailbox)}${plan.path}`, options);
  let level: EntityRow[] = [];
  for await (const page of follow(plan, mailbox, top, running)) {
    const rows = keep(page.value, undefined);
    level.push(...rows);
    if (rows.length > 0) yield rows;
  }
  for (let depth = 1; level.length > 0; depth++) {
    const below: EntityRow[] = [];
    const parents = level.filter(({ entity }) => hasChildren(entity));
    if (depth === running.wire.folderDepth) {
      if (parents.length > 0) running.wire.context.warn({ code: 'DEPTH_LIMIT', message: `Folders below level ${String(depth)} are not looked for, as DirectoryRetrievalDepth says.` });
      return;
    }
    for (let at = 0; at < parents.length; at += CHUNK) {
      const chunk = parents.slice(at, at + CHUNK);
      const lists = await listAll(plan, chunk.map(({ entity }) => ({ mailbox, path: withQuery(plan.children.replace('{id}', encodeSegment(String(entity['id']))), options) })), running);
      const rows = chunk.flatMap((parent, index) => keep(lists[index] ?? [], parent));
      below.push(...rows);
      if (rows.length > 0) yield rows;
    }
    level = below;
  }
}
