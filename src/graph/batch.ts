/**
 * Owns: many GETs in few `$batch` calls: packing, matching answers, sending throttled parts again.
 * Does not own: URLs of parts, or what a part's error means to the scan.
 * Invariants: at most 20 parts a call; parts are numbered by us (the service compares part ids without case, item ids differ
 * by case); each part gives exactly one result, in the order asked.
 */
import { ExchangeSqlError } from '../errors.js';
import { allowManyListeners, sleep } from '../http/abort.js';
import { MAILBOX_WIDTH } from '../http/governor.js';
import { retryAfterMs } from '../http/retry-after.js';
import { backoffMs, DEFAULT_RETRY, GARBLED_ATTEMPTS, judgeStatus } from '../http/retry.js';
import type { RetryPolicy } from '../http/retry.js';
import { isOver, serviceCodeOf } from '../http/channel.js';
import type { RunStatistics } from '../scan/source.js';
import type { GraphClient } from './client.js';
import { graphError } from './errors.js';

/** Graph: at most 20 requests in a batch (facts 4.1). */
export const BATCH_SIZE = 20;

/** Whose limit a request counts against. */
export interface Laned {
  /** As in `GraphCall`. */
  readonly mailbox?: string | null | undefined;
  /** Mailbox whose limit the part counts against, where that is not `mailbox`. */
  readonly lane?: string | undefined;
}

export interface BatchPart extends Laned {
  /** The caller's own name of the part; only handed back. */
  readonly id: string;
  /** Path and query below the version root, e.g. `/me/messages/AAMk…?$select=id`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BatchContext {
  readonly signal?: AbortSignal;
  readonly statistics?: RunStatistics;
  /** Permission to name when access is denied. */
  readonly permission?: string | undefined;
  readonly retry?: Partial<RetryPolicy>;
}

export type BatchResult =
  | { readonly id: string; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown; readonly error?: undefined }
  | { readonly id: string; readonly status: number; readonly error: ExchangeSqlError };

interface Waiting {
  readonly index: number;
  readonly part: BatchPart;
  attempts: number;
  /** The last answer, where it was none to keep. */
  refusal: PartAnswer | undefined;
}

/**
 * GETs all parts, 20 a call, mailboxes mixed. A part's own error is its result; only what befalls a whole call is thrown.
 *
 * @throws ExchangeSqlError as `GraphClient.post` does.
 */
export async function batchGet(client: GraphClient, parts: readonly BatchPart[], context: BatchContext = {}): Promise<BatchResult[]> {
  // One call that fails ends the others: nobody will read their answers.
  const own = new AbortController();
  const onAbort = (): void => own.abort(context.signal?.reason);
  allowManyListeners(context.signal);
  if (context.signal?.aborted === true) onAbort();
  context.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await rounds(client, parts, { ...context, signal: own.signal });
  } catch (error) {
    own.abort(error);
    throw error;
  } finally {
    context.signal?.removeEventListener('abort', onAbort);
  }
}

async function rounds(client: GraphClient, parts: readonly BatchPart[], context: BatchContext): Promise<BatchResult[]> {
  const policy: RetryPolicy = { ...DEFAULT_RETRY, ...context.retry };
  const results = new Array<BatchResult>(parts.length);
  const began = performance.now();
  let size = BATCH_SIZE;
  let waiting: Waiting[] = parts.map((part, index) => ({ index, part, attempts: 0, refusal: undefined }));
  for (let round = 1; waiting.length > 0; round++) {
    const again: Waiting[] = [];
    const waits = await Promise.all(
      pack(waiting, ({ part }) => mailboxOf(part), size).map((group) => send(client, group, context, policy, results, again, round > 1)),
    );
    waiting = again.sort((a, b) => a.index - b.index);
    if (waiting.length === 0) break;
    if (context.statistics !== undefined) context.statistics.retries += Math.ceil(waiting.length / BATCH_SIZE);
    // Graph: send throttled parts again after the longest Retry-After (facts 4.1).
    const asked = Math.max(...waits.map(({ longest }) => longest));
    const wait = asked > 0 ? asked : backoffMs(policy, policy.throttleBaseMs, round);
    if (round > 1 && isOver(began, wait, client.timeoutMs)) {
      for (const { index, part, refusal } of waiting) results[index] = resultOf(client, part, refusal, context);
      break;
    }
    // Refused although the governor held its slots: the service runs fewer of this mailbox at once, so fewer are sent.
    if (waits.some(({ throttled }) => throttled)) size = Math.ceil(size / MAILBOX_WIDTH);
    await sleep(wait, context.signal);
  }
  return results;
}

/**
 * Groups of at most `size`, drawing from the mailboxes in turn, four at a time: the service runs at most four parts of one
 * mailbox at once, so a batch over several mailboxes is done sooner. Groups are full wherever there is enough.
 */
export function pack<T>(items: readonly T[], mailbox: (item: T) => string, size = BATCH_SIZE): T[][] {
  const queues = new Map<string, T[]>();
  for (const item of items) {
    const queue = queues.get(mailbox(item));
    if (queue === undefined) queues.set(mailbox(item), [item]);
    else queue.push(item);
  }
  const groups: T[][] = [];
  const ring = [...queues.values()].map((queue) => ({ queue, at: 0 }));
  let group: T[] = [];
  while (ring.length > 0) {
    // The mailboxes with most left first: those with few must not be used up before they could be mixed in.
    ring.sort((a, b) => b.queue.length - b.at - (a.queue.length - a.at));
    for (const source of ring) {
      const take = Math.min(MAILBOX_WIDTH, size - group.length, source.queue.length - source.at);
      group.push(...source.queue.slice(source.at, source.at + take));
      source.at += take;
      if (group.length === size) break;
    }
    for (let i = ring.length - 1; i >= 0; i--) if (ring[i]!.at === ring[i]!.queue.length) ring.splice(i, 1);
    if (group.length === size || ring.length === 0) {
      if (group.length > 0) groups.push(group);
      group = [];
    }
  }
  return groups;
}

/** Sends one group; puts results in their places and parts to be repeated into `again`. Returns the longest Retry-After in ms and whether a part was refused for want of room. */
async function send(
  client: GraphClient,
  group: readonly Waiting[],
  context: BatchContext,
  policy: RetryPolicy,
  results: BatchResult[],
  again: Waiting[],
  alone: boolean,
): Promise<{ readonly longest: number; readonly throttled: boolean }> {
  const answer = await client.post(
    '/$batch',
    {
      requests: group.map(({ part }, number) => ({
        id: String(number + 1),
        method: 'GET',
        url: part.url,
        ...(part.headers === undefined ? {} : { headers: part.headers }),
      })),
    },
    {
      idempotent: true,
      // A repetition takes all slots, so that nothing else of ours runs beside it.
      lanes: lanesOf(group.map(({ part }) => part)).map((lane) => (alone ? { ...lane, slots: MAILBOX_WIDTH } : lane)),
      permission: context.permission,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      ...(context.statistics === undefined ? {} : { statistics: context.statistics }),
    },
  );
  const answers = readAnswers(answer.body);
  let longest = 0;
  let throttled = false;
  group.forEach((waiting, number) => {
    const { part, index } = waiting;
    waiting.attempts++;
    const got = answers.get(String(number + 1));
    const verdict = got === undefined ? 'transient' : judgeStatus(got.status, serviceCodeOf(got.body), true);
    if (verdict !== 'final' && waiting.attempts < (got === undefined ? Math.min(policy.attempts, GARBLED_ATTEMPTS) : policy.attempts)) {
      const asked = got === undefined ? undefined : retryAfterMs(got.headers['retry-after'], Date.now());
      if (asked === undefined || asked <= policy.maxRetryAfterMs) {
        if (asked !== undefined) client.pause(part.lane ?? part.mailbox, asked);
        longest = Math.max(longest, asked ?? 0);
        throttled ||= got?.status === 429;
        waiting.refusal = got;
        again.push(waiting);
        return;
      }
    }
    results[index] = resultOf(client, part, got, context);
  });
  return { longest, throttled };
}

function resultOf(client: GraphClient, part: BatchPart, got: PartAnswer | undefined, context: BatchContext): BatchResult {
  if (got === undefined) {
    return {
      id: part.id,
      status: 0,
      error: new ExchangeSqlError('BAD_RESPONSE', 'The service left a part of a batch unanswered.', { hint: 'Run the statement again.', retryable: true }),
    };
  }
  if (got.status >= 200 && got.status < 300) return { id: part.id, status: got.status, headers: got.headers, body: got.body };
  const error = graphError({ status: got.status, headers: got.headers, json: got.body }, { mailbox: part.mailbox === undefined ? client.userId : part.mailbox, permission: context.permission });
  return { id: part.id, status: got.status, error };
}

export interface PartAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers by part number; they come in any order. What is not an answer is left out and counts as missing. */
export function readAnswers(body: unknown): Map<string, PartAnswer> {
  const answers = new Map<string, PartAnswer>();
  const responses = isObject(body) ? body['responses'] : undefined;
  if (!Array.isArray(responses)) {
    throw new ExchangeSqlError('BAD_RESPONSE', 'The answer to a batch has no list of responses.', {
      hint: 'Check that GraphEndpoint is a Microsoft Graph root such as https://graph.microsoft.com/v1.0.',
    });
  }
  for (const response of responses as readonly unknown[]) {
    if (!isObject(response) || typeof response['status'] !== 'number') continue;
    const headers: Record<string, string> = {};
    if (isObject(response['headers'])) {
      for (const [name, value] of Object.entries(response['headers'])) headers[name.toLowerCase()] = String(value);
    }
    answers.set(String(response['id']), { status: response['status'], headers, body: response['body'] });
  }
  return answers;
}

/** A batch takes as many slots of a mailbox as the service will run of it at once. */
export function lanesOf(group: readonly Laned[]): { mailbox: string | null; slots: number; requests: number }[] {
  const counts = new Map<string, { mailbox: string | null; requests: number }>();
  for (const part of group) {
    const entry = counts.get(mailboxOf(part)) ?? { mailbox: part.lane ?? (part.mailbox === undefined ? '' : part.mailbox), requests: 0 };
    entry.requests++;
    counts.set(mailboxOf(part), entry);
  }
  return [...counts.values()].map(({ mailbox, requests }) => ({ mailbox, requests, slots: Math.min(MAILBOX_WIDTH, requests) }));
}

export function mailboxOf(part: Laned): string {
  if (part.lane !== undefined) return `mailbox ${part.lane}`;
  return part.mailbox === null ? 'directory' : `mailbox ${part.mailbox ?? ''}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
