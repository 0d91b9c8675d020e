/**
 * Owns: HTTP and HTTPS: reading requests, writing answers, cutting connections on a bad day, the admin path.
 * Does not own: what is answered.
 * Invariants: only `/v1.0` is Graph, only `/api/v2.0` takes uploads and only `/_sandbox/` is admin; a client that hangs up harms nobody else.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { Admin } from './admin.js';
import { runBatch } from './batch.js';
import type { GraphAnswer, GraphRequest } from './exchange.js';
import { methodNotAllowed } from './graph-error.js';
import { handle, handleUpload, refusal, requestKey, type Deployment, type Handled } from './handler.js';
import { checkToken, bearerOf } from './authorization.js';
import { UPLOAD_PATH } from './write/upload/sessions.js';

export const GRAPH_PATH = '/v1.0';
export const ADMIN_PATH = '/_sandbox';

export type Server = http.Server | https.Server;

export function createServer(deployment: Deployment, tls: { readonly cert: string; readonly key: string } | undefined): Server {
  const admin = new Admin(deployment);
  let batches = 0;
  const listener = (incoming: http.IncomingMessage, outgoing: http.ServerResponse): void => {
    void respond(incoming, outgoing).catch(() => {
      outgoing.destroy();
    });
  };
  const respond = async (incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> => {
    const url = incoming.url ?? '/';
    const question = url.indexOf('?');
    const fullPath = question < 0 ? url : url.slice(0, question);
    const query = question < 0 ? '' : url.slice(question + 1);
    const bytes = await readBody(incoming);
    if (fullPath.startsWith(ADMIN_PATH)) {
      const answer = await admin.answer(incoming.method ?? 'GET', fullPath.slice(ADMIN_PATH.length), new URLSearchParams(query), bytes.toString('utf8'));
      write(outgoing, answer.status, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(answer.body), 'utf8'));
      return;
    }
    const upload = fullPath.startsWith(`${UPLOAD_PATH}/`);
    const path = upload ? fullPath : fullPath.startsWith(`${GRAPH_PATH}/`) ? fullPath.slice(GRAPH_PATH.length) : fullPath === GRAPH_PATH ? '/' : undefined;
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(incoming.headers)) headers[name] = Array.isArray(value) ? value.join(', ') : value;
    // The parts of an upload are no text.
    const body = upload ? '' : bytes.toString('utf8');
    const request: GraphRequest = {
      method: incoming.method ?? 'GET', path: path ?? '/:unknown', query, headers, body, bytes, root: originOf(incoming, tls !== undefined) + GRAPH_PATH,
    };
    const key = requestKey(request);
    const { faults, log } = deployment;
    // The query of an upload's address is its permission, which no log shows.
    const entry = { method: request.method, url: request.path + (query === '' || upload ? '' : `?${query}`), inBatch: false };
    const spared = faults.spared(key);
    if (!spared && faults.strikes('resetEvery', key)) {
      log.add({ ...entry, status: 0, rows: 0, bytes: 0, mailbox: null, fault: 'resetEvery' });
      incoming.socket.resetAndDestroy();
      return;
    }
    const { answer, mailbox, fault, wrote } = await (upload ? handleUpload(deployment, request, spared) : dispatch(request, spared));
    if (wrote && !spared && faults.strikes('cutAfterWriteEvery', key)) {
      log.add({ ...entry, status: 0, rows: 0, bytes: 0, mailbox, fault: 'cutAfterWriteEvery' });
      incoming.socket.resetAndDestroy();
      return;
    }
    const payload = payloadOf(answer);
    const cut = answer.status === 200 && payload.length > 1 && !spared
      ? faults.strikes('truncateEvery', key) ? 'truncateEvery' : faults.strikes('malformedJsonEvery', key) ? 'malformedJsonEvery' : null
      : null;
    log.add({ ...entry, status: answer.status, rows: answer.rows ?? 0, bytes: payload.length, mailbox, fault: cut ?? fault });
    const requestId = randomUUID();
    const all = { 'request-id': requestId, 'client-request-id': headers['client-request-id'] ?? requestId, date: new Date(deployment.clock.now()).toUTCString(), 'odata-version': '4.0', 'cache-control': 'private', ...answer.headers };
    if (cut === 'truncateEvery') {
      outgoing.writeHead(answer.status, { ...all, 'content-length': payload.length });
      outgoing.write(payload.subarray(0, Math.floor(payload.length / 2)), () => outgoing.destroy());
      return;
    }
    write(outgoing, answer.status, all, cut === 'malformedJsonEvery' ? payload.subarray(0, Math.floor(payload.length * 0.7)) : payload, request.method === 'HEAD');
  };
  const dispatch = async (request: GraphRequest, spared: boolean): Promise<Handled> => {
    if (request.path.toLowerCase() !== '/$batch') return handle(deployment, request, spared);
    try {
      if (request.method !== 'POST') throw methodNotAllowed();
      checkToken(bearerOf(request.headers.authorization), deployment.rules, deployment.store.mailboxes);
      return { ...await runBatch(deployment, request, ++batches), mailbox: null, fault: null };
    } catch (error) {
      return { answer: refusal(error, request, deployment), mailbox: null, fault: null, wrote: false };
    }
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.keepAliveTimeout = 60_000;
  return server;
}

/** Stops listening and closes what is open. */
export function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    for (const socket of sockets) socket.destroy();
  });
}

function originOf(incoming: http.IncomingMessage, secure: boolean): string {
  const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)?.split(',')[0]?.trim();
  const scheme = first(incoming.headers['x-forwarded-proto']) ?? (secure ? 'https' : 'http');
  return `${scheme}://${first(incoming.headers['x-forwarded-host']) ?? incoming.headers.host ?? 'localhost'}`;
}

async function readBody(incoming: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function payloadOf(answer: GraphAnswer): Buffer {
  if (answer.body === undefined) return Buffer.alloc(0);
  if ('bytes' in answer.body) return Buffer.from(answer.body.bytes.buffer, answer.body.bytes.byteOffset, answer.body.bytes.byteLength);
  return Buffer.from(JSON.stringify(answer.body.json), 'utf8');
}

function write(outgoing: http.ServerResponse, status: number, headers: http.OutgoingHttpHeaders, payload: Buffer, headOnly = false): void {
  outgoing.writeHead(status, { ...headers, 'content-length': payload.length });
  outgoing.end(headOnly ? undefined : payload);
}
