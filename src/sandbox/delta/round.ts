/**
 * Owns: a round of change tracking: first everything, then what changed; pages, nextLink, deltaLink (facts section 3).
 * Does not own: which rows there are (routes.ts gives them).
 * Invariants: options live in the token; a round ends with exactly one deltaLink; rows may come twice, never not at all.
 */
import type { Context } from '../context.js';
import { json, type GraphAnswer } from '../exchange.js';
import { badRequest, GraphError, invalidFilter } from '../graph-error.js';
import type { Entity } from '../json.js';
import { readToken, syncStateNotFound, writeToken, type Round } from './token.js';

/** A row of a round and the place to go on from after it. */
export interface Step {
  readonly row: Entity;
  readonly after: readonly number[];
}

export interface Tracked {
  readonly subject: string;
  readonly metadata: string;
  readonly mailbox: number;
  /** Options the first request may carry. */
  readonly takes: { readonly select: boolean; readonly filter: boolean; readonly orderby: boolean };
  /** Up to `size` rows of the full state after a place. */
  full(after: readonly number[], size: number, round: Round): readonly Step[];
  /** Up to `size` rows that changed in (since, until], after a place. */
  changes(since: number, until: number, after: readonly number[], size: number, round: Round): readonly Step[];
}

/** The service's own cap for mail (facts section 2). */
const MAXIMUM = 512;

function begin(context: Context, tracked: Tracked): Round {
  const { options } = context;
  if (options.search !== undefined) throw badRequest("The query parameter '$search' is not supported with change tracking.");
  if (options.select !== undefined && !tracked.takes.select) throw badRequest("The query parameter '$select' is not supported with change tracking over 'calendarView'.");
  if (options.filter !== undefined && !tracked.takes.filter) throw badRequest("The query parameter '$filter' is not supported with change tracking.");
  if (options.filter !== undefined && !/^\s*receivedDateTime\s+(ge|gt)\s+\S+\s*$/i.test(options.filter)) throw invalidFilter();
  if (options.orderby !== undefined && !(tracked.takes.orderby && /^\s*receivedDateTime\s+desc\s*$/i.test(options.orderby))) throw badRequest("The query parameter '$orderby' is not supported with change tracking.");
  const changeType = (options.custom.get('changetype') ?? '').toLowerCase();
  if (!['', 'created', 'updated', 'deleted'].includes(changeType)) throw badRequest("The value of 'changeType' is not valid.");
  return {
    subject: tracked.subject, phase: 'full', since: 0, until: context.store.database.seq(tracked.mailbox), after: [],
    select: options.select ?? '', filter: options.filter ?? '', changeType,
  };
}

function resume(context: Context, tracked: Tracked, token: string): Round {
  if (context.service.faults.get().expireDelta) throw syncStateNotFound();
  return readToken(token, tracked.subject, context.store.seed);
}

export function serveRound(context: Context, tracked: Tracked): GraphAnswer {
  const { options, store } = context;
  if (options.top === 0) throw new GraphError(400, 'ErrorInvalidParameter', "The value of the parameter '$top' must be at least 1.");
  let round: Round;
  if (options.skiptoken !== undefined) round = resume(context, tracked, options.skiptoken);
  else if (options.deltatoken !== undefined) {
    const last = resume(context, tracked, options.deltatoken);
    round = { ...last, phase: 'changes', since: last.until, until: store.database.seq(tracked.mailbox), after: [] };
  } else round = begin(context, tracked);
  const size = Math.min(context.preferences.maxPageSize ?? options.top ?? 10, MAXIMUM);
  const read = (count: number): readonly Step[] =>
    round.phase === 'full' ? tracked.full(round.after, count, round) : tracked.changes(round.since, round.until, round.after, count, round);
  const steps = read(size + 1);
  const page = steps.slice(0, size);
  const last = page.at(-1);
  const base = `${context.request.root}${context.request.path}?`;
  // A row may be replayed (facts section 3): the bad day sends the last one again.
  const place = context.service.faults.get().repeatRows && page.length > 1 ? page.at(-2)!.after : last?.after;
  const link = steps.length > size && place !== undefined
    ? { '@odata.nextLink': `${base}%24skiptoken=${writeToken({ ...round, after: place }, store.seed)}` }
    : { '@odata.deltaLink': `${base}%24deltatoken=${writeToken({ ...round, after: [] }, store.seed)}` };
  return json({ '@odata.context': `${context.contextBase}${tracked.metadata}${round.select === '' ? '' : `(${round.select})`}`, value: page.map((step) => step.row), ...link }, page.length);
}

/** How a removed row is told. */
export const removed = (id: string): Entity => ({ '@removed': { reason: 'deleted' }, id });
