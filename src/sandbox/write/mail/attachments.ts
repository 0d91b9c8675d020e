/**
 * Owns: adding and removing attachments of messages and events, directly and by upload session.
 * Does not own: showing them (routes/attachments.ts), the ranges of an upload (upload/).
 * Invariants: the owner's hasAttachments, size and change key follow (inline ones do not count for hasAttachments);
 * over 3 MB only a session, under 3 MB never a session (facts 5, 6.3, 7).
 */
import type { Context, Route } from '../../context.js';
import type { GraphAnswer } from '../../exchange.js';
import { GraphError, itemNotFound } from '../../graph-error.js';
import { isObject } from '../../json.js';
import { presentAttachment, shape } from '../../present.js';
import { itemById, messageRow, readId } from '../../routes/lookup.js';
import type { Json, NewAttachment } from '../../writer.js';
import { created, noContent, readEntity, readParameters, transact, type WriteRoute } from '../index.js';
import { openSession } from '../upload/sessions.js';
import { DIRECT_LIMIT, MEGABYTE, newAttachment } from './attachment-body.js';

const MAXIMUM = 150 * MEGABYTE;
const MAXIMUM_PART = 4 * MEGABYTE;

interface Owner {
  readonly collection: 'messages' | 'events';
  /** In the attachments table. */
  readonly key: number;
  /** Tells the owner that its attachments changed. `bytes`: how much it grew. */
  readonly changed: (bytes: number) => void;
}

type OwnerOf = (context: Context, id: string) => Owner;

const isVisible = (entity: { readonly isInline?: Json }): boolean => entity.isInline !== true;

const ofMessage: OwnerOf = (context, id) => {
  const row = messageRow(context, id, { body: false, headers: false, extended: false });
  return {
    collection: 'messages', key: row.n,
    changed: (bytes) => {
      const { store } = context;
      store.messages.patch(row.n, {}, store.clock.now(), {
        hasAttachments: store.attachments.of(row.n).some(({ entity }) => isVisible(entity)), size: Math.max(0, (store.messages.row(row.n)?.size ?? 0) + bytes), dropMime: true,
      });
    },
  };
};

const ofEvent: OwnerOf = (context, id) => {
  const item = itemById(context, id, 'event');
  return {
    collection: 'events', key: -item.n,
    changed: () => {
      const { store } = context;
      store.items.patch(item.n, { hasAttachments: store.attachments.of(-item.n).some(({ entity }) => isVisible(entity)) }, store.clock.now());
    },
  };
};

const READ_ONLY: ReadonlySet<string> = new Set(['contentLocation', 'lastModifiedDateTime', 'size']);
const MIME_FACTOR = 1.37;

function attach(context: Context, owner: Owner, attachment: NewAttachment): number {
  const n = context.store.attachments.add(context.mailbox.mailbox, owner.key, attachment, context.store.clock.now());
  owner.changed(Math.ceil(attachment.content.byteLength * MIME_FACTOR));
  return n;
}

const add = (ownerOf: OwnerOf): Route => (context, [id = '']) => {
  const attachment = newAttachment(readEntity(context, 'attachment', { readOnly: READ_ONLY, deep: new Set(['item']) }));
  const owner = ownerOf(context, id);
  return transact(context, () => {
    const n = attach(context, owner, attachment);
    const stored = context.store.attachments.of(owner.key).find((candidate) => candidate.n === n);
    if (stored === undefined) throw itemNotFound();
    return created(context, `/${owner.collection}('${encodeURIComponent(id)}')/attachments`, shape(presentAttachment(stored, context, true), 'attachment', undefined));
  });
};

const remove = (ownerOf: OwnerOf): Route => (context, [id = '', attachment = '']) => {
  const owner = ownerOf(context, id);
  const ref = readId(context, attachment, ['attachment']);
  const found = context.store.attachments.of(owner.key).find((candidate) => candidate.n === ref.row);
  if (found === undefined) throw itemNotFound();
  return transact(context, () => {
    context.store.attachments.remove(found.n);
    owner.changed(-Math.ceil(found.size * MIME_FACTOR));
    return noContent();
  });
};

const openUpload = (ownerOf: OwnerOf): Route => (context, [id = '']): GraphAnswer => {
  const { attachmentItem: item } = readParameters(context, 'createUploadSession', { attachmentItem: 'attachmentItem' });
  const owner = ownerOf(context, id);
  const missing = (name: string): GraphError => new GraphError(400, 'ErrorInvalidArgument', `The property '${name}' of the attachment is missing or not valid.`);
  if (!isObject(item)) throw missing('AttachmentItem');
  const { attachmentType, name, size, contentType, contentId, isInline } = item;
  if (attachmentType !== 'file') throw missing('attachmentType');
  if (typeof name !== 'string' || name === '') throw missing('name');
  if (typeof size !== 'number' || size < 0) throw missing('size');
  if (size < DIRECT_LIMIT) throw new GraphError(400, 'ErrorAttachmentSizeShouldNotBeLessThanMinimumSize', 'The attachment size should be greater than the minimum size, which is 3 MB.');
  if (size > MAXIMUM) throw new GraphError(400, 'ErrorAttachmentSizeLimitExceeded', 'The attachment size exceeds the maximum of 150 MB.');
  const path = `Users('${context.mailbox.guid}')/${owner.collection === 'messages' ? 'Messages' : 'Events'}('${encodeURIComponent(id)}')`;
  const session = openSession(context, {
    mailbox: context.mailbox, collection: `${path}/AttachmentSessions`, size, maximumPart: MAXIMUM_PART,
    finish: (content, base) => {
      // The owner may be gone meanwhile.
      const n = attach(context, ownerOf(context, id), {
        kind: 'file', name, contentType: typeof contentType === 'string' ? contentType : 'application/octet-stream', isInline: isInline === true, contentId: typeof contentId === 'string' ? contentId : null, content,
      });
      return { status: 201, headers: { location: `${base}/${path}/Attachments('${context.store.id('attachment', n, false)}')` }, body: undefined };
    },
  });
  return { status: 201, headers: { 'content-type': 'application/json' }, body: { json: { '@odata.context': `${context.request.root}/$metadata#microsoft.graph.uploadSession`, ...session } } };
};

const of = (collection: string, ownerOf: OwnerOf): readonly WriteRoute[] => [
  ['POST', `${collection}/:/attachments`, add(ownerOf)],
  ['DELETE', `${collection}/:/attachments/:`, remove(ownerOf)],
  ['POST', `${collection}/:/attachments/createUploadSession`, openUpload(ownerOf)],
];

export const ATTACHMENT_WRITES: readonly WriteRoute[] = [...of('messages', ofMessage), ...of('events', ofEvent)];
