/**
 * Owns: secrets by reference, so that none need stand in a connection string: `env:NAME`, `file:PATH`.
 * Invariants: no error shows the value, or a reference that may have been meant as one.
 */
import { readFileSync } from 'node:fs';
import { ExchangeSqlError } from '../../errors.js';

/**
 * The value that a secret property stands for. `value:TEXT` is TEXT, for secrets that begin like a reference.
 *
 * @throws ExchangeSqlError CONNECTION_STRING where the variable is not set or the file cannot be read.
 * @example resolveReference('OAuthClientSecret', 'env:EXCHANGE_SECRET'); // process.env.EXCHANGE_SECRET
 */
export function resolveReference(property: string, value: string): string {
  const [, kind, rest = ''] = /^(env|file|value):([^]*)$/.exec(value) ?? [];
  if (kind === undefined) return value;
  if (kind === 'value') return rest;
  const refuse = (problem: string, cause?: unknown): ExchangeSqlError =>
    new ExchangeSqlError('CONNECTION_STRING', `${property} is a reference (${kind}:…), and ${problem}.`, { hint: `Write env:NAME or file:PATH; a value that begins with ${kind}: itself as value:${kind}:….`, ...(cause === undefined ? {} : { cause }) });
  if (kind === 'env') {
    const found = /^[A-Za-z_]\w*$/.test(rest) ? process.env[rest] : undefined;
    if (found === undefined || found === '') throw refuse('there is no such environment variable');
    return found;
  }
  try {
    const text = readFileSync(rest, 'utf8').replace(/\r?\n$/, '');
    if (text !== '') return text;
  } catch (error) {
    throw refuse(`the file cannot be read${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}`, error);
  }
  throw refuse('the file is empty');
}
