/**
 * Owns: a step as DryRun shows it.
 * Invariants: pure; large contents are named by their length.
 */
import type { DescribedWrite } from '../scan/write.js';
import type { GraphBody } from './client.js';
import { isLate } from './write-step.js';
import type { LateBody, WriteJob, WriteStep } from './write-step.js';

/** Text longer than this is named by its length. */
const LONG = 2_000;

export function describeStep(job: WriteJob, step: WriteStep, first: boolean): DescribedWrite {
  const { method, url, headers, ifMatch, body, upload } = step;
  if (method === 'GET') throw new TypeError('A read is no write.');
  const text = bodyText(body);
  return {
    row: job.rows[0] ?? 0,
    method,
    url,
    headers: { ...headers, ...(typeof ifMatch === 'string' ? { 'If-Match': ifMatch } : ifMatch === undefined ? {} : { 'If-Match': '(as read just before)' }) },
    body: upload === undefined ? text : `${text ?? ''} then ${String(upload.content.size)} bytes in pieces of ${String(upload.pieceBytes)}`,
    mails: first ? job.mails : [],
  };
}

function bodyText(body: GraphBody | LateBody): string | undefined {
  if (body === undefined) return undefined;
  if (isLate(body)) return body.shown;
  if ('bytes' in body) return `(${String(body.bytes.byteLength)} bytes of ${body.contentType})`;
  return JSON.stringify(body.json, (name, value: unknown) => (typeof value !== 'string' ? value : name === 'password' ? '***' : value.length > LONG ? `(${String(value.length)} characters)` : value));
}
