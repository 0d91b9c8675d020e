/**
 * Owns: MarkAsRead, PermanentDelete and CreateFromMime.
 * Invariants: one row an id, in the order given; an id that fails does not hold the others up.
 */
import { ExchangeSqlError } from '../../errors.js';
import { emit, folderId, readFile, send, sendAll, type BatchAnswer, type Script } from './effect.js';
import type { Inputs } from './inputs.js';

/** Requests begun at once: enough for full batches, few enough to show progress. */
const GROUP = 80;

/** None may be empty: the path of such an item is that of the whole collection. */
function idsOf(inputs: Inputs): readonly string[] {
  const ids = inputs.list('Ids') ?? inputs.missing('Ids');
  return ids.includes('') ? inputs.refuse('Ids', 'holds an empty id') : ids;
}

function* forEach(ids: readonly string[], request: (id: string) => Parameters<typeof sendAll>[0][number]): Script {
  for (let at = 0; at < ids.length; at += GROUP) {
    const group = ids.slice(at, at + GROUP);
    const answers = yield* sendAll(group.map(request));
    yield* emit(...group.map((id, index) => [id, ...outcome(answers[index]!)]));
  }
}

function outcome({ error }: BatchAnswer): readonly [string, string | null, string | null] {
  if (error === undefined) return ['Success', null, null];
  return [error.code === 'OUTCOME_UNKNOWN' ? 'Unknown' : 'Failed', error.code, error.message];
}

export function* markAsRead(inputs: Inputs): Script {
  const ids = idsOf(inputs);
  const isRead = inputs.flag('IsRead') ?? true;
  yield* forEach(ids, (id) => ({ method: 'PATCH', path: inputs.path('/messages/{id}', { id }), body: { json: { isRead } }, repeat: 'safe' }));
}

const PLACES: Readonly<Record<string, string>> = { Message: '/messages/{id}', Event: '/events/{id}', Contact: '/contacts/{id}', MailFolder: '/mailFolders/{id}', ContactFolder: '/contactFolders/{id}', Calendar: '/calendars/{id}' };

export function* permanentDelete(inputs: Inputs): Script {
  const ids = idsOf(inputs);
  const place = PLACES[inputs.text('ItemType') ?? 'Message'] ?? '/messages/{id}';
  yield* forEach(ids, (id) => ({ method: 'POST', path: `${inputs.path(place, { id })}/permanentDelete`, repeat: 'gone' }));
}

/** Graph takes some 4 MB a request, and MIME goes as base64. */
const MOST_MIME = 3 * 1024 * 1024;

export function* createFromMime(inputs: Inputs): Script {
  const given = inputs.oneOf('LocalFile', 'Content') ?? inputs.missing('Content or LocalFile');
  const bytes = given === 'LocalFile' ? yield* readFile('LocalFile', inputs.need('LocalFile'), MOST_MIME) : contentOf(inputs);
  if (bytes.length > MOST_MIME) throw new ExchangeSqlError('BAD_VALUE', `the input Content of ${inputs.procedure} has ${String(bytes.length)} bytes`, { hint: 'The service takes MIME of at most 3 MB.' });
  const folder = inputs.text('FolderId');
  const path = folder === undefined ? inputs.path('/messages') : inputs.path('/mailFolders/{folder}/messages', { folder: yield* folderId('FolderId', folder) });
  const message = yield* send({ method: 'POST', path, body: { bytes: Buffer.from(Buffer.from(bytes).toString('base64'), 'latin1'), contentType: 'text/plain' }, sample: { id: '{id}' } });
  yield* emit([message['id'], message['changeKey'], message['parentFolderId'], message['subject'], 'Success'].map((value) => (typeof value === 'string' ? value : null)));
}

/** MIME as it is, or as base64. */
function contentOf(inputs: Inputs): Uint8Array {
  const text = inputs.content('Content') ?? '';
  const compact = text.replace(/\s/g, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length % 4 === 0 ? Buffer.from(compact, 'base64') : Buffer.from(text, 'utf8');
}
