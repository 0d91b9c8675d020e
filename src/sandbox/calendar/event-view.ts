/**
 * Owns: how an event or occurrence is shown: ids, times in UTC or the preferred zone, links to its series.
 * Does not own: which occurrences there are.
 * Invariants: rows carry UTC times until `inZone` converts them, so that filters and orders never depend on `Prefer`.
 */
import { iso, isObject, textAt, type Entity } from '../json.js';
import { bodyOf, immutableIn, multiValued, singleValued, type Scope } from '../present.js';
import { localIn } from './zoned.js';
import { cancelledDates, occurrenceOn, type Occurrence } from './occurrence.js';

const utcText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}0000`;

/** Before any date a calendar holds (people's birthdays are put in 1604). */
const FIRST_DAY = 1_000_000;

/** Day number inside an occurrence's id. */
export const dayNumber = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / 86_400_000) + FIRST_DAY;
export const dateOfDay = (day: number): string => new Date((day - FIRST_DAY) * 86_400_000).toISOString().slice(0, 10);

export function presentEvent(occurrence: Occurrence, scope: Scope, mentioned: ReadonlySet<string>): Entity {
  const { item } = occurrence;
  const { ids } = scope.store;
  const immutable = immutableIn(scope);
  const changeKey = ids.changeKey(item.n, item.version);
  const day = occurrence.date === undefined ? 0 : dayNumber(occurrence.date);
  const id = ids.of({ kind: 'event', row: item.n, moves: item.moves, day }, immutable);
  const masterId = day === 0 ? null : ids.of({ kind: 'event', row: item.n, moves: item.moves, day: 0 }, immutable);
  const merged: Entity = { ...item.entity, ...occurrence.changed };
  const allDay = merged.isAllDay === true;
  const body = isObject(merged.body) ? merged.body : { contentType: 'html', content: '' };
  const entity: Entity = {
    '@odata.etag': `W/"${changeKey}"`,
    id, createdDateTime: iso(item.created), lastModifiedDateTime: iso(item.modified), changeKey,
    ...merged,
    type: occurrence.type, seriesMasterId: masterId, originalStart: occurrence.originalStart === undefined ? null : iso(occurrence.originalStart),
    ...(day === 0 ? {} : { recurrence: null }),
    start: { dateTime: utcText(occurrence.start), timeZone: 'UTC' }, end: { dateTime: utcText(occurrence.end), timeZone: 'UTC' },
    body: bodyOf(textAt(body, 'content') ?? '', textAt(body, 'contentType') === 'text' ? 'text' : 'html', scope.preferences.bodyType),
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(id)}&exvsurl=1&path=/calendar/item`,
    isAllDay: allDay,
  };
  if (mentioned.has('cancelledOccurrences')) entity.cancelledOccurrences = occurrence.type === 'seriesMaster' ? cancelledDates(item).map((date) => `OID.${id}.${date}`) : [];
  if (mentioned.has('singleValueExtendedProperties')) entity.singleValueExtendedProperties = singleValued(item.extended);
  if (mentioned.has('multiValueExtendedProperties')) entity.multiValueExtendedProperties = multiValued(item.extended);
  if (mentioned.has('exceptionOccurrences') && occurrence.type === 'seriesMaster') {
    const list = Array.isArray(item.extra.exceptions) ? item.extra.exceptions as { date: string }[] : [];
    entity.exceptionOccurrences = list.flatMap(({ date }) => {
      const changed = occurrenceOn(item, date);
      return changed === undefined ? [] : [inZone(presentEvent(changed, scope, new Set(['*'])), allDay, scope)];
    });
  }
  return entity;
}

/** Start and end in the zone `Prefer: outlook.timezone` names. All-day events stay at midnight. */
export function inZone(shown: Entity, allDay: boolean, scope: Scope): Entity {
  const zone = scope.preferences.timeZone;
  if (/^utc$/i.test(zone)) return shown;
  for (const name of ['start', 'end'] as const) {
    const text = textAt(shown[name], 'dateTime');
    if (text === undefined) continue;
    shown[name] = { dateTime: allDay ? text : localIn(Date.parse(`${text.slice(0, 23)}Z`), zone), timeZone: zone };
  }
  return shown;
}
