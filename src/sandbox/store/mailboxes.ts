/**
 * Owns: users, shared mailboxes, rooms and groups as mailboxes; looking them up by GUID, UPN or mail address.
 * Does not own: what is in them.
 * Invariants: mailbox 0 is the tenant (places, organization); GUIDs depend on seed and number only.
 */
import type { StoreDatabase } from './database.js';
import type { JsonObject } from '../writer.js';
import { parseEntity } from '../json.js';
import { guid } from '../random.js';

export type MailboxKind = 'user' | 'shared' | 'room' | 'none' | 'group';

export interface Mailbox {
  readonly mailbox: number;
  readonly guid: string;
  readonly upn: string;
  readonly kind: MailboxKind;
  /** Windows time zone name. */
  readonly timeZone: string;
  readonly settings: JsonObject;
  readonly entity: JsonObject;
}

interface MailboxRow { mailbox: number; guid: string; upn: string; kind: MailboxKind; time_zone: string; settings: string; entity: string }

export class Mailboxes {
  readonly #database: StoreDatabase;
  readonly #seed: number;
  #all: Mailbox[] | undefined;

  constructor(database: StoreDatabase, seed: number) {
    this.#database = database;
    this.#seed = seed;
  }

  list(): readonly Mailbox[] {
    this.#all ??= this.#database.all<MailboxRow>('SELECT * FROM mailbox ORDER BY mailbox').map((row) => ({
      mailbox: row.mailbox, guid: row.guid, upn: row.upn, kind: row.kind, timeZone: row.time_zone, settings: parseEntity(row.settings), entity: parseEntity(row.entity),
    }));
    return this.#all;
  }

  byNumber(mailbox: number): Mailbox | undefined {
    return this.list().find((candidate) => candidate.mailbox === mailbox);
  }

  /** By GUID, userPrincipalName or mail; names are compared without case, as the directory does. */
  find(key: string): Mailbox | undefined {
    const folded = key.toLowerCase();
    return this.list().find((candidate) => candidate.guid === folded || candidate.upn.toLowerCase() === folded);
  }

  add(upn: string, kind: MailboxKind, timeZone: string, entity: JsonObject, settings: JsonObject): Mailbox {
    // A number is never given twice, not even after a deletion: ids rest on it.
    const mailbox = this.list().reduce((highest, candidate) => Math.max(highest, candidate.mailbox), Number(this.#database.meta('mailboxes') ?? 0)) + 1;
    this.#database.setMeta('mailboxes', String(mailbox));
    const id = guid(this.#seed, mailbox, 77);
    this.#database.statement('INSERT INTO mailbox (mailbox, guid, upn, kind, time_zone, settings, entity) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(mailbox, id, upn, kind, timeZone, JSON.stringify(settings), JSON.stringify({ ...entity, id }));
    this.#all = undefined;
    return this.byNumber(mailbox)!;
  }

  setSettings(mailbox: number, settings: JsonObject): void {
    this.#database.statement('UPDATE mailbox SET settings = ? WHERE mailbox = ?').run(JSON.stringify(settings), mailbox);
    this.#all = undefined;
  }

  /** Replaces members of the directory entity; `userPrincipalName` renames the mailbox. */
  patch(mailbox: number, members: JsonObject): void {
    const known = this.byNumber(mailbox);
    if (known === undefined) return;
    const upn = known.kind === 'group' ? known.upn : typeof members.userPrincipalName === 'string' ? members.userPrincipalName : known.upn;
    this.#database.statement('UPDATE mailbox SET entity = ?, upn = ? WHERE mailbox = ?').run(JSON.stringify({ ...known.entity, ...members }), upn, mailbox);
    this.#all = undefined;
  }

  setKind(mailbox: number, kind: MailboxKind): void {
    this.#database.statement('UPDATE mailbox SET kind = ? WHERE mailbox = ?').run(kind, mailbox);
    this.#all = undefined;
  }

  /** With all that is in it. */
  remove(mailbox: number): void {
    for (const table of ['message', 'item', 'tombstone', 'reference']) this.#database.statement(`DELETE FROM ${table} WHERE mailbox = ?`).run(mailbox);
    this.#database.statement('DELETE FROM member WHERE grp = ? OR mailbox = ?').run(mailbox, mailbox);
    this.#database.statement('DELETE FROM mailbox WHERE mailbox = ?').run(mailbox);
    this.#all = undefined;
  }

  isMember(group: number, mailbox: number): boolean {
    return this.#database.get<{ grp: number }>('SELECT grp FROM member WHERE grp = ? AND mailbox = ?', group, mailbox) !== undefined;
  }

  /** The groups a user or group is in. */
  groupsOf(mailbox: number): readonly Mailbox[] {
    const numbers = new Set(this.#database.all<{ grp: number }>('SELECT grp FROM member WHERE mailbox = ?', mailbox).map((row) => row.grp));
    return this.list().filter((candidate) => numbers.has(candidate.mailbox));
  }

  removeMember(group: number, mailbox: number): void {
    this.#database.statement('DELETE FROM member WHERE grp = ? AND mailbox = ?').run(group, mailbox);
  }

  addMember(group: number, mailbox: number): void {
    this.#database.statement('INSERT OR IGNORE INTO member (grp, mailbox) VALUES (?, ?)').run(group, mailbox);
  }

  members(group: number): readonly Mailbox[] {
    const numbers = new Set(this.#database.all<{ mailbox: number }>('SELECT mailbox FROM member WHERE grp = ?', group).map((row) => row.mailbox));
    return this.list().filter((candidate) => numbers.has(candidate.mailbox));
  }
}
