/**
 * Owns: refusals of the sign-in service in plain words.
 * Invariants: the service's own text is not shown (it may quote what was sent); its number and correlation id are.
 */
import { ExchangeSqlError } from '../errors.js';

export interface Explanation {
  readonly message: string;
  readonly hint: string;
}

/** The application, its proof or its addresses are at fault, not the user or a token: renewing or asking again would not help. */
const APPLICATION: Readonly<Record<string, Explanation>> = {
  '7000215': { message: 'the client secret is wrong', hint: 'Give the value of the secret as OAuthClientSecret, not its id; it is shown only once, when it is made.' },
  '7000222': { message: 'the client secret has expired', hint: 'Make a new secret for the application and give it as OAuthClientSecret.' },
  '7000216': { message: 'the application must prove itself by a secret or a certificate', hint: 'Give OAuthClientSecret or OAuthJWTCert.' },
  '7000218': { message: 'the application must prove itself by a secret or a certificate', hint: "Give OAuthClientSecret or OAuthJWTCert, or allow public client flows in the application's registration (Authentication)." },
  '700025': { message: 'the application is a public client and must not give a secret', hint: 'Remove OAuthClientSecret and OAuthJWTCert.' },
  '700027': { message: 'the certificate is not registered with the application', hint: "Upload the certificate (its public part) under Certificates & secrets of the application's registration; OAuthJWTCertThumbprint and OAuthJWTCertPublic must be those of the private key." },
  '700024': { message: "the clock of this machine is wrong: the application's proof is outside of its time of validity", hint: 'Set the clock of this machine (NTP), and its time zone.' },
  '50012': { message: "the application's proof is not accepted", hint: 'Check that the certificate registered with the application has not expired and belongs to the private key of OAuthJWTCert.' },
  '50013': { message: 'the signature of the assertion is not accepted', hint: 'Check the private key and the certificate; and the clock of this machine.' },
  '700016': { message: 'the application is not known in this tenant', hint: 'Check OAuthClientId and AzureTenant; the application must be registered or consented to in that tenant.' },
  '700054': { message: 'the application may not obtain tokens this way', hint: 'Check the platform settings of the application.' },
  '700211': { message: 'no federated credential of the application matches the issuer of the token', hint: 'Compare issuer and subject of the federated credential with the token in OAuthFederatedTokenFile.' },
  '700213': { message: 'no federated credential of the application matches the subject of the token', hint: 'Compare issuer and subject of the federated credential with the token in OAuthFederatedTokenFile.' },
  '90002': { message: 'the tenant is not known', hint: 'Check AzureTenant: a tenant id or one of its verified domains, in the right national cloud.' },
  '900023': { message: 'the tenant name is not valid', hint: 'Check AzureTenant: a tenant id or one of its verified domains.' },
  '900021': { message: 'the tenant name is not valid', hint: 'Check AzureTenant: a tenant id or one of its verified domains.' },
  '900382': { message: 'the tenant belongs to another national cloud', hint: 'Set AzureEnvironment.' },
  '50059': { message: 'no tenant was named', hint: 'Give AzureTenant.' },
  '50194': { message: 'the application belongs to one tenant, which must be named', hint: 'Give AzureTenant.' },
  '50011': { message: 'the address to come back to is not registered with the application', hint: "Register CallbackURL (exactly as given; without it http://localhost) under Authentication of the application's registration." },
  '500112': { message: 'the address to come back to differs from the one of the sign-in', hint: 'Use the same CallbackURL in both steps, as it is registered with the application.' },
  '500011': { message: 'the resource is not known in this tenant', hint: 'Check GraphEndpoint and Scope: the tenant may belong to another national cloud.' },
  '70011': { message: 'the scope asked for is not valid', hint: 'Check Scope, or GraphEndpoint: without Scope it is made of its origin.' },
  '1002012': { message: 'the scope asked for is not valid for an application', hint: 'An application asks for …/.default: remove Scope.' },
  '7000112': { message: 'the application is disabled', hint: 'Have an administrator enable sign-in for the application.' },
};

/** The user, their consent or a token is at fault. */
const USER: Readonly<Record<string, Explanation>> = {
  '65001': { message: 'nobody has consented to the permissions of the application', hint: 'Have an administrator grant admin consent to the application: EXEC GetAdminConsentURL gives the address.' },
  '90094': { message: 'an administrator has to consent to the permissions of the application', hint: 'Have an administrator grant admin consent to the application: EXEC GetAdminConsentURL gives the address.' },
  '50105': { message: 'the user is not assigned to the application', hint: 'Have an administrator assign the user to the application.' },
  '53003': { message: 'a conditional access policy blocks the sign-in', hint: 'Have an administrator exclude the application, or run from an allowed network.' },
  '50076': { message: 'a second factor is required', hint: 'A password alone cannot give it: sign in with AuthScheme=AzureAD (exchange-sql login), or use an application (AuthScheme=AzureServicePrincipal).' },
  '50079': { message: 'a second factor has to be set up first', hint: 'A password alone cannot give it: sign in with AuthScheme=AzureAD (exchange-sql login), or use an application (AuthScheme=AzureServicePrincipal).' },
  '50126': { message: 'user name or password is wrong', hint: 'Check User and Password.' },
  '50034': { message: 'the user is not known in this tenant', hint: 'Check User and AzureTenant.' },
  '50053': { message: 'the account is locked after too many wrong passwords', hint: 'Wait, or have an administrator unlock it.' },
  '50055': { message: 'the password has expired', hint: 'Change the password, then give the new one.' },
  '50057': { message: 'the account is disabled', hint: 'Have an administrator enable it.' },
  '50173': { message: 'the sign-in was revoked (the password was changed)', hint: 'Sign in again: exchange-sql login.' },
  '700082': { message: 'the refresh token has expired because it was not used', hint: 'Sign in again: exchange-sql login.' },
  '700084': { message: 'the refresh token has expired: that of a page lives a day', hint: 'Register the application for the platform "Mobile and desktop applications" and sign in again: exchange-sql login.' },
  '70008': { message: 'the code or refresh token has expired', hint: 'Sign in again: exchange-sql login.' },
  '70000': { message: 'the code or refresh token is not valid', hint: 'Sign in again: exchange-sql login.' },
  '54005': { message: 'the code was used already', hint: 'Begin the sign-in again: EXEC GetOAuthAuthorizationURL.' },
  '70016': { message: 'the code has not been entered yet', hint: 'Enter it within the time given.' },
  '70020': { message: 'the code was not entered in time', hint: 'Begin the sign-in again.' },
};

/** Codes without a number that mean the same. */
const APPLICATION_CODES = new Set(['invalid_client', 'unauthorized_client', 'invalid_scope', 'endpoints_resolution_error']);

/** Numbers of Microsoft Entra's sign-in errors (AADSTS…), as documented by Microsoft. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = { ...APPLICATION, ...USER };

/** The application or its proof was refused: neither another token nor the user can help. */
export function isApplicationFault({ serviceCode = '' }: { readonly serviceCode?: string | undefined }): boolean {
  return APPLICATION_CODES.has(serviceCode) || Object.hasOwn(APPLICATION, serviceCode.replace(/^AADSTS/, ''));
}

/** What a number means; undefined if it is none of the known. */
export function explainNumber(number: string): Explanation | undefined {
  return Object.hasOwn(EXPLANATIONS, number) ? EXPLANATIONS[number] : undefined;
}

/** Makes an AUTHENTICATION error of what msal threw. */
export function signInError(error: unknown, tenant: string): ExchangeSqlError {
  if (error instanceof ExchangeSqlError) return error;
  const text = error instanceof Error ? error.message : '';
  const number = /AADSTS(\d+)/.exec(text)?.[1];
  const code = errorCode(error);
  const known = number === undefined ? undefined : EXPLANATIONS[number];
  const correlation = error instanceof Error && 'correlationId' in error && typeof error.correlationId === 'string' ? error.correlationId : '';
  const serviceCode = number === undefined ? code : `AADSTS${number}`;
  const what = known?.message ?? FALLBACKS[code]?.message ?? 'the sign-in service refused';
  return new ExchangeSqlError('AUTHENTICATION', `Signing in to tenant '${tenant}' failed: ${what}${serviceCode === '' ? '' : ` (${serviceCode})`}.`, {
    hint: known?.hint ?? FALLBACKS[code]?.hint ?? 'Check AzureTenant, OAuthClientId and OAuthClientSecret.',
    retryable: code === 'server_error' || code === 'temporarily_unavailable',
    ...(serviceCode === '' ? {} : { serviceCode }),
    ...(correlation === '' ? {} : { requestId: correlation }),
  });
}

/** OAuth's and msal's own codes, where there is no number. */
const FALLBACKS: Readonly<Record<string, Explanation>> = {
  invalid_client: { message: 'the application or its secret is not accepted', hint: 'Check OAuthClientId and OAuthClientSecret.' },
  unauthorized_client: { message: 'the application may not obtain tokens this way', hint: 'Check OAuthClientId and its permissions.' },
  invalid_scope: { message: 'the scope asked for is not valid', hint: 'Check GraphEndpoint: the scope is made of its origin.' },
  invalid_grant: { message: 'the code, the password or the refresh token is not accepted', hint: 'Sign in again: exchange-sql login; or check User and Password.' },
  authorization_pending: { message: 'nobody signed in', hint: 'Begin again.' },
  server_error: { message: 'the sign-in service has a problem', hint: 'Try again later.' },
  temporarily_unavailable: { message: 'the sign-in service is not available', hint: 'Try again later.' },
  endpoints_resolution_error: { message: 'the tenant or the sign-in service was not found', hint: 'Check AzureTenant and the network of this machine.' },
};

function errorCode(error: unknown): string {
  return error instanceof Error && 'errorCode' in error && typeof error.errorCode === 'string' ? error.errorCode : '';
}
