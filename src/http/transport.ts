/**
 * Owns: one HTTP exchange over undici: keep-alive sockets, TLS, inflating, ceilings, aborting, trace lines.
 * Does not own: retries, the governor, authorization (channel.ts), or what a status means (the protocols).
 * Invariants: redirects are never followed; the URL goes out byte for byte; every failure is an ExchangeSqlError.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Agent } from 'undici';
import type { buildConnector, Dispatcher } from 'undici';
import { ExchangeSqlError } from '../errors.js';
import { abortError } from './abort.js';
import { BoundClient } from './bound-client.js';
import { createConnector, type ConnectSettings } from './connector.js';
import { forwardThrough } from './forward.js';
import type { HandshakeFactory } from './handshake.js';
import { isLoopback, parseTarget } from './origin.js';
import { wayTo } from './proxy.js';
import { Trace, type TraceModule } from './trace.js';
import { garbled, transportError } from './transport-error.js';

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Absolute URL, sent as it is. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole exchange, body included; absent or 0 for none. */
  readonly timeoutMs?: number;
  /** Signs in at the server, on sockets of its own: they belong to who made it. */
  readonly handshake?: HandshakeFactory;
  /** A request of signing in, for the trace. */
  readonly signIn?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Inflated body. */
  readonly body: Buffer;
  /** Length of the body as it came over the wire. */
  readonly bytes: number;
}

export interface TransportOptions extends Partial<Omit<ConnectSettings, 'timeoutMs'>> {
  /** Largest body accepted, in bytes, before and after inflating. Default 256 MiB. */
  readonly maxBodyBytes?: number;
  /** Milliseconds to wait for a connection. Default 10,000. */
  readonly connectTimeoutMs?: number;
  readonly trace?: Trace;
}

const DEFAULT_CEILING = 256 * 1024 * 1024;
const INFLATERS: Readonly<Record<string, (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * A set of keep-alive connections with one TLS setting.
 *
 * @example
 * const transport = new HttpTransport();
 * const { status, body } = await transport.request({ method: 'GET', url: 'http://localhost:8080/v1.0/me' });
 */
export class HttpTransport {
  readonly trace: Trace;
  readonly #agent: Agent;
  readonly #ceiling: number;
  readonly #proxy: ConnectSettings['proxy'];
  /** To a proxy that takes plain http requests itself; made when there is one. */
  #forwarding: Agent | undefined;
  readonly #forwardAgent: () => Agent;
  readonly #bound = new Map<HandshakeFactory, Map<string, BoundClient>>();
  readonly #boundConnector: () => buildConnector.connector;
  #closed = false;

  constructor(options: TransportOptions = {}) {
    this.trace = options.trace ?? Trace.off();
    this.#ceiling = options.maxBodyBytes ?? DEFAULT_CEILING;
    this.#proxy = options.proxy;
    const agent = (settings: TransportOptions, pipelining: number): Agent => new Agent({
      // The governor decides how many requests run; the pool only must not be the narrower place.
      connections: 256,
      pipelining,
      keepAliveTimeout: 30_000,
      maxResponseSize: this.#ceiling,
      connect: connector(settings),
    });
    this.#agent = agent(options, 1);
    let bound: buildConnector.connector | undefined;
    this.#boundConnector = () => (bound ??= createConnector({ ...settingsOf(options), tunnelAlways: true }));
    const { ca, minVersion, connectTimeoutMs } = options;
    // A connection for each request: some proxies end theirs without a word.
    this.#forwardAgent = () => (this.#forwarding ??= agent({ ca, minVersion, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) }, 0));
  }

  /** One client for each identity and origin. */
  #boundClient(handshake: HandshakeFactory, origin: string): BoundClient {
    const origins = this.#bound.get(handshake) ?? new Map<string, BoundClient>();
    const client = origins.get(origin) ?? new BoundClient(origin, handshake, this.#boundConnector(), this.#ceiling);
    this.#bound.set(handshake, origins.set(origin, client));
    return client;
  }

  /** @throws ExchangeSqlError UNREACHABLE, BAD_RESPONSE, TIMEOUT, CANCELLED or CLOSED. Any HTTP status is an answer, not an error. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    if (this.#closed) throw new ExchangeSqlError('CLOSED', 'The connection is closed.');
    const { origin, path } = parseTarget(request.url);
    const headers: Record<string, string> = {
      // Compressing over loopback costs both ends time and saves nothing.
      'accept-encoding': isLoopback(new URL(origin).hostname) ? 'identity' : 'gzip',
      ...request.headers,
    };
    const scope = new Scope(request.signal, request.timeoutMs);
    const started = performance.now();
    const module = moduleOf(request);
    if (this.trace.on(3, module)) {
      this.trace.write(3, `> ${request.method} ${request.url}`, module);
      this.trace.headers('>', headers, module);
      if (request.body !== undefined) this.trace.body('>', typeof request.body === 'string' ? request.body : Buffer.from(request.body).toString('utf8'), module);
    }
    let phase: 'connect' | 'body' = 'connect';
    try {
      scope.check();
      const answer = await scope.until(this.#send(request, origin, path, headers, scope.signal));
      phase = 'body';
      const wire = Buffer.isBuffer(answer.body) ? answer.body : await readBody(answer.body);
      const flat = joinHeaders(answer.headers);
      const body = await this.#inflate(wire, flat['content-encoding'], origin);
      scope.check();
      this.#traceAnswer(request, answer.statusCode, flat, wire.length, body, started);
      return { status: answer.statusCode, headers: flat, body, bytes: wire.length };
    } catch (error) {
      const failure = scope.failure() ?? (error instanceof ExchangeSqlError ? error : transportError(error, origin, phase));
      this.trace.write(1, `${request.method} ${request.url} failed: ${failure.code} ${failure.message}`, module);
      throw failure;
    } finally {
      scope.end();
    }
  }

  #send(request: HttpRequest, origin: string, path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    if (request.handshake !== undefined) {
      return this.#boundClient(request.handshake, origin).request({ path, method: request.method, headers, body: request.body ?? null, signal });
    }
    // The scope's own timer is exact; undici's tick coarsely and would only be a second, worse clock.
    const options = { origin, path, method: request.method, headers, body: request.body ?? null, signal, headersTimeout: 0, bodyTimeout: 0 };
    const target = new URL(origin);
    const proxy = this.#proxy?.(target);
    return proxy !== undefined && wayTo(proxy, target) === 'forward' ? forwardThrough(this.#forwardAgent(), proxy, options) : this.#agent.request(options);
  }

  /** Ends all connections at once; running requests fail. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const ended = new ExchangeSqlError('CLOSED', 'The connection is closed.');
    const bound = [...this.#bound.values()].flatMap((origins) => [...origins.values()]);
    await Promise.all([this.#agent.destroy(ended), this.#forwarding?.destroy(ended), ...bound.map((client) => client.close(ended))]);
  }

  async #inflate(wire: Buffer, encoding: string | undefined, origin: string): Promise<Buffer> {
    const name = encoding?.trim().toLowerCase();
    if (name === undefined || name === '' || name === 'identity' || wire.length === 0) return wire;
    const inflater = INFLATERS[name];
    if (inflater === undefined) throw garbled(`The answer of ${origin} uses an encoding nobody asked for (${name.slice(0, 30)}).`);
    try {
      return await inflater(wire, { maxOutputLength: this.#ceiling });
    } catch (error) {
      if (error instanceof RangeError || (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')) {
        throw transportError(Object.assign(new Error('too large'), { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' }), origin, 'body');
      }
      throw garbled(`The compressed answer of ${origin} cannot be unpacked.`, undefined, error);
    }
  }

  #traceAnswer(request: HttpRequest, status: number, headers: Readonly<Record<string, string>>, bytes: number, body: Buffer, started: number): void {
    const module = moduleOf(request);
    if (!this.trace.on(2, module)) return;
    this.trace.write(2, `${request.method} ${request.url} ${status} ${bytes} bytes ${(performance.now() - started).toFixed(1)} ms`, module);
    this.trace.headers('<', headers, module);
    if (this.trace.on(5, module)) this.trace.body('<', body.toString('utf8'), module);
  }
}

const moduleOf = ({ signIn }: HttpRequest): TraceModule => (signIn === true ? 'AUTH' : 'HTTP');

const settingsOf = ({ connectTimeoutMs: timeoutMs = 10_000, trust = { kind: 'authorities' }, pinnedOrigin, ca, minVersion, identity, proxy }: TransportOptions): ConnectSettings => ({
  trust, pinnedOrigin, ca, minVersion, identity, proxy, timeoutMs,
});

/** Where nothing special is asked for, undici's own connector, which resumes TLS sessions. */
function connector(options: TransportOptions): buildConnector.connector | buildConnector.BuildOptions {
  const settings = settingsOf(options);
  const { trust, ca, minVersion, identity, proxy } = settings;
  const plain = trust.kind === 'authorities' && ca === undefined && minVersion === undefined && identity === undefined && proxy === undefined;
  return plain ? { timeout: settings.timeoutMs } : createConnector(settings);
}

/** One exchange's cancellation: the caller's signal and the time limit in one signal, without `AbortSignal.any` (which leaks on Node 20). */
class Scope {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #timeoutMs: number;
  #timedOut = false;
  readonly #onAbort = (): void => {
    this.#controller.abort(this.#outer?.reason);
  };

  constructor(outer: AbortSignal | undefined, timeoutMs: number | undefined) {
    this.#outer = outer;
    this.#timeoutMs = timeoutMs ?? 0;
    outer?.addEventListener('abort', this.#onAbort, { once: true });
    if (this.#timeoutMs > 0) {
      this.#timer = setTimeout(() => {
        this.#timedOut = true;
        this.#controller.abort();
      }, this.#timeoutMs);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  check(): void {
    const failure = this.failure();
    if (failure !== undefined) throw failure;
  }

  /** A promise's outcome, or a rejection as soon as the exchange is over: undici answers an abort only when there is a connection. */
  async until<T>(outcome: Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    let onAbort: (() => void) | undefined;
    const over = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(new Error('aborted'));
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([outcome, over]);
    } finally {
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    }
  }

  failure(): ExchangeSqlError | undefined {
    if (this.#outer?.aborted) return abortError(this.#outer);
    if (!this.#timedOut) return undefined;
    return new ExchangeSqlError('TIMEOUT', `The service did not answer within ${this.#timeoutMs / 1000} seconds.`, {
      hint: 'Raise Timeout (seconds, 0 for none) or lower Pagesize.',
      retryable: true,
    });
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Buffer | Dispatcher.ResponseData['body'];
}

async function readBody(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  return Buffer.from(await body.arrayBuffer());
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
