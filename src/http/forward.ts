/**
 * Owns: sending a plain http request through an HTTP proxy that takes it whole (absolute-form, RFC 9112 3.2.2).
 * Does not own: https targets and tunnels (tunnel.ts).
 * Invariants: only for schemes that authenticate each request (Basic, Digest): connection-bound ones go through a tunnel.
 */
import type { Agent, Dispatcher } from 'undici';
import { ProxyFailure } from './connector.js';
import type { ProxySettings } from './proxy.js';
import { ProxyRefusal } from './socks.js';

const MOST_LEGS = 4;

export type ForwardRequest = Omit<Dispatcher.RequestOptions, 'origin' | 'headers'> & { readonly origin: string; readonly headers: Readonly<Record<string, string>> };

/** @throws ProxyFailure where the proxy refuses (407), or cannot be reached. */
export async function forwardThrough(agent: Agent, proxy: ProxySettings, request: ForwardRequest): Promise<Dispatcher.ResponseData> {
  const target = `${request.origin}${request.path}`;
  const origin = `${proxy.tls ? 'https' : 'http'}://${proxy.host.includes(':') ? `[${proxy.host}]` : proxy.host}:${String(proxy.port)}`;
  const named = `${proxy.host}:${String(proxy.port)}`;
  const handshake = proxy.handshake?.();
  let challenge: string | undefined;
  for (let leg = 0; leg < MOST_LEGS; leg += 1) {
    const authorization = await handshake?.next(challenge, { method: request.method, target, host: proxy.host });
    if (challenge !== undefined && authorization === undefined) break;
    const headers = { host: new URL(request.origin).host, ...request.headers, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) };
    let answer: Dispatcher.ResponseData;
    try {
      answer = await agent.request({ ...request, origin, path: target, headers });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      throw ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH'].includes(code) ? new ProxyFailure(named, error) : error;
    }
    if (answer.statusCode !== 407) return answer;
    await answer.body.dump();
    const offered = answer.headers['proxy-authenticate'];
    challenge = Array.isArray(offered) ? offered.join(', ') : (offered ?? '');
  }
  throw new ProxyFailure(named, new ProxyRefusal(handshake === undefined ? 'it asks for authentication (407)' : 'it refused user name and password (407)', true));
}
