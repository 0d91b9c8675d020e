/**
 * Owns: subscriptions to changes: the handshake with the client's address, lifetimes, renewing (facts 6.3).
 * Does not own: telling of changes (notify.ts).
 * Invariants: none is made before its address has answered with the token; an expired one is gone; addresses are https, or http on this machine.
 */
import { randomUUID } from 'node:crypto';
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { GraphError } from '../graph-error.js';
import { iso, textAt, type Entity } from '../json.js';
import { guid } from '../random.js';
import { segmentsOf, shorten } from '../routes/path.js';
import type { Item } from '../store/items.js';
import type { Store } from '../store/store.js';
import { noContent, readEntity, transact, type WriteRoute } from './index.js';

const MINUTE_MS = 60_000;
const HANDSHAKE_MS = 10_000;
/** Minutes a subscription may live. For Outlook the older, shorter limit (facts 6.3 [?]). */
const LIFE = { outlook: 4230, drive: 42_300, directory: 41_760 } as const;
const CREATE_READ_ONLY = new Set(['applicationId', 'creatorId', 'notificationUrlAppId']);

const refused = (message: string): GraphError => new GraphError(400, 'InvalidRequest', message);
const unvalidated = (message: string): GraphError => new GraphError(400, 'ValidationError', message);

export interface Watched {
  readonly kind: 'message' | 'event' | 'contact' | 'todoTask' | 'driveItem' | 'user' | 'group';
  /** Mailbox number; 0: the tenant. */
  readonly mailbox: number;
  /** Row of the folder or list; undefined: everywhere. */
  readonly parent: number | undefined;
  readonly life: number;
}

/** What a resource path watches. Throws 400 for what cannot be watched. */
export function watched(store: Store, signedIn: number, resource: string): Watched {
  const segments = segmentsOf(resource.split('?')[0] ?? '');
  const [first = '', key = ''] = segments;
  const unknown = (): GraphError => refused(`Invalid resource path '${resource}'.`);
  if ((first === 'users' || first === 'groups') && segments.length === 1) return { kind: first === 'users' ? 'user' : 'group', mailbox: 0, parent: undefined, life: LIFE.directory };
  const mailbox = first === 'me' ? signedIn : first === 'users' ? store.mailboxes.find(key)?.mailbox : undefined;
  if (mailbox === undefined) throw unknown();
  const [what = '', id, child] = shorten(segments.slice(first === 'me' ? 1 : 2));
  const folder = (kind: 'mailFolder' | 'contactFolder' | 'todoList', text: string): number => {
    const found = store.wellKnown(mailbox, kind, text.toLowerCase()) ?? store.items.get(store.ids.read(text)?.row ?? -1);
    if (found?.kind !== kind || found.mailbox !== mailbox) throw unknown();
    return found.n;
  };
  switch (`${what}/${child ?? ''}`) {
    case 'messages/': case 'events/': case 'contacts/': return { kind: what.slice(0, -1) as 'message' | 'event' | 'contact', mailbox, parent: undefined, life: LIFE.outlook };
    case 'mailFolders/messages': return { kind: 'message', mailbox, parent: folder('mailFolder', id ?? ''), life: LIFE.outlook };
    case 'contactFolders/contacts': return { kind: 'contact', mailbox, parent: folder('contactFolder', id ?? ''), life: LIFE.outlook };
    case 'lists/tasks': return { kind: 'todoTask', mailbox, parent: folder('todoList', id ?? ''), life: LIFE.outlook };
    case 'drive/': if (id === 'root') return { kind: 'driveItem', mailbox, parent: undefined, life: LIFE.drive }; throw unknown();
    default: throw unknown();
  }
}

export const idOf = (store: Store, item: Item): string => guid(store.seed, item.n, 63);

/** The subscriptions that have not expired. */
export function living(store: Store): readonly Item[] {
  const now = store.clock.now();
  return store.items.list(0, 'subscription').filter((item) => Date.parse(textAt(item.entity, 'expirationDateTime') ?? '') > now);
}

function checkUrl(name: string, text: string | undefined): URL {
  let url: URL | undefined;
  try {
    url = new URL(text ?? '');
  } catch {
    url = undefined;
  }
  const local = url !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  // The service takes https only; a sandbox without certificates lets this machine be addressed plainly.
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && local))) throw refused(`The '${name}' must be a well-formed HTTPS address.`);
  return url;
}

function checkChanges(text: string): void {
  const types = text.split(',').map((type) => type.trim());
  if (types.some((type) => !['created', 'updated', 'deleted'].includes(type)) || new Set(types).size !== types.length) throw refused(`The value '${text}' of 'changeType' is not valid.`);
}

function checkExpiration(now: number, text: string, life: number): void {
  const ms = Date.parse(text);
  if (ms <= now) throw refused('Subscription expiration must be in the future.');
  if (ms > now + life * MINUTE_MS) throw refused(`Subscription expiration can only be ${String(life)} minutes in the future.`);
}

/** "Answer 200 text/plain within 10 s", with the token and nothing else. */
async function shakeHands(address: URL): Promise<void> {
  const token = `Validation: ${randomUUID()}+/=&`;
  const url = new URL(address);
  url.search += `${url.search === '' ? '?' : '&'}validationToken=${encodeURIComponent(token)}`;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' }, redirect: 'manual', signal: AbortSignal.timeout(HANDSHAKE_MS) });
    text = await answer.text();
  } catch (error) {
    throw unvalidated(error instanceof Error && error.name === 'TimeoutError' ? 'Subscription validation request timed out.' : 'Subscription validation request failed. The notification endpoint could not be reached.');
  }
  if (answer.status !== 200) throw unvalidated('Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.');
  if (!/^text\/plain\b/i.test(answer.headers.get('content-type') ?? '') || text !== token) throw unvalidated('Subscription validation request failed. Response must exactly match validationToken query parameter.');
}

const shown = (context: Context, item: Item, withState: boolean): Entity => ({ id: idOf(context.store, item), ...item.entity, ...(withState ? {} : { clientState: null }) });

const add: Route = async (context) => {
  const given = readEntity(context, 'subscription', { readOnly: CREATE_READ_ONLY });
  for (const name of ['changeType', 'notificationUrl', 'resource', 'expirationDateTime']) if (given[name] === undefined || given[name] === null) throw refused(`The property '${name}' is required.`);
  const { store, signedIn } = context;
  checkChanges(String(given.changeType));
  const target = watched(store, signedIn.mailbox, String(given.resource));
  checkExpiration(store.clock.now(), String(given.expirationDateTime), target.life);
  if ((textAt(given, 'clientState') ?? '').length > 128) throw refused("The maximum length of 'clientState' is 128 characters.");
  if (given.includeResourceData === true && (typeof given.encryptionCertificate !== 'string' || typeof given.encryptionCertificateId !== 'string')) throw refused("'includeResourceData' needs 'encryptionCertificate' and 'encryptionCertificateId'.");
  await shakeHands(checkUrl('notificationUrl', textAt(given, 'notificationUrl')));
  if (textAt(given, 'lifecycleNotificationUrl') !== undefined) await shakeHands(checkUrl('lifecycleNotificationUrl', textAt(given, 'lifecycleNotificationUrl')));
  return transact(context, () => {
    const entity: Entity = {
      resource: '', applicationId: guid(store.seed, 9001), changeType: '', clientState: null, notificationUrl: '', notificationQueryOptions: null, lifecycleNotificationUrl: null, expirationDateTime: '', creatorId: signedIn.guid,
      includeResourceData: null, latestSupportedTlsVersion: 'v1_2', encryptionCertificate: null, encryptionCertificateId: null, notificationUrlAppId: null, ...given,
    };
    const extra = { kind: target.kind, mailbox: target.mailbox, parent: target.parent ?? null, seq: target.mailbox === 0 ? 0 : store.database.seq(target.mailbox) };
    const n = store.items.add({ kind: 'subscription', mailbox: 0, parent: 0, entity, extra }, store.clock.now());
    const answer = json({ '@odata.context': `${context.request.root}/$metadata#subscriptions/$entity`, ...shown(context, store.items.get(n)!, true) });
    return { ...answer, status: 201, headers: { ...answer.headers, location: `${context.request.root}/subscriptions('${idOf(store, store.items.get(n)!)}')` } };
  });
};

function find(context: Context, id: string): Item {
  const found = living(context.store).find((item) => idOf(context.store, item) === id);
  if (found === undefined) throw new GraphError(404, 'ResourceNotFound', 'The object was not found.');
  return found;
}

const patch: Route = (context, [id = '']) => {
  const given = readEntity(context, 'subscription', { readOnly: new Set(['applicationId', 'creatorId', 'changeType', 'resource', 'clientState', 'includeResourceData', 'encryptionCertificate']) });
  const item = find(context, id);
  if (typeof given.expirationDateTime !== 'string') throw refused("The property 'expirationDateTime' is required.");
  checkExpiration(context.store.clock.now(), given.expirationDateTime, watched(context.store, context.signedIn.mailbox, String(item.entity.resource)).life);
  return transact(context, () => {
    context.store.items.patch(item.n, { expirationDateTime: iso(Date.parse(String(given.expirationDateTime))) }, context.store.clock.now());
    return json({ '@odata.context': `${context.request.root}/$metadata#subscriptions/$entity`, ...shown(context, context.store.items.get(item.n)!, false) });
  });
};

const remove: Route = (context, [id = '']) => {
  const item = find(context, id);
  return transact(context, () => {
    context.store.items.remove(item.n);
    return noContent();
  });
};

export const SUBSCRIPTION_WRITES: readonly WriteRoute[] = [['POST', 'subscriptions', add], ['PATCH', 'subscriptions/:', patch], ['DELETE', 'subscriptions/:', remove]];

/** Options are all unsupported here (facts 1.3), so none is read. */
export const SUBSCRIPTION_ROUTES: readonly (readonly [string, Route])[] = [
  ['subscriptions', (context) => {
    const rows = living(context.store).map((item) => shown(context, item, false));
    return json({ '@odata.context': `${context.request.root}/$metadata#subscriptions`, value: rows }, rows.length);
  }],
  ['subscriptions/:', (context, [id = '']) => json({ '@odata.context': `${context.request.root}/$metadata#subscriptions/$entity`, ...shown(context, find(context, id), false) })],
];
