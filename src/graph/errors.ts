/**
 * Owns: Graph's answers other than success as ExchangeSqlError.
 * Does not own: retrying (http/), or deciding that a missing item is no row (the scan does).
 * Invariants: `serviceCode`, `status` and `requestId` are set where the service gave them; the service's own message is
 * shown redacted and cut.
 */
import { ExchangeSqlError } from '../errors.js';
import type { ErrorCode, ErrorDetails } from '../errors.js';
import { redactText } from '../http/redact.js';

/** What is known of a request that failed, for the message. */
export interface GraphErrorContext {
  /** Mailbox as the URL names it; '' or undefined for the signed-in user's own. */
  readonly mailbox?: string | null | undefined;
  /** Permission(s) that would allow it, e.g. `Mail.Read`. */
  readonly permission?: string | undefined;
}

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
}

interface ServiceError {
  readonly code: string | undefined;
  readonly innerCode: string | undefined;
  readonly message: string;
  readonly requestId: string | undefined;
}

/** Codes that say that a mailbox cannot be opened at all (facts 5). */
const NO_MAILBOX = new Set([
  'MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI', 'ErrorInvalidUser', 'ErrorNonExistentMailbox', 'ErrorMailboxMoveInProgress',
  'ErrorMailboxStoreUnavailable', 'ResourceNotFound',
]);
/** Of these: the user exists, and Exchange Online does not have their mailbox. */
const ELSEWHERE = new Set(['MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI']);
const CONFLICTS = new Set(['ErrorIrresolvableConflict', 'ErrorInvalidChangeKey', 'ErrorStaleObject']);
/** Codes of 409, and of 400 at times (facts 5: ErrorFolderExists), that say that the name or key is taken. */
const EXISTS = /FolderExists|AlreadyExists|Duplicate|SameKeyValue|NameConflict|name_conflict/i;
const TOO_COMPLEX = new Set(['InefficientFilter', 'ErrorRestrictionTooComplex', 'ErrorRestrictionTooLong']);

/** Makes the error of a Graph answer whose status is not 2xx. */
export function graphError(answer: GraphAnswer, context: GraphErrorContext = {}): ExchangeSqlError {
  const service = readError(answer);
  const { code, message, hint, retryable } = classify(answer, service, context);
  const details: ErrorDetails = {
    status: answer.status,
    retryable: retryable ?? false,
    ...(hint === undefined ? {} : { hint }),
    ...(service.requestId === undefined ? {} : { requestId: service.requestId }),
    ...(service.code === undefined ? {} : { serviceCode: service.code }),
  };
  return new ExchangeSqlError(code, message, details);
}

/** The service refused a filter or a sort as too expensive: the fallback ladder's cue (400 InefficientFilter and its kin). */
export function isTooComplex(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && error.status === 400 && error.serviceCode !== undefined && TOO_COMPLEX.has(error.serviceCode);
}

/** One item is not there (404), as opposed to its mailbox: no row when reading. */
export function isItemNotFound(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && error.code === 'NOT_FOUND' && error.status === 404;
}

/** A text that is no id of this service (400 ErrorInvalidIdMalformed): no row has it. */
export function isMalformedId(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && error.status === 400 && /^ErrorInvalidId/.test(error.serviceCode ?? '');
}

/** The mailbox cannot be opened: it is missing, has no Exchange mailbox, or access is denied (`OnMailboxError`). */
export function isMailboxError(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && (error.code === 'MAILBOX' || (error.code === 'PERMISSION' && error.serviceCode !== 'Authorization_RequestDenied'));
}

/** The user exists but has no mailbox: no error in a join with Users. */
export function isNoMailbox(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && error.code === 'MAILBOX';
}

function readError(answer: GraphAnswer): ServiceError {
  const error = member(answer.json, 'error');
  const inner = member(error, 'innerError') ?? member(error, 'innererror');
  const innerCode = text(member(inner, 'code'));
  const outer = text(member(error, 'code'));
  // To-do answers with an empty or general code outside and the precise one inside (facts 5).
  const general = outer === undefined || outer === 'invalidRequest' || outer === 'UnknownError' || outer === 'BadRequest';
  return {
    code: general && innerCode !== undefined ? innerCode : outer,
    innerCode,
    message: cut(redactText(text(member(error, 'message')) ?? '')),
    requestId: answer.headers['request-id'] ?? text(member(inner, 'request-id')),
  };
}

interface Classified {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable?: boolean;
}

function classify(answer: GraphAnswer, service: ServiceError, context: GraphErrorContext): Classified {
  const { status } = answer;
  const said = `${service.code ?? `HTTP ${status}`}${service.message === '' ? '' : `: ${service.message}`}`;
  const box = context.mailbox === undefined || context.mailbox === null || context.mailbox === '' ? undefined : context.mailbox;
  const whose = box === undefined ? "the connection's mailbox" : `mailbox '${box}'`;
  if (status === 401) {
    return {
      code: 'AUTHENTICATION',
      message: `The service does not accept the access token (${said}).`,
      hint: 'Get a new access token for Microsoft Graph: this one may have expired, or was issued for another service or cloud.',
    };
  }
  if (status === 403) {
    const directory = context.mailbox === null;
    const ask = context.permission === undefined ? 'the permission for it' : `the permission ${context.permission}`;
    return {
      code: 'PERMISSION',
      message: `Access to ${directory ? 'the directory' : whose} is denied (${said}).`,
      hint: `Ask an administrator to grant the application ${ask}${directory ? '' : `, and access to ${whose}`}.`,
    };
  }
  if (EXISTS.test(service.code ?? '') && (status === 409 || status === 400)) {
    return { code: 'DUPLICATE', message: `There is one of that name or key already (${said}).`, hint: 'Choose another name, or change the one that is there.' };
  }
  if (CONFLICTS.has(service.code ?? '') || status === 409 || status === 412) {
    return { code: 'CONFLICT', message: `The item was changed meanwhile (${said}).`, hint: 'Read it again and repeat the change.', retryable: true };
  }
  if (status === 404 && isMailboxCode(service, context)) {
    if (ELSEWHERE.has(service.code ?? '') || ELSEWHERE.has(service.innerCode ?? '')) {
      return {
        code: 'MAILBOX',
        message: `${capital(whose)} cannot be opened: it is not in Exchange Online (${said}).`,
        hint: 'It is kept on an Exchange server of your own, is inactive, or its user has no licence; Microsoft Graph reads mailboxes of Exchange Online only.',
      };
    }
    return {
      code: 'MAILBOX',
      message: `${capital(whose)} cannot be opened (${said}).`,
      hint: box === undefined ? 'Set UserId to the mailbox to read.' : 'Check the address or id; the user may not exist, or have no mailbox.',
    };
  }
  if (status === 404 || status === 410) return { code: 'NOT_FOUND', message: `The service does not have what was asked for (${said}).` };
  if (status === 429 || status === 503) {
    return {
      code: 'THROTTLED',
      message: `The service is too busy for ${context.mailbox === null ? 'requests to the directory' : whose} and still refused after several attempts (${said}).`,
      hint: 'Try again in a few minutes, or narrow the statement.',
      retryable: true,
    };
  }
  if (status === 504) {
    return { code: 'SERVICE', message: `The service took too long to answer (${said}).`, hint: 'Lower Pagesize, select fewer columns, or try again later.', retryable: true };
  }
  if (status >= 500 && status !== 501) {
    return { code: 'SERVICE', message: `The service failed (${said}).`, hint: 'Try again later.', retryable: true };
  }
  if (status === 501) return { code: 'NOT_SUPPORTED', message: `The service does not offer this (${said}).` };
  if (status >= 300 && status < 400) {
    return {
      code: 'BAD_RESPONSE',
      message: `The service redirects to another address (HTTP ${status}), which was not followed.`,
      hint: 'Check that GraphEndpoint is the root of Microsoft Graph, e.g. https://graph.microsoft.com/v1.0.',
    };
  }
  const hint = status === 400 ? remedyOf(service) : undefined;
  return { code: 'SERVICE', message: `The service refused the request (${said}).`, ...(hint === undefined ? {} : { hint }) };
}

/** What to do about a refusal that names its cause. */
function remedyOf({ code, message }: ServiceError): string | undefined {
  if (/^ErrorInvalidId/.test(code ?? '')) return "An id is copied whole, with its case. A folder is named by its id, by a well-known name such as 'archive', or by FOLDER('/path').";
  if (NO_DRAFT.test(message)) return 'It was sent or received already; ForwardMail or ReplyToMessage sends it on.';
  return undefined;
}

const NO_DRAFT = /\bnot (?:a )?draft\b/i;

/** The service refused to send or change a message because it is no draft. */
export function isNoDraft(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && error.status === 400 && NO_DRAFT.test(error.message);
}

/** `ResourceNotFound` and the directory's 404 mean the mailbox where one was named in the URL. */
function isMailboxCode(service: ServiceError, context: GraphErrorContext): boolean {
  if (context.mailbox === null) return false;
  if (NO_MAILBOX.has(service.code ?? '') || NO_MAILBOX.has(service.innerCode ?? '')) return true;
  return service.code === 'Request_ResourceNotFound' && context.mailbox !== undefined && context.mailbox !== '';
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function cut(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line.replace(/\.$/, '');
}

/** Control characters and bidirectional overrides: in a log or on a terminal they would forge lines. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g;

/** A text of the service as it may stand in a message. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const clean = value.replace(CONTROLS, ' ');
  return clean === '' ? undefined : clean;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}
