/**
 * Owns: the interface of an authentication that takes several legs, towards a server or a proxy.
 * Does not own: any scheme (auth/ implements them).
 * Invariants: one handshake belongs to one socket where `bound` is true.
 */
import type { Socket } from 'node:net';

export interface HandshakeRequest {
  readonly method: string;
  /** As it stands in the request line: a path with query, or `host:port` for CONNECT. */
  readonly target: string;
  /** Host that is signed in to, for service principal names. */
  readonly host: string;
  /** DER of the TLS certificate of that host, where there is one: for channel bindings. */
  readonly certificate?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Handshake {
  /** True if it authenticates the connection (NTLM, Negotiate), not the single request. */
  readonly bound: boolean;
  /**
   * Value of Authorization or Proxy-Authorization for the next leg.
   *
   * @param challenge the header of a 401 or 407 (repeated ones joined by ", "); undefined before the first answer.
   * @returns undefined if nothing is to be sent before a challenge has come, or no leg is left: the user is refused.
   * @throws ExchangeSqlError AUTHENTICATION
   */
  next(challenge: string | undefined, request: HandshakeRequest): Promise<string | undefined>;
}

/** Makes a handshake for one socket (or one request, where it is not bound). */
export type HandshakeFactory = () => Handshake;

/** A socket through which a proxy leads to the target, or why not. */
export type OpenSocket = (signal: AbortSignal | undefined) => Promise<Socket>;
