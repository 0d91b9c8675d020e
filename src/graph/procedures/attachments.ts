/**
 * Owns: AddAttachments, DeleteAttachment and DownloadAttachments of messages and events.
 * Invariants: contents are fetched one at a time; a reference attachment has no content and no file.
 */
import { encodeSegment } from '../literal.js';
import { addAttachment, attachmentsOf, isUploaded } from './attachment.js';
import { emit, exchange, fetchBytes, send, writeFile, type Script } from './effect.js';
import { member, textAt, type Inputs } from './inputs.js';
import { columnValue } from './values.js';

/** `/me/messages/{id}` or `/me/events/{id}` of the input that names it. */
function ownerOf(inputs: Inputs): string {
  const given = inputs.oneOf('MessageId', 'EventId') ?? inputs.missing('MessageId or EventId');
  return inputs.path(given === 'MessageId' ? '/messages/{id}' : '/events/{id}', { id: inputs.need(given) });
}

export function* addAttachments(inputs: Inputs): Script {
  const owner = ownerOf(inputs);
  const attachments = yield* attachmentsOf(inputs);
  if (attachments.length === 0) inputs.missing('Attachments, or FileName with LocalFile or ContentBytes');
  for (const attachment of attachments) {
    const id = yield* addAttachment(owner, attachment);
    // What an upload gives is not always the kind of id that was asked for: it travels without headers.
    const shown = id === null || !isUploaded(attachment) ? id : textAt(yield* send({ method: 'GET', path: `${owner}/attachments/${encodeSegment(id)}?$select=id`, sample: { id } }), 'id');
    yield* emit([shown, attachment.name, BigInt(attachment.bytes.length), 'Success']);
  }
}

export function* deleteAttachment(inputs: Inputs): Script {
  const owner = ownerOf(inputs);
  const id = inputs.need('AttachmentId');
  yield* exchange({ method: 'DELETE', path: `${owner}/attachments/${encodeSegment(id)}`, repeat: 'gone' });
  yield* emit(['Success']);
}

const EXTENSIONS: Readonly<Record<string, string>> = { message: '.eml', eventMessage: '.eml', event: '.ics', contact: '.vcf' };
const REFERENCE = '#microsoft.graph.referenceAttachment';
const ITEM = '#microsoft.graph.itemAttachment';

export function* downloadAttachments(inputs: Inputs): Script {
  const id = inputs.need('SourceId');
  const owner = inputs.path(inputs.text('AttachmentSource') === 'Event' ? '/events/{id}' : '/messages/{id}', { id });
  const directory = inputs.text('LocalFolder');
  const wanted = inputs.text('AttachmentId');
  const select = '$select=id,name,contentType,size,isInline,lastModifiedDateTime';
  let found: readonly unknown[];
  if (wanted === undefined) found = yield* listAll(`${owner}/attachments?${select}`);
  else found = [yield* send({ method: 'GET', path: `${owner}/attachments/${encodeSegment(wanted)}?${select}`, sample: { id: wanted } })];
  for (const one of found) {
    const attachmentId = textAt(one, 'id') ?? '';
    const type = textAt(one, '@odata.type');
    const bytes = type === REFERENCE ? null : yield* fetchBytes({ method: 'GET', path: `${owner}/attachments/${encodeSegment(attachmentId)}/$value`, repeated: 'per attachment' });
    const name = textAt(one, 'name') ?? 'attachment';
    const path = directory === undefined || bytes === null ? null : yield* writeFile('LocalFolder', directory, type === ITEM ? withExtension(name, bytes) : name, bytes);
    yield* emit([
      attachmentId, textAt(one, 'name'), path === null ? bytes : null, columnValue(member(one, 'lastModifiedDateTime'), 'timestamp'), textAt(one, 'contentType'),
      columnValue(member(one, 'size'), 'bigint'), columnValue(member(one, 'isInline'), 'boolean'), path,
    ]);
  }
}

/** An attached item comes as MIME, iCalendar or vCard, and is named by its subject. */
function withExtension(name: string, bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 20)).toString('latin1').toUpperCase();
  const extension = head.startsWith('BEGIN:VCALENDAR') ? EXTENSIONS['event']! : head.startsWith('BEGIN:VCARD') ? EXTENSIONS['contact']! : EXTENSIONS['message']!;
  return name.toLowerCase().endsWith(extension) ? name : `${name}${extension}`;
}

/** Every page of a collection. */
export function* listAll(path: string): Script<readonly unknown[]> {
  const all: unknown[] = [];
  for (let next: string | null = path; next !== null; ) {
    const page: Readonly<Record<string, unknown>> = yield* send({ method: 'GET', path: next, sample: { value: [{ id: '{attachment id}' }] } });
    if (Array.isArray(page['value'])) all.push(...(page['value'] as readonly unknown[]));
    next = textAt(page, '@odata.nextLink');
  }
  return all;
}
