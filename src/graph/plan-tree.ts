/**
 * Owns: planning trees of folders: by key, one level below a folder, or walked.
 */
import { ExchangeSqlError } from '../errors.js';
import type { ListPlan, Mailboxes, TreePlan } from './entity-plan.js';
import { needsOf } from './needs.js';
import type { Planned, Planning } from './planning.js';

export function planTree(planning: Planning, mailboxes: Mailboxes): Planned {
  const { declaration, columns } = planning.wish;
  const { shape } = declaration;
  if (shape.kind !== 'tree') throw new ExchangeSqlError('INTERNAL', 'not a tree');
  const { computed } = needsOf(declaration, columns);
  const walk = computed.has('folderPath') || computed.has('folderDepth');
  const options = Object.entries(shape.query ?? {}).map(([name, value]) => ({ name, value }));
  if (!walk && planning.accesses.some(({ kind }) => kind === 'key')) {
    const keys = planning.agreed('key', (count) => (count === 1 ? `GET ${shape.item}` : `$batch, ${count} keys`)) ?? [];
    planning.rest('not-filterable');
    return planning.finish({ kind: 'keys', ...planning.common(mailboxes), keys, item: shape.item, bound: {} }, planning.localOrder());
  }
  const common = planning.common(mailboxes, [...(shape.childCount === undefined ? [] : [shape.childCount.split('/')[0]!])]);
  if (!walk && planning.accesses.some(({ kind }) => kind === 'place')) {
    const places = planning.places(shape.path);
    planning.rest('not-filterable');
    const plan: ListPlan = {
      kind: 'list',
      ...common,
      places,
      subfolders: false,
      wish: { rules: 'none', terms: [], sort: undefined },
      arranged: { terms: [], sort: undefined },
      search: undefined,
      options,
      stability: 'count',
      pageSize: planning.pageSize(common.select, undefined),
      limit: undefined,
    };
    return planning.finish(plan, planning.localOrder());
  }
  planning.rest('walked');
  const plan: TreePlan = { kind: 'tree', ...common, path: shape.path, children: shape.children, childCount: shape.childCount, options, pageSize: planning.pageSize(common.select, undefined) };
  return planning.finish(plan, planning.localOrder());
}
