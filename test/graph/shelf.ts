/**
 * A service over loopback that stores things and can fail in every way after it has done what it was asked: what the sender of
 * writes has to survive. `$batch` is taken apart; items have ids, marks and versions.
 */
import { json, serve } from '../http/server.js';
import type { TestServer } from '../http/server.js';

export interface Thing {
  readonly id: string;
  readonly mark: string | undefined;
  readonly name: string;
  version: number;
  readonly createdDateTime: string;
}

/** What befalls one part after (or, for `refuse`, before) it was executed. */
export type Fate = { readonly refuse: number; readonly retryAfter?: string; readonly code?: string } | { readonly answerAfter: number; readonly code?: string } | undefined;
/** What befalls a whole HTTP call: `before` nothing was executed, `after` all of it. */
export type CallFate = 'cut-before' | 'cut-after' | 'truncated' | 'garbled' | 'mute' | undefined;

export interface Shelf {
  readonly server: TestServer;
  readonly things: Map<string, Thing>;
  /** Method and path of every part in the order executed. */
  readonly parts: string[];
  /** Parts a call, in order. */
  readonly sizes: number[];
  fate: (part: { method: string; url: string; body: Record<string, unknown> | undefined }) => Fate;
  callFate: (number: number) => CallFate;
}

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: Record<string, unknown>;
}

interface PartAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const error = (status: number, code: string, headers: Record<string, string> = {}): PartAnswer => ({ status, headers, body: { error: { code, message: 'refused' } } });

export async function shelf(): Promise<Shelf> {
  let calls = 0;
  let ids = 0;
  const things = new Map<string, Thing>();
  const shown = (thing: Thing): object => ({ ...thing, '@odata.etag': `W/"${thing.version}"`, changeKey: String(thing.version) });

  const execute = ({ method, url, headers = {}, body }: Part): PartAnswer => {
    const [path = '', query = ''] = url.split('?');
    const id = /^\/me\/things\/(.+)$/.exec(path)?.[1];
    if (method === 'POST' && path === '/me/send') return { status: 202 };
    if (method === 'POST' && id === undefined) {
      const name = String(body?.['name']);
      if (body?.['unique'] === true && [...things.values()].some((thing) => thing.name === name)) return error(409, 'ErrorFolderExists');
      ids += 1;
      const thing: Thing = { id: `t${ids}`, mark: body?.['mark'] as string | undefined, name, version: 1, createdDateTime: new Date().toISOString().slice(0, 19) + 'Z' };
      things.set(thing.id, thing);
      return { status: 201, body: shown(thing) };
    }
    if (method === 'GET' && id === undefined) {
      const mark = new URLSearchParams(query).get('mark');
      return { status: 200, body: { value: [...things.values()].filter((thing) => mark === null || thing.mark === mark).map(shown) } };
    }
    const thing = things.get(id ?? '');
    if (thing === undefined) return error(404, 'ErrorItemNotFound');
    const match = Object.entries(headers).find(([name]) => name.toLowerCase() === 'if-match')?.[1];
    if (match !== undefined && match !== `W/"${thing.version}"`) return error(412, 'ErrorIrresolvableConflict');
    if (method === 'GET') return { status: 200, body: shown(thing) };
    if (method === 'DELETE') {
      things.delete(thing.id);
      return { status: 204 };
    }
    const changed = { ...thing, ...(body as Partial<Thing>), version: thing.version + 1 };
    things.set(thing.id, changed);
    return { status: 200, body: shown(changed) };
  };

  const part = (asked: Part): PartAnswer => {
    self.parts.push(`${asked.method} ${asked.url}`);
    const fate = self.fate({ method: asked.method, url: asked.url, body: asked.body });
    if (fate !== undefined && 'refuse' in fate) return error(fate.refuse, fate.code ?? 'TooManyRequests', fate.retryAfter === undefined ? {} : { 'Retry-After': fate.retryAfter });
    const answer = execute(asked);
    return fate === undefined ? answer : error(fate.answerAfter, fate.code ?? 'UnknownError');
  };

  const server = await serve((request, response, raw) => {
    const number = ++calls;
    const fate = self.callFate(number);
    if (fate === 'cut-before') return raw.socket.resetAndDestroy();
    const path = request.url.replace('/v1.0', '');
    let answer: PartAnswer;
    if (path === '/$batch') {
      const { requests } = JSON.parse(request.body) as { requests: Part[] };
      self.sizes.push(requests.length);
      answer = { status: 200, body: { responses: requests.map((one) => ({ id: one.id, ...part(one) })).reverse() } };
    } else {
      self.sizes.push(1);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      answer = part({ id: '', method: request.method, url: path, headers, ...(request.body === '' ? {} : { body: JSON.parse(request.body) as Record<string, unknown> }) });
    }
    if (fate === 'cut-after') return raw.socket.resetAndDestroy();
    if (fate === 'mute') return undefined;
    if (answer.body === undefined) return response.writeHead(answer.status, answer.headers).end();
    const payload = JSON.stringify(answer.body);
    if (fate === 'truncated') {
      response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': payload.length });
      return response.write(payload.slice(0, payload.length / 2), () => response.destroy());
    }
    if (fate === 'garbled') return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(payload.slice(0, payload.length - 3));
    return json(response, answer.body, answer.status, answer.headers);
  });
  const self: Shelf = { server, things, parts: [], sizes: [], fate: () => undefined, callFate: () => undefined };
  return self;
}
