/**
 * Owns: reply, replyAll, forward, and their drafts (createReply …).
 * Does not own: sending (send.ts), drafts (drafts.ts).
 * Invariants: comment or message.body, never both (facts section 7); an answer stays in the conversation of what it answers.
 */
import type { Context, Route } from '../../context.js';
import { GraphError } from '../../graph-error.js';
import { preview } from '../../html.js';
import { parseEntity, textAt, type Entity } from '../../json.js';
import { storedExtended } from '../../present.js';
import { messageRow } from '../../routes/lookup.js';
import type { MessageRow } from '../../store/messages.js';
import type { Json } from '../../writer.js';
import { accepted, readParameters, transact, type WriteRoute } from '../index.js';
import { directoryName, draftFromJson, MESSAGE_RULES, newMessageId, storeDraft, type Draft } from './drafts.js';
import { storedMembers } from './message-body.js';
import { messageAnswer, wellKnownFolder } from './messages.js';
import { dispatch, IN_REPLY_TO, REFERENCES, referencesOf } from './send.js';

type Verb = 'reply' | 'replyAll' | 'forward';

const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value as readonly Json[] : []);
const addressOf = (recipient: Json): string => (textAt(recipient, 'emailAddress', 'address') ?? '').toLowerCase();

function distinct(recipients: readonly Json[], without: ReadonlySet<string>): Json[] {
  const seen = new Set(without);
  return recipients.filter((recipient) => {
    const address = addressOf(recipient);
    if (seen.has(address)) return false;
    seen.add(address);
    return true;
  });
}

function addressees(verb: Verb, original: Entity, own: string): { readonly toRecipients: Json[]; readonly ccRecipients: Json[] } {
  if (verb === 'forward') return { toRecipients: [], ccRecipients: [] };
  const answerTo = list(original.replyTo).length > 0 ? list(original.replyTo) : original.from === null || original.from === undefined ? [] : [original.from];
  if (verb === 'reply') return { toRecipients: distinct(answerTo, new Set()), ccRecipients: [] };
  const self = new Set([own.toLowerCase()]);
  const toRecipients = distinct([...answerTo, ...list(original.toRecipients)], self);
  const ccRecipients = distinct(list(original.ccRecipients), new Set([...self, ...toRecipients.map(addressOf)]));
  return { toRecipients: toRecipients.length === 0 && ccRecipients.length === 0 ? [...answerTo] : toRecipients, ccRecipients };
}

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(/\r?\n/g, '<br>');

/** The comment above what is answered, in the original's own kind of body. */
function quotedBody(row: MessageRow, original: Entity, comment: string): { readonly contentType: string; readonly content: string } {
  const from = `${textAt(original, 'from', 'emailAddress', 'name') ?? ''} <${textAt(original, 'from', 'emailAddress', 'address') ?? ''}>`;
  const to = list(original.toRecipients).map((recipient) => textAt(recipient, 'emailAddress', 'name') ?? '').join('; ');
  const subject = textAt(original, 'subject') ?? '';
  const sent = new Date(row.sent).toUTCString();
  if (original.contentType !== 'html') return { contentType: 'text', content: `${comment}\r\n\r\n________________________________\r\nFrom: ${from}\r\nSent: ${sent}\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\n${row.body ?? ''}` };
  const inner = /<body[^>]*>([\s\S]*)<\/body>/i.exec(row.body ?? '')?.[1] ?? row.body ?? '';
  return {
    contentType: 'html',
    content: `<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>${escapeHtml(comment)}<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><b>From:</b> ${escapeHtml(from)}<br><b>Sent:</b> ${sent}<br><b>To:</b> ${escapeHtml(to)}<br><b>Subject:</b> ${escapeHtml(subject)}</div><div>${inner}</div></body></html>`,
  };
}

const both = (left: string, right: string): GraphError => new GraphError(400, 'ErrorInvalidArgument', `Specify either '${left}' or '${right}', not both.`);

/** What the request makes of the original: a draft that is not stored yet. */
function answerTo(context: Context, row: MessageRow, verb: Verb, action: string): Draft {
  const given = readParameters(context, action, { comment: 'String', message: 'message', ...(verb === 'forward' ? { toRecipients: '[recipient]' } : {}) }, MESSAGE_RULES);
  const message = given.message as Entity | undefined;
  if (given.comment !== undefined && message?.body !== undefined && message.body !== null) throw both('Comment', 'Message/body');
  if (given.toRecipients !== undefined && message?.toRecipients !== undefined && message.toRecipients !== null) throw both('ToRecipients', 'Message/toRecipients');
  const extra = draftFromJson(context, message ?? {});
  const original = parseEntity(row.entity);
  const quoted = quotedBody(row, original, typeof given.comment === 'string' ? given.comment : '');
  const hasBody = message?.body !== undefined && message.body !== null;
  const forwarded = given.toRecipients === undefined ? {} : storedMembers({ toRecipients: given.toRecipients }, directoryName(context)).members;
  const thread = [...referencesOf(storedExtended(row)), ...(textAt(original, 'internetMessageId') === undefined ? [] : [textAt(original, 'internetMessageId')!])];
  const bare = (textAt(original, 'subject') ?? '').replace(/^\s*(?:(?:re|fw|fwd|aw|wg)\s*:\s*)+/i, '');
  return {
    entity: {
      subject: `${verb === 'forward' ? 'FW' : 'RE'}: ${bare}`, ...addressees(verb, original, context.mailbox.upn),
      contentType: quoted.contentType, bodyPreview: preview(quoted.content, quoted.contentType), ...forwarded, ...extra.entity,
    },
    body: hasBody ? extra.body : quoted.content,
    extended: [...(thread.length === 0 ? [] : [{ id: IN_REPLY_TO, value: thread.at(-1)! }, { id: REFERENCES, value: thread.join(' ') }]), ...extra.extended],
    attachments: [...(verb === 'forward' ? context.store.attachments.contents(row.n) : []), ...extra.attachments],
    references: thread,
  };
}

function original(context: Context, id: string): MessageRow {
  return messageRow(context, id, { body: true, headers: false, extended: true });
}

/** Old mail may lack a Message-ID; what answers it belongs to its conversation all the same. */
function inConversation(context: Context, row: MessageRow, draft: Draft): Draft {
  const reference = draft.references.at(-1) ?? newMessageId(context, row.mailbox);
  context.store.conversations.tie(row.mailbox, reference, row.conversation);
  return draft.references.length > 0 ? draft : { ...draft, references: [reference] };
}

const direct = (verb: Verb): Route => (context, [id = '']) => {
  const row = original(context, id);
  const draft = answerTo(context, row, verb, verb);
  return transact(context, () => {
    dispatch(context, inConversation(context, row, draft), true);
    // The service notes on the original that it was answered, which is a new version of it.
    context.store.messages.patch(row.n, {}, context.store.clock.now());
    return accepted();
  });
};

const asDraft = (verb: Verb, action: string): Route => (context, [id = '']) => {
  const row = original(context, id);
  const draft = answerTo(context, row, verb, action);
  return transact(context, () => {
    const drafts = wellKnownFolder(context, 'drafts');
    return messageAnswer(context, storeDraft(context, drafts.n, inConversation(context, row, draft)), 201);
  });
};

export const REPLY_WRITES: readonly WriteRoute[] = [
  ['POST', 'messages/:/reply', direct('reply')],
  ['POST', 'messages/:/replyAll', direct('replyAll')],
  ['POST', 'messages/:/forward', direct('forward')],
  ['POST', 'messages/:/createReply', asDraft('reply', 'createReply')],
  ['POST', 'messages/:/createReplyAll', asDraft('replyAll', 'createReplyAll')],
  ['POST', 'messages/:/createForward', asDraft('forward', 'createForward')],
];
