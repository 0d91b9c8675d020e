/**
 * Owns: the credential of a signed-in user or an application, renewed in time: which flow runs, and what is kept where.
 * Does not own: the flows (flows.ts), the store (store/).
 * Invariants: one token request for all who ask at once, across processes that share a store; a stored (rotated) refresh token wins over the one of
 * the connection string, which is only the seed.
 */
import { ExchangeSqlError } from '../../errors.js';
import { isApplicationFault } from '../aadsts.js';
import type { Credential } from '../credential.js';
import { keyOf, type StoredSignIn, type TokenStore } from '../store/index.js';
import { TokenCache, type FetchedToken } from '../token-cache.js';
import { readClaims } from '../token-claims.js';
import type { ApplicationSpec, SignInContext } from './application.js';
import { openBrowser } from './browser.js';
import { authorizationCode, authorizationUrl, clientCredentials, deviceCode, password, refresh, type AuthorizationRequest, type Tokens } from './flows.js';
import { listenForCallback } from './listener.js';

export type Grant =
  | { readonly kind: 'client' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | {
      readonly kind: 'code';
      /**
       * What happens where nothing is left to renew. `off`: nothing is renewed at all. `refresh`: the user is not asked. `interactive`: a
       * browser opens. `device`: a code to type is shown.
       */
      readonly mode: 'off' | 'refresh' | 'interactive' | 'device';
      readonly callbackUrl?: string | undefined;
      /** Code (or the whole address the browser came to) of a sign-in in two steps. */
      readonly verifier?: string | undefined;
      /** Whose sign-in it is, where several share a store. */
      readonly loginHint?: string | undefined;
    };

/** From the connection string: used until the store knows better. */
export interface Seed {
  readonly accessToken?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expires?: number | undefined;
  readonly refreshToken?: string | undefined;
}

export interface OAuthSpec {
  readonly application: ApplicationSpec;
  readonly scopes: readonly string[];
  readonly grant: Grant;
  readonly store: TokenStore;
  readonly seed: Seed;
  /** Milliseconds that a user has for signing in. */
  readonly patienceMs?: number;
  /** Tells a user what to do; default: standard error. */
  readonly prompt?: (text: string) => void;
  /** Opens the user's browser; false where there is none. Default: the program that the system has for it. */
  readonly browse?: (url: string) => Promise<boolean>;
}

const PATIENCE_MS = 5 * 60_000;

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
    if (grant.kind === 'code' && grant.loginHint !== undefined && this.#own.length === 0) this.#own = [grant.loginHint];
    this.#cache = new TokenCache(() => this.#fetch());
  }

  /** Where its tokens are kept, for messages. */
  get place(): string {
    return this.#spec.store.place;
  }

  get ownMailbox(): readonly string[] {
    return this.#spec.grant.kind === 'client' ? [] : this.#own;
  }

  async authorization(signal: AbortSignal | undefined, rejected?: string): Promise<string> {
    const refused = rejected?.replace(/^Bearer /, '');
    this.#rejected = refused ?? this.#rejected;
    return `Bearer ${await this.#cache.get(signal, refused)}`;
  }

  /** Signs in anew, whatever is stored, and keeps that. */
  async signIn(): Promise<Tokens> {
    const tokens = await this.#ask(this.#spec.grant);
    if (this.#spec.grant.kind === 'code') await this.#spec.store.update(this.#key, () => Promise.resolve(entry(tokens)));
    return tokens;
  }

  /** First step of a sign-in in two: the address for the user. What the second step needs is kept in the store. */
  async begin(redirectUri: string, prompt?: string): Promise<AuthorizationRequest> {
    const { application, scopes, grant, store } = this.#spec;
    const request = await authorizationUrl(application, scopes, redirectUri, this.#context, { user: grant.kind === 'code' ? grant.loginHint : undefined, prompt });
    const { verifier, state } = request;
    await store.update(this.#key, (current) => Promise.resolve({ ...current, pending: { verifier, state, redirectUri }, updated: Date.now() }));
    return request;
  }

  /** Second step: the code, or the whole address that the browser came to. */
  async finish(verifier: string): Promise<Tokens> {
    let tokens: Tokens | undefined;
    await this.#spec.store.update(this.#key, async (current) => {
      tokens = await this.#redeem(verifier, current);
      return entry(tokens);
    });
    if (tokens === undefined) throw new ExchangeSqlError('INTERNAL', 'A sign-in ended without a token.');
    return tokens;
  }

  /** Renews now. @param refreshToken in place of the stored one. */
  async renew(refreshToken?: string): Promise<Tokens> {
    let tokens: Tokens | undefined;
    await this.#spec.store.update(this.#key, async (current) => {
      tokens = await this.#refreshed(refreshToken === undefined ? this.#refreshTokens(current) : [refreshToken]);
      return entry(tokens, refreshToken ?? current?.refreshToken ?? this.#spec.seed.refreshToken);
    });
    if (tokens === undefined) throw new ExchangeSqlError('INTERNAL', 'A renewal ended without a token.');
    return tokens;
  }

  async #fetch(): Promise<FetchedToken> {
    const { grant, store } = this.#spec;
    if (grant.kind !== 'code') return this.#taken(entry(await this.#ask(grant)));
    if (grant.mode === 'off') throw noToken();
    let must: Grant | undefined;
    const stored = await store.update(this.#key, async (current) => {
      const next = await this.#silent(current);
      if (next === undefined) must = grant;
      return next ?? current;
    });
    if (must === undefined && stored !== undefined) return this.#taken(stored);
    // The user is asked outside the lock: other processes must not wait for that.
    const tokens = await this.#ask(grant);
    return this.#taken((await store.update(this.#key, () => Promise.resolve(entry(tokens)))) ?? entry(tokens));
  }

  #taken({ accessToken, expires }: StoredSignIn): FetchedToken {
    if (accessToken === undefined) throw new ExchangeSqlError('INTERNAL', 'A sign-in ended without a token.');
    this.#context.transport.trace.redactor.add(accessToken);
    const { user } = readClaims(accessToken);
    if (user.length > 0) this.#own = user;
    return { token: accessToken, expires: expires ?? Date.now() + 60_000 };
  }

  /** What can be had without the user; undefined if they have to be asked. */
  async #silent(current: StoredSignIn | undefined): Promise<StoredSignIn | undefined> {
    const { seed, grant } = this.#spec;
    const refreshTokens = this.#refreshTokens(current);
    if (grant.kind === 'code' && grant.verifier !== undefined && (current?.pending !== undefined || (refreshTokens.length === 0 && current?.accessToken === undefined))) {
      try {
        return entry(await this.#redeem(grant.verifier, current));
      } catch (error) {
        // A code that was used before is still in the connection string when its tokens are stored.
        if (refreshTokens.length === 0 || !(error instanceof ExchangeSqlError) || error.code !== 'AUTHENTICATION') throw error;
      }
    }
    if (this.#usable(current?.accessToken, current?.expires)) return current;
    if (current?.refreshToken === undefined && seed.accessToken !== undefined && this.#usable(seed.accessToken, seed.expires)) {
      return { accessToken: seed.accessToken, ...(seed.expires === undefined ? {} : { expires: seed.expires }), ...(seed.refreshToken === undefined ? {} : { refreshToken: seed.refreshToken }), updated: Date.now() };
    }
    try {
      return entry(await this.#refreshed(refreshTokens), current?.refreshToken ?? seed.refreshToken);
    } catch (error) {
      const asks = grant.kind === 'code' && (grant.mode === 'interactive' || grant.mode === 'device');
      // What does not get through is no reason to ask the user.
      if (asks && error instanceof ExchangeSqlError && error.code === 'AUTHENTICATION' && !error.retryable) return undefined;
      throw error;
    }
  }

  #refreshTokens(current: StoredSignIn | undefined): readonly string[] {
    return [...new Set([current?.refreshToken, this.#spec.seed.refreshToken].filter((token) => token !== undefined))];
  }

  #usable(token: string | undefined, expires: number | undefined): boolean {
    return token !== undefined && token !== this.#rejected && (expires === undefined || expires - EARLY_MS > Date.now());
  }

  async #refreshed(refreshTokens: readonly string[]): Promise<Tokens> {
    const { application, scopes, store } = this.#spec;
    let dead: ExchangeSqlError | undefined;
    for (const token of refreshTokens) {
      try {
        return await refresh(application, scopes, token, this.#context);
      } catch (error) {
        // A refused token is dead; what does not get through, and a refused application, is something else.
        if (!(error instanceof ExchangeSqlError) || error.code !== 'AUTHENTICATION' || error.retryable || isApplicationFault(error)) throw error;
        dead = error;
      }
    }
    if (dead === undefined) {
      throw new ExchangeSqlError('AUTHENTICATION', `There is no sign-in to renew in ${store.place}.`, {
        hint: 'Sign in first: exchange-sql login with the same properties, or InitiateOAuth=GETANDREFRESH; or give OAuthRefreshToken.',
      });
    }
    throw new ExchangeSqlError('AUTHENTICATION', `The refresh token is no longer accepted${dead.serviceCode === undefined ? '' : ` (${dead.serviceCode})`}.`, {
      hint: 'Sign in again: exchange-sql login, or InitiateOAuth=GETANDREFRESH.',
      cause: dead,
      ...(dead.serviceCode === undefined ? {} : { serviceCode: dead.serviceCode }),
    });
  }

  #ask(grant: Grant): Promise<Tokens> {
    const { application, scopes } = this.#spec;
    if (grant.kind === 'password') return password(application, scopes, { name: grant.user, password: grant.password }, this.#context);
    if (grant.kind === 'client') return clientCredentials(application, scopes, this.#context);
    if (grant.mode !== 'device') return this.#interactive(grant);
    return deviceCode(application, scopes, ({ url, code, seconds }) => this.#prompt(`To sign in, open ${url} and enter the code ${code} (valid for ${String(Math.round(seconds / 60))} minutes).`), this.#context);
  }

  #prompt(text: string): void {
    const { prompt = (line: string) => process.stderr.write(`${line}\n`) } = this.#spec;
    prompt(text);
  }

  async #interactive({ callbackUrl, loginHint }: Extract<Grant, { kind: 'code' }>): Promise<Tokens> {
    const { application, scopes, patienceMs = PATIENCE_MS, browse = openBrowser } = this.#spec;
    const listener = await listenForCallback(callbackUrl);
    try {
      const request = await authorizationUrl(application, scopes, listener.redirectUri, this.#context, { user: loginHint });
      const answer = listener.code(request.state, undefined, patienceMs);
      // Rejections are handled below; while the browser starts they must not count as unhandled.
      answer.catch(() => undefined);
      const opened = await browse(request.url);
      this.#prompt(`${opened ? 'Waiting for the sign-in in the browser. If none has opened, open this address on this machine:' : 'To sign in, open this address in a browser on this machine:'}\n${request.url}`);
      return await authorizationCode(application, scopes, await answer, request, this.#context);
    } finally {
      listener.close();
    }
  }

  async #redeem(verifier: string, current: StoredSignIn | undefined): Promise<Tokens> {
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

function entry(tokens: Tokens, before?: string): StoredSignIn {
  const refreshToken = tokens.refreshToken ?? before;
  return { accessToken: tokens.accessToken, expires: tokens.expires, ...(refreshToken === undefined ? {} : { refreshToken }), updated: Date.now() };
}

function noToken(): ExchangeSqlError {
  return new ExchangeSqlError('AUTHENTICATION', 'The connection has no access token, and InitiateOAuth=OFF gets none.', {
    hint: 'Give OAuthAccessToken; or InitiateOAuth=GETANDREFRESH to sign in with a browser, REFRESH after exchange-sql login. EXEC GetOAuthAuthorizationURL begins a sign-in in two steps.',
  });
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
