/**
 * Owns: the body of an attachment to its stored form.
 * Does not own: adding it to an owner, upload sessions.
 * Invariants: the concrete type must be named (facts 6.3); what is over 3 MB goes through an upload session.
 */
import { badRequest, GraphError } from '../../graph-error.js';
import { isObject, type Entity } from '../../json.js';
import type { NewAttachment } from '../../writer.js';

export const MEGABYTE = 1024 * 1024;
/** Above this an attachment needs an upload session. */
export const DIRECT_LIMIT = 3 * MEGABYTE;

/** `given` has passed `readNested(…, 'attachment')`. Throws 400, 413. */
export function newAttachment(given: Entity): NewAttachment {
  const type = typeof given['@odata.type'] === 'string' ? given['@odata.type'] : undefined;
  const common = {
    name: typeof given.name === 'string' ? given.name : '', contentType: typeof given.contentType === 'string' ? given.contentType : null, isInline: given.isInline === true,
  };
  if (given.isInline === null) throw badRequest("The property 'isInline' of an attachment cannot be null.");
  switch (type) {
    case '#microsoft.graph.fileAttachment': {
      if (typeof given.contentBytes !== 'string') throw new GraphError(400, 'ErrorInvalidArgument', 'The contentBytes of a file attachment are missing.');
      if (common.name === '') throw new GraphError(400, 'ErrorInvalidArgument', 'The name of an attachment is missing.');
      const content = Buffer.from(given.contentBytes, 'base64');
      if (content.byteLength > DIRECT_LIMIT) throw new GraphError(413, 'ErrorAttachmentSizeLimitExceeded', 'The attachment is larger than what can be sent in one request; use an upload session.');
      return { ...common, kind: 'file', contentId: typeof given.contentId === 'string' ? given.contentId : null, content };
    }
    case '#microsoft.graph.itemAttachment': {
      if (!isObject(given.item)) throw new GraphError(400, 'ErrorInvalidArgument', 'The item of an item attachment is missing.');
      return { ...common, kind: 'item', content: Buffer.from(JSON.stringify(given.item), 'utf8') };
    }
    case '#microsoft.graph.referenceAttachment':
      return { ...common, kind: 'reference', content: new Uint8Array() };
    default:
      // The abstract type cannot be made.
      throw badRequest("The property '@odata.type' of an attachment must name 'microsoft.graph.fileAttachment', 'microsoft.graph.itemAttachment' or 'microsoft.graph.referenceAttachment'.");
  }
}
