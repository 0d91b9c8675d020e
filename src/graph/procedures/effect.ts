/**
 * Owns: what a procedure can ask for, as data: requests, bytes, files, folders, rows. A procedure is a generator of these.
 * Does not own: doing it (run.ts), showing it (explain.ts), what each procedure asks (the files beside).
 * Invariants: a script does no I/O of its own, so that EXPLAIN runs the very same script with made-up answers.
 */
import type { ExchangeSqlError } from '../../errors.js';
import type { FolderKind } from '../../scan/source.js';
import type { SqlValue } from '../../scan/value.js';
import type { GraphBody, GraphObject } from '../client.js';
import type { FindCreated } from '../write-step.js';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query below the service root, or a link as the service gave it. */
  readonly path: string;
  readonly body?: GraphBody;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * What is done where no answer came. `safe`: repeated. `gone`: repeated, and 404 then means that it was done. `never`: the
   * outcome is unknown. Default: `safe` for GET, `never` for everything else.
   */
  readonly repeat?: 'safe' | 'gone' | 'never';
  /** It gives nothing back, with 200 too (facts 7: reminders). */
  readonly mayBeEmpty?: boolean;
  /** Mailbox the path names; null for the directory; absent for that of the call. */
  readonly mailbox?: string | null | undefined;
  /** The answer EXPLAIN goes on with. Default: none. */
  readonly sample?: GraphObject;
  /** E.g. `per attachment`. For EXPLAIN. */
  readonly repeated?: string;
  /** Addresses that get mail by it. */
  readonly mails?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: GraphObject;
}

export type Row = readonly SqlValue[];

export type Effect =
  | { readonly kind: 'request'; readonly request: Request }
  /** Requests that do not depend on each other, each with an answer or an error of its own. */
  | { readonly kind: 'batch'; readonly requests: readonly Request[] }
  | { readonly kind: 'bytes'; readonly request: Request }
  /** `open` begins an upload session; the bytes go to the address it names. */
  | { readonly kind: 'upload'; readonly open: Request; readonly bytes: Uint8Array; readonly pieceBytes: number }
  /** A create that is looked for before it is repeated, where its answer is lost. With `bytes` it opens an upload session. */
  | { readonly kind: 'create'; readonly request: Request; readonly find: FindCreated; readonly bytes?: Uint8Array; readonly pieceBytes: number }
  | { readonly kind: 'warn'; readonly code: string; readonly message: string }
  | { readonly kind: 'folder'; readonly folder: FolderKind; readonly name: string; readonly input: string }
  | { readonly kind: 'readFile'; readonly input: string; readonly path: string; readonly most: number }
  | { readonly kind: 'writeFile'; readonly input: string; readonly directory: string; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] };

/** A procedure, or a part of one. */
export type Script<T = void> = Generator<Effect, T, unknown>;

/** Sends a request and gives the JSON of its answer. */
export function* send(request: Request): Script<GraphObject> {
  return ((yield { kind: 'request', request }) as Answer).body;
}

/** Sends a request and gives its whole answer. */
export function* exchange(request: Request): Script<Answer> {
  return (yield { kind: 'request', request }) as Answer;
}

export type BatchAnswer = { readonly answer: Answer; readonly error?: undefined } | { readonly error: ExchangeSqlError; readonly answer?: undefined };

/** Sends requests that do not depend on each other, 20 a call. Answers in the order of the requests. */
export function* sendAll(requests: readonly Request[]): Script<readonly BatchAnswer[]> {
  return (yield { kind: 'batch', requests }) as readonly BatchAnswer[];
}

/** Uploads bytes through a session; gives the answer to the last piece. */
export function* upload(open: Request, bytes: Uint8Array, pieceBytes: number): Script<Answer> {
  return (yield { kind: 'upload', open, bytes, pieceBytes }) as Answer;
}

/** Creates an item; gives its id, where the service names it. */
export function* create(request: Request, find: FindCreated, bytes?: Uint8Array, pieceBytes = 0): Script<string | null> {
  return (yield { kind: 'create', request, find, pieceBytes, ...(bytes === undefined ? {} : { bytes }) }) as string | null;
}

export function* warn(code: string, message: string): Script {
  yield { kind: 'warn', code, message };
}

/** GETs what is not JSON. */
export function* fetchBytes(request: Request): Script<Uint8Array> {
  return (yield { kind: 'bytes', request }) as Uint8Array;
}

/** Id of a folder by path, well-known name or id. */
export function* folderId(input: string, name: string, folder: FolderKind = 'mail'): Script<string> {
  return (yield { kind: 'folder', folder, name, input }) as string;
}

export function* readFile(input: string, path: string, most: number): Script<Uint8Array> {
  return (yield { kind: 'readFile', input, path, most }) as Uint8Array;
}

/** Writes a new file; gives the path it got. */
export function* writeFile(input: string, directory: string, name: string, bytes: Uint8Array): Script<string> {
  return (yield { kind: 'writeFile', input, directory, name, bytes }) as string;
}

export function* emit(...rows: readonly Row[]): Script {
  yield { kind: 'rows', rows };
}
