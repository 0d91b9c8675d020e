/**
 * Owns: the record between planning a write (write*.ts) and sending it (write-run.ts): jobs of steps, as data.
 * Does not own: what a row becomes (write-*.ts), batches, repeats and outcomes (write-run.ts).
 * Invariants: URLs are percent-encoded, so `{id}` in one can only be the placeholder; a job's rows are written together or not at all.
 */
import type { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import type { WrittenKey } from '../scan/write.js';
import type { GraphBody, GraphObject } from './client.js';

/** What the service answered to a step. */
export interface StepAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined for an answer without a body. */
  readonly body: unknown;
}

/** Answers of the earlier steps of the same job, in their order. */
export type Answers = readonly StepAnswer[];

/** Contents of an upload, read piece by piece: it may be a file. */
export interface UploadContent {
  /** Bytes. */
  readonly size: number;
  /** Bytes from `start` up to but without `end`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** The step opens an upload session; its answer is that of the last piece. */
export interface Upload {
  readonly content: UploadContent;
  /** Bytes of one piece; the last may be shorter. */
  readonly pieceBytes: number;
}

/**
 * How the item is looked for that a create whose answer was lost may have made. GET `url` answers one page of candidates, or one item.
 * - `mark`: whatever is found carries this row's own mark and is it
 * - `likeness`: one whose members equal `equal` may be it, if its `created` time is not before the request was sent and it is no
 *   other row's; without `created` only its absence proves something
 */
export interface FindCreated {
  readonly url: string;
  readonly by: 'mark' | 'likeness';
  readonly equal?: Readonly<Record<string, unknown>>;
  /** Property with the time of creation. */
  readonly created?: string;
}

/** Where an item was before it was deleted. */
export interface LeftFolder {
  /** Gives the item's `parentFolderId`. */
  readonly url: string;
  /** Id of the folder it was read in. */
  readonly from: string;
  /** Gives the `id` of Deleted Items of the same mailbox. */
  readonly bin: string;
}

/** What is done when no answer came. */
export type Repeat =
  /** A repeat has the same effect (PATCH of absolute values, PUT, GET, a create with a transactionId). */
  | 'absolute'
  /** As `absolute`, and 404 on a repeat means that it was done (DELETE, permanentDelete). */
  | 'gone'
  /** A move: with immutable ids a repeat has the same effect; with regular ids 404 on a repeat means that it was done, the new id unknown. */
  | 'move'
  /** As `absolute`, and 400 or 409 on a repeat that says that it is there already means that it was done (adding a reference). */
  | 'present'
  /** Looked for before a repeat. */
  | { readonly find: FindCreated }
  /** DELETE of an item: it is moved, and its immutable id stays valid, so that a repeat would delete it from Deleted Items too. Looked at before a repeat. */
  | { readonly left: LeftFolder }
  /** Never repeated (a send). */
  | 'never';

/** A body that needs the answers of earlier steps, or contents that are read when it is sent. */
export interface LateBody {
  build(answers: Answers): GraphBody | Promise<GraphBody>;
  /** For DryRun: what is known of it before. */
  readonly shown: string;
}

export interface WriteStep {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query below the service root. `{id}` is the id in the answer of step `idFrom`, percent-encoded by whoever fills it in. */
  readonly url: string;
  readonly idFrom?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: GraphBody | LateBody;
  /** Sent as If-Match; `{ etagFrom }` takes `@odata.etag` of that step's answer. */
  readonly ifMatch?: string | { readonly etagFrom: number };
  /** The governor's lane: undefined for the connection's own mailbox, null for the directory. */
  readonly mailbox: string | null | undefined;
  readonly repeat: Repeat;
  /** `alone`: too large for a batch, or of bytes. */
  readonly kind: 'batchable' | 'alone';
  readonly upload?: Upload;
  /** Pure: an error by which the answer ends the job although the service accepted the request (a version that was looked at). */
  readonly check?: (answer: StepAnswer) => ExchangeSqlError | undefined;
  /** Only reads what the write made (RETURNING): its failure leaves the row done. */
  readonly readBack?: true;
}

/** Rows that are written together: mostly one; all rows of one owner where they are one request. */
export interface WriteJob {
  /** Ordinals of the rows. Never empty. */
  readonly rows: readonly number[];
  /** In sequence. Never empty. */
  readonly steps: readonly WriteStep[];
  /** Permission to name in a 403. */
  readonly permission: string | undefined;
  /** On 412 the job is begun anew, some times: its first step reads the version it then names. */
  readonly restartOnConflict?: true;
  /** Addresses that get mail because of it. */
  readonly mails: readonly string[];
  /** The job as it can be sent: of contents that are looked at only then. @throws ExchangeSqlError: the row failed, nothing was sent. */
  prepare?(): Promise<WriteJob>;
  /** Pure: keys and values of the rows from the answers of all steps. */
  outcome(answers: readonly (StepAnswer | undefined)[]): readonly WrittenRow[];
  /** Pure: as `outcome`, where only the created item was found (FindCreated). */
  found?(item: GraphObject): readonly WrittenRow[];
}

export interface WrittenRow {
  readonly row: number;
  readonly key: WrittenKey;
  /** In the order of `WriteShape.returning`. */
  readonly values: readonly SqlValue[];
}

export function isLate(body: GraphBody | LateBody): body is LateBody {
  return body !== undefined && 'build' in body;
}
