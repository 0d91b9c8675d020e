import { afterAll, beforeAll, expect, it } from 'vitest';
import { Clock } from '../../../src/sandbox/clock.js';
import { fillDemo } from '../../../src/sandbox/demo/index.js';
import { Store } from '../../../src/sandbox/store/store.js';
import { StoreWriter } from '../../../src/sandbox/store/store-writer.js';
import { viewOf } from '../../../src/sandbox/calendar/occurrence.js';

const NOW = new Date('2026-06-10T09:30:00Z');
let store: Store;

beforeAll(() => {
  store = new Store({ seed: 1, clock: new Clock(NOW) });
  fillDemo(new StoreWriter(store), { messages: 600, seed: 1, now: NOW });
});
afterAll(() => {
  store.close();
});

it('fills the real store', () => {
  expect(store.database.get<{ count: number }>('SELECT COUNT(*) AS count FROM message')?.count).toBe(600);
  const main = store.mailboxes.list().find((mailbox) => mailbox.kind === 'user');
  expect(main?.upn).toBe('ada@contoso.example');
  const number = main!.mailbox;
  for (const kind of ['event', 'contact', 'contactFolder', 'calendar', 'calendarGroup', 'category', 'rule', 'todoTask', 'checklistItem', 'driveItem'] as const) {
    expect(store.database.get<{ count: number }>('SELECT COUNT(*) AS count FROM item WHERE mailbox = ? AND kind = ?', number, kind)?.count, kind).toBeGreaterThan(0);
  }
});

it('joins replies into conversations', () => {
  const { messages, conversations } = store.database.get<{ messages: number; conversations: number }>('SELECT COUNT(*) AS messages, COUNT(DISTINCT conversation) AS conversations FROM message')!;
  expect(conversations).toBeLessThan(messages * 0.85);
});

it('shows the stand-up at the same local hour on both sides of the clock change, less what was cancelled', () => {
  const main = store.mailboxes.list().find((mailbox) => mailbox.kind === 'user')!;
  const [calendar] = store.items.list(main.mailbox, 'calendar').filter((item) => item.wellKnown === 'calendar');
  const events = store.items.list(main.mailbox, 'event', calendar!.n).filter((item) => item.entity['subject'] === 'Stand-up');
  const hours = viewOf(events, Date.parse('2026-03-16T00:00:00Z'), Date.parse('2026-04-11T00:00:00Z'))
    .filter((occurrence) => occurrence.type === 'occurrence')
    .map((occurrence) => new Date(occurrence.start).toISOString().slice(5, 16));
  const before = hours.filter((text) => text < '03-29');
  const after = hours.filter((text) => text > '03-29');
  expect(before.length).toBeGreaterThan(2);
  expect(after.length).toBeGreaterThan(2);
  expect(before.every((text) => text.endsWith('T08:15'))).toBe(true);
  expect(after.every((text) => text.endsWith('T07:15'))).toBe(true);
  expect(hours.length).toBeLessThan(12);
});
