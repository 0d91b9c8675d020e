/**
 * Owns: doing what a script asks for: requests, bytes, folders, files; handing its rows on.
 * Does not own: what is asked (the scripts), transport and retries (client.ts), which files may be used (the context's Files).
 * Invariants: what is not idempotent is sent once; when its answer is lost the error says OUTCOME_UNKNOWN, never "failed".
 */
import { ExchangeSqlError } from '../../errors.js';
import type { CallContext } from '../../scan/procedure.js';
import type { FolderKind, RunStatistics } from '../../scan/source.js';
import type { GraphClient, GraphPost } from '../client.js';
import { WELL_KNOWN } from '../notes.js';
import { mayHaveBeenDone, outcomeUnknown } from '../outcome.js';
import type { IdType } from '../wire.js';
import type { Answer, Effect, Request, Row, Script } from './effect.js';

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
        value = await perform(effect, running);
      } catch (error) {
        // The script may have something to add: what it has made so far, where to look.
        next = script.throw(error);
        continue;
      }
      next = script.next(value);
    }
  } finally {
    script.return();
  }
}

async function perform(effect: Exclude<Effect, { kind: 'rows' }>, running: Running): Promise<unknown> {
  const { context, client } = running;
  switch (effect.kind) {
    case 'request':
      return request(effect.request, running);
    case 'bytes':
      return (await client.getBytes(effect.request.path, callOf(effect.request, running, context.statistics))).bytes;
    case 'folder':
      return folder(effect, running);
    case 'readFile':
      return context.files.read(effect.input, effect.path, effect.most);
    case 'writeFile':
      return context.files.write(effect.input, effect.directory, effect.name, effect.bytes);
  }
}

async function request(asked: Request, running: Running): Promise<Answer> {
  const { client, context } = running;
  if (asked.method === 'GET') {
    const { status, headers, body } = await client.get(asked.path, callOf(asked, running, context.statistics));
    return { status, headers, body: objectOf(body) };
  }
  // Counts of its own tell whether it was sent at all.
  const statistics: RunStatistics = { requests: 0, bytes: 0, rowsRead: 0, retries: 0 };
  const idempotent = asked.idempotent ?? false;
  try {
    const { status, headers, body } = await client.request(asked.method, asked.path, asked.body, { ...callOf(asked, running, statistics), idempotent });
    return { status, headers, body: objectOf(body) };
  } catch (error) {
    if (!idempotent && mayHaveBeenDone(error, statistics.requests > 0)) {
      throw outcomeUnknown(`${running.procedure} (${asked.method} ${asked.path.split('?')[0]!})`, 'Look in the mailbox before you call it again: it is not repeated by itself.', error);
    }
    throw error;
  } finally {
    for (const name of ['requests', 'bytes', 'rowsRead', 'retries'] as const) context.statistics[name] += statistics[name];
  }
}

function callOf(asked: Request, { context, mailbox, scope, idType, permission }: Running, statistics: RunStatistics): Omit<GraphPost, 'idempotent'> {
  const target = asked.mailbox === undefined ? (scope === 'tenant' ? null : mailbox) : asked.mailbox;
  return {
    headers: { ...(target !== null && idType === 'Immutable' ? { Prefer: 'IdType="ImmutableId"' } : {}), ...asked.headers },
    signal: context.signal,
    statistics,
    mailbox: target,
    permission,
  };
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
