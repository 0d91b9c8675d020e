/**
 * Owns: the shape of a procedure declaration (`schema/<protocol>/procedures/<Name>.json`) as TypeScript types.
 * Does not own: checking the files (procedure-check.ts), binding a call's values (procedure-inputs.ts), doing it (graph/procedures/).
 * Invariants: declarations are data; a procedure of one request with a fixed body needs one JSON file and no code.
 */
import type { ColumnType } from './table.js';

/** How a text is read further. */
export type InputFormat =
  | 'list' // `a; b` or a JSON array of texts
  | 'recipients' // `Name <a@x>; b@x` or a JSON array of addresses or recipients
  | 'folder' // id, well-known name or path of a mail folder
  | 'contactFolder'
  | 'attachments' // `name,base64; name,base64; @path`
  | 'file' // path of a file to read
  | 'directory'; // path of a folder to write to

export interface InputDeclaration {
  /** As the incumbent spells it, where it has it. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly type: ColumnType;
  readonly format?: InputFormat;
  readonly required?: boolean;
  /** Closed value set; compared without case and handed on as declared. */
  readonly values?: readonly string[];
  /** Used where the input is not given, written as a call would write it. */
  readonly default?: string | number | boolean;
  readonly description: string;
  /** A known name that cannot be given, with the reason; giving it is an error that says so. */
  readonly notOffered?: string;
}

export interface OutputDeclaration {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  /** For a `request`: `/`-separated path in the answer's JSON. */
  readonly path?: string;
  /** For a `request`: the input whose value is handed back. */
  readonly input?: string;
  /** For a `request`: a fixed text. */
  readonly value?: string;
}

/** JSON with `"{Input}"` in place of values: the whole text stands for the input's value, and is left out where none is given. */
export type BodyTemplate = string | number | boolean | null | readonly BodyTemplate[] | { readonly [name: string]: BodyTemplate };

/** The one request of a procedure that needs no code. */
export interface RequestDeclaration {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the mailbox for scope `mailbox`, below the service root for `tenant`; `{Input}` is one segment. */
  readonly path: string;
  readonly body?: BodyTemplate;
  /** Repeating it changes nothing. Default: for `read` only. */
  readonly idempotent?: boolean;
}

export interface ProcedureDeclaration {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly description: string;
  /** `read` changes nothing, `write` changes the mailbox or the directory, `send` may send mail and is never repeated. */
  readonly kind: 'read' | 'write' | 'send';
  /** A procedure of scope `mailbox` has the input UserId, too; loading adds it. */
  readonly scope: 'mailbox' | 'tenant';
  /** It can read or write files on the machine of the driver. */
  readonly files?: boolean;
  readonly permissions?: { readonly delegated: string; readonly application?: string };
  readonly inputs: readonly InputDeclaration[];
  readonly outputs: readonly OutputDeclaration[];
  readonly request?: RequestDeclaration;
  /** A call that shows its use. */
  readonly example: string;
}

/** The input that every procedure of scope `mailbox` has at its end. */
export const USER_ID: InputDeclaration = {
  name: 'UserId',
  type: 'text',
  description: "Mailbox to work in: address or id of its user; without it that of the connection.",
};
