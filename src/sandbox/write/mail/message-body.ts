/**
 * Owns: what may stand in the body of a message that is created or changed, and its stored form.
 * Does not own: storing it, types (write/body.ts).
 * Invariants: what Graph refuses on sent mail is refused whatever its value; null clears (facts 6.3).
 */
import { GraphError } from '../../graph-error.js';
import { preview } from '../../html.js';
import { isObject, textAt, type Entity } from '../../json.js';
import type { Json, JsonObject } from '../../writer.js';
import { invalidSet, readZoned } from '../index.js';

/** Set by the service alone. */
export const MESSAGE_READ_ONLY: ReadonlySet<string> = new Set([
  'bodyPreview', 'changeKey', 'conversationId', 'conversationIndex', 'createdDateTime', 'hasAttachments', 'isDraft', 'lastModifiedDateTime', 'parentFolderId', 'receivedDateTime', 'sentDateTime',
  'uniqueBody', 'webLink',
]);

/** "Message is not draft." (facts 9; of `from` and `sender` seen on the service). */
const DRAFT_ONLY = ['body', 'from', 'internetMessageId', 'replyTo', 'sender', 'subject'] as const;

export function refuseOnSent(given: Entity): void {
  if (DRAFT_ONLY.some((name) => given[name] !== undefined)) throw invalidSet('Message is not draft.');
}

const MAX_HEADERS = 5;

/** Custom headers are set on create only, and their names start with x- (facts 6.3). */
export function checkHeaders(value: Json | undefined): void {
  if (!Array.isArray(value)) return;
  const headers = value as readonly JsonObject[];
  if (headers.length > MAX_HEADERS) throw new GraphError(400, 'InvalidInternetMessageHeaderCollection', `Maximum number of headers in one message should be less than or equal to ${String(MAX_HEADERS)}.`);
  for (const { name, value: text } of headers) {
    if (typeof name !== 'string' || !/^x-[\x21-\x39\x3b-\x7e]+$/i.test(name)) {
      throw new GraphError(400, 'InvalidInternetMessageHeader', `The internet message header name '${String(name)}' should start with 'x-' or 'X-'.`);
    }
    if (typeof text !== 'string' || /[\r\n]/.test(text)) throw new GraphError(400, 'InvalidInternetMessageHeader', `The value of the internet message header '${name}' is not valid.`);
  }
}

/** The flag as it is stored. "dueDateTime requires startDateTime in the same write, else 400" (facts 6.3). */
function flagOf(value: Json): JsonObject {
  if (!isObject(value)) return { flagStatus: 'notFlagged' };
  const start = readZoned(value.startDateTime, 'startDateTime');
  const due = readZoned(value.dueDateTime, 'dueDateTime');
  const completed = readZoned(value.completedDateTime, 'completedDateTime');
  if (due !== undefined && start === undefined) throw new GraphError(400, 'ErrorInvalidArgument', "The property 'startDateTime' is required when 'dueDateTime' is set.");
  if (start !== undefined && due !== undefined && start.ms > due.ms) throw new GraphError(400, 'ErrorInvalidArgument', "The 'dueDateTime' of a flag cannot be before its 'startDateTime'.");
  const flagStatus = value.flagStatus ?? (completed !== undefined ? 'complete' : due !== undefined || start !== undefined ? 'flagged' : 'notFlagged');
  if (flagStatus === 'notFlagged') return { flagStatus };
  return {
    flagStatus,
    ...(start === undefined ? {} : { startDateTime: start.value }), ...(due === undefined ? {} : { dueDateTime: due.value }), ...(completed === undefined ? {} : { completedDateTime: completed.value }),
  };
}

const COLLECTIONS = new Set(['categories', 'toRecipients', 'ccRecipients', 'bccRecipients', 'replyTo']);

/** A recipient with a name: Exchange fills in what the directory knows, else the address. */
export function named(recipient: Json, nameOf: (address: string) => string | undefined): Json {
  const address = textAt(recipient, 'emailAddress', 'address');
  const name = textAt(recipient, 'emailAddress', 'name');
  if (address === undefined && name === undefined) return { emailAddress: { name: '', address: '' } };
  return { emailAddress: { name: name ?? nameOf(address ?? '') ?? address ?? '', address: address ?? '' } };
}

export interface StoredMembers {
  /** For the entity: without body, with bodyPreview and contentType when there is a body. */
  readonly members: Entity;
  readonly body: string | undefined;
}

/** Members as the store keeps them. `given` has passed `readEntity`. */
export function storedMembers(given: Entity, nameOf: (address: string) => string | undefined): StoredMembers {
  const members: Entity = {};
  let body: string | undefined;
  for (const [name, value] of Object.entries(given)) {
    if (name === 'flag') members.flag = flagOf(value);
    else if (name === 'body') {
      const contentType = textAt(value, 'contentType') ?? 'text';
      body = textAt(value, 'content') ?? '';
      members.contentType = contentType;
      members.bodyPreview = preview(body, contentType);
    } else if (COLLECTIONS.has(name)) {
      const list = Array.isArray(value) ? value as readonly Json[] : [];
      members[name] = name === 'categories' ? [...new Set(list)] : list.map((recipient) => named(recipient, nameOf));
    } else if (name === 'from' || name === 'sender') members[name] = value === null ? null : named(value, nameOf);
    else if (name === 'subject') members.subject = value ?? '';
    else if (name === 'importance') members.importance = value ?? 'normal';
    else if (name === 'inferenceClassification') members.inferenceClassification = value ?? 'focused';
    else if (name === 'isRead' || name === 'isReadReceiptRequested' || name === 'isDeliveryReceiptRequested') members[name] = value ?? false;
    else members[name] = value;
  }
  return { members, body };
}
