/**
 * Owns: an RFC 5322 message as a Graph message entity.
 * Does not own: decoding MIME (postal-mime), splitting mailboxes (mbox.ts).
 * Invariants: a message without a readable date never becomes "now" while any header tells more.
 */
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import type { JsonObject, NewAttachment, NewMessage } from '../writer.js';

export interface MailOptions {
  /** Date the container gives (mbox From_ line, maildir delivery). */
  readonly envelopeDate?: Date | undefined;
  /** Last resort. */
  readonly now: Date;
  readonly isRead: boolean;
  readonly isFlagged?: boolean;
}

export async function readMail(raw: Uint8Array, options: MailOptions): Promise<NewMessage> {
  // Nested messages stay attachments; else their text is poured into the outer one's.
  const email = await PostalMime.parse(raw, { forceRfc822Attachments: true });
  if (email.headers.length === 0) throw new Error('no header: not a mail message');
  const sent = headerDate(email.date) ?? receivedDate(email) ?? options.envelopeDate ?? options.now;
  const received = receivedDate(email) ?? options.envelopeDate ?? sent;
  const from = mailboxes(email.from)[0];
  const html = email.html;
  const attachments = email.attachments.map((attachment, index) => newAttachment(attachment, index, sent));
  const entity: JsonObject = {
    subject: subject(email.subject),
    body: html === undefined ? { contentType: 'text', content: email.text ?? '' } : { contentType: 'html', content: html },
    from: recipient(from),
    sender: recipient(mailboxes(email.sender)[0] ?? from),
    toRecipients: recipients(email.to),
    ccRecipients: recipients(email.cc),
    bccRecipients: recipients(email.bcc),
    replyTo: recipients(email.replyTo),
    importance: importance(email),
    isRead: options.isRead,
    isDraft: false,
    flag: { flagStatus: options.isFlagged === true ? 'flagged' : 'notFlagged' },
    categories: keywords(email),
    internetMessageId: email.messageId ?? null,
    isReadReceiptRequested: header(email, 'disposition-notification-to') !== undefined,
    isDeliveryReceiptRequested: header(email, 'return-receipt-to') !== undefined,
    inferenceClassification: 'focused',
    internetMessageHeaders: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
  };
  return {
    entity,
    receivedDateTime: received,
    sentDateTime: sent,
    references: messageIds(`${email.references ?? ''} ${email.inReplyTo ?? ''}`),
    mime: raw,
    ...(attachments.length === 0 ? {} : { attachments }),
  };
}

const header = (email: Email, key: string): string | undefined => email.headers.find((line) => line.key === key)?.value;

/** Folded subjects keep their inner runs of blanks otherwise. */
const subject = (text: string | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();

function headerDate(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : plausible(new Date(time));
}

const plausible = (date: Date): Date | undefined => (date.getUTCFullYear() >= 1970 && date.getUTCFullYear() < 2200 ? date : undefined);

/** Date of the topmost readable Received line: when the last host took the message. */
function receivedDate(email: Email): Date | undefined {
  for (const { key, value } of email.headers) {
    if (key !== 'received') continue;
    const date = headerDate(value.slice(value.lastIndexOf(';') + 1).replace(/\([^)]*\)/g, '').trim());
    if (date !== undefined) return date;
  }
  return undefined;
}

function mailboxes(addresses: Address | readonly Address[] | undefined): { readonly name: string; readonly address: string }[] {
  if (addresses === undefined) return [];
  const list = Array.isArray(addresses) ? (addresses as readonly Address[]) : [addresses as Address];
  return list.flatMap((address) => address.group ?? [{ name: address.name, address: address.address ?? '' }]);
}

function recipient(mailbox: { readonly name: string; readonly address: string } | undefined): JsonObject | null {
  if (mailbox === undefined) return null;
  return { emailAddress: { name: mailbox.name === '' ? mailbox.address : mailbox.name, address: mailbox.address } };
}

const recipients = (addresses: readonly Address[] | undefined): JsonObject[] => mailboxes(addresses).map((mailbox) => recipient(mailbox)!);

function importance(email: Email): string {
  const text = `${header(email, 'importance') ?? ''} ${header(email, 'x-priority') ?? ''}`.toLowerCase();
  if (/high|urgent|\b[12]\b/.test(text)) return 'high';
  return /low|\b[45]\b/.test(text) ? 'low' : 'normal';
}

const keywords = (email: Email): string[] => (header(email, 'keywords') ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '');

const messageIds = (text: string): string[] => [...new Set(text.match(/<[^<>\s]+>/g) ?? [])];

function newAttachment(attachment: Attachment, index: number, sent: Date): NewAttachment {
  const { content } = attachment;
  const isMessage = attachment.mimeType === 'message/rfc822';
  const contentId = attachment.contentId?.replace(/^<|>$/g, '');
  return {
    kind: isMessage ? 'item' : 'file',
    name: attachment.filename ?? (isMessage ? `message ${String(index + 1)}.eml` : `attachment ${String(index + 1)}`),
    contentType: attachment.mimeType,
    isInline: attachment.disposition === 'inline' || attachment.related === true,
    contentId: contentId ?? null,
    content: typeof content === 'string' ? Buffer.from(content) : content instanceof Uint8Array ? content : new Uint8Array(content),
    lastModified: sent,
  };
}
