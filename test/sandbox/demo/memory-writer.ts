import type { FolderHandle, JsonObject, MailboxWriter, NewAttachment, NewEvent, NewMailbox, NewMessage, SandboxWriter } from '../../../src/sandbox/writer.js';

/** Keeps what it is given, so that the demo can be looked at without a store. */
export class MemoryMailbox implements MailboxWriter {
  readonly folders = new Map<string, FolderHandle>();
  readonly names: string[] = [];
  readonly messages: { readonly folder: string; readonly message: NewMessage }[] = [];
  readonly events: { readonly calendar: string; readonly event: NewEvent }[] = [];
  readonly contacts: { readonly folder: string; readonly entity: JsonObject }[] = [];
  readonly categories: string[] = [];
  readonly rules: JsonObject[] = [];
  readonly tasks: { readonly list: string; readonly entity: JsonObject; readonly checklist: readonly JsonObject[] }[] = [];
  readonly files: { readonly path: string; readonly size: number }[] = [];
  settings: JsonObject = {};

  constructor(readonly given: NewMailbox) {}

  get userPrincipalName(): string {
    return this.given.userPrincipalName;
  }

  #handle(key: string): FolderHandle {
    const known = this.folders.get(key);
    if (known !== undefined) return known;
    this.names.push(key);
    this.folders.set(key, this.names.length - 1);
    return this.names.length - 1;
  }

  mailFolder(path: string): FolderHandle {
    return this.#handle(`mail:${path}`);
  }
  contactFolder(path: string): FolderHandle {
    return this.#handle(`contacts:${path}`);
  }
  calendar(name: string, options: { readonly group?: string } = {}): FolderHandle {
    return this.#handle(`calendar:${options.group ?? ''}/${name}`);
  }
  addMessage(folder: FolderHandle, message: NewMessage): void {
    this.messages.push({ folder: this.names[folder]!.slice(5), message });
  }
  addEvent(calendar: FolderHandle, event: NewEvent): void {
    this.events.push({ calendar: this.names[calendar]!, event });
  }
  addContact(folder: FolderHandle, entity: JsonObject): void {
    this.contacts.push({ folder: this.names[folder]!.slice(9), entity });
  }
  addCategory(displayName: string): void {
    this.categories.push(displayName);
  }
  addMessageRule(entity: JsonObject): void {
    this.rules.push(entity);
  }
  addTodoList(displayName: string): FolderHandle {
    return this.#handle(`todo:${displayName}`);
  }
  addTodoTask(list: FolderHandle, entity: JsonObject, checklist: readonly JsonObject[] = []): void {
    this.tasks.push({ list: this.names[list]!, entity, checklist });
  }
  addFile(path: string, content: Uint8Array): void {
    this.files.push({ path, size: content.byteLength });
  }
  setMailboxSettings(settings: JsonObject): void {
    this.settings = settings;
  }

  get attachments(): NewAttachment[] {
    return this.messages.flatMap(({ message }) => message.attachments ?? []);
  }
}

export class MemoryWriter implements SandboxWriter {
  readonly mailboxes = new Map<string, MemoryMailbox>();
  readonly groups: { readonly entity: JsonObject; readonly members: readonly string[]; readonly conversations: number }[] = [];
  readonly roomLists: { readonly address: string; readonly rooms: readonly JsonObject[] }[] = [];
  organization: JsonObject | undefined;

  addMailbox(mailbox: NewMailbox): MailboxWriter {
    const made = new MemoryMailbox(mailbox);
    this.mailboxes.set(mailbox.userPrincipalName, made);
    return made;
  }
  mailbox(userPrincipalName: string): MemoryMailbox | undefined {
    return this.mailboxes.get(userPrincipalName);
  }
  addGroup(entity: JsonObject, members: readonly string[], conversations: readonly unknown[] = []): void {
    this.groups.push({ entity, members, conversations: conversations.length });
  }
  addRoomList(_displayName: string, address: string, rooms: readonly JsonObject[]): void {
    this.roomLists.push({ address, rooms });
  }
  setOrganization(entity: JsonObject): void {
    this.organization = entity;
  }
  bulk<T>(work: () => T): T {
    return work();
  }

  get messageCount(): number {
    return [...this.mailboxes.values()].reduce((sum, mailbox) => sum + mailbox.messages.length, 0);
  }
}
