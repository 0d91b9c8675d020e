/**
 * Owns: what every way of running a plan shares: its surroundings, entities as rows, one mailbox after another, which errors are
 * no rows.
 */
import type { TableDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { GraphObject } from './client.js';
import type { EntityRow, ListPlan } from './entity-plan.js';
import { isItemNotFound, isMailboxError, isMalformedId, isNoMailbox } from './errors.js';
import { merge } from './merge.js';
import type { MailboxFacts } from './notes.js';
import type { Wire } from './wire.js';

export interface Running {
  readonly wire: Wire;
  readonly facts: MailboxFacts;
  readonly table: (name: string) => TableDeclaration | undefined;
}

export type EntityPages = AsyncGenerator<readonly EntityRow[], void, void>;

/** Requests of one statement to one service that run side by side at most; the governor decides per mailbox. */
export const LANES = 4;
/** Keys or parents asked for at a time: enough calls to fill the lanes, few enough to stream. */
export const CHUNK = 80;

export const rowOf = (entity: GraphObject, mailbox: string | undefined, more: Partial<EntityRow> = {}): EntityRow => ({
  entity,
  mailbox,
  bound: undefined,
  parent: undefined,
  asked: undefined,
  notes: undefined,
  ...more,
});

export type WithMailboxes = Pick<ListPlan, 'mailboxes' | 'declaration'>;

export function perMailbox(plan: WithMailboxes, running: Running, pages: (mailbox: string | undefined) => EntityPages): EntityPages {
  return merge(
    plan.mailboxes.names.map((mailbox) => () => guarded(plan, mailbox, running, pages(mailbox))),
    LANES,
  );
}

async function* guarded(plan: WithMailboxes, mailbox: string | undefined, running: Running, pages: EntityPages): EntityPages {
  try {
    yield* pages;
  } catch (error) {
    if (!tolerates(plan, mailbox, running, error)) throw error;
  }
}

/** True if the error only means that this mailbox gives no rows. */
export function tolerates(plan: WithMailboxes, mailbox: string | undefined, running: Running, error: unknown): boolean {
  if (plan.declaration.scope !== 'mailbox' || !isMailboxError(error)) return false;
  const { wire } = running;
  const missing = isNoMailbox(error) && plan.mailboxes.tolerant;
  if (!missing && wire.onMailboxError !== 'warn') return false;
  wire.context.warn({ code: error.code, message: missing ? `'${mailbox ?? ''}' has no mailbox that can be read; it gives no rows.` : error.message });
  return true;
}

export const isNoRow = (error: unknown): boolean => isItemNotFound(error) || isMalformedId(error);

/** An item of a kind that cannot have such children (instances of an event that is no series) has none. */
export function isNoParent({ declaration: { shape } }: WithMailboxes, error: unknown): boolean {
  return shape.kind === 'children' && shape.parentFilter !== undefined && error instanceof ExchangeSqlError && error.status === 400 && error.serviceCode === 'ErrorInvalidRequest';
}
