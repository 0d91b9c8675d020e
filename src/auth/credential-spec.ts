/**
 * Owns: the description a credential is made from, as data.
 * Does not own: reading it from a connection string (driver/options/), making the credential (create-credential.ts).
 */
import type { TokenProvider } from './credential.js';
import type { ManagedIdentitySpec } from './managed-identity.js';
import type { ApplicationSpec } from './oauth/application.js';
import type { Grant, Seed } from './oauth/credential.js';

/** Where sign-ins are kept: the path of a file or `memory://name`, and what encrypts the file. */
export interface StorePlace {
  readonly location: string;
  readonly passphrase: string | undefined;
}

export interface OAuthDescription {
  readonly kind: 'oauth';
  readonly application: ApplicationSpec;
  readonly grant: Grant;
  readonly scopes: readonly string[];
  readonly seed: Seed;
  readonly store: StorePlace;
}

export type CredentialSpec =
  /** A token somebody else obtained; never refreshed. */
  | { readonly kind: 'token'; readonly token: string }
  /** A user or an application that signs in at the sign-in service. */
  | OAuthDescription
  /** The identity of the machine of Azure this runs on. */
  | ManagedIdentitySpec
  | { readonly kind: 'provider'; readonly provider: TokenProvider };
