/**
 * Owns: SandboxWriter over the store: mailboxes with their standard folders, groups, rooms, organization.
 * Does not own: what goes into one mailbox (mailbox-writer.ts).
 * Invariants: adding a mailbox that exists gives the existing one.
 */
import { guid, mixText } from '../random.js';
import type { JsonObject, MailboxWriter, NewMailbox, SandboxWriter } from '../writer.js';
import { MailboxFiller } from './mailbox-writer.js';
import type { Mailbox } from './mailboxes.js';
import type { Store } from './store.js';
import { CALENDAR, GROUP, MAILBOX_SETTINGS, ORGANIZATION, ROOM } from './templates.js';
import { MAIL_FOLDERS } from './well-known.js';

type Conversation = Required<Parameters<SandboxWriter['addGroup']>>[2][number];

export class StoreWriter implements SandboxWriter {
  readonly #store: Store;
  readonly #fillers = new Map<number, MailboxFiller>();

  constructor(store: Store) {
    this.#store = store;
  }

  addMailbox(mailbox: NewMailbox): MailboxWriter {
    const known = this.mailbox(mailbox.userPrincipalName);
    if (known !== undefined) return known;
    const timeZone = mailbox.timeZone ?? 'UTC';
    const settings = {
      ...MAILBOX_SETTINGS, timeZone, userPurpose: mailbox.kind === 'none' ? 'user' : mailbox.kind,
      workingHours: { ...(MAILBOX_SETTINGS.workingHours as JsonObject), timeZone: { name: timeZone } },
    };
    const entity: JsonObject = {
      businessPhones: [], displayName: mailbox.displayName, givenName: null, jobTitle: null, mail: mailbox.kind === 'none' ? null : mailbox.userPrincipalName,
      mobilePhone: null, officeLocation: null, preferredLanguage: 'en-US', surname: null, userPrincipalName: mailbox.userPrincipalName,
      accountEnabled: mailbox.kind === 'user' || mailbox.kind === 'none', userType: 'Member', department: null, companyName: null, city: null, country: null,
      createdDateTime: '2021-03-01T08:00:00Z', mailNickname: mailbox.userPrincipalName.split('@')[0] ?? '',
      proxyAddresses: mailbox.kind === 'none' ? [] : [`SMTP:${mailbox.userPrincipalName}`], ...mailbox.entity,
    };
    const added = this.#store.mailboxes.add(mailbox.userPrincipalName, mailbox.kind, timeZone, entity, settings);
    if (mailbox.kind !== 'none') this.#standardFolders(added, mailbox.displayName);
    return this.#filler(added);
  }

  mailbox(userPrincipalName: string): MailboxWriter | undefined {
    const found = this.#store.mailboxes.find(userPrincipalName);
    return found === undefined || found.kind === 'group' ? undefined : this.#filler(found);
  }

  /** Gives a user who has none a mailbox, as a licence does. */
  provision(mailbox: Mailbox): void {
    if (mailbox.kind !== 'none') return;
    const { mailboxes } = this.#store;
    mailboxes.setKind(mailbox.mailbox, 'user');
    mailboxes.patch(mailbox.mailbox, { mail: mailbox.upn, proxyAddresses: [`SMTP:${mailbox.upn}`] });
    this.#standardFolders(mailbox, typeof mailbox.entity.displayName === 'string' ? mailbox.entity.displayName : mailbox.upn);
  }

  #filler(mailbox: Mailbox): MailboxFiller {
    let filler = this.#fillers.get(mailbox.mailbox);
    if (filler === undefined) {
      filler = new MailboxFiller(this.#store, mailbox);
      this.#fillers.set(mailbox.mailbox, filler);
    }
    return filler;
  }

  #standardFolders(mailbox: Mailbox, owner: string): void {
    const { items, clock, seed } = this.#store;
    const now = clock.now();
    const rows = new Map<string, number>();
    for (const folder of MAIL_FOLDERS) {
      rows.set(folder.wellKnown, items.add({
        kind: 'mailFolder', mailbox: mailbox.mailbox, parent: rows.get(folder.under) ?? 0, name: folder.displayName, wellKnown: folder.wellKnown,
        entity: { displayName: folder.displayName, isHidden: folder.hidden ?? false },
      }, now));
    }
    items.add({ kind: 'contactFolder', mailbox: mailbox.mailbox, parent: 0, name: 'Contacts', wellKnown: 'contacts', entity: { displayName: 'Contacts' } }, now);
    const group = items.add({
      kind: 'calendarGroup', mailbox: mailbox.mailbox, parent: 0, name: 'My Calendars', wellKnown: 'mycalendars',
      entity: { name: 'My Calendars', classId: guid(seed, 0x0006f0b7) },
    }, now);
    items.add({
      kind: 'calendar', mailbox: mailbox.mailbox, parent: group, name: 'Calendar', wellKnown: 'calendar',
      entity: { ...CALENDAR, isDefaultCalendar: true, isRemovable: false, owner: { name: owner, address: mailbox.upn } },
    }, now);
    for (const [name, wellKnown] of [['Tasks', 'defaultList'], ['Flagged Emails', 'flaggedEmails']] as const) {
      items.add({ kind: 'todoList', mailbox: mailbox.mailbox, parent: 0, name, wellKnown, entity: { displayName: name, isOwner: true, isShared: false, wellknownListName: wellKnown } }, now);
    }
  }

  addGroup(entity: JsonObject, members: readonly string[], conversations: readonly Conversation[] = []): void {
    const { mailboxes, clock } = this.#store;
    const displayName = typeof entity.displayName === 'string' ? entity.displayName : 'Group';
    const nickname = typeof entity.mailNickname === 'string' ? entity.mailNickname : displayName.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const mail = typeof entity.mail === 'string' ? entity.mail : `${nickname}@contoso.example`;
    const group = mailboxes.add(mail, 'group', 'UTC', { ...GROUP, proxyAddresses: [`SMTP:${mail}`], ...entity, displayName, mailNickname: nickname, mail }, {});
    for (const member of members) {
      const found = mailboxes.find(member);
      if (found !== undefined) mailboxes.addMember(group.mailbox, found.mailbox);
    }
    for (const conversation of conversations) this.#addConversation(group, conversation, clock.now());
  }

  #addConversation(group: Mailbox, conversation: Conversation, now: number): void {
    const { items, mailboxes } = this.#store;
    const posts = [...conversation.posts].sort((left, right) => left.at.getTime() - right.at.getTime());
    const senders = [...new Set(posts.map((post) => mailboxes.find(post.from)?.entity.displayName ?? post.from))];
    const last = posts.at(-1);
    const entity: JsonObject = {
      topic: conversation.topic, hasAttachments: false, lastDeliveredDateTime: (last?.at ?? new Date(now)).toISOString(), uniqueSenders: senders,
      preview: last?.html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim().slice(0, 255) ?? '',
    };
    const parent = items.add({ kind: 'conversation', mailbox: group.mailbox, parent: 0, entity }, now);
    const recipient = { emailAddress: { name: group.entity.displayName ?? null, address: group.upn } };
    const thread = items.add({ kind: 'thread', mailbox: group.mailbox, parent, entity: { ...entity, isLocked: false, toRecipients: [recipient], ccRecipients: [] } }, now);
    for (const post of posts) {
      const from = { emailAddress: { name: mailboxes.find(post.from)?.entity.displayName ?? post.from, address: post.from } };
      items.add({
        kind: 'post', mailbox: group.mailbox, parent: thread, created: post.at.getTime(),
        entity: { categories: [], receivedDateTime: post.at.toISOString(), hasAttachments: false, body: { contentType: 'html', content: post.html }, from, sender: from, newParticipants: [] },
      }, now);
    }
  }

  addRoomList(displayName: string, emailAddress: string, rooms: readonly JsonObject[]): void {
    const { items, clock, seed } = this.#store;
    const now = clock.now();
    const id = guid(seed, mixText(seed, emailAddress));
    const parent = items.add({
      kind: 'roomList', mailbox: 0, parent: 0, name: emailAddress,
      entity: { id, displayName, emailAddress, address: null, geoCoordinates: null, phone: null, isWheelChairAccessible: false, label: null, tags: [], placeId: id, parentId: null },
    }, now);
    for (const room of rooms) {
      const address = typeof room.emailAddress === 'string' ? room.emailAddress : null;
      const roomId = guid(seed, mixText(seed, address ?? String(room.displayName)));
      items.add({
        kind: 'room', mailbox: 0, parent, ...(address === null ? {} : { name: address }),
        entity: { id: roomId, ...ROOM, nickname: String(room.displayName ?? ''), placeId: roomId, ...room },
      }, now);
    }
  }

  setOrganization(entity: JsonObject): void {
    const { items, clock, seed } = this.#store;
    const known = items.list(0, 'organization')[0];
    if (known === undefined) items.add({ kind: 'organization', mailbox: 0, parent: 0, entity: { id: guid(seed, 4242), ...ORGANIZATION, ...entity } }, clock.now());
    else items.patch(known.n, entity, clock.now());
  }

  bulk<T>(work: () => T): T {
    return this.#store.database.transaction(work);
  }
}
