import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnDeclaration } from '../../src/catalog/table.js';
import { writeFilter } from '../../src/graph/filter.js';
import { encodeQueryValue, encodeSegment, quote, readInstant, sendable, writeInstant } from '../../src/graph/literal.js';
import type { Predicate } from '../../src/scan/predicate.js';
import { compare, eq, oneOf } from './source-fixture.js';

const exact = { push: 'exact', as: 'compare' } as const;
const columns: readonly ColumnDeclaration[] = [
  { name: 'read', type: 'boolean', nullable: false, description: '', path: 'isRead', filter: { eq: exact } },
  { name: 'maybe', type: 'boolean', description: '', path: 'isMaybe', filter: { eq: exact } },
  { name: 'size', type: 'integer', description: '', path: 'size', filter: { eq: exact, ne: exact, range: exact } },
  { name: 'ratio', type: 'double', description: '', path: 'ratio', filter: { eq: exact, range: exact } },
  { name: 'rank', type: 'text', nullable: false, description: '', path: 'importance', values: ['low', 'normal', 'high'], filter: { eq: exact, ne: exact, prefix: exact } },
  { name: 'at', type: 'timestamp', nullable: false, description: '', path: 'receivedDateTime', filter: { eq: exact, ne: exact, range: exact } },
  { name: 'fine', type: 'timestamp', fraction: 7, description: '', path: 'createdDateTime', filter: { range: exact } },
  { name: 'start', type: 'timestamp', description: '', path: 'start/dateTime', filter: { range: { push: 'inexact', as: 'compare', quoted: true } } },
  { name: 'wide', type: 'timestamp', description: '', path: 'start/dateTime', filter: { range: { push: 'inexact', as: 'compare', quoted: true, widen: 14 } } },
  { name: 'closed', type: 'timestamp', description: '', path: 'hired', filter: { eq: exact, range: { push: 'exact', as: 'compare', closed: true } } },
  { name: 'title', type: 'text', description: '', path: 'subject', filter: { eq: { push: 'inexact', as: 'startswith' }, prefix: { push: 'inexact', as: 'startswith' } } },
  { name: 'mail', type: 'text', description: '', path: 'mail', filter: { eq: { push: 'inexact', as: 'compare' }, in: { push: 'inexact', as: 'compare' } } },
  { name: 'tags', type: 'json', description: '', path: 'categories', filter: { contains: { push: 'inexact', as: 'any' } } },
  { name: 'addresses', type: 'json', description: '', path: 'emailAddresses', filter: { contains: { push: 'inexact', as: 'any', member: 'address' } } },
  { name: 'body', type: 'text', description: '', path: 'body/content' },
  { name: 'sum', type: 'text', origin: 'computed', description: '', compute: 'x' },
];
const columnOf = (name: string): ColumnDeclaration | undefined => columns.find((column) => column.name === name);
/** `text` (exact), `~text (reason)` (inexact), or what else came of it. */
function written(predicate: Predicate): string {
  const outcome = writeFilter(predicate, columnOf);
  switch (outcome.kind) {
    case 'term':
      return outcome.exact ? outcome.term.text : `~${outcome.term.text} (${outcome.reason})`;
    case 'none':
      return `none: ${outcome.reason}`;
    default:
      return outcome.kind;
  }
}
const prefix = (column: string, text: string, caseSensitive = false): Predicate => ({ kind: 'prefix', column, prefix: text, caseSensitive });
const contains = (column: string, text: string): Predicate => ({ kind: 'contains', column, text, caseSensitive: false });
const any = (...arms: Predicate[]): Predicate => ({ kind: 'any', arms });
const all = (...arms: Predicate[]): Predicate => ({ kind: 'all', arms });
const NOON = '2024-01-02T12:00:00Z';

describe('what one predicate becomes', () => {
  test.each<[string, Predicate, string]>([
    ['boolean', eq('read', 1n), 'isRead eq true'],
    ['boolean as a real', eq('read', 0), 'isRead eq false'],
    ['boolean no row has', eq('read', 5n), 'never'],
    ['boolean <>', compare('read', 'ne', 1n), 'isRead eq false'],
    ['boolean <> for a nullable column, NULL not accepted', compare('maybe', 'ne', 1n), 'isMaybe eq false'],
    ['boolean range', compare('read', 'gt', 0n), 'isRead eq true'],
    ['boolean range all pass', compare('read', 'ge', 0n), 'always'],
    ['boolean range all but NULL pass', compare('maybe', 'ge', 0n), 'none: operator-not-supported'],
    ['boolean against text', eq('read', 'true'), 'none: storage-class'],
    ['integer', compare('size', 'ge', 5n), 'size ge 5'],
    ['integer against a fraction', compare('size', 'gt', 3.5), 'size ge 4'],
    ['integer at most a fraction', compare('size', 'lt', 3.5), 'size le 3'],
    ['integer equal to a fraction', eq('size', 3.5), 'never'],
    ['integer beyond 32 bits', compare('size', 'gt', 99_999_999_999n), 'never'],
    ['integer below 32 bits, NULL not accepted', compare('size', 'gt', -99_999_999_999n), 'none: operator-not-supported'],
    ['integer <> accepts NULL at the service', compare('size', 'ne', 5n), '~size ne 5 (widened)'],
    ['infinite', compare('ratio', 'lt', Number.POSITIVE_INFINITY), 'none: operator-not-supported'],
    ['enum', eq('rank', 'high'), "importance eq 'high'"],
    ['enum in another case is another text', eq('rank', 'High'), 'never'],
    ['enum outside the list', eq('rank', 'urgent'), 'never'],
    ['enum <>', compare('rank', 'ne', 'low'), "importance ne 'low'"],
    ['enum <> outside the list', compare('rank', 'ne', 'urgent'), 'always'],
    ['enum order is not text order', compare('rank', 'gt', 'low'), 'none: text-order'],
    ['enum prefix', prefix('rank', 'H'), "importance eq 'high'"],
    ['enum prefix with case', prefix('rank', 'H', true), 'never'],
    ['timestamp >=', compare('at', 'ge', NOON), 'receivedDateTime ge 2024-01-02T12:00:00Z'],
    ['timestamp >', compare('at', 'gt', NOON), 'receivedDateTime ge 2024-01-02T12:00:01Z'],
    ['timestamp <', compare('at', 'lt', NOON), 'receivedDateTime lt 2024-01-02T12:00:00Z'],
    ['timestamp <=', compare('at', 'le', NOON), 'receivedDateTime lt 2024-01-02T12:00:01Z'],
    ['timestamp =', eq('at', NOON), 'receivedDateTime ge 2024-01-02T12:00:00Z and receivedDateTime lt 2024-01-02T12:00:01Z'],
    ['timestamp <>', compare('at', 'ne', NOON), '(receivedDateTime lt 2024-01-02T12:00:00Z or receivedDateTime ge 2024-01-02T12:00:01Z)'],
    ['timestamp over the year', compare('at', 'gt', '2023-12-31T23:59:59Z'), 'receivedDateTime ge 2024-01-01T00:00:00Z'],
    ['timestamp with other digits', compare('at', 'ge', '2024-01-02T12:00:00.500Z'), '~receivedDateTime ge 2024-01-02T11:59:59Z (widened)'],
    ['timestamp with other digits, upper', compare('at', 'lt', '2024-01-02T12:00:00.500Z'), '~receivedDateTime lt 2024-01-02T12:00:02Z (widened)'],
    ['timestamp at the end of time', compare('at', 'le', '9999-12-31T23:59:59Z'), 'always'],
    ['timestamp beyond the end of time', compare('at', 'gt', '9999-12-31T23:59:59Z'), 'never'],
    ['a day that does not exist', compare('at', 'ge', '2024-02-30T00:00:00Z'), 'none: storage-class'],
    ['a text that is no timestamp', compare('at', 'ge', '2024'), 'none: storage-class'],
    ['seven digits', compare('fine', 'gt', '2024-01-02T12:00:00.0000000Z'), 'createdDateTime ge 2024-01-02T12:00:00.0000001Z'],
    ['quoted', compare('start', 'le', NOON), "~start/dateTime lt '2024-01-02T12:00:01' (widened)"],
    ['widened by hours', compare('wide', 'ge', NOON), "~start/dateTime ge '2024-01-01T21:59:59' (widened)"],
    ['closed bounds only: >', compare('closed', 'gt', NOON), 'hired ge 2024-01-02T12:00:01Z'],
    ['closed bounds only: <', compare('closed', 'lt', NOON), '~hired le 2024-01-02T12:00:00Z (widened)'],
    ['closed bounds only: <=', compare('closed', 'le', NOON), '~hired le 2024-01-02T12:00:01Z (widened)'],
    ['lossy equality', eq('title', "it's"), "~startswith(subject,'it''s') (lossy-equality)"],
    ['empty text', eq('title', ''), 'none: pattern'],
    ['equality', eq('mail', 'a@b'), "~mail eq 'a@b' (case-insensitive)"],
    ['text <>', compare('mail', 'ne', 'a'), 'none: negation'],
    ['text range', compare('mail', 'lt', 'a'), 'none: text-order'],
    ['text against a number', eq('mail', 5n), 'none: storage-class'],
    ['cut before a control character', eq('title', 'ab\u0000c'), "~startswith(subject,'ab') (lossy-equality)"],
    ['cut before a lone surrogate', eq('title', 'ab\ud800c'), "~startswith(subject,'ab') (lossy-equality)"],
    ['U+FFFD stands for something else at the service', eq('mail', 'a\ufffd'), 'none: operator-not-supported'],
    ['emoji stay whole', eq('title', '😀x'), "~startswith(subject,'😀x') (lossy-equality)"],
    ['prefix', prefix('title', 'Re: '), "~startswith(subject,'Re: ') (case-insensitive)"],
    ['contains is not offered', contains('title', 'x'), 'none: operator-not-supported'],
    ['element of a list', contains('tags', '"Red"'), "~categories/any(x:x eq 'Red') (case-insensitive)"],
    ['part of an element', contains('tags', 'Red'), 'none: pattern'],
    ['member of an element', contains('addresses', '"a@b"'), "~emailAddresses/any(x:x/address eq 'a@b') (case-insensitive)"],
    ['in', oneOf('rank', 'low', 'urgent', 'high'), "(importance eq 'low' or importance eq 'high')"],
    ['in with nothing possible', oneOf('rank', 'urgent'), 'never'],
    ['in as such', oneOf('mail', 'a', "b'"), "~mail in ('a','b''') (case-insensitive)"],
    ['or', any(eq('read', 1n), compare('at', 'lt', NOON)), '(isRead eq true or receivedDateTime lt 2024-01-02T12:00:00Z)'],
    ['or with an arm that cannot go', any(eq('read', 1n), eq('body', 'x')), 'none: or-not-pushable'],
    ['or with an impossible arm', any(eq('rank', 'urgent'), eq('read', 1n)), 'isRead eq true'],
    ['and inside or', any(all(eq('read', 1n), eq('body', 'x')), eq('rank', 'low')), "~(isRead eq true or importance eq 'low') (partial)"],
    ['IS NULL', { kind: 'null', column: 'size', negated: false }, 'none: operator-not-supported'],
    ['IS NULL of what is never NULL', { kind: 'null', column: 'at', negated: false }, 'never'],
    ['IS NOT NULL of what is never NULL', { kind: 'null', column: 'at', negated: true }, 'always'],
    ['no capability', eq('body', 'x'), 'none: not-filterable'],
    ['computed', eq('sum', 'x'), 'none: computed'],
  ])('%s', (_, predicate, expected) => {
    expect(written(predicate)).toBe(expected);
  });

  test('the pushed range of a timestamp holds the same instants, whether the service cuts fractions or not', () => {
    const operators = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
    const holds = { eq: (a: string, b: string) => a === b, ne: (a: string, b: string) => a !== b, lt: (a: string, b: string) => a < b, le: (a: string, b: string) => a <= b, gt: (a: string, b: string) => a > b, ge: (a: string, b: string) => a >= b };
    const evaluate = (text: string, at: bigint): boolean => {
      const plain = text.replace(/^\(|\)$/g, '');
      if (plain.includes(' or ')) return plain.split(' or ').some((part) => evaluate(part, at));
      return plain.split(' and ').every((part) => {
        const [, op, literal] = part.split(' ') as [string, string, string];
        const bound = readInstant(literal)!.ticks;
        return op === 'ge' ? at >= bound : op === 'lt' ? at < bound : at === bound;
      });
    };
    fc.assert(
      fc.property(fc.constantFrom(...operators), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 40_000_000 }), (op, second, ticks) => {
        const base = readInstant(NOON)!.ticks;
        const constant = writeInstant(base + BigInt(second) * 10_000_000n, 0)!;
        const shown = writeInstant(base + BigInt(ticks), 0)!;
        const outcome = writeFilter(compare('at', op, constant), columnOf);
        if (outcome.kind !== 'term' || !outcome.exact) throw new Error('not exact');
        expect(evaluate(outcome.term.text, base + BigInt(ticks))).toBe(holds[op](shown, constant));
      }),
    );
  });
});

describe('escaping', () => {
  test('a quoted literal ends where it began', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const literal = quote(text);
        expect(literal.slice(1, -1).replaceAll("''", '')).not.toContain("'");
        expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(text);
      }),
    );
  });

  test('a query value survives, and cannot end the option', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeQueryValue(text);
        expect(encoded).not.toMatch(/[&#+ %]$|[&#+ ]/);
        expect(new URLSearchParams(`$filter=${encoded}`).get('$filter')).toBe(text);
      }),
    );
  });

  test('a path segment stays one segment', () => {
    for (const id of ['a/b', '..', '.', 'a?b=c#d', 'a%2Fb', "o'hara", 'a+b', '\u0000\r\n', '\ud800']) {
      const url = new URL(`http://localhost/v1.0/me/messages/${encodeSegment(id)}`);
      expect(url.pathname.split('/')).toHaveLength(5);
      expect(url.search + url.hash).toBe('');
    }
    expect(decodeURIComponent(encodeSegment('a/b+c='))).toBe('a/b+c=');
  });

  test('what cannot be sent is known', () => {
    expect(['', 'ä', '😀', "'"].every(sendable)).toBe(true);
    expect(['\n', '\u0085', '\udc00', 'a\ufffd', '\ud83d'].some(sendable)).toBe(false);
  });
});
