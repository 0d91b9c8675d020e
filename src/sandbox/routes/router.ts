/**
 * Owns: from a path to the route that answers it, and to the mailbox it is about.
 * Does not own: answering.
 * Invariants: an unknown path is 404 ResourceNotFound, a known path with another method 405.
 */
import type { Context, Route } from '../context.js';
import { invalidUser, methodNotAllowed, noMailbox, resourceNotFound } from '../graph-error.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Store } from '../store/store.js';
import { ATTACHMENT_ROUTES } from './attachments.js';
import { CONTACT_ROUTES } from './contacts.js';
import { DELTA_ROUTES } from '../delta/routes.js';
import { directoryObject, DIRECTORY_ROUTES, GROUP_DIRECTORY_ROUTES, USER_ROUTES } from './directory.js';
import { EVENT_ROUTES } from './events.js';
import { FOLDER_ROUTES } from './folders.js';
import { GROUP_MAIL_ROUTES } from './group-mail.js';
import { MESSAGE_ROUTES } from './messages.js';
import { OTHER_ROUTES } from './others.js';
import { matchPattern, segmentsOf, shorten } from './path.js';
import { REMINDER_ROUTES } from './reminders.js';
import { driveByPath, DRIVE_ROUTES, PLACE_ROUTES } from './tenant.js';
import { translateExchangeIds } from './translate.js';
import { driveWriteByPath } from '../write/drive.js';
import { SUBSCRIPTION_ROUTES } from '../write/subscriptions.js';
import { GROUP_WRITES, MAILBOX_WRITES, TENANT_WRITES } from '../write/routes.js';
import type { WriteRoute } from '../write/write-route.js';

interface Compiled { readonly method: string; readonly pattern: readonly string[]; readonly route: Route }

const compile = (routes: readonly (readonly [string, Route])[], method = 'GET'): Compiled[] =>
  routes.map(([text, route]) => ({ method, pattern: text === '' ? [] : text.split('/'), route }));
const compileWrites = (routes: readonly WriteRoute[]): Compiled[] => routes.flatMap(([method, text, route]) => compile([[text, route]], method));

const MAILBOX = [
  ...compile(USER_ROUTES), ...compile(DELTA_ROUTES), ...compile(MESSAGE_ROUTES), ...compile(ATTACHMENT_ROUTES), ...compile(FOLDER_ROUTES), ...compile(EVENT_ROUTES), ...compile(REMINDER_ROUTES),
  ...compile(CONTACT_ROUTES), ...compile(OTHER_ROUTES), ...compile(DRIVE_ROUTES),
  ...compile([['translateExchangeIds', translateExchangeIds]], 'POST'),
  ...compileWrites(MAILBOX_WRITES),
];
const GROUP = [...compile(GROUP_DIRECTORY_ROUTES), ...compile(GROUP_MAIL_ROUTES), ...compileWrites(GROUP_WRITES)];
const TENANT = [...compile(DIRECTORY_ROUTES), ...compile(PLACE_ROUTES), ...compile(SUBSCRIPTION_ROUTES), ...compileWrites(TENANT_WRITES)];

/** Paths below a user that need no mailbox. */
const WITHOUT_MAILBOX = new Set(['', 'drive', 'people', 'translateexchangeids', 'assignlicense', 'getmembergroups']);

export interface Target {
  readonly owner: 'mailbox' | 'group' | 'tenant';
  /** The user, group, or (for the tenant) the signed-in user. */
  readonly mailbox: Mailbox;
  /** Path below the owner, in its shortest form. */
  readonly segments: readonly string[];
  /** `$metadata#users('guid')` and the like, without the root. */
  readonly contextTail: string;
}

/** Who a path is about. Throws for users and groups that do not exist. */
export function targetOf(path: string, me: Mailbox, store: Store): Target {
  const segments = segmentsOf(path);
  const [first = '', key, ...rest] = segments;
  const name = first.toLowerCase();
  if (name === 'me') return { owner: 'mailbox', mailbox: me, segments: shorten(segments.slice(1)), contextTail: `$metadata#users('${me.guid}')` };
  if ((name === 'users' || name === 'groups') && key !== undefined && key !== '$count' && key !== 'delta') {
    const owner = name === 'users' ? 'mailbox' : 'group';
    const below = owner === 'mailbox' ? shorten(rest) : rest;
    const found = store.mailboxes.find(key);
    if (owner === 'mailbox' && below.length > 0 && !WITHOUT_MAILBOX.has((below[0] ?? '').toLowerCase()) && (found === undefined || found.kind === 'group')) throw invalidUser(key);
    const mailbox = directoryObject({ store }, key, owner === 'group');
    return { owner, mailbox, segments: below, contextTail: `$metadata#${name}('${mailbox.guid}')` };
  }
  return { owner: 'tenant', mailbox: me, segments, contextTail: '$metadata#' };
}

/** Finds the route of a target. Throws 404, 405, or the mailbox's own refusal. */
export function routeOf(target: Target, method: string): { readonly route: Route; readonly parameters: readonly string[] } {
  const { segments } = target;
  if (target.owner === 'mailbox' && target.mailbox.kind === 'none' && segments.length > 0 && !WITHOUT_MAILBOX.has((segments[0] ?? '').toLowerCase())) throw noMailbox();
  const table = target.owner === 'mailbox' ? MAILBOX : target.owner === 'group' ? GROUP : TENANT;
  let other = false;
  for (const candidate of table) {
    const parameters = matchPattern(candidate.pattern, segments, candidate.method === 'POST');
    if (parameters === undefined) continue;
    if (candidate.method === method || (method === 'HEAD' && candidate.method === 'GET')) return { route: candidate.route, parameters };
    other = true;
  }
  if (target.owner === 'mailbox' && method === 'GET' && segments[0] === 'drive') {
    return { route: (context: Context) => driveByPath(context, segments) ?? Promise.reject(resourceNotFound()), parameters: [] };
  }
  const written = target.owner === 'mailbox' && method !== 'GET' && segments[0] === 'drive' ? driveWriteByPath(segments, method) : undefined;
  if (written !== undefined) return { route: written, parameters: [] };
  if (other) throw methodNotAllowed();
  throw resourceNotFound();
}
