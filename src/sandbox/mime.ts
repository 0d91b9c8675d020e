/**
 * Owns: writing a message as MIME, for items that never had a MIME form (`/$value`).
 * Does not own: reading MIME (import/mail.ts).
 * Invariants: what is written is read back the same: texts are base64 of UTF-8, header texts encoded words, attachments whole.
 */
import { textAt, type Entity } from './json.js';
import { mixText } from './random.js';
import type { Json, NewAttachment } from './writer.js';

const base64Lines = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64').replace(/(.{76})(?=.)/g, '$1\r\n');

/** Letters beyond ASCII go as encoded words of at most 45 bytes each. */
function headerText(text: string): string {
  const plain = text.replace(/[\r\n]+/g, ' ');
  if (/^[\x20-\x7e]*$/.test(plain)) return plain;
  const words: string[] = [];
  let part = '';
  for (const character of plain) {
    if (Buffer.byteLength(part + character, 'utf8') > 45) {
      words.push(part);
      part = '';
    }
    part += character;
  }
  words.push(part);
  return words.map((word) => `=?utf-8?B?${Buffer.from(word, 'utf8').toString('base64')}?=`).join('\r\n ');
}

function addressLine(value: Json | undefined): string {
  const list = Array.isArray(value) ? value as readonly Json[] : value === undefined || value === null ? [] : [value];
  return list.map((recipient) => {
    const name = textAt(recipient, 'emailAddress', 'name') ?? '';
    const quoted = /^[\x20-\x7e]*$/.test(name) ? `"${name.replace(/[\\"]/g, '\\$&')}"` : headerText(name);
    return `${quoted} <${textAt(recipient, 'emailAddress', 'address') ?? ''}>`;
  }).join(',\r\n ');
}

function attachmentPart(attachment: NewAttachment): string {
  const name = headerText(attachment.name).replaceAll('"', "'");
  const common = `Content-Disposition: ${attachment.isInline ? 'inline' : 'attachment'}; filename="${name}"${attachment.contentId === undefined || attachment.contentId === null ? '' : `\r\nContent-ID: <${attachment.contentId}>`}`;
  if (attachment.kind === 'item' && attachment.contentType === 'message/rfc822') return `Content-Type: message/rfc822; name="${name}"\r\n${common}\r\n\r\n${Buffer.from(attachment.content).toString('utf8')}`;
  return `Content-Type: ${attachment.contentType ?? 'application/octet-stream'}; name="${name}"\r\n${common}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(attachment.content)}`;
}

/** `entity`: a message as Graph shows it, with its body; `sent`: milliseconds since 1970. */
export function composeMime(entity: Entity, sent: number, attachments: readonly NewAttachment[]): string {
  const type = textAt(entity, 'body', 'contentType')?.toLowerCase() === 'html' ? 'text/html' : 'text/plain';
  const optional = (name: string, value: Json | undefined): string[] => (addressLine(value) === '' ? [] : [`${name}: ${addressLine(value)}`]);
  const custom = (Array.isArray(entity.internetMessageHeaders) ? entity.internetMessageHeaders as readonly Entity[] : [])
    .filter((header) => /^(x-|references$|in-reply-to$)/i.test(String(header.name))).map((header) => `${String(header.name)}: ${headerText(String(header.value))}`);
  const head = [
    ...optional('From', entity.from), ...optional('To', entity.toRecipients), ...optional('Cc', entity.ccRecipients), ...optional('Bcc', entity.bccRecipients), ...optional('Reply-To', entity.replyTo),
    `Subject: ${headerText(textAt(entity, 'subject') ?? '')}`, `Date: ${new Date(sent).toUTCString().replace('GMT', '+0000')}`,
    ...(textAt(entity, 'internetMessageId') === undefined ? [] : [`Message-ID: ${textAt(entity, 'internetMessageId')!}`]), ...custom, 'MIME-Version: 1.0',
  ];
  const text = [`Content-Type: ${type}; charset="utf-8"`, 'Content-Transfer-Encoding: base64', '', base64Lines(Buffer.from(textAt(entity, 'body', 'content') ?? '', 'utf8'))];
  const files = attachments.filter((attachment) => attachment.kind !== 'reference');
  if (files.length === 0) return [...head, ...text, ''].join('\r\n');
  const boundary = `_part_${mixText(7, textAt(entity, 'internetMessageId') ?? '').toString(16)}_${String(files.length)}_`;
  return [
    ...head, `Content-Type: multipart/${files.every((file) => file.isInline) ? 'related' : 'mixed'}; boundary="${boundary}"`, '',
    `--${boundary}`, ...text, ...files.flatMap((file) => [`--${boundary}`, attachmentPart(file)]), `--${boundary}--`, '',
  ].join('\r\n');
}
