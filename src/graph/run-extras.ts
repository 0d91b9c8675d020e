/**
 * Owns: what a listing does not give and is asked for row by row or mailbox by mailbox: single properties, well-known names, calendars.
 */
import type { Bound, ChildrenPlan, EntityRow, KeysPlan, ListPlan, TreePlan } from './entity-plan.js';
import { isMailboxError } from './errors.js';
import { getAll, isEntity, malformed, part } from './item-requests.js';
import { encodeSegment, withQuery } from './literal.js';
import { isNoRow } from './running.js';
import type { EntityPages, Running } from './running.js';

export async function* withExtras(plan: ListPlan | KeysPlan | TreePlan, pages: EntityPages, running: Running): EntityPages {
  for await (const page of pages) yield* decorated(plan, page, running);
}

export async function* decorated(plan: ListPlan | KeysPlan | TreePlan | ChildrenPlan, page: readonly EntityRow[], running: Running): EntityPages {
  let rows = page;
  if (plan.singles.length > 0) rows = await withSingles(plan, rows, running);
  if (plan.wellKnown) rows = await noted(rows, async (mailbox) => {
    const names = await running.facts.wellKnown(running.wire, mailbox);
    return ({ entity }) => ({ wellKnownName: names.get(String(entity['id'])) ?? null });
  });
  if (plan.defaultCalendar && plan.kind === 'keys') rows = await withCalendars(plan, rows, running);
  else if (plan.defaultCalendar) rows = await noted(rows, async (mailbox) => {
    const id = (await running.facts.defaultCalendar(running.wire, mailbox)) ?? null;
    return () => ({ calendarId: id });
  });
  yield rows;
}

async function noted(rows: readonly EntityRow[], notesOf: (mailbox: string | undefined) => Promise<(row: EntityRow) => Bound>): Promise<EntityRow[]> {
  const makers = new Map<string | undefined, (row: EntityRow) => Bound>();
  for (const { mailbox } of rows) if (!makers.has(mailbox)) makers.set(mailbox, await notesOf(mailbox));
  return rows.map((row) => ({ ...row, notes: { ...row.notes, ...makers.get(row.mailbox)?.(row) } }));
}

/** A key finds an event in whichever calendar it is, so each is asked for its own. */
async function withCalendars(plan: KeysPlan, rows: readonly EntityRow[], running: Running): Promise<EntityRow[]> {
  const results = await getAll(rows.map(({ entity, mailbox }) => part(plan, mailbox, `${plan.item.replace('{id}', encodeSegment(String(entity['id'])))}/calendar?$select=id`, running.wire)), running);
  return rows.flatMap((row, index): EntityRow[] => {
    const result = results[index]!;
    if (result.error !== undefined) {
      // Gone since it was read.
      if (isNoRow(result.error)) return [];
      throw result.error;
    }
    const id = isEntity(result.body) ? result.body['id'] : undefined;
    if (typeof id !== 'string') throw malformed();
    return [{ ...row, notes: { ...row.notes, calendarId: id } }];
  });
}

/** Properties that only a GET of the single row gives (facts 1.4: 501 in a list). */
async function withSingles(plan: ListPlan | KeysPlan | TreePlan | ChildrenPlan, rows: readonly EntityRow[], running: Running): Promise<readonly EntityRow[]> {
  const { shape } = plan.declaration;
  const item = shape.kind === 'collection' ? shape.item : undefined;
  if (item === undefined) return rows;
  const options = [{ name: '$select', value: ['id', ...plan.singles].join(',') }];
  const results = await getAll(rows.map(({ entity, mailbox }) => part(plan, mailbox, withQuery(item.replace('{id}', encodeSegment(String(entity['id']))), options), running.wire)), running);
  return rows.map((row, index) => {
    const result = results[index]!;
    if (result.error !== undefined) {
      // A user without a mailbox or profile simply has no such values.
      if (result.error.code === 'NOT_SUPPORTED' || isNoRow(result.error) || isMailboxError(result.error)) return row;
      throw result.error;
    }
    return isEntity(result.body) ? { ...row, entity: { ...row.entity, ...result.body } } : row;
  });
}
