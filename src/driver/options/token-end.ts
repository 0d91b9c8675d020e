import { readClaims } from '../../auth/token-claims.js';
import { bad, type Reader } from './reader.js';

/**
 * When a given access token ends, in milliseconds since 1970: OAuthTokenTimestamp and OAuthExpiresIn, else what the token says itself;
 * undefined if nothing is known.
 */
export function tokenEnd(reader: Reader, token: string | undefined): number | undefined {
  const seconds = reader.has('OAuthExpiresIn') ? reader.integer('OAuthExpiresIn', 0, 2_147_483_647) : undefined;
  const stamp = reader.text('OAuthTokenTimestamp');
  if (seconds === undefined) {
    if (stamp !== undefined) throw bad('OAuthTokenTimestamp needs OAuthExpiresIn: together they say when the access token ends.', 'Give both, or none.');
    return token === undefined ? undefined : readClaims(token).expires;
  }
  return (stamp === undefined ? Date.now() : instant(stamp)) + seconds * 1000;
}

/** Milliseconds or seconds since 1970, or a date and time. */
function instant(text: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  const at = Number.isNaN(number) ? Date.parse(text) : number < 100_000_000_000 ? number * 1000 : number;
  if (Number.isNaN(at)) throw bad('OAuthTokenTimestamp is no point in time.', 'Give milliseconds since 1970, or a date and time such as 2026-03-10T09:00:00Z.');
  return at;
}
