/**
 * Owns: the page on this machine that the sign-in service sends the browser back to.
 * Does not own: the exchange of the code (flows.ts).
 * Invariants: listens on loopback only, takes one answer with the right state, and ends; nothing of the request is shown in the page.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { timingSafeEqual } from 'node:crypto';
import { ExchangeSqlError } from '../../errors.js';
import { isLoopback } from '../../http/origin.js';
import { explainNumber } from '../aadsts.js';

export interface CallbackListener {
  /** What the application has to have registered. */
  readonly redirectUri: string;
  /** @throws ExchangeSqlError AUTHENTICATION where the service refuses, TIMEOUT, CANCELLED. */
  code(state: string, signal: AbortSignal | undefined, timeoutMs: number): Promise<string>;
  close(): void;
}

const MOST_BODY = 64 * 1024;

/** @param callbackUrl `http://localhost` (any free port), `http://localhost:33333/path`. */
export async function listenForCallback(callbackUrl: string | undefined): Promise<CallbackListener> {
  const url = callbackAddress(callbackUrl);
  let take: ((answer: URLSearchParams, respond: (ok: boolean) => void) => void) | undefined;
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    void answerOf(request, url).then((answer) => {
      if (answer === undefined || take === undefined) response.writeHead(404).end();
      else take(answer, (ok) => page(response, ok));
    }, () => response.writeHead(400).end());
  };
  const servers: Server[] = [];
  const first = await listen(handler, '127.0.0.1', Number(url.port || 0));
  servers.push(first);
  const { port } = first.address() as AddressInfo;
  // Browsers may take localhost for ::1.
  await listen(handler, '::1', port).then((server) => servers.push(server), () => undefined);
  url.port = String(port);
  const redirectUri = callbackUrl === undefined || new URL(callbackUrl).pathname === '/' ? url.origin + (callbackUrl?.endsWith('/') === true ? '/' : '') : url.href;
  const close = (): void => {
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
  };
  return {
    redirectUri,
    close,
    code: (state, signal, timeoutMs) => new Promise<string>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        take = undefined;
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
      };
      const onAbort = (): void => fail(new ExchangeSqlError('CANCELLED', 'The sign-in was cancelled.'));
      const timer = setTimeout(() => fail(new ExchangeSqlError('TIMEOUT', `Nobody signed in within ${String(timeoutMs / 1000)} seconds.`, { hint: 'If the page showed AADSTS50011, register the address to come back to with the application (CallbackURL). Else start the sign-in again; on a machine without a browser use a device code (exchange-sql login --device-code).' })), timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      take = (answer, respond) => {
        // An answer with another state belongs to another sign-in, or to somebody who guesses.
        if (!same(answer.get('state') ?? '', state)) return respond(false);
        const [code, refusal] = [answer.get('code'), answer.get('error')];
        if (code !== null && code !== '') {
          respond(true);
          end();
          return resolve(code);
        }
        respond(false);
        const number = /AADSTS(\d+)/.exec(answer.get('error_description') ?? '')?.[1];
        const known = number === undefined ? undefined : explainNumber(number);
        const serviceCode = number === undefined ? (refusal ?? 'no code').replace(/[^\w-]/g, '').slice(0, 60) : `AADSTS${number}`;
        fail(new ExchangeSqlError('AUTHENTICATION', `The sign-in was refused${known === undefined ? '' : `: ${known.message}`} (${serviceCode}).`, {
          hint: known?.hint ?? (refusal === 'access_denied' ? 'The user or an administrator declined; ask an administrator for consent.' : 'See the page of the browser for the reason.'),
          serviceCode,
        }));
      };
      if (signal?.aborted === true) onAbort();
    }),
  };
}

function callbackAddress(text: string | undefined): URL {
  if (text === undefined) return new URL('http://localhost');
  const bad = (message: string): ExchangeSqlError => new ExchangeSqlError('CONNECTION_STRING', message, { hint: 'Use http://localhost or http://localhost:port/path, as it is registered with the application; for another address sign in in two steps (GetOAuthAuthorizationURL, then OAuthVerifier).' });
  if (!URL.canParse(text)) throw bad('CallbackURL is no address.');
  const url = new URL(text);
  if (url.protocol !== 'http:' || !isLoopback(url.hostname)) throw bad('CallbackURL does not lead to this machine, so the answer cannot be received here.');
  return url;
}

function listen(handler: (request: IncomingMessage, response: ServerResponse) => void, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ requestTimeout: 10_000 }, handler);
    server.once('error', (error: NodeJS.ErrnoException) => reject(new ExchangeSqlError('AUTHENTICATION', `The port ${String(port)} of CallbackURL cannot be used (${error.code ?? 'error'}).`, { hint: 'End the program that uses it, or register and give another port.' })));
    server.listen(port, host, () => resolve(server));
  });
}

/** Parameters of a GET's query or a POST's form; undefined for anything else. */
async function answerOf(request: IncomingMessage, expected: URL): Promise<URLSearchParams | undefined> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname !== expected.pathname) return undefined;
  if (request.method === 'GET') return url.searchParams.has('state') ? url.searchParams : undefined;
  if (request.method !== 'POST') return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_BODY) throw new Error('too large');
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function page(response: ServerResponse, ok: boolean): void {
  response.writeHead(ok ? 200 : 400, { 'content-type': 'text/html; charset=utf-8', connection: 'close', 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'" });
  response.end(`<!doctype html><meta charset="utf-8"><title>exchange-sql</title><p>${ok ? 'You are signed in. This window can be closed.' : 'The sign-in did not succeed. The program that asked for it says why.'}`);
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
