/**
 * Owns: attachments as a call gives them, and adding them to a message or an event: in one request, or by an upload session.
 * Does not own: the pieces of an upload (write-upload.ts).
 * Invariants: a content is at most 150 MB; a name that is sent is never empty.
 */
import { basename } from 'node:path';
import type { FindCreated } from '../write-step.js';
import { create, readFile, type Script } from './effect.js';
import { member, type Inputs } from './inputs.js';
import { defined } from './message.js';

/** facts 7: an attachment of 3 MB and more goes by a session, up to 150 MB, in pieces of at most 4 MB. */
export const DIRECT_BYTES = 3 * 1024 * 1024;
const MOST_BYTES = 150 * 1024 * 1024;
/** A multiple of 320 KiB, as Microsoft's own clients send. */
const PIECE_BYTES = 10 * 320 * 1024;

export interface Attachment {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType?: string | undefined;
  readonly isInline?: boolean | undefined;
  readonly contentId?: string | undefined;
}

/** What Attachments and FileName with LocalFile or ContentBytes describe, files read. */
export function* attachmentsOf(inputs: Inputs): Script<readonly Attachment[]> {
  const found: Attachment[] = [];
  for (const source of sourcesOf(inputs)) {
    const bytes = source.path === undefined ? source.bytes : yield* readFile(source.input, source.path, MOST_BYTES);
    if (bytes.length > MOST_BYTES) inputs.refuse(source.input, `holds ${String(bytes.length)} bytes for ${source.name}`, 'An attachment has at most 150 MB.');
    found.push({ name: source.name, bytes, contentType: source.contentType, isInline: source.isInline, contentId: source.contentId });
  }
  return found;
}

type Source = Omit<Attachment, 'bytes'> & { readonly input: string } & ({ readonly path: string } | { readonly path?: undefined; readonly bytes: Uint8Array });

function sourcesOf(inputs: Inputs): Source[] {
  const sources = listed(inputs);
  const given = inputs.oneOf('LocalFile', 'ContentBytes');
  const name = inputs.text('FileName');
  const extras = { contentType: inputs.text('AttachmentContentType'), isInline: inputs.flag('IsInline'), contentId: inputs.text('ContentId') };
  if (given === undefined) {
    if (name !== undefined) inputs.refuse('FileName', 'stands without a content', 'Give LocalFile or ContentBytes beside it.');
  } else if (given === 'LocalFile') {
    const path = inputs.need('LocalFile');
    sources.push({ input: 'LocalFile', name: name ?? nameOf(path), path, ...extras });
  } else {
    if (name === undefined) inputs.refuse('ContentBytes', 'needs a name', 'Give FileName beside it.');
    sources.push({ input: 'ContentBytes', name, bytes: inputs.bytes('ContentBytes') ?? new Uint8Array(), ...extras });
  }
  return sources;
}

const nameOf = (path: string): string => basename(path.replaceAll('\\', '/')) || 'attachment';

/** `name,base64; name,base64`, `@path`, `name,@path`; or a JSON array of objects with name and contentBytes. */
function listed(inputs: Inputs): Source[] {
  const text = inputs.text('Attachments');
  if (text === undefined) return [];
  const input = 'Attachments';
  if (text.trimStart().startsWith('[')) return jsonSources(inputs, text);
  return text.split(';').map((part) => part.trim()).filter((part) => part !== '').map((part) => {
    if (part.startsWith('@')) return { input, name: nameOf(part.slice(1)), path: part.slice(1).trim() };
    const comma = part.lastIndexOf(',');
    const name = part.slice(0, Math.max(comma, 0)).trim();
    const content = part.slice(comma + 1).trim();
    if (name === '') inputs.refuse(input, "has a part without a name and a comma", "Write 'name,base64; name,base64' or '@path'.");
    return content.startsWith('@') ? { input, name, path: content.slice(1).trim() } : { input, name, bytes: base64(inputs, name, content) };
  });
}

function jsonSources(inputs: Inputs, text: string): Source[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list)) inputs.refuse('Attachments', 'begins with [ but is no JSON array');
  return (list as readonly unknown[]).map((item) => {
    const [name, content, contentType, contentId] = ['name', 'contentBytes', 'contentType', 'contentId'].map((key) => member(item, key)).map((value) => (typeof value === 'string' ? value : undefined));
    if (name === undefined || name === '' || content === undefined) inputs.refuse('Attachments', 'has an element without name or contentBytes');
    return { input: 'Attachments', name, bytes: base64(inputs, name, content), contentType, contentId, isInline: member(item, 'isInline') === true ? true : undefined };
  });
}

function base64(inputs: Inputs, name: string, text: string): Uint8Array {
  const compact = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1) inputs.refuse('Attachments', `has a content for ${name} that is no base64`);
  return Buffer.from(compact, 'base64');
}

/** As it stands in the JSON of a message, or in a request of its own. */
export function fileAttachment({ name, bytes, contentType, isInline, contentId }: Attachment): Record<string, unknown> {
  return defined({ '@odata.type': '#microsoft.graph.fileAttachment', name, contentType, isInline, contentId, contentBytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') });
}

/** It goes by an upload session. */
export const isUploaded = ({ bytes }: Attachment): boolean => bytes.length >= DIRECT_BYTES;

/** Adds one attachment to `owner`, a path such as `/me/messages/{id}`. Gives its id where the service names it. */
export function* addAttachment(owner: string, attachment: Attachment): Script<string | null> {
  const { name, bytes, contentType, isInline, contentId } = attachment;
  const find: FindCreated = { url: `${owner}/attachments?$select=id,name,size,lastModifiedDateTime`, by: 'likeness', equal: { name }, created: 'lastModifiedDateTime' };
  const repeated = 'per attachment';
  if (!isUploaded(attachment)) return yield* create({ method: 'POST', path: `${owner}/attachments`, body: { json: fileAttachment(attachment) }, repeated }, find);
  const AttachmentItem = defined({ attachmentType: 'file', name, size: bytes.length, contentType, isInline, contentId });
  return yield* create({ method: 'POST', path: `${owner}/attachments/createUploadSession`, body: { json: { AttachmentItem } }, repeated }, find, bytes, PIECE_BYTES);
}
