/**
 * Owns: sending one request of a protocol: authorization by origin, governor, retries, JSON, statistics.
 * Does not own: URLs, or what a final status means (graph/ and ews/ make errors of it).
 * Invariants: a token goes to the channel's own origin and nowhere else; every request holds slots of the governor for as
 * long as the service works on it, as far as that can be known (flight.ts), and none while it waits.
 */
import { ExchangeSqlError } from '../errors.js';
import type { RunStatistics } from '../scan/source.js';
import { allowManyListeners, sleep, throwIfAborted } from './abort.js';
import { launch } from './flight.js';
import type { Flight } from './flight.js';
import { BUDGET_REQUESTS, governor as processGovernor } from './governor.js';
import type { Governor, LaneDemand } from './governor.js';
import { isOnOrigin, originOf, parseTarget } from './origin.js';
import { retryAfterMs } from './retry-after.js';
import { backoffMs, DEFAULT_RETRY, GARBLED_ATTEMPTS, isIdempotent, judgeFailure, judgeStatus } from './retry.js';
import type { RetryPolicy, Verdict } from './retry.js';
import type { HttpMethod, HttpResponse, HttpTransport } from './transport.js';
import { failureOf, garbled } from './transport-error.js';

/** What a channel needs of a credential (auth/credential.ts fulfils it). */
export interface Authorizer {
  /** Who asks, for the governor; never a secret. */
  readonly applicationKey: string;
  /** True if another value can be had after one was refused. */
  readonly refreshable: boolean;
  /** Value of the Authorization header; `rejected` is one that the service has refused. */
  authorization(signal: AbortSignal | undefined, rejected?: string): Promise<string>;
}

export interface ChannelRequest {
  readonly method: HttpMethod;
  /** Absolute URL on the channel's origin, sent byte for byte. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Mailboxes touched and how many requests the service will run at once there. */
  readonly lanes: readonly { readonly mailbox: string | null; readonly slots: number; readonly requests?: number }[];
  /** True if repeating it changes nothing. Default: GET and HEAD. */
  readonly idempotent?: boolean;
  /** `json`: a 2xx answer must be JSON. `bytes`: it is handed over as it is. */
  readonly expect: 'json' | 'bytes';
  /** A 2xx answer may be without a body although its status is 200 or 201: an action that gives nothing back. */
  readonly mayBeEmpty?: boolean;
  readonly signal?: AbortSignal;
  /**
   * Milliseconds for each attempt, and from the first one on after which no further one begins. One wait is always kept: the
   * service has said that it will answer after it.
   */
  readonly timeoutMs?: number;
  /** Overrides the policy's number of attempts. */
  readonly attempts?: number;
  readonly statistics?: RunStatistics;
  /** Called just before each attempt goes out. What it throws ends the request, unsent; until it was called nothing was sent. */
  readonly sending?: () => void;
}

export interface ChannelResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, where the answer is JSON; undefined otherwise. */
  readonly json: unknown;
  readonly raw: Buffer;
  /** Bytes of the body on the wire. */
  readonly bytes: number;
  readonly attempts: number;
}

export interface ChannelOptions {
  readonly origin: string;
  readonly transport: HttpTransport;
  readonly authorizer: Authorizer;
  /** Added to each request, unless it has one of that name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly governor?: Governor;
  readonly retry?: Partial<RetryPolicy>;
}

export class Channel {
  readonly origin: string;
  readonly transport: HttpTransport;
  readonly governor: Governor;
  readonly #authorizer: Authorizer;
  readonly #retry: RetryPolicy;
  readonly #headers: Readonly<Record<string, string>>;
  #warnedBudget = 0;

  constructor(options: ChannelOptions) {
    this.origin = options.origin;
    this.transport = options.transport;
    this.governor = options.governor ?? processGovernor;
    this.#authorizer = options.authorizer;
    this.#headers = options.headers ?? {};
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
  }

  get applicationKey(): string {
    return this.#authorizer.applicationKey;
  }

  /**
   * Sends, repeating what is harmless to repeat. Returns the last answer whatever its status.
   *
   * @throws ExchangeSqlError BAD_RESPONSE for a foreign origin or an unusable body, UNREACHABLE, TIMEOUT, CANCELLED,
   * AUTHENTICATION (from the credential), THROTTLED when the service asks for a longer wait than the policy obeys.
   */
  async send(request: ChannelRequest): Promise<ChannelResponse> {
    if (!isOnOrigin(request.url, this.origin)) {
      throw new ExchangeSqlError('BAD_RESPONSE', `A link leads to ${originOf(request.url)} instead of ${this.origin}; it was not followed.`, {
        hint: 'The access token is only sent to the origin of GraphEndpoint. If the service answers under another address, set GraphEndpoint to it.',
      });
    }
    allowManyListeners(request.signal);
    const idempotent = request.idempotent ?? isIdempotent(request.method);
    const attempts = Math.max(1, request.attempts ?? this.#retry.attempts);
    let refreshed = false;
    let began: number | undefined;
    let rejected: string | undefined;
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(request.signal);
      const authorization = await this.#authorizer.authorization(request.signal, rejected);
      rejected = undefined;
      const demands = this.#demands(request);
      const permit = await this.governor.acquire(demands, request.signal, { front: attempt > 1 });
      if (permit.waitedMs > 5) this.transport.trace.write(4, `waited ${permit.waitedMs.toFixed(0)} ms for a free slot`, 'WAIT');
      this.#noteBudget(demands);
      began ??= performance.now();
      let response: ChannelResponse | undefined;
      let failure: unknown;
      let verdict: Verdict;
      try {
        request.sending?.();
      } catch (error) {
        permit.release();
        throw error;
      }
      const flight = this.#launch(request, authorization);
      try {
        response = this.#read(request, await flight.answer, attempt);
        verdict = judgeStatus(response.status, serviceCodeOf(response.json), idempotent);
      } catch (error) {
        failure = error;
        verdict = judgeFailure(error, idempotent);
      }
      // Before the slots are given back: nobody may slip in between a Retry-After and its pause.
      const asked = response === undefined ? undefined : this.#obey(response, verdict, demands);
      if (failure === undefined) permit.release();
      else void flight.over.then((lingerMs) => { permit.release(lingerMs); });
      if (response?.status === 401 && this.#authorizer.refreshable && !refreshed) {
        refreshed = true;
        rejected = authorization;
        this.#noteRetry(request, attempt, '401, asking for a new token', 0);
        continue;
      }
      if (verdict === 'final' || attempt >= (failureOf(failure) === 'garbled' ? Math.min(attempts, GARBLED_ATTEMPTS) : attempts)) {
        if (response !== undefined) return response;
        throw failure;
      }
      if (asked !== undefined && asked > this.#retry.maxRetryAfterMs) throw tooLong(asked, response?.headers['request-id']);
      const wait = asked ?? backoffMs(this.#retry, response === undefined ? this.#retry.resetBaseMs : this.#retry.throttleBaseMs, attempt);
      if (attempt > 1 && isOver(began, wait, request.timeoutMs)) {
        if (response !== undefined) return response;
        throw failure;
      }
      this.#noteRetry(request, attempt, response === undefined ? 'broken answer' : `status ${response.status}`, wait);
      await sleep(wait, request.signal);
    }
  }

  #demands(request: ChannelRequest): LaneDemand[] {
    return request.lanes.map((lane) => ({
      lane: { origin: this.origin, application: this.#authorizer.applicationKey, mailbox: lane.mailbox },
      slots: lane.slots,
      ...(lane.requests === undefined ? {} : { requests: lane.requests }),
    }));
  }

  #launch(request: ChannelRequest, authorization: string): Flight {
    if (request.statistics !== undefined) request.statistics.requests++;
    const headers: Record<string, string> = { ...this.#headers, ...request.headers };
    if (authorization !== '') headers['authorization'] = authorization;
    return launch(this.transport, {
      method: request.method,
      url: request.url,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    });
  }

  #read(request: ChannelRequest, answer: HttpResponse, attempt: number): ChannelResponse {
    if (request.statistics !== undefined) request.statistics.bytes += answer.bytes;
    return {
      status: answer.status,
      headers: answer.headers,
      json: this.#parse(request, answer),
      raw: answer.body,
      bytes: answer.bytes,
      attempts: attempt,
    };
  }

  #parse(request: ChannelRequest, answer: HttpResponse): unknown {
    const success = answer.status >= 200 && answer.status < 300;
    if ((success && request.expect === 'bytes') || answer.body.length === 0) {
      if (success && request.expect === 'json' && answer.status !== 204 && answer.status !== 202 && request.mayBeEmpty !== true) {
        throw garbled(`The answer of ${this.origin} is empty where JSON was expected.`);
      }
      return undefined;
    }
    try {
      return JSON.parse(answer.body.toString('utf8')) as unknown;
    } catch (error) {
      if (!success) return undefined;
      const type = answer.headers['content-type'] ?? '';
      const hint = /html/i.test(type)
        ? 'The server answered with a web page: check that GraphEndpoint is a Microsoft Graph root such as https://graph.microsoft.com/v1.0.'
        : 'Check that GraphEndpoint is a Microsoft Graph root, and try again later.';
      // The parser's own message quotes the text, which may be somebody's mail.
      throw garbled(`The answer of ${this.origin} is not valid JSON (${answer.body.length} bytes).`, hint, error instanceof SyntaxError ? undefined : error);
    }
  }

  /** Reads Retry-After and pauses the mailboxes of the request for it; ms, undefined if there is none. */
  #obey(response: ChannelResponse, verdict: Verdict, demands: readonly LaneDemand[]): number | undefined {
    if (verdict === 'final') return undefined;
    const ms = retryAfterMs(response.headers['retry-after'], Date.now());
    if (ms === undefined) return undefined;
    if (ms <= this.#retry.maxRetryAfterMs) for (const { lane } of demands) this.governor.pause(lane, ms);
    return ms;
  }

  #noteRetry(request: ChannelRequest, attempt: number, why: string, wait: number): void {
    if (request.statistics !== undefined) request.statistics.retries++;
    this.transport.trace.write(1, `retry ${attempt} of ${request.method} ${request.url} in ${wait} ms: ${why}`, 'WAIT');
  }

  #noteBudget(demands: readonly LaneDemand[]): void {
    if (!this.transport.trace.on(1)) return;
    for (const { lane } of demands) {
      const { spent } = this.governor.usage(lane);
      if (spent < BUDGET_REQUESTS * 0.9 || Date.now() - this.#warnedBudget < 60_000) continue;
      this.#warnedBudget = Date.now();
      this.transport.trace.write(1, `${spent} requests in 10 minutes to one mailbox; the service allows ${BUDGET_REQUESTS}`, 'WAIT');
    }
  }
}

/** True if an attempt after `wait` ms would begin later than the time limit allows. */
export function isOver(began: number, wait: number, timeoutMs: number | undefined): boolean {
  return timeoutMs !== undefined && timeoutMs > 0 && performance.now() - began + wait > timeoutMs;
}

/** Builds the origin of a service root. */
export function rootOrigin(root: string): string {
  return parseTarget(root).origin;
}

/** `error.code`, or the inner one where the outer is empty; undefined if the body has neither. */
export function serviceCodeOf(json: unknown): string | undefined {
  const error = member(json, 'error');
  const code = member(error, 'code');
  if (typeof code === 'string' && code !== '') return code;
  const inner = member(member(error, 'innerError'), 'code');
  return typeof inner === 'string' && inner !== '' ? inner : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}

function tooLong(ms: number, requestId: string | undefined): ExchangeSqlError {
  return new ExchangeSqlError('THROTTLED', `The service asks to wait ${Math.ceil(ms / 1000)} seconds before the next request.`, {
    hint: 'Run the statement again after that time.',
    retryable: true,
    ...(requestId === undefined ? {} : { requestId }),
  });
}
