/**
 * Owns: writing to-do lists, tasks and checklist items.
 * Does not own: reading them (routes/others.ts).
 * Invariants: a task is completed exactly when it has a completedDateTime; completing a recurring one makes the next. If-Match is unproven here and ignored.
 */
import { localIn } from '../calendar/zoned.js';
import type { Context, Route } from '../context.js';
import { GraphError, itemNotFound } from '../graph-error.js';
import { iso, isObject, textAt, type Entity } from '../json.js';
import { presentItem } from '../present.js';
import { occurrenceDates } from '../recurrence/index.js';
import { folderItem, itemById } from '../routes/lookup.js';
import { showPoint } from '../routes/others.js';
import type { Item } from '../store/items.js';
import { CHECKLIST_ITEM, TODO_TASK } from '../store/templates.js';
import type { Json, JsonObject } from '../writer.js';
import { readTime, timeMember } from './event-times.js';
import { allBut, created, noContent, readEntity, transact, updated, type WriteRoute } from './index.js';
import { readSeries } from './recurrence.js';

const LIST_READ_ONLY = allBut('todoTaskList', ['displayName']);
const TASK_READ_ONLY = allBut('todoTask', [
  'body', 'categories', 'completedDateTime', 'dueDateTime', 'importance', 'isReminderOn', 'recurrence', 'reminderDateTime', 'startDateTime', 'status', 'title',
]);
const POINT_READ_ONLY = allBut('checklistItem', ['displayName', 'isChecked']);
const TIMES = ['completedDateTime', 'dueDateTime', 'reminderDateTime', 'startDateTime'] as const;

const invalid = (message: string): GraphError => new GraphError(400, 'invalidRequest', message);
const nowOf = (context: Context): number => context.store.clock.now();

const shown = (context: Context, n: number): Entity => presentItem(context.store.items.get(n)!, context);

function nameOf(given: Entity): string {
  const name = textAt(given, 'displayName') ?? '';
  if (name.trim() === '') throw invalid('Invalid request: the property displayName must have a value.');
  return name;
}

const addList: Route = (context) => {
  const displayName = nameOf(readEntity(context, 'todoTaskList', { readOnly: LIST_READ_ONLY }));
  return transact(context, () => {
    const n = context.store.items.add({
      kind: 'todoList', mailbox: context.mailbox.mailbox, parent: 0, name: displayName, wellKnown: 'none', entity: { displayName, isOwner: true, isShared: false, wellknownListName: 'none' },
    }, nowOf(context));
    return created(context, '/todo/lists', shown(context, n));
  });
};

const isBuiltIn = (list: Item): boolean => list.wellKnown !== null && list.wellKnown !== 'none';

const patchList: Route = (context, [id = '']) => {
  const given = readEntity(context, 'todoTaskList', { readOnly: LIST_READ_ONLY });
  const list = folderItem(context, id, 'todoList');
  if (isBuiltIn(list)) throw invalid('Invalid request: a built-in list cannot be renamed.');
  return transact(context, () => {
    const name = given.displayName === undefined ? list.name ?? '' : nameOf(given);
    context.store.items.patch(list.n, { displayName: name }, nowOf(context), { name });
    return updated(context, '/todo/lists', shown(context, list.n));
  });
};

const deleteList: Route = (context, [id = '']) => {
  const list = folderItem(context, id, 'todoList');
  if (isBuiltIn(list)) throw invalid('Invalid request: a built-in list cannot be deleted.');
  return transact(context, () => {
    for (const task of context.store.items.list(list.mailbox, 'todoTask', list.n)) removeTask(context, task);
    context.store.items.remove(list.n);
    return noContent();
  });
};

const tasksOf = (list: string): string => `/todo/lists('${encodeURIComponent(list)}')/tasks`;

function find(context: Context, listId: string, id: string): Item {
  const list = folderItem(context, listId, 'todoList');
  const task = itemById(context, id, 'todoTask');
  if (task.parent !== list.n) throw itemNotFound();
  return task;
}

/** The task as it will be. */
function stored(context: Context, before: JsonObject, given: Entity): Entity {
  const now = nowOf(context);
  const members: Entity = {};
  for (const [name, value] of Object.entries(given)) members[name] = value === null ? TODO_TASK[name] ?? null : value;
  for (const name of TIMES) if (isObject(given[name])) members[name] = timeMember(readTime(given[name], name));
  if (given.body !== undefined) {
    members.body = { content: textAt(given.body, 'content') ?? '', contentType: textAt(given.body, 'contentType') ?? 'text' };
    members.bodyLastModifiedDateTime = iso(now);
  }
  if (isObject(given.reminderDateTime) && given.isReminderOn === undefined) members.isReminderOn = true;
  if (given.reminderDateTime === null && given.isReminderOn === undefined) members.isReminderOn = false;
  const after: Entity = { ...before, ...members };
  if ((textAt(after, 'title') ?? '').trim() === '') throw invalid('Invalid request: the property title must have a value.');
  if (after.status !== 'completed') after.completedDateTime = null;
  else if (!isObject(after.completedDateTime)) after.completedDateTime = { dateTime: `${iso(now).slice(0, 10)}T00:00:00.0000000`, timeZone: 'UTC' };
  if (isObject(given.recurrence) || (given.dueDateTime !== undefined && isObject(after.recurrence))) after.recurrence = series(after, isObject(given.recurrence) ? given.recurrence : undefined);
  return after;
}

/** A series begins on the day the task is due. When only the day changes, the range follows it. */
function series(after: Entity, given: JsonObject | undefined): JsonObject {
  const due = textAt(after.dueDateTime, 'dateTime')?.slice(0, 10);
  if (due === undefined) throw invalid('Invalid request: a recurring task needs a dueDateTime.');
  const recurrence = given ?? after.recurrence as JsonObject;
  const range: JsonObject = isObject(recurrence.range) ? recurrence.range : { type: 'noEnd', startDate: due };
  return readSeries({ pattern: recurrence.pattern ?? null, range: given === undefined ? { ...range, startDate: due } : range }, due, textAt(after.dueDateTime, 'timeZone') ?? 'UTC');
}

const addTask: Route = (context, [listId = '']) => {
  const given = readEntity(context, 'todoTask', { readOnly: TASK_READ_ONLY });
  const list = folderItem(context, listId, 'todoList');
  return transact(context, () => {
    const entity = stored(context, { ...TODO_TASK, bodyLastModifiedDateTime: iso(nowOf(context)) }, given);
    const n = context.store.items.add({ kind: 'todoTask', mailbox: list.mailbox, parent: list.n, entity }, nowOf(context));
    return created(context, tasksOf(listId), shown(context, n));
  });
};

const patchTask: Route = (context, [listId = '', id = '']) => {
  const given = readEntity(context, 'todoTask', { readOnly: TASK_READ_ONLY });
  const task = find(context, listId, id);
  return transact(context, () => {
    const after = stored(context, task.entity, given);
    const completes = after.status === 'completed' && task.entity.status !== 'completed';
    if (completes && isObject(after.recurrence)) {
      addNext(context, task, after);
      after.recurrence = null;
    }
    context.store.items.patch(task.n, after, nowOf(context));
    return updated(context, tasksOf(listId), shown(context, task.n));
  });
};

/** The next of a recurring task, due on the next day of the pattern. */
function addNext(context: Context, task: Item, after: Entity): void {
  const due = textAt(after.dueDateTime, 'dateTime') ?? '';
  const zone = textAt(after.dueDateTime, 'timeZone') ?? 'UTC';
  const recurrence = after.recurrence as JsonObject;
  const days = occurrenceDates(recurrence, due, due.slice(0, 10), new Date(Date.parse(`${due.slice(0, 10)}T00:00:00Z`) + 366 * 5 * 86_400_000).toISOString().slice(0, 10));
  const next = days.find((day) => day > due.slice(0, 10));
  if (next === undefined) return;
  const range = recurrence.range as JsonObject;
  const left = typeof range.numberOfOccurrences === 'number' && range.type === 'numbered' ? { numberOfOccurrences: range.numberOfOccurrences - 1 } : {};
  const shift = Date.parse(`${next}T00:00:00Z`) - Date.parse(`${due.slice(0, 10)}T00:00:00Z`);
  const moved = (value: Json | undefined): Json => {
    const text = textAt(value, 'dateTime');
    return text === undefined ? null : { dateTime: localIn(Date.parse(`${text.slice(0, 19)}Z`) + shift, 'UTC'), timeZone: textAt(value, 'timeZone') ?? zone };
  };
  context.store.items.add({
    kind: 'todoTask', mailbox: task.mailbox, parent: task.parent,
    entity: {
      ...after, status: 'notStarted', completedDateTime: null, dueDateTime: moved(after.dueDateTime), startDateTime: moved(after.startDateTime), reminderDateTime: moved(after.reminderDateTime),
      recurrence: { ...recurrence, range: { ...range, startDate: next, ...left } },
    },
  }, nowOf(context));
}

function removeTask(context: Context, task: Item): void {
  for (const point of context.store.items.list(task.mailbox, 'checklistItem', task.n)) context.store.items.remove(point.n);
  context.store.items.remove(task.n);
}

const deleteTask: Route = (context, [listId = '', id = '']) => {
  const task = find(context, listId, id);
  return transact(context, () => {
    removeTask(context, task);
    return noContent();
  });
};

const pointsOf = (list: string, task: string): string => `${tasksOf(list)}('${encodeURIComponent(task)}')/checklistItems`;

function findPoint(context: Context, listId: string, taskId: string, id: string): Item {
  const task = find(context, listId, taskId);
  const found = context.store.items.list(task.mailbox, 'checklistItem', task.n).find((item) => showPoint(item, context).id === id);
  if (found === undefined) throw itemNotFound();
  return found;
}

/** Checked items say when; others do not. */
const checked = (context: Context, before: JsonObject, given: Entity): Entity => {
  const after: Entity = { ...before, ...given, isChecked: given.isChecked ?? before.isChecked ?? false };
  if (after.isChecked !== true) after.checkedDateTime = null;
  else if (before.isChecked !== true) after.checkedDateTime = `${iso(nowOf(context)).slice(0, 19)}Z`;
  nameOf(after);
  return after;
};

const addPoint: Route = (context, [listId = '', taskId = '']) => {
  const given = readEntity(context, 'checklistItem', { readOnly: POINT_READ_ONLY });
  const task = find(context, listId, taskId);
  return transact(context, () => {
    const { items } = context.store;
    const n = items.add({ kind: 'checklistItem', mailbox: task.mailbox, parent: task.n, entity: checked(context, CHECKLIST_ITEM, given) }, nowOf(context));
    items.patch(task.n, {}, nowOf(context));
    return created(context, pointsOf(listId, taskId), showPoint(items.get(n)!, context));
  });
};

const patchPoint: Route = (context, [listId = '', taskId = '', id = '']) => {
  const given = readEntity(context, 'checklistItem', { readOnly: POINT_READ_ONLY });
  const point = findPoint(context, listId, taskId, id);
  return transact(context, () => {
    const { items } = context.store;
    items.patch(point.n, checked(context, point.entity, given), nowOf(context));
    items.patch(point.parent, {}, nowOf(context));
    return updated(context, pointsOf(listId, taskId), showPoint(items.get(point.n)!, context));
  });
};

const deletePoint: Route = (context, [listId = '', taskId = '', id = '']) => {
  const point = findPoint(context, listId, taskId, id);
  return transact(context, () => {
    context.store.items.remove(point.n);
    context.store.items.patch(point.parent, {}, nowOf(context));
    return noContent();
  });
};

/** `todo/` is taken off before (routes/path.ts). */
export const TODO_WRITES: readonly WriteRoute[] = [
  ['POST', 'lists', addList], ['PATCH', 'lists/:', patchList], ['DELETE', 'lists/:', deleteList],
  ['POST', 'lists/:/tasks', addTask], ['PATCH', 'lists/:/tasks/:', patchTask], ['DELETE', 'lists/:/tasks/:', deleteTask],
  ['POST', 'lists/:/tasks/:/checklistItems', addPoint], ['PATCH', 'lists/:/tasks/:/checklistItems/:', patchPoint], ['DELETE', 'lists/:/tasks/:/checklistItems/:', deletePoint],
];
