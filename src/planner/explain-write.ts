/**
 * Owns: the data of EXPLAIN for a statement that writes: the reads of its rows as for SELECT, then the requests that write them.
 * Does not own: finding either.
 */
import type { PlannedRequest, ScanPlan } from '../scan/scan.js';
import { explainedLines, explainJson, explainRows, permissionLines, type Explained, type Line, type PermissionOf } from './explain.js';
import type { StatementPlan } from './plan.js';

/** One way in which rows are written; ON CONFLICT has two. */
export interface ExplainedWrite {
  readonly table: string;
  readonly kind: 'insert' | 'update' | 'delete';
  readonly columns: readonly string[];
  readonly requests: readonly PlannedRequest[];
  /** A row is written only if its version is the one that was read. */
  readonly guarded: boolean;
}

/** Permissions of a statement's tables for reading and for writing. */
export interface WritePermissions {
  readonly read: PermissionOf;
  readonly write: PermissionOf;
}

/** `read`: the SELECT whose rows are written; undefined where there is none (DEFAULT VALUES). */
export function explainWrite(format: 'rows' | 'json', read: { readonly plan: StatementPlan; readonly scanPlans: readonly ScanPlan[] } | undefined, writes: readonly ExplainedWrite[], permissions?: WritePermissions): Explained {
  if (format === 'json') {
    const plan = { writes: writes.map(({ requests, ...write }) => ({ ...write, ...permissionMember(permissions?.write(write.table)), requests: requests.map(({ columns: _, ...request }) => request) })), ...(read === undefined ? {} : { reads: explainJson(read.plan, read.scanPlans, undefined, permissions?.read) }) };
    return { columns: [{ name: 'plan', type: 'text' }], rows: [[JSON.stringify(plan, (_name, value: unknown) => (typeof value === 'bigint' ? Number(value) : value), 2)]] };
  }
  const first = read === undefined ? explainedLines([{ operation: 'statement', how: 'constant', explanation: 'no row is read' }]) : explainRows(read.plan, read.scanPlans, undefined, permissions?.read);
  const lines = writes.flatMap((write) => [...writeLines(write), ...permissionLines(write.table, write.table, permissions?.write)]);
  return { columns: first.columns, rows: [...first.rows, ...explainedLines(lines).rows.map(([, ...cells], index) => [BigInt(first.rows.length + index + 1), ...cells])] };
}

const permissionMember = (permission: string | undefined): { readonly permission?: string } => (permission === undefined ? {} : { permission });

function writeLines({ table, kind, columns, requests, guarded }: ExplainedWrite): readonly Line[] {
  const explanation = `${kind.toUpperCase()}: sent for each row, 20 a call where they are several${guarded ? '; only if the row still has the version that was read' : ''}`;
  return (requests.length === 0 ? [undefined] : requests).map((request): Line => {
    if (request === undefined) return { table, operation: 'write', columns, explanation };
    const how = [request.repeated, ...Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`), ...(guarded ? ['If-Match: the version read'] : [])].filter((part) => part !== undefined).join('; ');
    return { table, operation: 'write', detail: `${request.method} ${request.url}`, columns: request.columns.length > 0 ? request.columns : columns, ...(how === '' ? {} : { how }), explanation };
  });
}
