/**
 * Owns: deciding, without I/O, how the entities of a table are fetched and what of the conjuncts, order and limit is kept.
 * Does not own: one table shape (plan-list.ts, plan-tree.ts, plan-children.ts), rows and explosion (elements.ts), words for EXPLAIN
 * (describe.ts), sending (run.ts).
 * Invariants: what is fetched is a superset of what the conjuncts let pass; `exact` outcomes need no re-check.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import { accessOf, columnsOf } from './access.js';
import { planChildren } from './plan-children.js';
import { planCollection } from './plan-list.js';
import { planTree } from './plan-tree.js';
import { Planning } from './planning.js';
import type { EntityWish, Planned, PlanSettings } from './planning.js';

export function planEntities(wish: EntityWish, settings: PlanSettings): Planned {
  const { declaration, conjuncts } = wish;
  const columnOf = columnsOf(declaration);
  const { shape } = declaration;
  const parent = shape.kind === 'children' || shape.kind === 'elements' ? settings.table(shape.parent) : undefined;
  const accesses = conjuncts.map((conjunct) => accessOf(conjunct, declaration, columnOf, { pushdown: settings.pushdown, parent }));
  return plan(new Planning(wish, settings, accesses), parent);
}

function plan(planning: Planning, parent: TableDeclaration | undefined): Planned {
  const { declaration } = planning.wish;
  for (const column of declaration.columns) if (column.pseudo === true) planning.inputs[column.name] = null;
  const mailboxes = planning.mailboxes();
  planning.each('input', (access, index) => {
    planning.inputs[access.column.name] = access.value;
    planning.done(index, { handled: 'exact', how: `${access.column.name} as given` });
  });
  planning.each('local', (access, index) => {
    planning.done(index, { handled: 'none', reason: access.reason });
  });
  // Conditions no row can meet: no request at all.
  planning.each('filter', (access, index) => {
    if (access.outcome.kind === 'never') planning.nothing(index);
  });
  const { shape } = declaration;
  switch (shape.kind) {
    case 'not-offered':
      throw new ExchangeSqlError('NOT_SUPPORTED', `The table ${declaration.name} is not offered: ${shape.reason}`);
    case 'elements':
    case 'extended-properties':
      throw new ExchangeSqlError('INTERNAL', `The table ${declaration.name} has no entities of its own.`);
    case 'collection':
    case 'window':
      return planCollection(planning, mailboxes);
    case 'tree':
      return planTree(planning, mailboxes);
    case 'singleton':
      return planning.finish(
        { kind: 'singleton', ...planning.common(mailboxes), path: shape.path },
        planning.localOrder(),
      );
    case 'children':
      if (parent === undefined) throw new ExchangeSqlError('INTERNAL', `The table ${shape.parent} is missing.`);
      return planChildren(planning, mailboxes, parent, planEntities);
  }
}
