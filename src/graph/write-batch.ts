/**
 * Owns: sending many writes: collecting what is ready into `$batch` calls, matching answers, sending again what was not executed.
 * Does not own: what is written, or what an answer means to a row (write-run.ts).
 * Invariants: every request gets exactly one reply; one that may have been executed is never sent again from here; after `stop`
 * nothing is sent that could begin a row.
 */
import { ExchangeSqlError } from '../errors.js';
import { failureOf } from '../http/transport-error.js';
import { retryAfterMs } from '../http/retry-after.js';
import { MAILBOX_WIDTH } from '../http/governor.js';
import { backoffMs, DEFAULT_RETRY } from '../http/retry.js';
import type { RetryPolicy } from '../http/retry.js';
import type { RunStatistics } from '../scan/source.js';
import { lanesOf, mailboxOf, pack, readAnswers } from './batch.js';
import type { Laned, PartAnswer } from './batch.js';
import type { GraphBody, GraphClient } from './client.js';
import { graphError } from './errors.js';

export interface WireRequest extends Laned {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query below the service root. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: GraphBody;
  /** Permission to name when access is denied. */
  readonly permission?: string | undefined;
  /** An action that gives nothing back, with 200 too. */
  readonly mayBeEmpty?: boolean;
  /** It must not travel in a batch; bytes never do. */
  readonly alone?: boolean;
  /** Belongs to a row of which something was sent already: sent after `stop('rows')` too, so that no row is left half done. */
  readonly finish?: boolean;
}

export type Reply =
  /** The service answered, with whatever status. `error` for all but 2xx. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown; readonly error?: ExchangeSqlError }
  /** It was sent and no usable answer came: it may have been executed. */
  | { readonly kind: 'lost'; readonly error: ExchangeSqlError }
  /** It was not executed, and there is no use in trying on: throttled to the end, nobody there, no token. */
  | { readonly kind: 'refused'; readonly error: ExchangeSqlError }
  /** It was not sent, because `stop` was called. */
  | { readonly kind: 'withdrawn' };

export interface SenderOptions {
  readonly statistics?: RunStatistics;
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds that requests under way may still take after `stop(true)`. Default 2,000. */
  readonly graceMs?: number;
  /** Most requests in one call; default 20. */
  readonly batchSize?: number;
}

/** What is under way is waited for so many ms after a cancellation: an answer is worth more than a second. */
const GRACE_MS = 2_000;
/** Bytes of JSON in one batch: Graph takes some 4 MB a request; larger ones would be refused as a whole. */
const BATCH_BYTES = 3_000_000;

interface Entry extends Laned {
  readonly request: WireRequest;
  /** JSON text of the body; undefined without one, or for bytes. */
  readonly text: string | undefined;
  /** Bytes of its part of a batch, about. */
  readonly size: number;
  readonly resolve: (reply: Reply) => void;
  alone: boolean;
  attempts: number;
  /** Milliseconds of `Date.now` before which it is not sent. */
  notBefore: number;
}

/** One HTTP request on its way: it can be taken back until `sent`. */
interface Call {
  readonly entries: readonly Entry[];
  readonly controller: AbortController;
  sent: boolean;
}

/**
 * Sends writes. Requests given in the same turn of the event loop travel together, 20 a batch; a single one goes as it is.
 *
 * @example
 * const sender = new WriteSender(client, { statistics });
 * const replies = await Promise.all(requests.map((request) => sender.send(request)));
 */
export class WriteSender {
  readonly #client: GraphClient;
  readonly #options: SenderOptions;
  readonly #policy: RetryPolicy;
  #queue: Entry[] = [];
  readonly #calls = new Set<Call>();
  #stopped: 'rows' | 'all' | undefined;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #cutTimer: NodeJS.Timeout | undefined;
  /** Milliseconds the service's clock is ahead of ours, within a second; undefined until it has answered. */
  #ahead: number | undefined;

  constructor(client: GraphClient, options: SenderOptions = {}) {
    this.#client = client;
    this.#options = options;
    this.#policy = { ...DEFAULT_RETRY, ...options.retry };
  }

  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** The service's clock when ours shows `local`, in ms, within two seconds; undefined until it has answered. */
  serviceTime(local: number): number | undefined {
    return this.#ahead === undefined ? undefined : local + this.#ahead;
  }

  /** The page behind a page of a collection, as a path below the root where it is there; undefined after the last. */
  nextOf(body: unknown): string | undefined {
    const link = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)['@odata.nextLink'] : undefined;
    if (typeof link !== 'string' || link === '') return undefined;
    return link.startsWith(`${this.#client.root}/`) ? link.slice(this.#client.root.length) : link;
  }

  send(request: WireRequest): Promise<Reply> {
    if (!this.#mayGo(request)) return Promise.resolve({ kind: 'withdrawn' });
    return new Promise((resolve) => {
      const { body } = request;
      const json = body !== undefined && 'json' in body;
      const text = json ? JSON.stringify(body.json) : undefined;
      this.#queue.push({
        request,
        mailbox: request.mailbox,
        lane: request.lane,
        text,
        size: Buffer.byteLength(text ?? '') + request.url.length + 200,
        resolve,
        alone: request.alone === true || (body !== undefined && !json),
        attempts: 0,
        notBefore: 0,
      });
      this.#schedule();
    });
  }

  /**
   * `rows`: no further row is begun; what waits for one is withdrawn, what is under way is waited for. `all`: nothing at all is
   * sent any more (a cancellation), and what is under way has only the grace period left, after which its answers count as lost.
   */
  stop(what: 'rows' | 'all'): void {
    if (this.#stopped === 'all' || this.#stopped === what) return;
    this.#stopped = what;
    const waiting = this.#queue;
    this.#queue = waiting.filter(({ request }) => this.#mayGo(request));
    for (const entry of waiting) if (!this.#mayGo(entry.request)) entry.resolve({ kind: 'withdrawn' });
    for (const call of this.#calls) if (!call.sent) call.controller.abort();
    if (what === 'all' && this.#calls.size > 0) {
      this.#cutTimer = setTimeout(() => {
        for (const call of this.#calls) call.controller.abort();
      }, this.#options.graceMs ?? GRACE_MS);
    }
  }

  #mayGo({ finish }: WireRequest): boolean {
    return this.#stopped === undefined || (this.#stopped === 'rows' && finish === true);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /**
   * Hands out what the mailboxes have room for now. The rest stays here and not in the governor's queue: there it would be sent
   * before the answers it waited for were read, and a failure among them could not hold it back.
   */
  #flush(): void {
    const now = Date.now();
    const later = this.#queue.filter(({ notBefore }) => notBefore > now);
    // Rows that were begun are finished first.
    const ready = this.#queue.filter(({ notBefore }) => notBefore <= now).sort((a, b) => Number(b.request.finish === true) - Number(a.request.finish === true));
    this.#queue = later;
    this.#wake(later, now);
    for (const entry of ready) {
      if (!entry.alone) continue;
      if (this.#used(entry) < MAILBOX_WIDTH) void this.#call([entry]);
      else this.#queue.push(entry);
    }
    const free: Entry[] = [];
    for (const entry of ready) if (!entry.alone) (this.#used(entry) === 0 ? free : this.#queue).push(entry);
    for (const group of groupsOf(free, this.#options.batchSize)) {
      if (group.every((entry) => this.#used(entry) === 0)) void this.#call(group);
      else this.#queue.push(...group);
    }
  }

  /** Slots of the entry's mailbox that calls of ours have. */
  #used(entry: Entry): number {
    const mailbox = mailboxOf(entry);
    let used = 0;
    for (const { entries } of this.#calls) used += Math.min(MAILBOX_WIDTH, entries.filter((other) => mailboxOf(other) === mailbox).length);
    return used;
  }

  #wake(later: readonly Entry[], now: number): void {
    clearTimeout(this.#timer);
    if (later.length === 0) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(1, Math.min(...later.map(({ notBefore }) => notBefore)) - now));
  }

  async #call(entries: readonly Entry[]): Promise<void> {
    const call: Call = { entries, controller: new AbortController(), sent: false };
    this.#calls.add(call);
    try {
      const replies = entries.length === 1 ? [await this.#plain(call, entries[0]!)] : await this.#batch(call);
      let repeated = false;
      entries.forEach((entry, index) => {
        const reply = replies[index]!;
        if (reply.kind !== 'answer') entry.resolve(reply);
        else if (this.#again(entry, reply)) repeated = true;
        else entry.resolve(isNotExecuted(reply.status) ? { kind: this.#mayGo(entry.request) ? 'refused' : 'withdrawn', error: reply.error! } : reply);
      });
      if (repeated && this.#options.statistics !== undefined) this.#options.statistics.retries++;
    } catch (error) {
      const reply = this.#failure(call, error);
      for (const entry of entries) {
        if (reply.kind === 'withdrawn' && this.#mayGo(entry.request)) this.#queue.push(entry);
        else entry.resolve(reply);
      }
    } finally {
      this.#calls.delete(call);
      if (this.#calls.size === 0) clearTimeout(this.#cutTimer);
      this.#schedule();
    }
  }

  /** Puts back what the service says it has not executed (facts 4.1, 4.3); false if it is final. */
  #again(entry: Entry, { status, headers }: Extract<Reply, { kind: 'answer' }>): boolean {
    const expired = status === 401 && !entry.alone;
    if (!expired && !isNotExecuted(status)) return false;
    entry.attempts++;
    const asked = retryAfterMs(headers['retry-after'], Date.now());
    if (!this.#mayGo(entry.request) || entry.attempts >= this.#policy.attempts || (asked !== undefined && asked > this.#policy.maxRetryAfterMs)) return false;
    // A token that expired under way is renewed for a request of its own (channel.ts).
    if (expired) entry.alone = true;
    else {
      if (asked !== undefined) this.#client.pause(entry.lane ?? entry.mailbox, asked);
      entry.notBefore = Date.now() + (asked ?? backoffMs(this.#policy, this.#policy.throttleBaseMs, entry.attempts));
    }
    this.#queue.push(entry);
    return true;
  }

  async #plain(call: Call, { request, text }: Entry): Promise<Reply> {
    const { method, url, headers, body } = request;
    const content: GraphBody = text === undefined ? body : { bytes: Buffer.from(text, 'utf8'), contentType: 'application/json' };
    const answer = await this.#client.exchange(method, url, content, {
      ...this.#common(call),
      ...(headers === undefined ? {} : { headers }),
      ...(request.mayBeEmpty === undefined ? {} : { mayBeEmpty: request.mayBeEmpty }),
      mailbox: request.mailbox,
      ...(request.lane === undefined ? {} : { lanes: [{ mailbox: request.lane, slots: 1 }] }),
    });
    this.#readClock(answer.headers);
    return this.#reply(request, answer);
  }

  async #batch(call: Call): Promise<Reply[]> {
    const parts = call.entries.map(({ request: { method, url, headers }, text }, number) => {
      const all = text === undefined ? headers : { ...headers, 'Content-Type': 'application/json' };
      const head = JSON.stringify({ id: String(number + 1), method, url, ...(all === undefined ? {} : { headers: all }) });
      return text === undefined ? head : `${head.slice(0, -1)},"body":${text}}`;
    });
    const answer = await this.#client.exchange('POST', '/$batch', { bytes: Buffer.from(`{"requests":[${parts.join(',')}]}`, 'utf8'), contentType: 'application/json' }, {
      ...this.#common(call),
      lanes: lanesOf(call.entries),
    });
    this.#readClock(answer.headers);
    if (answer.status < 200 || answer.status >= 300) return call.entries.map(({ request }) => this.#reply(request, answer));
    const answers = readAnswers(answer.body);
    return call.entries.map(({ request }, number) => {
      const part = answers.get(String(number + 1));
      return part === undefined ? { kind: 'lost', error: unanswered() } : this.#reply(request, part);
    });
  }

  #common(call: Call): { readonly idempotent: false; readonly attempts: 1; readonly signal: AbortSignal; readonly sending: () => void; readonly statistics?: RunStatistics } {
    return {
      idempotent: false,
      attempts: 1,
      signal: call.controller.signal,
      sending: () => {
        // A second attempt of one call only follows a 401: the first was not executed.
        call.sent = call.entries.every(({ request }) => this.#mayGo(request));
        if (!call.sent) throw new ExchangeSqlError('CANCELLED', 'The write is no longer wanted.');
      },
      ...(this.#options.statistics === undefined ? {} : { statistics: this.#options.statistics }),
    };
  }

  #readClock(headers: Readonly<Record<string, string>>): void {
    const date = Date.parse(headers['date'] ?? '');
    if (!Number.isNaN(date)) this.#ahead = date - Date.now();
  }

  #reply({ mailbox, permission }: WireRequest, { status, headers, body }: PartAnswer): Reply {
    if (status >= 200 && status < 300) return { kind: 'answer', status, headers, body };
    const error = graphError({ status, headers, json: body }, { mailbox: mailbox === undefined ? this.#client.userId : mailbox, permission });
    return { kind: 'answer', status, headers, body, error };
  }

  /** What a call that gave no answer at all means to its requests. */
  #failure(call: Call, error: unknown): Reply {
    if (!call.sent && this.#stopped !== undefined) return { kind: 'withdrawn' };
    const known = error instanceof ExchangeSqlError ? error : new ExchangeSqlError('INTERNAL', 'A write failed in the driver itself.', { cause: error });
    // Nothing is executed before the token was there and somebody took the call.
    if (!call.sent || known.code === 'AUTHENTICATION' || failureOf(error) === 'unreachable') return { kind: 'refused', error: known };
    return { kind: 'lost', error: known };
  }
}

/** The service says so: throttled, unavailable, or a batch it has not begun (facts 4.1, 4.3). */
const isNotExecuted = (status: number): boolean => status === 429 || status === 503 || status === 424;

/** Batches by number of parts and by size. */
function groupsOf(entries: readonly Entry[], size: number | undefined): Entry[][] {
  return pack(entries, mailboxOf, size).flatMap((group) => {
    const split: Entry[][] = [];
    let bytes = 0;
    for (const entry of group) {
      if (split.length === 0 || bytes + entry.size > BATCH_BYTES) {
        split.push([]);
        bytes = 0;
      }
      split.at(-1)!.push(entry);
      bytes += entry.size;
    }
    return split;
  });
}

function unanswered(): ExchangeSqlError {
  return new ExchangeSqlError('BAD_RESPONSE', 'The service left a part of a batch unanswered.', { retryable: true });
}
