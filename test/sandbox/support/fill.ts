/** A small tenant with known contents. */
import type { MailboxWriter, SandboxWriter } from '../../../src/sandbox/writer.js';

export const ANN = 'ann@contoso.example';
export const BOB = 'bob@contoso.example';
export const NOBODY = 'nobody@contoso.example';

const person = (name: string, address: string): { readonly emailAddress: { readonly name: string; readonly address: string } } => ({ emailAddress: { name, address } });

export const COUNT = 40;
/** Message `index` is `index` hours older than this. */
export const NEWEST = Date.UTC(2026, 1, 1, 12, 0, 0, 750);

export function fill(writer: SandboxWriter): MailboxWriter {
  return writer.bulk(() => {
    const ann = writer.addMailbox({ userPrincipalName: ANN, displayName: 'Ann Archer', kind: 'user', timeZone: 'W. Europe Standard Time', entity: { jobTitle: 'Buyer', department: 'Sales' } });
    writer.addMailbox({ userPrincipalName: BOB, displayName: 'Bob Baker', kind: 'user' });
    writer.addMailbox({ userPrincipalName: NOBODY, displayName: 'No Body', kind: 'none' });
    const inbox = ann.mailFolder('/Inbox');
    const clients = ann.mailFolder('/Inbox/Clients/2026');
    ann.mailFolder('/Secret', { hidden: true });
    for (let index = COUNT - 1; index >= 0; index--) {
      const from = index % 2 === 0 ? person('Bob Baker', BOB) : person('Carla Cook', 'Carla@Fabrikam.example');
      const at = new Date(NEWEST - index * 3_600_000);
      ann.addMessage(index % 4 === 0 ? clients : inbox, {
        entity: {
          subject: index % 5 === 0 ? `Budget ${String(index)}` : `Lunch ${String(index)}`, from, sender: from, isRead: index % 3 === 0, importance: index === 7 ? 'high' : 'normal',
          toRecipients: [person('Ann Archer', ANN)], categories: index % 10 === 0 ? ['Red'] : [], body: { contentType: 'html', content: `<p>Hello <b>number</b> ${String(index)}</p>` },
          internetMessageId: `<m${String(index)}@contoso.example>`, internetMessageHeaders: [{ name: 'X-Number', value: String(index) }],
        },
        receivedDateTime: at, sentDateTime: new Date(at.getTime() - 1000),
        ...(index < 2 ? { attachments: [{ kind: 'file' as const, name: 'a.txt', contentType: 'text/plain', isInline: false, content: Buffer.from('attached') }] } : {}),
        ...(index > 0 && index < 4 ? { references: ['<m0@contoso.example>'] } : {}),
        ...(index === 5 ? { extendedProperties: [{ id: 'String 0x007d', value: 'Received: from mx' }] } : {}),
      });
    }
    return ann;
  });
}
