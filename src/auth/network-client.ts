/**
 * Owns: msal-node's HTTP, over the connection's own transport (TLS, trace, time limit).
 * Invariants: always answers with a JSON object (msal fails with a TypeError on anything else); retries what msal does not.
 */
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { retryAfterMs } from '../http/retry-after.js';
import { backoffMs, DEFAULT_RETRY, judgeFailure } from '../http/retry.js';
import type { RetryPolicy } from '../http/retry.js';
import { sleep } from '../http/abort.js';
import type { HttpMethod, HttpResponse, HttpTransport } from '../http/transport.js';

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;
/** Retry-After beyond this is left to the caller: a sign-in must not hang. */
const LONGEST_WAIT_MS = 30_000;

export class MsalNetwork implements INetworkModule {
  readonly #transport: HttpTransport;
  readonly #policy: RetryPolicy;
  readonly #basic: { readonly clientId: string; readonly secret: string } | undefined;
  /** Refresh token of the last answer: msal keeps it to itself. */
  refreshToken: string | undefined;
  /** The last failure below HTTP: msal would bury it under its own. */
  failure: unknown;

  /** @param basic sends client id and secret in the Authorization header instead of the body (RFC 6749 2.3.1). */
  constructor(transport: HttpTransport, policy: Partial<RetryPolicy> = {}, basic?: { readonly clientId: string; readonly secret: string }) {
    this.#basic = basic;
    this.#transport = transport;
    this.#policy = { ...DEFAULT_RETRY, attempts: ATTEMPTS, maxRetryAfterMs: LONGEST_WAIT_MS, ...policy };
  }

  sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions, timeout?: number): Promise<NetworkResponse<T>> {
    return this.#send('GET', url, options, timeout);
  }

  sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#send('POST', url, options);
  }

  #content(options: NetworkRequestOptions | undefined): { headers?: Record<string, string>; body?: string } {
    const body = options?.body;
    const basic = this.#basic;
    if (basic === undefined || body === undefined || !body.includes('client_secret=')) {
      return { ...(options?.headers === undefined ? {} : { headers: options.headers }), ...(body === undefined ? {} : { body }) };
    }
    const form = new URLSearchParams(body);
    form.delete('client_id');
    form.delete('client_secret');
    const value = Buffer.from(`${formEncoded(basic.clientId)}:${formEncoded(basic.secret)}`, 'utf8').toString('base64');
    return { headers: { ...options?.headers, authorization: `Basic ${value}` }, body: form.toString() };
  }

  async #send<T>(method: HttpMethod, url: string, options: NetworkRequestOptions | undefined, timeout?: number): Promise<NetworkResponse<T>> {
    this.failure = undefined;
    for (let attempt = 1; ; attempt++) {
      let answer: HttpResponse | undefined;
      try {
        answer = await this.#transport.request({
          method,
          url,
          timeoutMs: timeout ?? TIMEOUT_MS,
          signIn: true,
          ...this.#content(options),
        });
      } catch (error) {
        // Asking for a token twice is harmless: client credentials leave no trace on the service.
        if (judgeFailure(error, true) === 'final' || attempt >= this.#policy.attempts) {
          this.failure = error;
          throw error;
        }
      }
      const again = answer === undefined || answer.status >= 500 || answer.status === 429;
      const asked = answer === undefined ? undefined : retryAfterMs(answer.headers['retry-after'], Date.now());
      if (answer !== undefined && (!again || attempt >= this.#policy.attempts || (asked ?? 0) > this.#policy.maxRetryAfterMs)) {
        const body = jsonObject(answer);
        if ('refresh_token' in body && typeof body.refresh_token === 'string') {
          this.refreshToken = body.refresh_token;
          this.#transport.trace.redactor.add(body.refresh_token);
        }
        return { status: answer.status, headers: { ...answer.headers }, body: body as T };
      }
      await sleep(asked ?? backoffMs(this.#policy, this.#policy.throttleBaseMs, attempt));
    }
  }
}

const formEncoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);

function jsonObject(answer: HttpResponse): object {
  try {
    const body: unknown = JSON.parse(answer.body.toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  } catch {
    // An HTML page of a gateway: replaced below.
  }
  return { error: 'server_error', error_description: `HTTP ${answer.status} without a JSON body` };
}
