/**
 * Owns: `$batch`: reading the envelope, running the parts, dependsOn, shuffled answers (facts 4.1).
 * Does not own: one request's life (handler.ts).
 * Invariants: at most 4 parts of one mailbox run at once; each part passes the same gate and faults as a request of its own;
 * the batch is 400 only when the envelope cannot be read.
 */
import { json, type GraphAnswer, type GraphRequest } from './exchange.js';
import { checkLength, GraphError } from './graph-error.js';
import { handle, type Deployment } from './handler.js';
import { mix } from './random.js';
import { isObject } from './json.js';
import type { Json, JsonObject } from './writer.js';

const MAXIMUM = 20;
/** "Outlook parts run at most 4 at a time per mailbox." */
const PARALLEL = 4;

interface Part {
  readonly id: string;
  readonly request: GraphRequest;
  readonly dependsOn: readonly string[];
}

const invalid = (message: string): GraphError => new GraphError(400, 'BadRequest', message);

function readParts(request: GraphRequest): readonly Part[] {
  checkLength(request.bytes);
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    throw invalid('Invalid batch payload format.');
  }
  const list = isObject(body as Json) ? (body as JsonObject).requests : undefined;
  if (!Array.isArray(list)) throw invalid('Invalid batch payload format.');
  if (list.length > MAXIMUM) throw invalid(`Number of batch request steps exceeds the maximum value of ${String(MAXIMUM)}.`);
  const seen = new Set<string>();
  const parts = (list as readonly Json[]).map((part): Part => {
    if (!isObject(part) || (typeof part.id !== 'string' && typeof part.id !== 'number') || typeof part.method !== 'string' || typeof part.url !== 'string') throw invalid('Invalid batch payload format.');
    const id = String(part.id);
    // Ids are compared without case.
    if (seen.has(id.toLowerCase())) throw invalid(`Request id ${id} is not unique in the batch.`);
    seen.add(id.toLowerCase());
    return { id, request: partRequest(request, part), dependsOn: Array.isArray(part.dependsOn) ? part.dependsOn.map(String) : [] };
  });
  for (const part of parts) for (const other of part.dependsOn) if (!seen.has(other.toLowerCase())) throw invalid(`Request id ${other} in dependsOn is not in the batch.`);
  return parts;
}

function partRequest(batch: GraphRequest, part: JsonObject): GraphRequest {
  const url = `/${String(part.url).replace(/^\//, '')}`;
  const question = url.indexOf('?');
  const headers: Record<string, string | undefined> = { authorization: batch.headers.authorization, 'client-request-id': batch.headers['client-request-id'] };
  for (const [name, value] of Object.entries(isObject(part.headers) ? part.headers : {})) if (typeof value === 'string') headers[name.toLowerCase()] = value;
  if (part.body !== undefined && headers['content-type'] === undefined) throw invalid('Content-Type header is required for a request with a body.');
  const bytes = bodyBytes(part.body, headers['content-type'] ?? '');
  return {
    method: String(part.method).toUpperCase(), path: question < 0 ? url : url.slice(0, question), query: question < 0 ? '' : url.slice(question + 1), headers,
    body: bytes.toString('utf8'), bytes, root: batch.root,
  };
}

/** JSON stands in the envelope as it is; anything else as base64url text (facts 4.1). */
function bodyBytes(body: Json | undefined, contentType: string): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (/^application\/json\b/i.test(contentType)) return Buffer.from(JSON.stringify(body), 'utf8');
  if (typeof body !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(body)) throw invalid('The body of a request that is not JSON must be base64url text.');
  return Buffer.from(body, 'base64url');
}

/** Whom a part is about, as far as its URL tells: parts of one mailbox queue behind each other. */
function laneOf(path: string): string {
  const match = /^\/(me|users(?:\/([^/]+)|\('([^']*)'\))|groups(?:\/([^/]+)|\('([^']*)'\)))(\/|$)/i.exec(path);
  return (match?.[2] ?? match?.[3] ?? match?.[4] ?? match?.[5] ?? match?.[1] ?? '').toLowerCase();
}

/** `wrote`: whether a part of it changed something. */
export async function runBatch(deployment: Deployment, request: GraphRequest, batchNumber: number): Promise<{ readonly answer: GraphAnswer; readonly wrote: boolean }> {
  const parts = readParts(request);
  let written = false;
  const answers = new Map<string, Promise<{ readonly status: number; readonly response: Json }>>();
  const lanes = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

  const enter = async (lane: string): Promise<() => void> => {
    let state = lanes.get(lane);
    if (state === undefined) {
      state = { running: 0, waiting: [] };
      lanes.set(lane, state);
    }
    const held = state;
    if (held.running >= PARALLEL) await new Promise<void>((resolve) => held.waiting.push(resolve));
    else held.running++;
    return () => {
      const next = held.waiting.shift();
      if (next === undefined) held.running--;
      else next();
    };
  };

  const run = async (part: Part): Promise<{ readonly status: number; readonly response: Json }> => {
    for (const other of part.dependsOn) {
      const before = await [...answers].find(([id]) => id.toLowerCase() === other.toLowerCase())?.[1];
      if (before !== undefined && before.status >= 400) {
        return { status: 424, response: { id: part.id, status: 424, body: { error: { code: 'FailedDependency', message: 'The request could not be completed because it depends on a request that failed.' } } } };
      }
    }
    const leave = await enter(laneOf(part.request.path));
    try {
      if (part.request.path.toLowerCase() === '/$batch') return { status: 400, response: { id: part.id, status: 400, body: { error: { code: 'BadRequest', message: 'Batch requests cannot be nested.' } } } };
      const { answer, mailbox, fault, wrote } = await handle(deployment, part.request);
      if (wrote) written = true;
      deployment.log.add({
        method: part.request.method, url: part.request.path + (part.request.query === '' ? '' : `?${part.request.query}`), status: answer.status, rows: answer.rows ?? 0, bytes: 0, inBatch: true, mailbox, fault,
      });
      return { status: answer.status, response: partResponse(part.id, answer) };
    } finally {
      leave();
    }
  };

  for (const part of parts) answers.set(part.id, (async () => {
    // Later parts may depend on earlier ones and the other way round: all promises exist before the first runs.
    await Promise.resolve();
    return run(part);
  })());
  const responses = (await Promise.all(answers.values())).map((answer) => answer.response);
  return { answer: json({ responses: shuffled(responses, mix(deployment.store.seed, batchNumber)) }), wrote: written };
}

function partResponse(id: string, answer: GraphAnswer): Json {
  const headers: Record<string, string> = { 'Cache-Control': 'no-cache', 'x-ms-resource-unit': '1', 'OData-Version': '4.0' };
  for (const [name, value] of Object.entries(answer.headers)) headers[name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('-')] = value;
  if (answer.body === undefined) return { id, status: answer.status, headers };
  return { id, status: answer.status, headers, body: 'json' in answer.body ? answer.body.json : Buffer.from(answer.body.bytes).toString('base64url') };
}

/** Answers come in any order. */
function shuffled(list: readonly Json[], seed: number): Json[] {
  return list.map((value, index) => ({ value, key: mix(seed, index) })).sort((left, right) => left.key - right.key).map((entry) => entry.value);
}
