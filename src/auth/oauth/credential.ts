/**
 * Owns: the credential of a signed-in user or an application, renewed in time: which flow runs, and what is kept where.
 * Does not own: the flows (flows.ts), the store (store/).
 * Invariants: one token request for all who ask at once, across processes that share a store; a stored (rotated) refresh token wins over the one of
 * the connection string, which is only the seed.
 */
import { ExchangeSqlError } from '../../errors.js';
import type { Credential } from '../credential.js';
import { keyOf, type StoredSignIn, type TokenStore } from '../store/index.js';
import { TokenCache, type FetchedToken } from '../token-cache.js';
import { readClaims } from '../token-claims.js';
import type { ApplicationSpec, SignInContext } from './application.js';
import { openBrowser } from './browser.js';
import { authorizationCode, authorizationUrl, clientCredentials, deviceCode, password, refresh, type Tokens } from './flows.js';
import { listenForCallback } from './listener.js';

export type Grant =
  | { readonly kind: 'client' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | {
      readonly kind: 'code';
      /** `refresh`: never asks the user. `interactive`: signs in with a browser where nothing else is left. `device`: with a code shown in the terminal. */
      readonly mode: 'refresh' | 'interactive' | 'device';
      readonly callbackUrl?: string | undefined;
      /** Code (or the whole address the browser came to) of a sign-in in two steps. */
      readonly verifier?: string | undefined;
      readonly loginHint?: string | undefined;
    };

export interface OAuthSpec {
  readonly application: ApplicationSpec;
  readonly scopes: readonly string[];
  readonly grant: Grant;
  readonly store: TokenStore;
  /** From the connection string: used until the store knows better. */
  readonly seed: { readonly accessToken?: string | undefined; readonly expires?: number | undefined; readonly refreshToken?: string | undefined };
  /** Milliseconds that a user has for signing in. */
  readonly patienceMs: number;
  /** Tells a user what to do; default: standard error. */
  readonly prompt: (text: string) => void;
}

/** Microsoft's libraries renew five minutes early. */
const EARLY_MS = 5 * 60_000;

export class OAuthCredential implements Credential {
  readonly applicationKey: string;
  readonly refreshable = true;
  readonly #spec: OAuthSpec;
  readonly #context: SignInContext;
  readonly #cache: TokenCache;
  readonly #key: string;
  #own: readonly string[] = [];
  /** What the service has refused: it is not used again, wherever it is stored. */
  #rejected: string | undefined;

  constructor(spec: OAuthSpec, context: SignInContext) {
    this.#spec = spec;
    this.#context = context;
    const { application, grant } = spec;
    this.applicationKey = `app:${application.clientId.toLowerCase()}`;
    this.#key = storeKey(spec);
    if (spec.seed.accessToken !== undefined) this.#own = readClaims(spec.seed.accessToken).user;
    if (grant.kind === 'password') this.#own = [grant.user];
    this.#cache = new TokenCache(() => this.#fetch());
  }

  get ownMailbox(): readonly string[] {
    return this.#spec.grant.kind === 'client' ? [] : this.#own;
  }

  async authorization(signal: AbortSignal | undefined, rejected?: string): Promise<string> {
    this.#rejected = rejected?.replace(/^Bearer /, '') ?? this.#rejected;
    return `Bearer ${await this.#cache.get(signal, rejected?.replace(/^Bearer /, ''))}`;
  }

  async #fetch(): Promise<FetchedToken> {
    if (this.#spec.grant.kind === 'client') {
      const { accessToken, expires } = await clientCredentials(this.#spec.application, this.#spec.scopes, this.#context);
      return { token: accessToken, expires };
    }
    const stored = await this.#spec.store.update(this.#key, (current) => this.#renew(current));
    if (stored?.accessToken === undefined) throw new ExchangeSqlError('INTERNAL', 'A sign-in ended without a token.');
    this.#context.transport.trace.redactor.add(stored.accessToken);
    this.#own = readClaims(stored.accessToken).user.length > 0 ? readClaims(stored.accessToken).user : this.#own;
    return { token: stored.accessToken, expires: stored.expires ?? Date.now() + 60_000 };
  }

  async #renew(current: StoredSignIn | undefined): Promise<StoredSignIn | undefined> {
    if (this.#usable(current?.accessToken, current?.expires)) return current;
    const { seed, grant } = this.#spec;
    if (current?.refreshToken === undefined && this.#usable(seed.accessToken, seed.expires) && seed.accessToken !== undefined) {
      return { accessToken: seed.accessToken, expires: seed.expires ?? Date.now() + EARLY_MS + 60_000, ...(seed.refreshToken === undefined ? {} : { refreshToken: seed.refreshToken }), updated: Date.now() };
    }
    const tokens = await this.#signIn(current, [...new Set([current?.refreshToken, seed.refreshToken].filter((token) => token !== undefined))]);
    const refreshToken = tokens.refreshToken ?? (grant.kind === 'password' ? undefined : (current?.refreshToken ?? seed.refreshToken));
    if (tokens.user.length > 0) this.#own = tokens.user;
    return { accessToken: tokens.accessToken, expires: tokens.expires, ...(refreshToken === undefined ? {} : { refreshToken }), updated: Date.now() };
  }

  #usable(token: string | undefined, expires: number | undefined): boolean {
    return token !== undefined && token !== this.#rejected && (expires === undefined || expires - EARLY_MS > Date.now());
  }

  async #signIn(current: StoredSignIn | undefined, refreshTokens: readonly string[]): Promise<Tokens> {
    const { application, scopes, grant } = this.#spec;
    let dead: unknown;
    for (const token of refreshTokens) {
      try {
        return await refresh(application, scopes, token, this.#context);
      } catch (error) {
        // A refused token is dead; what does not get through is tried again by the user.
        if (!(error instanceof ExchangeSqlError) || error.code !== 'AUTHENTICATION') throw error;
        dead = error;
      }
    }
    if (grant.kind === 'password') return password(application, scopes, { name: grant.user, password: grant.password }, this.#context);
    if (grant.kind === 'client') return clientCredentials(application, scopes, this.#context);
    if (grant.verifier !== undefined) return this.#secondStep(grant.verifier, current);
    if (grant.mode === 'interactive') return this.#interactive(grant);
    if (grant.mode === 'device') {
      return deviceCode(application, scopes, ({ url, code, seconds }) => this.#spec.prompt(`To sign in, open ${url} and enter the code ${code} (valid for ${String(Math.round(seconds / 60))} minutes).`), this.#context);
    }
    if (dead !== undefined) {
      throw new ExchangeSqlError('AUTHENTICATION', `The refresh token is no longer accepted${dead instanceof ExchangeSqlError && dead.serviceCode !== undefined ? ` (${dead.serviceCode})` : ''}.`, {
        hint: 'Sign in again: exchange-sql login, or InitiateOAuth=GETANDREFRESH.',
        cause: dead,
        ...(dead instanceof ExchangeSqlError && dead.serviceCode !== undefined ? { serviceCode: dead.serviceCode } : {}),
      });
    }
    throw new ExchangeSqlError('AUTHENTICATION', `There is no sign-in to renew in ${this.#spec.store.place}.`, {
      hint: 'InitiateOAuth=REFRESH needs OAuthRefreshToken, or a sign-in before: exchange-sql login, or InitiateOAuth=GETANDREFRESH.',
    });
  }

  async #interactive({ callbackUrl, loginHint }: Extract<Grant, { kind: 'code' }>): Promise<Tokens> {
    const { application, scopes, patienceMs, prompt } = this.#spec;
    const listener = await listenForCallback(callbackUrl);
    try {
      const request = await authorizationUrl(application, scopes, listener.redirectUri, this.#context, { user: loginHint });
      const answer = listener.code(request.state, undefined, patienceMs);
      // Rejections are handled below; while the browser starts they must not count as unhandled.
      answer.catch(() => undefined);
      prompt((await openBrowser(request.url)) ? 'Waiting for the sign-in in the browser …' : `To sign in, open this address in a browser on this machine:\n${request.url}`);
      return await authorizationCode(application, scopes, await answer, request, this.#context);
    } finally {
      listener.close();
    }
  }

  async #secondStep(verifier: string, current: StoredSignIn | undefined): Promise<Tokens> {
    const pending = current?.pending;
    if (pending === undefined) {
      throw new ExchangeSqlError('AUTHENTICATION', `OAuthVerifier needs the first step of the sign-in, which is not in ${this.#spec.store.place}.`, {
        hint: 'Call GetOAuthAuthorizationURL with the same OAuthSettingsLocation, sign in at its address, and give the code within a few minutes.',
      });
    }
    const pasted = URL.canParse(verifier) ? new URL(verifier).searchParams : undefined;
    const state = pasted?.get('state');
    if (state !== undefined && state !== null && state !== pending.state) throw new ExchangeSqlError('AUTHENTICATION', 'OAuthVerifier belongs to another sign-in (its state differs).', { hint: 'Call GetOAuthAuthorizationURL again and use its newest address.' });
    return authorizationCode(this.#spec.application, this.#spec.scopes, pasted?.get('code') ?? verifier, pending, this.#context);
  }
}

/** Key of a connection's entry in the store. */
export function storeKey({ application, scopes, grant }: Pick<OAuthSpec, 'application' | 'scopes' | 'grant'>): string {
  return keyOf({
    authority: `${application.authorityHost}/${application.tenant}${application.tokenUrl === undefined ? '' : ` ${application.tokenUrl}`}`,
    clientId: application.clientId,
    grant: grant.kind === 'password' ? 'password' : 'code',
    user: grant.kind === 'password' ? grant.user : grant.kind === 'code' ? grant.loginHint : undefined,
    scopes,
  });
}
