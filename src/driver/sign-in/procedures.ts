/**
 * Owns: the stored procedures that sign in: GetOAuthAuthorizationURL, GetOAuthAccessToken, RefreshOAuthAccessToken, GetAdminConsentURL.
 * Does not own: the flows (auth/oauth), the procedures of the service (graph/procedures).
 * Invariants: tokens are handed out only to a program that runs for its own user; planning sends nothing.
 */
import { randomBytes } from 'node:crypto';
import { createSignIn } from '../../auth/create-credential.js';
import type { CredentialSpec, OAuthDescription } from '../../auth/credential-spec.js';
import type { OAuthCredential } from '../../auth/oauth/credential.js';
import type { Tokens } from '../../auth/oauth/flows.js';
import { ExchangeSqlError } from '../../errors.js';
import type { HttpTransport } from '../../http/transport.js';
import type { PlannedCall, ProcedureCall, Procedures } from '../../scan/procedure.js';
import type { PlannedRequest } from '../../scan/scan.js';
import type { SqlValue } from '../../scan/value.js';
import type { FileAccess } from '../files.js';

export interface SignInProceduresSettings {
  readonly spec: CredentialSpec;
  readonly transport: HttpTransport;
  readonly fileAccess: FileAccess;
  /** Every other procedure. */
  readonly others: Procedures;
}

type Row = readonly SqlValue[];
interface Call {
  readonly description: OAuthDescription;
  readonly credential: () => OAuthCredential;
  text(input: string): string | undefined;
}
interface SignInProcedure {
  /** It gives tokens to the caller. */
  readonly secret: boolean;
  readonly requests: (call: Call) => readonly PlannedRequest[];
  readonly run: (call: Call) => Promise<Row>;
}

const tokenRequest = ({ description: { application } }: Call): readonly PlannedRequest[] => [{ method: 'POST', url: application.tokenUrl ?? `${application.authorityHost}/${application.tenant}/oauth2/v2.0/token`, columns: [] }];

export const SIGN_IN_PROCEDURES: Readonly<Record<string, SignInProcedure>> = {
  GetOAuthAuthorizationURL: {
    secret: false,
    requests: () => [],
    run: async ({ credential, text, description }) => {
      if (description.grant.kind !== 'code') throw noUser();
      const { url } = await credential().begin(text('CallbackURL') ?? description.grant.callbackUrl ?? 'http://localhost', text('Prompt'));
      return [url];
    },
  },
  GetOAuthAccessToken: {
    secret: true,
    requests: tokenRequest,
    run: async ({ credential, text, description: { grant } }) => {
      const verifier = text('Verifier') ?? (grant.kind === 'code' ? grant.verifier : undefined);
      const web = text('AuthMode') === 'WEB';
      if (grant.kind !== 'code' && verifier !== undefined) throw new ExchangeSqlError('BAD_PARAMETER', 'Verifier belongs to the sign-in of a user, and this connection has none.', { hint: 'Leave Verifier out, or use AuthScheme=AzureAD.' });
      if (verifier === undefined && web) throw new ExchangeSqlError('BAD_PARAMETER', 'AuthMode=WEB needs Verifier.', { hint: 'EXEC GetOAuthAuthorizationURL gives the address to sign in at; its answer holds the code.' });
      return tokenRow(verifier === undefined ? await credential().signIn() : await credential().finish(verifier));
    },
  },
  RefreshOAuthAccessToken: {
    secret: true,
    requests: tokenRequest,
    run: async ({ credential, text, description: { grant } }) => {
      if (grant.kind !== 'code') throw noUser();
      return tokenRow(await credential().renew(text('OAuthRefreshToken')));
    },
  },
  GetAdminConsentURL: {
    secret: false,
    requests: () => [],
    run: ({ text, description: { application, scopes, grant } }) => {
      const url = new URL(`${application.authorityHost}/${application.tenant}/v2.0/adminconsent`);
      url.searchParams.set('client_id', application.clientId);
      url.searchParams.set('scope', text('Scope') ?? scopes.join(' '));
      url.searchParams.set('redirect_uri', text('CallbackURL') ?? (grant.kind === 'code' ? grant.callbackUrl : undefined) ?? 'http://localhost');
      url.searchParams.set('state', text('State') ?? randomBytes(12).toString('base64url'));
      return Promise.resolve([url.href]);
    },
  },
};

export function withSignInProcedures({ spec, transport, fileAccess, others }: SignInProceduresSettings): Procedures {
  const prepare = (own: SignInProcedure, { procedure, inputs }: ProcedureCall): Call => {
    if (spec.kind !== 'oauth') {
      throw new ExchangeSqlError('NOT_SUPPORTED', `${procedure} needs an application that signs in; this connection uses ${spec.kind === 'token' ? 'a given token' : spec.kind === 'provider' ? 'a token provider' : 'a managed identity'}.`, {
        hint: 'Connect with AuthScheme=AzureAD (or OAuth, AzureServicePrincipal) and OAuthClientId.',
      });
    }
    if (own.secret && fileAccess !== 'any') {
      throw new ExchangeSqlError('STATEMENT_REFUSED', `${procedure} hands out tokens, which this program does not allow.`, { hint: 'It runs only where the program runs for its own user (fileAccess: any).' });
    }
    return {
      description: spec,
      credential: () => createSignIn(spec, transport),
      text: (input) => {
        const value = inputs.get(input);
        return typeof value === 'string' && value !== '' ? value : undefined;
      },
    };
  };
  const find = (name: string): SignInProcedure | undefined => (Object.hasOwn(SIGN_IN_PROCEDURES, name) ? SIGN_IN_PROCEDURES[name] : undefined);
  return {
    plan: (call): PlannedCall => {
      const own = find(call.procedure);
      return own === undefined ? others.plan(call) : { call, requests: own.requests(prepare(own, call)), mails: [] };
    },
    call: (call, context) => {
      const own = find(call.procedure);
      return own === undefined ? others.call(call, context) : one(own.run(prepare(own, call)));
    },
  };
}

async function* one(row: Promise<Row>): AsyncGenerator<readonly Row[], void, void> {
  yield [await row];
}

function tokenRow({ accessToken, refreshToken, expires }: Tokens): Row {
  return [accessToken, refreshToken ?? null, String(Math.max(0, Math.round((expires - Date.now()) / 1000)))];
}

function noUser(): ExchangeSqlError {
  return new ExchangeSqlError('NOT_SUPPORTED', 'This connection signs no user in with a browser.', { hint: 'Connect with AuthScheme=AzureAD and OAuthClientId. An application and a password get a token by EXEC GetOAuthAccessToken.' });
}
