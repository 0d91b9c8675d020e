/** Tokens of one identity; every member may be absent. */
export interface StoredSignIn {
  readonly accessToken?: string;
  /** Milliseconds since 1970. */
  readonly expires?: number;
  readonly refreshToken?: string;
  /** Of a sign-in that was begun in another process: the verifier and state of its authorization code. */
  readonly pending?: { readonly verifier: string; readonly state: string; readonly redirectUri: string };
  /** Milliseconds since 1970. */
  readonly updated: number;
}

export interface TokenStore {
  /** For messages: a path, or `memory`. */
  readonly place: string;
  read(key: string): Promise<StoredSignIn | undefined>;
  /** Reads, lets `change` decide (it may ask the network), and writes what it returns; undefined removes the entry. */
  update(key: string, change: (current: StoredSignIn | undefined) => Promise<StoredSignIn | undefined>): Promise<StoredSignIn | undefined>;
}
