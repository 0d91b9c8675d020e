/**
 * Owns: planning children of other rows: of parents that are named, or of all that a plan of their own finds.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct } from '../scan/predicate.js';
import { canBe, columnsOf } from './access.js';
import type { ChildrenPlan, Mailboxes } from './entity-plan.js';
import { needsOf } from './needs.js';
import type { EntityWish, Planned, Planning, PlanSettings } from './planning.js';

/** @param planParents plans the walk over the parents. */
export function planChildren(planning: Planning, mailboxes: Mailboxes, parent: TableDeclaration, planParents: (wish: EntityWish, settings: PlanSettings) => Planned): Planned {
  const { declaration } = planning.wish;
  const { shape } = declaration;
  if (shape.kind !== 'children') throw new ExchangeSqlError('INTERNAL', 'not children');
  const options = planning.window();
  // The keys of parent and grandparent are known from the path itself.
  const needs = needsOf(declaration, planning.wish.columns.filter((name) => name !== shape.parentColumn && name !== shape.grandparentColumn));
  const parentKeyColumn = shape.parentKey ?? 'id';
  const fromParent = needs.parentProperties.length > 0 || needs.parentColumns.length > 0;
  const grandparents = grandparentKeys(planning, shape.grandparentColumn);
  const direct = !fromParent && planning.accesses.some(({ kind }) => kind === 'parent') && (shape.grandparentColumn === undefined || grandparents !== undefined);
  const common = planning.common(mailboxes);
  const hinted = shape.parentUnless === undefined || isFalse(planning, shape.parentUnless);
  const parentFlag = hinted ? shape.parentFlag : undefined;
  const base = {
    kind: 'children' as const,
    ...common,
    path: shape.path,
    parentKey: columnsOf(parent)(parentKeyColumn)?.path ?? parentKeyColumn,
    parentColumn: shape.parentColumn,
    grandparentColumn: shape.grandparentColumn,
    parentFlag,
    options,
    pageSize: planning.pageSize(common.select, undefined),
    item: shape.item,
  };
  if (direct) {
    const keys = planning.agreed('parent', (count) => `path ${shape.path}${count > 1 ? `, ${count} parents` : ''}`) ?? [];
    const items = shape.item === undefined ? undefined : planning.agreed('key', (count) => (count === 1 ? `GET ${shape.item!}` : `$batch, ${count} keys`));
    planning.rest('not-filterable');
    const plan: ChildrenPlan = { ...base, parents: { kind: 'given', keys, grandparents: grandparents ?? [''] }, keys: items };
    return planning.finish(plan, planning.localOrder());
  }
  // Walk the parents; what restricts them goes to their own plan.
  const passed: { index: number; conjunct: Conjunct }[] = [];
  planning.accesses.forEach((access, index) => {
    const conjunct = planning.wish.conjuncts[index]!;
    if (access.kind === 'onParent') passed.push({ index, conjunct: { ...conjunct, predicate: access.predicate } });
    if (access.kind === 'parent' || access.kind === 'mailbox') passed.push({ index, conjunct: access.kind === 'parent' ? { ...conjunct, predicate: inPredicate(parentKeyColumn, access.values) } : conjunct });
  });
  const onGrandparent = grandparentConjuncts(planning, shape.grandparentColumn);
  passed.push(...onGrandparent);
  const extra = [...new Set([...needs.parentColumns, ...(shape.grandparentColumn === undefined ? [] : [shape.grandparentColumn]), parentKeyColumn])];
  const planned = planParents(
    {
      declaration: parent,
      columns: extra,
      conjuncts: passed.map(({ conjunct }) => conjunct),
      order: undefined,
      limit: undefined,
      limitable: false,
      properties: [...needs.parentProperties, ...(parentFlag === undefined ? [] : [parentFlag.split('/')[0]!])],
      // Graph refuses the instances of an event that is no series, so that filter is no pushdown of the user's.
      extraFilter: hinted && (planning.settings.pushdown || shape.window === true) ? shape.parentFilter : undefined,
    },
    planning.settings,
  );
  passed.forEach(({ index }, at) => {
    const { conjunct: _, ...outcome } = planned.outcomes[at]!;
    if (!planning.isDone(index)) planning.done(index, outcome);
  });
  planning.rest('walked');
  if (planned.entities.kind === 'empty') planning.never();
  return planning.finish({ ...base, parents: planned.entities, keys: undefined }, planning.localOrder());
}

/** True if only rows where this boolean column is false are asked for. */
function isFalse(planning: Planning, name: string): boolean {
  return planning.wish.conjuncts.some(({ predicate }) => predicate.kind === 'compare' && predicate.column === name && predicate.op === 'eq' && predicate.value === 0n);
}

/** Values of the child's column that names the grandparent, where it has one of that name. */
function grandparentKeys(planning: Planning, column: string | undefined): readonly string[] | undefined {
  if (column === undefined) return undefined;
  for (const [index, access] of planning.accesses.entries()) {
    const predicate = planning.wish.conjuncts[index]!.predicate;
    if (access.kind !== 'onParent' && access.kind !== 'place') continue;
    if (predicate.kind === 'compare' && predicate.column === column && predicate.op === 'eq' && typeof predicate.value === 'string') {
      const declared = columnsOf(planning.wish.declaration)(column);
      if (declared !== undefined && !canBe(declared, predicate.value)) planning.nothing(index);
      planning.done(index, { handled: 'exact', how: `path, ${column}` });
      return [predicate.value];
    }
  }
  return undefined;
}

function grandparentConjuncts(planning: Planning, column: string | undefined): { index: number; conjunct: Conjunct }[] {
  if (column === undefined) return [];
  const found: { index: number; conjunct: Conjunct }[] = [];
  planning.accesses.forEach((access, index) => {
    const conjunct = planning.wish.conjuncts[index]!;
    if (access.kind === 'place' && access.column.name === column) found.push({ index, conjunct });
  });
  return found;
}

function inPredicate(column: string, values: readonly string[]): Conjunct['predicate'] {
  return { kind: 'in', column, values };
}
