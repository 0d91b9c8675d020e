/**
 * Owns: requests to a server whose authentication may belong to the connection (NTLM, Negotiate): one handshake for each socket.
 * Does not own: the schemes (auth/handshake), retries, the governor.
 * Invariants: a socket carries one request at a time and one identity; a request's body goes out only with the last leg; a 401 on a
 * socket that was signed in starts one new handshake, a second one is final.
 */
import { Client } from 'undici';
import type { buildConnector, Dispatcher } from 'undici';
import type { TLSSocket } from 'node:tls';
import { ExchangeSqlError } from '../errors.js';
import type { Handshake, HandshakeFactory } from './handshake.js';

/** Legs of the longest handshake: Digest with a stale nonce, Negotiate with an answer of the server. */
const MOST_LEGS = 5;
/** Idle sockets kept; each is a session on the server. */
const MOST_IDLE = 8;

export interface BoundRequest {
  readonly path: string;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal;
}

interface Lane {
  readonly client: Client;
  /** DER of the server's certificate on this socket. */
  certificate: Buffer | undefined;
  signedIn: boolean;
}

export class BoundClient {
  readonly #origin: string;
  readonly #host: string;
  readonly #factory: HandshakeFactory;
  readonly #connect: buildConnector.connector;
  readonly #maxResponseSize: number;
  readonly #idle: Lane[] = [];
  readonly #all = new Set<Lane>();
  #closed = false;

  constructor(origin: string, factory: HandshakeFactory, connect: buildConnector.connector, maxResponseSize: number) {
    this.#origin = origin;
    this.#host = new URL(origin).hostname.replace(/^\[|\]$/g, '');
    this.#factory = factory;
    this.#connect = connect;
    this.#maxResponseSize = maxResponseSize;
  }

  /** The answer with its body in one piece; a 401 only if the user was refused. */
  async request(request: BoundRequest): Promise<{ readonly statusCode: number; readonly headers: Dispatcher.ResponseData['headers']; readonly body: Buffer }> {
    const lane = this.#idle.pop() ?? this.#open();
    let whole = false;
    try {
      const answer = await this.#signedIn(lane, request);
      whole = true;
      return answer;
    } finally {
      if (whole && !this.#closed && this.#idle.length < MOST_IDLE) this.#idle.push(lane);
      else this.#drop(lane);
    }
  }

  async close(reason: Error): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map(({ client }) => client.destroy(reason)));
  }

  async #signedIn(lane: Lane, request: BoundRequest): Promise<Awaited<ReturnType<BoundClient['request']>>> {
    if (lane.signedIn) {
      const answer = await send(lane.client, request, undefined, true);
      if (answer.statusCode !== 401) return answer;
      lane.signedIn = false;
    }
    const handshake: Handshake = this.#factory();
    if (handshake.bound && lane.certificate === undefined && this.#origin.startsWith('https:')) {
      // The first token may be bound to the server's certificate, which is known only when the socket is there.
      const probe = await send(lane.client, request, undefined, false);
      if (probe.statusCode !== 401) return send(lane.client, request, undefined, true);
    }
    let challenge: string | undefined;
    for (let leg = 0; leg < MOST_LEGS; leg += 1) {
      // The certificate is known once the socket is there; bound schemes use it from the second leg on.
      const authorization = await handshake.next(challenge, { method: request.method, target: request.path, host: this.#host, certificate: lane.certificate, signal: request.signal });
      if (challenge !== undefined && authorization === undefined) break;
      // The first leg of a bound scheme is only there to be challenged: the body would be sent in vain.
      const answer = await send(lane.client, request, authorization, !(handshake.bound && challenge === undefined && leg === 0 && isOpening(authorization)));
      if (answer.statusCode !== 401) {
        lane.signedIn = handshake.bound;
        return answer;
      }
      const offered = answer.headers['www-authenticate'];
      challenge = Array.isArray(offered) ? offered.join(', ') : (offered ?? '');
    }
    return { statusCode: 401, headers: { 'www-authenticate': challenge ?? '' }, body: Buffer.alloc(0) };
  }

  #open(): Lane {
    if (this.#closed) throw new ExchangeSqlError('CLOSED', 'The connection is closed.');
    const lane: Lane = {
      certificate: undefined,
      signedIn: false,
      client: new Client(this.#origin, {
        pipelining: 1,
        keepAliveTimeout: 60_000,
        maxResponseSize: this.#maxResponseSize,
        connect: (options, callback) => {
          this.#connect(options, (...[error, socket]) => {
            if (socket !== null && 'getPeerX509Certificate' in socket) lane.certificate = (socket as TLSSocket).getPeerX509Certificate()?.raw;
            if (error === null) callback(null, socket);
            else callback(error, null);
          });
        },
      }),
    };
    // A new socket behind the same client is nobody yet.
    lane.client.on('disconnect', () => {
      lane.signedIn = false;
    });
    this.#all.add(lane);
    return lane;
  }

  #drop(lane: Lane): void {
    this.#all.delete(lane);
    void lane.client.destroy().catch(() => undefined);
  }
}

/** NTLM's first message asks for a challenge; a Kerberos token signs in at once and takes the body along. */
const isOpening = (authorization: string | undefined): boolean => authorization !== undefined && /^\w+ TlRMTVNTUAAB/.test(authorization);

async function send(client: Client, request: BoundRequest, authorization: string | undefined, withBody: boolean): Promise<{ readonly statusCode: number; readonly headers: Dispatcher.ResponseData['headers']; readonly body: Buffer }> {
  const answer = await client.request({
    path: request.path,
    method: request.method,
    headers: { ...request.headers, ...(authorization === undefined ? {} : { authorization }) },
    body: withBody ? request.body : request.method === 'GET' || request.method === 'HEAD' ? null : '',
    signal: request.signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { statusCode: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) };
}
