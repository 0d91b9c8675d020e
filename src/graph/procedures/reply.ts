/**
 * Owns: ReplyToMessage and ForwardMail: at once, as a draft, as text or HTML above the original.
 * Invariants: the original is always quoted below; facts 7: a comment and a body exclude each other in one request, so HTML goes
 * by way of the draft that the service makes.
 */
import { emit, exchange, send, type Script } from './effect.js';
import { member, textAt, type Inputs } from './inputs.js';
import { addressesIn, recipientsIn } from './message.js';
import { withDraft } from './send-mail.js';

export function* replyToMessage(inputs: Inputs): Script {
  const all = inputs.flag('ToAll') === true;
  yield* answer(inputs, all ? 'replyAll' : 'reply', all ? 'createReplyAll' : 'createReply');
}

export function* forwardMail(inputs: Inputs): Script {
  if (inputs.flag('DraftOnly') !== true && addressesIn(inputs).length === 0) inputs.missing('ToRecipients');
  yield* answer(inputs, 'forward', 'createForward');
}

function* answer(inputs: Inputs, action: string, draftAction: string): Script {
  const id = inputs.need('MessageId');
  const comment = inputs.content('Comment') ?? '';
  const html = inputs.text('ContentType') === 'html';
  const draftOnly = inputs.flag('DraftOnly') === true;
  const recipients = recipientsIn(inputs);
  const message = Object.keys(recipients).length === 0 ? {} : { message: recipients };
  const mails = addressesIn(inputs);
  if (!html && !draftOnly) {
    yield* exchange({ method: 'POST', path: inputs.path(`/messages/{id}/${action}`, { id }), body: { json: { ...message, comment } }, mails });
    yield* emit(['Success', null]);
    return;
  }
  const draft = yield* send({ method: 'POST', path: inputs.path(`/messages/{id}/${draftAction}`, { id }), body: { json: html ? message : { ...message, comment } }, sample: { id: '{draft id}' } });
  const draftId = String(draft['id']);
  const owner = inputs.path('/messages/{id}', { id: draftId });
  let doing = 'writing its body';
  try {
    if (html) yield* send({ method: 'PATCH', path: owner, body: { json: { body: { contentType: 'html', content: above(comment, member(draft, 'body')) } } }, repeat: 'safe' });
    doing = 'sending it';
    if (!draftOnly) yield* exchange({ method: 'POST', path: `${owner}/send`, mails });
  } catch (error) {
    throw withDraft(error, draftId, doing);
  }
  yield* emit(['Success', draftId]);
}

/** HTML above the quoted original, inside its body element where it has one. */
function above(comment: string, body: unknown): string {
  const original = textAt(body, 'content') ?? '';
  if (textAt(body, 'contentType') !== 'html') return `${comment}<br><pre>${escapeHtml(original)}</pre>`;
  const opening = /<body\b[^>]*>/i.exec(original);
  if (opening === null) return `${comment}<br>${original}`;
  const end = opening.index + opening[0].length;
  return `${original.slice(0, end)}${comment}<br>${original.slice(end)}`;
}

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
