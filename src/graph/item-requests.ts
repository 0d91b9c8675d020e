/**
 * Owns: GETs of single items and of whole small listings, alone or by $batch, and what their answers must look like.
 * Does not own: which items (run-keys.ts, run-tree.ts, run-children.ts, run-extras.ts).
 */
import { ExchangeSqlError } from '../errors.js';
import { batchGet } from './batch.js';
import type { BatchPart, BatchResult } from './batch.js';
import type { GraphObject, GraphPage } from './client.js';
import type { ListPlan } from './entity-plan.js';
import type { QueryOption } from './literal.js';
import { isNoParent, isNoRow, tolerates } from './running.js';
import type { Running, WithMailboxes } from './running.js';
import { callOf, headersOf, mailboxOf, prefixOf } from './wire.js';
import type { Wire } from './wire.js';

export function itemOptions(plan: Pick<ListPlan, 'select' | 'expand'>): QueryOption[] {
  return [
    ...(plan.select.length > 0 ? [{ name: '$select', value: plan.select.join(',') }] : []),
    ...(plan.expand.length > 0 ? [{ name: '$expand', value: plan.expand.join(',') }] : []),
  ];
}

export function part(plan: WithMailboxes, mailbox: string | undefined, path: string, wire: Wire): BatchPart {
  return {
    id: '',
    url: `${prefixOf(plan.declaration, mailbox)}${path}`,
    headers: headersOf(plan.declaration, wire.idType, false, wire.bodyType),
    mailbox: mailboxOf(plan.declaration, mailbox),
    lane: groupMailbox(path),
  };
}

/** Conversations of a group lie in the group's mailbox, whose limit they share (Graph: MailboxConcurrency is per mailbox). */
function groupMailbox(path: string): string | undefined {
  return /^\/groups\/([^/?]+)\/(?:conversations|threads)/.exec(path)?.[1];
}

/** One part goes as a GET of its own, several as $batch. */
export async function getAll(parts: readonly BatchPart[], { wire }: Running): Promise<readonly BatchResult[]> {
  const only = parts[0];
  if (only === undefined) return [];
  if (parts.length > 1) {
    return batchGet(wire.client, parts, { signal: wire.signal, statistics: wire.context.statistics, permission: wire.permission });
  }
  try {
    const { status, headers, body } = await wire.client.get(only.url, {
      ...(only.headers === undefined ? {} : { headers: only.headers }),
      signal: wire.signal,
      statistics: wire.context.statistics,
      mailbox: only.mailbox,
      ...(only.lane === undefined ? {} : { lanes: [{ mailbox: only.lane, slots: 1 }] }),
      permission: wire.permission,
    });
    return [{ id: '', status, headers, body }];
  } catch (error) {
    if (error instanceof ExchangeSqlError && error.status !== undefined) return [{ id: '', status: error.status, error }];
    throw error;
  }
}

export function isEntity(body: unknown): body is GraphObject {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

export function malformed(): ExchangeSqlError {
  return new ExchangeSqlError('BAD_RESPONSE', 'The service answered with something that is no item.', { retryable: true, hint: 'Run the statement again.' });
}

export async function* follow(plan: WithMailboxes, mailbox: string | undefined, url: string, { wire }: Running): AsyncGenerator<GraphPage, void, void> {
  for await (const page of wire.client.pages(url, callOf(wire, plan.declaration, mailbox))) {
    wire.context.statistics.rowsRead += page.value.length;
    yield page;
  }
}

/** Whole listings of several paths, by $batch; undefined where the parent is gone. */
export async function listAll(
  plan: WithMailboxes,
  wanted: readonly { readonly mailbox: string | undefined; readonly path: string }[],
  running: Running,
): Promise<(readonly GraphObject[] | undefined)[]> {
  const { wire } = running;
  const results = await getAll(wanted.map(({ mailbox, path }) => part(plan, mailbox, path, wire)), running);
  const lists: (readonly GraphObject[] | undefined)[] = [];
  for (const [index, result] of results.entries()) {
    const { mailbox } = wanted[index]!;
    if (result.error !== undefined) {
      if (!isNoRow(result.error) && !isNoParent(plan, result.error) && !tolerates(plan, mailbox, running, result.error)) throw result.error;
      lists.push(undefined);
      continue;
    }
    const body = result.body;
    if (!isEntity(body) || !Array.isArray(body['value'])) throw malformed();
    const all = [...(body['value'] as GraphObject[])];
    wire.context.statistics.rowsRead += all.length;
    const link = body['@odata.nextLink'];
    if (typeof link === 'string' && link !== '') {
      for await (const page of follow(plan, mailbox, link, running)) all.push(...page.value);
    }
    lists.push(all);
  }
  return lists;
}
