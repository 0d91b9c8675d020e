/**
 * Owns: reminderView: the reminders of the default calendar's events in a window.
 * Does not own: dismissing and snoozing (write/event-actions.ts).
 * Invariants: a dismissed reminder is gone, a snoozed one fires when it was put off to.
 */
import { dayNumber } from '../calendar/event-view.js';
import { instantIn, localIn } from '../calendar/zoned.js';
import type { Route } from '../context.js';
import { json } from '../exchange.js';
import { GraphError } from '../graph-error.js';
import { isObject, textAt } from '../json.js';
import { immutableIn } from '../present.js';
import type { Json, JsonObject } from '../writer.js';
import { calendarView } from './events.js';
import { calendarItem } from './lookup.js';

const view: Route = (context, [from = '', to = '']) => {
  const bound = (text: string): number => {
    const ms = /(Z|[+-]\d\d:\d\d)$/i.test(text) ? Date.parse(text) : instantIn(text, 'UTC');
    if (Number.isNaN(ms)) throw new GraphError(400, 'ErrorInvalidParameter', `The value '${text}' is not a valid date and time.`);
    return ms;
  };
  const shown = (ms: number): JsonObject => ({ dateTime: localIn(ms, context.preferences.timeZone), timeZone: context.preferences.timeZone });
  const rows = calendarView(context, calendarItem(context, ''), { from: bound(from), to: bound(to) }).flatMap((occurrence): Json[] => {
    const { item } = occurrence;
    const entity = { ...item.entity, ...occurrence.changed };
    const kept = isObject(item.extra.reminders) ? item.extra.reminders[occurrence.date ?? ''] : undefined;
    if (entity.isReminderOn !== true || (isObject(kept) && kept.dismissed === true)) return [];
    const minutes = typeof entity.reminderMinutesBeforeStart === 'number' ? entity.reminderMinutesBeforeStart : 15;
    const fires = isObject(kept) && typeof kept.at === 'number' ? kept.at : occurrence.start - minutes * 60_000;
    const id = context.store.ids.of({ kind: 'event', row: item.n, moves: item.moves, day: occurrence.date === undefined ? 0 : dayNumber(occurrence.date) }, immutableIn(context));
    return [{
      eventId: id, eventStartTime: shown(occurrence.start), eventEndTime: shown(occurrence.end), changeKey: context.store.ids.changeKey(item.n, item.version), eventSubject: textAt(entity, 'subject') ?? '',
      eventLocation: entity.location ?? null, eventWebLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(id)}&exvsurl=1&path=/calendar/item`, reminderFireTime: shown(fires),
    }];
  });
  return json({ '@odata.context': `${context.request.root}/$metadata#Collection(microsoft.graph.reminder)`, value: rows }, rows.length);
};

export const REMINDER_ROUTES: readonly (readonly [string, Route])[] = [['reminderView/:/:', view]];
