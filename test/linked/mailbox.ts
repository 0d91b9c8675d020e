/**
 * A mailbox full of ids that differ only by case, what a linked database is loaded with, and writes by the keys it holds,
 * checked by what the service lists afterwards.
 */
import { expect } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import type { Connection } from '../../src/index.js';
import { listed, MAIN } from '../driver/office.js';

export const MESSAGES = 301;
/** Pairs whose ids differ only by case: Mail 1 and 2, 3 and 4, …; Mail 0 is alone. */
export const TWINS = 150;

export async function startTwins(): Promise<Sandbox> {
  const sandbox = await startSandbox({ messages: 0, seed: 11, caseTwins: true, now: new Date('2026-03-10T12:00:00Z') });
  sandbox.writer.bulk(() => {
    const mailbox = sandbox.writer.mailbox(MAIN)!;
    const inbox = mailbox.mailFolder('/Inbox');
    for (let n = 0; n < MESSAGES; n += 1) {
      const at = new Date(Date.UTC(2026, 2, 10) - n * 60_000);
      const from = { emailAddress: { name: 'Ben Okafor', address: 'ben.okafor@contoso.example' } };
      mailbox.addMessage(inbox, {
        entity: { subject: `Mail ${String(n)}`, from, sender: from, toRecipients: [{ emailAddress: { name: `Person ${String(n)}`, address: `p${String(n)}@fabrikam.example` } }], body: { contentType: 'text', content: String(n) }, importance: 'normal', isRead: false },
        receivedDateTime: at,
        sentDateTime: at,
      });
    }
  });
  return sandbox;
}

export const MESSAGE_COLUMNS = ['id', 'changeKey', 'RowKey', 'subject'] as const;
export const EXPORT = `SELECT ${MESSAGE_COLUMNS.join(', ')} FROM Messages`;
export const RECIPIENTS = 'SELECT messageId, messageRowKey, ordinal, emailAddress_address AS address FROM MessageRecipients';

/** Values of a key as the linked database gives them for the message of a subject; read again for each write, as linked tables are. */
export type KeyOf = (subject: string) => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;

interface State {
  readonly subject: string;
  readonly importance: string;
  readonly parentFolderId: string;
}

async function states(sandbox: Sandbox): Promise<State[]> {
  const rows = await listed(sandbox, `/users/${MAIN}/messages?$select=subject,importance,parentFolderId&$top=1000`);
  return rows.map((row): State => ({ subject: String(row['subject']), importance: String(row['importance']), parentFolderId: String(row['parentFolderId']) }));
}

/** Edits, moves and deletes the message of a subject by a key: that one changes and no other. */
export async function writeBy(sandbox: Sandbox, connection: Connection, subject: string, keyOf: KeyOf): Promise<void> {
  const folder = async (name: string): Promise<string> => String(((await (await fetch(`${sandbox.graphEndpoint}/users/${MAIN}/mailFolders/${name}`)).json()) as { id: string }).id);
  const apply = async (statement: (where: string) => string, change: Partial<State>): Promise<void> => {
    const before = await states(sandbox);
    const key = await keyOf(subject);
    const names = Object.keys(key);
    const { affectedRows } = await connection.query(statement(names.map((name) => `${name} = ?`).join(' AND ')), Object.values(key));
    expect([subject, names, affectedRows]).toEqual([subject, names, 1]);
    const expected = before.map((state) => (state.subject === subject ? { ...state, ...change } : state));
    const order = (list: readonly State[]): State[] => [...list].sort((a, b) => (a.subject < b.subject ? -1 : 1));
    expect(order(await states(sandbox))).toEqual(order(expected));
  };
  await apply((where) => `UPDATE Messages SET importance = 'high' WHERE ${where}`, { importance: 'high' });
  await apply((where) => `UPDATE Messages SET parentFolderId = 'archive' WHERE ${where}`, { parentFolderId: await folder('archive') });
  await apply((where) => `DELETE FROM Messages WHERE ${where}`, { parentFolderId: await folder('deleteditems') });
}
