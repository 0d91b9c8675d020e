/**
 * Owns: CreateSubscription: the service tells an address of yours what changes.
 */
import { isLoopback } from '../../http/origin.js';
import { emit, send, type Script } from './effect.js';
import { textAt, type Inputs } from './inputs.js';
import { defined } from './message.js';
import { columnValue } from './values.js';

export function* createSubscription(inputs: Inputs): Script {
  const given = inputs.need('Resource').replace(/^\//, '');
  const url = inputs.need('NotificationUrl');
  // Plain http reaches this machine only, from a service that runs on it.
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== 'https:' && !(address?.protocol === 'http:' && isLoopback(address.hostname))) inputs.refuse('NotificationUrl', 'has to be an https address', 'The service only calls https.');
  const isWhole = /^(?:me|users|groups|drives|sites|communications|teams|chats)(?:\/|\(|$)/i.test(given);
  const answer = yield* send({
    method: 'POST',
    path: '/subscriptions',
    mailbox: null,
    body: {
      json: defined({
        changeType: (inputs.list('ChangeType') ?? ['created', 'updated', 'deleted']).join(','),
        notificationUrl: url,
        lifecycleNotificationUrl: inputs.text('LifecycleNotificationUrl'),
        // Relative ones are those of the call's mailbox.
        resource: isWhole ? given : `${inputs.path('').replace(/^\//, '')}/${given}`,
        expirationDateTime: inputs.need('ExpirationDateTime'),
        clientState: inputs.text('ClientState'),
      }),
    },
    sample: { id: '{id}' },
  });
  yield* emit([textAt(answer, 'id'), textAt(answer, 'resource'), textAt(answer, 'changeType'), columnValue(textAt(answer, 'expirationDateTime'), 'timestamp'), 'Success']);
}
