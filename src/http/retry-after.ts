/**
 * Reads a `Retry-After` header: seconds, possibly decimal, or an HTTP date.
 *
 * @returns whole milliseconds to wait, rounded up, never negative; undefined if there is no usable value.
 * Graph: throttling answers may say "2.128" (facts 4.3), which RFC 9110 does not foresee.
 * @example retryAfterMs('2.128', Date.now()) // 2128
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$|^\.\d+$/.test(text)) {
    const ms = Math.ceil(Math.round(Number.parseFloat(text) * 1e6) / 1e3);
    return Number.isSafeInteger(ms) ? ms : undefined;
  }
  // A lone negative number would be read as a year by Date.parse.
  if (!/[a-z]/i.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
