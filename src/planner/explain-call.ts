/**
 * Owns: the data of EXPLAIN for a stored procedure, in the columns of every EXPLAIN.
 * Does not own: finding the requests (the Procedures).
 */
import type { PlannedCall } from '../scan/procedure.js';
import { explainedLines, type Explained } from './explain.js';

/** What EXPLAIN says of a procedure beside its requests. */
export interface ExplainedProcedure {
  readonly name: string;
  readonly kind: 'read' | 'write' | 'send';
}

const KINDS: Readonly<Record<ExplainedProcedure['kind'], string>> = { read: 'the procedure only reads', write: 'the procedure changes the mailbox or the directory', send: 'the procedure may send mail; it is never repeated' };

export function explainCall(format: 'rows' | 'json', { requests, mails }: PlannedCall, { name, kind }: ExplainedProcedure): Explained {
  if (format === 'json') return { columns: [{ name: 'plan', type: 'text' }], rows: [[JSON.stringify({ procedure: name, kind, requests: requests.map(({ columns: _, ...request }) => request), mails }, undefined, 2)]] };
  return explainedLines([
    { operation: 'statement', how: 'call', explanation: KINDS[kind] },
    ...(requests.length === 0 ? [{ table: name, operation: 'request', explanation: 'nothing is sent' }] : []),
    ...requests.map(({ method, url, repeated, headers }) => {
      const how = [repeated, ...Object.entries(headers ?? {}).map(([header, value]) => `${header}: ${value}`)].filter((part) => part !== undefined).join('; ');
      return { table: name, operation: 'request', detail: `${method} ${url}`, ...(how === '' ? {} : { how }) };
    }),
    ...mails.map((address) => ({ table: name, operation: 'mail', detail: address, explanation: 'gets mail' })),
  ]);
}
