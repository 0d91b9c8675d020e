/**
 * Owns: the shape of a table declaration (`schema/<protocol>/<Table>.json`) as TypeScript types.
 * Does not own: loading and checking the files (catalog/load.ts), writing requests from them (graph/).
 * Invariants: declarations are data; a table that fits these shapes needs one JSON file and no code.
 */

export type ColumnType =
  | 'text'
  | 'timestamp' // UTC, normal-form text
  | 'date' // yyyy-mm-dd
  | 'time' // hh:mm:ss
  | 'boolean' // 0/1
  | 'integer' // 32 bit
  | 'bigint'
  | 'double'
  | 'json' // collection or object as JSON text
  | 'binary'; // bytes (staged as BLOB)

/** How a predicate may go down: `exact` needs no re-check, `inexact` is a proven superset that is re-checked. */
export type Exactness = 'exact' | 'inexact';

/**
 * How the service is asked:
 * - `compare`   `path op literal` in $filter (default for eq, ne, range)
 * - `startswith` `startswith(path,'…')`: for lossy equality and prefixes
 * - `contains`  `contains(path,'…')`
 * - `any`       lambda over a collection: `path/any(x:x eq '…')` or `path/any(x:x/member eq '…')`. Stands under `contains`
 *               of a JSON column and is a superset only for one whole JSON string: the text must be `"…"` (with
 *               `member`: `"member":"…"`), without a backslash or a further quote inside
 * - `key`       the row itself: GET item, $batch for several
 * - `path`      another collection path that holds just these rows (folder, parent, mailbox)
 * - `window`    a bound of startDateTime/endDateTime of a view
 */
export type PushForm = 'compare' | 'startswith' | 'contains' | 'any' | 'key' | 'path' | 'window';

export interface Capability {
  readonly push: Exactness;
  readonly as: PushForm;
  /** For `path`: the collection path below the mailbox with `{value}`, e.g. `/mailFolders/{value}/messages`. Absent on `userId`. */
  readonly path?: string;
  /** Hours by which both sides of the range are widened before it is sent; the rows are re-checked. */
  readonly widen?: number;
  /** Only `ge` and `le` are offered: `gt` and `lt` go down as these and are re-checked. */
  readonly closed?: boolean;
  /** Member inside the lambda for `any`, e.g. `address`. */
  readonly member?: string;
  /** The literal is written quoted although it is a timestamp (events' start/dateTime are Edm.String). */
  readonly quoted?: boolean;
  /** Messages: may stand beside $orderby=receivedDateTime without a floor predicate (the lenient set). */
  readonly lenient?: boolean;
  /** Messages: never together with $orderby. */
  readonly notWithOrder?: boolean;
  /** Directory: needs ConsistencyLevel: eventual and $count=true. */
  readonly advanced?: boolean;
}

export interface FilterCapabilities {
  readonly eq?: Capability;
  readonly ne?: Capability;
  /** lt, le, gt, ge */
  readonly range?: Capability;
  /** Several constants; without it `in` goes down as a chain of `or` where `eq` can. */
  readonly in?: Capability;
  readonly prefix?: Capability;
  readonly contains?: Capability;
}

/** Where a column's value comes from. */
export type ColumnOrigin =
  | 'entity' // `path` in the row's JSON (default)
  | 'parent' // `path` in the parent's JSON, or `column` of the parent's row (children, elements)
  | 'element' // `path` in the array element (elements)
  | 'mailbox' // the mailbox the row was read from, as it was asked for
  | 'computed'; // `compute` names a function of graph/row.ts

export interface ColumnWrite {
  readonly create?: boolean | 'required';
  /** `draft`: only while the row is a draft. */
  readonly update?: boolean | 'draft';
  /** Why it cannot be written and what to do instead, for the error; one sentence without a full stop. */
  readonly why?: string;
  /** What is sent on create when its complex value is given without it: the value of another column, or a constant. */
  readonly otherwise?: { readonly column: string } | { readonly value: string };
  /** Zone columns: the column with the zone the item was written in, which an update keeps. */
  readonly keep?: string;
}

export interface ColumnDeclaration {
  readonly name: string;
  readonly type: ColumnType;
  /** Fraction digits of a timestamp column: the same for every row. Default 0. */
  readonly fraction?: 0 | 3 | 7;
  /** `/`-separated path of the member that names the zone of a timestamp which is given without an offset, e.g. `start/timeZone`. */
  readonly zonePath?: string;
  /** Default true. */
  readonly nullable?: boolean;
  readonly description: string;
  readonly origin?: ColumnOrigin;
  /** `/`-separated path of JSON members, e.g. `from/emailAddress/name`. */
  readonly path?: string;
  /** For `origin: parent`: the column of the parent table whose value this is, where it is not in the parent's JSON. For a RowKey: the id it stands for. */
  readonly column?: string;
  /** Name of the computation for `origin: computed`. */
  readonly compute?: string;
  /** Properties to $select for this column when it is not simply the first segment of `path`; empty: nothing has to be asked for. */
  readonly select?: readonly string[];
  /** $expand needed for this column, e.g. an extended property. */
  readonly expand?: string;
  /** True if the service sends it only when it is asked for (costs a $select, or a request of its own). */
  readonly extra?: boolean;
  /** True if only a GET of the single row gives it (a list answers 501 or NULL). Implies `extra`. */
  readonly single?: boolean;
  /** Closed value set of an enum column. */
  readonly values?: readonly string[];
  /** Longest text in characters where the service says so. */
  readonly length?: number;
  readonly write?: ColumnWrite;
  /** What the elements of a JSON column are; values written are checked against it. */
  readonly items?: 'text' | 'recipient' | 'attendee' | 'address' | 'header' | 'object';
  /** Closed value set of the elements of a JSON column. */
  readonly itemValues?: readonly string[];
  /** The service keeps no two rows of a mailbox with the same value: ON CONFLICT may name the column. */
  readonly unique?: boolean;
  readonly filter?: FilterCapabilities;
  /** The service can sort by it. `exact`: in SQL's order, no NULLs. `inexact`: sorts, but text collation or NULLs differ. */
  readonly sort?: Exactness;
  /** WHERE-only input (pseudo-column): its value is the constant it was compared with. */
  readonly pseudo?: boolean;
  /**
   * Chooses where rows are read, as `userId` does: bound by =, IN or a join it goes down as its `path` (also with pushdown
   * off), unbound the rows come from the service's default place, and the column says which that is.
   */
  readonly selector?: boolean;
  /** The folder namespace of a folder-id column: well-known names and FOLDER() resolve here. */
  readonly folder?: 'mail' | 'contact';
  /** `Table.column` this column refers to. */
  readonly references?: string;
}

export type FilterRules =
  | 'messages' // facts.md 1.1: order-by rule, floor, fallback ladder
  | 'events'
  | 'plain' // declared capabilities only
  | 'directory' // facts.md 1.4: ConsistencyLevel
  | 'none'; // nothing goes down

export interface CollectionOptions {
  readonly rules: FilterRules;
  readonly select: boolean;
  readonly orderby: boolean;
  readonly count: boolean;
  readonly skip: boolean;
  readonly search: boolean;
  /** Largest $top; 0 if $top is not offered. */
  readonly top: number;
}

/** Paths are below the mailbox (`/me` or `/users/{id}`) for scope `mailbox`, below the service root for `tenant`. */
export type TableShape =
  | { readonly kind: 'collection'; readonly path: string; readonly item?: string }
  /** A tree listed level by level: `path` gives the top level, `children` a node's children. */
  | {
      readonly kind: 'tree';
      readonly path: string;
      readonly children: string;
      readonly item: string;
      /** `/`-separated path of the member that counts children: 0 or absent = no request for that node. */
      readonly childCount?: string;
      /** Query options sent with every listing, e.g. `includeHiddenFolders`. */
      readonly query?: Readonly<Record<string, string>>;
    }
  /** Rows below each row of another table. `parentColumn` of this table holds the parent's key. Unbound: the parents are walked. */
  | {
      readonly kind: 'children';
      readonly path: string; // with {parent}, and {grandparent} where needed
      readonly item?: string; // with {parent} and {id}
      readonly parent: string; // parent table
      readonly parentColumn: string;
      /** Parent's key column, default `id`. */
      readonly parentKey?: string;
      /** $filter on the parent that skips parents without children, e.g. `hasAttachments eq true`. */
      readonly parentFilter?: string;
      /** Member of the parent's JSON that tells whether it has children: false = no request for that parent. */
      readonly parentFlag?: string;
      /**
       * Boolean column of this table: `parentFilter` and `parentFlag` tell only of rows where it is false (Graph: hasAttachments
       * does not count inline attachments), so they are used only where the statement asks for these.
       */
      readonly parentUnless?: string;
      /** Grandparent's key column of the parent table, for `{grandparent}` in paths. */
      readonly grandparentColumn?: string;
      readonly window?: boolean; // needs startDateTime/endDateTime (instances)
    }
  /** One row per element of arrays inside another table's rows. */
  | {
      readonly kind: 'elements';
      readonly parent: string;
      readonly parentColumn: string;
      readonly arrays: readonly { readonly path: string; readonly kind?: string }[];
      /** Column that holds `arrays[].kind`, and the ordinal within the array. */
      readonly kindColumn?: string;
      readonly ordinalColumn: string;
    }
  | { readonly kind: 'singleton'; readonly path: string }
  /** A calendar view: needs both bounds. */
  | { readonly kind: 'window'; readonly path: string; readonly startColumn: string; readonly endColumn: string }
  | { readonly kind: 'extended-properties' }
  /** A known name that is not offered. */
  | { readonly kind: 'not-offered'; readonly reason: string };

/** What DELETE sends: the method DELETE, a POST to an action, a move to a well-known folder, or why it is not offered. */
export type DeleteForm =
  | { readonly by: 'delete' }
  | { readonly by: 'action'; readonly path: string }
  | { readonly by: 'move'; readonly path: string; readonly to: string }
  | { readonly refused: string };

export const DELETE_MODES = ['MoveToDeletedItems', 'SoftDelete', 'HardDelete'] as const;
export type DeleteMode = (typeof DELETE_MODES)[number];

/** How rows are written. A table without it takes no writes. Paths as in `shape`; `{id}` is the row's. */
export interface TableWrite {
  /** true, or why not: one sentence without a full stop. */
  readonly insert: true | string;
  readonly update: true | string;
  readonly delete: true | string;
  /** Least permission that writes the table, named in a 403. */
  readonly permissions: { readonly delegated: string; readonly application?: string };
  /** Named code for tables whose rows are not just JSON of their columns. */
  readonly form?: 'event' | 'attachment' | 'drive' | 'reference';
  /** Path of one row for writing, where it is not `shape.item`. */
  readonly item?: string;
  /** The column that chooses where a new row is made; `path` has `{value}`. Without a value it is `shape.path`. */
  readonly place?: { readonly column: string; readonly path: string };
  /** The column whose change moves the row, and the action that moves. */
  readonly move?: { readonly column: string; readonly path: string };
  /** What the pseudo-column DeleteMode may say. Absent: there is one way, the method DELETE. */
  readonly modes?: Readonly<Record<DeleteMode, DeleteForm>>;
  /** The column with the row's version, and how a change is noticed: by If-Match, or by looking before the write. */
  readonly version?: { readonly column: string; readonly by: 'if-match' | 'look' };
  /**
   * How a row is found again whose answer was lost on create: by an extended property it is given (`mark`), not at all because
   * a repeat does no harm (`transaction`), or by columns it equals and the property with its time of creation.
   */
  readonly recover: 'mark' | 'transaction' | { readonly equal: readonly string[]; readonly created?: string };
  /** Columns that every update repeats, since the service would make them anew. */
  readonly repeat?: readonly string[];
  /** Members of every new row's JSON that are no columns. */
  readonly constant?: Readonly<Record<string, unknown>>;
  /** The service answers writes without the row; what is wanted of it is read. */
  readonly silent?: true;
}

export interface TableDeclaration {
  readonly name: string;
  readonly description: string;
  /** CSDL type, for the comparison test. */
  readonly entity?: string;
  /** Further CSDL types (derived ones) that columns may come from without being complete. */
  readonly derived?: readonly string[];
  readonly scope: 'mailbox' | 'tenant';
  readonly shape: TableShape;
  readonly options?: CollectionOptions;
  /** Properties the plain answer leaves out on purpose are `extra` columns; these CSDL properties have no column, with why. */
  readonly omitted?: Readonly<Record<string, string>>;
  /** Columns that other sources of such rows have and this service does not, each with why: naming one is NOT_SUPPORTED, not unknown. */
  readonly lacking?: Readonly<Record<string, string>>;
  /** Declared primary key: id and changeKey where there is one. The catalog changes it as the connection asks. */
  readonly key: readonly string[];
  /** Columns that identify a row for de-duplication (default: key without changeKey). */
  readonly identity?: readonly string[];
  /** Other names of the same table, e.g. EventOccurrences. The catalog makes a full declaration of each. */
  readonly aliases?: readonly string[];
  /** Set by the catalog on the declaration made for an alias: the declared name. */
  readonly aliasOf?: string;
  /** Least permission, delegated and application, named in a 403. */
  readonly permissions?: { readonly delegated: string; readonly application?: string };
  readonly write?: TableWrite;
  readonly columns: readonly ColumnDeclaration[];
}
