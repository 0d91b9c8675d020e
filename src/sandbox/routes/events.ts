/**
 * Owns: events, calendar views, instances, calendars and calendar groups.
 * Does not own: expansion (calendar/), attachments.
 * Invariants: /events has single events and masters, views have single events, occurrences and exceptions (facts 8).
 */
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { badRequest, GraphError, invalidFilter, itemNotFound } from '../graph-error.js';
import { isObject, type Entity } from '../json.js';
import { dateOfDay, inZone, presentEvent } from '../calendar/event-view.js';
import { hasDate, occurrenceOn, occurrencesOf, viewOf, wholeEvent, type Occurrence } from '../calendar/occurrence.js';
import { inspectFilter } from '../odata/index.js';
import { presentItem, shape, withExtended } from '../present.js';
import { metadataOf, serveCollection, serveCount, showRow, type CollectionSpec } from '../query/collection.js';
import { checkOutlookNodes } from '../query/message-rules.js';
import { parseFor, type Parsed } from '../query/parsed.js';
import type { Item } from '../store/items.js';
import type { Json } from '../writer.js';
import { expandAttachments, EXPAND_LIMIT } from './attachments.js';
import { EXTENDED_EXPANDERS } from './extended.js';
import { calendarItem, folderItem, readId } from './lookup.js';

const COLLECTIONS = new Set(['categories', 'singleValueExtendedProperties', 'extensions']);

function check(parsed: Parsed): void {
  if (parsed.filter === undefined) return;
  const use = inspectFilter(parsed.filter);
  checkOutlookNodes(use, COLLECTIONS);
  // "Invalid filter clause" (facts 1.3).
  if (use.paths.includes('lastModifiedDateTime')) throw badRequest('Invalid filter clause');
  if (use.paths.some((path) => /^(body|attendees|locations|id|webLink|changeKey)(\/|$)/.test(path))) throw invalidFilter();
}

type Event = Entity & { readonly $?: never };

/** Presents occurrences; remembers which row came from which, for expansions. */
function rowsOf(context: Context, occurrences: readonly Occurrence[], parsed: Parsed, source: Map<string, Occurrence>): Event[] {
  return occurrences.map((occurrence) => {
    const entity = presentEvent(occurrence, context, parsed.mentioned);
    source.set(String(entity.id), occurrence);
    return entity;
  });
}

function eventSpec(context: Context, metadata: string, occurrences: () => readonly Occurrence[], view: boolean): CollectionSpec {
  const source = new Map<string, Occurrence>();
  return {
    type: 'event',
    metadata,
    // A view's filter is ignored (facts 1.3).
    ...(view ? { ignores: ['filter'] as const } : {}),
    check,
    rows: (parsed) => rowsOf(context, occurrences(), parsed, source),
    expand: {
      attachments: (entity, item) => expandAttachments(-(source.get(String(entity.id))?.item.n ?? 0), item, context),
      calendar: (entity): Json => {
        const parent = context.store.items.get(source.get(String(entity.id))?.item.parent ?? 0);
        return parent === undefined ? null : presentItem(parent, context);
      },
      ...EXTENDED_EXPANDERS,
      extensions: () => [],
      exceptionOccurrences: (entity) => entity.exceptionOccurrences ?? [],
    },
    finish: (shown) => inZone(shown, source.get(String(shown.id))?.item.entity.isAllDay === true, context),
  };
}

const eventsOf = (context: Context, calendar: Item): readonly Item[] => context.store.items.list(context.mailbox.mailbox, 'event', calendar.n);

const listEvents = (context: Context, id: string): CollectionSpec => {
  const calendar = calendarItem(context, id);
  return eventSpec(context, id === '' ? '/events' : `/calendars('${encodeURIComponent(id)}')/events`, () => eventsOf(context, calendar).map(wholeEvent), false);
};

/** The window of a view: both bounds, each with its own offset, UTC if none (facts 1.3). */
export function windowOf(context: Context): { readonly from: number; readonly to: number } {
  const bound = (name: string): number => {
    const text = context.options.custom.get(name.toLowerCase());
    if (text === undefined || text === '') throw new GraphError(400, 'ErrorInvalidRequest', 'This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.');
    const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d)?(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)?$/i.exec(text.trim());
    const ms = match === null ? Number.NaN : Date.parse(`${match[1]!}T${match[2] ?? '00:00'}${match[3] ?? ':00'}${(match[4] ?? '').slice(0, 4)}${match[5]?.toUpperCase() ?? 'Z'}`);
    if (Number.isNaN(ms)) throw new GraphError(400, 'ErrorInvalidParameter', `The value '${text}' of parameter '${name}' is invalid.`);
    return ms;
  };
  const window = { from: bound('startDateTime'), to: bound('endDateTime') };
  if (window.to < window.from) throw new GraphError(400, 'ErrorInvalidParameter', "The value of parameter 'EndDateTime' is before that of 'StartDateTime'.");
  return window;
}

const views = new WeakMap<readonly Item[], Map<string, readonly Occurrence[]>>();

/** Expansions are kept as long as the calendar's list of items is the same. */
export function calendarView(context: Context, calendar: Item, window: { readonly from: number; readonly to: number }): readonly Occurrence[] {
  const items = eventsOf(context, calendar);
  let known = views.get(items);
  if (known === undefined) {
    known = new Map();
    views.set(items, known);
  }
  const key = `${String(window.from)}/${String(window.to)}`;
  let found = known.get(key);
  if (found === undefined) {
    found = viewOf(items, window.from, window.to);
    if (known.size > 20) known.clear();
    known.set(key, found);
  }
  return found;
}

const listView = (context: Context, id: string): CollectionSpec => {
  const calendar = calendarItem(context, id);
  const window = windowOf(context);
  return eventSpec(context, id === '' ? '/calendarView' : `/calendars('${encodeURIComponent(id)}')/calendarView`, () => calendarView(context, calendar, window), true);
};

/** An event, or one occurrence, by id. */
export function findEvent(context: Context, id: string): Occurrence {
  const ref = readId(context, id, ['event']);
  const item = context.store.items.get(ref.row);
  if (item?.kind !== 'event' || (!ref.immutable && item.moves !== ref.moves)) throw itemNotFound();
  if (ref.day === 0) return wholeEvent(item);
  const date = dateOfDay(ref.day);
  const occurrence = hasDate(item, date) ? occurrenceOn(item, date) : undefined;
  if (occurrence === undefined) throw itemNotFound();
  return occurrence;
}

const getEvent: Route = (context, [id = '']) => {
  const occurrence = findEvent(context, id);
  const spec = eventSpec(context, '/events', () => [occurrence], false);
  const parsed = parseFor('event', context.options, { filter: false, orderby: false });
  const [row] = spec.rows(parsed);
  return json({ '@odata.context': `${context.contextBase}${metadataOf('/events', parsed)}/$entity`, ...showRow(row!, spec, parsed) });
};

const instances = (context: Context, id: string): CollectionSpec => {
  const master = findEvent(context, id);
  const window = windowOf(context);
  if (!isObject(master.item.entity.recurrence)) throw new GraphError(400, 'ErrorInvalidRequest', 'The event is not a series master.');
  return eventSpec(context, `/events('${encodeURIComponent(id)}')/instances`, () => [...occurrencesOf(master.item, window.from, window.to)].sort((left, right) => left.start - right.start), true);
};

const calendars = (context: Context, group: number | undefined): CollectionSpec => ({
  type: 'calendar',
  metadata: '/calendars',
  rows: () => context.store.items.list(context.mailbox.mailbox, 'calendar', group).map((item) => withExtended(presentItem(item, context), item)),
  check,
  expand: { ...EXTENDED_EXPANDERS, calendarPermissions: () => [], events: (entity) => context.store.items.list(context.mailbox.mailbox, 'event', calendarItem(context, String(entity.id)).n).slice(0, EXPAND_LIMIT).map((item) => shape(presentEvent(wholeEvent(item), context, new Set(['*'])), 'event', undefined)) },
});

const groups = (context: Context): CollectionSpec => ({
  type: 'calendarGroup',
  metadata: '/calendarGroups',
  rows: () => context.store.items.list(context.mailbox.mailbox, 'calendarGroup').map((item) => presentItem(item, context)),
  expand: { calendars: (entity) => context.store.items.list(context.mailbox.mailbox, 'calendar', folderItem(context, String(entity.id), 'calendarGroup').n).slice(0, EXPAND_LIMIT).map((item) => presentItem(item, context)) },
});

const single = (context: Context, item: Item, spec: CollectionSpec): ReturnType<Route> => {
  const parsed = parseFor(spec.type, context.options, { filter: false, orderby: false });
  return json({ '@odata.context': `${context.contextBase}${metadataOf(spec.metadata, parsed)}/$entity`, ...showRow(withExtended(presentItem(item, context), item), spec, parsed) });
};

const calendarOfEvent: Route = (context, [id = '']) => single(context, context.store.items.get(findEvent(context, id).item.parent)!, calendars(context, undefined));

/** `calendar/…` comes as `calendars//…`: the empty key is the default calendar. */
export const EVENT_ROUTES: readonly (readonly [string, Route])[] = [
  ['events', (context) => serveCollection(context, listEvents(context, ''))],
  ['events/$count', (context) => serveCount(context, listEvents(context, ''))],
  ['events/:', getEvent],
  ['events/:/instances', (context, [id = '']) => serveCollection(context, instances(context, id))],
  ['events/:/instances/$count', (context, [id = '']) => serveCount(context, instances(context, id))],
  ['events/:/calendar', calendarOfEvent],
  ['calendarView', (context) => serveCollection(context, listView(context, ''))],
  ['calendarView/$count', (context) => serveCount(context, listView(context, ''))],
  ['calendars', (context) => serveCollection(context, calendars(context, undefined))],
  ['calendars/$count', (context) => serveCount(context, calendars(context, undefined))],
  ['calendars/:', (context, [id = '']) => single(context, calendarItem(context, id), calendars(context, undefined))],
  ['calendars/:/events', (context, [id = '']) => serveCollection(context, listEvents(context, id))],
  ['calendars/:/events/$count', (context, [id = '']) => serveCount(context, listEvents(context, id))],
  ['calendars/:/calendarView', (context, [id = '']) => serveCollection(context, listView(context, id))],
  ['calendars/:/calendarView/$count', (context, [id = '']) => serveCount(context, listView(context, id))],
  ['calendarGroups', (context) => serveCollection(context, groups(context))],
  ['calendarGroups/$count', (context) => serveCount(context, groups(context))],
  ['calendarGroups/:', (context, [id = '']) => single(context, folderItem(context, id, 'calendarGroup'), groups(context))],
  ['calendarGroups/:/calendars', (context, [id = '']) => serveCollection(context, calendars(context, folderItem(context, id, 'calendarGroup').n))],
];
