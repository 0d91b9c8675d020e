/**
 * The oracle's rows come through the driver, so the way from JSON to row is checked by itself: what the service sends, fetched
 * plainly, beside the rows of the main tables.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/index.js';
import { connectionTo, MAIN, startTenant } from './harness/tenant.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Entity = Readonly<Record<string, Json>>;
type Row = Record<string, unknown>;

const at = (value: Json | undefined, ...path: readonly string[]): Json => path.reduce<Json>((one, name) => (one !== null && typeof one === 'object' && !Array.isArray(one) ? ((one as Entity)[name] ?? null) : null), value ?? null);
const list = (value: Json | undefined): readonly Entity[] => (Array.isArray(value) ? (value as readonly Entity[]) : []);
const json = (value: Json): string | null => (value === null ? null : JSON.stringify(value));
/** Whole seconds, UTC. */
const second = (value: Json): string | null => (typeof value === 'string' ? `${value.slice(0, 19)}Z` : null);
const precise = (value: Json): string | null => (typeof value === 'string' ? `${value.slice(0, 19)}.${(/\.(\d+)/.exec(value)?.[1] ?? '').padEnd(7, '0')}Z` : null);
const byKey = (rows: readonly Row[]): readonly Row[] => [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

describe('rows are what the service sends', () => {
  let sandbox: Awaited<ReturnType<typeof startTenant>>;
  let connection: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    sandbox = await startTenant({ messages: 120 });
    connection = await connect(connectionTo(sandbox));
  });
  afterAll(async () => {
    await connection.close();
    await sandbox.close();
  });

  /** All pages, in the zone and with the ids the driver asks for. */
  const fetchAll = async (path: string): Promise<Entity[]> => {
    const all: Entity[] = [];
    let url: string | undefined = `${sandbox.graphEndpoint}${path.startsWith('/groups') ? '' : `/users/${MAIN}`}${path}`;
    while (url !== undefined) {
      const answer: Response = await fetch(url, { headers: { prefer: 'IdType="ImmutableId", outlook.timezone="UTC"' } });
      expect(answer.status, url).toBe(200);
      const page = (await answer.json()) as { readonly value: readonly Entity[]; readonly '@odata.nextLink'?: string };
      all.push(...page.value);
      url = page['@odata.nextLink'];
    }
    return all;
  };
  const rows = async (columns: readonly string[], from: string): Promise<readonly Row[]> => byKey((await connection.query(`SELECT ${columns.join(', ')} FROM ${from}`)).rows);
  const compare = async (table: string, wanted: readonly Row[]): Promise<void> => {
    expect(wanted.length).toBeGreaterThan(0);
    expect(await rows(Object.keys(wanted[0]!), table)).toEqual(byKey(wanted));
  };

  it('Messages', async () => {
    await compare('Messages', (await fetchAll('/messages?$top=50')).map((one) => ({
      id: one['id'], subject: one['subject'], isRead: one['isRead'], isDraft: one['isDraft'], hasAttachments: one['hasAttachments'], importance: one['importance'], categories: json(one['categories'] ?? null), receivedDateTime: second(one['receivedDateTime'] ?? null),
      sentDateTime: second(one['sentDateTime'] ?? null), from_emailAddress_name: at(one, 'from', 'emailAddress', 'name'), from_emailAddress_address: at(one, 'from', 'emailAddress', 'address'), sender_emailAddress_address: at(one, 'sender', 'emailAddress', 'address'), toRecipients: json(one['toRecipients'] ?? null),
      body_contentType: at(one, 'body', 'contentType'), body_content: at(one, 'body', 'content'), bodyPreview: one['bodyPreview'], flag_flagStatus: at(one, 'flag', 'flagStatus'), conversationId: one['conversationId'], internetMessageId: one['internetMessageId'], parentFolderId: one['parentFolderId'], changeKey: one['changeKey'],
      inferenceClassification: one['inferenceClassification'], isReadReceiptRequested: one['isReadReceiptRequested'], isDeliveryReceiptRequested: one['isDeliveryReceiptRequested'], webLink: one['webLink'], odata_type: one['@odata.type'] ?? null, userId: MAIN,
    })));
  });

  it('MailFolders', async () => {
    const folders: Row[] = [];
    const walk = async (path: string, above: string, depth: number): Promise<void> => {
      // The count of children leaves hidden ones out, so every folder is asked.
      for (const one of await fetchAll(path)) {
        const own = `${above}/${String(one['displayName'])}`;
        folders.push({ id: one['id'], displayName: one['displayName'], parentFolderId: one['parentFolderId'], path: own, depth, totalItemCount: one['totalItemCount'], unreadItemCount: one['unreadItemCount'], childFolderCount: one['childFolderCount'], isHidden: one['isHidden'] });
        await walk(`/mailFolders/${encodeURIComponent(String(one['id']))}/childFolders?includeHiddenFolders=true&$top=50`, own, depth + 1);
      }
    };
    await walk('/mailFolders?includeHiddenFolders=true&$top=50', '', 1);
    await compare('MailFolders', folders);
  });

  it('Events', async () => {
    await compare('Events', (await fetchAll('/events?$top=50')).map((one) => ({
      id: one['id'], subject: one['subject'], start_dateTime: second(at(one, 'start', 'dateTime')), end_dateTime: second(at(one, 'end', 'dateTime')), start_timeZone: 'UTC', originalStartTimeZone: one['originalStartTimeZone'], isAllDay: one['isAllDay'], isCancelled: one['isCancelled'], type: one['type'], showAs: one['showAs'],
      sensitivity: one['sensitivity'], location_displayName: at(one, 'location', 'displayName'), organizer_emailAddress_address: at(one, 'organizer', 'emailAddress', 'address'), attendees: json(one['attendees'] ?? null), iCalUId: one['iCalUId'], createdDateTime: precise(one['createdDateTime'] ?? null), recurrence_pattern_type: at(one, 'recurrence', 'pattern', 'type'),
    })));
  });

  it('Contacts', async () => {
    await compare('Contacts', (await fetchAll('/contacts?$top=50')).map((one) => ({
      id: one['id'], displayName: one['displayName'], givenName: one['givenName'], surname: one['surname'], companyName: one['companyName'], emailAddresses: json(one['emailAddresses'] ?? null), businessPhones: json(one['businessPhones'] ?? null), mobilePhone: one['mobilePhone'], businessAddress_city: at(one, 'businessAddress', 'city'), parentFolderId: one['parentFolderId'], birthday: second(one['birthday'] ?? null),
    })));
  });

  it('MessageRecipients and MessageHeaders', async () => {
    const messages = await fetchAll('/messages?$top=50&$select=id,toRecipients,ccRecipients,bccRecipients,replyTo,internetMessageHeaders');
    await compare('MessageRecipients', messages.flatMap((one) => (['to', 'cc', 'bcc', 'replyTo'] as const).flatMap((kind) => list(one[kind === 'replyTo' ? kind : `${kind}Recipients`]).map((element, ordinal) => ({ messageId: one['id'], kind, ordinal, emailAddress_name: at(element, 'emailAddress', 'name'), emailAddress_address: at(element, 'emailAddress', 'address') })))));
    await compare('MessageHeaders', messages.flatMap((one) => list(one['internetMessageHeaders']).map((element, ordinal) => ({ messageId: one['id'], ordinal, name: at(element, 'name'), value: at(element, 'value') }))));
  });

  it('EventAttendees', async () => {
    await compare('EventAttendees', (await fetchAll('/events?$top=50')).flatMap((one) => list(one['attendees']).map((element, ordinal) => ({ eventId: one['id'], ordinal, emailAddress_address: at(element, 'emailAddress', 'address'), emailAddress_name: at(element, 'emailAddress', 'name'), type: at(element, 'type'), status_response: at(element, 'status', 'response') }))));
  });

  it('MessageAttachments', async () => {
    const attachments: Row[] = [];
    for (const message of await fetchAll('/messages?$top=50&$select=id')) {
      for (const one of await fetchAll(`/messages/${encodeURIComponent(String(message['id']))}/attachments`)) {
        attachments.push({ id: one['id'], messageId: message['id'], name: one['name'], contentType: one['contentType'], size: one['size'], isInline: one['isInline'], contentId: one['contentId'] ?? null, contentBytes: typeof one['contentBytes'] === 'string' ? [...Buffer.from(one['contentBytes'], 'base64')] : null });
      }
    }
    const given = (await connection.query('SELECT id, messageId, name, contentType, size, isInline, contentId, contentBytes FROM MessageAttachments')).rows;
    expect(byKey(given.map((row) => ({ ...row, contentBytes: row['contentBytes'] instanceof Uint8Array ? [...row['contentBytes']] : null })))).toEqual(byKey(attachments));
  });
});
