import { describe, expect, it } from 'vitest';
import { collectPaths, inspectFilter, OdataError, parseExpand, parseFilter, parseOrderBy, parseSelect } from '../../../src/sandbox/odata/index.js';

const refusal = (work: () => unknown): OdataError => {
  try {
    work();
  } catch (error) {
    if (error instanceof OdataError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

/** Query strings that Graph-style clients send. */
const READ: readonly (readonly [string, string])[] = [
  ['message', 'isRead eq false'],
  ['message', 'isRead'],
  ['message', 'not isRead'],
  ['message', 'not (isRead eq true)'],
  ['message', 'not(isRead)'],
  ['message', 'isRead  eq   false   and hasAttachments eq true'],
  ['message', 'isRead EQ false AND NOT(hasAttachments) OR isDraft Eq TRUE'],
  ['message', 'receivedDateTime ge 2024-01-01T00:00:00Z'],
  ['message', 'receivedDateTime ge 2024-01-01'],
  ['message', 'receivedDateTime ge 2024-01-01T00:00:00.1234567+02:00 and receivedDateTime lt 2024-02-01T00:00Z'],
  ['message', 'receivedDateTime ge 1900-01-01T00:00:00Z and from/emailAddress/address eq \'x@contoso.example\''],
  ['message', "subject eq 'O''Neil'"],
  ['message', "subject eq 'a {b} <c> ; & + % / \\ \" (d'"],
  ['message', "contains(subject,'x') and startswith( subject , 'y' )"],
  ['message', "ContainS(subject,'x')"],
  ['message', "startswith(from/emailAddress/address,'ann')"],
  ['message', "importance eq 'high'"],
  ['message', "importance eq microsoft.graph.importance'high'"],
  ['message', "importance in ('high','LOW')"],
  ['message', "id in ('a', 'b')"],
  ['message', "flag/flagStatus eq 'flagged'"],
  ['message', 'flag ne null'],
  ['message', 'flag/dueDateTime ne null'],
  ['message', "flag/dueDateTime/dateTime lt '2024-01-01'"],
  ['message', "categories/any(c:c eq 'x')"],
  ['message', "categories/any(c: startswith(c,'x') or c eq 'y')"],
  ['message', 'categories/any()'],
  ['message', 'not categories/any()'],
  ['message', "categories/all(c:c ne 'x')"],
  ['message', 'toRecipients/$count gt 3'],
  ['message', "toRecipients/any(r:r/emailAddress/address eq 'x')"],
  ['message', "attachments/any(a:a/name eq 'x' and a/size gt 10)"],
  ['message', "singleValueExtendedProperties/any(ep:ep/id eq 'String {00020329-0000-0000-C000-000000000046} Name X' and ep/value eq 'v')"],
  ['message', "singleValueExtendedProperties/any(ep:ep/id eq 'Integer 0x0E07' and cast(ep/value, Edm.Int32) ge 5)"],
  ['message', "Extensions/any(f:f/id eq 'Com.X')"],
  ['message', "microsoft.graph.eventMessage/meetingMessageType eq 'meetingRequest'"],
  ['message', "isof('microsoft.graph.eventMessage')"],
  ['message', 'isof(microsoft.graph.eventMessageRequest)'],
  ['message', "tolower(subject) eq 'x' and length(subject) gt 3 and indexof(subject,'b') eq -1"],
  ['message', 'year(receivedDateTime) eq 2024 and month(receivedDateTime) lt 3'],
  ['message', 'receivedDateTime ge now()'],
  ['message', "'high' eq importance"],
  ['message', "substring(subject,1,2) eq 'bc' and concat(subject,'x') ne trim(subject)"],
  ['message', "$it/subject eq 'x'"],
  ['message', 'Subject eq null and ISREAD eq true'],
  ['event', "start/dateTime ge '2017-07-01T08:00'"],
  ['event', "end/dateTime lt '2017-07-01T08:00:00Z' and type eq 'seriesMaster'"],
  ['event', "iCalUId eq '0400' and isOrganizer eq true"],
  ['event', "attendees/any(a:a/status/response eq 'declined' and a/status/time gt 2024-01-01T00:00:00Z)"],
  ['event', "location/coordinates/latitude gt 59.5 and location/address/city eq 'Oslo'"],
  ['event', "reminderMinutesBeforeStart add 5 mul 2 ge -15"],
  ['event', 'reminderMinutesBeforeStart div 2 eq 7 and -reminderMinutesBeforeStart lt 0'],
  ['contact', "emailAddresses/any(a:a/address eq 'x')"],
  ['contact', "startswith(displayName,'x') and birthday ge 1970-01-01T00:00:00Z"],
  ['user', "proxyAddresses/any(p:p eq 'smtp:x@contoso.example') and accountEnabled eq true"],
  ['user', "endswith(mail,'@contoso.example')"],
  ['calendarGroup', 'classId eq 0006f0b7-0000-0000-c000-000000000046'],
  ['calendarGroup', "classId eq '0006F0B7-0000-0000-C000-000000000046'"],
  ['driveItem', 'size gt 100000000000 and folder ne null'],
  ['todoTask', "status eq 'completed' and dueDateTime/dateTime lt '2024-01-01'"],
  ['person', "personType/class eq 'Person'"],
];

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['message', '', "Expression expected at position 0 in ''."],
  ['message', 'isRead eq', "Expression expected at position 9 in 'isRead eq'."],
  ['message', 'isRead eq false and', "Expression expected at position 19 in 'isRead eq false and'."],
  ['message', 'isRead eq false bad', "Syntax error at position 19 in 'isRead eq false bad'."],
  ['message', '(isRead eq false', "')' or ',' expected at position 16 in '(isRead eq false'."],
  ['message', 'isRead eq false)', "Syntax error at position 16 in 'isRead eq false)'."],
  ['message', "subject eq 'x", "There is an unterminated string literal at position 13 in 'subject eq 'x'."],
  ['message', "subject eq 'O'Neil'", "There is an unterminated string literal at position 19 in 'subject eq 'O'Neil''."],
  ['message', 'subject eq "x"', 'Syntax error: character \'"\' is not valid at position 11 in \'subject eq "x"\'.'],
  ['message', 'subject = \'x\'', "Syntax error at position 9 in 'subject = 'x''."],
  ['message', "subject like 'x'", "Syntax error at position 12 in 'subject like 'x''."],
  ['message', 'nope eq 1', "Could not find a property named 'nope' on type 'microsoft.graph.message'."],
  ['message', 'from/nope eq 1', "Could not find a property named 'nope' on type 'microsoft.graph.recipient'."],
  ['message', "subject/x eq 'a'", "Could not find a property named 'x' on type 'Edm.String'."],
  ['message', "toRecipients/emailAddress eq 'a'", "Could not find a property named 'emailAddress' on type 'Collection(microsoft.graph.recipient)'."],
  ['message', "categories/any(c:d eq 'x')", "Could not find a property named 'd' on type 'microsoft.graph.message'."],
  ['message', 'subject eq 5', "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Int32' for operator kind 'Equal'."],
  ['message', "isRead gt true", "A binary operator with incompatible types was detected. Found operand types 'Edm.Boolean' and 'Edm.Boolean' for operator kind 'GreaterThan'."],
  ['message', "receivedDateTime ge '2024-01-01T00:00:00Z'", "A binary operator with incompatible types was detected. Found operand types 'Edm.DateTimeOffset' and 'Edm.String' for operator kind 'GreaterThanOrEqual'."],
  ['event', 'start/dateTime ge 2017-07-01T08:00:00Z', "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.DateTimeOffset' for operator kind 'GreaterThanOrEqual'."],
  ['message', "subject and isRead", "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Boolean' for operator kind 'And'."],
  ['message', "categories eq 'x'", "A binary operator with incompatible types was detected. Found operand types 'Collection(Edm.String)' and 'Edm.String' for operator kind 'Equal'."],
  ['message', "from eq 'x'", "A binary operator with incompatible types was detected. Found operand types 'microsoft.graph.recipient' and 'Edm.String' for operator kind 'Equal'."],
  ['message', "importance eq 'urgent'", "The string 'urgent' is not a valid enumeration type constant."],
  ['message', 'subject', 'The $filter expression must evaluate to a single boolean value.'],
  ['message', "subject/any(c:c eq 'x')", 'Any/All may only be used following a collection.'],
  ['message', 'receivedDateTime ge 2024-13-01T00:00:00Z', "Unrecognized 'Edm.DateTimeOffset' literal '2024-13-01T00:00:00Z' at '20' in 'receivedDateTime ge 2024-13-01T00:00:00Z'."],
  ['message', 'receivedDateTime ge 2024-01-01T00:00:00', "Unrecognized 'Edm.DateTimeOffset' literal '2024-01-01T00:00:00' at '20' in 'receivedDateTime ge 2024-01-01T00:00:00'."],
  ['message', "soundex(subject) eq 'x'", "An unknown function with name 'soundex' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed."],
  ['message', "contains(subject)", 'No function signature for the function with name \'contains\' matches the specified arguments. The function signatures considered are: contains(Edm.String Nullable=true, Edm.String Nullable=true).'],
  ['message', "contains(isRead,'x')", 'No function signature for the function with name \'contains\' matches the specified arguments. The function signatures considered are: contains(Edm.String Nullable=true, Edm.String Nullable=true).'],
  ['message', "microsoft.graph.event/subject eq 'x'", "The child type 'microsoft.graph.event' in a cast was not an entity type. Casts can only be performed on entity types."],
  ['message', "isRead eq 1'", "There is an unterminated string literal at position 12 in 'isRead eq 1''."],
];

describe('parseFilter', () => {
  it.each(READ)('reads %s: %s', (type, text) => {
    expect(parseFilter(text, type).position).toBeGreaterThanOrEqual(0);
    expect(parseFilter(text, `microsoft.graph.${type}`)).toEqual(parseFilter(text, type));
  });

  it.each(REFUSED)('refuses %s: %s', (type, text, message) => {
    const error = refusal(() => parseFilter(text, type));
    expect(error.message).toBe(message);
    expect([error.status, error.code]).toEqual([400, 'BadRequest']);
  });

  it('refuses what is nested too deep, without overflowing the stack', () => {
    expect(refusal(() => parseFilter(`${'('.repeat(5000)}isRead${')'.repeat(5000)}`, 'message')).code).toBe('BadRequest');
    expect(refusal(() => parseFilter(`${'not '.repeat(5000)}isRead`, 'message')).code).toBe('BadRequest');
    expect(refusal(() => parseFilter('isRead or '.repeat(50_000) + 'isRead', 'message')).code).toBe('BadRequest');
    // A long chain is not deep.
    expect(parseFilter(Array.from({ length: 300 }, (_, index) => `id eq '${index}'`).join(' or '), 'message').kind).toBe('binary');
  });

  it('binds and before or, comparisons before and', () => {
    const node = parseFilter("isRead eq true or isDraft eq true and subject eq 'x'", 'message');
    expect(node.kind === 'binary' && node.operator).toBe('or');
    const not = parseFilter('not isRead eq true and isDraft', 'message');
    expect(not.kind === 'binary' && not.operator === 'and' && not.left.kind).toBe('not');
  });
});

describe('inspectFilter', () => {
  it('gives paths in order of appearance', () => {
    expect(collectPaths(parseFilter("receivedDateTime ge 2024-01-01 and 'x' eq subject and (isRead or categories/any(c:c eq 'a')) and subject ne 'b'", 'message')))
      .toEqual(['receivedDateTime', 'subject', 'isRead', 'categories']);
  });

  it('gives functions, lambdas, casts, comparisons with null', () => {
    const use = inspectFilter(parseFilter("flag ne null and endswith(subject,'x') and not toRecipients/any(r:r/emailAddress/address eq 'y') and microsoft.graph.eventMessage/isAllDay eq true and importance in ('low')", 'message'));
    expect(use.functions).toEqual(['endswith']);
    expect(use.functionUses).toEqual([{ name: 'endswith', path: 'subject' }]);
    expect(use.lambdas).toEqual([{ collection: 'toRecipients', quantifier: 'any', empty: false }]);
    expect(use.innerPaths).toEqual([{ collection: 'toRecipients', path: 'emailAddress/address' }]);
    expect(use.casts).toEqual(['microsoft.graph.eventMessage']);
    expect(use.operators).toEqual(['and', 'ne', 'not', 'eq', 'in']);
    expect(use.comparisons.filter((comparison) => comparison.withNull)).toEqual([{ path: 'flag', operator: 'ne', withNull: true, inner: false }]);
  });
});

describe('parseOrderBy', () => {
  it('reads keys and directions', () => {
    expect(parseOrderBy('receivedDateTime desc, from/emailAddress/name,subject ASC', 'message').map(({ path, descending }) => [path, descending]))
      .toEqual([['receivedDateTime', true], ['from/emailAddress/name', false], ['subject', false]]);
    expect(parseOrderBy('start/dateTime', 'event')[0]?.path).toBe('start/dateTime');
  });

  it.each([
    ['start', 'event', 'The $orderby expression must evaluate to a single value of primitive type.'],
    ['categories', 'message', 'The $orderby expression must evaluate to a single value of primitive type.'],
    ['nope', 'message', "Could not find a property named 'nope' on type 'microsoft.graph.message'."],
    ['subject down', 'message', "Syntax error at position 12 in 'subject down'."],
    ['subject,', 'message', "Expression expected at position 8 in 'subject,'."],
  ])('refuses %s on %s', (text, type, message) => {
    expect(refusal(() => parseOrderBy(text, type)).message).toBe(message);
  });
});

describe('parseSelect', () => {
  it('reads names, nested names, casts, everything', () => {
    expect(parseSelect('id, SUBJECT ,from/emailAddress,microsoft.graph.eventMessage/isAllDay,*', 'message').map(({ path, cast }) => [path.join('/'), cast]))
      .toEqual([['id', undefined], ['subject', undefined], ['from/emailAddress', undefined], ['isAllDay', 'microsoft.graph.eventMessage'], ['*', undefined]]);
  });

  it.each([
    ['x', "Parsing OData Select and Expand failed: Could not find a property named 'x' on type 'microsoft.graph.mailFolder'."],
    ['id,,displayName', "Parsing OData Select and Expand failed: Syntax error at position 4 in 'id,,displayName'."],
    ['id displayName', "Parsing OData Select and Expand failed: Syntax error at position 14 in 'id displayName'."],
  ])('refuses %s', (text, message) => {
    const error = refusal(() => parseSelect(text, 'mailFolder'));
    expect([error.status, error.code, error.message]).toEqual([400, 'BadRequest', message]);
  });
});

describe('parseExpand', () => {
  it('reads inner options, several items, casts, nesting', () => {
    const [properties, attachments] = parseExpand("singleValueExtendedProperties($filter=id eq 'String 0x001A' or id eq 'Integer {a} Name B'),attachments($select=id,name;$top=5;$orderby=name desc;$count=true)", 'message');
    expect(properties?.name).toBe('singleValueExtendedProperties');
    expect(collectPaths(properties!.filter!)).toEqual(['id']);
    expect(attachments?.select.map((item) => item.path.join('/'))).toEqual(['id', 'name']);
    expect([attachments?.top, attachments?.count, attachments?.orderBy[0]?.descending]).toEqual([5, true, true]);
    expect(parseExpand('microsoft.graph.itemAttachment/item', 'attachment')[0]).toMatchObject({ name: 'item', cast: 'microsoft.graph.itemAttachment' });
    expect(parseExpand('childFolders($expand=childFolders($levels=max))', 'mailFolder')[0]?.expand[0]?.levels).toBe('max');
  });

  it.each([
    ['nope', "Parsing OData Select and Expand failed: Could not find a property named 'nope' on type 'microsoft.graph.message'."],
    ['subject', "Parsing OData Select and Expand failed: Property 'subject' on type 'microsoft.graph.message' is not a navigation property or complex property. Only navigation properties can be expanded."],
    ['attachments($top=-1)', "Parsing OData Select and Expand failed: Invalid value '-1' for $top query option found. The $top query option requires a non-negative integer value."],
    ['attachments($what=1)', "Parsing OData Select and Expand failed: Syntax error at position 17 in 'attachments($what=1)'."],
    ['attachments($top=1', "Parsing OData Select and Expand failed: ')' or ',' expected at position 18 in 'attachments($top=1'."],
  ])('refuses %s', (text, message) => {
    expect(refusal(() => parseExpand(text, 'message')).message).toBe(message);
  });
});
