/**
 * Owns: refusals of the sign-in service in plain words.
 * Invariants: the service's own text is not shown (it may quote what was sent); its number and correlation id are.
 */
import { ExchangeSqlError } from '../errors.js';

interface Explanation {
  readonly message: string;
  readonly hint: string;
}

/** Numbers of Microsoft Entra's sign-in errors (AADSTS…), as documented by Microsoft. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  '7000215': { message: 'the client secret is wrong', hint: 'Give the value of the secret as OAuthClientSecret, not its id; it is shown only once, when it is made.' },
  '7000222': { message: 'the client secret has expired', hint: 'Make a new secret for the application and give it as OAuthClientSecret.' },
  '7000216': { message: 'the application must prove itself by a secret or a certificate', hint: 'Give OAuthClientSecret.' },
  '700016': { message: 'the application is not known in this tenant', hint: 'Check OAuthClientId and AzureTenant; the application must be registered or consented to in that tenant.' },
  '700054': { message: 'the application may not obtain tokens this way', hint: 'Check the platform settings of the application.' },
  '90002': { message: 'the tenant is not known', hint: 'Check AzureTenant: a tenant id or one of its verified domains, in the right national cloud.' },
  '900023': { message: 'the tenant name is not valid', hint: 'Check AzureTenant: a tenant id or one of its verified domains.' },
  '900021': { message: 'the tenant name is not valid', hint: 'Check AzureTenant: a tenant id or one of its verified domains.' },
  '50059': { message: 'no tenant was named', hint: 'Give AzureTenant.' },
  '500011': { message: 'the resource is not known in this tenant', hint: 'Check GraphEndpoint: the tenant may belong to another national cloud.' },
  '70011': { message: 'the scope asked for is not valid', hint: 'Check GraphEndpoint: the scope is made of its origin.' },
  '65001': { message: 'nobody has consented to the permissions of the application', hint: 'Have an administrator grant admin consent to the application.' },
  '7000112': { message: 'the application is disabled', hint: 'Have an administrator enable sign-in for the application.' },
  '53003': { message: 'a conditional access policy blocks the sign-in', hint: 'Have an administrator exclude the application, or run from an allowed network.' },
  '50076': { message: 'a second factor is required', hint: 'Sign in in a way that allows a second factor, or use an application (AuthScheme=AzureServicePrincipal).' },
  '50126': { message: 'user name or password is wrong', hint: 'Check User and Password.' },
};

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
  server_error: { message: 'the sign-in service has a problem', hint: 'Try again later.' },
  temporarily_unavailable: { message: 'the sign-in service is not available', hint: 'Try again later.' },
  endpoints_resolution_error: { message: 'the tenant or the sign-in service was not found', hint: 'Check AzureTenant and the network of this machine.' },
};

function errorCode(error: unknown): string {
  return error instanceof Error && 'errorCode' in error && typeof error.errorCode === 'string' ? error.errorCode : '';
}
