/**
 * Owns: the interface through which demo data and imports fill the sandbox's store.
 * Does not own: ids, change keys, counters (the store gives them); reading of file formats (import/).
 * Invariants: values are Graph-shaped JSON as the v1.0 entity has them, without id, changeKey, parentFolderId, @odata.*.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
export interface JsonObject { readonly [member: string]: Json }

export interface NewAttachment {
  readonly kind: 'file' | 'item' | 'reference';
  readonly name: string;
  readonly contentType: string | null;
  readonly isInline: boolean;
  readonly contentId?: string | null;
  /** For `file`: the bytes. For `item`: the MIME, iCalendar or vCard text. */
  readonly content: Uint8Array;
  /** For `item`: the entity, if it is known; else it is not told by `$expand`. */
  readonly item?: JsonObject;
  readonly lastModified?: Date;
}

export interface NewMessage {
  /** message entity: subject, body {contentType, content}, from, sender, toRecipients, …, isRead, isDraft, importance, flag, categories, internetMessageId, conversationId?, internetMessageHeaders … */
  readonly entity: JsonObject;
  /** With milliseconds; Graph shows whole seconds, sorts and filters by what is stored. */
  readonly receivedDateTime: Date;
  readonly sentDateTime: Date;
  readonly attachments?: readonly NewAttachment[];
  /** Extended properties; a list is the value of a multi-value one. */
  readonly extendedProperties?: readonly { readonly id: string; readonly value: string | readonly string[] }[];
  /** The original MIME, served by /$value. */
  readonly mime?: Uint8Array;
  /** Message-IDs of the thread, oldest first (References, In-Reply-To); messages that share one share a conversationId. */
  readonly references?: readonly string[];
  /** `#microsoft.graph.eventMessageRequest` etc. for meeting mail. */
  readonly odataType?: string;
}

export interface NewEvent {
  /** event entity: subject, start/end {dateTime local to timeZone, timeZone}, attendees, organizer, recurrence (Graph pattern and range), … type is derived. */
  readonly entity: JsonObject;
  /** Changed occurrences of a series: the local start date (yyyy-mm-dd) it replaces, and the members that differ (start/end included if moved). */
  readonly exceptions?: readonly { readonly date: string; readonly entity: JsonObject }[];
  /** Local start dates (yyyy-mm-dd) of cancelled occurrences. */
  readonly cancelled?: readonly string[];
  readonly attachments?: readonly NewAttachment[];
  readonly extendedProperties?: readonly { readonly id: string; readonly value: string }[];
}

export interface NewMailbox {
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly kind: 'user' | 'shared' | 'room' | 'none'; // none: a directory user without a mailbox
  /** Further members of the user entity (givenName, surname, jobTitle, department, officeLocation, mobilePhone, …). */
  readonly entity?: JsonObject;
  /** Windows time zone name. */
  readonly timeZone?: string;
}

/** Folder and calendar references are opaque to the writer's user. */
export type FolderHandle = number & { readonly handle?: "folder" };

export interface MailboxWriter {
  readonly userPrincipalName: string;
  /** Mail folder by path (`/Inbox/Clients/2026`); missing ones are created. First segment may be a well-known display name (Inbox, Sent Items, Drafts, Deleted Items, Archive, Junk Email). */
  mailFolder(path: string, options?: { readonly hidden?: boolean }): FolderHandle;
  /** Contact folder by path; `/` is the default Contacts folder. */
  contactFolder(path: string): FolderHandle;
  /** Calendar by name; `Calendar` is the default one. */
  calendar(name: string, options?: { readonly group?: string; readonly color?: string }): FolderHandle;
  addMessage(folder: FolderHandle, message: NewMessage): void;
  addEvent(calendar: FolderHandle, event: NewEvent): void;
  addContact(folder: FolderHandle, entity: JsonObject): void;
  addCategory(displayName: string, color: string): void;
  addMessageRule(entity: JsonObject): void;
  addTodoList(displayName: string, wellknownListName?: string): FolderHandle;
  addTodoTask(list: FolderHandle, entity: JsonObject, checklist?: readonly JsonObject[]): void;
  /** A drive file; folders of the path are created. */
  addFile(path: string, content: Uint8Array, contentType: string): void;
  setMailboxSettings(settings: JsonObject): void;
}

export interface SandboxWriter {
  addMailbox(mailbox: NewMailbox): MailboxWriter;
  /** The writer of an existing mailbox; undefined if there is none. */
  mailbox(userPrincipalName: string): MailboxWriter | undefined;
  /** A Microsoft 365 group with members (by userPrincipalName), and optional conversations with threads of posts. */
  addGroup(entity: JsonObject, members: readonly string[], conversations?: readonly { readonly topic: string; readonly posts: readonly { readonly from: string; readonly html: string; readonly at: Date }[] }[]): void;
  /** Rooms and room lists of the tenant. */
  addRoomList(displayName: string, emailAddress: string, rooms: readonly JsonObject[]): void;
  setOrganization(entity: JsonObject): void;
  /** Runs `work` in one transaction; the bulk path. */
  bulk<T>(work: () => T): T;
}
