/**
 * Owns: upload sessions: their opaque addresses, the ranges that arrived, their end (facts section 7).
 * Does not own: what becomes of the bytes (the opener tells).
 * Invariants: the address is the permission, no token is needed and none is taken; ranges come in order, without gaps; a session that
 * ended or expired is not found.
 */
import { randomBytes } from 'node:crypto';
import type { Context, Service } from '../../context.js';
import { json, type GraphAnswer, type GraphRequest } from '../../exchange.js';
import { badRequest, GraphError, methodNotAllowed } from '../../graph-error.js';
import type { Mailbox } from '../../store/mailboxes.js';
import type { Store } from '../../store/store.js';
import type { JsonObject } from '../../writer.js';

/** Beside Graph's root, as the service's upload addresses lie on another host than Graph. */
export const UPLOAD_PATH = '/api/v2.0';

const LIFE_MS = 3_600_000;

export interface UploadPlan {
  readonly mailbox: Mailbox;
  /** Below `/api/v2.0`, without the session's key: `Users('…')/Messages('…')/AttachmentSessions`. */
  readonly collection: string;
  /** Bytes in all; undefined: the first part tells. */
  readonly size: number | undefined;
  /** Bytes one request may carry. */
  readonly maximumPart: number;
  /** What every part but the last must be a multiple of. */
  readonly unit?: number;
  /** What a part is answered with that is not the last: 200 unless given. */
  readonly partStatus?: 202;
  /** Takes the whole content and gives the last answer. `base`: origin and `/api/v2.0`. */
  readonly finish: (content: Buffer, base: string) => GraphAnswer;
}

interface Session extends Omit<UploadPlan, 'size'> {
  size: number | undefined;
  readonly key: string;
  readonly token: string;
  readonly parts: Buffer[];
  received: number;
  readonly expires: number;
}

const books = new WeakMap<Store, Map<string, Session>>();

function bookOf(store: Store): Map<string, Session> {
  let book = books.get(store);
  if (book === undefined) {
    book = new Map();
    books.set(store, book);
  }
  return book;
}

/** Opens a session: the members of a microsoft.graph.uploadSession. */
export function openSession(context: Context, plan: UploadPlan): JsonObject {
  const { store, request } = context;
  const key = `AAMk${randomBytes(24).toString('base64url')}`;
  const token = randomBytes(30).toString('base64url');
  const session: Session = { ...plan, key, token, parts: [], received: 0, expires: store.clock.now() + LIFE_MS };
  bookOf(store).set(key, session);
  const origin = request.root.slice(0, request.root.lastIndexOf('/'));
  return { uploadUrl: `${origin}${UPLOAD_PATH}/${plan.collection}('${key}')?authtoken=${token}`, ...stateOf(session) };
}

const stateOf = (session: Session): JsonObject => ({ expirationDateTime: new Date(session.expires).toISOString(), nextExpectedRanges: [`${String(session.received)}-`] });

const unauthorized = (): GraphError => new GraphError(401, 'InvalidAuthenticationToken', 'The upload address is not valid.');

/** The session an address stands for. Throws 401 for a wrong permission or a bearer token beside it, 404 for a session that is over. */
export function findSession(service: Pick<Service, 'store'>, request: GraphRequest): Session {
  if (request.headers.authorization !== undefined) throw unauthorized();
  const { store } = service;
  const path = decodeURIComponent(request.path);
  const key = /\('([^']*)'\)$/.exec(path)?.[1] ?? '';
  const session = bookOf(store).get(key);
  if (session === undefined || session.expires <= store.clock.now() || path !== `${UPLOAD_PATH}/${decodeURIComponent(session.collection)}('${key}')`) {
    throw new GraphError(404, 'ErrorItemNotFound', 'The upload session was not found. It is complete, cancelled or expired.');
  }
  if (new URLSearchParams(request.query).get('authtoken') !== session.token) throw unauthorized();
  return session;
}

export function serveSession(service: Pick<Service, 'store'>, session: Session, request: GraphRequest): GraphAnswer {
  switch (request.method) {
    case 'GET': return json(stateOf(session));
    case 'DELETE':
      bookOf(service.store).delete(session.key);
      return { status: 204, headers: {}, body: undefined };
    case 'PUT': return takePart(service.store, session, request);
    default: throw methodNotAllowed();
  }
}

const wrongRange = (message: string): GraphError => new GraphError(416, 'InvalidContentRange', message);

function takePart(store: Store, session: Session, request: GraphRequest): GraphAnswer {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers['content-range'] ?? '');
  if (match === null) throw badRequest("The header 'Content-Range' is missing or not of the form 'bytes {first}-{last}/{total}'.");
  const [first, last, total] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const { byteLength } = request.bytes;
  if (byteLength > session.maximumPart) throw new GraphError(413, 'RequestEntityTooLarge', `A part of an upload has at most ${String(session.maximumPart)} bytes.`);
  if (last < first || last - first + 1 !== byteLength) throw badRequest('The range of the part does not fit its length.');
  if (total !== (session.size ?? total) || last >= total) throw wrongRange('The range of the part lies outside the size that was announced.');
  if (first !== session.received) throw wrongRange(`The part does not follow what has arrived; next expected is ${String(session.received)}.`);
  session.size = total;
  if (last + 1 < total) {
    if (byteLength % (session.unit ?? 1) !== 0) throw badRequest(`Every part but the last has a multiple of ${String(session.unit)} bytes.`);
    session.parts.push(Buffer.from(request.bytes));
    session.received = last + 1;
    return { ...json(stateOf(session)), status: session.partStatus ?? 200 };
  }
  const base = request.root.slice(0, request.root.lastIndexOf('/')) + UPLOAD_PATH;
  const answer = store.database.transaction(() => session.finish(Buffer.concat([...session.parts, request.bytes]), base));
  bookOf(store).delete(session.key);
  return answer;
}
