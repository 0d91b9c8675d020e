import { beforeAll, describe, expect, it } from 'vitest';
import { fillDemo } from '../../../src/sandbox/demo/index.js';
import { HARD_SUBJECTS } from '../../../src/sandbox/demo/texts.js';
import { structuredType, findProperty, enumMember } from '../../../src/sandbox/odata/index.js';
import { expandRecurrence, readRecurrence } from '../../../src/sandbox/recurrence/index.js';
import { offsetMinutes, toUtc } from '../../../src/sandbox/zones/index.js';
import type { Json, JsonObject } from '../../../src/sandbox/writer.js';
import { MemoryWriter } from './memory-writer.js';
import type { MemoryMailbox } from './memory-writer.js';

const NOW = new Date('2026-06-10T09:30:00Z');
const text = (entity: JsonObject, ...path: readonly string[]): string => {
  let value: Json | undefined = entity;
  for (const step of path) value = (value as JsonObject | null)?.[step];
  return value as string;
};

let demo: MemoryWriter;
let main: MemoryMailbox;

beforeAll(() => {
  demo = new MemoryWriter();
  fillDemo(demo, { messages: 2000, seed: 1, now: NOW });
  main = demo.mailbox('ada@contoso.example')!;
});

/** Every member the demo writes exists on the type, and enumeration members are spelled as Graph does. */
function checkShape(type: string, entity: JsonObject, path: string): string[] {
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(entity)) {
    const property = findProperty(type, name);
    if (property === undefined || property.name !== name) {
      wrong.push(`${path}/${name}`);
      continue;
    }
    const list: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [value];
    if (property.type.collection !== Array.isArray(value) && value !== null) wrong.push(`${path}/${name} collection`);
    for (const element of list) {
      if (property.type.kind === 'enum' && element !== null && (typeof element !== 'string' || enumMember(property.type.name, element) !== element)) wrong.push(`${path}/${name}=${String(element)}`);
      if (property.type.kind === 'complex' && typeof element === 'object' && element !== null && structuredType(property.type.name) !== undefined) wrong.push(...checkShape(property.type.name, element as JsonObject, `${path}/${name}`));
    }
  }
  return wrong;
}

describe('fillDemo', () => {
  it('is the same for the same seed, and another for another', () => {
    const [again, other] = [new MemoryWriter(), new MemoryWriter()];
    fillDemo(again, { messages: 300, seed: 1, now: NOW });
    fillDemo(other, { messages: 300, seed: 2, now: NOW });
    const once = new MemoryWriter();
    fillDemo(once, { messages: 300, seed: 1, now: NOW });
    const dump = (writer: MemoryWriter): string => JSON.stringify([...writer.mailboxes.values()].map((mailbox) => ({ ...mailbox, messages: mailbox.messages.map(({ folder, message }) => [folder, message.entity, message.receivedDateTime]) })));
    expect(dump(again)).toBe(dump(once));
    expect(dump(other)).not.toBe(dump(once));
  });

  it('makes exactly the messages asked for', () => {
    expect(demo.messageCount).toBe(2000);
    for (const count of [1, 2, 7, 60, 333]) {
      const writer = new MemoryWriter();
      fillDemo(writer, { messages: count, now: NOW });
      expect(writer.messageCount).toBe(count);
    }
  });

  it('without messages has the directory and settings, and no items', () => {
    const empty = new MemoryWriter();
    fillDemo(empty, { messages: 0, now: NOW });
    expect(empty.mailboxes.size).toBe(demo.mailboxes.size);
    expect(empty.messageCount).toBe(0);
    expect([...empty.mailboxes.values()].every((mailbox) => mailbox.events.length + mailbox.contacts.length + mailbox.tasks.length === 0)).toBe(true);
    expect(empty.mailbox('ada@contoso.example')!.settings['timeZone']).toBe('W. Europe Standard Time');
    expect(empty.groups.every((group) => group.conversations === 0)).toBe(true);
  });

  it('has people, a shared mailbox, a user without one, rooms', () => {
    const kinds = [...demo.mailboxes.values()].map((mailbox) => mailbox.given.kind);
    expect(kinds.filter((kind) => kind === 'user').length).toBeGreaterThanOrEqual(4);
    for (const kind of ['shared', 'none', 'room']) expect(kinds).toContain(kind);
    expect(demo.roomLists.flatMap((list) => list.rooms)).toHaveLength(3);
    expect(demo.organization).toBeDefined();
    expect(demo.groups.some((group) => group.conversations > 0)).toBe(true);
    expect([...demo.mailboxes.keys()].every((address) => address.endsWith('.example'))).toBe(true);
  });

  it('writes only members the types have', () => {
    const wrong = new Set<string>();
    for (const mailbox of demo.mailboxes.values()) {
      for (const { message } of mailbox.messages) for (const found of checkShape(message.odataType?.replace('#microsoft.graph.', '') ?? 'message', message.entity, 'message')) wrong.add(found);
      for (const { event } of mailbox.events) for (const entity of [event.entity, ...(event.exceptions ?? []).map((exception) => exception.entity)]) for (const found of checkShape('event', entity, 'event')) wrong.add(found);
      for (const { entity } of mailbox.contacts) for (const found of checkShape('contact', entity, 'contact')) wrong.add(found);
      for (const { entity, checklist } of mailbox.tasks) {
        for (const found of checkShape('todoTask', entity, 'todoTask')) wrong.add(found);
        for (const step of checklist) for (const found of checkShape('checklistItem', step, 'checklistItem')) wrong.add(found);
      }
      for (const rule of mailbox.rules) for (const found of checkShape('messageRule', rule, 'rule')) wrong.add(found);
      for (const found of checkShape('mailboxSettings', mailbox.settings, 'settings')) wrong.add(found);
      for (const found of checkShape('user', mailbox.given.entity ?? {}, 'user')) wrong.add(found);
    }
    for (const group of demo.groups) for (const found of checkShape('group', group.entity, 'group')) wrong.add(found);
    for (const room of demo.roomLists.flatMap((list) => list.rooms)) for (const found of checkShape('room', room, 'room')) wrong.add(found);
    for (const found of checkShape('organization', demo.organization!, 'organization')) wrong.add(found);
    // workingHours.timeZone may be a timeZoneBase; its derived type is not in the tables.
    expect([...wrong]).toEqual([]);
  });
});

describe('mail of the demo', () => {
  it('gives the main mailbox most messages, folders three deep, none from the future', () => {
    expect(main.messages.length).toBeGreaterThan(1200);
    const folders = new Set(main.messages.map(({ folder }) => folder));
    expect(Math.max(...[...folders].map((folder) => folder.split('/').length - 1))).toBeGreaterThanOrEqual(4);
    for (const place of ['/Inbox', '/Sent Items', '/Drafts', '/Junk Email', '/Deleted Items']) expect(folders).toContain(place);
    expect(main.messages.every(({ message }) => message.receivedDateTime <= NOW && message.sentDateTime <= message.receivedDateTime)).toBe(true);
  });

  it('has every hard subject, null and equal seconds', () => {
    const subjects = new Set(main.messages.map(({ message }) => message.entity['subject']));
    for (const subject of HARD_SUBJECTS) expect(subjects).toContain(subject);
    expect(subjects).toContain(null);
    const seconds = new Map<number, Set<number>>();
    for (const { message } of main.messages) {
      const ms = message.receivedDateTime.getTime();
      const second = Math.floor(ms / 1000);
      seconds.set(second, (seconds.get(second) ?? new Set()).add(ms));
    }
    expect([...seconds.values()].filter((different) => different.size > 1).length).toBeGreaterThan(10);
  });

  it('has threads, attachments of each kind, flags, categories, meeting mail', () => {
    const ids = new Set(main.messages.map(({ message }) => message.entity['internetMessageId']));
    expect(ids.size).toBe(main.messages.length);
    const replies = main.messages.filter(({ message }) => (message.references ?? []).length > 0 && message.odataType === undefined);
    expect(replies.length).toBeGreaterThan(100);
    expect(replies.every(({ message }) => message.references!.every((id) => ids.has(id)))).toBe(true);
    expect(new Set(main.attachments.map((attachment) => attachment.kind))).toEqual(new Set(['file', 'item', 'reference']));
    expect(main.attachments.some((attachment) => attachment.isInline)).toBe(true);
    const sizes = main.attachments.map((attachment) => attachment.content.byteLength);
    expect(Math.max(...sizes)).toBeGreaterThan(20_000);
    expect(new Set(main.messages.map(({ message }) => text(message.entity, 'flag', 'flagStatus')))).toEqual(new Set(['flagged', 'complete', 'notFlagged', undefined]));
    for (const type of ['#microsoft.graph.eventMessageRequest', '#microsoft.graph.eventMessageResponse']) expect(main.messages.some(({ message }) => message.odataType === type)).toBe(true);
    const used = new Set(main.messages.flatMap(({ message }) => (message.entity['categories'] as string[] | undefined) ?? []));
    for (const category of used) expect(main.categories).toContain(category);
    expect(used.size).toBeGreaterThan(3);
  });

  it('has contacts who are senders, in nested folders', () => {
    const senders = new Set(main.messages.map(({ message }) => (message.entity['from'] === null ? '' : text(message.entity, 'from', 'emailAddress', 'address')).toLowerCase()));
    const known = main.contacts.filter(({ entity }) => (entity['emailAddresses'] as JsonObject[]).some((address) => senders.has(text(address, 'address').toLowerCase())));
    expect(known.length).toBeGreaterThan(20);
    expect(new Set(main.contacts.map(({ folder }) => folder.split('/').length)).size).toBeGreaterThan(2);
  });
});

describe('calendars of the demo', () => {
  it('has all six patterns and three ranges, each starting on one of its own dates', () => {
    const series = main.events.filter(({ event }) => event.entity['recurrence'] !== null && event.entity['recurrence'] !== undefined);
    const all = [...demo.mailboxes.values()].flatMap((mailbox) => mailbox.events).filter(({ event }) => typeof event.entity['recurrence'] === 'object' && event.entity['recurrence'] !== null);
    expect(new Set(all.map(({ event }) => text(event.entity, 'recurrence', 'pattern', 'type')))).toEqual(new Set(['daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly']));
    expect(new Set(all.map(({ event }) => text(event.entity, 'recurrence', 'range', 'type')))).toEqual(new Set(['endDate', 'noEnd', 'numbered']));
    expect(series.length).toBeGreaterThan(5);
    for (const { event } of all) {
      const recurrence = readRecurrence(event.entity['recurrence'])!;
      const dates = new Set(expandRecurrence(recurrence, { from: '2000-01-01', to: '2028-01-01' }));
      expect(dates).toContain(text(event.entity, 'start', 'dateTime').slice(0, 10));
      for (const date of [...(event.cancelled ?? []), ...(event.exceptions ?? []).map((exception) => exception.date)]) expect(dates).toContain(date);
      const both = (event.exceptions ?? []).filter((exception) => event.cancelled?.includes(exception.date));
      expect(both).toEqual([]);
    }
  });

  it('changes and cancels occurrences on both sides of a clock change', () => {
    const standUp = main.events.find(({ event }) => event.entity['subject'] === 'Stand-up')!.event;
    const zone = text(standUp.entity, 'start', 'timeZone');
    const offsets = [...standUp.cancelled!, ...standUp.exceptions!.map((exception) => exception.date)].map((date) => offsetMinutes(toUtc(`${date}T12:00:00`, zone)!, zone));
    expect(new Set(offsets)).toEqual(new Set([60, 120]));
  });

  it('gives each colleague a copy with the answer of that person', () => {
    const answers = new Set<string>();
    let copies = 0;
    for (const { event } of main.events) {
      const attendees = (event.entity['attendees'] as JsonObject[] | undefined) ?? [];
      for (const attendee of attendees) {
        answers.add(text(attendee, 'status', 'response'));
        const other = demo.mailbox(text(attendee, 'emailAddress', 'address'));
        if (other === undefined || other === main || other.given.kind === 'room') continue;
        const copy = other.events.find((found) => found.event.entity['iCalUId'] === event.entity['iCalUId']);
        expect(copy).toBeDefined();
        copies++;
      }
    }
    expect(copies).toBeGreaterThan(50);
    for (const answer of ['accepted', 'declined', 'tentativelyAccepted', 'none', 'notResponded']) expect(answers).toContain(answer);
  });

  it('has several calendars, a calendar group, all-day and cancelled meetings', () => {
    expect(new Set(main.events.map(({ calendar }) => calendar)).size).toBe(3);
    expect(main.names.some((name) => name.startsWith('calendar:Other calendars/'))).toBe(true);
    expect(main.events.some(({ event }) => event.entity['isCancelled'] === true)).toBe(true);
    const allDay = main.events.filter(({ event }) => event.entity['isAllDay'] === true);
    expect(allDay.length).toBeGreaterThan(9);
    expect(allDay.every(({ event }) => text(event.entity, 'start', 'dateTime').includes('T00:00:00') && text(event.entity, 'end', 'dateTime').includes('T00:00:00'))).toBe(true);
    for (const { event } of main.events) expect(text(event.entity, 'start', 'dateTime') <= text(event.entity, 'end', 'dateTime')).toBe(true);
  });
});
