import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type TestClient } from '../support/client.js';
import { ANN, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
const ME = `/users/${ANN}`;

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T00:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
});
afterAll(() => sandbox.close());

test('categories: a unique name that stays, a colour that changes', async () => {
  const path = `${ME}/outlook/masterCategories`;
  const { status, body } = await client.post(path, { displayName: 'Project', color: 'preset9' });
  expect([status, body.displayName, body.color]).toEqual([201, 'Project', 'preset9']);
  expect((await client.post(path, { displayName: 'PROJECT' })).status).toBe(409);
  expect((await client.post(path, { displayName: 'Other', color: 'purple' })).error.message).toContain("'purple'");
  expect((await client.post(path, { color: 'preset1' })).status).toBe(400);
  expect((await client.patch(`${path}/${String(body.id)}`, { color: 'preset2' })).body).toMatchObject({ id: body.id, displayName: 'Project', color: 'preset2' });
  expect((await client.patch(`${path}/${String(body.id)}`, { displayName: 'Project' })).status).toBe(400);
  expect((await client.del(`${path}/${String(body.id)}`)).status).toBe(204);
  expect((await client.del(`${path}/${String(body.id)}`)).status).toBe(404);
});

test('rules: positive sequence, at least one action, folders that exist', async () => {
  const path = `${ME}/mailFolders/inbox/messageRules`;
  const [archive] = (await client.get(`${ME}/mailFolders?$filter=displayName eq 'Archive'`)).rows;
  const rule = { displayName: 'From Bob', sequence: 2, isEnabled: true, conditions: { senderContains: ['bob'] }, actions: { moveToFolder: archive!.id, stopProcessingRules: true } };
  const { status, body } = await client.post(path, rule);
  expect(status).toBe(201);
  expect(body).toMatchObject({ ...rule, hasError: false, isReadOnly: false });
  const refused = async (change: object): Promise<string> => (await client.post(path, { ...rule, ...change })).error.code;
  expect(await refused({ sequence: 0 })).toBe('MessageRuleValidationError');
  expect(await refused({ sequence: undefined })).toBe('MessageRuleValidationError');
  expect(await refused({ actions: {} })).toBe('MessageRuleValidationError');
  expect(await refused({ actions: { moveToFolder: 'nowhere' } })).toBe('MessageRuleValidationError');
  expect(await refused({ actions: { forwardTo: [{ emailAddress: { name: 'no address' } }] } })).toBe('MessageRuleValidationError');
  expect(await refused({ conditions: { importance: 'urgent' } })).toBe('RequestBodyRead');
  expect((await client.patch(`${path}/${String(body.id)}`, { isEnabled: false, conditions: { subjectContains: ['x'] } })).body).toMatchObject({ isEnabled: false, conditions: { subjectContains: ['x'] }, sequence: 2 });
  expect((await client.patch(`${path}/${String(body.id)}`, { sequence: -1 })).error.code).toBe('MessageRuleValidationError');
  expect((await client.del(`${path}/${String(body.id)}`)).status).toBe(204);
  expect((await client.get(path)).rows).toEqual([]);
});

describe('mailbox settings', () => {
  const path = `${ME}/mailboxSettings`;
  const day = (date: string, timeZone = 'Europe/Oslo'): object => ({ dateTime: `${date}T08:00:00`, timeZone });

  test('automatic replies are merged; a schedule needs both ends in order', async () => {
    const { status, body } = await client.patch(path, { automaticRepliesSetting: { status: 'scheduled', internalReplyMessage: 'Away', scheduledStartDateTime: day('2026-03-01'), scheduledEndDateTime: day('2026-03-05') } });
    expect(status).toBe(200);
    expect(body.automaticRepliesSetting).toMatchObject({ status: 'scheduled', internalReplyMessage: 'Away', externalAudience: 'none', scheduledStartDateTime: { dateTime: '2026-03-01T08:00:00.0000000', timeZone: 'Europe/Oslo' } });
    expect((await client.patch(path, { automaticRepliesSetting: { scheduledEndDateTime: day('2026-02-01') } })).status).toBe(400);
    expect((await client.patch(path, { automaticRepliesSetting: { status: 'disabled' } })).status).toBe(200);
    expect((await client.get(`${path}/automaticRepliesSetting`)).body).toMatchObject({ status: 'disabled', internalReplyMessage: 'Away' });
  });

  test('zones by Windows and IANA name; hours; language', async () => {
    for (const timeZone of ['Pacific Standard Time', 'America/New_York']) {
      expect((await client.patch(path, { timeZone })).body.timeZone).toBe(timeZone);
      expect((await client.get(`${path}/timeZone`)).body.value).toBe(timeZone);
    }
    expect((await client.patch(path, { timeZone: 'Middle Earth' })).error.code).toBe('TimeZoneNotSupportedException');
    const hours = await client.patch(path, { workingHours: { startTime: '09:30', daysOfWeek: ['monday'], timeZone: { name: 'UTC' } } });
    expect(hours.body.workingHours).toEqual({ daysOfWeek: ['monday'], startTime: '09:30:00.0000000', endTime: '17:00:00.0000000', timeZone: { name: 'UTC' } });
    expect((await client.patch(path, { workingHours: { endTime: '08:00' } })).status).toBe(400);
    expect((await client.patch(path, { language: { locale: 'de-de' } })).body.language).toEqual({ locale: 'de-DE', displayName: 'German (Germany)' });
    expect((await client.patch(path, { language: { locale: 'xx-XX' } })).status).toBe(400);
    expect((await client.patch(path, { userPurpose: 'room' })).error.code).toBe('ErrorInvalidPropertySet');
  });
});
