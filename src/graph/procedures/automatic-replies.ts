/**
 * Owns: SetAutomaticReplies.
 */
import { emit, send, type Script } from './effect.js';
import { textAt, type Inputs } from './inputs.js';
import { defined } from './message.js';
import { zonedTime } from './time.js';

export function* setAutomaticReplies(inputs: Inputs): Script {
  const status = inputs.need('Status');
  const start = zonedTime(inputs, 'StartTime', 'TimeZone');
  const end = zonedTime(inputs, 'EndTime', 'TimeZone');
  if (status === 'scheduled' && (start === undefined || end === undefined)) inputs.missing(start === undefined ? 'StartTime' : 'EndTime');
  if (status !== 'scheduled' && (start !== undefined || end !== undefined)) inputs.refuse(start === undefined ? 'EndTime' : 'StartTime', `has no meaning with Status = ${status}`, "Use Status = 'scheduled'.");
  const setting = defined({
    status,
    externalAudience: inputs.text('ExternalAudience'),
    internalReplyMessage: inputs.content('InternalMessage'),
    externalReplyMessage: inputs.content('ExternalMessage'),
    scheduledStartDateTime: start,
    scheduledEndDateTime: end,
  });
  const answer = yield* send({ method: 'PATCH', path: inputs.path('/mailboxSettings'), body: { json: { automaticRepliesSetting: setting } }, repeat: 'safe' });
  yield* emit([textAt(answer, 'automaticRepliesSetting/status') ?? status, 'Success']);
}
