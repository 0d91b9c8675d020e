import { ExchangeSqlError } from '../errors.js';
import type { Credential } from './credential.js';
import { applicationKeyOf, readClaims } from './token-claims.js';

/** A token given as it is (`OAuthAccessToken`); it cannot be renewed. */
export class StaticToken implements Credential {
  readonly applicationKey: string;
  readonly refreshable = false;
  readonly ownMailbox: readonly string[];
  readonly #value: string;

  /** @throws ExchangeSqlError CONNECTION_STRING if the text cannot be a token. The text itself is never shown. */
  constructor(token: string) {
    const text = bearerToken(token, 'OAuthAccessToken');
    this.applicationKey = applicationKeyOf(text);
    this.ownMailbox = readClaims(text).user;
    this.#value = `Bearer ${text}`;
  }

  authorization(): Promise<string> {
    return Promise.resolve(this.#value);
  }
}

/** Checks a token before it goes into a header; people paste them with the scheme and line ends. */
export function bearerToken(token: string, name: string): string {
  const text = token.trim().replace(/^Bearer\s+/i, '');
  // RFC 6750: b64token. A line break here would be a second header.
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new ExchangeSqlError('CONNECTION_STRING', `${name} is not a token: it is empty or holds blanks, line breaks or other characters a token never has.`, {
      hint: 'Give the access token as it was issued, without quotes.',
    });
  }
  return text;
}
