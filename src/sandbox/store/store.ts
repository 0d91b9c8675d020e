/**
 * Owns: the store as a whole: its parts, the mailbox's standard folders, saved seed and form of ids.
 * Does not own: HTTP, OData; filling (store-writer.ts).
 * Invariants: a store file remembers its seed and the form of its ids, so that these stay the same.
 */
import type { Clock } from '../clock.js';
import { Ids, type Kind } from '../ids.js';
import { Attachments } from './attachments.js';
import { Conversations } from './conversations.js';
import { StoreDatabase } from './database.js';
import { Items, type Item } from './items.js';
import { Mailboxes } from './mailboxes.js';
import { Messages } from './messages.js';

export class Store {
  readonly database: StoreDatabase;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly mailboxes: Mailboxes;
  readonly messages: Messages;
  readonly items: Items;
  readonly attachments: Attachments;
  readonly conversations: Conversations;
  readonly seed: number;

  constructor(options: { readonly file?: string | undefined; readonly seed: number; readonly caseTwins?: boolean; readonly clock: Clock }) {
    this.database = new StoreDatabase(options.file);
    this.clock = options.clock;
    this.seed = Number(this.database.meta('seed') ?? options.seed);
    this.database.setMeta('seed', String(this.seed));
    const caseTwins = (this.database.meta('caseTwins') ?? String(options.caseTwins === true)) === 'true';
    this.database.setMeta('caseTwins', String(caseTwins));
    this.ids = new Ids(this.seed, caseTwins);
    this.mailboxes = new Mailboxes(this.database, this.seed);
    this.attachments = new Attachments(this.database);
    this.messages = new Messages(this.database, this.attachments);
    this.items = new Items(this.database);
    this.conversations = new Conversations(this.database);
  }

  /** Id of a row that never moves between id spaces (folders, calendars, lists) or of any item by kind. */
  id(kind: Kind, row: number, immutable: boolean, moves = 0, day = 0): string {
    return this.ids.of({ kind, row, moves, day }, immutable);
  }

  /** The folder of a mailbox with a well-known name (lower case). */
  wellKnown(mailbox: number, kind: Item['kind'], name: string): Item | undefined {
    return this.items.list(mailbox, kind).find((item) => item.wellKnown === name);
  }

  close(): void {
    this.database.close();
  }
}
