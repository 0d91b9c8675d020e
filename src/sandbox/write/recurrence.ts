/**
 * Owns: checking a patternedRecurrence of a request body and completing it as the service shows it (facts section 8).
 * Does not own: expanding it (recurrence/).
 * Invariants: what comes out has every member; unused numbers are 0, an unused end date is 0001-01-01.
 */
import { GraphError } from '../graph-error.js';
import { isObject, textAt } from '../json.js';
import { expandRecurrence, readRecurrence, WEEKDAYS } from '../recurrence/index.js';
import type { Json, JsonObject } from '../writer.js';
import { isKnownZone } from '../zones/index.js';
import { unknownZone } from './event-times.js';

/** Members each pattern must carry besides `interval`. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  daily: [], weekly: ['daysOfWeek'], absoluteMonthly: ['dayOfMonth'], relativeMonthly: ['daysOfWeek'],
  absoluteYearly: ['dayOfMonth', 'month'], relativeYearly: ['daysOfWeek', 'month'],
};
const NO_DATE = '0001-01-01';
const MAXIMUM_INTERVAL: Readonly<Record<string, number>> = { daily: 999, weekly: 99, absoluteMonthly: 99, relativeMonthly: 99 };

const invalid = (what: string): GraphError => new GraphError(400, 'ErrorInvalidRequest', `The recurrence is not valid: ${what}.`);

const whole = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);
const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);

function patternOf(given: Json | undefined): JsonObject {
  if (!isObject(given)) throw invalid("'pattern' is missing");
  const type = textAt(given, 'type');
  const needs = type === undefined ? undefined : NEEDS[type];
  if (type === undefined || needs === undefined) throw invalid("'pattern/type' is missing");
  const interval = given.interval;
  if (typeof interval !== 'number' || interval < 1) throw invalid("'pattern/interval' must be at least 1");
  if (interval > (MAXIMUM_INTERVAL[type] ?? Number.POSITIVE_INFINITY)) throw invalid("'pattern/interval' is too large");
  const days = Array.isArray(given.daysOfWeek) ? given.daysOfWeek.map(String) : [];
  if (needs.includes('daysOfWeek') && days.length === 0) throw invalid(`'pattern/daysOfWeek' is required for '${type}'`);
  const dayOfMonth = whole(given.dayOfMonth);
  if (needs.includes('dayOfMonth') ? dayOfMonth < 1 || dayOfMonth > 31 : dayOfMonth < 0) throw invalid("'pattern/dayOfMonth' must be between 1 and 31");
  const month = whole(given.month);
  if (needs.includes('month') ? month < 1 || month > 12 : month < 0) throw invalid("'pattern/month' must be between 1 and 12");
  const relative = type.startsWith('relative');
  return {
    type, interval, month: needs.includes('month') ? month : 0, dayOfMonth: needs.includes('dayOfMonth') ? dayOfMonth : 0,
    ...(needs.includes('daysOfWeek') ? { daysOfWeek: WEEKDAYS.filter((day) => days.includes(day)) } : {}),
    firstDayOfWeek: textAt(given, 'firstDayOfWeek') ?? 'sunday', index: relative ? textAt(given, 'index') ?? 'first' : 'first',
  };
}

function rangeOf(given: Json | undefined, startDate: string, zone: string): JsonObject {
  if (!isObject(given)) throw invalid("'range' is missing");
  const type = textAt(given, 'type');
  if (type === undefined) throw invalid("'range/type' is missing");
  const start = textAt(given, 'startDate') ?? '';
  if (!isDate(start)) throw invalid("'range/startDate' is missing");
  if (start !== startDate) throw invalid("'range/startDate' must be the date the first occurrence starts on");
  const recurrenceTimeZone = textAt(given, 'recurrenceTimeZone') ?? zone;
  if (recurrenceTimeZone !== '' && !isKnownZone(recurrenceTimeZone)) throw unknownZone(recurrenceTimeZone);
  const endDate = textAt(given, 'endDate') ?? NO_DATE;
  const numberOfOccurrences = whole(given.numberOfOccurrences);
  if (type === 'endDate' && (!isDate(endDate) || endDate < start)) throw invalid("'range/endDate' must be a date that is not before 'startDate'");
  if (type === 'numbered' && (numberOfOccurrences < 1 || numberOfOccurrences > 999)) throw invalid("'range/numberOfOccurrences' must be between 1 and 999");
  return {
    type, startDate: start, endDate: type === 'endDate' ? endDate : NO_DATE, recurrenceTimeZone,
    numberOfOccurrences: type === 'numbered' ? numberOfOccurrences : 0,
  };
}

/** `startDate`: local date of the first occurrence; `zone`: what `recurrenceTimeZone` is when it is not given. */
export function readSeries(given: JsonObject, startDate: string, zone: string): JsonObject {
  const recurrence: JsonObject = { pattern: patternOf(given.pattern), range: rangeOf(given.range, startDate, zone) };
  const read = readRecurrence(recurrence);
  if (read === undefined || expandRecurrence(read, { from: startDate, to: '9999-12-31' }, 1).length === 0) {
    throw new GraphError(400, 'ErrorRecurrenceHasNoOccurrence', 'The recurrence has no occurrences in the specified range.');
  }
  return recurrence;
}
