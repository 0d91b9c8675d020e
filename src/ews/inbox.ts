/**
 * Owns: asking an Exchange server for the inbox (GetFolder) and understanding whatever answers: the folder, a refusal in its reply, a
 * SOAP fault, a 401, a web page.
 * Does not own: sending, signing in (http/, auth/), or the address (driver/options).
 * Invariants: a name reaches the request through the XML escaper only; no body of an answer is shown, only its codes and the server's own words.
 */
import { ExchangeSqlError } from '../errors.js';
import type { HttpResponse } from '../http/transport.js';

export interface Impersonation {
  readonly type: 'PrincipalName' | 'SID' | 'PrimarySmtpAddress' | 'SmtpAddress';
  readonly user: string;
}

export interface InboxRequest {
  /** RequestServerVersion, e.g. `Exchange2013_SP1`. */
  readonly version: string;
  readonly impersonation: Impersonation | undefined;
}

export interface Inbox {
  /** As the mailbox's language has it. */
  readonly name: string;
  readonly total: number | undefined;
  readonly unread: number | undefined;
  /** `15.2.1118.40`; undefined where the server does not say. */
  readonly serverVersion: string | undefined;
}

const escape = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

/** The body of the request: text/xml, UTF-8. */
export function inboxRequest({ version, impersonation }: InboxRequest): string {
  const who = impersonation === undefined ? '' : `<t:ExchangeImpersonation><t:ConnectingSID><t:${impersonation.type}>${escape(impersonation.user)}</t:${impersonation.type}></t:ConnectingSID></t:ExchangeImpersonation>`;
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">' +
    `<soap:Header><t:RequestServerVersion Version="${escape(version)}"/>${who}</soap:Header>` +
    '<soap:Body><m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:GetFolder></soap:Body></soap:Envelope>'
  );
}

/**
 * The inbox, of a server's answer.
 *
 * @param by `AuthScheme=…`, for messages.
 * @throws ExchangeSqlError AUTHENTICATION (401), PERMISSION (403, denied), MAILBOX, SERVICE (other refusals), NOT_FOUND (404), BAD_RESPONSE (not EWS).
 */
export function readInbox(answer: HttpResponse, url: string, by: string): Inbox {
  const text = answer.body.toString('utf8');
  const { status } = answer;
  if (status === 401) throw refused(answer, by);
  const isXml = /^\s*(?:\ufeff)?(?:<\?xml|<(?:\w+:)?Envelope)/.test(text);
  if (isXml && /<(?:\w+:)?Fault[\s>]/.test(text)) throw fault(text, status);
  if (isXml && status === 200 && /<(?:\w+:)?GetFolderResponseMessage[\s>]/.test(text)) return folder(text);
  throw notEws(answer, text, url);
}

function folder(text: string): Inbox {
  if (/ResponseClass\s*=\s*["']Error["']/.test(text)) throw serviceError(element(text, 'ResponseCode') ?? 'ErrorUnknown', element(text, 'MessageText'), 200);
  const name = element(text, 'DisplayName');
  if (name === undefined) throw new ExchangeSqlError('BAD_RESPONSE', 'The server answered GetFolder without a folder.', { hint: 'Something on the way changes its answers.' });
  const count = (tag: string): number | undefined => {
    const value = element(text, tag);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  };
  const info = /<(?:\w+:)?ServerVersionInfo\s([^>]*)>/.exec(text)?.[1];
  const parts = ['MajorVersion', 'MinorVersion', 'MajorBuildNumber', 'MinorBuildNumber'].map((part) => (info === undefined ? undefined : new RegExp(`\\b${part}="(\\d+)"`).exec(info)?.[1]));
  return { name, total: count('TotalCount'), unread: count('UnreadCount'), serverVersion: parts[0] === undefined ? undefined : parts.filter((part) => part !== undefined).join('.') };
}

/** Text of the first element of a local name, references resolved. */
function element(text: string, name: string): string | undefined {
  const found = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(text)?.[1];
  if (found === undefined) return undefined;
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return found.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal?: string, hex?: string, entity?: string) => {
    if (entity !== undefined) return named[entity] ?? all;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    // Exchange writes references to characters that XML does not have.
    return code >= 0x20 && code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
  });
}

const short = (text: string): string => text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, 300);

function fault(text: string, status: number): ExchangeSqlError {
  const code = element(text, 'ResponseCode') ?? element(text, 'faultcode')?.replace(/^.*:/, '');
  return serviceError(code ?? 'Fault', element(text, 'faultstring') ?? element(text, 'Message'), status);
}

const HINTS: Readonly<Record<string, readonly [code: 'MAILBOX' | 'PERMISSION' | 'SERVICE' | 'THROTTLED', hint: string]>> = {
  ErrorNonExistentMailbox: ['MAILBOX', 'No mailbox has this address: check ImpersonationUser (or UserId), and that the user who signs in has a mailbox.'],
  ErrorMissingEmailAddress: ['MAILBOX', 'The account has no mailbox here: check User, or name a mailbox with ImpersonationUser.'],
  ErrorNonPrimarySmtpAddress: ['MAILBOX', 'Use the primary address of the mailbox.'],
  ErrorMailboxStoreUnavailable: ['MAILBOX', 'The mailbox database is not available now; try again later.'],
  ErrorAccessDenied: ['PERMISSION', 'The account may not open this mailbox.'],
  ErrorImpersonateUserDenied: ['PERMISSION', 'The account needs the role ApplicationImpersonation (New-ManagementRoleAssignment), or the application full_access_as_app.'],
  ErrorImpersonationDenied: ['PERMISSION', 'The account needs the role ApplicationImpersonation (New-ManagementRoleAssignment), or the application full_access_as_app.'],
  ErrorImpersonationRequired: ['MAILBOX', 'An application has no mailbox of its own: name one with UserId or ImpersonationUser.'],
  ErrorInvalidServerVersion: ['SERVICE', 'The server is older than Platform says: set Platform to its version.'],
  ErrorServerBusy: ['THROTTLED', 'Try again later.'],
};

function serviceError(serviceCode: string, words: string | undefined, status: number): ExchangeSqlError {
  const [code, hint] = HINTS[serviceCode] ?? (['SERVICE', 'See the documentation of Exchange Web Services for this response code.'] as const);
  return new ExchangeSqlError(code, `The Exchange server refused GetFolder: ${serviceCode.slice(0, 80)}${words === undefined || words === '' ? '' : `: ${short(words)}`}`, { hint, serviceCode, status, retryable: code === 'THROTTLED' });
}

function refused({ headers }: HttpResponse, by: string): ExchangeSqlError {
  const offered = offeredSchemes(headers['www-authenticate'] ?? '');
  const wanted = by.replace(/^AuthScheme=/, '').toLowerCase();
  const served = wanted === 'oauth' || wanted.startsWith('azure') ? 'bearer' : wanted;
  const list = offered.map((name) => NAMES[name] ?? name).join(', ');
  if (offered.length > 0 && wanted !== 'none' && !offered.includes(served)) {
    return new ExchangeSqlError('AUTHENTICATION', `The server does not offer what ${by} needs (401).`, { status: 401, hint: `It offers ${list}: set AuthScheme to one of these.` });
  }
  if (wanted === 'none') return new ExchangeSqlError('AUTHENTICATION', 'The server asks for authentication (401).', { status: 401, hint: offered.length === 0 ? 'Set AuthScheme.' : `Set AuthScheme; it offers ${list}.` });
  if (served === 'bearer') return new ExchangeSqlError('AUTHENTICATION', 'The server refused the access token (401).', { status: 401, hint: 'Check that the token was issued for this server (its audience) and has not expired, and that OAuth is set up on the server (Get-AuthServer).' });
  return new ExchangeSqlError('AUTHENTICATION', 'The server refused user name and password (401).', { status: 401, hint: 'Check User, Password and Domain; a locked or disabled account and an expired password look the same.' });
}

const NAMES: Readonly<Record<string, string>> = { ntlm: 'NTLM', negotiate: 'Negotiate', basic: 'Basic', digest: 'Digest', bearer: 'OAuth' };

/** Names of the schemes in a WWW-Authenticate header, in lower case. */
function offeredSchemes(header: string): string[] {
  const known = Object.keys(NAMES).filter((name) => new RegExp(`(?:^|[\\s,])${name}(?:[\\s,]|$)`, 'i').test(header));
  return known;
}

function notEws({ status, headers }: HttpResponse, text: string, url: string): ExchangeSqlError {
  const { origin, pathname } = new URL(url);
  const page = /text\/html/i.test(headers['content-type'] ?? '') || /^\s*(?:<!doctype html|<html)/i.test(text);
  if (status >= 300 && status < 400) {
    const to = headers['location'] ?? '';
    const where = URL.canParse(to, url) ? new URL(to, url).origin : 'another address';
    return new ExchangeSqlError('BAD_RESPONSE', `${origin} sends on to ${where} (${String(status)}); it was not followed.`, { status, hint: where === origin ? 'That is a sign-in page or another path: check Server, which names the EWS address.' : 'If that is the Exchange server, set Server to it.' });
  }
  if (status === 403) return new ExchangeSqlError('PERMISSION', `${origin} forbids EWS (403).`, { status, hint: 'EWS may be switched off for the mailbox, the application or the organization. Exchange Online blocks it by default since October 2026: use Schema=MSGraph there.' });
  if (status === 404) return new ExchangeSqlError('NOT_FOUND', `There is no ${pathname} at ${origin} (404${page ? ', a web page' : ''}).`, { status, hint: 'Check Server: the usual address is https://host/EWS/Exchange.asmx.' });
  if (page) return new ExchangeSqlError('BAD_RESPONSE', `${origin}${pathname} is a web page, not EWS (${String(status)}).`, { status, hint: 'A sign-in form of a gateway, or another path: check Server, and whether a gateway in front signs in with a form.' });
  if (status === 503 || status === 429) return new ExchangeSqlError('THROTTLED', `${origin} is busy (${String(status)}).`, { status, retryable: true, hint: 'Try again later.' });
  return new ExchangeSqlError('BAD_RESPONSE', `What answers at ${origin}${pathname} is not EWS (${String(status)}).`, { status, hint: 'Check Server: the usual address is https://host/EWS/Exchange.asmx.' });
}
