/**
 * Owns: what is kept of sign-ins between processes: one entry for each identity (authority, tenant, application, user, scopes).
 * Does not own: what an entry means (oauth/), or where a connection keeps it (driver/).
 * Invariants: `update` runs alone for a store, across processes; an entry is found under its own key only, so connections that share a
 * file never overwrite each other.
 */
import { createHash } from 'node:crypto';
import { FileStore } from './file-store.js';
import { MemoryStore } from './memory-store.js';
import type { TokenStore } from './token-store.js';

export type { StoredSignIn, TokenStore } from './token-store.js';

export interface Identity {
  readonly authority: string;
  readonly clientId: string;
  /** How it signs in: `code`, `password`, … */
  readonly grant: string;
  readonly user?: string | undefined;
  readonly scopes: readonly string[];
}

/** A key that tells nothing about the identity to who reads the file. */
export function keyOf({ authority, clientId, grant, user = '', scopes }: Identity): string {
  return createHash('sha256').update(JSON.stringify([authority.toLowerCase(), clientId.toLowerCase(), grant, user.toLowerCase(), [...scopes].sort()])).digest('base64url');
}

/**
 * @param location `memory://name` (shared by the connections of this process that name it) or the path of a file.
 * @param passphrase encrypts the file.
 * @example openStore('memory://reports'); openStore('/home/ann/.exchange-sql/tokens.json');
 */
export function openStore(location: string, passphrase?: string): TokenStore {
  const memory = /^memory:\/\/(.*)$/is.exec(location);
  return memory === null ? new FileStore(location, passphrase) : MemoryStore.named(memory[1] ?? '');
}
