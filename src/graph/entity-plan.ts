/**
 * Owns: how the entities of a table are fetched, as plain data: the protocol's own part of a ScanPlan.
 * Does not own: deciding it (plan.ts), sending it (run.ts), turning entities into rows (row.ts).
 * Invariants: immutable, no I/O; paths are below the mailbox, percent-encoded, with a leading slash.
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { PageSize, RowLimit, SqlValue } from '../scan/value.js';
import type { GraphObject } from './client.js';
import type { QueryOption } from './literal.js';
import type { Arranged, Wish } from './order-rules.js';

/** Values a row has because of where it was read, by column name. */
export type Bound = Readonly<Record<string, SqlValue>>;

/** One entity with what is known of it beside its JSON. */
export interface EntityRow {
  readonly entity: GraphObject;
  /** Mailbox as it was asked for; undefined for the connection's own. */
  readonly mailbox: string | undefined;
  readonly bound: Bound | undefined;
  readonly parent: EntityRow | undefined;
  /** The key the entity was asked by, where it was. */
  readonly asked: string | undefined;
  /** Computed values found while reading (place in a tree, well-known name). */
  readonly notes: Bound | undefined;
}

export interface Mailboxes {
  /** As asked for; undefined is the connection's own. Never empty. */
  readonly names: readonly (string | undefined)[];
  /** Bound by a list or a join: a name without a mailbox is no error. */
  readonly tolerant: boolean;
}

interface Common {
  readonly declaration: TableDeclaration;
  readonly mailboxes: Mailboxes;
  /** Properties for $select; empty where it is not offered. */
  readonly select: readonly string[];
  readonly expand: readonly string[];
  /** Properties only a GET of the single row gives. */
  readonly singles: readonly string[];
  /** Well-known names are looked up and noted. */
  readonly wellKnown: boolean;
  /** The calendar's id is looked up and noted for rows of no named calendar: the default one's, or of rows found by key each one's own. */
  readonly defaultCalendar: boolean;
}

/** How a listing makes sure that no lasting row is missed while others vanish. */
export type Stability =
  /** Continues below the last receivedDateTime seen. */
  | 'keyset'
  /** Compares @odata.count and reads again when it changed. */
  | 'count'
  /** The service's links are bound to a snapshot or the set is small and single-paged. */
  | 'links';

export interface Place {
  readonly path: string;
  readonly bound: Bound;
}

export interface ListPlan extends Common {
  readonly kind: 'list';
  readonly places: readonly Place[];
  /** Folder whose descendants are read too; each place is then one folder. */
  readonly subfolders: boolean;
  readonly wish: Wish;
  /** What is asked of it: as the connection stood when the plan made its promises. */
  readonly arranged: Arranged;
  readonly search: string | undefined;
  /** Options beside the usual ones, e.g. a window's bounds. */
  readonly options: readonly QueryOption[];
  readonly stability: Stability;
  /** undefined where $top is not offered. */
  readonly pageSize: PageSize | undefined;
  /** Set only if the limit is honoured. */
  readonly limit: RowLimit | undefined;
}

export interface KeysPlan extends Common {
  readonly kind: 'keys';
  readonly keys: readonly string[];
  /** Path with `{id}`; other placeholders are filled. */
  readonly item: string;
  readonly bound: Bound;
}

export interface TreePlan extends Common {
  readonly kind: 'tree';
  readonly path: string;
  readonly children: string;
  readonly childCount: string | undefined;
  readonly options: readonly QueryOption[];
  readonly pageSize: PageSize | undefined;
}

export interface SingletonPlan extends Common {
  readonly kind: 'singleton';
  readonly path: string;
}

export interface ChildrenPlan extends Common {
  readonly kind: 'children';
  /** With `{parent}` and perhaps `{grandparent}`. */
  readonly path: string;
  readonly parents: EntityPlan | { readonly kind: 'given'; readonly keys: readonly string[]; readonly grandparents: readonly string[] };
  /** Property of the parent's JSON that is its key, and the column names to fill in the row. */
  readonly parentKey: string;
  readonly parentColumn: string;
  /** Column of the parent's row that fills `{grandparent}`. */
  readonly grandparentColumn: string | undefined;
  readonly parentFlag: string | undefined;
  readonly options: readonly QueryOption[];
  readonly pageSize: PageSize | undefined;
  /** GET of one child: with `{parent}` and `{id}`. */
  readonly keys: readonly string[] | undefined;
  readonly item: string | undefined;
}

export type EntityPlan = { readonly kind: 'empty'; readonly declaration: TableDeclaration } | ListPlan | KeysPlan | TreePlan | SingletonPlan | ChildrenPlan;

/** One row per element of the arrays of an entity. */
export interface Explosion {
  readonly arrays: readonly { readonly path: string; readonly kind?: string }[];
  readonly kindColumn: string | undefined;
  readonly ordinalColumn: string;
}

/** The `detail` of a Graph ScanPlan. */
export interface GraphDetail {
  readonly entities: EntityPlan;
  readonly declaration: TableDeclaration;
  readonly explosion: Explosion | undefined;
  /** Ids of extended properties as they were asked for: each entity gives a row per property it has. */
  readonly extended: readonly string[] | undefined;
  /** Values of pseudo-columns. */
  readonly fixed: Bound;
}
