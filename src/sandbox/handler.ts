/**
 * Owns: the life of one Graph request: token, target, gate, faults, latency, route, error body, log.
 * Does not own: sockets (server.ts), the batch envelope (batch.ts).
 * Invariants: every refusal is a GraphError or OdataError turned into the service's error body; anything else is a 500 without details.
 */
import { randomUUID } from 'node:crypto';
import { bearerOf, checkScopes, checkToken, expiredToken, userOf, type Rules } from './authorization.js';
import type { Context, Service } from './context.js';
import type { GraphAnswer, GraphRequest } from './exchange.js';
import type { Gate } from './gate.js';
import { accessDenied, GraphError, irresolvableConflict } from './graph-error.js';
import { OdataError } from './odata/index.js';
import { readPreferences } from './prefer.js';
import { parseOptions } from './query/options.js';
import { mixText } from './random.js';
import { isWrite } from './routes/methods.js';
import { routeOf, targetOf } from './routes/router.js';
import type { Mailbox } from './store/mailboxes.js';
import { tellSubscribers } from './write/notify.js';
import { findSession, serveSession } from './write/upload/sessions.js';

export interface Deployment extends Service {
  readonly gate: Gate;
  readonly rules: Rules;
  /** The user /me stands for when the token names nobody. */
  readonly mainUser: () => Mailbox | undefined;
}

export interface Handled {
  readonly answer: GraphAnswer;
  readonly mailbox: string | null;
  readonly fault: string | null;
  /** True when a write was carried out, whatever the client is told. */
  readonly wrote: boolean;
}

/** Bytes of a body's head and tail that tell it from another of the same length. */
const TOLD_BY = 16_384;

/** Tells requests apart, so that a repetition is known as one. */
export const requestKey = (request: GraphRequest): string => {
  const { bytes, headers } = request;
  const told = bytes.byteLength <= 2 * TOLD_BY ? [bytes] : [bytes.subarray(0, TOLD_BY), bytes.subarray(-TOLD_BY)];
  const body = bytes.byteLength === 0 ? '' : ` ${String(bytes.byteLength)} ${String(told.reduce((hash, part) => mixText(hash, Buffer.from(part).toString('latin1')), 0))}`;
  return `${request.method} ${request.path}?${request.query}${headers['content-range'] ?? ''}${body}`;
};

const turn = (ms: number): Promise<void> => new Promise((resolve) => {
  // One turn of the event loop even without latency, so that requests that arrive together are in flight together.
  if (ms > 0) setTimeout(resolve, ms);
  else setImmediate(resolve);
});

/** A request that is understood, before anything is done. */
interface Prepared {
  /** Whose gate it passes; null: nobody's. */
  readonly mailbox: string | null;
  readonly writes: boolean;
  readonly work: () => GraphAnswer | Promise<GraphAnswer>;
}

/** `spared`: whether the bad day leaves this request alone; missing: it is asked here (parts of a batch). */
export function handle(deployment: Deployment, request: GraphRequest, spared?: boolean): Promise<Handled> {
  return guarded(deployment, request, spared, () => {
    const token = bearerOf(request.headers.authorization);
    checkToken(token, deployment.rules, deployment.store.mailboxes);
    const me = userOf(token, deployment.store.mailboxes) ?? deployment.mainUser();
    if (me === undefined) throw new GraphError(404, 'ResourceNotFound', 'The sandbox has no user yet.');
    const target = targetOf(request.path, me, deployment.store);
    const { route, parameters } = routeOf(target, request.method);
    const writes = isWrite(request.method, target.segments);
    checkScopes(deployment.rules, target.segments, target.owner, target.mailbox.mailbox !== me.mailbox, writes);
    return {
      mailbox: target.owner !== 'tenant' && target.segments.length > 0 ? target.mailbox.upn : null,
      writes,
      work: async () => {
        const preferences = readPreferences(request.headers.prefer);
        const context: Context = {
          service: deployment, store: deployment.store, request, options: parseOptions(request.query), preferences,
          mailbox: target.mailbox, signedIn: me, contextBase: `${request.root}/${target.contextTail}`,
        };
        const answer = await route(context, parameters);
        const applied = [answer.headers['preference-applied'] ?? '', preferences.applied].filter((part) => part !== '').join(', ');
        return applied === '' ? answer : { ...answer, headers: { ...answer.headers, 'preference-applied': applied } };
      },
    };
  });
}

/** A request to an upload session: its address is the permission, a token beside it is refused. */
export function handleUpload(deployment: Deployment, request: GraphRequest, spared: boolean): Promise<Handled> {
  return guarded(deployment, request, spared, () => {
    const session = findSession(deployment, request);
    return { mailbox: session.mailbox.upn, writes: request.method !== 'GET', work: () => serveSession(deployment, session, request) };
  });
}

async function guarded(deployment: Deployment, request: GraphRequest, spared: boolean | undefined, prepare: () => Prepared): Promise<Handled> {
  let mailbox: string | null = null;
  let fault: string | null = null;
  let answer: GraphAnswer;
  let leave: (() => void) | undefined;
  let wrote = false;
  try {
    const prepared = prepare();
    mailbox = prepared.mailbox;
    if (mailbox !== null) {
      leave = deployment.gate.enter(mailbox);
      if (prepared.writes) deployment.gate.upload(mailbox, request.bytes.byteLength);
    }
    const key = requestKey(request);
    const passes = spared ?? deployment.faults.spared(key);
    fault = strike(deployment, key, passes, request.method);
    await turn(deployment.faults.get().latencyMs);
    if (fault !== null) throw faultError(deployment, fault, key);
    if (mailbox !== null && deployment.faults.get().denyMailboxes.some((denied) => denied.toLowerCase() === mailbox!.toLowerCase())) throw accessDenied();
    answer = await prepared.work();
    wrote = prepared.writes;
    if (wrote) tellSubscribers(deployment);
    if (wrote && !passes && deployment.faults.strikes('gatewayTimeoutAfterWriteEvery', key)) {
      fault = 'gatewayTimeoutAfterWriteEvery';
      throw faultError(deployment, fault, key);
    }
  } catch (error) {
    answer = refusal(error, request, deployment);
  } finally {
    leave?.();
  }
  return { answer, mailbox, fault, wrote };
}

/** Faults of single requests; those of the connection are server.ts's. */
function strike(deployment: Deployment, key: string, spared: boolean, method: string): string | null {
  const { faults } = deployment;
  if (spared) return null;
  for (const name of ['unauthorizedEvery', 'throttleEvery', 'serviceUnavailableEvery', 'gatewayTimeoutEvery'] as const) if (faults.strikes(name, key)) return name;
  if ((method === 'PATCH' || method === 'DELETE') && faults.strikes('spuriousConflictEvery', key)) return 'spuriousConflictEvery';
  return null;
}

function faultError(deployment: Deployment, fault: string, key: string): GraphError {
  const retry = { 'retry-after': deployment.faults.retryAfter() };
  switch (fault) {
    case 'unauthorizedEvery': return expiredToken();
    case 'throttleEvery': return new GraphError(429, 'TooManyRequests', 'Please retry again later.', retry);
    case 'serviceUnavailableEvery': return new GraphError(503, 'ServiceUnavailable', 'The service is temporarily unavailable. Please retry again later.', retry);
    case 'spuriousConflictEvery': return irresolvableConflict(mixText(deployment.store.seed, key) % 2 === 0 ? 412 : 409);
    default: return new GraphError(504, 'UnknownError', 'The request timed out.');
  }
}

/** The service's error body (facts section 5). */
export function refusal(error: unknown, request: GraphRequest, deployment: Pick<Deployment, 'clock'>): GraphAnswer {
  const known = error instanceof GraphError || error instanceof OdataError ? error : new GraphError(500, 'ErrorInternalServerError', 'An internal server error occurred. The operation failed.');
  const requestId = randomUUID();
  const clientRequestId = request.headers['client-request-id'] ?? requestId;
  return {
    status: known.status,
    headers: { 'content-type': 'application/json', 'request-id': requestId, 'client-request-id': clientRequestId, ...(known instanceof GraphError ? known.headers : {}) },
    body: {
      json: {
        error: {
          code: known.code, message: known.message,
          innerError: { date: new Date(deployment.clock.now()).toISOString().slice(0, 19), 'request-id': requestId, 'client-request-id': clientRequestId },
        },
      },
    },
  };
}

