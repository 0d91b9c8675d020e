import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import rrulePackage from 'rrule';
import type { Options } from 'rrule';
import { expandRecurrence, occurrenceDates, readRecurrence, WEEKDAYS } from '../../../src/sandbox/recurrence/index.js';
import type { Recurrence, RecurrencePattern } from '../../../src/sandbox/recurrence/index.js';

const { RRule } = rrulePackage;
const EVER = { from: '0001-01-01', to: '9999-12-31' };
const DAYS = [RRule.SU, RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR, RRule.SA];
const INDEXES = ['first', 'second', 'third', 'fourth', 'last'] as const;

/** What `rrule` makes of the same pattern. Days above 28 differ by design and are not drawn. */
function byRrule({ pattern, range }: Recurrence, from: string, to: string): string[] {
  const days = (pattern.daysOfWeek ?? []).map((day) => DAYS[WEEKDAYS.indexOf(day)]!);
  const options: Partial<Options> = {
    interval: pattern.interval, dtstart: new Date(`${range.startDate}T00:00:00Z`),
    wkst: DAYS[WEEKDAYS.indexOf(pattern.firstDayOfWeek ?? 'sunday')]!,
    ...(range.type === 'numbered' ? { count: range.numberOfOccurrences! } : {}),
    ...(range.type === 'endDate' ? { until: new Date(`${range.endDate!}T23:59:59Z`) } : {}),
  };
  const setpos = pattern.index === 'last' ? -1 : INDEXES.indexOf(pattern.index ?? 'first') + 1;
  const forms: Record<RecurrencePattern['type'], Partial<Options>> = {
    daily: { freq: RRule.DAILY },
    weekly: { freq: RRule.WEEKLY, byweekday: days },
    absoluteMonthly: { freq: RRule.MONTHLY, bymonthday: pattern.dayOfMonth! },
    relativeMonthly: { freq: RRule.MONTHLY, byweekday: days, bysetpos: setpos },
    absoluteYearly: { freq: RRule.YEARLY, bymonth: pattern.month!, bymonthday: pattern.dayOfMonth! },
    relativeYearly: { freq: RRule.YEARLY, bymonth: pattern.month!, byweekday: days, bysetpos: setpos },
  };
  return new RRule({ ...options, ...forms[pattern.type] })
    .between(new Date(`${from}T00:00:00Z`), new Date(`${to}T23:59:59Z`), true)
    .map((date) => date.toISOString().slice(0, 10));
}

const date = (low: string, high: string): fc.Arbitrary<string> =>
  fc.date({ min: new Date(low), max: new Date(high), noInvalidDate: true }).map((value) => value.toISOString().slice(0, 10));

const pattern: fc.Arbitrary<RecurrencePattern> = fc.record({
  type: fc.constantFrom('daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly'),
  interval: fc.integer({ min: 1, max: 4 }),
  daysOfWeek: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1, maxLength: 7 }),
  firstDayOfWeek: fc.constantFrom(...WEEKDAYS),
  dayOfMonth: fc.integer({ min: 1, max: 28 }),
  month: fc.integer({ min: 1, max: 12 }),
  index: fc.constantFrom(...INDEXES),
});

describe('expandRecurrence', () => {
  it('agrees with rrule on all six patterns and three ranges', () => {
    const kinds = new Set<string>();
    let dates = 0;
    fc.assert(
      fc.property(pattern, fc.constantFrom('endDate', 'noEnd', 'numbered'), date('2019-12-01', '2024-03-05'), date('2020-01-01', '2027-01-01'), fc.integer({ min: 1, max: 60 }), date('2019-01-01', '2026-01-01'), fc.integer({ min: 0, max: 900 }),
        (given, type, startDate, endDate, numberOfOccurrences, from, days) => {
          const to = new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);
          const recurrence: Recurrence = { pattern: given, range: { type, startDate, endDate, numberOfOccurrences } };
          const ours = expandRecurrence(recurrence, { from, to });
          kinds.add(`${given.type} ${type}`);
          dates += ours.length;
          expect(ours).toEqual(byRrule(recurrence, from, to));
        }),
      { numRuns: 600 },
    );
    expect(kinds.size).toBe(18);
    expect(dates).toBeGreaterThan(1000);
  });

  it('puts day 31 on the last day of short months', () => {
    const monthly: Recurrence = { pattern: { type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 }, range: { type: 'numbered', startDate: '2024-01-31', numberOfOccurrences: 5 } };
    expect(expandRecurrence(monthly, EVER)).toEqual(['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30', '2024-05-31']);
    const leap: Recurrence = { pattern: { type: 'absoluteYearly', interval: 1, dayOfMonth: 29, month: 2 }, range: { type: 'numbered', startDate: '2024-02-29', numberOfOccurrences: 5 } };
    expect(expandRecurrence(leap, EVER)).toEqual(['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
  });

  it('stops at the limit, and ends a numbered series before the window', () => {
    const daily: Recurrence = { pattern: { type: 'daily', interval: 3 }, range: { type: 'noEnd', startDate: '2000-01-01' } };
    expect(expandRecurrence(daily, { from: '2026-01-01', to: '2026-12-31' }, 2)).toEqual(['2026-01-02', '2026-01-05']);
    expect(expandRecurrence({ ...daily, range: { type: 'numbered', startDate: '2000-01-01', numberOfOccurrences: 10 } }, { from: '2026-01-01', to: '2026-12-31' })).toEqual([]);
    expect(expandRecurrence(daily, EVER, 0)).toEqual([]);
  });

  it('ends without a limit on a series without an end', () => {
    const yearly: Recurrence = { pattern: { type: 'relativeYearly', interval: 1, daysOfWeek: ['monday'], index: 'last', month: 5 }, range: { type: 'noEnd', startDate: '9990-01-01' } };
    expect(expandRecurrence(yearly, EVER)).toHaveLength(10);
  });
});

describe('readRecurrence', () => {
  const json = {
    pattern: { type: 'Weekly', interval: 1, month: 0, dayOfMonth: 0, daysOfWeek: ['Monday', 'wednesday'], firstDayOfWeek: 'sunday', index: 'first' },
    range: { type: 'noEnd', startDate: '2026-01-05', endDate: '0001-01-01', recurrenceTimeZone: 'UTC', numberOfOccurrences: 0 },
  };

  it('takes what the service writes: unused members as 0 and year 1, any letter case', () => {
    expect(occurrenceDates(json, '2026-01-05T09:00:00', '2026-01-07', '2026-01-14')).toEqual(['2026-01-07', '2026-01-12', '2026-01-14']);
  });

  it('gives nothing for what is no recurrence', () => {
    expect(readRecurrence(null)).toBeUndefined();
    expect(readRecurrence({ pattern: { type: 'hourly', interval: 1 }, range: { type: 'noEnd', startDate: '2026-01-05' } })).toBeUndefined();
    expect(readRecurrence({ pattern: json.pattern, range: {} })).toBeUndefined();
    expect(readRecurrence({ pattern: json.pattern, range: {} }, '2026-01-05T09:00:00')?.range).toEqual({ type: 'noEnd', startDate: '2026-01-05' });
  });
});
