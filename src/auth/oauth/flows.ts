/**
 * Owns: one function for each OAuth 2.0 flow, through msal-node: client credentials, password, refresh token, authorization code, device code.
 * Does not own: which flow runs when (credential.ts), the browser (browser.ts) or its answer (listener.ts).
 * Invariants: each gives an access token with its end and, where the service gives one, the refresh token; refusals are in plain words.
 */
import type { AuthenticationResult, ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';
import { randomBytes } from 'node:crypto';
import { ExchangeSqlError } from '../../errors.js';
import { signInError } from '../aadsts.js';
import { bearerToken } from '../static-token.js';
import { buildApplication, networkFor, type ApplicationSpec, type SignInContext } from './application.js';

export interface Tokens {
  readonly accessToken: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly refreshToken: string | undefined;
  /** Address and object id of who signed in; empty for applications. */
  readonly user: readonly string[];
}

type Application = ConfidentialClientApplication | PublicClientApplication;

async function flow(spec: ApplicationSpec, context: SignInContext, run: (application: Application) => Promise<AuthenticationResult | null>): Promise<Tokens> {
  const { redactor } = context.transport.trace;
  if (spec.proof.kind === 'secret') redactor.add(spec.proof.secret);
  const network = networkFor(context, spec);
  let result: AuthenticationResult | null;
  try {
    result = await run(await buildApplication(spec, network));
  } catch (error) {
    throw network.failure instanceof ExchangeSqlError ? network.failure : signInError(error, spec.tenant);
  }
  if (result === null || result.accessToken === '') throw new ExchangeSqlError('AUTHENTICATION', 'The sign-in service answered without an access token.', { hint: 'Check Scope and the permissions of the application.' });
  const accessToken = bearerToken(result.accessToken, 'The token of the sign-in service');
  redactor.add(accessToken);
  const expires = result.expiresOn?.getTime() ?? Date.now() + 300_000;
  context.transport.trace.write(4, `token for application ${spec.clientId}, valid until ${new Date(expires).toISOString()}`, 'AUTH');
  return { accessToken, expires, refreshToken: network.refreshToken, user: [result.account?.username, result.account?.localAccountId].filter((name): name is string => name !== undefined && name !== '') };
}

/** An application as itself. */
export function clientCredentials(spec: ApplicationSpec, scopes: readonly string[], context: SignInContext): Promise<Tokens> {
  return flow(spec, context, async (application) => {
    if (!('acquireTokenByClientCredential' in application)) throw new ExchangeSqlError('CONNECTION_STRING', 'An application signs in as itself only with a secret or a certificate.', { hint: 'Give OAuthClientSecret or OAuthJWTCert.' });
    return application.acquireTokenByClientCredential({ scopes: [...scopes], skipCache: true });
  });
}

/** Resource owner password credentials: no second factor, work and school accounts only. */
export function password(spec: ApplicationSpec, scopes: readonly string[], user: { readonly name: string; readonly password: string }, context: SignInContext): Promise<Tokens> {
  context.transport.trace.redactor.add(user.password);
  return flow(spec, context, (application) => application.acquireTokenByUsernamePassword({ scopes: [...scopes], username: user.name, password: user.password }));
}

export function refresh(spec: ApplicationSpec, scopes: readonly string[], refreshToken: string, context: SignInContext): Promise<Tokens> {
  context.transport.trace.redactor.add(refreshToken);
  return flow(spec, context, (application) => application.acquireTokenByRefreshToken({ scopes: [...scopes], refreshToken, forceCache: true }));
}

export interface AuthorizationRequest {
  readonly url: string;
  /** To be kept until the code comes back (PKCE, RFC 7636). */
  readonly verifier: string;
  readonly state: string;
  readonly redirectUri: string;
}

/** The address a user signs in at. Sends nothing where the addresses are known. */
export async function authorizationUrl(spec: ApplicationSpec, scopes: readonly string[], redirectUri: string, context: SignInContext, hint?: { readonly user?: string | undefined; readonly prompt?: string | undefined }): Promise<AuthorizationRequest> {
  const network = networkFor(context, spec);
  try {
    const { CryptoProvider } = await import('@azure/msal-node');
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const state = randomBytes(24).toString('base64url');
    context.transport.trace.redactor.add(verifier);
    const application = await buildApplication(spec, network);
    const url = await application.getAuthCodeUrl({
      scopes: [...scopes], redirectUri, state, codeChallenge: challenge, codeChallengeMethod: 'S256', responseMode: 'query',
      ...(hint?.user === undefined ? {} : { loginHint: hint.user }),
      ...(hint?.prompt === undefined ? {} : { prompt: hint.prompt }),
    });
    return { url, verifier, state, redirectUri };
  } catch (error) {
    throw network.failure instanceof ExchangeSqlError ? network.failure : signInError(error, spec.tenant);
  }
}

export function authorizationCode(spec: ApplicationSpec, scopes: readonly string[], code: string, request: Omit<AuthorizationRequest, 'url'>, context: SignInContext): Promise<Tokens> {
  context.transport.trace.redactor.add(code);
  return flow(spec, context, (application) => application.acquireTokenByCode({ scopes: [...scopes], code, redirectUri: request.redirectUri, codeVerifier: request.verifier }));
}

/** `show` is told where to go and what to type. */
export function deviceCode(spec: ApplicationSpec, scopes: readonly string[], show: (prompt: { readonly url: string; readonly code: string; readonly seconds: number }) => void, context: SignInContext): Promise<Tokens> {
  return flow(spec, context, async (application) => {
    if (!('acquireTokenByDeviceCode' in application)) throw new ExchangeSqlError('CONNECTION_STRING', 'A device code is for public clients: the application must not have a secret.', { hint: 'Remove OAuthClientSecret, and allow public client flows in the registration of the application.' });
    let failed: unknown;
    const request = {
      scopes: [...scopes],
      cancel: false,
      deviceCodeCallback: ({ verificationUri, userCode, expiresIn }: { verificationUri: string; userCode: string; expiresIn: number }): void => {
        // msal does not wait for this: what it throws would end the process.
        try {
          show({ url: verificationUri, code: userCode, seconds: expiresIn });
        } catch (error) {
          failed = error;
          request.cancel = true;
        }
      },
    };
    try {
      return await application.acquireTokenByDeviceCode(request);
    } catch (error) {
      throw failed ?? error;
    }
  });
}
