/**
 * Owns: the body of an attachment to its stored form.
 * Does not own: adding it to an owner, upload sessions.
 * Invariants: the concrete type must be named (facts 6.3); what is over 3 MB goes through an upload session.
 */
import { badRequest, GraphError } from '../../graph-error.js';
import { isObject, textAt, type Entity } from '../../json.js';
import { composeMime } from '../../mime.js';
import type { JsonObject, NewAttachment } from '../../writer.js';

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
      return { ...common, kind: 'item', ...itemContent(given.item) };
    }
    case '#microsoft.graph.referenceAttachment':
      return { ...common, kind: 'reference', content: new Uint8Array() };
    default:
      // The abstract type cannot be made.
      throw badRequest("The property '@odata.type' of an attachment must name 'microsoft.graph.fileAttachment', 'microsoft.graph.itemAttachment' or 'microsoft.graph.referenceAttachment'.");
  }
}

/** An attached item as `/$value` serves it: MIME, iCalendar or vCard (facts section 7). */
function itemContent(item: JsonObject): Pick<NewAttachment, 'content' | 'contentType' | 'item'> {
  const escaped = (text: string | undefined): string => (text ?? '').replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');
  const text = (lines: readonly string[]): Buffer => Buffer.from([...lines, ''].join('\r\n'), 'utf8');
  const stamp = (name: string): string => `${textAt(item, name, 'dateTime')?.slice(0, 19).replace(/[-:]/g, '') ?? ''}`;
  switch (item['@odata.type']) {
    case '#microsoft.graph.message':
      return { item, contentType: 'message/rfc822', content: Buffer.from(composeMime({ ...item }, 0, []), 'utf8') };
    case '#microsoft.graph.event':
      return {
        item, contentType: 'text/calendar',
        content: text([
          'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//contoso.example//sandbox//EN', 'BEGIN:VEVENT', `SUMMARY:${escaped(textAt(item, 'subject'))}`,
          ...(stamp('start') === '' ? [] : [`DTSTART:${stamp('start')}`]), ...(stamp('end') === '' ? [] : [`DTEND:${stamp('end')}`]), 'END:VEVENT', 'END:VCALENDAR',
        ]),
      };
    case '#microsoft.graph.contact':
      return { item, contentType: 'text/vcard', content: text(['BEGIN:VCARD', 'VERSION:3.0', `FN:${escaped(textAt(item, 'displayName'))}`, `N:${escaped(textAt(item, 'surname'))};${escaped(textAt(item, 'givenName'))};;;`, 'END:VCARD']) };
    default:
      throw badRequest("The property '@odata.type' of an attached item must name 'microsoft.graph.message', 'microsoft.graph.event' or 'microsoft.graph.contact'.");
  }
}
