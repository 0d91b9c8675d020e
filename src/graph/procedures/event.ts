/**
 * Owns: SnoozeEventReminder, and RespondToEvent: accept, decline or tentatively accept, with a comment and another time where that is allowed.
 * Invariants: facts 7: a proposed time needs a response that is sent, and cannot stand beside an acceptance.
 */
import { emit, exchange, type Script } from './effect.js';
import type { Inputs } from './inputs.js';
import { defined } from './message.js';
import { zonedTime } from './time.js';

const ACTIONS: Readonly<Record<string, string>> = { Accept: 'accept', Decline: 'decline', Tentative: 'tentativelyAccept', TentativelyAccept: 'tentativelyAccept' };

export function* respondToEvent(inputs: Inputs): Script {
  const id = inputs.need('EventId');
  const type = inputs.need('ResponseType');
  const action = ACTIONS[type] ?? 'accept';
  const sendResponse = inputs.flag('SendResponse') ?? true;
  const start = zonedTime(inputs, 'ProposedStart', 'ProposedTimeZone');
  const end = zonedTime(inputs, 'ProposedEnd', 'ProposedTimeZone');
  if ((start === undefined) !== (end === undefined)) inputs.refuse(start === undefined ? 'ProposedEnd' : 'ProposedStart', 'needs the other end of the time', 'Give ProposedStart and ProposedEnd.');
  if (start !== undefined && action === 'accept') inputs.refuse('ProposedStart', 'cannot stand beside ResponseType Accept', 'Use Tentative or Decline to propose another time.');
  if (start !== undefined && !sendResponse) inputs.refuse('ProposedStart', 'needs a response that is sent', 'Leave SendResponse = false out.');
  yield* exchange({
    method: 'POST',
    path: inputs.path(`/events/{id}/${action}`, { id }),
    body: { json: defined({ sendResponse, comment: inputs.content('Comment'), proposedNewTime: start === undefined ? undefined : { start, end } }) },
    ...(sendResponse ? { mails: ['{organizer}'] } : {}),
  });
  yield* emit(['Success']);
}

export function* snoozeEventReminder(inputs: Inputs): Script {
  const newReminderTime = zonedTime(inputs, 'DateTime', 'TimeZone') ?? inputs.missing('DateTime');
  yield* exchange({ method: 'POST', path: inputs.path('/events/{id}/snoozeReminder', { id: inputs.need('EventId') }), body: { json: { newReminderTime } }, repeat: 'safe', mayBeEmpty: true });
  yield* emit(['Success']);
}
