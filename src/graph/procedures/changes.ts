/**
 * Owns: GetChanges: what changed since a token, and the next token (facts section 3).
 * Invariants: rows come page by page; the last row carries the token and nothing else; a dead token is an error or, if the call
 * wants it, a full round that begins with a row that says so. Tokens are the service's links, and followed as links are.
 */
import { ExchangeSqlError } from '../../errors.js';
import { emit, folderId, send, type Row, type Script } from './effect.js';
import { member, textAt, type Inputs } from './inputs.js';
import { utcTime } from './time.js';
import { columnValue } from './values.js';

export function* getChanges(inputs: Inputs): Script {
  const token = inputs.text('Token');
  try {
    yield* round(inputs, token === undefined ? yield* startOf(inputs) : tokenLink(inputs, token));
  } catch (error) {
    if (token === undefined || !isDead(error)) throw error;
    if (inputs.text('IfExpired') !== 'full') {
      throw new ExchangeSqlError('DATA_CHANGED', 'the token of GetChanges is no longer valid: the service has forgotten what it stood for', {
        hint: "Read everything anew: call GetChanges without Token, or with IfExpired = 'full'.",
        cause: error,
        ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
        ...(error.serviceCode === undefined ? {} : { serviceCode: error.serviceCode }),
      });
    }
    yield* emit(['reset', null, null, null, null, null, null, null]);
    yield* round(inputs, yield* startOf(inputs));
  }
}

/** 410, and what else a dead token was seen to be answered with (facts section 3). */
function isDead(error: unknown): error is ExchangeSqlError {
  return error instanceof ExchangeSqlError && (error.status === 410 || error.serviceCode === 'SyncStateNotFound' || (error.status === 400 && error.serviceCode === 'ErrorInvalidIdMalformed'));
}

/** The path of a full round. */
function* startOf(inputs: Inputs): Script<string> {
  const folder = inputs.text('FolderId');
  const type = inputs.text('ChangeType');
  const of = inputs.text('Source') ?? 'Messages';
  const refuse = (name: string): void => {
    if (inputs.has(name)) inputs.refuse(name, `has no meaning with Source = ${of}`);
  };
  if (of !== 'Messages') refuse('ChangeType');
  if (of !== 'Events') for (const name of ['StartDateTime', 'EndDateTime']) refuse(name);
  if (of === 'Folders' || of === 'ContactFolders') refuse('FolderId');
  switch (of) {
    case 'Folders':
      return inputs.path('/mailFolders/delta');
    case 'ContactFolders':
      return inputs.path('/contactFolders/delta');
    case 'Contacts':
      return folder === undefined ? inputs.path('/contacts/delta') : inputs.path('/contactFolders/{folder}/contacts/delta', { folder: yield* folderId('FolderId', folder, 'contact') });
    case 'Events': {
      const from = utcTime(inputs, 'StartDateTime', 'TimeZone');
      const to = utcTime(inputs, 'EndDateTime', 'TimeZone');
      if ((from === undefined) !== (to === undefined)) inputs.refuse(from === undefined ? 'EndDateTime' : 'StartDateTime', 'needs the other end of the time');
      const window = from === undefined || to === undefined ? '' : `?startDateTime=${encodeURIComponent(from.dateTime)}Z&endDateTime=${encodeURIComponent(to.dateTime)}Z`;
      if (folder !== undefined) return inputs.path(`/calendars/{folder}/${window === '' ? 'events' : 'calendarView'}/delta${window}`, { folder });
      if (window === '') inputs.missing('StartDateTime and EndDateTime, or the calendar as FolderId');
      return inputs.path(`/calendarView/delta${window}`);
    }
    default: {
      const id = yield* folderId('FolderId', folder ?? 'inbox');
      return inputs.path(`/mailFolders/{id}/messages/delta${type === undefined ? '' : `?changeType=${type}`}`, { id });
    }
  }
}

/** A token is the link of an earlier round. Where it leads is checked when it is followed; here, that it is one. */
function tokenLink(inputs: Inputs, token: string): string {
  if (!/^https?:\/\/\S+$/.test(token) || !/delta/i.test(token)) inputs.refuse('Token', 'is no token of GetChanges', 'Give NextToken of the last row of an earlier call, unchanged.');
  return token;
}

function* round(inputs: Inputs, first: string): Script {
  for (let link = first; ; ) {
    const page: Readonly<Record<string, unknown>> = yield* send({ method: 'GET', path: link, headers: { Prefer: 'outlook.timezone="UTC"' }, sample: { '@odata.deltaLink': '{token}' } });
    const value = page['value'];
    if (Array.isArray(value) && value.length > 0) yield* emit(...(value as readonly unknown[]).map(rowOf));
    const next = textAt(page, '@odata.nextLink');
    if (next === null) {
      yield* emit(['token', null, null, null, null, null, null, textAt(page, '@odata.deltaLink')]);
      return;
    }
    if (next === link) throw new ExchangeSqlError('BAD_RESPONSE', `A page of ${inputs.procedure} names itself as the next one.`, { hint: 'Call it again.', retryable: true });
    link = next;
  }
}

function rowOf(item: unknown): Row {
  const removed = member(item, '@removed');
  const id = textAt(item, 'id');
  if (removed !== undefined) return ['removed', id, null, null, null, null, textAt(removed, 'reason'), null];
  return [
    'changed', id, textAt(item, 'changeKey'), textAt(item, 'subject') ?? textAt(item, 'displayName'), columnValue(member(item, 'lastModifiedDateTime'), 'timestamp'), JSON.stringify(item), null, null,
  ];
}
