import { describe, expect, test } from 'vitest';
import type { FilterTerm } from '../../src/graph/filter-term.js';
import { arrange, fitting, Refusals, RUNG } from '../../src/graph/order-rules.js';
import type { Wish } from '../../src/graph/order-rules.js';

const term = (text: string, more: Partial<FilterTerm> = {}): FilterTerm => ({
  text,
  paths: [text.replace(/^startswith\(/, '').split(/[ ,]/)[0]!],
  lenient: false,
  notWithOrder: false,
  functions: text.startsWith('startswith'),
  dates: false,
  advanced: false,
  nodes: 1,
  ...more,
});
const READ = term('isRead eq true', { lenient: true });
const HIGH = term("importance eq 'high'");
const SENT = term('sentDateTime ge 2024-01-01T00:00:00Z', { lenient: true, dates: true });
const SINCE = term('receivedDateTime ge 2024-01-01T00:00:00Z', { lenient: true, dates: true });
const FROM = term("startswith(from/emailAddress/address,'a')");
const SUBJECT = term("startswith(subject,'a')", { notWithOrder: true });
const NEWEST = { path: 'receivedDateTime', descending: true, promised: true };
const BY_SENT = { path: 'sentDateTime', descending: false, promised: true };
const FLOOR = 'receivedDateTime ge 1900-01-01T00:00:00Z';

function shown(wish: Wish, rung: number = RUNG.asked, strict = false): string {
  const { terms, sort, sortReason } = arrange(wish, rung, strict);
  return `${terms.map(({ text }) => text).join(' and ')} | ${sort?.path ?? sortReason ?? ''}`;
}
const messages = (terms: FilterTerm[], sort?: Wish['sort']): Wish => ({ rules: 'messages', terms, sort });

describe('filter and sort of messages', () => {
  test.each<[string, Wish, string]>([
    ['sort alone', messages([], NEWEST), ' | receivedDateTime'],
    ['filter alone', messages([HIGH, SUBJECT]), `${HIGH.text} and ${SUBJECT.text} | `],
    ['the lenient set needs no floor', messages([READ, SENT], NEWEST), `${READ.text} and ${SENT.text} | receivedDateTime`],
    ['others do', messages([READ, HIGH], NEWEST), `${FLOOR} and ${READ.text} and ${HIGH.text} | receivedDateTime`],
    ['a restriction of the sort field goes first and is floor enough', messages([HIGH, SINCE], NEWEST), `${SINCE.text} and ${HIGH.text} | receivedDateTime`],
    ['a string function that bears no sort', messages([READ, SUBJECT], NEWEST), `${READ.text} and ${SUBJECT.text} | not-with-order`],
    ['a sort without a floor', messages([READ], BY_SENT), `${READ.text} | not-with-order`],
    ['a sort that the filter restricts', messages([HIGH, SENT], BY_SENT), `${SENT.text} and ${HIGH.text} | sentDateTime`],
  ])('%s', (_, wish, expected) => {
    expect(shown(wish)).toBe(expected);
  });

  test('the ladder: floor, no sort, no functions, dates only, plain', () => {
    const refusals = new Refusals();
    const wish = messages([SINCE, HIGH, FROM], NEWEST);
    const rungs = [shown(wish)];
    while (refusals.refuse(wish)) rungs.push(shown(wish, refusals.rung(wish), refusals.strict));
    expect(rungs).toEqual([
      `${SINCE.text} and ${HIGH.text} and ${FROM.text} | receivedDateTime`,
      `${SINCE.text} and ${HIGH.text} and ${FROM.text} | too-complex`,
      `${SINCE.text} and ${HIGH.text} | too-complex`,
      `${SINCE.text} | too-complex`,
      ' | receivedDateTime',
    ]);
  });

  test('a refused lenient filter gets the floor, and so does every later statement of the connection', () => {
    const refusals = new Refusals();
    const wish = messages([READ], NEWEST);
    expect(refusals.refuse(wish)).toBe(true);
    expect(shown(wish, refusals.rung(wish), refusals.strict)).toBe(`${FLOOR} and ${READ.text} | receivedDateTime`);
    const other = messages([SENT], NEWEST);
    expect(shown(other, refusals.rung(other), refusals.strict)).toBe(`${FLOOR} and ${SENT.text} | receivedDateTime`);
  });

  test('what was refused is the form, not the value', () => {
    const refusals = new Refusals();
    refusals.refuse(messages([FROM]));
    expect(refusals.rung(messages([term("startswith(from/emailAddress/address,'b')")]))).toBe(RUNG.noFunctions);
    expect(refusals.rung(messages([HIGH]))).toBe(RUNG.asked);
  });

  test('nothing left to drop', () => {
    expect(new Refusals().refuse(messages([]))).toBe(false);
  });
});

test('long filters lose the least useful term first', () => {
  const long = term(`startswith(subject,'${'x'.repeat(1500)}')`);
  expect(fitting([READ, long, HIGH])).toEqual([READ, HIGH]);
  const many = term('many', { nodes: 16 });
  expect(fitting([many, HIGH])).toEqual([HIGH]);
  expect(fitting([READ, HIGH])).toEqual([READ, HIGH]);
});
