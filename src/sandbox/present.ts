/**
 * Owns: turning stored rows into entities in the id space a request asked for, and cutting them to `$select`.
 * Does not own: events (calendar/), OData.
 * Invariants: an entity made here keeps stored milliseconds, so that filters and orders use them; `shape` shows whole seconds.
 */
import type { Heavy, MessageRow } from './store/messages.js';
import type { ExtendedProperty, Item } from './store/items.js';
import type { Store } from './store/store.js';
import type { Attachment } from './store/attachments.js';
import { membersIn } from './calendar/zoned.js';
import { htmlToText } from './html.js';
import { iso, parseEntity, textAt, type Entity } from './json.js';
import type { Json, JsonObject } from './writer.js';
import type { Preferences } from './prefer.js';

export interface Scope {
  readonly store: Store;
  readonly preferences: Preferences;
  /** Search results carry regular ids whatever was preferred (facts 1.2). */
  readonly forceRegular?: boolean;
}

export const immutableIn = (scope: Scope): boolean => scope.preferences.immutableIds && scope.forceRegular !== true;

const EXTENDED_MEMBERS = ['singleValueExtendedProperties', 'multiValueExtendedProperties'] as const;

/** Members that are shown only when they are selected. */
export const ON_SELECT_ONLY: Readonly<Record<string, ReadonlySet<string>>> = {
  message: new Set(['internetMessageHeaders', 'uniqueBody', ...EXTENDED_MEMBERS, 'size']),
  contact: new Set(EXTENDED_MEMBERS),
  contactFolder: new Set(EXTENDED_MEMBERS),
  mailFolder: new Set(EXTENDED_MEMBERS),
  calendar: new Set(EXTENDED_MEMBERS),
  event: new Set([...EXTENDED_MEMBERS, 'cancelledOccurrences', 'exceptionOccurrences']),
};

const MEETING_TIMES = ['startDateTime', 'endDateTime', 'previousStartDateTime', 'previousEndDateTime'] as const;

const TIMES = ['createdDateTime', 'lastModifiedDateTime', 'receivedDateTime', 'sentDateTime', 'originalStart', 'lastDeliveredDateTime'] as const;

/** What is stored beside the JSON that a select, filter or order mentions. */
export function heavyFor(mentioned: ReadonlySet<string>): Heavy {
  return {
    body: mentioned.has('*') || mentioned.has('body') || mentioned.has('uniqueBody'),
    headers: mentioned.has('internetMessageHeaders'),
    extended: EXTENDED_MEMBERS.some((name) => mentioned.has(name)),
  };
}

/** The whole message; `mentioned` tells which costly members are wanted (`*`: the default set). `keyless` rows are for filters and orders only. */
export function presentMessage(row: MessageRow, scope: Scope, mentioned: ReadonlySet<string>, keyless = false): Entity {
  const { ids } = scope.store;
  const immutable = immutableIn(scope);
  const wanted = (name: string): boolean => mentioned.has('*') || mentioned.has(name);
  const stored = parseEntity(row.entity);
  const { contentType, ...members } = stored;
  const id = keyless ? '' : ids.of({ kind: 'message', row: row.n, moves: row.moves, day: 0 }, immutable);
  const changeKey = keyless ? '' : ids.changeKey(row.n, row.version);
  const entity: Entity = {
    ...(row.odata_type === null ? {} : { '@odata.type': row.odata_type }),
    '@odata.etag': `W/"${changeKey}"`,
    id,
    createdDateTime: iso(row.created), lastModifiedDateTime: iso(row.modified), changeKey, receivedDateTime: iso(row.received), sentDateTime: iso(row.sent),
    hasAttachments: row.has_attachments === 1, parentFolderId: !wanted('parentFolderId') ? null : ids.of({ kind: 'mailFolder', row: row.folder, moves: 0, day: 0 }, false),
    conversationId: !wanted('conversationId') ? null : ids.of({ kind: 'conversation', row: row.conversation, moves: 0, day: 0 }, false),
    webLink: wanted('webLink') ? `https://outlook.office365.com/owa/?ItemID=${encodeURIComponent(id)}&exvsurl=1&viewmodel=ReadMessageItem` : null,
    ...members,
  };
  if (row.odata_type !== null) membersIn(entity, MEETING_TIMES, scope.preferences.timeZone, entity.isAllDay === true);
  if (row.body !== undefined) {
    const body = bodyOf(row.body ?? '', contentType === 'html' ? 'html' : 'text', scope.preferences.bodyType);
    entity.body = body;
    if (mentioned.has('uniqueBody')) entity.uniqueBody = body;
  }
  if (row.headers !== undefined) entity.internetMessageHeaders = row.headers === null ? [] : JSON.parse(row.headers) as Json;
  if (row.extended !== undefined) {
    entity.singleValueExtendedProperties = extendedOfMessage(row);
    entity.multiValueExtendedProperties = multiValued(storedExtended(row));
  }
  return entity;
}

/** Stored extended properties and the MAPI ones the service derives. */
export function extendedOfMessage(row: MessageRow): Json[] {
  const stored = singleValued(storedExtended(row));
  const has = new Set(stored.map((property) => property.id.toLowerCase()));
  const itemClass = row.odata_type?.endsWith('eventMessageRequest') === true ? 'IPM.Schedule.Meeting.Request' : row.odata_type?.endsWith('eventMessageResponse') === true ? 'IPM.Schedule.Meeting.Resp.Pos' : 'IPM.Note';
  const derived = [
    { id: 'String 0x1a', value: itemClass },
    { id: 'Integer 0xe08', value: String(row.size) },
    { id: 'Integer 0xe07', value: String((row.is_read === 1 ? 1 : 0) | (row.is_draft === 1 ? 8 : 0) | (row.has_attachments === 1 ? 16 : 0)) },
  ];
  return [...stored, ...derived.filter((property) => !has.has(property.id.toLowerCase()))];
}

/** As stored: single and multi-value ones in one list. */
export function storedExtended(row: MessageRow): readonly ExtendedProperty[] {
  return row.extended === null || row.extended === undefined ? [] : JSON.parse(row.extended) as ExtendedProperty[];
}

/** An item's entity with its extended properties, which are shown only when they are expanded. */
export const withExtended = (entity: Entity, item: Item): Entity =>
  ({ ...entity, singleValueExtendedProperties: singleValued(item.extended), multiValueExtendedProperties: multiValued(item.extended) });

export const singleValued = (list: readonly ExtendedProperty[]): { readonly id: string; readonly value: string }[] =>
  list.filter((property): property is { readonly id: string; readonly value: string } => typeof property.value === 'string');
export const multiValued = (list: readonly ExtendedProperty[]): { readonly id: string; readonly value: readonly string[] }[] =>
  list.filter((property): property is { readonly id: string; readonly value: readonly string[] } => typeof property.value !== 'string');

/** `String 0x001A` and `String 0x1a` name the same property; named ones keep their letters. */
export function sameProperty(left: string, right: string): boolean {
  const plain = (id: string): string => id.replace(/0x0*([0-9a-f]+)$/i, (_whole, digits: string) => `0x${digits.toLowerCase()}`).replace(/^\w+/, (type) => type.toLowerCase());
  return plain(left) === plain(right);
}

export function bodyOf(content: string, contentType: 'html' | 'text', wanted: 'html' | 'text' | undefined): JsonObject {
  if (wanted === 'text' && contentType === 'html') return { contentType: 'text', content: htmlToText(content) };
  return { contentType, content };
}

/** contacts, folders, tasks, rules …: stored members plus the computed ones of their kind. */
export function presentItem(item: Item, scope: Scope): Entity {
  const { store } = scope;
  const changeKey = store.ids.changeKey(item.n, item.version);
  const etag = { '@odata.etag': `W/"${changeKey}"` };
  const times = { createdDateTime: iso(item.created), lastModifiedDateTime: iso(item.modified) };
  const immutable = immutableIn(scope);
  switch (item.kind) {
    case 'contact':
      return { ...etag, id: store.id('contact', item.n, immutable, item.moves), ...times, changeKey, parentFolderId: store.id('contactFolder', item.parent, false), ...item.entity };
    case 'contactFolder':
      return { id: store.id('contactFolder', item.n, false), parentFolderId: store.id('contactFolder', item.parent === 0 ? item.n : item.parent, false), ...item.entity };
    case 'calendar':
      return { ...etag, id: store.id('calendar', item.n, false), changeKey, ...item.entity };
    case 'calendarGroup':
      return { ...etag, id: store.id('calendarGroup', item.n, false), changeKey, ...item.entity };
    case 'todoList':
      return { ...etag, id: store.id('todoList', item.n, false), ...item.entity };
    case 'todoTask':
      return { ...etag, id: store.id('todoTask', item.n, false), ...times, ...item.entity };
    case 'conversation':
      return { id: store.id('conversation', item.n, false), ...item.entity };
    case 'thread':
      return { id: store.id('thread', item.n, false), ...item.entity };
    case 'post': {
      const thread = store.items.get(item.parent);
      return {
        ...etag, id: store.id('post', item.n, false), ...times, changeKey, ...item.entity,
        conversationThreadId: store.id('thread', item.parent, false), conversationId: thread === undefined ? null : store.id('conversation', thread.parent, false),
      };
    }
    default:
      return { ...item.entity };
  }
}

export function presentFolder(item: Item, scope: Scope): Entity {
  const { store } = scope;
  const counts = store.messages.counts(item.mailbox).get(item.n);
  const children = store.items.list(item.mailbox, 'mailFolder', item.n).filter((child) => child.entity.isHidden !== true).length;
  // Folders outside the visible tree have the store's root as parent, which has an id but no row.
  return {
    id: store.id('mailFolder', item.n, false), displayName: textAt(item.entity, 'displayName') ?? '', parentFolderId: store.id('mailFolder', item.parent, false),
    childFolderCount: children, unreadItemCount: counts?.unread ?? 0, totalItemCount: counts?.total ?? 0, isHidden: item.entity.isHidden === true,
  };
}

export function presentAttachment(attachment: Attachment, scope: Scope, withBytes: boolean): Entity {
  const entity: Entity = {
    '@odata.type': `#microsoft.graph.${attachment.kind}Attachment`, '@odata.mediaContentType': attachment.entity.contentType ?? 'application/octet-stream',
    id: scope.store.id('attachment', attachment.n, immutableIn(scope)), lastModifiedDateTime: iso(attachment.modified), name: attachment.entity.name ?? null,
    contentType: attachment.entity.contentType ?? null, size: attachment.size, isInline: attachment.entity.isInline ?? false,
  };
  if (attachment.kind === 'file') {
    entity.contentId = attachment.entity.contentId ?? null;
    entity.contentLocation = attachment.entity.contentLocation ?? null;
    if (withBytes) entity.contentBytes = scope.store.attachments.content(attachment.n).toString('base64');
  }
  return entity;
}

/** Cuts to the selection and shows times in whole seconds. `id`, etag and type stay whatever was selected (facts 1.3). */
export function shape(entity: Entity, type: string, select: ReadonlySet<string> | undefined, extra: ReadonlySet<string> = new Set()): Entity {
  const hidden = ON_SELECT_ONLY[type];
  const shown: Entity = {};
  for (const name of Object.keys(entity)) {
    const annotation = name.charCodeAt(0) === 64; // @
    if (select === undefined ? hidden?.has(name) === true && !extra.has(name) : !annotation && name !== 'id' && !select.has(name) && !extra.has(name)) continue;
    shown[name] = entity[name]!;
  }
  for (const name of TIMES) {
    const value = shown[name];
    if (typeof value === 'string' && value.length === 24) shown[name] = `${value.slice(0, 19)}Z`;
  }
  return shown;
}
