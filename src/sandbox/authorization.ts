/**
 * Owns: bearer tokens and scopes: whose token it is, and whether it may read or write what is asked (facts section 10).
 * Does not own: issuing tokens.
 * Invariants: by default any token (and none) is taken; a token never appears in an answer or in the log.
 */
import { accessDenied, GraphError } from './graph-error.js';
import type { Mailbox } from './store/mailboxes.js';
import type { Mailboxes } from './store/mailboxes.js';

export interface Rules {
  /** Refuse requests without a token, and tokens that are none of ours. */
  requireToken: boolean;
  /** Permissions every token carries; undefined: not checked. */
  scopes: readonly string[] | undefined;
  /** Further tokens that are taken. */
  tokens: ReadonlySet<string>;
  /** Tokens that have expired. */
  expired: ReadonlySet<string>;
}

export const tokenOf = (upn: string): string => `sandbox-${upn}`;

/** The user a token belongs to; undefined: unknown. */
export function userOf(token: string | undefined, mailboxes: Mailboxes): Mailbox | undefined {
  return token?.startsWith('sandbox-') === true ? mailboxes.find(token.slice('sandbox-'.length)) : undefined;
}

export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
}

const unauthorized = (message: string): GraphError =>
  new GraphError(401, 'InvalidAuthenticationToken', message, {
    'www-authenticate': 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
  });

export const expiredToken = (): GraphError => unauthorized('Lifetime validation failed, the token is expired.');

export function checkToken(token: string | undefined, rules: Rules, mailboxes: Mailboxes): void {
  if (token !== undefined && rules.expired.has(token)) throw expiredToken();
  if (!rules.requireToken) return;
  if (token === undefined) throw unauthorized('Access token is empty.');
  if (userOf(token, mailboxes) === undefined && !rules.tokens.has(token)) throw unauthorized('Access token validation failure. Invalid audience.');
}

/** A subscription needs the read permission of what it watches. */
const WATCHING = ['Mail.Read', 'Mail.ReadWrite', 'Mail.ReadBasic', 'Calendars.Read', 'Calendars.ReadWrite', 'Contacts.Read', 'Contacts.ReadWrite', 'Tasks.Read', 'Tasks.ReadWrite', 'Files.ReadWrite', 'User.Read.All'];

/** Permissions of which one is enough to read, by what the path is about. */
function neededToRead(segments: readonly string[], owner: 'mailbox' | 'group' | 'tenant', foreign: boolean): readonly string[] {
  const first = (segments[0] ?? '').toLowerCase();
  const shared = (area: string): readonly string[] => [`${area}.Read`, `${area}.ReadWrite`, ...(foreign ? [`${area}.Read.Shared`, `${area}.ReadWrite.Shared`] : [])];
  if (owner === 'tenant') {
    if (first === 'places') return ['Place.Read.All', 'Place.ReadWrite.All'];
    if (first === 'subscriptions') return WATCHING;
    if (first === 'groups') return ['GroupMember.Read.All', 'Group.Read.All', 'Group.ReadWrite.All'];
    if (first === 'organization') return ['User.Read', 'Organization.Read.All', 'Directory.Read.All'];
    return ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All'];
  }
  if (owner === 'group') {
    return first === '' || first.endsWith('members') || first === 'owners' ? ['GroupMember.Read.All', 'Group.Read.All', 'Group.ReadWrite.All'] : ['Group.Read.All', 'Group.ReadWrite.All'];
  }
  switch (first) {
    case 'mailfolders':
      if (segments[2]?.toLowerCase() === 'messagerules') return ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'];
      return [...shared('Mail'), 'Mail.ReadBasic', 'Mail.ReadBasic.All'];
    case 'messages': return [...shared('Mail'), 'Mail.ReadBasic', 'Mail.ReadBasic.All'];
    case 'inferenceclassification': case 'getmailtips': return shared('Mail');
    case 'findmeetingtimes': return ['Calendars.Read.Shared', 'Calendars.ReadWrite.Shared'];
    case 'events': case 'calendar': case 'calendars': case 'calendarview': case 'calendargroups': case 'reminderview': return [...shared('Calendars'), 'Calendars.ReadBasic'];
    case 'contacts': case 'contactfolders': return shared('Contacts');
    case 'mastercategories': case 'mailboxsettings': return ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'];
    case 'lists': return ['Tasks.Read', 'Tasks.ReadWrite', 'Tasks.Read.All', 'Tasks.ReadWrite.All'];
    case 'people': return ['People.Read', 'People.Read.All'];
    case 'drive': return ['Files.Read', 'Files.ReadWrite', 'Files.Read.All', 'Files.ReadWrite.All', 'Sites.Read.All', 'Sites.ReadWrite.All'];
    case 'translateexchangeids': return ['User.ReadBasic.All', 'User.Read.All', 'User.Read'];
    default: return ['User.Read', 'User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite', 'User.ReadWrite.All'];
  }
}

const last = (segments: readonly string[]): string => (segments.at(-1) ?? '').toLowerCase().replace(/^microsoft\.graph\./, '');
const SENDS = new Set(['sendmail', 'send', 'reply', 'replyall', 'forward']);

/** Permissions of which one is enough to write (facts section 10). */
function neededToWrite(segments: readonly string[], owner: 'mailbox' | 'group' | 'tenant', foreign: boolean): readonly string[] {
  const first = (segments[0] ?? '').toLowerCase().replace(/^microsoft\.graph\./, '');
  const shared = (scope: string): readonly string[] => [scope, ...(foreign ? [`${scope}.Shared`] : [])];
  if (owner === 'tenant') {
    if (first === 'places') return ['Place.ReadWrite.All'];
    if (first === 'groups') return ['Group.ReadWrite.All'];
    if (first === 'subscriptions') return WATCHING;
    return ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
  }
  if (owner === 'group') return ['Group.ReadWrite.All'];
  switch (first) {
    case 'sendmail': return shared('Mail.Send');
    case 'messages': return SENDS.has(last(segments)) ? shared('Mail.Send') : shared('Mail.ReadWrite');
    case 'mailfolders': return segments[2]?.toLowerCase() === 'messagerules' ? ['MailboxSettings.ReadWrite'] : shared('Mail.ReadWrite');
    case 'inferenceclassification': return shared('Mail.ReadWrite');
    case 'events': case 'calendar': case 'calendars': case 'calendarview': case 'calendargroups': return shared('Calendars.ReadWrite');
    case 'contacts': case 'contactfolders': return shared('Contacts.ReadWrite');
    case 'mastercategories': case 'mailboxsettings': return ['MailboxSettings.ReadWrite'];
    case 'lists': return ['Tasks.ReadWrite', 'Tasks.ReadWrite.All'];
    case 'drive': return ['Files.ReadWrite', 'Files.ReadWrite.All', 'Sites.ReadWrite.All'];
    default: return ['User.ReadWrite', 'User.ReadWrite.All'];
  }
}

/** Throws 403 when no scope allows the path. Mail.ReadBasic reaches no attachments. */
export function checkScopes(rules: Rules, segments: readonly string[], owner: 'mailbox' | 'group' | 'tenant', foreign: boolean, writes: boolean): void {
  if (rules.scopes === undefined) return;
  const granted = new Set(rules.scopes.map((scope) => scope.toLowerCase()));
  const attachments = segments.some((segment) => segment.toLowerCase() === 'attachments');
  const needed = (writes ? neededToWrite : neededToRead)(segments, owner, foreign).filter((scope) => !(attachments && scope.startsWith('Mail.ReadBasic')));
  if (needed.some((scope) => granted.has(scope.toLowerCase()))) return;
  if (owner === 'mailbox' && segments.length > 0) throw accessDenied();
  throw new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}
