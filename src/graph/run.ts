/**
 * Owns: running an EntityPlan as pages of entities: which of the ways below it goes.
 * Does not own: one way (run-list.ts, run-keys.ts, run-tree.ts, run-children.ts), rows (row.ts).
 * Invariants: an item or folder that is not there is no row; a mailbox that cannot be opened follows OnMailboxError.
 */
import type { EntityPlan, SingletonPlan } from './entity-plan.js';
import { isEntity, itemOptions, malformed } from './item-requests.js';
import { withQuery } from './literal.js';
import { runChildren } from './run-children.js';
import { withExtras } from './run-extras.js';
import { runKeys } from './run-keys.js';
import { runList } from './run-list.js';
import { walkTree } from './run-tree.js';
import { perMailbox, rowOf } from './running.js';
import type { EntityPages, Running } from './running.js';
import { callOf, prefixOf } from './wire.js';

export function runEntities(plan: EntityPlan, running: Running): EntityPages {
  switch (plan.kind) {
    case 'empty':
      return nothing();
    case 'list':
      return withExtras(plan, runList(plan, running), running);
    case 'keys':
      return withExtras(plan, runKeys(plan, running), running);
    case 'tree':
      return withExtras(plan, perMailbox(plan, running, (mailbox) => walkTree(plan, mailbox, running)), running);
    case 'singleton':
      return perMailbox(plan, running, (mailbox) => runSingleton(plan, mailbox, running));
    case 'children':
      return runChildren(plan, running, (parents) => runEntities(parents, running));
  }
}

async function* nothing(): EntityPages {
  // No row can match.
}

async function* runSingleton(plan: SingletonPlan, mailbox: string | undefined, { wire }: Running): EntityPages {
  const { body } = await wire.client.get(`${prefixOf(plan.declaration, mailbox)}${withQuery(plan.path, itemOptions(plan))}`, callOf(wire, plan.declaration, mailbox));
  if (!isEntity(body)) throw malformed();
  wire.context.statistics.rowsRead++;
  yield [rowOf(body, mailbox)];
}
