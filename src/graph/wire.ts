/**
 * Owns: what every request of one run shares: client, headers, signal, counters, the mailbox's place in the URL.
 * Does not own: which requests are sent.
 * Invariants: the id kind is asked for on every Outlook call, on following pages and batch parts too.
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { RunContext } from '../scan/source.js';
import type { GraphCall, GraphClient } from './client.js';
import { encodeSegment } from './literal.js';

export type IdType = 'Immutable' | 'Regular';
/** What bodies are converted to; undefined leaves them as they are stored. */
export type BodyType = 'html' | 'text' | undefined;

export interface Wire {
  readonly client: GraphClient;
  readonly context: RunContext;
  /** Aborted with the context's signal, or when the consumer stops. */
  readonly signal: AbortSignal;
  readonly idType: IdType;
  readonly bodyType?: BodyType;
  /** Levels of folders that a walk goes down; undefined for all. */
  readonly folderDepth?: number | undefined;
  readonly onMailboxError: 'fail' | 'warn';
  readonly permission: string | undefined;
}

/** `/me`, `/users/{id}` or nothing for the directory. */
export function prefixOf(declaration: TableDeclaration, mailbox: string | undefined): string {
  if (declaration.scope === 'tenant') return '';
  return mailbox === undefined || isMe(mailbox) ? '/me' : `/users/${encodeSegment(mailbox)}`;
}

/** The name under which the signed-in user's rows are shown; in a path it has its own place. */
const isMe = (mailbox: string): boolean => mailbox.toLowerCase() === 'me';

export function mailboxOf(declaration: TableDeclaration, mailbox: string | undefined): string | null | undefined {
  return declaration.scope === 'tenant' ? null : mailbox === undefined || isMe(mailbox) ? undefined : mailbox;
}

export function headersOf(declaration: TableDeclaration, idType: IdType, advanced = false, bodyType: BodyType = undefined): Readonly<Record<string, string>> {
  const preferences = declaration.scope !== 'mailbox' ? [] : [
    ...(idType === 'Immutable' ? ['IdType="ImmutableId"'] : []),
    ...(bodyType !== undefined && hasBody(declaration) ? [`outlook.body-content-type="${bodyType}"`] : []),
  ];
  return {
    ...(preferences.length > 0 ? { Prefer: preferences.join(', ') } : {}),
    // Graph wants this on every page, not only the first.
    ...(advanced ? { ConsistencyLevel: 'eventual' } : {}),
  };
}

const hasBody = ({ columns }: TableDeclaration): boolean => columns.some(({ path }) => path?.startsWith('body/') === true);

export function callOf(wire: Wire, declaration: TableDeclaration, mailbox: string | undefined, advanced = false): GraphCall {
  return {
    headers: headersOf(declaration, wire.idType, advanced, wire.bodyType),
    signal: wire.signal,
    statistics: wire.context.statistics,
    mailbox: mailboxOf(declaration, mailbox),
    permission: wire.permission,
  };
}

/** The permission to name in a 403. */
export function permissionOf(declaration: TableDeclaration): string | undefined {
  const { permissions } = declaration;
  if (permissions === undefined) return undefined;
  const { delegated, application } = permissions;
  return application === undefined || application === delegated ? delegated : `${delegated} (delegated) or ${application} (application)`;
}

