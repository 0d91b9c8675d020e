/**
 * Owns: SendMail: a whole message in one request, or by way of a draft where it is too large; or a draft that is there.
 * Does not own: attachments (attachment.ts), the message's JSON (message.ts).
 * Invariants: a send is one request that is never repeated; what fails before it leaves the draft, and the error names it.
 */
import { randomUUID } from 'node:crypto';
import { ExchangeSqlError } from '../../errors.js';
import { isItemNotFound, isMalformedId, isNoDraft } from '../errors.js';
import { addAttachment, attachmentsOf, fileAttachment, type Attachment } from './attachment.js';
import { quote, withQuery } from '../literal.js';
import { MARK } from '../write-recover.js';
import { create, emit, exchange, send, type Script } from './effect.js';
import type { Inputs } from './inputs.js';
import { addressesIn, messageOf, type Json } from './message.js';

/** Graph takes some 4 MB a request; base64 makes four bytes of three. */
const REQUEST_BYTES = 3 * 1024 * 1024;

export function* sendMail(inputs: Inputs): Script {
  const message = messageOf(inputs);
  const attachments = yield* attachmentsOf(inputs);
  const id = inputs.text('Id');
  const keep = inputs.flag('SaveToSentItems') ?? true;
  if (id !== undefined) yield* sendDraft(inputs, id, message, attachments);
  else {
    if (message['toRecipients'] === undefined && message['ccRecipients'] === undefined && message['bccRecipients'] === undefined) inputs.missing('ToRecipients');
    if (sizeOf(message, attachments) <= REQUEST_BYTES) {
      const whole = attachments.length === 0 ? message : { ...message, attachments: attachments.map(fileAttachment) };
      yield* exchange({ method: 'POST', path: inputs.path('/sendMail'), body: { json: { message: whole, saveToSentItems: keep } }, mails: addressesIn(inputs) });
      yield* emit(['Success', null]);
    } else {
      if (!keep) throw new ExchangeSqlError('NOT_SUPPORTED', 'SaveToSentItems = false is not offered with more than 3 MB', { hint: 'The service always keeps a copy of a draft that is sent. Leave SaveToSentItems out, or send less.' });
      yield* sendDraft(inputs, yield* createDraft(inputs.path('/messages'), message), undefined, attachments);
    }
  }
}

/** A draft that is found by its mark where the answer is lost. */
function* createDraft(path: string, message: Json): Script<string> {
  const value = randomUUID();
  const filter = `singleValueExtendedProperties/any(ep:ep/id eq ${quote(MARK)} and ep/value eq ${quote(value)})`;
  const json = { ...message, singleValueExtendedProperties: [{ id: MARK, value }] };
  const id = yield* create({ method: 'POST', path, body: { json } }, { url: withQuery(path, [{ name: '$filter', value: filter }]), by: 'mark' });
  if (id === null) throw new ExchangeSqlError('BAD_RESPONSE', 'The service made a draft and did not say which.', { hint: 'Nothing was sent; look in Drafts.' });
  return id;
}

/** Changes the draft as far as the call says, adds the attachments, sends it. */
function* sendDraft(inputs: Inputs, id: string, changes: Json | undefined, attachments: readonly Attachment[]): Script {
  const owner = inputs.path('/messages/{id}', { id });
  let doing = 'changing it';
  try {
    if (changes !== undefined && Object.keys(changes).length > 0) yield* send({ method: 'PATCH', path: owner, body: { json: changes }, repeat: 'safe' });
    for (const [index, attachment] of attachments.entries()) {
      doing = `adding attachment ${String(index + 1)} of ${String(attachments.length)}`;
      yield* addAttachment(owner, attachment);
    }
    doing = 'sending it';
    yield* exchange({ method: 'POST', path: `${owner}/send`, mails: addressesIn(inputs) });
  } catch (error) {
    throw withDraft(error, id, doing);
  }
  yield* emit(['Success', id]);
}

function sizeOf(message: Json, attachments: readonly Attachment[]): number {
  return Buffer.byteLength(JSON.stringify(message)) + attachments.reduce((sum, { name, bytes }) => sum + Math.ceil(bytes.length / 3) * 4 + name.length + 200, 0);
}

/** The error with the draft that is left. */
export function withDraft(error: unknown, id: string, doing: string): unknown {
  // There is no draft to go on with: it was sent, is gone, or never was.
  if (isNoDraft(error) || isItemNotFound(error) || isMalformedId(error)) return error;
  if (!(error instanceof ExchangeSqlError)) return error;
  const unknown = error.code === 'OUTCOME_UNKNOWN' && doing === 'sending it';
  return new ExchangeSqlError(error.code, `${error.message.replace(/\.$/, '')}; it happened while ${doing}, and ${unknown ? 'unless it was sent, the draft is in Drafts' : 'the draft stays in Drafts'} (id ${id}).`, {
    hint: unknown ? 'Look in Sent Items before you send it again.' : `Go on with EXEC SendMail Id = …, or delete the draft. ${error.hint ?? ''}`.trim(),
    retryable: false,
    cause: error,
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.serviceCode === undefined ? {} : { serviceCode: error.serviceCode }),
  });
}
