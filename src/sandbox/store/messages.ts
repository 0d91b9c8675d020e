/**
 * Owns: stored messages: bulk insert, move, delete, change, reading by row and by index order.
 * Does not own: ids as text, OData (query/), conversations' joining (conversations.ts).
 * Invariants: what is promoted to a column is never different in the JSON; every change takes a new version and sequence number.
 */
import type { StoreDatabase } from './database.js';
import { textAt, type Entity } from '../json.js';
import type { Attachments } from './attachments.js';
import type { ExtendedProperty } from './items.js';
import { foldText } from '../odata/index.js';
import { mixText } from '../random.js';

/** What a listing reads of a row; the large columns are null unless asked for. */
export interface MessageRow {
  readonly n: number;
  readonly mailbox: number;
  readonly folder: number;
  readonly received: number;
  readonly sent: number;
  readonly created: number;
  readonly modified: number;
  readonly is_read: number;
  readonly is_draft: number;
  readonly has_attachments: number;
  readonly conversation: number;
  readonly moves: number;
  readonly version: number;
  readonly seq: number;
  readonly odata_type: string | null;
  readonly size: number;
  readonly entity: string;
  readonly extended?: string | null;
  readonly headers?: string | null;
  readonly body?: string | null;
}

export interface InsertMessage {
  readonly mailbox: number;
  readonly folder: number;
  readonly received: number;
  readonly sent: number;
  readonly created: number;
  readonly modified: number;
  readonly hasAttachments: boolean;
  readonly conversation: number;
  readonly odataType: string | null;
  readonly size: number;
  /** Without ids, times, body, headers; with isRead and isDraft. */
  readonly entity: Entity;
  readonly extended: readonly ExtendedProperty[];
  readonly headers: string | null;
  readonly body: string | null;
  readonly mime: Uint8Array | null;
}

/** What a change may touch beside the entity's members; what is missing stays. */
export interface MessageChange {
  readonly body?: string;
  readonly extended?: readonly ExtendedProperty[];
  readonly headers?: string | null;
  readonly received?: number;
  readonly sent?: number;
  readonly conversation?: number;
  readonly hasAttachments?: boolean;
  readonly size?: number;
  /** The stored MIME no longer fits; it is composed anew when asked for. */
  readonly dropMime?: boolean;
}

const LIGHT = 'n, mailbox, folder, received, sent, created, modified, is_read, is_draft, has_attachments, conversation, moves, version, seq, odata_type, size, entity';

/** Which large columns a read needs. */
export interface Heavy {
  readonly body: boolean;
  readonly headers: boolean;
  readonly extended: boolean;
}

export function columnsFor(heavy: Heavy): string {
  return LIGHT + (heavy.extended ? ', extended' : '') + (heavy.headers ? ', headers' : '') + (heavy.body ? ', body' : '');
}

export class Messages {
  readonly #database: StoreDatabase;
  readonly #attachments: Attachments;
  #counts: Map<number, { readonly seq: number; readonly byFolder: ReadonlyMap<number, { total: number; unread: number }> }> = new Map();

  constructor(database: StoreDatabase, attachments: Attachments) {
    this.#database = database;
    this.#attachments = attachments;
  }

  insert(message: InsertMessage): number {
    const n = this.#database.nextRow(message.mailbox, 'message');
    const { entity } = message;
    this.#database.statement(`INSERT INTO message (n, mailbox, folder, received, sent, created, modified, is_read, is_draft, has_attachments, importance,
      flag, inference, conversation, message_id, from_folded, subject_folded, moves, version, seq, odata_type, size, entity, extended, headers, body, mime)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
      n, message.mailbox, message.folder, message.received, message.sent, message.created, message.modified, entity.isRead === true ? 1 : 0,
      entity.isDraft === true ? 1 : 0, message.hasAttachments ? 1 : 0, textAt(entity, 'importance') ?? 'normal',
      textAt(entity, 'flag', 'flagStatus') ?? 'notFlagged', textAt(entity, 'inferenceClassification') ?? 'focused', message.conversation,
      fold(textAt(entity, 'internetMessageId')), fold(textAt(entity, 'from', 'emailAddress', 'address')),
      fold(textAt(entity, 'subject')), this.#database.nextSeq(message.mailbox), message.odataType, message.size,
      JSON.stringify(entity), message.extended.length === 0 ? null : JSON.stringify(message.extended), message.headers, message.body,
      message.mime === null ? null : Buffer.from(message.mime),
    );
    return n;
  }

  row(n: number, heavy: Heavy = { body: false, headers: false, extended: false }): MessageRow | undefined {
    return this.#database.get<MessageRow>(`SELECT ${columnsFor(heavy)} FROM message WHERE n = ?`, n);
  }

  /** Rows by number, in the order given; missing ones are left out. */
  rows(numbers: readonly number[], heavy: Heavy): MessageRow[] {
    const found: MessageRow[] = [];
    const statement = this.#database.statement(`SELECT ${columnsFor(heavy)} FROM message WHERE n = ?`);
    for (const n of numbers) {
      const row = statement.get(n) as MessageRow | undefined;
      if (row !== undefined) found.push(row);
    }
    return found;
  }

  mime(n: number): Uint8Array | undefined {
    return this.#database.get<{ mime: Uint8Array | null }>('SELECT mime FROM message WHERE n = ?', n)?.mime ?? undefined;
  }

  /** Messages and unread messages of every folder of a mailbox. */
  counts(mailbox: number): ReadonlyMap<number, { total: number; unread: number }> {
    const seq = this.#database.seq(mailbox);
    const known = this.#counts.get(mailbox);
    if (known?.seq === seq) return known.byFolder;
    const byFolder = new Map<number, { total: number; unread: number }>();
    const folders = this.#database.all<{ n: number }>("SELECT n FROM item WHERE mailbox = ? AND kind = 'mailFolder'", mailbox);
    for (const { n } of folders) {
      const counted = this.#database.get<{ total: number; unread: number | null }>('SELECT COUNT(*) AS total, SUM(1 - is_read) AS unread FROM message INDEXED BY message_unread WHERE folder = ?', n);
      byFolder.set(n, { total: counted?.total ?? 0, unread: counted?.unread ?? 0 });
    }
    this.#counts.set(mailbox, { seq, byFolder });
    return byFolder;
  }

  move(n: number, folder: number, now: number): void {
    const row = this.row(n);
    if (row === undefined) return;
    this.#bury(row);
    this.#database.statement('UPDATE message SET folder = ?, moves = moves + 1, version = version + 1, modified = ?, seq = ? WHERE n = ?')
      .run(folder, now, this.#database.nextSeq(row.mailbox), n);
  }

  remove(n: number): boolean {
    const row = this.row(n);
    if (row === undefined) return false;
    this.#bury(row);
    this.#database.statement('DELETE FROM message WHERE n = ?').run(n);
    this.#attachments.removeAll(n);
    return true;
  }

  /** Replaces members of the entity (isRead, flag, categories …) as a PATCH would, and what `change` names beside it. */
  patch(n: number, members: Entity, now: number, change: MessageChange = {}): void {
    const row = this.row(n);
    if (row === undefined) return;
    const entity = { ...(JSON.parse(row.entity) as Entity), ...members };
    this.#database.statement(`UPDATE message SET entity = ?, is_read = ?, is_draft = ?, importance = ?, flag = ?, inference = ?, message_id = ?, from_folded = ?, subject_folded = ?,
      received = ?, sent = ?, conversation = ?, has_attachments = ?, size = ?, version = version + 1, modified = ?, seq = ? WHERE n = ?`).run(
      JSON.stringify(entity), entity.isRead === true ? 1 : 0, entity.isDraft === true ? 1 : 0, textAt(entity, 'importance') ?? 'normal', textAt(entity, 'flag', 'flagStatus') ?? 'notFlagged',
      textAt(entity, 'inferenceClassification') ?? 'focused', fold(textAt(entity, 'internetMessageId')), fold(textAt(entity, 'from', 'emailAddress', 'address')), fold(textAt(entity, 'subject')),
      change.received ?? row.received, change.sent ?? row.sent, change.conversation ?? row.conversation, change.hasAttachments === undefined ? row.has_attachments : Number(change.hasAttachments),
      change.size ?? row.size, now, this.#database.nextSeq(row.mailbox), n,
    );
    if (change.body !== undefined) this.#database.statement('UPDATE message SET body = ? WHERE n = ?').run(change.body, n);
    if (change.headers !== undefined) this.#database.statement('UPDATE message SET headers = ? WHERE n = ?').run(change.headers, n);
    if (change.dropMime === true) this.#database.statement('UPDATE message SET mime = NULL WHERE n = ?').run(n);
    if (change.extended !== undefined) {
      this.#database.statement('UPDATE message SET extended = ? WHERE n = ?').run(change.extended.length === 0 ? null : JSON.stringify(change.extended), n);
    }
  }

  /** A copy in another folder, as a new message; gives its row number. Attachments are the caller's. */
  copy(n: number, folder: number, now: number): number | undefined {
    const row = this.row(n, { body: true, headers: true, extended: true });
    if (row === undefined) return undefined;
    return this.insert({
      mailbox: row.mailbox, folder, received: row.received, sent: row.sent, created: now, modified: now, hasAttachments: row.has_attachments === 1, conversation: row.conversation,
      odataType: row.odata_type, size: row.size, entity: JSON.parse(row.entity) as Entity, extended: row.extended === null || row.extended === undefined ? [] : JSON.parse(row.extended) as ExtendedProperty[],
      headers: row.headers ?? null, body: row.body ?? null, mime: this.mime(n) ?? null,
    });
  }

  #bury(row: MessageRow): void {
    this.#database.statement("INSERT INTO tombstone (mailbox, kind, parent, n, moves, seq) VALUES (?, 'message', ?, ?, ?, ?)")
      .run(row.mailbox, row.folder, row.n, row.moves, this.#database.nextSeq(row.mailbox));
  }
}

const fold = (text: string | undefined): string | null => (text === undefined ? null : foldText(text));

/** Rows of which the lossy `eq` loses matches: about one in three, always the same ones. */
export const isLossyRow = (seed: number, n: number): boolean => mixText(seed, String(n)) % 3 === 0;
