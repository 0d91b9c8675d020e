/**
 * Owns: what is tracked: messages of a folder, folders, events of a calendar or a window, contacts, contact folders, tasks.
 * Does not own: rounds and tokens.
 * Invariants: a message that left the folder is told as removed, under the id it had there.
 */
import type { Context, Route } from '../context.js';
import { dayNumber, inZone, presentEvent } from '../calendar/event-view.js';
import { cancelledDates, viewOf, wholeEvent, type Occurrence } from '../calendar/occurrence.js';
import { immutableIn, heavyFor, presentFolder, presentItem, shape } from '../present.js';
import { parseFor, type Parsed } from '../query/parsed.js';
import { calendarItem, contactFolder, defaultContactFolder, folderItem, mailFolder } from '../routes/lookup.js';
import { windowOf } from '../routes/events.js';
import { showMessage } from '../routes/messages.js';
import type { Kind } from '../ids.js';
import { columnsFor, type MessageRow } from '../store/messages.js';
import type { Item, ItemKind } from '../store/items.js';
import { isObject, type Entity } from '../json.js';
import { removed, serveRound, type Step, type Tracked } from './round.js';
import type { Round } from './token.js';

const DAY_MS = 86_400_000;

interface Tombstone { readonly n: number; readonly moves: number; readonly seq: number }

/** `parent` undefined: anywhere in the mailbox. */
function buried(context: Context, kind: ItemKind | 'message', parent: number | undefined, from: number, until: number): readonly Tombstone[] {
  const place = parent === undefined ? '' : 'AND parent = ?';
  return context.store.database.all<Tombstone>(
    `SELECT n, moves, seq FROM tombstone WHERE mailbox = ? AND kind = ? ${place} AND seq > ? AND seq <= ? ORDER BY seq`,
    context.mailbox.mailbox, kind, ...(parent === undefined ? [] : [parent]), from, until,
  );
}

function optionsOf(context: Context, type: string, round: Round): Parsed {
  const { pairs, custom } = context.options;
  return parseFor(type, { pairs, custom, count: false, ...(round.select === '' ? {} : { select: round.select }) });
}

/** Changes in the order they happened; a row that is still (or again) there is not told as removed. */
function merge(upserts: readonly { readonly seq: number; readonly n: number; readonly row: () => Entity }[], gone: readonly Tombstone[], id: (tombstone: Tombstone) => string, round: Round, immutable: boolean, size: number): readonly Step[] {
  const present = new Set(upserts.map((upsert) => upsert.n));
  const removals = round.changeType === '' || round.changeType === 'deleted' ? gone.filter((tombstone) => !(immutable && present.has(tombstone.n))) : [];
  const all = [
    ...(round.changeType === 'deleted' ? [] : upserts),
    ...removals.map((tombstone) => ({ seq: tombstone.seq, n: tombstone.n, row: (): Entity => removed(id(tombstone)) })),
  ].sort((left, right) => left.seq - right.seq);
  return all.slice(0, size).map((change) => ({ row: change.row(), after: [change.seq] }));
}

function messages(context: Context, folder: Item): Tracked {
  const { store } = context;
  const floor = (round: Round): number => {
    const match = /(ge|gt)\s+(\S+)/i.exec(round.filter);
    if (match === null) return Number.MIN_SAFE_INTEGER;
    return Date.parse(match[2]!) + (match[1]!.toLowerCase() === 'gt' ? 1 : 0);
  };
  const show = (row: MessageRow, round: Round): Entity => showMessage(row, context, optionsOf(context, 'message', round));
  const columns = (round: Round): string => columnsFor(heavyFor(optionsOf(context, 'message', round).mentioned));
  return {
    subject: `message/${String(folder.n)}`,
    metadata: `/mailFolders('${encodeURIComponent(store.id('mailFolder', folder.n, false))}')/messages`,
    mailbox: context.mailbox.mailbox,
    takes: { select: true, filter: true, orderby: true },
    full: (after, size, round) => {
      if (round.changeType === 'updated' || round.changeType === 'deleted') return [];
      const [received = Number.MAX_SAFE_INTEGER, n = Number.MAX_SAFE_INTEGER] = after;
      // With a filter at most 5,000 messages are tracked (facts section 3); the cap is the client's to mind here.
      return store.database.all<MessageRow>(
        `SELECT ${columns(round)} FROM message WHERE folder = ? AND received >= ? AND (received, n) < (?, ?) ORDER BY received DESC, n DESC LIMIT ?`, folder.n, floor(round), received, n, size,
      ).map((row) => ({ row: show(row, round), after: [row.received, row.n] }));
    },
    changes: (since, until, after, size, round) => {
      const from = after[0] ?? since;
      const rows = store.database.all<MessageRow>(
        `SELECT ${columns(round)} FROM message WHERE folder = ? AND seq > ? AND seq <= ? AND received >= ?${round.changeType === 'created' ? ' AND version = 1' : round.changeType === 'updated' ? ' AND version > 1' : ''} ORDER BY seq LIMIT ?`, folder.n, from, until, floor(round), size,
      );
      const gone = buried(context, 'message', folder.n, from, until).filter((tombstone) => !immutableIn(context) || store.messages.row(tombstone.n)?.folder !== folder.n);
      return merge(rows.map((row) => ({ seq: row.seq, n: row.n, row: () => show(row, round) })), gone,
        (tombstone) => store.id('message', tombstone.n, immutableIn(context), tombstone.moves), round, immutableIn(context), size);
    },
  };
}

/** Folders, contacts, tasks: items of one kind, under one parent or anywhere in the mailbox. */
function items(context: Context, kind: ItemKind & Kind, type: string, metadata: string, parent: number | undefined, show: (item: Item) => Entity, keep: (item: Item) => boolean = () => true): Tracked {
  const { store } = context;
  const shown = (item: Item, round: Round): Entity => shape(show(item), type, optionsOf(context, type, round).select);
  return {
    subject: `${kind}/${parent === undefined ? '*' : String(parent)}`,
    metadata,
    mailbox: context.mailbox.mailbox,
    takes: { select: true, filter: false, orderby: false },
    full: (after, size, round) => {
      if (round.changeType === 'updated' || round.changeType === 'deleted') return [];
      return store.items.list(context.mailbox.mailbox, kind, parent).filter((item) => item.n > (after[0] ?? 0) && keep(item)).slice(0, size)
        .map((item) => ({ row: shown(item, round), after: [item.n] }));
    },
    changes: (since, until, after, size, round) => {
      const from = after[0] ?? since;
      const changed = store.items.changed(context.mailbox.mailbox, kind, from)
        .filter((item) => item.seq <= until && (parent === undefined || item.parent === parent) && keep(item) && (round.changeType === '' || (round.changeType === 'created') === (item.version === 1)));
      const gone = buried(context, kind, parent, from, until).filter((tombstone) => {
        const item = store.items.get(tombstone.n);
        return item === undefined || (parent !== undefined && item.parent !== parent);
      });
      return merge(changed.map((item) => ({ seq: item.seq, n: item.n, row: () => shown(item, round) })), gone,
        (tombstone) => store.id(kind, tombstone.n, immutableIn(context), tombstone.moves), round, immutableIn(context), size);
    },
  };
}

const ALL = new Set(['*']);

function showEvent(context: Context, occurrence: Occurrence): Entity {
  return inZone(shape(presentEvent(occurrence, context, ALL), 'event', undefined), occurrence.item.entity.isAllDay === true, context);
}

function events(context: Context, calendar: Item): Tracked {
  return items(context, 'event', 'event', `/calendars('${encodeURIComponent(context.store.id('calendar', calendar.n, false))}')/events`, calendar.n,
    (item) => inZone(presentEvent(wholeEvent(item), context, ALL), item.entity.isAllDay === true, context));
}

function view(context: Context, calendar: Item): Tracked {
  const token = context.options.skiptoken ?? context.options.deltatoken;
  // The window lives in the token; on later calls it is read from there.
  const window = token === undefined ? windowOf(context) : windowInToken(token);
  const within = (list: readonly Item[]): Occurrence[] => viewOf(list, window.from, window.to);
  const place = (occurrence: Occurrence): number => (occurrence.date === undefined ? 0 : dayNumber(occurrence.date));
  const { store } = context;
  return {
    subject: `view/${String(calendar.n)}/${String(window.from)}/${String(window.to)}`,
    metadata: '/calendarView',
    mailbox: context.mailbox.mailbox,
    takes: { select: false, filter: false, orderby: false },
    full: (after, size) => {
      const [row = 0, day = -1] = after;
      return within(store.items.list(context.mailbox.mailbox, 'event', calendar.n))
        .filter((occurrence) => occurrence.item.n > row || (occurrence.item.n === row && place(occurrence) > day))
        .sort((left, right) => left.item.n - right.item.n || place(left) - place(right))
        .slice(0, size)
        .map((occurrence) => ({ row: showEvent(context, occurrence), after: [occurrence.item.n, place(occurrence)] }));
    },
    changes: (since, until, after, size) => {
      const [seq = since, day = -1] = after;
      const steps: { readonly seq: number; readonly place: number; readonly row: () => Entity }[] = [];
      for (const item of store.items.changed(context.mailbox.mailbox, 'event', seq - 1)) {
        if (item.seq > until || item.parent !== calendar.n || item.seq <= since) continue;
        const seen = within([item]);
        for (const occurrence of seen) steps.push({ seq: item.seq, place: place(occurrence), row: () => showEvent(context, occurrence) });
        for (const day of goneFrom(item, seen, window)) steps.push({ seq: item.seq, place: day, row: () => removed(store.id('event', item.n, immutableIn(context), item.moves, day)) });
      }
      for (const tombstone of buried(context, 'event', calendar.n, Math.max(since, seq - 1), until)) {
        steps.push({ seq: tombstone.seq, place: 0, row: () => removed(store.id('event', tombstone.n, immutableIn(context), tombstone.moves)) });
      }
      return steps.filter((step) => step.seq > seq || (step.seq === seq && step.place > day))
        .sort((left, right) => left.seq - right.seq || left.place - right.place).slice(0, size).map((step) => ({ row: step.row(), after: [step.seq, step.place] }));
    },
  };
}

/** Day numbers (0: the event itself) of what is not in the window any more: cancelled occurrences, single events that were moved out of it. */
function goneFrom(item: Item, seen: readonly Occurrence[], window: { readonly from: number; readonly to: number }): readonly number[] {
  if (!isObject(item.entity.recurrence)) return seen.length === 0 ? [0] : [];
  return cancelledDates(item).filter((date) => Date.parse(date) >= window.from - DAY_MS && Date.parse(date) < window.to + DAY_MS).map(dayNumber);
}

function windowInToken(token: string): { readonly from: number; readonly to: number } {
  const match = /"view\/\d+\/(-?\d+)\/(-?\d+)"/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  return { from: Number(match?.[1] ?? 0), to: Number(match?.[2] ?? 0) };
}

const folders = (context: Context): Tracked => items(context, 'mailFolder', 'mailFolder', '/mailFolders', undefined, (item) => presentFolder(item, context), (item) => item.parent !== 0 && item.entity.isHidden !== true);

export const DELTA_ROUTES: readonly (readonly [string, Route])[] = [
  ['mailFolders/:/messages/delta', (context, [folder = '']) => serveRound(context, messages(context, mailFolder(context, folder)))],
  ['mailFolders/delta', (context) => serveRound(context, folders(context))],
  ['events/delta', (context) => serveRound(context, events(context, calendarItem(context, '')))],
  ['calendars/:/events/delta', (context, [id = '']) => serveRound(context, events(context, calendarItem(context, id)))],
  ['calendarView/delta', (context) => serveRound(context, view(context, calendarItem(context, '')))],
  ['calendars/:/calendarView/delta', (context, [id = '']) => serveRound(context, view(context, calendarItem(context, id)))],
  ['contacts/delta', (context) => serveRound(context, items(context, 'contact', 'contact', '/contacts', defaultContactFolder(context).n, (item) => presentItem(item, context)))],
  ['contactFolders/:/contacts/delta', (context, [id = '']) => serveRound(context, items(context, 'contact', 'contact', '/contacts', contactFolder(context, id).n, (item) => presentItem(item, context)))],
  ['contactFolders/delta', (context) => serveRound(context, items(context, 'contactFolder', 'contactFolder', '/contactFolders', defaultContactFolder(context).n, (item) => presentItem(item, context)))],
  ['lists/delta', (context) => serveRound(context, items(context, 'todoList', 'todoTaskList', '/todo/lists', undefined, (item) => presentItem(item, context)))],
  ['lists/:/tasks/delta', (context, [id = '']) => serveRound(context, items(context, 'todoTask', 'todoTask', '/todo/tasks', folderItem(context, id, 'todoList').n, (item) => presentItem(item, context)))],
];
