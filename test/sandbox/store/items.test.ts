import { expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/index.js';
import { ANN, fill } from '../support/fill.js';

test('a list read inside a transaction that is taken back is not kept', async () => {
  await using sandbox = await startSandbox({ messages: 0 });
  fill(sandbox.writer);
  const { store } = sandbox;
  const { mailbox } = store.mailboxes.find(ANN)!;
  const names = (): unknown[] => store.items.list(mailbox, 'mailFolder').map((item) => item.name);
  const before = names();
  expect(() => store.database.transaction(() => {
    store.items.patch(store.wellKnown(mailbox, 'mailFolder', 'archive')!.n, { displayName: 'Attic' }, 0, { name: 'Attic' });
    expect(names()).toContain('Attic');
    throw new Error('no');
  })).toThrow('no');
  expect(names()).toEqual(before);
});

test('mail that comes leaves the lists of folders as they are, a new folder does not', async () => {
  await using sandbox = await startSandbox({ messages: 0 });
  const ann = fill(sandbox.writer);
  const { store } = sandbox;
  const { mailbox } = store.mailboxes.find(ANN)!;
  const list = store.items.list(mailbox, 'mailFolder');
  ann.addMessage(ann.mailFolder('/Inbox'), { entity: { subject: 'x' }, receivedDateTime: new Date(0), sentDateTime: new Date(0) });
  expect(store.items.list(mailbox, 'mailFolder')).toBe(list);
  ann.mailFolder('/Another');
  expect(store.items.list(mailbox, 'mailFolder').map((item) => item.name)).toContain('Another');
});
