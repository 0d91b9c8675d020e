/**
 * Owns: what a credential is.
 * Does not own: the description one is made from (credential-spec.ts), or sending it (http/channel.ts decides the origin).
 * Invariants: a credential never shows its token or secret except as the value of the Authorization header.
 */

/** Gives the value of the Authorization header; `http/channel.ts` calls it before each attempt. */
export interface Credential {
  /** Who asks, without a secret: the governor shares a mailbox's limit among connections with the same key. */
  readonly applicationKey: string;
  /** True if another token can be had after one was refused. */
  readonly refreshable: boolean;
  /** Names under which the signed-in user's own mailbox may also be addressed (id, address), where known. */
  readonly ownMailbox: readonly string[];
  /**
   * @param rejected a value given before, which the service has refused: another one is obtained, once for all who ask.
   * @throws ExchangeSqlError AUTHENTICATION, UNREACHABLE, TIMEOUT or CANCELLED.
   */
  authorization(signal: AbortSignal | undefined, rejected?: string): Promise<string>;
}

/** An access token with its end, as the Azure libraries hand it out. */
export interface ProvidedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresOnTimestamp?: number;
}

/** Any object of the shape of Azure's `TokenCredential`. */
export interface TokenProvider {
  getToken(scope: string, options?: { readonly abortSignal?: AbortSignal }): Promise<ProvidedToken | null>;
}
