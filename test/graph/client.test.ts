import { createServer as createTlsServer } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GraphClient } from '../../src/graph/client.js';
import { createSelfSignedCertificate } from '../../src/http/certificate.js';
import { Trace } from '../../src/http/trace.js';
import { HttpTransport } from '../../src/http/transport.js';
import { fail, failureOf, json, pause, serve } from '../http/server.js';
import { client, renewable, statistics, TOKEN } from './client-fixture.js';

describe('GraphClient', () => {
  it('sends the URL byte for byte, with the token, over plain http', async () => {
    const server = await serve((_, response) => json(response, { value: [] }));
    // The SDK on its own would reorder options, join repeated ones and drop the token.
    const path = "/me/messages?$top=5&$skiptoken=A%2fb+c&$filter=subject%20eq%20'a''b'&$select=id&x=1&x=2&$expand=a($select=b;$top=1)";
    const graph = client(server.origin);
    const counters = statistics();
    const { body, status } = await graph.get(path, { headers: { Prefer: 'IdType="ImmutableId"' }, statistics: counters });
    expect({ body, status }).toEqual({ body: { value: [] }, status: 200 });
    await graph.get(`${server.origin}/v1.0${path}`);
    for (const seen of server.seen) expect(seen.url).toBe(`/v1.0${path}`);
    expect(server.seen[0]!.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, prefer: 'IdType="ImmutableId"', accept: 'application/json' });
    expect(counters).toMatchObject({ requests: 1, bytes: 12, retries: 0 });
  });

  it('works over https with a certificate it was given', async () => {
    const { cert, key } = await createSelfSignedCertificate(['127.0.0.1']);
    const server = await serve((request, response) => json(response, { auth: request.headers.authorization }), createTlsServer({ cert, key }));
    const graph = client(server.origin.replace('http:', 'https:'), { transport: new HttpTransport({ ca: cert }) });
    expect((await graph.get('/me')).body).toEqual({ auth: `Bearer ${TOKEN}` });
  });

  it('posts JSON', async () => {
    const server = await serve((request, response) => json(response, { got: JSON.parse(request.body) as unknown, type: request.headers['content-type'] }));
    const { body } = await client(server.origin).post('/me/translateExchangeIds', { inputIds: ['ä'] }, { idempotent: true });
    expect(body).toEqual({ got: { inputIds: ['ä'] }, type: 'application/json' });
  });

  it('hands out bytes as they are', async () => {
    const server = await serve((_, response) => response.end('42'));
    expect((await client(server.origin).getBytes('/me/messages/$count')).bytes.toString()).toBe('42');
  });

  describe('pages', () => {
    it('follows nextLinks exactly, through empty pages, and re-sends the headers', async () => {
      const links: string[] = [];
      const server = await serve((request, response) => {
        const page = server.seen.length;
        const link = `${server.origin}/v1.0/me/messages?$skiptoken=${page}%2fX&$select=id&b=2&a=1`;
        if (page < 4) links.push(link);
        json(response, { '@odata.count': 7, value: page === 2 ? [] : [{ id: String(page) }], ...(page < 4 ? { '@odata.nextLink': link } : {}) });
      });
      const ids: unknown[] = [];
      for await (const page of client(server.origin).pages('/me/messages', { headers: { prefer: 'x=1' } })) {
        ids.push(...page.value.map(({ id }) => id));
        expect(page.count).toBe(7);
      }
      expect(ids).toEqual(['1', '3', '4']);
      expect(server.seen.slice(1).map(({ url }) => server.origin + url)).toEqual(links);
      for (const { headers } of server.seen) expect(headers).toMatchObject({ prefer: 'x=1' });
    });

    it('requests nothing more once the iterator is returned', async () => {
      const server = await serve((_, response) => json(response, { value: [{}], '@odata.nextLink': `${server.origin}/v1.0/next?${server.seen.length}` }));
      for await (const page of client(server.origin).pages('/me/messages')) if (page.value.length > 0) break;
      await pause(20);
      expect(server.seen).toHaveLength(1);
    });

    it('refuses a page that names itself as the next', async () => {
      const server = await serve((request, response) => json(response, { value: [], '@odata.nextLink': server.origin + request.url }));
      const walk = async (): Promise<void> => {
        for await (const page of client(server.origin).pages(`${server.origin}/v1.0/x`)) expect(page.value).toEqual([]);
      };
      await expect(walk()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
    });

    it('never follows a link to another origin, and never shows it the token', async () => {
      const evil = await serve((_, response) => json(response, { value: [] }));
      let link = '';
      const server = await serve((_, response) => json(response, { value: [], '@odata.nextLink': link }));
      const good = `127.0.0.1:${server.port}`;
      const bad = `127.0.0.1:${evil.port}`;
      for (link of [
        `http://${bad}/v1.0/me/messages`,
        `http://localhost:${server.port}/v1.0/me`,
        `https://${good}/v1.0/me`,
        `http://${good}@${bad}/v1.0/me`,
        `http://user:pw@${good}/v1.0/me`,
        `http://${bad}\\@${good}/v1.0/me`,
        `//${bad}/v1.0/me`,
        'file:///v1.0/me',
      ]) {
        const before = server.seen.length;
        const graph = client(server.origin);
        const { nextLink } = await graph.getPage('/start');
        expect(nextLink).toBe(link);
        const error = await failureOf(graph.getPage(nextLink!));
        expect(error).toMatchObject({ code: 'BAD_RESPONSE', retryable: false });
        expect(error.message).toMatch(/leads to .* instead of http:\/\/127\.0\.0\.1/);
        expect(error.message).not.toContain('pw@');
        expect(server.seen.length).toBe(before + 1);
      }
      expect(evil.seen).toEqual([]);
    });

    it('calls an answer that is no page unusable', async () => {
      const server = await serve((_, response) => json(response, { value: 'x' }));
      await expect(client(server.origin).getPage('/me/messages')).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
    });
  });

  describe('bad days', () => {
    it('waits as a decimal Retry-After says, with everything else for that mailbox', { retry: 2 }, async () => {
      let refused = false;
      const server = await serve((request, response) => {
        if (refused || request.url !== '/v1.0/a') return json(response, { at: performance.now() });
        refused = true;
        return fail(response, 429, 'TooManyRequests', { 'retry-after': '0.12' });
      });
      const graph = client(server.origin);
      const counters = statistics();
      const started = performance.now();
      const first = graph.get('/a', { mailbox: 'x', statistics: counters });
      await pause(40);
      const other = graph.get('/b', { mailbox: 'y' });
      const same = graph.get('/c', { mailbox: 'x' });
      await other;
      expect(performance.now() - started).toBeLessThan(110);
      await Promise.all([first, same]);
      expect(performance.now() - started).toBeGreaterThanOrEqual(119);
      expect(server.seen.map(({ url }) => url).slice(0, 2)).toEqual(['/v1.0/a', '/v1.0/b']);
      expect(counters).toMatchObject({ requests: 2, retries: 1 });
    });

    it.each<[string, (response: Parameters<typeof fail>[0], socket: { destroy(): unknown }) => unknown]>([
      ['503', (response) => fail(response, 503, 'ServiceUnavailable')],
      ['504', (response) => fail(response, 504, 'UnknownError')],
      ['502 with a web page', (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>')],
      ['transient 500', (response) => fail(response, 500, 'ErrorInternalServerTransientError')],
      ['reset', (_, socket) => socket.destroy()],
      ['truncated body', (response, socket) => response.writeHead(200, { 'content-length': '99' }).write('{"value":', () => socket.destroy())],
      ['truncated JSON', (response) => response.end('{"value":[')],
      ['empty body', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end()],
    ])('repeats a read after: %s', async (_, answer) => {
      const server = await serve((_request, response, raw) => (server.seen.length < 4 ? answer(response, raw.socket) : json(response, { fine: true })));
      const counters = statistics();
      const { body } = await client(server.origin).get('/x', { statistics: counters });
      expect(body).toEqual({ fine: true });
      expect(counters).toMatchObject({ requests: 4, retries: 3 });
    });

    it('gives up after the policy, with one clear error', async () => {
      const server = await serve((_, response) => fail(response, 429, 'ApplicationThrottled', {}, 'Application is over its MailboxConcurrency limit.'));
      const error = await failureOf(client(server.origin, { retry: { attempts: 3, throttleBaseMs: 1 } }).get('/x', { mailbox: 'ann@contoso.example' }));
      expect(error).toMatchObject({ code: 'THROTTLED', status: 429, retryable: true, requestId: 'request-1', serviceCode: 'ApplicationThrottled' });
      expect(error.message).toContain("mailbox 'ann@contoso.example'");
      expect(server.seen).toHaveLength(3);
      expect((await failureOf(client(server.origin).get('/x', { attempts: 1 })))['code']).toBe('THROTTLED');
      expect(server.seen).toHaveLength(4);
    });

    it('does not obey an endless Retry-After', async () => {
      const server = await serve((_, response) => fail(response, 429, 'TooManyRequests', { 'retry-after': '86400' }));
      const error = await failureOf(client(server.origin).get('/x'));
      expect(error).toMatchObject({ code: 'THROTTLED' });
      expect(error.message).toContain('86400 seconds');
    });

    it('does not repeat a write that may have been executed', async () => {
      const server = await serve((_, response, raw) => raw.socket.destroy());
      await expect(client(server.origin).post('/me/sendMail', {}, { idempotent: false })).rejects.toMatchObject({ code: 'UNREACHABLE' });
      expect(server.seen).toHaveLength(1);
    });

    it('says that malformed JSON is malformed, without quoting it', async () => {
      const server = await serve((_, response) => response.end('{"subject": private words'));
      const error = await failureOf(client(server.origin).get('/x'));
      expect(error).toMatchObject({ code: 'BAD_RESPONSE' });
      expect(`${error.message} ${String(error.cause)}`).not.toContain('private');
      const page = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
      expect((await failureOf(client(page.origin).get('/x')))['hint']).toContain('web page');
    });

    it('renews a refused token once, and once for all who use it', async () => {
      const server = await serve((request, response) =>
        request.headers.authorization === 'Bearer token-2' ? json(response, {}) : fail(response, 401, 'InvalidAuthenticationToken'),
      );
      const credential = renewable();
      const graph = client(server.origin, { credential });
      await Promise.all([graph.get('/a'), graph.get('/b'), graph.get('/c')]);
      expect(new Set(credential.given)).toEqual(new Set(['token-1', 'token-2']));
      const never = await serve((_, response) => fail(response, 401, 'InvalidAuthenticationToken', {}, 'Access token is expired.'));
      expect(await failureOf(client(never.origin, { credential: renewable() }).get('/a'))).toMatchObject({ code: 'AUTHENTICATION', status: 401 });
      expect(never.seen).toHaveLength(2);
      await failureOf(client(never.origin).get('/a'));
      expect(never.seen).toHaveLength(3);
    });

    it('stops at once when cancelled: in the request, waiting for a retry, waiting for a slot', { retry: 2 }, async () => {
      const server = await serve((request, response) => {
        if (request.url === '/v1.0/retry') fail(response, 429, 'TooManyRequests', { 'retry-after': '20' });
      });
      for (const mailbox of ['slow', 'retry'] as const) {
        const graph = client(server.origin);
        const controller = new AbortController();
        const waiting = Array.from({ length: 9 }, () => failureOf(graph.get(`/${mailbox}`, { mailbox, signal: controller.signal })));
        await pause(50);
        const sent = server.seen.length;
        const started = performance.now();
        controller.abort();
        for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'CANCELLED' });
        expect(performance.now() - started).toBeLessThan(200);
        await pause(20);
        expect(server.seen.length).toBe(sent);
        expect(sent).toBeLessThanOrEqual(8);
      }
    });

    it('does not repeat beyond the time limit, but keeps one wait that the service asks for', async () => {
      const server = await serve((_, response) => fail(response, 429, 'TooManyRequests', { 'retry-after': '0.2' }));
      await expect(client(server.origin, { timeoutMs: 300 }).get('/x')).rejects.toMatchObject({ code: 'THROTTLED' });
      expect(server.seen).toHaveLength(2);
      let answered = 0;
      const once = await serve((_, response) => (answered++ === 0 ? fail(response, 429, 'TooManyRequests', { 'retry-after': '0.3' }) : json(response, { id: 'a' })));
      expect((await client(once.origin, { timeoutMs: 200 }).get('/x')).body).toEqual({ id: 'a' });
    });

    it('ends each request after the time limit', async () => {
      const server = await serve(() => undefined);
      await expect(client(server.origin, { timeoutMs: 50 }).get('/x')).rejects.toMatchObject({ code: 'TIMEOUT' });
    });
  });

  it('never has more than four requests in flight at one mailbox, over all connections of the process', async () => {
    const peaks = new Map<string, number>();
    const running = new Map<string, number>();
    const server = await serve(async (request, response) => {
      const box = request.url.split('/')[3]!;
      const now = (running.get(box) ?? 0) + 1;
      running.set(box, now);
      peaks.set(box, Math.max(peaks.get(box) ?? 0, now));
      await pause(5);
      running.set(box, running.get(box)! - 1);
      json(response, {});
    });
    const transport = new HttpTransport();
    onTestFinished(() => transport.close());
    // Without a governor of their own: the process's.
    const clients = [1, 2].map(() => new GraphClient({ root: `${server.origin}/v1.0`, credential: renewable(), transport }));
    await Promise.all(Array.from({ length: 60 }, (_, i) => clients[i % 2]!.get(`/users/${i % 3 === 0 ? 'ann' : 'bob'}/messages?${i}`, { mailbox: i % 3 === 0 ? 'ann' : 'bob' })));
    expect(server.seen).toHaveLength(60);
    expect([...peaks.values()]).toEqual([4, 4]);
  });

  it('does not make Node warn of a leak where a statement has many requests', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', listen);
    onTestFinished(() => void process.off('warning', listen));
    const server = await serve((_, response) => json(response, {}));
    const graph = client(server.origin);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 40 }, (_, i) => graph.get('/x', { signal, mailbox: String(i % 10) })));
    await pause(10);
    expect(warnings).toEqual([]);
  });

  it("gives the connection's own mailbox one lane under all its names", () => {
    const own = client('http://127.0.0.1:1', { userId: 'ann@contoso.example' });
    expect(own.lane(undefined)).toEqual(own.lane('ann@contoso.example'));
    expect(own.lane('')).toEqual(own.lane(undefined));
    expect(own.lane(null).mailbox).toBeNull();
  });

  it('writes the token nowhere: errors, causes, highest trace level', async () => {
    const lines: string[] = [];
    const server = await serve((request, response, raw) => {
      if (request.url.endsWith('/reset')) raw.socket.destroy();
      else if (request.url.endsWith('/echo')) fail(response, 400, 'BadRequest', { 'x-echo': request.headers.authorization ?? '' }, `you sent ${request.headers.authorization}`);
      else json(response, { echo: request.headers.authorization });
    });
    const trace = new Trace(5, (line) => lines.push(line));
    trace.redactor.add(TOKEN);
    const graph = client(server.origin, { transport: new HttpTransport({ trace }), retry: { attempts: 2, resetBaseMs: 1 } });
    await graph.get('/fine');
    const errors = [await failureOf(graph.get('/reset')), await failureOf(graph.get('/echo'))];
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.join('\n')).not.toContain(TOKEN);
    for (const error of errors) {
      const { inspect } = await import('node:util');
      expect(inspect(error, { depth: 9 })).not.toContain(TOKEN);
      expect(JSON.stringify(error)).not.toContain(TOKEN);
    }
  });
});
