import { describe, expect, it } from 'vitest';
import { matchSearch, OdataError, parseSearch } from '../../../src/sandbox/odata/index.js';
import type { SearchValue } from '../../../src/sandbox/odata/search.js';

const FIELDS: Readonly<Record<string, readonly SearchValue[]>> = {
  subject: ['Quarterly budget report'], from: ['Ann O\'Hara', 'ann@contoso.example'], body: ['Please find attached the Größe of it'], to: ['bo@contoso.example'],
  hasattachment: [true], received: [new Date('2024-03-05T14:00:00Z')], size: [20_000], importance: ['high'],
};
const read = (field: string | undefined): readonly SearchValue[] | undefined =>
  field === undefined ? [...FIELDS['subject']!, ...FIELDS['from']!, ...FIELDS['body']!] : FIELDS[field];
const finds = (text: string): boolean => {
  const node = parseSearch(text);
  if (node === undefined) throw new Error(`dropped: ${text}`);
  return matchSearch(node, read);
};

describe('matchSearch', () => {
  it.each([
    '"budget"', 'budget', '"BUD"', '"budget ann"', '"subject:budget from:ann"', '"subject:budget AND from:ann"', '"subject:nothing OR from:ann"', '"NOT subject:nothing"', '"budget -nothing"', '"from:ann@contoso.example"',
    '"subject:\\"budget report\\""', '"\\"quarterly bud\\""', '"hasAttachment:true"', '"received:2024-03-05"', '"received:2024-03-01..2024-03-31"', '"received>=2024-03-05"', '"received<2024-03-06"', '"received>2024-03-04"',
    '"size:1..30000"', '"size>100"', '"importance:high"', '"(nothing OR budget) AND ann"', '"subject:nothing" OR "from:ann"', '"subject:budget" AND "from:ann"', '"größe"', '"budget NOT nothing"', '"size<>5"', 'budget AND NOT nothing',
  ])('finds %s', (text) => {
    expect(finds(text)).toBe(true);
  });

  it.each([
    '"udget"', '"subject:ann"', '"budget nothing"', '"NOT budget"', '"subject:\\"report budget\\""', '"\\"quart budget\\""', '"hasAttachment:false"', '"received:2024-03-04"', '"received>2024-03-05"', '"size<100"', '"nosuch:budget"', '"subject:nothing" AND "from:ann"',
    '"-budget"', '"received:someday"', '"*"',
  ])('does not find %s', (text) => {
    expect(finds(text)).toBe(false);
  });
});

describe('parseSearch', () => {
  it('drops a search with a stray quote, and an empty one, without a word', () => {
    for (const text of ['"a "b" c"', '"subject:"x y" foo"', '""', '"subject:"']) expect(parseSearch(text)).toBeUndefined();
  });

  it.each([
    ['subject:pizza', "Syntax error: character ':' is not valid at position 7 in 'subject:pizza'."],
    ['"pizza', "Syntax error at position 6 in '\"pizza'."],
    ['a AND', "Expression expected at position 5 in 'a AND'."],
    ['(a', "Syntax error at position 2 in '(a'."],
  ])('refuses %s', (text, message) => {
    expect(() => parseSearch(text)).toThrow(new OdataError(400, 'BadRequest', message));
  });
});
