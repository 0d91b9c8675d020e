/**
 * Owns: refusing half characters in what is written.
 * Invariants: pure; a text is written as it was given or not at all. SQLite would make U+FFFD of a lone surrogate.
 */
import type { BoundParameters } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';

const LONE = /\p{Surrogate}/u;

/** @throws ExchangeSqlError BAD_VALUE where the statement or one of its parameters holds a lone surrogate. */
export function refuseHalfCharacters(sql: string, { positional, named }: BoundParameters): void {
  const at = sql.search(LONE);
  if (at >= 0) throw half('the statement', at);
  const number = positional.findIndex(isHalf);
  if (number >= 0) throw half(`parameter ${String(number + 1)}`);
  const name = Object.keys(named).find((one) => isHalf(named[one]));
  if (name !== undefined) throw half(`the parameter ${name}`);
}

const isHalf = (value: unknown): boolean => typeof value === 'string' && LONE.test(value);

function half(what: string, position?: number): ExchangeSqlError {
  return new ExchangeSqlError('BAD_VALUE', `${what} holds half of a character (a lone surrogate), which cannot be written as text`, {
    hint: 'A text that was cut within an emoji has one at its end: cut between characters, or call toWellFormed() on it.',
    ...(position === undefined ? {} : { position }),
  });
}
