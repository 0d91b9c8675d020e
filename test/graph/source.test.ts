import { describe, expect, test } from 'vitest';
import { PlanWeakened } from '../../src/scan/source.js';
import type { ScanPlan } from '../../src/scan/scan.js';
import { client } from './client-fixture.js';
import { fakeService, refusal } from './fake-service.js';
import type { Asked } from './fake-service.js';
import { catalog, compare, conjunct, context, eq, oneOf, rows, scan, sourceOf } from './source-fixture.js';
import type { Ask } from './source-fixture.js';

const nowhere = (): ReturnType<typeof client> => client('http://127.0.0.1:1');
const NEWEST = [{ column: 'receivedDateTime', descending: true }];

/** A plan in few words: requests, then one word per conjunct, order and limit. */
function golden(plan: ScanPlan): string[] {
  return [
    ...plan.requests.map(({ method, url, pageSize, calls, repeated }) => [method, url, pageSize === undefined ? '' : `pages of ${pageSize}`, calls === undefined ? '' : `${calls} calls`, repeated ?? ''].filter((part) => part !== '').join('  ')),
    [...plan.outcomes.map(({ handled, reason }) => (reason === undefined ? handled : `${handled}:${reason}`)), `order ${plan.order}`, `limit ${plan.limit}`, ...(plan.count === undefined ? [] : [`count ${plan.count}`])].join(', '),
  ];
}

describe('golden plans', () => {
  test.each<[string, string, Ask, string[]]>([
    ['a listing selects what is needed and pages by key', 'Messages', { columns: ['id', 'subject', 'from_emailAddress_address'] }, ['GET  /me/messages?$select=id,subject,from,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'order none, limit none']],
    ['bodies come in smaller pages', 'Messages', { columns: ['body_content'] }, ['GET  /me/messages?$select=id,body,receivedDateTime&$orderby=receivedDateTime desc&$top=200  pages of 200  continued by receivedDateTime', 'order none, limit none']],
    ['order and limit go down', 'Messages', { columns: ['subject'], where: [eq('isRead', 0n)], order: NEWEST, limit: 25 }, ['GET  /me/messages?$select=id,subject,receivedDateTime&$filter=isRead eq false&$orderby=receivedDateTime desc&$top=25  pages of 25  1 calls', 'exact, order honoured, limit honoured']],
    ['a limit without order', 'Messages', { where: [eq('hasAttachments', 1n)], limit: 5 }, ['GET  /me/messages?$select=id&$filter=hasAttachments eq true&$top=5  pages of 5  1 calls', 'exact, order none, limit honoured']],
    ['no limit with what is re-checked', 'Messages', { where: [eq('subject', 'x')], limit: 5 }, ["GET  /me/messages?$select=id&$filter=startswith(subject,'x')&$top=1000&$count=true  pages of 1000", 'inexact:lossy-equality, order none, limit local']],
    ['a filter that bears no sort wins over the sort', 'Messages', { where: [eq('subject', 'x')], order: NEWEST }, ["GET  /me/messages?$select=id&$filter=startswith(subject,'x')&$top=1000&$count=true  pages of 1000", 'inexact:lossy-equality, order local, limit none']],
    ['a sort by text is never honoured', 'Messages', { order: [{ column: 'subject', descending: false }], limit: 5 }, ['GET  /me/messages?$select=id,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'order local, limit local']],
    ['two sort keys are not', 'Messages', { order: [...NEWEST, { column: 'id', descending: false }] }, ['GET  /me/messages?$select=id,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'order local, limit none']],
    ['a folder is a path', 'Messages', { where: [eq('parentFolderId', 'in/box')] }, ['GET  /me/mailFolders/in/box/messages?$select=id,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'exact, order none, limit none']],
    ['several folders are several paths', 'Messages', { where: [oneOf('parentFolderId', 'a', 'b')], order: NEWEST }, ['GET  /me/mailFolders/{place}/messages?$select=id,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  2 places, continued by receivedDateTime', 'exact, order local, limit none']],
    ['a key is a GET', 'Messages', { where: [eq('id', 'AAMk')], columns: ['subject'] }, ['GET  /me/messages/AAMk?$select=id,subject  1 calls', 'exact, order none, limit none']],
    ['keys are batches', 'Messages', { where: [oneOf('id', ...Array.from({ length: 41 }, (_, index) => `k${index}`)), eq('isRead', 1n)] }, ['POST  /$batch GET /me/messages/{id}?$select=id  3 calls  41 keys, 20 a batch', 'exact, none:not-filterable, order none, limit none']],
    ['keys that contradict', 'Messages', { where: [eq('id', 'a'), eq('id', 'b')] }, ['exact, exact, order none, limit none']],
    ['an enum outside its list sends nothing', 'Messages', { where: [eq('importance', 'High')] }, ['exact, order none, limit none']],
    ['a count', 'Messages', { columns: [], where: [eq('importance', 'high')], countOnly: true }, ["GET  /me/messages?$select=id&$filter=importance eq 'high'&$top=1&$count=true  1 calls", 'exact, order none, limit none, count service']],
    ['a count with what is re-checked', 'Messages', { columns: [], where: [eq('conversationId', 'c')], countOnly: true }, ["GET  /me/messages?$select=id,receivedDateTime&$filter=receivedDateTime ge 1900-01-01T00:00:00Z and conversationId eq 'c'&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime", 'inexact:case-insensitive, order none, limit none, count rows']],
    ['another mailbox', 'Messages', { where: [eq('userId', "o'hara@contoso.example")] }, ["GET  /users/o'hara@contoso.example/messages?$select=id,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime", 'exact, order none, limit none']],
    ['search stands alone', 'Messages', { where: [{ kind: 'search', text: 'subject:budget' }, eq('isRead', 1n)] }, ['GET  /me/messages?$select=id&$search="subject:budget"&$top=1000  pages of 1000', 'POST  /me/translateExchangeIds  per page of hits', 'exact, none:not-with-search, order none, limit none']],
    ['the folder tree is walked', 'MailFolders', { columns: ['displayName'] }, ['GET  /me/mailFolders?includeHiddenFolders=true&$select=id,displayName  pages of 1000', 'POST  /$batch GET /me/mailFolders/{id}/childFolders?includeHiddenFolders=true&$select=id,displayName  per folder, 20 a batch', 'order none, limit none']],
    ['a window by predicates', 'CalendarView', { where: [compare('start_dateTime', 'ge', '2024-05-01T00:00:00Z'), compare('start_dateTime', 'lt', '2024-06-01T00:00:00Z')], columns: ['subject'] }, ['GET  /me/calendarView?startDateTime=2024-04-30T09:59:59Z&endDateTime=2024-06-01T14:00:00Z&$select=id,subject&$top=1000&$count=true  pages of 1000', 'inexact:widened, inexact:widened, order none, limit none']],
    ['a window by inputs', 'CalendarView', { where: [eq('StartDateTime', '2024-05-01T00:00:00Z'), eq('EndDateTime', '2024-06-01T00:00:00Z')], columns: ['subject'] }, ['GET  /me/calendarView?startDateTime=2024-05-01T00:00:00Z&endDateTime=2024-06-01T00:00:00Z&$select=id,subject&$top=1000&$count=true  pages of 1000', 'exact, exact, order none, limit none']],
    ['recipients are read with their messages', 'MessageRecipients', { columns: ['emailAddress_address', 'messageId'], where: [eq('kind', 'cc'), compare('receivedDateTime', 'ge', '2024-05-01T00:00:00Z')] }, ['GET  /me/messages?$select=id,ccRecipients,receivedDateTime&$filter=receivedDateTime ge 2024-05-01T00:00:00Z&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'exact, exact, order none, limit none']],
    ['recipients of one message', 'MessageRecipients', { columns: ['kind'], where: [eq('messageId', 'AAMk')] }, ['GET  /me/messages/AAMk?$select=id,toRecipients,ccRecipients,bccRecipients,replyTo  1 calls', 'exact, order none, limit none']],
    ['attachments of all messages', 'MessageAttachments', { columns: ['messageId', 'name'] }, ['GET  /me/messages?$select=id,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'POST  /$batch GET /me/messages/{parent}/attachments?$select=id,name  per message, 20 a batch', 'order none, limit none']],
    ['hasAttachments tells of attachments that are not inline', 'MessageAttachments', { columns: ['messageId', 'name'], where: [eq('isInline', 0n)] }, ['GET  /me/messages?$select=id,hasAttachments,receivedDateTime&$filter=receivedDateTime ge 1900-01-01T00:00:00Z and hasAttachments eq true&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'POST  /$batch GET /me/messages/{parent}/attachments?$select=id,name  per message, 20 a batch', 'none:not-filterable, order none, limit none']],
    ['a key finds an event in any calendar, so it is asked for its own', 'Events', { columns: ['calendarId'], where: [eq('id', 'AAMk')] }, ['GET  /me/events/AAMk?$select=id  1 calls', 'GET  /me/events/AAMk/calendar?$select=id  1 calls', 'exact, order none, limit none']],
    ['attachments of one message', 'MessageAttachments', { columns: ['name'], where: [eq('messageId', 'AAMk')] }, ['GET  /me/messages/AAMk/attachments?$select=id,name', 'exact, order none, limit none']],
    ['advanced directory queries', 'Users', { columns: ['displayName'], where: [eq('companyName', 'Contoso')] }, ["GET  /users?$select=id,displayName&$filter=companyName eq 'Contoso'&$top=999&$count=true  pages of 999", 'inexact:case-insensitive, order none, limit none']],
    ['a calendar is a path', 'Events', { columns: ['calendarId'], where: [eq('calendarId', 'c1')] }, ['GET  /me/calendars/c1/events?$select=id&$top=1000&$count=true  pages of 1000', 'exact, order none, limit none']],
    ['the default calendar is asked for its id', 'Events', { columns: ['calendarId'] }, ['GET  /me/events?$select=id&$top=1000&$count=true  pages of 1000', 'GET  /me/calendar?$select=id  1 calls', 'order none, limit none']],
  ])('%s', (_, table, ask, expected) => {
    expect(golden(sourceOf(nowhere()).plan(scan(table, ask)))).toEqual(expected);
  });

  test('a residual or an incomplete conjunct keeps the limit here', () => {
    const source = sourceOf(nowhere());
    expect(source.plan(scan('Messages', { limit: 5, residuals: [{ sql: 'x', reason: 'negation' }] })).limit).toBe('local');
    const half = { ...scan('Messages', { limit: 5 }), conjuncts: [conjunct(eq('isRead', 1n), false)] };
    const plan = source.plan(half);
    expect([plan.limit, plan.outcomes[0]?.handled, plan.outcomes[0]?.reason]).toEqual(['local', 'inexact', 'partial']);
  });

  test('with pushdown off only what chooses the place goes down', () => {
    const plan = sourceOf(nowhere(), { disableServerSideFiltering: true }).plan(scan('Messages', { where: [eq('isRead', 1n), eq('id', 'k'), eq('userId', 'ann')], order: NEWEST, limit: 3 }));
    expect(golden(plan)).toEqual(['GET  /users/ann/messages?$select=id,receivedDateTime&$orderby=receivedDateTime desc&$top=1000  pages of 1000  continued by receivedDateTime', 'none:pushdown-off, none:pushdown-off, exact, order local, limit local']);
  });

  test('what cannot be answered says what to add', () => {
    const source = sourceOf(nowhere());
    expect(() => source.plan(scan('CalendarView', { where: [compare('start_dateTime', 'ge', '2024-05-01T00:00:00Z')] }))).toThrow(expect.objectContaining({ code: 'PREDICATE_REQUIRED', message: expect.stringContaining('EndDateTime is missing') as string }));
    expect(() => source.plan(scan('ExtendedProperties'))).toThrow(expect.objectContaining({ code: 'PREDICATE_REQUIRED' }));
    expect(() => source.plan(scan('Messages', { where: [{ kind: 'search', text: 'a"b' }] }))).toThrow(expect.objectContaining({ code: 'BAD_VALUE' }));
    expect(() => source.plan(scan('Contacts', { where: [{ kind: 'search', text: 'a' }] }))).toThrow(expect.objectContaining({ code: 'NOT_SUPPORTED' }));
    expect(() => source.plan(scan('Plans'))).toThrow(expect.objectContaining({ code: 'NOT_SUPPORTED' }));
  });

  test('every table that is offered has a plan for every column', () => {
    const source = sourceOf(nowhere());
    const bounds = [compare('start_dateTime', 'ge', '2024-05-01T00:00:00Z'), compare('start_dateTime', 'lt', '2024-06-01T00:00:00Z')];
    for (const table of catalog.tables()) {
      if (table.shape.kind === 'extended-properties') continue;
      const windowed = table.shape.kind === 'window' || (table.shape.kind === 'children' && table.shape.window === true);
      const plan = source.plan(scan(table.name, { columns: table.columns.map(({ name }) => name), where: windowed ? bounds : [] }));
      expect(plan.requests.length, table.name).toBeGreaterThan(0);
    }
  });
});

describe('the ladder', () => {
  const fussy = (accepts: (asked: Asked) => boolean): Parameters<typeof fakeService>[0] => (asked) => (accepts(asked) ? { body: { value: [{ id: 'm1', receivedDateTime: '2024-01-01T00:00:00Z', isRead: true }], '@odata.count': 1 } } : refusal(400, 'InefficientFilter'));

  test('promises that no longer hold are taken back before the first row, once', async () => {
    const service = await fakeService(fussy(({ query }) => !query.has('$orderby')));
    const source = sourceOf(client(service.origin));
    const asked = scan('Messages', { where: [eq('importance', 'high')], order: NEWEST, limit: 3 });
    const plan = source.plan(asked);
    expect([plan.order, plan.limit]).toEqual(['honoured', 'honoured']);
    await expect(rows(source, plan)).rejects.toBeInstanceOf(PlanWeakened);
    const again = source.plan(asked);
    expect([again.order, again.limit, again.orderReason]).toEqual(['local', 'local', 'too-complex']);
    expect(await rows(source, again)).toEqual([['m1']]);
    expect(await rows(source, source.plan(asked))).toEqual([['m1']]);
  });

  test('a plan that promised nothing just asks for less', async () => {
    const service = await fakeService(fussy(({ query }) => !query.has('$filter')));
    const source = sourceOf(client(service.origin));
    const asked = scan('Messages', { where: [eq('subject', 'x')] });
    expect(await rows(source, source.plan(asked))).toEqual([['m1']]);
    expect(source.plan(asked).outcomes[0]).toMatchObject({ handled: 'none', reason: 'too-complex' });
    const before = service.asked.length;
    await rows(source, source.plan(asked));
    expect(service.asked.length).toBe(before + 1);
  });

  test('a lenient filter that is refused gets the floor', async () => {
    const service = await fakeService(fussy(({ query }) => !query.has('$filter') || query.get('$filter')!.startsWith('receivedDateTime')));
    const source = sourceOf(client(service.origin));
    const plan = source.plan(scan('Messages', { where: [eq('isRead', 1n)], order: NEWEST, limit: 3 }));
    expect(await rows(source, plan)).toEqual([['m1']]);
    expect(service.asked.map(({ query }) => query.get('$filter'))).toEqual(['isRead eq true', 'receivedDateTime ge 1900-01-01T00:00:00Z and isRead eq true']);
  });

  test('a refusal that nothing cures reaches the user', async () => {
    const service = await fakeService(() => refusal(400, 'BadRequest'));
    const source = sourceOf(client(service.origin));
    await expect(rows(source, source.plan(scan('Contacts')))).rejects.toMatchObject({ code: 'SERVICE', status: 400 });
  });

  test('a count that is refused or unusable', async () => {
    const minus = await fakeService(() => ({ body: { value: [], '@odata.count': -1 } }));
    const source = sourceOf(client(minus.origin));
    const plan = source.plan(scan('Messages', { columns: [], where: [eq('isRead', 1n)], countOnly: true }));
    expect(await source.count(plan, context())).toBeUndefined();
    const refusing = await fakeService(fussy(({ query }) => !query.has('$filter')));
    const other = sourceOf(client(refusing.origin));
    await expect(other.count(plan, context())).rejects.toBeInstanceOf(PlanWeakened);
  });
});

describe('keys', () => {
  test('a row shows the id it was asked by; what is not there is no row', async () => {
    const service = await fakeService(({ path }) => {
      if (path.endsWith('/gone')) return refusal(404, 'ErrorItemNotFound');
      if (path.endsWith('/bad')) return refusal(400, 'ErrorInvalidIdMalformed');
      return { body: { id: 'immutable', subject: path.split('/').at(-1) } };
    });
    const source = sourceOf(client(service.origin));
    const columns = ['id', 'subject'];
    expect(await rows(source, source.plan(scan('Messages', { columns, where: [eq('id', 'regular')] })))).toEqual([['regular', 'regular']]);
    expect(await rows(source, source.plan(scan('Messages', { columns, where: [eq('id', 'gone')] })))).toEqual([]);
    expect(await rows(source, source.plan(scan('Messages', { columns, where: [oneOf('id', 'bad', 'gone', 'Aa', '..')] })))).toEqual([['Aa', 'Aa']]);
  });

  test('of the directory are compared as SQL does', async () => {
    const service = await fakeService(() => ({ body: { id: 'guid', displayName: 'Ann' } }));
    const source = sourceOf(client(service.origin));
    expect(await rows(source, source.plan(scan('Users', { where: [eq('id', 'ann@contoso.example')] })))).toEqual([]);
    expect(await rows(source, source.plan(scan('Users', { where: [eq('id', 'guid')] })))).toEqual([['guid']]);
  });

  test('cost calls, 20 keys each; what chooses the mailbox must be bound', () => {
    const source = sourceOf(nowhere());
    expect(['id', 'subject', 'parentFolderId', 'userId'].map((column) => source.lookupCost('Messages', column, 41))).toEqual([3, undefined, 41, 0]);
    expect([source.lookupCost('MessageRecipients', 'messageId', 40), source.lookupCost('MessageAttachments', 'messageId', 1), source.lookupCost('MessageAttachments', 'id', 1), source.lookupCost('Events', 'calendarId', 9)]).toEqual([2, 1, undefined, 0]);
  });
});

describe('mailboxes', () => {
  const service = (): ReturnType<typeof fakeService> =>
    fakeService(({ path }) => {
      if (path.includes('/none')) return refusal(404, 'MailboxNotEnabledForRESTAPI');
      if (path.includes('/denied')) return refusal(403, 'ErrorAccessDenied');
      return { body: { value: [{ id: `of ${path.split('/')[2] ?? ''}` }] } };
    });

  test('show as they were asked for; the same item under two names is two rows', async () => {
    const { origin } = await service();
    const source = sourceOf(client(origin), { userId: 'ann' });
    const columns = ['userId', 'id'];
    expect(await rows(source, source.plan(scan('Contacts', { columns })))).toEqual([['ann', 'of ann']]);
    expect((await rows(source, source.plan(scan('Contacts', { columns, where: [oneOf('userId', 'Ben', 'ben')] })))).sort()).toEqual([['Ben', 'of Ben'], ['ben', 'of ben']]);
  });

  test('that are missing are an error by name, and none in a list or join', async () => {
    const { origin } = await service();
    const source = sourceOf(client(origin));
    await expect(rows(source, source.plan(scan('Contacts', { where: [eq('userId', 'none')] })))).rejects.toMatchObject({ code: 'MAILBOX', message: expect.stringContaining("'none'") as string });
    const running = context();
    expect(await rows(source, source.plan(scan('Contacts', { where: [oneOf('userId', 'none', 'ben')] })), running)).toEqual([['of ben']]);
    expect(running.warnings).toHaveLength(1);
  });

  test('that are denied fail with mailbox and permission, or warn', async () => {
    const { origin } = await service();
    const denied = scan('Contacts', { where: [oneOf('userId', 'denied', 'ben')] });
    const source = sourceOf(client(origin));
    await expect(rows(source, source.plan(denied))).rejects.toMatchObject({ code: 'PERMISSION', message: expect.stringContaining("'denied'") as string, hint: expect.stringContaining('Contacts.Read') as string });
    const lenient = sourceOf(client(origin), { onMailboxError: 'warn' });
    const running = context();
    expect(await rows(lenient, lenient.plan(denied), running)).toEqual([['of ben']]);
    expect(running.warnings).toMatchObject([{ code: 'PERMISSION' }]);
  });
});

test('a search answers with ids of the connection\'s kind and warns at the service\'s limit', async () => {
  const hits = Array.from({ length: 1000 }, (_, index) => ({ id: `r${index}` }));
  const service = await fakeService(({ path, body }) => {
    if (!path.endsWith('/translateExchangeIds')) return { body: { value: hits } };
    const { inputIds } = body as { inputIds: string[] };
    return { body: { value: inputIds.map((sourceId) => ({ sourceId, targetId: sourceId.replace('r', 'i') })) } };
  });
  const source = sourceOf(client(service.origin));
  const running = context();
  const got = await rows(source, source.plan(scan('Messages', { where: [{ kind: 'search', text: 'x' }] })), running);
  expect(got.slice(0, 2)).toEqual([['i0'], ['i1']]);
  expect(running.warnings).toMatchObject([{ code: 'SEARCH_LIMIT' }]);
  expect(service.asked[0]?.query.get('$search')).toBe('"x"');
});
