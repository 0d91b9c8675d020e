import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/http/retry-after.js';

describe('retryAfterMs', () => {
  it('reads whole and decimal seconds, rounding up', () => {
    expect(retryAfterMs('3', 0)).toBe(3000);
    expect(retryAfterMs('2.128', 0)).toBe(2128);
    expect(retryAfterMs('0.0001', 0)).toBe(1);
    expect(retryAfterMs('.5', 0)).toBe(500);
    expect(retryAfterMs('0', 0)).toBe(0);
  });

  it('reads HTTP dates, never below zero', () => {
    const now = Date.parse('Sat, 01 Mar 2025 10:00:00 GMT');
    expect(retryAfterMs('Sat, 01 Mar 2025 10:00:07 GMT', now)).toBe(7000);
    expect(retryAfterMs('Sat, 01 Mar 2025 09:00:00 GMT', now)).toBe(0);
  });

  it('ignores what is neither', () => {
    for (const text of [undefined, '', ' ', '-1', 'soon', '1e9', '99999999999999999999']) expect(retryAfterMs(text, 0)).toBeUndefined();
  });

  it('never asks for less than the service does', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => retryAfterMs((ms / 1000).toFixed(3), 0) === ms));
  });
});
