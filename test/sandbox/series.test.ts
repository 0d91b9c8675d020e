import fc from 'fast-check';
import rrule from 'rrule';
import { describe, expect, test } from 'vitest';
import { occurrenceDates } from '../../src/sandbox/recurrence/index.js';
import type { JsonObject } from '../../src/sandbox/writer.js';

const { RRule } = rrule;
const NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const INDEXES = ['first', 'second', 'third', 'fourth', 'last'];
const day = (offset: number): Date => new Date(Date.UTC(2024, 0, 1) + offset * 86_400_000);
const text = (date: Date): string => date.toISOString().slice(0, 10);

const weekdays = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 });
const interval = fc.integer({ min: 1, max: 4 });
/** Days beyond 28 differ from RFC 5545 on purpose: Graph falls back to the month's last day. */
const dayOfMonth = fc.integer({ min: 1, max: 28 });
const month = fc.integer({ min: 1, max: 12 });
type Rule = ConstructorParameters<typeof RRule>[0];

const patterns: fc.Arbitrary<{ readonly pattern: JsonObject; readonly rule: Rule }> = fc.oneof(
  interval.map((every) => ({ pattern: { type: 'daily', interval: every }, rule: { freq: RRule.DAILY, interval: every } as Rule })),
  fc.tuple(interval, weekdays, fc.integer({ min: 0, max: 6 })).map(([every, days, first]) => ({
    pattern: { type: 'weekly', interval: every, daysOfWeek: days.map((index) => NAMES[index]!), firstDayOfWeek: NAMES[first]! }, rule: { freq: RRule.WEEKLY, interval: every, byweekday: days, wkst: first } as Rule,
  })),
  fc.tuple(interval, dayOfMonth).map(([every, at]) => ({ pattern: { type: 'absoluteMonthly', interval: every, dayOfMonth: at }, rule: { freq: RRule.MONTHLY, interval: every, bymonthday: at } as Rule })),
  fc.tuple(interval, weekdays, fc.constantFrom(...INDEXES)).map(([every, days, index]) => ({
    pattern: { type: 'relativeMonthly', interval: every, daysOfWeek: days.map((at) => NAMES[at]!), index }, rule: { freq: RRule.MONTHLY, interval: every, byweekday: days, bysetpos: index === 'last' ? -1 : INDEXES.indexOf(index) + 1 } as Rule,
  })),
  fc.tuple(dayOfMonth, month).map(([at, of]) => ({ pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: at, month: of }, rule: { freq: RRule.YEARLY, bymonth: of, bymonthday: at } as Rule })),
  fc.tuple(weekdays, month, fc.constantFrom(...INDEXES)).map(([days, of, index]) => ({
    pattern: { type: 'relativeYearly', interval: 1, daysOfWeek: days.map((at) => NAMES[at]!), month: of, index }, rule: { freq: RRule.YEARLY, bymonth: of, byweekday: days, bysetpos: index === 'last' ? -1 : INDEXES.indexOf(index) + 1 } as Rule,
  })),
);

describe('series', () => {
  test('agree with RFC 5545 where the two mean the same', () => {
    fc.assert(fc.property(patterns, fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 400 }), fc.option(fc.integer({ min: 1, max: 30 })), fc.option(fc.integer({ min: 0, max: 900 })), ({ pattern, rule }, begin, from, length, count, until) => {
      const range: JsonObject = count !== null
        ? { type: 'numbered', startDate: text(day(begin)), numberOfOccurrences: count }
        : until !== null ? { type: 'endDate', startDate: text(day(begin)), endDate: text(day(begin + until)) } : { type: 'noEnd', startDate: text(day(begin)) };
      const expected = new RRule({ ...rule, dtstart: day(begin), ...(count === null ? until === null ? {} : { until: day(begin + until) } : { count }) }).between(day(from), day(from + length), true).map(text);
      expect(occurrenceDates({ pattern, range }, text(day(begin)), text(day(from)), text(day(from + length)))).toEqual(expected);
    }), { numRuns: 600 });
  });

  test('day 31 falls to the last day of shorter months, 29 February to the 28th', () => {
    const monthly = { pattern: { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 }, range: { type: 'noEnd', startDate: '2026-01-31' } };
    expect(occurrenceDates(monthly, '2026-01-31', '2026-02-01', '2026-05-01')).toEqual(['2026-02-28', '2026-03-31', '2026-04-30']);
    const yearly = { pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: 29, month: 2 }, range: { type: 'noEnd', startDate: '2024-02-29' } };
    expect(occurrenceDates(yearly, '2024-02-29', '2025-01-01', '2028-12-31')).toEqual(['2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
  });

  test('an unknown pattern has no occurrences', () => {
    expect(occurrenceDates({ pattern: { type: 'hourly' }, range: { type: 'noEnd', startDate: '2026-01-01' } }, '2026-01-01', '2026-01-01', '2026-12-31')).toEqual([]);
  });
});
