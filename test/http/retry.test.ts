import { describe, expect, it } from 'vitest';
import { backoffMs, DEFAULT_RETRY, judgeStatus } from '../../src/http/retry.js';

describe('judgeStatus', () => {
  it('repeats reads after everything transient', () => {
    for (const status of [429, 503]) expect(judgeStatus(status, undefined, true)).toBe('throttled');
    for (const status of [502, 504]) expect(judgeStatus(status, undefined, true)).toBe('transient');
    expect(judgeStatus(500, 'ErrorInternalServerTransientError', true)).toBe('transient');
    expect(judgeStatus(500, 'SomethingElse', true)).toBe('final');
    for (const status of [200, 204, 400, 401, 403, 404, 409, 410, 412, 501]) expect(judgeStatus(status, undefined, true)).toBe('final');
  });

  it('repeats a write only when it was not executed', () => {
    for (const status of [429, 503]) expect(judgeStatus(status, undefined, false)).toBe('throttled');
    for (const status of [500, 502, 504]) expect(judgeStatus(status, 'ErrorInternalServerTransientError', false)).toBe('final');
  });
});

describe('backoffMs', () => {
  it('doubles, with jitter, up to the cap', () => {
    for (let attempt = 1; attempt < 30; attempt++) {
      const full = Math.min(DEFAULT_RETRY.capMs, 100 * 2 ** (attempt - 1));
      expect(backoffMs(DEFAULT_RETRY, 100, attempt, () => 0)).toBe(Math.round(full / 2));
      expect(backoffMs(DEFAULT_RETRY, 100, attempt, () => 1)).toBe(full);
    }
  });
});
