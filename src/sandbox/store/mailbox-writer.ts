/**
 * Owns: MailboxWriter over the store: folders by path, messages, events, contacts, tasks, files of one mailbox.
 * Does not own: tenant-wide things (store-writer.ts).
 * Invariants: folder paths are remembered here, so that bulk fills never list folders again.
 */
import { instantIn } from '../calendar/zoned.js';
import { preview } from '../html.js';
import { iso, isObject, textAt, type Entity } from '../json.js';
import { base64Digits, mix, mixText } from '../random.js';
import type { FolderHandle, JsonObject, MailboxWriter, NewAttachment, NewEvent, NewMessage } from '../writer.js';
import type { ItemKind } from './items.js';
import type { Mailbox } from './mailboxes.js';
import type { Store } from './store.js';
import { CALENDAR, CHECKLIST_ITEM, CONTACT, EVENT, EVENT_MESSAGE, EVENT_MESSAGE_REQUEST, EVENT_MESSAGE_RESPONSE, MESSAGE, MESSAGE_RULE, TODO_TASK } from './templates.js';

const TYPE_TEMPLATES: Readonly<Record<string, JsonObject>> = {
  '#microsoft.graph.eventMessage': EVENT_MESSAGE,
  '#microsoft.graph.eventMessageRequest': EVENT_MESSAGE_REQUEST,
  '#microsoft.graph.eventMessageResponse': EVENT_MESSAGE_RESPONSE,
};

export class MailboxFiller implements MailboxWriter {
  readonly userPrincipalName: string;
  readonly #store: Store;
  readonly #mailbox: Mailbox;
  readonly #folders = new Map<string, number>();

  constructor(store: Store, mailbox: Mailbox) {
    this.#store = store;
    this.#mailbox = mailbox;
    this.userPrincipalName = mailbox.upn;
  }

  mailFolder(path: string, options: { readonly hidden?: boolean } = {}): FolderHandle {
    const root = this.#child('mailFolder', 0, 'Top of Information Store');
    return this.#byPath('mailFolder', root ?? 0, path, (displayName) => ({ displayName, isHidden: options.hidden ?? false }));
  }

  contactFolder(path: string): FolderHandle {
    const root = this.#child('contactFolder', 0, 'Contacts') ?? 0;
    return this.#byPath('contactFolder', root, path, (displayName) => ({ displayName }));
  }

  #byPath(kind: ItemKind, root: number, path: string, entity: (name: string) => JsonObject): number {
    let parent = root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      let child = this.#child(kind, parent, name);
      if (child === undefined) {
        child = this.#store.items.add({ kind, mailbox: this.#mailbox.mailbox, parent, name, entity: entity(name) }, this.#store.clock.now());
        this.#folders.set(`${kind}/${parent}/${name.toLowerCase()}`, child);
      }
      parent = child;
    }
    return parent;
  }

  #child(kind: ItemKind, parent: number, name: string): number | undefined {
    const key = `${kind}/${parent}/${name.toLowerCase()}`;
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const found = this.#store.items.list(this.#mailbox.mailbox, kind, parent).find((item) => item.name?.toLowerCase() === name.toLowerCase())?.n;
    if (found !== undefined) this.#folders.set(key, found);
    return found;
  }

  calendar(name: string, options: { readonly group?: string; readonly color?: string } = {}): FolderHandle {
    const { items, clock, seed } = this.#store;
    const { mailbox } = this.#mailbox;
    const known = items.list(mailbox, 'calendar').find((item) => item.name === name);
    if (known !== undefined) return known.n;
    const groupName = options.group ?? 'My Calendars';
    const group = items.list(mailbox, 'calendarGroup').find((item) => item.name === groupName)?.n
      ?? items.add({ kind: 'calendarGroup', mailbox, parent: 0, name: groupName, entity: { name: groupName, classId: guidOf(seed, groupName) } }, clock.now());
    const owner = { name: this.#mailbox.entity.displayName ?? null, address: this.#mailbox.upn };
    return items.add({ kind: 'calendar', mailbox, parent: group, name, entity: { ...CALENDAR, name, color: options.color ?? 'auto', owner } }, clock.now());
  }

  addMessage(folder: FolderHandle, message: NewMessage): void {
    this.insertMessage(folder, message);
  }

  /** As `addMessage`, and gives the row number. `created`: when it came to be here, if not when it was received. */
  insertMessage(folder: FolderHandle, message: NewMessage, created = message.receivedDateTime.getTime()): number {
    const { messages, attachments, conversations, clock, seed } = this.#store;
    const { mailbox } = this.#mailbox;
    const given = message.entity;
    const { body, uniqueBody: _uniqueBody, internetMessageHeaders, conversationId, ...rest } = given;
    const bodyObject = isObject(body) ? body : { contentType: 'text', content: '' };
    const contentType = textAt(bodyObject, 'contentType')?.toLowerCase() === 'html' ? 'html' : 'text';
    const content = textAt(bodyObject, 'content') ?? '';
    const messageId = textAt(given, 'internetMessageId');
    const references = [...(message.references ?? []), ...(messageId === undefined ? [] : [messageId]), ...(typeof conversationId === 'string' ? [`conversation:${conversationId}`] : [])];
    const conversation = conversations.of(mailbox, references);
    const files = message.attachments ?? [];
    const entity: Entity = {
      ...MESSAGE, ...(message.odataType === undefined ? {} : TYPE_TEMPLATES[message.odataType]), isRead: false, isDraft: false, ...rest,
      bodyPreview: textAt(given, 'bodyPreview') ?? preview(content, contentType), sender: given.sender ?? given.from ?? null,
      conversationIndex: given.conversationIndex ?? conversationIndex(seed, conversation, references.length - 1, message.receivedDateTime.getTime()),
      contentType,
    };
    const size = message.mime?.byteLength ?? content.length + 1500 + files.reduce((sum, file) => sum + Math.ceil(file.content.byteLength * 1.37), 0);
    const n = messages.insert({
      mailbox, folder, received: message.receivedDateTime.getTime(), sent: message.sentDateTime.getTime(), created, modified: created, hasAttachments: files.some((file) => !file.isInline), conversation, odataType: message.odataType ?? null, size, entity,
      extended: message.extendedProperties ?? [], headers: Array.isArray(internetMessageHeaders) ? JSON.stringify(internetMessageHeaders) : null,
      body: content, mime: message.mime ?? null,
    });
    for (const file of files) attachments.add(mailbox, n, file, clock.now());
    return n;
  }

  addEvent(calendar: FolderHandle, event: NewEvent): void {
    const { items, clock, seed } = this.#store;
    const { mailbox } = this.#mailbox;
    const given = event.entity;
    const start = spanEnd(given.start);
    const end = spanEnd(given.end) ?? start;
    const body = isObject(given.body) ? given.body : { contentType: 'html', content: '' };
    const created = timeOf(given.createdDateTime) ?? start?.ms ?? clock.now();
    const entity: Entity = {
      ...EVENT, ...given, body, originalStartTimeZone: given.originalStartTimeZone ?? start?.zone ?? 'UTC', originalEndTimeZone: given.originalEndTimeZone ?? end?.zone ?? 'UTC',
      bodyPreview: textAt(given, 'bodyPreview') ?? preview(textAt(body, 'content') ?? '', textAt(body, 'contentType') === 'text' ? 'text' : 'html'),
      type: isObject(given.recurrence) ? 'seriesMaster' : 'singleInstance',
      iCalUId: given.iCalUId ?? `040000008200E00074C5B7101A82E008${mix(seed, created, mixText(seed, JSON.stringify(given))).toString(16).padStart(8, '0').toUpperCase()}`,
      hasAttachments: event.attachments?.some((file) => !file.isInline) ?? false,
    };
    delete entity.createdDateTime;
    delete entity.lastModifiedDateTime;
    const n = items.add({
      kind: 'event', mailbox, parent: calendar, entity, created, modified: timeOf(given.lastModifiedDateTime) ?? created,
      ...(start === undefined ? {} : { starts: start.ms }), ...(end === undefined ? {} : { ends: end.ms }),
      ...(event.extendedProperties === undefined ? {} : { extended: event.extendedProperties }),
      ...(event.exceptions === undefined && event.cancelled === undefined ? {} : { extra: { exceptions: event.exceptions?.map(({ date, entity: changed }) => ({ date, entity: changed })) ?? [], cancelled: event.cancelled ?? [] } }),
    }, clock.now());
    this.#attach(n, event.attachments);
  }

  #attach(event: number, files: readonly NewAttachment[] | undefined): void {
    for (const file of files ?? []) this.#store.attachments.add(this.#mailbox.mailbox, -event, file, this.#store.clock.now());
  }

  addContact(folder: FolderHandle, entity: JsonObject): void {
    const { createdDateTime, lastModifiedDateTime, ...rest } = entity;
    const created = timeOf(createdDateTime) ?? this.#store.clock.now();
    const addresses = Array.isArray(entity.emailAddresses) ? entity.emailAddresses : [];
    this.#store.items.add({
      kind: 'contact', mailbox: this.#mailbox.mailbox, parent: folder, created, modified: timeOf(lastModifiedDateTime) ?? created,
      entity: {
        ...CONTACT, primaryEmailAddress: addresses[0] ?? null, secondaryEmailAddress: addresses[1] ?? null, tertiaryEmailAddress: addresses[2] ?? null,
        ...rest, fileAs: textAt(rest, 'fileAs') ?? textAt(rest, 'displayName') ?? '',
      },
    }, this.#store.clock.now());
  }

  addCategory(displayName: string, color: string): void {
    const { items, clock } = this.#store;
    if (items.list(this.#mailbox.mailbox, 'category').some((item) => item.name === displayName)) return;
    items.add({ kind: 'category', mailbox: this.#mailbox.mailbox, parent: 0, name: displayName, entity: { displayName, color } }, clock.now());
  }

  addMessageRule(entity: JsonObject): void {
    this.#store.items.add({ kind: 'rule', mailbox: this.#mailbox.mailbox, parent: 0, entity: { ...MESSAGE_RULE, ...entity } }, this.#store.clock.now());
  }

  addTodoList(displayName: string, wellknownListName = 'none'): FolderHandle {
    const { items, clock } = this.#store;
    const known = items.list(this.#mailbox.mailbox, 'todoList').find((item) => (wellknownListName === 'none' ? item.name === displayName : item.wellKnown === wellknownListName));
    if (known !== undefined) return known.n;
    return items.add({
      kind: 'todoList', mailbox: this.#mailbox.mailbox, parent: 0, name: displayName, wellKnown: wellknownListName,
      entity: { displayName, isOwner: true, isShared: false, wellknownListName },
    }, clock.now());
  }

  addTodoTask(list: FolderHandle, entity: JsonObject, checklist: readonly JsonObject[] = []): void {
    const { items, clock } = this.#store;
    const { createdDateTime, lastModifiedDateTime, ...rest } = entity;
    const created = timeOf(createdDateTime) ?? clock.now();
    const task = items.add({
      kind: 'todoTask', mailbox: this.#mailbox.mailbox, parent: list, created, modified: timeOf(lastModifiedDateTime) ?? created,
      entity: { ...TODO_TASK, bodyLastModifiedDateTime: iso(created), ...rest },
    }, clock.now());
    for (const point of checklist) {
      const { createdDateTime: pointCreated, ...members } = point;
      items.add({ kind: 'checklistItem', mailbox: this.#mailbox.mailbox, parent: task, created: timeOf(pointCreated) ?? created, entity: { ...CHECKLIST_ITEM, ...members } }, clock.now());
    }
  }

  addFile(path: string, content: Uint8Array, contentType: string): void {
    const { items, clock } = this.#store;
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? 'file';
    const parent = this.#byPath('driveItem', 0, parts.join('/'), (folderName) => ({ name: folderName, folder: {} }));
    items.add({
      kind: 'driveItem', mailbox: this.#mailbox.mailbox, parent, name, content,
      entity: { name, size: content.byteLength, file: { mimeType: contentType, hashes: { quickXorHash: Buffer.from(base64Digits(27, mixText(1, path), content.byteLength)).toString('base64') } } },
    }, clock.now());
  }

  setMailboxSettings(settings: JsonObject): void {
    const current = this.#store.mailboxes.byNumber(this.#mailbox.mailbox)?.settings ?? {};
    this.#store.mailboxes.setSettings(this.#mailbox.mailbox, { ...current, ...settings });
  }
}

function guidOf(seed: number, name: string): string {
  const hex = [1, 2, 3, 4].map((word) => mix(seed, mixText(seed, name), word).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function timeOf(value: JsonObject[string] | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

function spanEnd(value: JsonObject[string] | undefined): { readonly ms: number; readonly zone: string } | undefined {
  const dateTime = textAt(value, 'dateTime');
  if (dateTime === undefined) return undefined;
  const zone = textAt(value, 'timeZone') ?? 'UTC';
  const ms = instantIn(dateTime, zone);
  return Number.isNaN(ms) ? undefined : { ms, zone };
}

/** 22 bytes for the first message of a conversation, five more for each that it answers. */
function conversationIndex(seed: number, conversation: number, depth: number, received: number): string {
  const answers = Math.max(0, Math.min(depth, 20));
  const bytes = Buffer.alloc(22 + answers * 5);
  bytes[0] = 1;
  bytes.writeUIntBE(Math.floor(received / 1000) & 0xffffffff, 1, 5);
  for (let word = 0; word < 4; word++) bytes.writeUInt32BE(mix(seed, conversation, word), 6 + word * 4);
  for (let answer = 0; answer < answers; answer++) bytes.writeUInt32BE(mix(seed, conversation, answer, 9), 22 + answer * 5);
  return bytes.toString('base64');
}
