/**
 * Owns: mail on its way: into the Inbox of every recipient who has a mailbox here.
 * Does not own: who may send (send.ts), rules, Sent Items.
 * Invariants: each mailbox gets one copy, unread, without Bcc; recipients elsewhere are sent to and never heard of again.
 */
import { textAt, type Entity } from '../../json.js';
import { MailboxFiller } from '../../store/mailbox-writer.js';
import type { Mailbox } from '../../store/mailboxes.js';
import type { Store } from '../../store/store.js';
import type { Json, NewAttachment } from '../../writer.js';

export interface Outgoing {
  /** Members of the message: from, sender, recipients, subject, internetMessageId, contentType … */
  readonly entity: Entity;
  readonly body: string;
  readonly attachments: readonly NewAttachment[];
  /** Message-IDs of what it answers, oldest first. */
  readonly references: readonly string[];
  /** `#microsoft.graph.eventMessageRequest` and its like, for meeting mail. */
  readonly odataType?: string;
  /** Recipients who get no copy, in lower case. */
  readonly except?: ReadonlySet<string>;
}

export const recipientsOf = (entity: Entity): readonly string[] => ['toRecipients', 'ccRecipients', 'bccRecipients'].flatMap((name) => {
  const list = entity[name];
  return (Array.isArray(list) ? list as readonly Json[] : []).map((recipient) => textAt(recipient, 'emailAddress', 'address') ?? '');
});

/** Members that stay with the sender. */
const PRIVATE = new Set(['bccRecipients', 'categories', 'flag', 'isRead', 'isDraft', 'inferenceClassification', 'conversationIndex', 'internetMessageHeaders', 'bodyPreview']);

const line = (value: Json | undefined): string => (Array.isArray(value) ? value as readonly Json[] : value === undefined || value === null ? [] : [value])
  .map((recipient) => `${textAt(recipient, 'emailAddress', 'name') ?? ''} <${textAt(recipient, 'emailAddress', 'address') ?? ''}>`.trim()).join(', ');

function headersOf(outgoing: Outgoing, now: number): Json[] {
  const { entity, references } = outgoing;
  const custom = Array.isArray(entity.internetMessageHeaders) ? entity.internetMessageHeaders as readonly Json[] : [];
  return [
    { name: 'From', value: line(entity.from) }, { name: 'To', value: line(entity.toRecipients) }, ...(line(entity.ccRecipients) === '' ? [] : [{ name: 'CC', value: line(entity.ccRecipients) }]),
    { name: 'Subject', value: textAt(entity, 'subject') ?? '' }, { name: 'Date', value: new Date(now).toUTCString() }, { name: 'Message-ID', value: textAt(entity, 'internetMessageId') ?? '' },
    ...(references.length === 0 ? [] : [{ name: 'References', value: references.join(' ') }, { name: 'In-Reply-To', value: references.at(-1)! }]),
    ...custom,
  ];
}

/** Gives the row numbers of the copies, by mailbox. */
export function deliver(store: Store, outgoing: Outgoing): ReadonlyMap<Mailbox, number> {
  const now = store.clock.now();
  const reached = new Map<Mailbox, number>();
  for (const address of recipientsOf(outgoing.entity)) {
    const mailbox = store.mailboxes.find(address);
    if (mailbox === undefined || mailbox.kind === 'none' || mailbox.kind === 'group' || reached.has(mailbox) || outgoing.except?.has(address.toLowerCase()) === true) continue;
    const filler = new MailboxFiller(store, mailbox);
    const members = Object.fromEntries(Object.entries(outgoing.entity).filter(([name]) => !PRIVATE.has(name)));
    reached.set(mailbox, filler.insertMessage(filler.mailFolder('/Inbox'), {
      entity: { ...members, isRead: false, isDraft: false, body: { contentType: outgoing.entity.contentType ?? 'text', content: outgoing.body }, internetMessageHeaders: headersOf(outgoing, now) },
      receivedDateTime: new Date(now), sentDateTime: new Date(now), attachments: outgoing.attachments, references: outgoing.references,
      ...(outgoing.odataType === undefined ? {} : { odataType: outgoing.odataType }),
    }));
  }
  return reached;
}
