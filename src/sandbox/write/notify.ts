/**
 * Owns: telling subscribers' addresses of changes, after each write (facts 6.3).
 * Does not own: making subscriptions.
 * Invariants: a change is told once for each subscription it belongs to; an address that fails is not asked again; nobody waits for it.
 */
import type { Service } from '../context.js';
import type { Entity } from '../json.js';
import { textAt } from '../json.js';
import type { Item, ItemKind } from '../store/items.js';
import type { Store } from '../store/store.js';
import type { Json } from '../writer.js';
import { idOf, living } from './subscriptions.js';

const ANSWER_MS = 10_000;

/** What the notification calls the kinds. Files carry no resource data. */
const NAMES = { message: 'Message', event: 'Event', contact: 'Contact', todoTask: 'TodoTask' } as const;
type Told = keyof typeof NAMES | 'driveItem';

interface Row { readonly n: number; readonly moves: number; readonly version: number; readonly parent: number }
interface Change { readonly type: 'created' | 'updated' | 'deleted'; readonly row: Row }

/** Changes of a kind after `since`, in one folder or anywhere. */
function changesOf(store: Store, mailbox: number, kind: Told, parent: number | null, since: number): readonly Change[] {
  const { database } = store;
  const [table, column] = kind === 'message' ? ['message', 'folder'] : ['item', 'parent'];
  const only = kind === 'message' ? '' : 'AND kind = ?';
  const gone = database.all<Row & { readonly version: number }>('SELECT n, moves, 0 AS version, parent FROM tombstone WHERE mailbox = ? AND kind = ? AND seq > ? ORDER BY seq', mailbox, kind satisfies ItemKind | 'message', since);
  const rows = database.all<Row>(`SELECT n, moves, version, ${column} AS parent FROM ${table} WHERE mailbox = ? ${only} AND seq > ? ORDER BY seq`, mailbox, ...(kind === 'message' ? [] : [kind]), since);
  const here = (row: Row): boolean => parent === null || row.parent === parent;
  const present = new Map(rows.map((row) => [row.n, row]));
  const removed = gone.filter((tombstone) => here(tombstone) && !(present.get(tombstone.n) !== undefined && here(present.get(tombstone.n)!)));
  // What moved here from elsewhere is new here.
  const arrived = (row: Row): boolean => parent !== null && gone.some((tombstone) => tombstone.n === row.n && tombstone.parent !== parent);
  return [
    ...rows.filter(here).map((row): Change => ({ type: row.version === 1 || arrived(row) ? 'created' : 'updated', row })),
    ...removed.map((row): Change => ({ type: 'deleted', row })),
  ];
}

function notification(store: Store, subscription: Item, kind: Told, mailbox: number, change: Change): Json {
  const owner = store.mailboxes.byNumber(mailbox)?.guid ?? '';
  const common: Entity = {
    subscriptionId: idOf(store, subscription), subscriptionExpirationDateTime: subscription.entity.expirationDateTime ?? null, changeType: change.type, clientState: subscription.entity.clientState ?? null,
    tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
  };
  if (kind === 'driveItem') return { ...common, resource: String(subscription.entity.resource), resourceData: null };
  const id = store.id(kind, change.row.n, false, change.row.moves);
  const resource = `Users/${owner}/${NAMES[kind]}s/${id}`;
  return {
    ...common, resource,
    resourceData: { '@odata.type': `#Microsoft.Graph.${NAMES[kind]}`, '@odata.id': resource, ...(change.type === 'deleted' ? {} : { '@odata.etag': `W/"${store.ids.changeKey(change.row.n, change.row.version)}"` }), id },
  };
}

/** Sends what has changed since the last call, and returns at once. */
export function tellSubscribers({ store }: Pick<Service, 'store'>): void {
  for (const subscription of living(store)) {
    const { kind, mailbox, parent, seq } = subscription.extra as { readonly kind: string; readonly mailbox: number; readonly parent: number | null; readonly seq: number };
    if (mailbox === 0 || store.database.seq(mailbox) === seq) continue;
    store.items.patch(subscription.n, {}, store.clock.now(), { extra: { ...subscription.extra, seq: store.database.seq(mailbox) } });
    const wanted = new Set(String(subscription.entity.changeType).split(',').map((type) => type.trim()));
    const value = changesOf(store, mailbox, kind as Told, parent, seq).filter((change) => wanted.has(change.type)).map((change) => notification(store, subscription, kind as Told, mailbox, change));
    if (value.length > 0) post(textAt(subscription.entity, 'notificationUrl') ?? '', { value });
  }
}

function post(url: string, body: Json): void {
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body), redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) })
    .then((answer) => answer.body?.cancel(), () => undefined)
    .catch(() => undefined);
}
