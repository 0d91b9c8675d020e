/**
 * Owns: the JSON of a message from the inputs that SendMail, replies and forwards share.
 * Invariants: a member is there only if an input gives it.
 */
import type { Inputs, Recipient } from './inputs.js';

export type Json = Record<string, unknown>;

const one = (inputs: Inputs, name: string): Recipient | undefined => {
  const found = inputs.recipients(name);
  if (found !== undefined && found.length > 1) inputs.refuse(name, 'names several people', 'Name one.');
  return found?.[0];
};

/** The whole message as SendMail describes it. */
export function messageOf(inputs: Inputs): Json {
  const content = inputs.content('Content');
  return defined({
    subject: inputs.content('Subject'),
    body: content === undefined ? undefined : { contentType: inputs.text('ContentType') ?? 'text', content },
    ...recipientsIn(inputs),
    from: one(inputs, 'FromEmail'),
    sender: one(inputs, 'SenderEmail'),
    replyTo: inputs.recipients('ReplyTo'),
    importance: inputs.text('Importance'),
    categories: inputs.list('Categories'),
    isReadReceiptRequested: inputs.flag('IsReadReceiptRequested'),
    isDeliveryReceiptRequested: inputs.flag('IsDeliveryReceiptRequested'),
  });
}

export function recipientsIn(inputs: Inputs): Json {
  return defined({ toRecipients: inputs.recipients('ToRecipients'), ccRecipients: inputs.recipients('CCRecipients'), bccRecipients: inputs.recipients('BccRecipients') });
}

/** Addresses of all recipients the inputs name. */
export function addressesIn(inputs: Inputs): readonly string[] {
  return ['ToRecipients', 'CCRecipients', 'BccRecipients'].flatMap((name) => inputs.recipients(name) ?? []).map(({ emailAddress }) => emailAddress.address);
}

export const defined = (members: Json): Json => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
