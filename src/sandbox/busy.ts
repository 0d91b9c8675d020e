/**
 * Owns: mail that arrives, moves and is deleted while a client pages.
 * Does not own: when a client pages (routes/messages.ts tells).
 * Invariants: seeded; takes one of the changes the bad day still has; every change goes through the store, so delta sees it.
 */
import type { Context } from './context.js';
import { mix } from './random.js';
import { MailboxFiller } from './store/mailbox-writer.js';

/** Makes one change in the mailbox, if the bad day has one left. */
export function disturb(context: Context, folder: number | undefined): void {
  if (!context.service.faults.takeBusy()) return;
  const { store, mailbox } = context;
  const { database } = store;
  const roll = mix(store.seed, database.seq(mailbox.mailbox), 31);
  const place = folder === undefined ? 'mailbox' : 'folder';
  const owner = folder ?? mailbox.mailbox;
  const total = database.get<{ c: number }>(`SELECT COUNT(*) AS c FROM message WHERE ${place} = ?`, owner)?.c ?? 0;
  // Early rows of a listing: a change there shifts every later page.
  const newest = database.all<{ n: number }>(`SELECT n FROM message WHERE ${place} = ? ORDER BY received DESC, n DESC LIMIT 5`, owner).map((row) => row.n);
  const oldest = database.all<{ n: number }>(`SELECT n FROM message WHERE ${place} = ? ORDER BY received, n LIMIT 5`, owner).map((row) => row.n);
  const candidates = [...newest, ...oldest];
  const victim = candidates[mix(roll, 2) % Math.max(1, candidates.length)];
  const now = store.clock.now();
  const kind = roll % 3;
  if (kind === 0 || total < 3 || victim === undefined) arrive(context, folder, now, roll);
  else if (kind === 1) {
    store.messages.remove(victim);
  } else {
    const target = store.wellKnown(mailbox.mailbox, 'mailFolder', folder === store.wellKnown(mailbox.mailbox, 'mailFolder', 'archive')?.n ? 'inbox' : 'archive');
    if (target !== undefined) store.messages.move(victim, target.n, now);
  }
}

function arrive(context: Context, folder: number | undefined, now: number, roll: number): void {
  const filler = new MailboxFiller(context.store, context.mailbox);
  const target = folder ?? filler.mailFolder('/Inbox');
  // One in four is an old message, as when somebody drags mail in from elsewhere: it shifts oldest-first listings.
  const at = new Date(roll % 4 === 0 ? Date.UTC(2001, 0, 1) + roll : now);
  const sender = { emailAddress: { name: 'Late Arrival', address: 'late.arrival@contoso.example' } };
  filler.insertMessage(target, {
    entity: { subject: `Late arrival ${String(roll)}`, body: { contentType: 'text', content: 'Arrived while you were reading.' }, from: sender, sender, internetMessageId: `<late-${String(roll)}@contoso.example>` },
    receivedDateTime: at, sentDateTime: at,
  });
}
