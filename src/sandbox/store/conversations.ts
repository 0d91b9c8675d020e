/**
 * Owns: which messages of a mailbox belong to one conversation: those that share a Message-ID in their references.
 * Does not own: conversation ids as text.
 * Invariants: sharing is transitive: a message that refers to two conversations joins them.
 */
import type { StoreDatabase } from './database.js';
import { SPAN } from '../ids.js';

export class Conversations {
  readonly #database: StoreDatabase;
  readonly #next = new Map<number, number>();

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** The conversation of a message with these references (its own Message-ID among them). */
  of(mailbox: number, references: readonly string[]): number {
    const found = new Set<number>();
    const fresh: string[] = [];
    for (const reference of references) {
      const row = this.#database.get<{ conversation: number }>('SELECT conversation FROM reference WHERE mailbox = ? AND reference = ?', mailbox, reference);
      if (row === undefined) fresh.push(reference);
      else found.add(row.conversation);
    }
    const [first, ...others] = found;
    const conversation = first ?? this.#allocate(mailbox);
    for (const other of others) {
      this.#database.statement('UPDATE message SET conversation = ? WHERE conversation = ?').run(conversation, other);
      this.#database.statement('UPDATE reference SET conversation = ? WHERE conversation = ?').run(conversation, other);
    }
    for (const reference of new Set(fresh)) {
      this.#database.statement('INSERT OR IGNORE INTO reference (mailbox, reference, conversation) VALUES (?, ?, ?)').run(mailbox, reference, conversation);
    }
    return conversation;
  }

  /** Makes a reference belong to a conversation, unless it belongs to one already. */
  tie(mailbox: number, reference: string, conversation: number): void {
    this.#database.statement('INSERT OR IGNORE INTO reference (mailbox, reference, conversation) VALUES (?, ?, ?)').run(mailbox, reference, conversation);
  }

  #allocate(mailbox: number): number {
    let next = this.#next.get(mailbox);
    if (next === undefined) {
      const low = mailbox * SPAN;
      const highest = (table: string): number =>
        this.#database.get<{ c: number | null }>(`SELECT MAX(conversation) AS c FROM ${table} WHERE conversation >= ? AND conversation < ?`, low, low + SPAN)?.c ?? low;
      next = Math.max(highest('message'), highest('reference')) + 1;
    }
    this.#next.set(mailbox, next + 1);
    return next;
  }
}
