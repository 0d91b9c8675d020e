/**
 * Owns: every Graph request of the driver; adapts @microsoft/microsoft-graph-client to our transport, governor and retries.
 * Does not own: which requests are sent (scan), or errors' words (errors.ts).
 * Invariants: URLs go out byte for byte; links are followed on the connection's own origin only.
 */
import { Client, ResponseType } from '@microsoft/microsoft-graph-client';
import type { Context, GraphRequest, Middleware } from '@microsoft/microsoft-graph-client';
import { randomUUID } from 'node:crypto';
import type { Credential } from '../auth/credential.js';
import { ExchangeSqlError } from '../errors.js';
import { Channel } from '../http/channel.js';
import type { ChannelRequest, ChannelResponse } from '../http/channel.js';
import type { Governor } from '../http/governor.js';
import { parseTarget } from '../http/origin.js';
import type { RetryPolicy } from '../http/retry.js';
import type { HttpTransport } from '../http/transport.js';
import type { RunStatistics } from '../scan/source.js';
import { graphError } from './errors.js';
import { foreignUpload, isUploadAddress } from './upload-address.js';

export interface GraphClientOptions {
  /** Service root with the version, e.g. `https://graph.microsoft.com/v1.0`; no trailing slash needed. */
  readonly root: string;
  readonly credential: Credential;
  readonly transport: HttpTransport;
  /** Headers of one's own for each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection's user; undefined for the signed-in one. */
  readonly userId?: string;
  /** Milliseconds for each HTTP exchange; absent or 0 for none. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Default: the process's governor. */
  readonly governor?: Governor;
}

export interface GraphCall {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly statistics?: RunStatistics;
  /** Mailbox the URL names; undefined or '' for the connection's own; null for directory objects, which belong to none. */
  readonly mailbox?: string | null | undefined;
  /** Permission to name when access is denied, e.g. `Mail.Read`. */
  readonly permission?: string | undefined;
  /** Attempts in all, where fewer than the policy's are wanted (a caller that reacts to 504 itself). */
  readonly attempts?: number;
}

export interface GraphPost extends GraphCall {
  /** True if repeating it changes nothing. */
  readonly idempotent: boolean;
  /** As in ChannelRequest. */
  readonly mayBeEmpty?: boolean;
  /** Lanes of a `$batch`; default one slot of the call's mailbox. */
  readonly lanes?: ChannelRequest['lanes'];
  /** As in `ChannelRequest`. */
  readonly sending?: () => void;
}

/** What a request carries: a JSON value, bytes of a type, or nothing. */
export type GraphBody = { readonly json: unknown } | { readonly bytes: Uint8Array; readonly contentType: string } | undefined;

export interface GraphResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined for an answer without a body. */
  readonly body: unknown;
  /** Bytes of the body on the wire. */
  readonly bytes: number;
}

export type GraphObject = Readonly<Record<string, unknown>>;

export interface GraphPage {
  readonly value: readonly GraphObject[];
  /** Exactly as given; pass it to `getPage` with the same call. */
  readonly nextLink: string | undefined;
  readonly deltaLink: string | undefined;
  readonly count: number | undefined;
  readonly bytes: number;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

interface Shape {
  readonly expect: 'json' | 'bytes';
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
}

function contentOf(body: GraphBody): Pick<Shape, 'body' | 'contentType'> {
  if (body === undefined) return {};
  return 'bytes' in body ? { body: body.bytes, contentType: body.contentType } : { body: JSON.stringify(body.json), contentType: 'application/json' };
}

/** Travels through the SDK's middleware: the request as it shall be sent, and what came of it. */
class Exchange {
  readonly request: ChannelRequest;
  response: ChannelResponse | undefined;
  failure: unknown;

  constructor(request: ChannelRequest) {
    this.request = request;
  }
}

/**
 * The SDK's whole chain in one link. Its own handlers drop the token for http and for hosts with a port, and its request
 * class reorders query options; so the URL travels beside it, and authorization, governor and retries are the channel's.
 */
class ChannelHandler implements Middleware {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async execute(context: Context): Promise<void> {
    const exchange = context.middlewareControl?.getMiddlewareOptions(Exchange);
    if (!(exchange instanceof Exchange)) throw new ExchangeSqlError('INTERNAL', 'A Graph request was made outside the client.');
    try {
      exchange.response = await this.#channel.send(exchange.request);
    } catch (error) {
      // Kept, not thrown: the SDK would wrap it into an error of its own.
      exchange.failure = error;
    }
    context.response = NO_RESPONSE;
  }
}

// ResponseType.RAW hands the response through unread; the answer itself is in the Exchange.
const NO_RESPONSE = new Response(null, { status: 204 });

/**
 * Microsoft Graph over one connection.
 *
 * @example
 * const client = new GraphClient({ root: 'http://127.0.0.1:8080/v1.0', credential, transport });
 * const { body } = await client.get('/me/messages?$top=10', { signal, statistics });
 */
export class GraphClient {
  /** Service root without a trailing slash. */
  readonly root: string;
  readonly origin: string;
  /** The connection's user; undefined for the signed-in one. */
  readonly userId: string | undefined;
  /** Milliseconds for each request, 0 for no limit. */
  readonly timeoutMs: number;
  readonly #sdk: Client;
  readonly #channel: Channel;
  readonly #credential: Credential;
  readonly #retry: Partial<RetryPolicy>;

  constructor(options: GraphClientOptions) {
    this.root = options.root.replace(/\/+$/, '');
    this.origin = parseTarget(this.root).origin;
    this.#credential = options.credential;
    this.userId = options.userId;
    this.timeoutMs = options.timeoutMs ?? 0;
    this.#retry = options.retry ?? {};
    this.#channel = new Channel({
      origin: this.origin,
      transport: options.transport,
      authorizer: options.credential,
      ...(options.headers === undefined ? {} : { headers: options.headers }),
      ...(options.governor === undefined ? {} : { governor: options.governor }),
      ...(options.retry === undefined ? {} : { retry: options.retry }),
    });
    this.#sdk = Client.initWithMiddleware({ baseUrl: this.origin, middleware: new ChannelHandler(this.#channel) });
    const [own, ...names] = options.credential.ownMailbox;
    if (own !== undefined) for (const name of names) this.sameMailbox(own, name);
  }

  /**
   * GET a path below the root (`/me/messages?…`) or an absolute link as the service gave it.
   *
   * @throws ExchangeSqlError for every status but 2xx (errors.ts), and for what http/channel.ts throws.
   */
  async get(pathOrUrl: string, call: GraphCall = {}): Promise<GraphResponse> {
    const answer = await this.#send('GET', pathOrUrl, call, { expect: 'json' });
    return { status: answer.status, headers: answer.headers, body: answer.json, bytes: answer.bytes };
  }

  /** GET whose answer is not JSON (`$value`, `$count`): the bytes as they are. */
  async getBytes(pathOrUrl: string, call: GraphCall = {}): Promise<{ readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> }> {
    const answer = await this.#send('GET', pathOrUrl, call, { expect: 'bytes' });
    return { bytes: answer.raw, headers: answer.headers };
  }

  /** One page of a collection. */
  async getPage(pathOrUrl: string, call: GraphCall = {}): Promise<GraphPage> {
    const answer = await this.#send('GET', pathOrUrl, call, { expect: 'json' });
    return this.#page(answer);
  }

  /** All pages of a collection; stops requesting when the iterator is returned. Ends only where there is no nextLink. */
  async *pages(pathOrUrl: string, call: GraphCall = {}): AsyncGenerator<GraphPage, void, undefined> {
    for (let link: string | undefined = pathOrUrl; link !== undefined; ) {
      const page: GraphPage = await this.getPage(link, call);
      yield page;
      if (page.nextLink !== undefined && page.nextLink === link) {
        throw new ExchangeSqlError('BAD_RESPONSE', 'A page of the service names itself as the next one.', { hint: 'Run the statement again.', retryable: true });
      }
      link = page.nextLink;
    }
  }

  /** POST of a JSON body: `$batch`, `translateExchangeIds` and the like. */
  async post(path: string, body: unknown, call: GraphPost): Promise<GraphResponse> {
    const answer = await this.#send('POST', path, call, { expect: 'json', body: JSON.stringify(body) });
    return { status: answer.status, headers: answer.headers, body: answer.json, bytes: answer.bytes };
  }

  /**
   * Any other request: a write, an action, an upload of bytes. JSON in, JSON (or nothing) out. Nothing is repeated unless the
   * service says that it was not executed, or `call.idempotent` allows it.
   */
  async request(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body: GraphBody, call: GraphPost): Promise<GraphResponse> {
    const answer = await this.#send(method, path, call, { expect: 'json', ...contentOf(body) });
    return { status: answer.status, headers: answer.headers, body: answer.json, bytes: answer.bytes };
  }

  /** As `request`, but every status is an answer, and GET is allowed. For a caller that decides itself what is sent again. */
  async exchange(method: Method, path: string, body: GraphBody, call: GraphPost): Promise<GraphResponse> {
    const answer = await this.#exchange(method, path, call, { expect: 'json', ...contentOf(body) });
    return { status: answer.status, headers: answer.headers, body: answer.json, bytes: answer.bytes };
  }

  /**
   * One piece of an upload session, without a token. JSON, or nothing, comes back.
   *
   * @throws ExchangeSqlError as `request` does; BAD_RESPONSE if the address is none that this connection trusts.
   */
  async upload(url: string, bytes: Uint8Array, range: { readonly start: number; readonly end: number; readonly size: number }, call: GraphCall): Promise<GraphResponse> {
    const headers = { 'content-type': 'application/octet-stream', 'content-range': `bytes ${range.start}-${range.end - 1}/${range.size}` };
    return this.#uploadExchange('PUT', url, { ...call, headers }, bytes);
  }

  /** What an upload session expects next. @throws as `upload`. */
  uploadState(url: string, call: GraphCall): Promise<GraphResponse> {
    return this.#uploadExchange('GET', url, call);
  }

  async #uploadExchange(method: 'PUT' | 'GET', url: string, call: GraphCall, body?: Uint8Array): Promise<GraphResponse> {
    if (!isUploadAddress(url, this.origin)) throw foreignUpload(url, this.origin);
    const channel = new Channel({
      origin: parseTarget(url).origin,
      transport: this.#channel.transport,
      authorizer: { applicationKey: this.#channel.applicationKey, refreshable: false, authorization: () => Promise.resolve('') },
      governor: this.#channel.governor,
      retry: this.#retry,
    });
    const answer = await channel.send({
      method,
      url,
      headers: { accept: 'application/json', ...call.headers },
      lanes: [{ mailbox: this.#mailbox(call.mailbox), slots: 1 }],
      expect: 'json',
      // The answer to the last piece is its Location (facts 7).
      mayBeEmpty: true,
      ...(body === undefined ? {} : { body }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      ...(call.statistics === undefined ? {} : { statistics: call.statistics }),
      ...(this.timeoutMs > 0 ? { timeoutMs: this.timeoutMs } : {}),
    });
    if (answer.status < 200 || answer.status >= 300) throw graphError(answer, { mailbox: call.mailbox, permission: call.permission });
    return { status: answer.status, headers: answer.headers, body: answer.json, bytes: answer.bytes };
  }

  /** Tells the governor that two names are one mailbox (address and id), so that they share its limit. */
  sameMailbox(name: string, other: string): void {
    this.#channel.governor.alias(this.lane(name), other);
  }

  /** The governor's key of a mailbox of this connection. */
  lane(mailbox: string | null | undefined): { readonly origin: string; readonly application: string; readonly mailbox: string | null } {
    return { origin: this.origin, application: this.#channel.applicationKey, mailbox: this.#mailbox(mailbox) };
  }

  /** Nothing more is sent to this mailbox for `ms` milliseconds (a Retry-After inside a `$batch`). */
  pause(mailbox: string | null | undefined, ms: number): void {
    this.#channel.governor.pause(this.lane(mailbox), ms);
  }

  async #send(method: Method, pathOrUrl: string, call: GraphCall & Partial<GraphPost>, shape: Shape): Promise<ChannelResponse> {
    const response = await this.#exchange(method, pathOrUrl, call, shape);
    if (response.status < 200 || response.status >= 300) {
      throw graphError(response, { mailbox: call.mailbox === undefined ? this.userId : call.mailbox, permission: call.permission });
    }
    return response;
  }

  async #exchange(method: Method, pathOrUrl: string, call: GraphCall & Partial<GraphPost>, shape: Shape): Promise<ChannelResponse> {
    const exchange = new Exchange({
      method,
      url: this.#url(pathOrUrl),
      headers: {
        accept: shape.expect === 'json' ? 'application/json' : '*/*',
        // Lets the service's support find the request; the service echoes it.
        'client-request-id': randomUUID(),
        ...(shape.body === undefined ? {} : { 'content-type': shape.contentType ?? 'application/json' }),
        ...call.headers,
      },
      lanes: call.lanes?.map((lane) => ({ ...lane, mailbox: this.#mailbox(lane.mailbox) })) ?? [{ mailbox: this.#mailbox(call.mailbox), slots: 1 }],
      expect: shape.expect,
      ...(shape.body === undefined ? {} : { body: shape.body }),
      ...(call.idempotent === undefined ? {} : { idempotent: call.idempotent }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      ...(call.statistics === undefined ? {} : { statistics: call.statistics }),
      ...(call.attempts === undefined ? {} : { attempts: call.attempts }),
      ...(call.mayBeEmpty === undefined ? {} : { mayBeEmpty: call.mayBeEmpty }),
      ...(call.sending === undefined ? {} : { sending: call.sending }),
      ...(this.timeoutMs > 0 ? { timeoutMs: this.timeoutMs } : {}),
    });
    const request: GraphRequest = this.#sdk.api('').responseType(ResponseType.RAW).middlewareOptions([exchange]);
    // The method that goes out is the exchange's; the SDK only has to pass it on.
    await (method === 'GET' ? request.get() : request.post(''));
    const { response, failure } = exchange;
    if (response === undefined) throw failure;
    return response;
  }

  #url(pathOrUrl: string): string {
    // A path never starts with a scheme; whatever does is a link, and the channel checks its origin.
    if (/^[a-z][a-z0-9+.-]*:/i.test(pathOrUrl) || pathOrUrl.startsWith('//')) return pathOrUrl;
    return `${this.root}${pathOrUrl.startsWith('/') ? '' : '/'}${pathOrUrl}`;
  }

  /** The connection's own mailbox gets the name under which a statement could also address it. */
  #mailbox(mailbox: string | null | undefined): string | null {
    if (mailbox === null) return null;
    if (mailbox !== undefined && mailbox !== '') return mailbox;
    return this.userId ?? this.#credential.ownMailbox[0] ?? '';
  }

  #page(answer: ChannelResponse): GraphPage {
    const body = answer.json as Readonly<Record<string, unknown>> | null | undefined;
    const value = body?.['value'];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'object' && item !== null)) {
      throw new ExchangeSqlError('BAD_RESPONSE', `The answer of ${this.origin} is not a page of a collection.`, {
        hint: 'Check that GraphEndpoint is a Microsoft Graph root such as https://graph.microsoft.com/v1.0.',
      });
    }
    const text = (name: string): string | undefined => {
      const link = body?.[name];
      return typeof link === 'string' && link !== '' ? link : undefined;
    };
    const count = body?.['@odata.count'];
    return {
      value: value as GraphObject[],
      nextLink: text('@odata.nextLink'),
      deltaLink: text('@odata.deltaLink'),
      count: typeof count === 'number' ? count : undefined,
      bytes: answer.bytes,
    };
  }
}
