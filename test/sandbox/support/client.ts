/** A bare HTTP client for testing the sandbox: nothing of the driver in it. */
import type { Sandbox } from '../../../src/sandbox/index.js';

export type Row = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Row;
  readonly rows: readonly Row[];
  readonly error: { readonly code: string; readonly message: string };
}

export type Get = (path: string, headers?: Record<string, string>) => Promise<Answer>;

export type Send = (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

export interface TestClient {
  readonly get: Get;
  readonly all: (path: string, headers?: Record<string, string>) => Promise<readonly Row[]>;
  readonly post: Send;
  readonly patch: Send;
  readonly put: Send;
  readonly del: Get;
  /** Any request; the body is sent as it is, without a content type unless one is given. */
  readonly raw: (method: string, path: string, body?: string | Uint8Array, headers?: Record<string, string>) => Promise<Answer>;
}

/** Bodies are JSON, unless they are text or bytes. `token`: whose token is sent with every request. */
export function clientOf(sandbox: Sandbox, token?: string): TestClient {
  const own: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const send = async (url: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url.startsWith('http') ? url : sandbox.graphEndpoint + url, init);
    const text = await response.text();
    const body = text.startsWith('{') ? JSON.parse(text) as Row : {};
    return { status: response.status, headers: response.headers, text, body, rows: (body.value ?? []) as readonly Row[], error: (body.error ?? { code: '', message: '' }) as { code: string; message: string } };
  };
  const get: Get = (path, headers = {}) => send(path, { headers: { ...own, ...headers } });
  const write = (method: string): Send => (path, body, headers = {}) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array ? body as string | Uint8Array<ArrayBuffer> : undefined;
    return send(path, {
      method, headers: { ...(body === undefined ? {} : { 'content-type': raw === undefined ? 'application/json' : 'text/plain' }), ...own, ...headers },
      ...(body === undefined ? {} : { body: raw ?? JSON.stringify(body) }),
    });
  };
  return {
    get,
    all: async (path, headers = {}) => {
      const rows: Row[] = [];
      for (let url: string | undefined = path; url !== undefined;) {
        const page: Answer = await get(url, headers);
        if (page.status !== 200) throw new Error(`${String(page.status)} ${page.text}`);
        rows.push(...page.rows);
        url = page.body['@odata.nextLink'] as string | undefined;
      }
      return rows;
    },
    post: write('POST'),
    patch: write('PATCH'),
    put: write('PUT'),
    del: (path, headers = {}) => send(path, { method: 'DELETE', headers: { ...own, ...headers } }),
    raw: (method, path, body, headers = {}) => send(path, { method, headers: { ...own, ...headers }, ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }) }),
  };
}

export async function admin(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<Row> {
  const response = await fetch(sandbox.adminEndpoint + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const answer = await response.json() as Row;
  if (response.status !== 200) throw new Error(String(answer.error));
  return answer;
}
