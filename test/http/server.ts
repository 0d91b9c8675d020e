/** Small HTTP servers over loopback for the tests of http/, auth/ and graph/. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestServer {
  readonly origin: string;
  readonly port: number;
  readonly seen: Seen[];
  /** Highest number of requests answered at once. */
  peak(): number;
  readonly server: Server | TlsServer;
}

export type Handler = (request: Seen, response: ServerResponse, raw: IncomingMessage) => unknown;

/** Starts a server on a free port; it ends with the test. */
export async function serve(handler: Handler, server?: Server | TlsServer): Promise<TestServer> {
  const seen: Seen[] = [];
  let running = 0;
  let peak = 0;
  const instance = server ?? createServer();
  instance.on('request', (raw: IncomingMessage, response: ServerResponse) => {
    running++;
    peak = Math.max(peak, running);
    response.on('close', () => running--);
    const chunks: Buffer[] = [];
    raw.on('data', (chunk: Buffer) => chunks.push(chunk));
    raw.on('end', () => {
      const request: Seen = { method: raw.method ?? '', url: raw.url ?? '', headers: raw.headers, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(request);
      void handler(request, response, raw);
    });
  });
  await new Promise<void>((resolve) => instance.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    instance.closeAllConnections();
    instance.close();
  });
  const { port } = instance.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, seen, peak: () => peak, server: instance };
}

export function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function fail(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}, message = 'refused'): void {
  json(response, { error: { code, message, innerError: { 'request-id': 'inner-request' } } }, status, { 'request-id': 'request-1', ...headers });
}

/** The error of a promise that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('it did not fail');
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
