/**
 * Owns: filling a sandbox with an invented company.
 * Does not own: how anything is stored (SandboxWriter).
 * Invariants: the same seed, count and moment give the same company; exactly `messages` messages in all mailboxes together;
 * nothing real is in it.
 */
import type { SandboxWriter } from '../writer.js';
import { fillCalendars } from './calendars.js';
import { fillContacts } from './contacts.js';
import { Dice } from './dice.js';
import { fillMail } from './mail.js';
import { fillCategories, fillFiles, fillRules, fillSettings, fillTasks } from './mailbox-extras.js';
import { SHARED, STAFF } from './people.js';
import { fillGroups, fillTenant } from './tenant.js';

export interface DemoOptions {
  /** Messages in all mailboxes together; 0: mailboxes, directory and folders only. Default 2000. */
  readonly messages?: number;
  readonly seed?: number;
  /** The day the demo is seen: mail is older, events lie around it. */
  readonly now: Date;
}

/** Part of the messages the main mailbox gets. */
const MAIN_SHARE = 0.7;

export function fillDemo(writer: SandboxWriter, { messages = 2000, seed = 1, now }: DemoOptions): void {
  writer.bulk(() => {
    const dice = new Dice(seed);
    const items = messages > 0;
    fillTenant(writer);
    fillGroups(writer, dice, now, items);
    const owners = [...STAFF, SHARED];
    owners.forEach((owner, index) => {
      const mailbox = writer.mailbox(owner.address);
      if (mailbox === undefined) return;
      fillSettings(mailbox, index, owner.mailbox.timeZone ?? 'UTC', now);
      if (!items) return;
      fillCategories(mailbox);
      if (index < 2) fillRules(mailbox);
      fillContacts(mailbox, dice, index === 0 ? 60 : index < 3 ? 12 : 0);
      fillTasks(mailbox, dice, now, index === 0 ? 40 : index < 3 ? 8 : 0);
      if (index < 2) fillFiles(mailbox);
    });
    if (!items) return;
    // Meeting mail counts too; it comes first, and never takes more than a tenth.
    const main = Math.ceil(messages * MAIN_SHARE);
    const others = owners.slice(1);
    const counts = new Map(owners.map((owner, index) => [owner.address, index === 0 ? main : Math.floor((messages - main) / others.length) + (index <= (messages - main) % others.length ? 1 : 0)]));
    const meetingMail = fillCalendars(writer, owners, counts, now, seed);
    owners.forEach((owner, index) => {
      const mailbox = writer.mailbox(owner.address);
      if (mailbox === undefined) return;
      fillMail({ writer: mailbox, owner, count: (counts.get(owner.address) ?? 0) - (meetingMail.get(owner.address) ?? 0), seed: seed * 31 + index + 1, now, main: index === 0 });
    });
  });
}
