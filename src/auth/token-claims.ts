import { createHash } from 'node:crypto';

/** The few claims of an access token that are worth knowing. Unverified: good for hints and grouping, never for a decision of trust. */
export interface TokenClaims {
  readonly application?: string;
  /** True for an application's own token (no signed-in user). */
  readonly applicationOnly?: boolean;
  /** Object id and address of the signed-in user. */
  readonly user: readonly string[];
  /** Milliseconds since 1970. */
  readonly expires?: number;
}

/** Reads the claims of a JSON Web Token; without any if the token is opaque. */
export function readClaims(token: string): TokenClaims {
  const parts = token.split('.');
  const payload = parts.length === 3 ? parts[1] : undefined;
  if (payload === undefined) return { user: [] };
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return { user: [] };
  }
  if (typeof claims !== 'object' || claims === null) return { user: [] };
  const bag = claims as Record<string, unknown>;
  const text = (name: string): string | undefined => {
    const value = bag[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const application = text('appid') ?? text('azp');
  const applicationOnly = text('idtyp') === 'app' || (Array.isArray(bag['roles']) && text('scp') === undefined && text('idtyp') === undefined);
  const user = applicationOnly ? [] : [text('oid'), text('upn') ?? text('unique_name') ?? text('preferred_username')].filter((name) => name !== undefined);
  const exp = bag['exp'];
  return {
    ...(application === undefined ? {} : { application }),
    applicationOnly,
    user,
    ...(typeof exp === 'number' && Number.isFinite(exp) ? { expires: exp * 1000 } : {}),
  };
}

/** Names who asks: the application of a readable token, else a digest that two connections with the same token share. */
export function applicationKeyOf(token: string): string {
  const { application } = readClaims(token);
  if (application !== undefined) return `app:${application.toLowerCase()}`;
  return `token:${createHash('sha256').update(token).digest('base64url').slice(0, 16)}`;
}
