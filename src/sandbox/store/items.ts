/**
 * Owns: every stored thing that is neither message nor attachment: folders, events, contacts, tasks, rules, files, places …
 * Does not own: how an item is shown (routes/), recurrence.
 * Invariants: a change gives the row a new version and the mailbox a new sequence number; parsed rows are cached until then.
 */
import type { StoreDatabase } from './database.js';
import type { JsonObject } from '../writer.js';
import { parseEntity, type Entity } from '../json.js';

export type ItemKind =
  | 'mailFolder' | 'contactFolder' | 'calendar' | 'calendarGroup' | 'todoList' | 'event' | 'contact' | 'category' | 'rule' | 'todoTask'
  | 'checklistItem' | 'driveItem' | 'conversation' | 'thread' | 'post' | 'room' | 'roomList' | 'organization' | 'subscription';

export interface Item {
  readonly n: number;
  readonly kind: ItemKind;
  readonly mailbox: number;
  /** Row number of the folder, calendar, list … 0: top. */
  readonly parent: number;
  readonly created: number;
  readonly modified: number;
  readonly moves: number;
  readonly version: number;
  readonly seq: number;
  readonly name: string | null;
  readonly wellKnown: string | null;
  /** For events: UTC milliseconds of start and end (of the master for a series). */
  readonly starts: number | null;
  readonly ends: number | null;
  readonly entity: Entity;
  readonly extended: readonly ExtendedProperty[];
  readonly extra: Entity;
}

/** An extended property; a list is a multi-value one. */
export interface ExtendedProperty {
  readonly id: string;
  readonly value: string | readonly string[];
}

/** What a change may touch beside the entity's members; what is missing stays. */
export interface ItemChange {
  readonly name?: string;
  readonly starts?: number | null;
  readonly ends?: number | null;
  readonly extended?: readonly ExtendedProperty[];
  readonly extra?: JsonObject;
  readonly content?: Uint8Array;
}

interface ItemRow extends Omit<Item, 'entity' | 'extended' | 'extra' | 'wellKnown'> { well_known: string | null; entity: string; extended: string | null; extra: string | null }

export interface NewItem {
  readonly kind: ItemKind;
  readonly mailbox: number;
  readonly parent: number;
  readonly entity: JsonObject;
  readonly created?: number;
  readonly modified?: number;
  readonly name?: string;
  readonly wellKnown?: string;
  readonly starts?: number;
  readonly ends?: number;
  readonly extended?: readonly ExtendedProperty[];
  readonly extra?: JsonObject;
  readonly content?: Uint8Array;
}

const COLUMNS = 'n, kind, mailbox, parent, created, modified, moves, version, seq, name, well_known, starts, ends, entity, extended, extra';

function itemOf(row: ItemRow): Item {
  const { well_known: wellKnown, ...rest } = row;
  return {
    ...rest, wellKnown, entity: parseEntity(row.entity),
    extended: row.extended === null ? [] : JSON.parse(row.extended) as ExtendedProperty[],
    extra: row.extra === null ? {} : parseEntity(row.extra),
  };
}

export class Items {
  readonly #database: StoreDatabase;
  readonly #cache = new Map<string, { readonly change: number; readonly items: readonly Item[] }>();
  /** Changes of items, by mailbox: mail that comes and goes leaves the lists as they are. */
  readonly #changes = new Map<number, number>();

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  add(item: NewItem, now: number): number {
    const n = this.#database.nextRow(item.mailbox, 'item');
    this.#noteChange(item.mailbox);
    const created = item.created ?? now;
    this.#database.statement(`INSERT INTO item (${COLUMNS}, content) VALUES (?, ?, ?, ?, ?, ?, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
      n, item.kind, item.mailbox, item.parent, created, item.modified ?? created, this.#database.nextSeq(item.mailbox), item.name ?? null, item.wellKnown ?? null,
      item.starts ?? null, item.ends ?? null, JSON.stringify(item.entity),
      item.extended === undefined || item.extended.length === 0 ? null : JSON.stringify(item.extended),
      item.extra === undefined ? null : JSON.stringify(item.extra), item.content === undefined ? null : Buffer.from(item.content),
    );
    return n;
  }

  get(n: number): Item | undefined {
    const row = this.#database.get<ItemRow>(`SELECT ${COLUMNS} FROM item WHERE n = ?`, n);
    return row === undefined ? undefined : itemOf(row);
  }

  #noteChange(mailbox: number): void {
    this.#changes.set(mailbox, (this.#changes.get(mailbox) ?? 0) + 1);
  }

  /** All items of a kind in a mailbox, optionally under one parent, in row order. */
  list(mailbox: number, kind: ItemKind, parent?: number): readonly Item[] {
    const key = `${mailbox}/${kind}/${parent ?? '*'}`;
    const change = (this.#changes.get(mailbox) ?? 0) + this.#database.rollbacks;
    const known = this.#cache.get(key);
    if (known?.change === change) return known.items;
    const rows = parent === undefined
      ? this.#database.all<ItemRow>(`SELECT ${COLUMNS} FROM item WHERE mailbox = ? AND kind = ? ORDER BY n`, mailbox, kind)
      : this.#database.all<ItemRow>(`SELECT ${COLUMNS} FROM item WHERE mailbox = ? AND kind = ? AND parent = ? ORDER BY n`, mailbox, kind, parent);
    const items = rows.map(itemOf);
    if (this.#cache.size > 200) this.#cache.clear();
    this.#cache.set(key, { change, items });
    return items;
  }

  /** Items changed after `seq`, oldest change first. */
  changed(mailbox: number, kind: ItemKind, seq: number): readonly Item[] {
    return this.#database.all<ItemRow>(`SELECT ${COLUMNS} FROM item WHERE mailbox = ? AND kind = ? AND seq > ? ORDER BY seq`, mailbox, kind, seq).map(itemOf);
  }

  content(n: number): Uint8Array | undefined {
    return this.#database.get<{ content: Uint8Array | null }>('SELECT content FROM item WHERE n = ?', n)?.content ?? undefined;
  }

  /** Replaces members of the entity, and what `change` names beside it. */
  patch(n: number, members: JsonObject, now: number, change: ItemChange = {}): void {
    const item = this.get(n);
    if (item === undefined) return;
    this.#noteChange(item.mailbox);
    const extended = change.extended ?? item.extended;
    const extra = change.extra ?? item.extra;
    this.#database.statement('UPDATE item SET entity = ?, name = ?, starts = ?, ends = ?, extended = ?, extra = ?, version = version + 1, modified = ?, seq = ? WHERE n = ?').run(
      JSON.stringify({ ...item.entity, ...members }), change.name ?? item.name, change.starts === undefined ? item.starts : change.starts, change.ends === undefined ? item.ends : change.ends,
      extended.length === 0 ? null : JSON.stringify(extended), Object.keys(extra).length === 0 ? null : JSON.stringify(extra), now, this.#database.nextSeq(item.mailbox), n,
    );
    if (change.content !== undefined) this.#database.statement('UPDATE item SET content = ? WHERE n = ?').run(Buffer.from(change.content), n);
  }

  move(n: number, parent: number, now: number): void {
    const item = this.get(n);
    if (item === undefined) return;
    this.#bury(item);
    this.#database.statement('UPDATE item SET parent = ?, moves = moves + 1, version = version + 1, modified = ?, seq = ? WHERE n = ?')
      .run(parent, now, this.#database.nextSeq(item.mailbox), n);
  }

  remove(n: number): boolean {
    const item = this.get(n);
    if (item === undefined) return false;
    this.#bury(item);
    this.#database.statement('DELETE FROM item WHERE n = ?').run(n);
    return true;
  }

  #bury(item: Item): void {
    this.#noteChange(item.mailbox);
    this.#database.statement('INSERT INTO tombstone (mailbox, kind, parent, n, moves, seq) VALUES (?, ?, ?, ?, ?, ?)')
      .run(item.mailbox, item.kind, item.parent, item.n, item.moves, this.#database.nextSeq(item.mailbox));
  }
}
