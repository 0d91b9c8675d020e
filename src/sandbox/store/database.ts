/**
 * Owns: the open database, mailboxes' counters (row numbers, change sequence) and transactions.
 * Does not own: entities (messages.ts, items.ts, attachments.ts).
 * Invariants: a row number is never given twice, not even after a deletion; every change takes a new sequence number.
 */
import Database from 'better-sqlite3';
import { SCHEMA } from './schema.js';
import { SPAN } from '../ids.js';

export type Table = 'message' | 'item' | 'attachment';

interface Counters {
  seq: number;
  readonly next: Record<Table, number>;
}

export class StoreDatabase {
  readonly sql: Database.Database;
  readonly #counters = new Map<number, Counters>();
  readonly #statements = new Map<string, Database.Statement>();
  #rollbacks = 0;

  /** `file`: a path, or undefined for memory. */
  constructor(file: string | undefined) {
    this.sql = new Database(file ?? ':memory:');
    this.sql.pragma('journal_mode = WAL');
    this.sql.pragma('synchronous = OFF');
    this.sql.pragma('cache_size = -64000');
    this.sql.exec(SCHEMA);
  }

  /** A prepared statement, kept by its text. */
  statement(text: string): Database.Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.sql.prepare(text);
      // Compiled filters make many texts; the least recent go.
      if (this.#statements.size > 500) this.#statements.delete(this.#statements.keys().next().value!);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  all<Row>(text: string, ...parameters: readonly (string | number | null)[]): Row[] {
    return this.statement(text).all(...parameters) as Row[];
  }

  get<Row>(text: string, ...parameters: readonly (string | number | null)[]): Row | undefined {
    return this.statement(text).get(...parameters) as Row | undefined;
  }

  #counter(mailbox: number): Counters {
    let counters = this.#counters.get(mailbox);
    if (counters === undefined) {
      const low = mailbox * SPAN;
      const highest = (table: Table): number =>
        (this.sql.prepare(`SELECT MAX(n) AS n FROM ${table} WHERE n >= ? AND n < ?`).get(low, low + SPAN) as { n: number | null }).n ?? low;
      const buried = (kinds: string): number =>
        (this.sql.prepare(`SELECT MAX(n) AS n FROM tombstone WHERE mailbox = ? AND kind ${kinds}`).get(mailbox) as { n: number | null }).n ?? low;
      const latest = (table: string): number => (this.sql.prepare(`SELECT MAX(seq) AS s FROM ${table} WHERE mailbox = ?`).get(mailbox) as { s: number | null }).s ?? 0;
      counters = {
        seq: Math.max(latest('message'), latest('item'), latest('tombstone')),
        next: {
          message: Math.max(highest('message'), buried("= 'message'")) + 1, item: Math.max(highest('item'), buried("NOT IN ('message', 'attachment')")) + 1,
          attachment: Math.max(highest('attachment'), buried("= 'attachment'")) + 1,
        },
      };
      this.#counters.set(mailbox, counters);
    }
    return counters;
  }

  nextRow(mailbox: number, table: Table): number {
    return this.#counter(mailbox).next[table]++;
  }

  /** The number of the latest change of a mailbox. */
  seq(mailbox: number): number {
    return this.#counter(mailbox).seq;
  }

  nextSeq(mailbox: number): number {
    return ++this.#counter(mailbox).seq;
  }

  transaction<T>(work: () => T): T {
    if (this.sql.inTransaction) return work();
    try {
      return this.sql.transaction(work)();
    } catch (error) {
      // What was read and kept inside belongs to a state that never came to be.
      this.#rollbacks++;
      for (const counters of this.#counters.values()) counters.seq++;
      throw error;
    }
  }

  /** Transactions taken back so far. */
  get rollbacks(): number {
    return this.#rollbacks;
  }

  meta(name: string): string | undefined {
    return this.get<{ value: string }>('SELECT value FROM meta WHERE name = ?', name)?.value;
  }

  setMeta(name: string, value: string): void {
    this.statement('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(name, value);
  }

  close(): void {
    this.sql.close();
  }
}
