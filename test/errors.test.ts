import { expect, test } from 'vitest';
import { ExchangeSqlError, SQL_STATES } from '../src/errors.js';

test('every code has a SQLSTATE of five characters', () => {
  for (const state of Object.values(SQL_STATES)) expect(state).toMatch(/^[0-9A-Z]{5}$/);
});

test('an error carries what a caller needs', () => {
  const error = new ExchangeSqlError('UNKNOWN_TABLE', 'no such table: Mesages', { hint: 'Did you mean Messages?', position: 14 });
  expect(error).toBeInstanceOf(Error);
  expect([error.code, error.sqlState, error.hint, error.position, error.retryable]).toEqual(['UNKNOWN_TABLE', '42P01', 'Did you mean Messages?', 14, false]);
});
