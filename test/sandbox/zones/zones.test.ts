import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnownZone, offsetMinutes, toIana, toLocal, toUtc, toWindows } from '../../../src/sandbox/zones/index.js';

const utc = (local: string, zone: string): string | undefined => {
  const ms = toUtc(local, zone);
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe('zone names', () => {
  it('maps Windows names to IANA and back', () => {
    expect(toIana('W. Europe Standard Time')).toBe('Europe/Berlin');
    expect(toIana('Pacific Standard Time')).toBe('America/Los_Angeles');
    expect(toIana('Europe/Oslo')).toBe('Europe/Oslo');
    expect(toWindows('Europe/Berlin')).toBe('W. Europe Standard Time');
    expect(toWindows('Tokyo Standard Time')).toBe('Tokyo Standard Time');
    expect(toWindows('UTC')).toBe('UTC');
  });

  it('does not know what is neither', () => {
    for (const name of ['', 'Mars/Olympus', '+02:00', 'tzone://Microsoft/Custom', 'constructor']) {
      expect(isKnownZone(name)).toBe(false);
      expect(toUtc('2026-01-01T00:00:00', name)).toBeUndefined();
      expect(toLocal(0, name)).toBeUndefined();
      expect(toWindows(name)).toBeUndefined();
    }
  });
});

describe('toUtc and toLocal', () => {
  it('knows summer and winter time', () => {
    expect(utc('2026-01-15T09:00:00', 'W. Europe Standard Time')).toBe('2026-01-15T08:00:00.000Z');
    expect(utc('2026-07-15T09:00:00.0000000', 'W. Europe Standard Time')).toBe('2026-07-15T07:00:00.000Z');
    expect(utc('2026-07-15T09:00:00', 'India Standard Time')).toBe('2026-07-15T03:30:00.000Z');
    expect(utc('2026-07-15', 'Tokyo Standard Time')).toBe('2026-07-14T15:00:00.000Z');
    expect(utc('2026-07-15T09:00:00', 'UTC')).toBe('2026-07-15T09:00:00.000Z');
    expect(offsetMinutes(Date.parse('2026-07-15T00:00:00Z'), 'Lord Howe Standard Time')).toBe(630);
  });

  it('reads a skipped time with the offset before the change', () => {
    expect(utc('2026-03-29T02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
    expect(utc('2026-03-08T02:30:00', 'Pacific Standard Time')).toBe('2026-03-08T10:30:00.000Z');
  });

  it('reads a repeated time as its first occurrence', () => {
    expect(utc('2026-10-25T02:30:00', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
    expect(utc('2026-11-01T01:30:00', 'Pacific Standard Time')).toBe('2026-11-01T08:30:00.000Z');
  });

  it('refuses what is no local time', () => {
    for (const text of ['', '2026-02-30T00:00:00', '2026-13-01', '2026-01-01T25:00:00', '2026-01-01T00:00:00Z']) expect(toUtc(text, 'UTC')).toBeUndefined();
  });

  it('comes back to the same moment or, in an overlap, to an earlier one of the same local time', () => {
    fc.assert(fc.property(
      fc.integer({ min: Date.parse('1971-01-01'), max: Date.parse('2037-12-31') }),
      fc.constantFrom('Europe/Berlin', 'Pacific Standard Time', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Casablanca', 'America/St_Johns', 'Pacific/Apia', 'UTC'),
      (ms, zone) => {
        const local = toLocal(ms, zone)!;
        const back = toUtc(local, zone)!;
        expect(toLocal(back, zone)).toBe(local);
        expect(back).toBeLessThanOrEqual(ms);
        expect(ms - back).toBeLessThanOrEqual(7_200_000);
      },
    ), { numRuns: 2000 });
  });
});
