import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compileFilter, evaluateFilter, filterPredicate, foldText, orderComparer, parseFilter, parseOrderBy } from '../../../src/sandbox/odata/index.js';
import type { ColumnMap, EvaluateOptions } from '../../../src/sandbox/odata/index.js';
import type { JsonObject } from '../../../src/sandbox/writer.js';

const MESSAGE: JsonObject = {
  id: 'AAMk', subject: "It's the Straße Report", isRead: false, isDraft: null, importance: 'high', receivedDateTime: '2024-03-01T09:30:00Z', categories: ['Red', 'blue'], bodyPreview: null,
  from: { emailAddress: { name: 'Ann', address: 'Ann@Contoso.example' } }, sender: null, toRecipients: [{ emailAddress: { address: 'bo@contoso.example' } }, { emailAddress: { address: 'zoe@contoso.example' } }], ccRecipients: [],
  flag: { flagStatus: 'flagged', dueDateTime: { dateTime: '2024-03-05T00:00:00.0000000', timeZone: 'UTC' } },
  singleValueExtendedProperties: [{ id: 'Integer 0x0E07', value: '17' }], '@odata.type': '#microsoft.graph.eventMessageRequest', meetingMessageType: 'meetingRequest',
};
const EVENT: JsonObject = { start: { dateTime: '2024-07-01T09:00:00.0000000', timeZone: 'W. Europe Standard Time' }, reminderMinutesBeforeStart: 15, sensitivity: 'private' };

const holds = (text: string, options: EvaluateOptions = {}): boolean => evaluateFilter(parseFilter(text, 'message'), MESSAGE, options);
const eventHolds = (text: string): boolean => evaluateFilter(parseFilter(text, 'event'), EVENT);

describe('evaluateFilter', () => {
  it('compares texts without case, letter by letter', () => {
    expect(holds("subject eq 'IT''S THE STRASSE REPORT'")).toBe(false);
    expect(holds("subject eq 'IT''S THE STRA\u1e9eE REPORT'")).toBe(true);
  });

  it.each([
    "startswith(subject,'it''S')", "endswith(subject,'REPORT')", "contains(subject,'aße r')", "from/emailAddress/address eq 'ANN@contoso.EXAMPLE'", "importance eq 'HIGH'", "importance gt 'normal'", "importance in ('low','high')",
    'not isRead', 'isRead eq false', 'isRead ne true', 'receivedDateTime eq 2024-03-01T10:30:00+01:00', 'receivedDateTime ge 2024-03-01', 'receivedDateTime lt 2024-03-02', 'receivedDateTime gt 2024-03-01T09:29:59.9999999Z',
    "categories/any(c:c eq 'RED')", "categories/any(c:startswith(c,'bl'))", 'categories/any()', "categories/all(c:c ne 'green')", "toRecipients/any(r:r/emailAddress/address eq 'Bo@contoso.example')", 'toRecipients/$count eq 2',
    'not ccRecipients/any()', "ccRecipients/all(r:r/emailAddress/address eq 'x')", 'sender eq null', 'sender/emailAddress/address eq null', 'from ne null', 'bodyPreview eq null', "bodyPreview ne 'x'", "not (bodyPreview eq 'x')", 'isDraft eq null',
    "flag/dueDateTime/dateTime lt '2024-03-05T00:00:01'", "flag/dueDateTime/dateTime eq '2024-03-05'", "singleValueExtendedProperties/any(ep:ep/id eq 'Integer 0x0E07' and cast(ep/value, Edm.Int32) ge 5)",
    "microsoft.graph.eventMessage/meetingMessageType eq 'meetingRequest'", "isof('microsoft.graph.eventMessage')", "length(subject) eq 22 and indexof(subject,'THE') eq 5", "substring(subject,5,3) eq 'the'", 'year(receivedDateTime) eq 2024 and month(receivedDateTime) eq 3 and hour(receivedDateTime) eq 9',
    "toupper(subject) eq 'x' or true", 'receivedDateTime lt now()', "concat('a','b') eq 'AB'", '5 div 2 eq 2 and 5 divby 2 eq 2.5 and -5 lt 5 mod 3 and 1 add 2 mul 3 eq 7', "subject gt 'it' and subject lt 'iu'", 'round(2.5) eq 3 and floor(2.5) eq 2 and ceiling(2.5) eq 3',
  ])('holds: %s', (text) => {
    expect(holds(text)).toBe(true);
  });

  it.each([
    "startswith(subject,'the')", "importance lt 'high'", 'isRead', 'isDraft', 'not isDraft', 'receivedDateTime gt 2024-03-01T09:30:00Z', "categories/any(c:c eq 'gre')", "bodyPreview eq 'x'", "bodyPreview gt ''", "bodyPreview le 'z'", "contains(bodyPreview,'')",
    "not contains(bodyPreview,'x')", "sender/emailAddress/address eq 'x'", 'subject eq null', 'isof(microsoft.graph.eventMessageResponse)', "microsoft.graph.eventMessageResponse/responseType ne null", "singleValueExtendedProperties/any(ep:cast(ep/value, Edm.Int32) gt 17)",
    "receivedDateTime eq 2024-03-01T09:30:00.001Z", "flag/dueDateTime/dateTime eq 'nonsense'", 'replyTo/any()', 'receivedDateTime lt null',
  ])('does not hold: %s', (text) => {
    expect(holds(text)).toBe(false);
  });

  it('finds words only at their start when asked to', () => {
    expect(holds("contains(subject,'eport')")).toBe(true);
    expect(holds("contains(subject,'eport')", { words: true })).toBe(false);
    expect(holds("contains(subject,'rep')", { words: true })).toBe(true);
    expect(holds("contains(subject,'the str')", { words: true })).toBe(true);
    expect(holds("contains(subject,'s the')", { words: true })).toBe(true);
  });

  it('compares moments by their zone', () => {
    expect(eventHolds("start/dateTime eq '2024-07-01T07:00:00'")).toBe(true);
    expect(eventHolds("start/dateTime ge '2024-07-01T07:00:01'")).toBe(false);
    expect(eventHolds("start/dateTime lt '2024-07-01T09:00:01+02:00'")).toBe(true);
  });

  it('takes stored values in place of the JSON', () => {
    const ms = Date.parse('2024-03-01T09:30:00.456Z');
    const read = (_entity: JsonObject, path: string): number | undefined => (path === 'receivedDateTime' || path === 'flag/dueDateTime/dateTime' ? ms : undefined);
    expect(holds('receivedDateTime gt 2024-03-01T09:30:00.455Z and receivedDateTime lt 2024-03-01T09:30:00.457Z', { read })).toBe(true);
    expect(holds('receivedDateTime le 2024-03-01T09:30:00Z', { read })).toBe(false);
    expect(holds("flag/dueDateTime/dateTime eq '2024-03-01T09:30:00.456'", { read })).toBe(true);
    expect(holds("startswith(subject,'it')", { read })).toBe(true);
  });

  it('keeps apart fractions below a millisecond', () => {
    const at = (stored: number, text: string): boolean => holds(text, { read: (_entity, path) => (path === 'receivedDateTime' ? stored : undefined) });
    const ms = Date.parse('2024-03-01T09:30:00.123Z');
    expect(at(ms, 'receivedDateTime lt 2024-03-01T09:30:00.1230001Z')).toBe(true);
    expect(at(ms, 'receivedDateTime ge 2024-03-01T09:30:00.1239999Z')).toBe(false);
  });

  it('folds a prefix of a text to a prefix of the folded text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, length) => {
      expect(foldText(text).startsWith(foldText([...text].slice(0, length).join('')))).toBe(true);
    }));
    expect(foldText('ΟΔΥΣΣΕΥΣ')).toBe(foldText('οδυσσευς'));
    expect(foldText('ΑΣΑ').startsWith(foldText('ΑΣ'))).toBe(true);
  });
});

describe('orderComparer', () => {
  it('sorts nulls first, texts without case, enumerations by rank, then the next key', () => {
    const rows: JsonObject[] = [{ subject: 'b', importance: 'low' }, { subject: 'A', importance: 'high' }, { subject: null }, { subject: 'B', importance: 'normal' }, { subject: 'a', importance: 'low' }];
    const sorted = (text: string): unknown[] => [...rows].sort(orderComparer(parseOrderBy(text, 'message'))).map((row) => [row['subject'], row['importance']]);
    expect(sorted('subject,importance desc')).toEqual([[null, undefined], ['A', 'high'], ['a', 'low'], ['B', 'normal'], ['b', 'low']]);
    expect(sorted('importance desc,subject').map((row) => (row as unknown[])[1])).toEqual(['high', 'normal', 'low', 'low', undefined]);
  });
});

describe('compileFilter', () => {
  const columns: ColumnMap = {
    receivedDateTime: { sql: 'received', kind: 'instant' }, isRead: { sql: 'is_read', kind: 'boolean' }, subject: { sql: 'subject_folded', kind: 'folded' },
    'from/emailAddress/address': { sql: 'from_folded', kind: 'folded' }, 'toRecipients/$count': { sql: 'recipients', kind: 'number' },
  };
  const database = new Database(':memory:');
  afterAll(() => {
    database.close();
  });
  const entity = fc.record({
    received: fc.option(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_005 })),
    isRead: fc.option(fc.boolean()),
    subject: fc.option(fc.constantFrom('', 'a', 'A', 'ab', 'aB', 'AΣ', 'ας', 'ασβ', '%', '_b', "it's", '😀x', '😀', 'ß', 'SS', 'İ')),
    from: fc.option(fc.constantFrom('x@y', 'X@Y')),
  });
  const text = fc.constantFrom('', 'a', 'A', 'aB', 'ας', 'ΑΣ', '%', '_', "it''s", '😀', 'ß', 'i', 'x@y');
  const moment = fc.constantFrom('2023-11-14T22:13:20Z', '2023-11-14T22:13:20.001Z', '2023-11-14T22:13:20.0025Z', '2023-11-14', '2023-11-14T23:13:20.003+01:00');
  const compare = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le');
  const equality = fc.constantFrom('eq', 'ne');
  const atom = fc.oneof(
    fc.tuple(compare, moment).map(([operator, value]) => `receivedDateTime ${operator} ${value}`),
    fc.tuple(compare, moment).map(([operator, value]) => `${value} ${operator} receivedDateTime`),
    fc.tuple(fc.constantFrom('receivedDateTime', 'isRead', 'subject'), equality).map(([path, operator]) => `${path} ${operator} null`),
    fc.tuple(equality, fc.constantFrom('true', 'false')).map(([operator, value]) => `isRead ${operator} ${value}`),
    fc.constant('isRead'),
    fc.tuple(fc.constantFrom('subject', 'from/emailAddress/address'), equality, text).map(([path, operator, value]) => `${path} ${operator} '${value}'`),
    text.map((value) => `startswith(subject,'${value}')`),
    fc.array(text, { minLength: 1, maxLength: 3 }).map((values) => `subject in (${values.map((value) => `'${value}'`).join(',')})`),
    fc.constantFrom('true', 'false'),
  );
  const filter = fc.letrec<{ readonly filter: string }>((tie) => ({
    filter: fc.oneof({ maxDepth: 3 }, atom, fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map(([left, operator, right]) => `(${left} ${operator} ${right})`), tie('filter').map((inner) => `not (${inner})`)),
  })).filter;

  it('selects exactly the rows that evaluate to true', () => {
    database.exec('CREATE TABLE m (n INTEGER PRIMARY KEY, received INTEGER, is_read INTEGER, subject_folded TEXT, from_folded TEXT, recipients INTEGER)');
    const insert = database.prepare('INSERT INTO m VALUES (?, ?, ?, ?, ?, 0)');
    const outcome = { rows: 0, none: 0 };
    fc.assert(fc.property(fc.array(entity, { minLength: 1, maxLength: 12 }), filter, (entities, given) => {
      const node = parseFilter(given, 'message');
      const compiled = compileFilter(node, columns);
      expect(compiled).toBeDefined();
      database.exec('DELETE FROM m');
      const predicate = filterPredicate(node, { read: (row, path) => (path === 'receivedDateTime' ? row['received'] : undefined) });
      const wanted: number[] = [];
      entities.forEach(({ received, isRead, subject, from }, index) => {
        insert.run(index, received, isRead === null ? null : Number(isRead), subject === null ? null : foldText(subject), from === null ? null : foldText(from));
        if (predicate({ received, receivedDateTime: null, isRead, subject, from: from === null ? null : { emailAddress: { address: from } } })) wanted.push(index);
      });
      const found = database.prepare(`SELECT n FROM m WHERE ${compiled!.sql} ORDER BY n`).pluck().all(...compiled!.parameters);
      outcome.rows += found.length;
      outcome.none += entities.length - found.length;
      expect(found).toEqual(wanted);
    }), { numRuns: 1500 });
    expect(Math.min(outcome.rows, outcome.none)).toBeGreaterThan(1000);
  });

  it.each([
    "contains(subject,'x')", "subject gt 'x'", "importance eq 'high'", 'hasAttachments', "categories/any(c:c eq 'x')", "tolower(subject) eq 'x'", "isRead and contains(subject,'x')", "startswith(subject,from/emailAddress/address)",
    "subject eq 'a\0b'", "subject eq from/emailAddress/address", "importance in ('high')", 'not hasAttachments',
  ])('leaves to the evaluator: %s', (given) => {
    expect(compileFilter(parseFilter(given, 'message'), columns)).toBeUndefined();
  });
});
