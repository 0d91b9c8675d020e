/**
 * Owns: what a signing key is, and the errors about one.
 * Invariants: no error shows key material or a password.
 */
import type { KeyObject } from 'node:crypto';
import { ExchangeSqlError } from '../../errors.js';

/** One private key of a store, with its certificates where the store has them. */
export interface StoredKey {
  /** RSA, private. */
  readonly privateKey: KeyObject;
  /** PEM: the key's own certificate first, then its issuers. Empty for stores that hold keys only (PPK, XML). */
  readonly chain: readonly string[];
  /** Where the store names its entries. */
  readonly alias?: string;
}

export interface StoreOptions {
  readonly password: string | undefined;
}

export const unusable = (message: string, hint: string, cause?: unknown): ExchangeSqlError =>
  new ExchangeSqlError('CONNECTION_STRING', message, { hint, ...(cause === undefined ? {} : { cause }) });

export const wrongPassword = (what: string, given: string | undefined, cause?: unknown): ExchangeSqlError =>
  given === undefined || given === ''
    ? unusable(`${what} is protected by a password, and OAuthJWTCertPassword is not set.`, 'Set OAuthJWTCertPassword.', cause)
    : unusable(`OAuthJWTCertPassword does not open ${what}.`, 'Check the password; it is compared with case and blanks.', cause);

/** Entra signs with RSA only. */
export function requireRsa(key: KeyObject, what: string): KeyObject {
  if (key.asymmetricKeyType === 'rsa') return key;
  throw unusable(`The key in ${what} is of type ${key.asymmetricKeyType ?? 'unknown'}; Microsoft Entra takes RSA keys only.`, 'Register a certificate with an RSA key of 2048 bits or more.');
}
