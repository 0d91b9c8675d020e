/**
 * Owns: translateExchangeIds (facts 6.1): ids from one form to another.
 * Does not own: what the ids stand for.
 * Invariants: at most 1,000 ids; an id that is not of the source type refuses the whole call.
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { badRequest, GraphError } from '../graph-error.js';
import type { ItemRef } from '../ids.js';

const FORMATS = new Set(['entryId', 'ewsId', 'immutableEntryId', 'restId', 'restImmutableEntryId']);
/** Binary entry ids; restImmutableEntryId is not one of them. */
const ENTRY_IDS = new Set(['entryId', 'immutableEntryId']);
const MAXIMUM = 1000;

const isImmutable = (format: string): boolean => format === 'immutableEntryId' || format === 'restImmutableEntryId';

/** Entry ids are url-safe base64 with a trailing digit that counts the padding. */
function fromFormat(text: string, format: string): string {
  if (format === 'ewsId') return text.replace(/\//g, '-').replace(/\+/g, '_');
  if (!ENTRY_IDS.has(format)) return text;
  const pad = Number(text.slice(-1));
  return `${text.slice(0, -1)}${'='.repeat(Number.isInteger(pad) ? pad : 0)}`;
}

function toFormat(text: string, format: string): string {
  if (format === 'ewsId') return text.replace(/-/g, '/').replace(/_/g, '+');
  if (!ENTRY_IDS.has(format)) return text;
  const bare = text.replace(/=+$/, '');
  return `${bare}${String(text.length - bare.length)}`;
}

function movesOf(context: Context, ref: ItemRef): number {
  if (ref.kind === 'message') return context.store.messages.row(ref.row)?.moves ?? ref.moves;
  if (ref.kind === 'attachment') return 0;
  return context.store.items.get(ref.row)?.moves ?? ref.moves;
}

export const translateExchangeIds: Route = (context) => {
  let body: unknown;
  try {
    body = JSON.parse(context.request.body);
  } catch {
    throw badRequest('Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.');
  }
  const members = new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  const inputIds = members.get('inputids');
  const source = members.get('sourceidtype');
  const target = members.get('targetidtype');
  if (!Array.isArray(inputIds) || !inputIds.every((id) => typeof id === 'string')) throw new GraphError(400, 'InvalidArgument', "The parameter 'InputIds' is missing or not a list of ids.");
  if (inputIds.length > MAXIMUM) throw new GraphError(400, 'InvalidArgument', `At most ${String(MAXIMUM)} ids can be translated at once.`);
  if (typeof source !== 'string' || typeof target !== 'string' || !FORMATS.has(source) || !FORMATS.has(target)) throw new GraphError(400, 'InvalidArgument', 'The source or target id type is not valid.');
  const value = inputIds.map((sourceId) => {
    const ref = context.store.ids.read(fromFormat(sourceId, source));
    const folderLike = ref !== undefined && ref.row >= 0 && context.store.ids.of({ ...ref, moves: 0 }, true) === context.store.ids.of({ ...ref, moves: 0 }, false);
    if (ref === undefined || (ref.row >= 0 && !folderLike && ref.immutable !== isImmutable(source))) throw new GraphError(400, 'InvalidArgument', `The id '${sourceId}' is not of the type '${source}'.`);
    if (ref.row < 0) return { sourceId, targetId: null, errorDetails: { code: 'ErrorItemNotFound', message: 'The specified object was not found in the store.' } };
    const moves = ref.immutable ? movesOf(context, ref) : ref.moves;
    return { sourceId, targetId: toFormat(context.store.ids.of({ ...ref, moves }, isImmutable(target)), target) };
  });
  return json({ '@odata.context': `${context.request.root}/$metadata#Collection(microsoft.graph.convertIdResult)`, value });
};
