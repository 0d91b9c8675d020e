/**
 * Owns: attachments of messages and events: their members and their bytes.
 * Does not own: attachment ids as text.
 * Invariants: `size` is that of the content plus a fixed overhead, as the service counts it.
 */
import type { StoreDatabase } from './database.js';
import type { JsonObject, NewAttachment } from '../writer.js';
import { isObject, parseEntity } from '../json.js';
import { mailboxOf } from '../ids.js';

export interface Attachment {
  readonly n: number;
  readonly owner: number;
  readonly kind: 'file' | 'item' | 'reference';
  readonly size: number;
  readonly modified: number;
  readonly entity: JsonObject;
}

interface AttachmentRow { n: number; owner: number; kind: 'file' | 'item' | 'reference'; size: number; modified: number; entity: string }

/** Bytes the service adds to the content's length for its own bookkeeping. */
const OVERHEAD = 198;

export class Attachments {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** `owner`: row number of a message, or the negative one of an event (they are numbered apart). */
  add(mailbox: number, owner: number, attachment: NewAttachment, now: number): number {
    const n = this.#database.nextRow(mailbox, 'attachment');
    const entity = {
      name: attachment.name, contentType: attachment.contentType, isInline: attachment.isInline,
      ...(attachment.kind === 'file' ? { contentId: attachment.contentId ?? null, contentLocation: null } : {}),
      ...(attachment.item === undefined ? {} : { item: attachment.item }),
    };
    this.#database.statement('INSERT INTO attachment (n, owner, kind, size, modified, entity, content) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(n, owner, attachment.kind, attachment.content.byteLength + OVERHEAD, attachment.lastModified?.getTime() ?? now, JSON.stringify(entity), Buffer.from(attachment.content));
    return n;
  }

  of(owner: number): Attachment[] {
    return this.#database.all<AttachmentRow>('SELECT n, owner, kind, size, modified, entity FROM attachment WHERE owner = ? ORDER BY n', owner)
      .map((row) => ({ ...row, entity: parseEntity(row.entity) }));
  }

  /** Gives a copy of every attachment of one owner to another. */
  copyAll(mailbox: number, from: number, to: number): void {
    for (const { n } of this.of(from)) {
      this.#database.statement('INSERT INTO attachment (n, owner, kind, size, modified, entity, content) SELECT ?, ?, kind, size, modified, entity, content FROM attachment WHERE n = ?')
        .run(this.#database.nextRow(mailbox, 'attachment'), to, n);
    }
  }

  /** The attachments of an owner, to be added to another. */
  contents(owner: number): NewAttachment[] {
    return this.of(owner).map(({ n, kind, modified, entity }) => ({
      kind, name: typeof entity.name === 'string' ? entity.name : '', contentType: typeof entity.contentType === 'string' ? entity.contentType : null, isInline: entity.isInline === true,
      contentId: typeof entity.contentId === 'string' ? entity.contentId : null, content: this.content(n), lastModified: new Date(modified),
      ...(isObject(entity.item) ? { item: entity.item } : {}),
    }));
  }

  remove(n: number): void {
    this.#remove('n', n);
  }

  removeAll(owner: number): void {
    this.#remove('owner', owner);
  }

  /** Numbers are not given again, not even by a store that is opened later. */
  #remove(column: 'n' | 'owner', value: number): void {
    const highest = this.#database.get<{ n: number | null }>(`SELECT MAX(n) AS n FROM attachment WHERE ${column} = ?`, value)?.n ?? null;
    if (highest === null) return;
    const mailbox = mailboxOf(highest);
    this.#database.statement(`INSERT INTO tombstone (mailbox, kind, parent, n, moves, seq) SELECT ?, 'attachment', owner, n, 0, ? FROM attachment WHERE ${column} = ?`).run(mailbox, this.#database.nextSeq(mailbox), value);
    this.#database.statement(`DELETE FROM attachment WHERE ${column} = ?`).run(value);
  }

  content(n: number): Buffer {
    return this.#database.get<{ content: Buffer | null }>('SELECT content FROM attachment WHERE n = ?', n)?.content ?? Buffer.alloc(0);
  }
}
