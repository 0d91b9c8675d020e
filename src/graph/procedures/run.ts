/**
 * Owns: doing what a script asks for: requests, bytes, folders, files; handing its rows on.
 * Does not own: what is asked (the scripts), transport and retries (client.ts), which files may be used (the context's Files).
 * Invariants: what is not idempotent is sent once; when its answer is lost the error says OUTCOME_UNKNOWN, never "failed".
 */
import { ExchangeSqlError } from '../../errors.js';
import type { CallContext } from '../../scan/procedure.js';
import { allowManyListeners, sleep, throwIfAborted } from '../../http/abort.js';
import { backoffMs, DEFAULT_RETRY } from '../../http/retry.js';
import type { FolderKind } from '../../scan/source.js';
import type { GraphClient } from '../client.js';
import { WELL_KNOWN } from '../notes.js';
import { mayHaveBeenDone, outcomeUnknown } from '../outcome.js';
import type { IdType } from '../wire.js';
import { WriteSender, type Reply, type WireRequest } from '../write-batch.js';
import { runJobs } from '../write-run.js';
import type { StepAnswer, WriteJob, WriteStep, WrittenRow } from '../write-step.js';
import { decoded, sendUpload } from '../write-upload.js';
import type { Answer, BatchAnswer, Effect, Request, Row, Script } from './effect.js';
import { textAt } from './inputs.js';

export interface Running {
  readonly client: GraphClient;
  readonly context: CallContext;
  readonly procedure: string;
  readonly mailbox: string | undefined;
  readonly scope: 'mailbox' | 'tenant';
  readonly idType: IdType;
  readonly permission: string | undefined;
  resolveFolder(kind: FolderKind, name: string, mailbox: string | undefined): Promise<string | undefined>;
}

export async function* runScript(script: Script, running: Running): AsyncGenerator<readonly Row[], void, void> {
  const { context, client } = running;
  const sender = new WriteSender(client, { statistics: context.statistics });
  const onAbort = (): void => sender.stop('all');
  allowManyListeners(context.signal);
  context.signal.addEventListener('abort', onAbort, { once: true });
  let next = script.next();
  try {
    while (next.done !== true) {
      const effect = next.value;
      if (effect.kind === 'rows') {
        if (effect.rows.length > 0) yield effect.rows;
        next = script.next();
        continue;
      }
      let value: unknown;
      try {
        throwIfAborted(context.signal);
        value = await perform(effect, { ...running, sender });
      } catch (error) {
        // The script may have something to add: what it has made so far, where to look.
        next = script.throw(error);
        continue;
      }
      next = script.next(value);
    }
  } finally {
    context.signal.removeEventListener('abort', onAbort);
    sender.stop('all');
    script.return();
  }
}

type Sending = Running & { readonly sender: WriteSender };

async function perform(effect: Exclude<Effect, { kind: 'rows' }>, running: Sending): Promise<unknown> {
  const { context, client, sender } = running;
  switch (effect.kind) {
    case 'request':
      return request(effect.request, running);
    case 'batch':
      return Promise.all(effect.requests.map((one) => request(one, running).then((answer): BatchAnswer => ({ answer }), (error: unknown): BatchAnswer => {
        // What befalls all of them is no answer to one.
        if (!(error instanceof ExchangeSqlError) || COMMON.has(error.code)) throw error;
        return { error };
      })));
    case 'upload': {
      const { bytes, pieceBytes, open } = effect;
      const content = { size: bytes.length, read: (start: number, end: number) => Promise.resolve(bytes.subarray(start, end)) };
      const reply = await sendUpload(wireRequest(open, running), { content, pieceBytes }, { sender, client, signal: context.signal, statistics: context.statistics });
      return settled(reply, open, running);
    }
    case 'create':
      return created(effect, running);
    case 'bytes': {
      const { headers, mailbox } = wireRequest(effect.request, running);
      return (await client.getBytes(effect.request.path, { ...(headers === undefined ? {} : { headers }), mailbox, signal: context.signal, statistics: context.statistics, permission: running.permission })).bytes;
    }
    case 'folder':
      return folder(effect, running);
    case 'readFile':
      return context.files.read(effect.input, effect.path, effect.most);
    case 'writeFile':
      return context.files.write(effect.input, effect.directory, effect.name, effect.bytes);
    case 'warn':
      context.warn({ code: effect.code, message: effect.message });
      return undefined;
  }
}

/** As a row of an INSERT is: looked for before a repeat, an upload begun anew where its session is lost. */
async function created({ request: asked, find, bytes, pieceBytes }: Extract<Effect, { kind: 'create' }>, running: Sending): Promise<string | null> {
  const { client, context, permission } = running;
  const { method, url, headers, body, mailbox } = wireRequest(asked, running);
  const upload = bytes === undefined ? undefined : { content: { size: bytes.length, read: (start: number, end: number) => Promise.resolve(bytes.subarray(start, end)) }, pieceBytes };
  const step: WriteStep = { method, url, headers: headers ?? {}, body, mailbox, repeat: { find }, kind: 'alone', ...(upload === undefined ? {} : { upload }) };
  const row = (id: string | null): readonly WrittenRow[] => [{ row: 0, key: {}, values: [id] }];
  const job: WriteJob = { rows: [0], steps: [step], permission, mails: [], outcome: ([answer]) => row(idOf(answer)), found: (item) => row(textAt(item, 'id')) };
  for await (const outcome of runJobs(client, [job], { ...context, onRowError: 'stop' }, { kind: 'call' })) {
    if (outcome.status === 'done') return outcome.values[0] as string | null;
    if (outcome.status !== 'skipped') throw outcome.error;
  }
  throwIfAborted(context.signal);
  throw new ExchangeSqlError('CANCELLED', `${running.procedure} was cancelled before it was sent.`);
}

/** The last answer of an upload has no body; its Location ends with the id. */
function idOf(answer: StepAnswer | undefined): string | null {
  const id = textAt(answer?.body, 'id');
  const match = id === null ? /(?:\('([^']+)'\)|\/([^/?]+))(?:\?[^/]*)?$/.exec(answer?.headers['location'] ?? '') : null;
  return id ?? decoded(match?.[1] ?? match?.[2]) ?? null;
}

const COMMON: ReadonlySet<string> = new Set(['AUTHENTICATION', 'CANCELLED', 'CLOSED', 'INTERNAL']);

/** Times a request is sent whose answers are lost, where a repeat does no harm. */
const MOST_TRIES = 5;

async function request(asked: Request, running: Sending): Promise<Answer> {
  const { client, context, sender } = running;
  const wire = wireRequest(asked, running);
  if (asked.method === 'GET') {
    const { status, headers, body } = await client.get(asked.path, { ...(wire.headers === undefined ? {} : { headers: wire.headers }), mailbox: wire.mailbox, signal: context.signal, statistics: context.statistics, permission: running.permission });
    return { status, headers, body: objectOf(body) };
  }
  const repeat = asked.repeat ?? 'never';
  let reply = await sender.send(wire);
  let lost = 0;
  while (repeat !== 'never' && isDoubtful(reply) && lost < MOST_TRIES && !context.signal.aborted) {
    lost += 1;
    // A cancellation ends the wait; the sender then sends nothing more.
    await sleep(backoffMs(DEFAULT_RETRY, DEFAULT_RETRY.resetBaseMs, lost), context.signal).catch(() => undefined);
    const again = await sender.send(wire);
    // That the repeat was not even begun does not tell what became of the first.
    if (again.kind === 'refused' || again.kind === 'withdrawn') break;
    reply = again;
  }
  // An earlier attempt whose answer was lost has done it.
  if (lost > 0 && repeat === 'gone' && reply.kind === 'answer' && reply.status === 404) return { status: 204, headers: {}, body: {} };
  return settled(reply, asked, running);
}

/** It may or may not have been done. */
const isDoubtful = (reply: Reply): boolean => reply.kind === 'lost' || (reply.kind === 'answer' && reply.error !== undefined && mayHaveBeenDone(reply.error));

function settled(reply: Reply, asked: Request, { procedure, context }: Sending): Answer {
  if (isDoubtful(reply)) throw outcomeUnknown(`${procedure} (${asked.method} ${asked.path.split('?')[0]!})`, 'Look in the mailbox before you call it again: it is not repeated by itself.', 'error' in reply ? reply.error : undefined);
  switch (reply.kind) {
    case 'answer':
      if (reply.error !== undefined) throw reply.error;
      return { status: reply.status, headers: reply.headers, body: objectOf(reply.body) };
    case 'refused':
    case 'lost':
      throw reply.error;
    case 'withdrawn':
      throwIfAborted(context.signal);
      throw new ExchangeSqlError('CANCELLED', `${procedure} was cancelled before it was sent.`);
  }
}

function wireRequest(asked: Request, { mailbox, scope, idType, permission }: Running): WireRequest {
  const target = asked.mailbox === undefined ? (scope === 'tenant' ? null : mailbox) : asked.mailbox;
  const prefer = [target !== null && idType === 'Immutable' ? 'IdType="ImmutableId"' : undefined, asked.headers?.['Prefer']].filter((one) => one !== undefined).join(', ');
  const headers = { ...asked.headers, ...(prefer === '' ? {} : { Prefer: prefer }) };
  return { method: asked.method, url: asked.path, headers, ...(asked.body === undefined ? {} : { body: asked.body }), mailbox: target, permission, ...(asked.mayBeEmpty === undefined ? {} : { mayBeEmpty: asked.mayBeEmpty }) };
}

const objectOf = (body: unknown): Answer['body'] => (typeof body === 'object' && body !== null ? (body as Answer['body']) : {});

/** A path is looked up. A well-known name is one the service takes itself; anything else is an id. */
async function folder({ name, folder: kind, input }: Extract<Effect, { kind: 'folder' }>, { resolveFolder, mailbox, procedure }: Running): Promise<string> {
  const alias = name.toLowerCase();
  if (kind === 'mail' && (WELL_KNOWN as readonly string[]).includes(alias)) return alias;
  if (!name.startsWith('/')) return name;
  const found = await resolveFolder(kind, name, mailbox);
  if (found !== undefined) return found;
  throw new ExchangeSqlError('NOT_FOUND', `there is no folder '${name}'${mailbox === undefined ? '' : ` in the mailbox ${mailbox}`} for the input ${input} of ${procedure}`, {
    hint: kind === 'mail' ? 'SELECT path FROM MailFolders lists the folders.' : 'SELECT displayName FROM ContactFolders lists the folders.',
  });
}
