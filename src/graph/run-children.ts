/**
 * Owns: running children: of parents that are given, or of all that their own plan finds.
 */
import type { Bound, ChildrenPlan, EntityPlan, EntityRow } from './entity-plan.js';
import { getAll, isEntity, itemOptions, listAll, malformed, part } from './item-requests.js';
import { encodeSegment, withQuery } from './literal.js';
import { compileColumn, reader } from './row.js';
import { decorated } from './run-extras.js';
import { CHUNK, isNoParent, isNoRow, rowOf, tolerates } from './running.js';
import type { EntityPages, Running } from './running.js';
import { isOther } from './seen-ids.js';

interface Parent {
  readonly key: string;
  readonly grandparent: string;
  readonly mailbox: string | undefined;
  readonly row: EntityRow | undefined;
}

/** @param runParents runs the plan of the parents. */
export async function* runChildren(plan: ChildrenPlan, running: Running, runParents: (plan: EntityPlan) => EntityPages): EntityPages {
  const seen = new Set<string>();
  for await (const parents of parentsOf(plan, running, runParents)) {
    for (let at = 0; at < parents.length; at += CHUNK) {
      const chunk = parents.slice(at, at + CHUNK).filter(({ key, mailbox }) => {
        const name = JSON.stringify([mailbox, key]);
        if (key === '' || seen.has(name)) return false;
        seen.add(name);
        return true;
      });
      const rows = await childrenOf(plan, chunk, running);
      if (rows.length > 0) yield* decorated(plan, rows, running);
    }
  }
}

async function childrenOf(plan: ChildrenPlan, parents: readonly Parent[], running: Running): Promise<EntityRow[]> {
  const bound = ({ key, grandparent }: Parent): Bound => ({ [plan.parentColumn]: key, ...(plan.grandparentColumn === undefined ? {} : { [plan.grandparentColumn]: grandparent }) });
  const fill = (template: string, parent: Parent): string => template.replace('{parent}', encodeSegment(parent.key)).replace('{grandparent}', encodeSegment(parent.grandparent));
  if (plan.keys !== undefined && plan.item !== undefined) {
    const { item, keys } = plan;
    const wanted = parents.flatMap((parent) => keys.filter((key) => key !== '').map((key) => ({ parent, key })));
    const results = await getAll(wanted.map(({ parent, key }) => part(plan, parent.mailbox, withQuery(fill(item, parent).replace('{id}', encodeSegment(key)), itemOptions(plan)), running.wire)), running);
    return results.flatMap((result, index) => {
      const { parent, key } = wanted[index]!;
      if (result.error !== undefined) {
        if (isNoRow(result.error) || isNoParent(plan, result.error) || tolerates(plan, parent.mailbox, running, result.error)) return [];
        throw result.error;
      }
      if (!isEntity(result.body)) throw malformed();
      if (isOther(result.body['id'], key)) return [];
      running.wire.context.statistics.rowsRead++;
      return [rowOf(result.body, parent.mailbox, { bound: bound(parent), parent: parent.row, asked: key })];
    });
  }
  const options = [...plan.options, ...itemOptions(plan), ...(plan.pageSize === undefined ? [] : [{ name: '$top', value: String(plan.pageSize) }])];
  const lists = await listAll(plan, parents.map((parent) => ({ mailbox: parent.mailbox, path: withQuery(fill(plan.path, parent), options) })), running);
  return parents.flatMap((parent, index) => {
    const known = bound(parent);
    return (lists[index] ?? []).map((entity) => rowOf(entity, parent.mailbox, { bound: known, parent: parent.row }));
  });
}

async function* parentsOf(plan: ChildrenPlan, running: Running, runParents: (plan: EntityPlan) => EntityPages): AsyncGenerator<readonly Parent[], void, void> {
  const { parents } = plan;
  if (parents.kind === 'given') {
    const all = plan.mailboxes.names.flatMap((mailbox) => parents.keys.flatMap((key) => parents.grandparents.map((grandparent): Parent => ({ key, grandparent, mailbox, row: undefined }))));
    yield all;
    return;
  }
  const declaration = parents.declaration;
  const grandColumn = declaration.columns.find(({ name }) => name === plan.grandparentColumn);
  const above = declaration.shape.kind === 'children' ? running.table(declaration.shape.parent) : undefined;
  const grand = grandColumn === undefined ? undefined : compileColumn(grandColumn, { declaration, parent: above, fixed: {}, ownMailbox: '' });
  const flag = plan.parentFlag === undefined ? undefined : reader(plan.parentFlag);
  const keyOf = reader(plan.parentKey);
  for await (const page of runParents(parents)) {
    yield page
      .filter(({ entity }) => flag?.(entity) !== false)
      .map((row): Parent => {
        const key = row.asked ?? keyOf(row.entity);
        const grandparent = grand?.({ row, element: undefined, ordinal: 0n, arrayKind: undefined });
        return { key: typeof key === 'string' ? key : '', grandparent: typeof grandparent === 'string' ? grandparent : '', mailbox: row.mailbox, row };
      });
  }
}
