import { ExchangeSqlError } from '../errors.js';
import type { HttpTransport } from '../http/transport.js';
import type { Credential, TokenProvider } from './credential.js';
import { bearerToken } from './static-token.js';
import { TokenCache } from './token-cache.js';
import { applicationKeyOf } from './token-claims.js';

// A provider that does not say when its token ends is asked again soon: it has a cache of its own.
const UNKNOWN_LIFE_MS = 60_000;

/** Tokens from any object with `getToken(scope)`, such as those of `@azure/identity`. */
export class ProvidedTokens implements Credential {
  readonly refreshable = true;
  readonly ownMailbox: readonly string[] = [];
  readonly #cache: TokenCache;
  #application: string | undefined;
  readonly #id = ++instances;

  constructor(provider: TokenProvider, graphOrigin: string, transport: HttpTransport) {
    this.#cache = new TokenCache(async () => {
      let answer;
      try {
        answer = await provider.getToken(`${graphOrigin}/.default`);
      } catch (error) {
        if (error instanceof ExchangeSqlError) throw error;
        throw new ExchangeSqlError('AUTHENTICATION', 'The token provider failed to give an access token.', {
          hint: 'See the cause of this error for what the provider said.',
          cause: error,
        });
      }
      if (answer === null || typeof answer.token !== 'string') {
        throw new ExchangeSqlError('AUTHENTICATION', 'The token provider gave no access token.', { hint: 'Sign in with the provider first.' });
      }
      const token = bearerToken(answer.token, 'The token of the provider');
      transport.trace.redactor.add(token);
      this.#application ??= applicationKeyOf(token).startsWith('app:') ? applicationKeyOf(token) : undefined;
      return { token, expires: answer.expiresOnTimestamp ?? Date.now() + UNKNOWN_LIFE_MS };
    });
  }

  get applicationKey(): string {
    return this.#application ?? `provider:${this.#id}`;
  }

  async authorization(signal: AbortSignal | undefined, rejected?: string): Promise<string> {
    return `Bearer ${await this.#cache.get(signal, rejected?.replace(/^Bearer /, ''))}`;
  }
}

let instances = 0;
