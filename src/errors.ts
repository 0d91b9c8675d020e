/**
 * Owns: the one error type of the package and the closed list of its codes.
 * Does not own: how a protocol's answer becomes a code (graph/errors.ts does that).
 * Invariants: imports nothing; a message never holds a token, a secret or a message body.
 */

/** Closed list of error codes; each has one SQLSTATE class (see `SQL_STATES`). */
export type ErrorCode =
  | 'SYNTAX' // the SQL text is not understood
  | 'UNKNOWN_TABLE'
  | 'UNKNOWN_COLUMN'
  | 'UNKNOWN_FUNCTION'
  | 'AMBIGUOUS_COLUMN'
  | 'STATEMENT_REFUSED' // a statement kind or object that may not run here
  | 'NOT_SUPPORTED' // a known name that is not offered, with the reason
  | 'BAD_PARAMETER' // a parameter is missing, surplus or of a type SQL does not have
  | 'BAD_VALUE' // a value that cannot be used where it stands
  | 'PREDICATE_REQUIRED' // a hopeless scan; the hint shows the predicate to add
  | 'STATEMENT_TOO_LARGE' // the local join would never end, or a ceiling was reached
  | 'CONNECTION_STRING'
  | 'AUTHENTICATION'
  | 'PERMISSION'
  | 'NOT_FOUND' // mailbox, folder or path that a statement names does not exist
  | 'MAILBOX'
  | 'CONFLICT' // the row changed meanwhile
  | 'NOT_WRITABLE' // a table or column that cannot be written
  | 'MISSING_COLUMN' // an INSERT without a column that the service requires
  | 'DUPLICATE' // a row of that name or key exists
  | 'READ_ONLY' // Readonly=true, or a role that may only read
  | 'WRITE_LIMIT' // more rows than MaxAffectedRows, or a whole table without AllowFullTable
  | 'OUTCOME_UNKNOWN' // a write was sent, no answer came: it may have been done
  | 'TRANSACTION' // BEGIN, COMMIT or ROLLBACK where it cannot stand
  | 'THROTTLED'
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'CLOSED'
  | 'BAD_RESPONSE' // malformed JSON, truncated body, untrusted link
  | 'SERVICE' // any other refusal by the service
  | 'DATA_CHANGED' // the set kept changing while it was read
  | 'INTERNAL';

/** SQLSTATE of each code (SQL:2016 and PostgreSQL classes). */
export const SQL_STATES: Readonly<Record<ErrorCode, string>> = {
  SYNTAX: '42601',
  UNKNOWN_TABLE: '42P01',
  UNKNOWN_COLUMN: '42703',
  UNKNOWN_FUNCTION: '42883',
  AMBIGUOUS_COLUMN: '42702',
  STATEMENT_REFUSED: '42501',
  NOT_SUPPORTED: '0A000',
  BAD_PARAMETER: '07001',
  BAD_VALUE: '22023',
  PREDICATE_REQUIRED: '42P10',
  STATEMENT_TOO_LARGE: '54000',
  CONNECTION_STRING: '08001',
  AUTHENTICATION: '28000',
  PERMISSION: '42501',
  NOT_FOUND: '02000',
  MAILBOX: '28000',
  CONFLICT: '40001',
  NOT_WRITABLE: '428C9',
  MISSING_COLUMN: '23502',
  DUPLICATE: '23505',
  READ_ONLY: '25006',
  WRITE_LIMIT: '54000',
  OUTCOME_UNKNOWN: '40003',
  TRANSACTION: '25000',
  THROTTLED: '53300',
  UNREACHABLE: '08006',
  TIMEOUT: '57014',
  CANCELLED: '57014',
  CLOSED: '08003',
  BAD_RESPONSE: '08P01',
  SERVICE: '58000',
  DATA_CHANGED: '40001',
  INTERNAL: 'XX000',
};

/** What became of one row of a writing statement. */
export interface RowReport {
  /** Ordinal of the row in the statement, from 0. */
  readonly row: number;
  /** `unknown`: it was sent, no answer came, and it may have been done. `skipped`: it was not sent. */
  readonly status: 'done' | 'failed' | 'unknown' | 'skipped';
  /** Key of the row, where it is known. */
  readonly id?: string;
  readonly changeKey?: string;
  readonly code?: ErrorCode;
  readonly sqlState?: string;
  readonly message?: string;
  /** Of COMMIT: which statement of the transaction, from 1. */
  readonly statement?: number;
  /** Of COMMIT that failed half-way, for rows that were done: they stay, were put back, or can't be (mail went out, rows deleted). */
  readonly effect?: 'durable' | 'undone' | 'irreversible';
}

export interface ErrorDetails {
  /** Of a writing statement: every row with its outcome, in the statement's order. */
  readonly outcomes?: readonly RowReport[];
  /** What the user can do about it, one sentence. */
  readonly hint?: string;
  /** True if the same call may succeed later without a change. */
  readonly retryable?: boolean;
  /** The service's own request id, for its support. */
  readonly requestId?: string;
  /** UTF-16 offset in the SQL text the user gave, from 0. */
  readonly position?: number;
  /** HTTP status, where a service answered. */
  readonly status?: number;
  /** The service's own error code, e.g. `ErrorAccessDenied`. */
  readonly serviceCode?: string;
  readonly cause?: unknown;
}

/**
 * The one error this package throws.
 *
 * @example
 * try { await connection.query('SELECT x FROM Messages'); }
 * catch (error) { if (error instanceof ExchangeSqlError) console.log(error.code, error.hint); }
 */
export class ExchangeSqlError extends Error {
  override readonly name = 'ExchangeSqlError';
  readonly code: ErrorCode;
  /** Five-character SQLSTATE. */
  readonly sqlState: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly requestId: string | undefined;
  readonly position: number | undefined;
  readonly status: number | undefined;
  readonly serviceCode: string | undefined;
  /** Of a writing statement: every row with its outcome; undefined where nothing was sent. */
  readonly outcomes: readonly RowReport[] | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.sqlState = SQL_STATES[code];
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.requestId = details.requestId;
    this.position = details.position;
    this.status = details.status;
    this.serviceCode = details.serviceCode;
    this.outcomes = details.outcomes;
  }
}
