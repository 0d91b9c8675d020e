/**
 * Owns: making a message in a folder: from JSON, from MIME, with its extended properties and attachments.
 * Does not own: sending, HTTP answers.
 * Invariants: what is made is a draft unless the MAPI flags say otherwise; it has a Message-ID of its own.
 */
import type { Context } from '../../context.js';
import { checkLength, GraphError } from '../../graph-error.js';
import { readMail } from '../../import/mail.js';
import type { Entity } from '../../json.js';
import { sameProperty } from '../../present.js';
import { base64Digits } from '../../random.js';
import { MailboxFiller } from '../../store/mailbox-writer.js';
import type { ExtendedProperty } from '../../store/items.js';
import type { NewAttachment, NewMessage } from '../../writer.js';
import { mergeExtended, readNested, splitExtended } from '../index.js';
import { newAttachment } from './attachment-body.js';
import { checkHeaders, MESSAGE_READ_ONLY, storedMembers } from './message-body.js';

const DEEP: ReadonlySet<string> = new Set(['attachments', 'singleValueExtendedProperties', 'multiValueExtendedProperties']);

/** A message ready to be stored or sent. */
export interface Draft {
  readonly entity: Entity;
  readonly body: string;
  readonly extended: readonly ExtendedProperty[];
  readonly attachments: readonly NewAttachment[];
  readonly references: readonly string[];
  readonly mime?: Uint8Array;
}

/** What the directory calls an address. */
export const directoryName = (context: Pick<Context, 'store'>) => (address: string): string | undefined => {
  const name = context.store.mailboxes.find(address)?.entity.displayName;
  return typeof name === 'string' ? name : undefined;
};

/** Message-IDs never repeat within a store. */
export function newMessageId(context: Pick<Context, 'store'>, mailbox: number): string {
  const { store } = context;
  return `<${base64Digits(26, store.seed, mailbox, store.database.nextSeq(mailbox), 41).replace(/[-_]/g, 'x').toUpperCase()}@contoso.example>`;
}

/** A draft from the JSON of a message. Throws 400. */
export function draftFromJson(context: Context, json: Entity): Draft {
  if (json['@odata.type'] !== undefined && json['@odata.type'] !== '#microsoft.graph.message') throw new GraphError(400, 'ErrorInvalidRequest', 'Meeting messages cannot be created.');
  const { '@odata.type': _type, attachments, internetMessageHeaders, ...rest } = json;
  checkHeaders(internetMessageHeaders);
  const { extended, members } = splitExtended(rest);
  const stored = storedMembers(members, directoryName(context));
  return {
    entity: { ...stored.members, ...(Array.isArray(internetMessageHeaders) ? { internetMessageHeaders } : {}) },
    body: stored.body ?? '', extended: mergeExtended([], extended), references: [],
    attachments: (Array.isArray(attachments) ? attachments as readonly Entity[] : []).map((attachment) => newAttachment(attachment)),
  };
}

/** As `draftFromJson`, from JSON that is not checked yet. */
export const draftFromNested = (context: Context, json: Entity): Draft => draftFromJson(context, readNested(json, 'message', { readOnly: MESSAGE_READ_ONLY, deep: DEEP }));

export const MESSAGE_RULES = { readOnly: MESSAGE_READ_ONLY, deep: DEEP };

/** A draft from a body of base64 MIME. Throws 400 ErrorMimeContentInvalidBase64String. */
export async function draftFromMime(context: Context): Promise<Draft> {
  checkLength(context.request.bytes);
  const text = context.request.body.replace(/\s+/g, '');
  const invalid = new GraphError(400, 'ErrorMimeContentInvalidBase64String', 'Invalid base64 string for MIME content.');
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw invalid;
  const raw = Buffer.from(text, 'base64');
  const message = await readMail(raw, { now: new Date(context.store.clock.now()), isRead: true }).catch(() => {
    throw new GraphError(400, 'ErrorMimeContentInvalid', 'The MIME content is invalid.');
  });
  const { body, isDraft: _isDraft, ...members } = message.entity;
  const stored = storedMembers({ ...(body === undefined ? {} : { body }) }, () => undefined);
  // Without a From line the mailbox itself is the author, when it is sent.
  return { entity: { ...members, ...stored.members }, body: stored.body ?? '', extended: [], attachments: message.attachments ?? [], references: message.references ?? [], mime: raw };
}

export const isMime = (context: Context): boolean => /^text\/plain\s*(;|$)/i.test(context.request.headers['content-type'] ?? '');

export const propertyOf = (extended: readonly ExtendedProperty[], id: string): string | undefined => {
  const value = extended.find((property) => sameProperty(property.id, id))?.value;
  return typeof value === 'string' ? value : undefined;
};

const UNSENT = 8;
const READ = 1;

const timeOf = (text: string | undefined): Date | undefined => {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms);
};

/** Stores a draft in a folder; gives its row number. Importers set message flags and times by MAPI property (facts 6.3). */
export function storeDraft(context: Context, folder: number, draft: Draft): number {
  const { store, mailbox } = context;
  const now = new Date(store.clock.now());
  const flags = propertyOf(draft.extended, 'Integer 0x0E07');
  const isDraft = flags === undefined || (Number(flags) & UNSENT) !== 0;
  const isRead = draft.entity.isRead ?? (flags === undefined ? true : (Number(flags) & READ) !== 0);
  const internetMessageId = typeof draft.entity.internetMessageId === 'string' ? draft.entity.internetMessageId : newMessageId(context, mailbox.mailbox);
  const message: NewMessage = {
    entity: { ...draft.entity, isDraft, isRead, internetMessageId, body: { contentType: draft.entity.contentType ?? 'text', content: draft.body } },
    receivedDateTime: timeOf(propertyOf(draft.extended, 'SystemTime 0x0E06')) ?? now, sentDateTime: timeOf(propertyOf(draft.extended, 'SystemTime 0x0039')) ?? now,
    attachments: draft.attachments, references: draft.references,
    // The flags are shown as the service derives them from then on.
    extendedProperties: draft.extended.filter((property) => !sameProperty(property.id, 'Integer 0x0E07')),
    ...(draft.mime === undefined ? {} : { mime: draft.mime }),
  };
  return new MailboxFiller(store, mailbox).insertMessage(folder, message, now.getTime());
}
