import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.js';
import { clientOf, type Row, type TestClient } from '../support/client.js';
import { ANN, fill } from '../support/fill.js';

let sandbox: Sandbox;
let client: TestClient;
let list: string;
const LISTS = `/users/${ANN}/todo/lists`;
const day = (date: string, timeZone = 'UTC'): { readonly dateTime: string; readonly timeZone: string } => ({ dateTime: `${date}T00:00:00`, timeZone });

beforeAll(async () => {
  sandbox = await startSandbox({ messages: 0, now: new Date('2026-02-02T10:00:00Z') });
  fill(sandbox.writer);
  client = clientOf(sandbox);
  list = `${LISTS}/${String((await client.post(LISTS, { displayName: 'Work' })).body.id)}`;
});
afterAll(() => sandbox.close());

const add = async (body: Row): Promise<Row> => {
  const answer = await client.post(`${list}/tasks`, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const pathOf = (task: Row): string => `${list}/tasks/${String(task.id)}`;

test('lists: built-in ones stay', async () => {
  const other = await client.post(LISTS, { displayName: 'Temporary' });
  expect([other.status, other.body]).toMatchObject([201, { displayName: 'Temporary', isOwner: true, wellknownListName: 'none' }]);
  const path = `${LISTS}/${String(other.body.id)}`;
  expect((await client.patch(path, { displayName: 'Renamed' })).body.displayName).toBe('Renamed');
  const task = (await client.post(`${path}/tasks`, { title: 'x' })).body;
  expect((await client.del(path)).status).toBe(204);
  expect((await client.get(`${path}/tasks/${String(task.id)}`)).status).toBe(404);
  expect((await client.post(LISTS, {})).status).toBe(400);
  const builtIn = (await client.get(LISTS)).rows.find((row) => row.wellknownListName === 'defaultList')!;
  expect((await client.del(`${LISTS}/${String(builtIn.id)}`)).error.code).toBe('invalidRequest');
  expect((await client.patch(`${LISTS}/${String(builtIn.id)}`, { displayName: 'Mine' })).status).toBe(400);
});

describe('tasks', () => {
  test('create and change', async () => {
    const task = await add({ title: 'Call', importance: 'high', dueDateTime: day('2026-03-01', 'Europe/Oslo'), reminderDateTime: day('2026-02-28'), body: { content: 'Ask', contentType: 'text' }, categories: ['Red'] });
    expect(task).toMatchObject({ title: 'Call', status: 'notStarted', isReminderOn: true, completedDateTime: null, dueDateTime: { dateTime: '2026-03-01T00:00:00.0000000', timeZone: 'Europe/Oslo' }, recurrence: null });
    const changed = (await client.patch(pathOf(task), { status: 'inProgress', dueDateTime: null, reminderDateTime: null })).body;
    expect(changed).toMatchObject({ id: task.id, status: 'inProgress', dueDateTime: null, isReminderOn: false, title: 'Call', categories: ['Red'] });
    expect((await client.del(pathOf(task))).status).toBe(204);
    expect((await client.get(pathOf(task))).status).toBe(404);
  });

  test('completing and reopening', async () => {
    const task = await add({ title: 'Do' });
    expect((await client.patch(pathOf(task), { status: 'completed' })).body.completedDateTime).toEqual({ dateTime: '2026-02-02T00:00:00.0000000', timeZone: 'UTC' });
    expect((await client.patch(pathOf(task), { title: 'Done' })).body).toMatchObject({ status: 'completed', completedDateTime: { timeZone: 'UTC' } });
    expect((await client.patch(pathOf(task), { status: 'notStarted' })).body.completedDateTime).toBeNull();
  });

  test('a recurring task needs a due date; completing it makes the next', async () => {
    const weekly = { pattern: { type: 'weekly', interval: 1, daysOfWeek: ['monday'] } };
    expect((await client.post(`${list}/tasks`, { title: 'Report', recurrence: weekly })).status).toBe(400);
    const task = await add({ title: 'Report', dueDateTime: day('2026-03-02'), recurrence: { ...weekly, range: { type: 'numbered', startDate: '2026-03-02', numberOfOccurrences: 2 } } });
    expect((await client.patch(pathOf(task), { status: 'completed' })).body.recurrence).toBeNull();
    const open = async (): Promise<readonly Row[]> => (await client.get(`${list}/tasks`)).rows.filter((row) => row.title === 'Report' && row.status === 'notStarted');
    const [next] = await open();
    expect(next).toMatchObject({ dueDateTime: { dateTime: '2026-03-09T00:00:00.0000000' }, recurrence: { range: { startDate: '2026-03-09', numberOfOccurrences: 1 } } });
    await client.patch(pathOf(next!), { status: 'completed' });
    expect(await open()).toEqual([]);
  });

  test('refusals and delta', async () => {
    const first = await client.get(`${list}/tasks/delta?$top=100`);
    const refused = async (body: Row): Promise<string> => (await client.post(`${list}/tasks`, body)).error.code;
    expect(await refused({})).toBe('invalidRequest');
    expect(await refused({ title: 'x', status: 'finished' })).toBe('RequestBodyRead');
    expect(await refused({ title: 'x', hasAttachments: true })).toBe('ErrorInvalidPropertySet');
    expect(await refused({ title: 'x', dueDateTime: { dateTime: '2026-03-01T00:00:00' } })).toBe('TimeZoneNotSupportedException');
    const task = await add({ title: 'Seen' });
    expect((await client.get(String(first.body['@odata.deltaLink']))).rows.map((row) => row.id)).toEqual([task.id]);
  });

  test('checklists', async () => {
    const task = await add({ title: 'Steps' });
    const path = `${pathOf(task)}/checklistItems`;
    const { status, body } = await client.post(path, { displayName: 'One' });
    expect([status, body]).toMatchObject([201, { displayName: 'One', isChecked: false, checkedDateTime: null }]);
    expect((await client.patch(`${path}/${String(body.id)}`, { isChecked: true })).body).toMatchObject({ id: body.id, isChecked: true, checkedDateTime: '2026-02-02T10:00:00Z' });
    expect((await client.get(`${path}/${String(body.id)}`)).body).toMatchObject({ isChecked: true });
    expect((await client.post(path, { isChecked: true })).status).toBe(400);
    expect((await client.del(`${path}/${String(body.id)}`)).status).toBe(204);
    expect((await client.get(path)).rows).toEqual([]);
  });
});
