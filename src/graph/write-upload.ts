/**
 * Owns: an upload session: opening it, its pieces, going on after a broken one.
 * Does not own: what is uploaded, or when it is begun anew (write-job.ts).
 * Invariants: bytes go to trusted addresses only and without a token; the answer of the last piece is the answer of the whole.
 */
import { ExchangeSqlError } from '../errors.js';
import type { GraphClient } from './client.js';
import { foreignUpload, isUploadAddress } from './upload-address.js';
import type { Reply, WireRequest, WriteSender } from './write-batch.js';
import type { Upload } from './write-step.js';
import type { RunStatistics } from '../scan/source.js';

export interface Uploader {
  readonly sender: WriteSender;
  readonly client: GraphClient;
  readonly signal: AbortSignal;
  readonly statistics: RunStatistics;
}

/** Times one piece is sent at most. */
const MOST_TRIES = 6;

/** Statuses after which the session itself is asked how far it is: gone, timed out, a range it did not expect. */
const RESUMABLE = new Set([404, 408, 409, 410, 416, 429]);

/** Opens the session and sends all pieces. A session that breaks for good is lost: the last piece may have arrived. */
export async function sendUpload(request: WireRequest, { content, pieceBytes }: Upload, { sender, client, signal, statistics }: Uploader): Promise<Reply> {
  let opened = await sender.send(request);
  // A session that was opened and never used holds nothing: opening another does no harm.
  for (let attempt = 1; opened.kind === 'lost' && attempt < MOST_TRIES; attempt += 1) opened = await sender.send({ ...request, finish: true });
  if (opened.kind === 'lost') return { kind: 'refused', error: opened.error };
  if (opened.kind !== 'answer' || opened.error !== undefined) return opened;
  const url = memberOf(opened.body, 'uploadUrl');
  if (typeof url !== 'string') return { kind: 'refused', error: new ExchangeSqlError('BAD_RESPONSE', 'The service opened an upload session without an address.') };
  if (!isUploadAddress(url, client.origin)) return { kind: 'refused', error: foreignUpload(url, client.origin) };
  const call = { mailbox: request.mailbox, permission: request.permission, signal, statistics };
  let tries = 0;
  for (let start = 0; start < content.size; ) {
    const end = Math.min(content.size, start + pieceBytes);
    try {
      const answer = await client.upload(url, await content.read(start, end), { start, end, size: content.size }, call);
      // The service says itself where it wants to go on: it may have taken less than it was sent, of the last piece too.
      const wanted = expected(answer.body);
      if (wanted === undefined && end === content.size) return { kind: 'answer', status: answer.status, headers: answer.headers, body: answer.body ?? made(answer.headers['location']) };
      const next = wanted ?? end;
      tries = next > start ? 0 : tries + 1;
      if (next >= content.size || tries >= MOST_TRIES) return { kind: 'lost', error: new ExchangeSqlError('BAD_RESPONSE', 'The service took all bytes of an upload and asks for more.') };
      start = next;
      continue;
    } catch (error) {
      if (!(error instanceof ExchangeSqlError)) throw error;
      tries += 1;
      if (error.status !== undefined && error.status < 500 && !RESUMABLE.has(error.status)) return { kind: 'answer', status: error.status, headers: {}, body: undefined, error };
      if (signal.aborted || tries >= MOST_TRIES) return { kind: 'lost', error };
      const next = await nextByte(client, url, call);
      // The session is over: it was completed by the piece whose answer is missing, or it is dead.
      if (next === undefined) return { kind: 'lost', error };
      start = next;
    }
  }
  return { kind: 'refused', error: new ExchangeSqlError('BAD_VALUE', 'There is nothing to upload.') };
}

/** Where the service wants to go on; undefined if it does not know the session any more. */
async function nextByte(client: GraphClient, url: string, call: Parameters<GraphClient['uploadState']>[1]): Promise<number | undefined> {
  try {
    const { body } = await client.uploadState(url, call);
    return expected(body);
  } catch (error) {
    if (error instanceof ExchangeSqlError) return undefined;
    throw error;
  }
}

/** First byte of `nextExpectedRanges`; undefined where nothing more is expected. */
function expected(body: unknown): number | undefined {
  const ranges = memberOf(body, 'nextExpectedRanges');
  const first: unknown = Array.isArray(ranges) ? ranges[0] : undefined;
  const at = typeof first === 'string' ? Number.parseInt(first, 10) : Number.NaN;
  return Number.isSafeInteger(at) && at >= 0 ? at : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}

/** An attachment is answered by its address alone, e.g. `…/Attachments('AAMk…')`. */
function made(location: string | undefined): { readonly id: string } | undefined {
  const found = /\/attachments(?:\('([^']+)'\)|\/([^/?]+))\/?$/i.exec(location ?? '');
  const id = decoded(found?.[1] ?? found?.[2]);
  return id === undefined ? undefined : { id };
}

/** A segment of an address as text; undefined where its percent signs make none. */
export function decoded(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
