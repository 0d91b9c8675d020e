import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

export interface FakeService {
  readonly origin: string;
  readonly asked: readonly Asked[];
}

/** A service over loopback that answers as the test says; `$batch` is taken apart. */
export async function fakeService(answer: (asked: Asked, origin: string) => Answer | Promise<Answer>): Promise<FakeService> {
  const asked: Asked[] = [];
  let origin = '';
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const one = (method: string, target: string, body: unknown, headers: IncomingMessage['headers']): Asked => {
        const url = new URL(target, origin);
        const record: Asked = { method, path: decodeURIComponent(url.pathname.replace('/v1.0', '')), query: url.searchParams, headers, body };
        asked.push(record);
        return record;
      };
      const outer = one(request.method ?? '', request.url ?? '', text === '' ? undefined : JSON.parse(text), request.headers);
      let result: Answer;
      if (outer.path === '/$batch') {
        const parts = (outer.body as { requests: { id: string; method: string; url: string; headers?: Record<string, string> }[] }).requests;
        const responses = await Promise.all(
          parts.map(async ({ id, method, url, headers }) => {
            const { status = 200, body } = await answer(one(method, `/v1.0${url}`, undefined, headers ?? {}), origin);
            return { id, status, headers: {}, body };
          }),
        );
        result = { body: { responses } };
      } else result = await answer(outer, origin);
      response.writeHead(result.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(result.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin, asked };
}

export const refusal = (status: number, code: string): Answer => ({ status, body: { error: { code, message: 'refused' } } });

export interface FakeRow {
  readonly id: string;
  readonly receivedDateTime: string;
  readonly [name: string]: unknown;
}

/** A listing with `$skip` links over whatever rows there are now, newest first or as sorted; understands ranges of receivedDateTime only. */
export function listing(rows: readonly FakeRow[], { path, query }: Asked, origin: string): Answer {
  let found = [...rows];
  for (const [, op, at] of (query.get('$filter') ?? '').matchAll(/receivedDateTime (ge|lt) (\S+)/g)) found = found.filter(({ receivedDateTime }) => (op === 'ge' ? receivedDateTime >= at! : receivedDateTime < at!));
  const ascending = query.get('$orderby') === 'receivedDateTime';
  found.sort((a, b) => (a.receivedDateTime < b.receivedDateTime ? -1 : a.receivedDateTime > b.receivedDateTime ? 1 : 0) * (ascending ? 1 : -1));
  const top = Number(query.get('$top') ?? 10);
  const skip = Number(query.get('$skip') ?? 0);
  const link = new URLSearchParams(query);
  link.set('$skip', String(skip + top));
  return {
    body: {
      value: found.slice(skip, skip + top),
      ...(query.get('$count') === 'true' ? { '@odata.count': found.length } : {}),
      ...(skip + top < found.length ? { '@odata.nextLink': `${origin}/v1.0${path}?${link.toString()}` } : {}),
    },
  };
}
