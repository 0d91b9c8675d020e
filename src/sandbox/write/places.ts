/**
 * Owns: changing rooms and room lists.
 * Does not own: making them (they come from Exchange).
 * Invariants: the body names its type; what identifies a place stays.
 */
import type { Context, Route } from '../context.js';
import { itemNotFound } from '../graph-error.js';
import { textAt } from '../json.js';
import type { Item } from '../store/items.js';
import { allBut, readJson, readNested, transact, updated, type WriteRoute } from './index.js';
import { refused } from './directory-body.js';

const PLACE = ['address', 'geoCoordinates', 'isWheelChairAccessible', 'label', 'phone', 'tags'];
const READ_ONLY = {
  room: allBut('room', [...PLACE, 'audioDeviceName', 'bookingType', 'building', 'capacity', 'displayDeviceName', 'floorLabel', 'floorNumber', 'nickname', 'videoDeviceName']),
  roomList: allBut('roomList', PLACE),
};

function find(context: Context, key: string): Item {
  for (const kind of ['room', 'roomList'] as const) {
    const found = context.store.items.list(0, kind).find((item) => item.entity.id === key || textAt(item.entity, 'emailAddress')?.toLowerCase() === key.toLowerCase());
    if (found !== undefined) return found;
  }
  throw itemNotFound();
}

const patch: Route = (context, [key = '']) => {
  const body = readJson(context);
  const type = /^#?microsoft\.graph\.(room|roomList)$/.exec(textAt(body, '@odata.type') ?? '')?.[1] as 'room' | 'roomList' | undefined;
  if (type === undefined) throw refused("The request body must name its '@odata.type': '#microsoft.graph.room' or '#microsoft.graph.roomList'.");
  const { '@odata.type': _type, ...given } = readNested(body, type, { readOnly: READ_ONLY[type] });
  const item = find(context, key);
  if (item.kind !== type) throw refused(`The place is no ${type}.`);
  return transact(context, () => {
    context.store.items.patch(item.n, given, context.store.clock.now());
    return updated(context, 'places', { '@odata.type': `#microsoft.graph.${type}`, ...context.store.items.get(item.n)!.entity });
  });
};

export const PLACE_WRITES: readonly WriteRoute[] = [['PATCH', 'places/:', patch]];
