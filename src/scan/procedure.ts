/**
 * Owns: the records between a CALL and a protocol: what is called with what, what would be sent, which rows come back.
 * Does not own: how SQL says it (sql/call-reader.ts), what a procedure takes (catalog/procedure.ts), how it is done (graph/procedures/).
 * Invariants: inputs are complete, typed and by canonical name before a protocol sees them; planning sends nothing and reads no file.
 */
import type { PlannedRequest } from './scan.js';
import type { RunContext } from './source.js';
import type { SqlValue } from './value.js';

export interface ProcedureCall {
  /** Canonical name as declared. */
  readonly procedure: string;
  /** By canonical input name; an input that was not given and has no default is absent. */
  readonly inputs: ReadonlyMap<string, SqlValue>;
}

/** What a call would send, in order. */
export interface PlannedCall {
  readonly call: ProcedureCall;
  readonly requests: readonly PlannedRequest[];
  /** Addresses that would get mail as far as the inputs name them. */
  readonly mails: readonly string[];
}

/** Files on the machine of the driver, as far as the session allows them. */
export interface Files {
  /** Checks that files may be used at all. @throws ExchangeSqlError STATEMENT_REFUSED if not; `input` names what asked. */
  demand(input: string): void;
  /** @throws ExchangeSqlError STATEMENT_REFUSED outside of the allowed folder, BAD_VALUE if it cannot be read or is larger than `most` bytes. */
  read(input: string, path: string, most: number): Promise<Uint8Array>;
  /** As `read`, piece by piece: bytes from `start` up to but without `end`. */
  contents(input: string, path: string, most: number): Promise<{ readonly size: number; read(start: number, end: number): Promise<Uint8Array> }>;
  /**
   * Writes a new file into a folder under a name that may come from anybody: the name is made harmless and, where it is taken,
   * gets a number. Never overwrites, never leaves the folder.
   *
   * @returns the path written.
   */
  write(input: string, folder: string, name: string, bytes: Uint8Array): Promise<string>;
}

export interface CallContext extends RunContext {
  readonly files: Files;
}

export interface Procedures {
  /** Pure. @throws ExchangeSqlError BAD_PARAMETER, BAD_VALUE, NOT_SUPPORTED for inputs that contradict each other. */
  plan(call: ProcedureCall): PlannedCall;
  /** Sends. Batches of rows in the order of the declared outputs. What was sent as a mail or a write is never repeated blindly. */
  call(call: ProcedureCall, context: CallContext): AsyncIterable<readonly (readonly SqlValue[])[]>;
}
