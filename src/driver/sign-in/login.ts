/**
 * Owns: signing a user in now, for the connections that come after (`exchange-sql login`).
 * Invariants: the sign-in is kept where a connection with the same properties looks for it; no token is shown.
 */
import { createSignIn } from '../../auth/create-credential.js';
import { ExchangeSqlError } from '../../errors.js';
import { foldName } from '../connection-properties.js';
import { parseConnectionString, resolveOptions, type PropertyBag } from '../connection-string.js';
import { openTransport } from '../service.js';

export interface SignInOptions {
  /** Shows a code to type at another machine's browser, in place of opening one here. */
  readonly deviceCode?: boolean;
  /** False: the address is shown, and no browser is started. */
  readonly browser?: boolean;
  /** Told what the user has to do. Default: standard error. */
  readonly prompt?: (text: string) => void;
}

export interface SignedIn {
  /** Address of the user; undefined where the service does not tell. */
  readonly user: string | undefined;
  readonly expires: Date;
  /** It can be renewed without the user. */
  readonly renewable: boolean;
  /** Where it is kept: a path, or `memory`. */
  readonly place: string;
}

/**
 * @throws ExchangeSqlError CONNECTION_STRING for properties that sign no user in; AUTHENTICATION, TIMEOUT.
 * @example
 * await signIn('AuthScheme=AzureAD;OAuthClientId=…', { deviceCode: true });
 */
export async function signIn(properties: string | PropertyBag, { deviceCode = false, browser = true, prompt }: SignInOptions = {}): Promise<SignedIn> {
  const given = typeof properties === 'string' ? parseConnectionString(properties) : properties;
  // What the connections do is InitiateOAuth's; here the user is asked in any case.
  const kept = Object.entries(given).filter(([name]) => !['initiateoauth', 'oauthaccesstoken', 'accesstoken', 'oauthverifier', 'oauthexpiresin', 'oauthtokentimestamp'].includes(foldName(name)));
  const options = resolveOptions({ ...Object.fromEntries(kept), InitiateOAuth: 'GETANDREFRESH' });
  const { credential: spec } = options;
  if (spec.kind !== 'oauth' || spec.grant.kind !== 'code') {
    throw new ExchangeSqlError('CONNECTION_STRING', 'These properties sign no user in with a browser, so there is nothing to log in to.', { hint: 'Use AuthScheme=AzureAD with OAuthClientId. Applications and passwords sign in by themselves: exchange-sql test tries them.' });
  }
  const { transport } = openTransport(options);
  try {
    const grant = { ...spec.grant, mode: deviceCode ? ('device' as const) : ('interactive' as const) };
    const credential = createSignIn({ ...spec, grant }, transport, {}, { ...(prompt === undefined ? {} : { prompt }), ...(browser ? {} : { browse: () => Promise.resolve(false) }) });
    const { user, expires, refreshToken } = await credential.signIn();
    return { user: user[0], expires: new Date(expires), renewable: refreshToken !== undefined, place: credential.place };
  } finally {
    await transport.close();
  }
}
