import { createServer as createTlsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSelfSignedCertificate } from '../../src/http/certificate.js';
import { Trace } from '../../src/http/trace.js';
import { failureOf as failureKind } from '../../src/http/transport-error.js';
import { HttpTransport } from '../../src/http/transport.js';
import type { TransportOptions } from '../../src/http/transport.js';
import { failureOf, pause, serve } from './server.js';

function transport(options: TransportOptions = {}): HttpTransport {
  const instance = new HttpTransport(options);
  onTestFinished(() => instance.close());
  return instance;
}

/** A TLS server behind a wire that a test can write to past TLS once a request has arrived. */
async function breakingTls(onRequest: (wire: Socket) => void): Promise<{ readonly origin: string; readonly ca: string; readonly requests: string[] }> {
  const { cert, key } = await createSelfSignedCertificate(['127.0.0.1']);
  const requests: string[] = [];
  const server = createTlsServer({ cert, key }, ({ method, url }) => {
    requests.push(`${String(method)} ${String(url)}`);
    for (const wire of wires) onRequest(wire);
  });
  const wires = new Set<Socket>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay = createTcpServer((wire) => {
    wires.add(wire);
    const behind = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
    for (const socket of [wire, behind]) socket.on('error', () => undefined);
    wire.pipe(behind).pipe(wire);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const wire of wires) wire.destroy();
    relay.close();
    server.closeAllConnections();
    server.close();
  });
  return { origin: `https://127.0.0.1:${String((relay.address() as AddressInfo).port)}`, ca: cert, requests };
}

it('does not say that nothing was sent when TLS breaks after the request', async () => {
  // A record of application data that nobody can decipher.
  const { origin, ca, requests } = await breakingTls((wire) => wire.write(Buffer.from([0x17, 0x03, 0x03, 0x00, 0x20, ...new Array<number>(32).fill(7)])));
  const error = await transport({ ca }).request({ method: 'POST', url: `${origin}/send`, body: 'x', timeoutMs: 5000 }).then(() => undefined, (failure: unknown) => failure);
  expect(requests).toEqual(['POST /send']);
  expect(failureKind(error)).toBe('reset');
  const plain = await serve((_, response) => response.end());
  const never = await transport({ ca }).request({ method: 'POST', url: `https://127.0.0.1:${String(plain.port)}/send`, body: 'x', timeoutMs: 5000 }).then(() => undefined, (failure: unknown) => failure);
  expect(failureKind(never)).toBe('unreachable');
});

describe('HttpTransport', () => {
  it('sends method, headers and body, and keeps the connection', async () => {
    let sockets = 0;
    const server = await serve((request, response) => {
      response.writeHead(201, { 'x-one': 'a' });
      response.end(`${request.method} ${request.headers['x-test']} ${request.body}`);
    });
    server.server.on('connection', () => sockets++);
    const http = transport();
    for (let i = 0; i < 12; i++) {
      const answer = await http.request({ method: 'POST', url: `${server.origin}/x`, headers: { 'x-test': 'yes' }, body: 'bödy' });
      expect(answer).toMatchObject({ status: 201, bytes: 14 });
      expect(answer.headers['x-one']).toBe('a');
      expect(answer.body.toString()).toBe('POST yes bödy');
    }
    // undici may open a second one while the first has not yet ticked over.
    expect(sockets).toBeLessThanOrEqual(2);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('inflates %s and counts the bytes on the wire', async (encoding, compress) => {
    const text = 'word '.repeat(1000);
    const packed = compress(Buffer.from(text));
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(packed));
    const answer = await transport().request({ method: 'GET', url: server.origin });
    expect(answer.body.toString()).toBe(text);
    expect(answer.bytes).toBe(packed.length);
  });

  it('calls broken compressed answers unusable', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello world').subarray(0, 15)));
    await expect(transport().request({ method: 'GET', url: server.origin })).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });

  it('refuses answers above the ceiling, packed or not', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
      else response.end(Buffer.alloc(20_000));
    });
    const http = transport({ maxBodyBytes: 10_000 });
    for (const path of ['/plain', '/packed']) {
      const error = await failureOf(http.request({ method: 'GET', url: server.origin + path }));
      expect(error).toMatchObject({ code: 'BAD_RESPONSE', retryable: false });
      expect(error.message).toContain('larger');
    }
  });

  it('does not follow redirects', async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect((await transport().request({ method: 'GET', url: server.origin })).status).toBe(302);
    expect(server.seen).toHaveLength(1);
  });

  it('aborts the HTTP request at once, before and in the body', { retry: 2 }, async () => {
    let closed = 0;
    const server = await serve(async (request, response) => {
      response.on('close', () => closed++);
      if (request.url === '/body') response.write('{"value":[');
    });
    const http = transport();
    for (const path of ['/head', '/body']) {
      const controller = new AbortController();
      const started = performance.now();
      setTimeout(() => controller.abort(), 30);
      await expect(http.request({ method: 'GET', url: server.origin + path, signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(performance.now() - started).toBeLessThan(500);
    }
    await pause(50);
    expect(closed).toBe(2);
  });

  it('keeps the reason of an abort, and sends nothing for a signal that is aborted already', async () => {
    const server = await serve((_, response) => void response.end());
    const error = await failureOf(transport().request({ method: 'GET', url: server.origin, signal: AbortSignal.abort(new DOMException('late', 'TimeoutError')) }));
    expect(error['code']).toBe('TIMEOUT');
    expect(server.seen).toHaveLength(0);
  });

  it('ends a request after its time limit', { retry: 2 }, async () => {
    const server = await serve(() => undefined);
    const started = performance.now();
    await expect(transport().request({ method: 'GET', url: server.origin, timeoutMs: 60 })).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
    expect(performance.now() - started).toBeLessThan(600);
  });

  it('fails clearly: refused, unknown host, reset, truncated, not HTTP', async () => {
    const server = await serve((request, response, raw) => {
      if (request.url === '/reset') raw.socket.destroy();
      else if (request.url === '/chunked') {
        response.write('{"value":');
        setTimeout(() => raw.socket.destroy(), 10);
      } else {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"value":');
        setTimeout(() => raw.socket.destroy(), 10);
      }
    });
    const noise = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'));
    await new Promise<void>((resolve) => noise.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void noise.close());
    const gone = createTcpServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port: refused } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const http = transport();
    const fails = async (url: string): Promise<Error & Record<string, unknown>> => failureOf(http.request({ method: 'GET', url }));

    expect(await fails(`http://127.0.0.1:${refused}/secret-path?x=1`)).toMatchObject({ code: 'UNREACHABLE', message: `Nothing answers at http://127.0.0.1:${refused}: the connection was refused.` });
    expect(await fails('http://no-such-host.invalid/')).toMatchObject({ code: 'UNREACHABLE' });
    expect(await fails(`${server.origin}/reset`)).toMatchObject({ code: 'UNREACHABLE', retryable: true });
    expect(await fails(`${server.origin}/chunked`)).toMatchObject({ code: 'BAD_RESPONSE', retryable: true });
    expect(await fails(`${server.origin}/length`)).toMatchObject({ code: 'BAD_RESPONSE', retryable: true });
    expect(await fails(`http://127.0.0.1:${(noise.address() as AddressInfo).port}/`)).toMatchObject({ code: 'BAD_RESPONSE', message: expect.stringContaining('does not speak HTTP') as string });
    expect(await fails('not a url')).toMatchObject({ code: 'BAD_VALUE' });
  });

  it('trusts a certificate it was given, and says so where it was not', async () => {
    const { cert, key } = await createSelfSignedCertificate(['localhost', '127.0.0.1']);
    const server = await serve((_, response) => void response.end('secure'), createTlsServer({ cert, key }));
    const url = server.origin.replace('http:', 'https:');
    expect((await transport({ ca: cert }).request({ method: 'GET', url })).body.toString()).toBe('secure');
    const error = await failureOf(transport().request({ method: 'GET', url }));
    expect(error).toMatchObject({ code: 'UNREACHABLE' });
    expect(error['hint']).toContain('SSLServerCert');
    const plain = await serve((_, response) => void response.end());
    expect(await failureOf(transport().request({ method: 'GET', url: plain.origin.replace('http:', 'https:') }))).toMatchObject({ code: 'UNREACHABLE' });
  });

  it('fails running requests and refuses new ones when closed', async () => {
    const server = await serve(() => undefined);
    const http = new HttpTransport();
    const running = failureOf(http.request({ method: 'GET', url: server.origin }));
    await pause(30);
    await http.close();
    expect(await running).toMatchObject({ code: 'CLOSED' });
    expect(await failureOf(http.request({ method: 'GET', url: server.origin }))).toMatchObject({ code: 'CLOSED' });
  });

  it('writes no secret at the highest trace level, and bodies only there', async () => {
    const server = await serve((_, response) => void response.writeHead(200, { 'set-cookie': 'session=verysecretcookie' }).end('{"access_token":"issued-token-1","subject":"private words"}'));
    for (const level of [1, 2, 3, 4, 5] as const) {
      const lines: string[] = [];
      const trace = new Trace(level, (line) => lines.push(line));
      trace.redactor.add('known-secret~1');
      const http = transport({ trace });
      await http.request({
        method: 'POST',
        url: `${server.origin}/token?x=known-secret~1`,
        headers: { authorization: 'Bearer opaque-token-1' },
        body: 'client_secret=hush-hush&other=known-secret~1',
      });
      const text = lines.join('\n');
      for (const secret of ['opaque-token-1', 'issued-token-1', 'verysecretcookie', 'hush-hush', 'known-secret~1']) expect(text).not.toContain(secret);
      expect(text.includes('private words')).toBe(level === 5);
      expect(text.includes('/token')).toBe(level >= 2);
    }
  });
});
