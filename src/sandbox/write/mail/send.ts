/**
 * Owns: sendMail and sending a draft: who may send to whom, the copy in Sent Items.
 * Does not own: delivery (deliver.ts), replies (reply.ts).
 * Invariants: a draft that is sent keeps its immutable id in Sent Items (facts 6.1); a refused message is not sent to anybody.
 */
import type { Context, Route } from '../../context.js';
import { GraphError } from '../../graph-error.js';
import { parseEntity, textAt, type Entity } from '../../json.js';
import { storedExtended } from '../../present.js';
import { messageRow } from '../../routes/lookup.js';
import { MailboxFiller } from '../../store/mailbox-writer.js';
import type { Mailbox } from '../../store/mailboxes.js';
import type { ExtendedProperty } from '../../store/items.js';
import { accepted, readParameters, rejectParameters, transact, type WriteRoute } from '../index.js';
import { deliver, recipientsOf } from './deliver.js';
import { draftFromJson, draftFromMime, isMime, MESSAGE_RULES, newMessageId, propertyOf, type Draft } from './drafts.js';
import { wellKnownFolder } from './messages.js';

const MAX_RECIPIENTS = 500;

const invalidRecipients = (why: string): GraphError => new GraphError(400, 'ErrorInvalidRecipients', `At least one recipient is not valid., ${why}`);

/** Throws 400 ErrorInvalidRecipients unless the message can go to somebody. */
export function checkRecipients(entity: Entity): void {
  const addresses = recipientsOf(entity);
  if (addresses.length === 0) throw invalidRecipients("A message can't be sent because it contains no recipients.");
  if (addresses.length > MAX_RECIPIENTS) throw invalidRecipients(`A message can't be sent to more than ${String(MAX_RECIPIENTS)} recipients.`);
  for (const address of addresses) {
    if (!/^[^\s@;,<>()"]+@[^\s@;,<>()"]+$/.test(address)) throw invalidRecipients(`Recipient '${address}' is not resolved. All recipients must be resolved before a message can be submitted.`);
  }
}

/** Addresses a mailbox sends as. */
function addressesOf(mailbox: Mailbox): ReadonlySet<string> {
  const { mail, proxyAddresses } = mailbox.entity;
  const proxies = Array.isArray(proxyAddresses) ? proxyAddresses.map((address) => String(address).replace(/^smtp:/i, '')) : [];
  return new Set([mailbox.upn, ...(typeof mail === 'string' ? [mail] : []), ...proxies].map((address) => address.toLowerCase()));
}

/** From and sender as the service sets them. Throws 403 for somebody else's address. */
export function authorOf(context: Context, entity: Entity): { readonly from: Entity; readonly sender: Entity } {
  const { mailbox } = context;
  const own = addressesOf(mailbox);
  for (const name of ['from', 'sender']) {
    const address = textAt(entity[name], 'emailAddress', 'address');
    if (address !== undefined && address !== '' && !own.has(address.toLowerCase())) {
      throw new GraphError(403, 'ErrorSendAsDenied', 'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account., Cannot submit message.');
    }
  }
  const self = { emailAddress: { name: mailbox.entity.displayName ?? mailbox.upn, address: mailbox.upn } };
  return { from: self, sender: self };
}

/** Sends what has not been stored; with a copy in Sent Items when `save`. */
export function dispatch(context: Context, draft: Draft, save: boolean): void {
  const { store, mailbox } = context;
  checkRecipients(draft.entity);
  const entity: Entity = {
    ...draft.entity, ...authorOf(context, draft.entity),
    internetMessageId: typeof draft.entity.internetMessageId === 'string' ? draft.entity.internetMessageId : newMessageId(context, mailbox.mailbox),
  };
  const now = new Date(store.clock.now());
  if (save) {
    new MailboxFiller(store, mailbox).insertMessage(wellKnownFolder(context, 'sentitems').n, {
      entity: { ...entity, isDraft: false, isRead: true, body: { contentType: entity.contentType ?? 'text', content: draft.body } },
      receivedDateTime: now, sentDateTime: now, attachments: draft.attachments, references: draft.references, extendedProperties: draft.extended,
      ...(draft.mime === undefined ? {} : { mime: draft.mime }),
    });
  }
  deliver(store, { entity, body: draft.body, attachments: draft.attachments, references: draft.references });
}

const sendMail: Route = async (context) => {
  if (isMime(context)) {
    const draft = await draftFromMime(context);
    return transact(context, () => {
      dispatch(context, draft, true);
      return accepted();
    });
  }
  const { message, saveToSentItems } = readParameters(context, 'sendMail', { message: 'message', saveToSentItems: 'Boolean' }, MESSAGE_RULES);
  if (message === undefined) throw new GraphError(400, 'ErrorInvalidArgument', "The parameter 'Message' is missing.");
  const draft = draftFromJson(context, message as Entity);
  return transact(context, () => {
    dispatch(context, draft, saveToSentItems !== false);
    return accepted();
  });
};

/** In-Reply-To and References of a stored message: MAPI keeps them as properties. */
export const IN_REPLY_TO = 'String 0x1042';
export const REFERENCES = 'String 0x1039';
export const referencesOf = (extended: readonly ExtendedProperty[]): string[] =>
  [...new Set(`${propertyOf(extended, REFERENCES) ?? ''} ${propertyOf(extended, IN_REPLY_TO) ?? ''}`.match(/<[^<>\s]+>/g) ?? [])];

const sendDraft: Route = (context, [id = '']) => {
  rejectParameters(context, 'send');
  const row = messageRow(context, id, { body: true, headers: true, extended: true });
  if (row.is_draft === 0) throw new GraphError(400, 'ErrorInvalidRequest', 'Message is not draft.');
  const entity = parseEntity(row.entity);
  checkRecipients(entity);
  const author = authorOf(context, entity);
  return transact(context, () => {
    const { store } = context;
    const now = store.clock.now();
    const sent: Entity = {
      ...entity, ...author, isDraft: false, isRead: true, internetMessageId: textAt(entity, 'internetMessageId') ?? newMessageId(context, row.mailbox),
      ...(row.headers === null || row.headers === undefined ? {} : { internetMessageHeaders: JSON.parse(row.headers) as Entity[] }),
    };
    const { internetMessageHeaders: _headers, ...members } = sent;
    store.messages.patch(row.n, members, now, { sent: now, received: now });
    store.messages.move(row.n, wellKnownFolder(context, 'sentitems').n, now);
    deliver(store, { entity: sent, body: row.body ?? '', attachments: store.attachments.contents(row.n), references: referencesOf(storedExtended(row)) });
    return accepted();
  });
};

export const SEND_WRITES: readonly WriteRoute[] = [
  ['POST', 'sendMail', sendMail],
  ['POST', 'messages/:/send', sendDraft],
];
