/**
 * Owns: the list of all write routes, by who they are about.
 * Does not own: what they do.
 * Invariants: paths are owner-relative in their shortest form (routes/path.ts `shorten`): `messages/:/move`, `events/:`, `contacts`, `lists/:/tasks`.
 */
import { CALENDAR_WRITES } from './calendars.js';
import { CATEGORY_WRITES } from './categories.js';
import { CONTACT_WRITES } from './contacts.js';
import { DRIVE_WRITES } from './drive.js';
import { EVENT_ACTIONS } from './event-actions.js';
import { EVENT_WRITES } from './events.js';
import { ATTACHMENT_WRITES } from './mail/attachments.js';
import { FOLDER_WRITES } from './mail/folders.js';
import { MESSAGE_WRITES } from './mail/messages.js';
import { REPLY_WRITES } from './mail/reply.js';
import { SEND_WRITES } from './mail/send.js';
import { DIRECTORY_GROUP_WRITES, GROUP_DIRECTORY_WRITES } from './groups.js';
import { GROUP_MAIL_WRITES } from './group-mail.js';
import { PLACE_WRITES } from './places.js';
import { RULE_WRITES } from './rules.js';
import { SCHEDULE_ACTIONS } from './schedule.js';
import { SETTINGS_WRITES } from './settings.js';
import { SUBSCRIPTION_WRITES } from './subscriptions.js';
import { TODO_WRITES } from './todo.js';
import { DIRECTORY_USER_WRITES, USER_WRITES } from './users.js';
import type { WriteRoute } from './write-route.js';

/** Below `/me` and `/users/{id}`. */
export const MAILBOX_WRITES: readonly WriteRoute[] = [
  ...MESSAGE_WRITES, ...SEND_WRITES, ...REPLY_WRITES, ...FOLDER_WRITES, ...ATTACHMENT_WRITES,
  ...CONTACT_WRITES, ...CATEGORY_WRITES, ...RULE_WRITES, ...SETTINGS_WRITES,
  ...EVENT_WRITES, ...EVENT_ACTIONS, ...CALENDAR_WRITES, ...SCHEDULE_ACTIONS, ...TODO_WRITES, ...DRIVE_WRITES, ...USER_WRITES,
];
/** Below `/groups/{id}`. */
export const GROUP_WRITES: readonly WriteRoute[] = [...GROUP_DIRECTORY_WRITES, ...GROUP_MAIL_WRITES];
/** Below the root: `/subscriptions`, `/users/{id}` itself is MAILBOX with the empty pattern, `/places/:`. */
export const TENANT_WRITES: readonly WriteRoute[] = [...DIRECTORY_USER_WRITES, ...DIRECTORY_GROUP_WRITES, ...PLACE_WRITES, ...SUBSCRIPTION_WRITES];
