import { mix } from './random.js';
import type { SandboxWriter } from './writer.js';
const PEOPLE = ['Ada Lind', 'Ben Okafor', 'Chen Wei', 'Dora Novak'] as const;
const mail = (name: string): string => `${name.toLowerCase().replace(' ', '.')}@contoso.example`;
export function fillDemo(writer: SandboxWriter, options: { readonly messages: number; readonly seed: number; readonly now: Date }): void {
  for (const name of PEOPLE) writer.addMailbox({ userPrincipalName: mail(name), displayName: name, kind: 'user' });
  const main = writer.mailbox(mail(PEOPLE[0]))!;
  const folders = ['/Inbox', '/Inbox', '/Inbox', '/Sent Items', '/Archive', '/Inbox/Clients/2026'].map((path) => main.mailFolder(path));
  for (let index = 0; index < options.messages; index++) {
    const roll = mix(options.seed, index);
    const from = PEOPLE[roll % 4]!;
    const at = new Date(options.now.getTime() - (options.messages - index) * 3_600_000 - (roll % 3_600_000));
    const recipient = { emailAddress: { name: from, address: mail(from) } };
    main.addMessage(folders[roll % 6]!, {
      entity: {
        subject: `${['Budget', 'Re: Budget', 'Lunch', 'Projekt Größe', 'Report 100% done'][roll % 5]!} ${String(index)}`, from: recipient, sender: recipient, isRead: roll % 3 !== 0, importance: roll % 11 === 0 ? 'high' : 'normal',
        toRecipients: [{ emailAddress: { name: 'Ada Lind', address: mail('Ada Lind') } }], categories: roll % 7 === 0 ? ['Red'] : [], body: { contentType: 'html', content: `<p>Hello ${String(index)}</p>` },
        internetMessageId: `<${String(index)}@contoso.example>`,
      },
      receivedDateTime: at, sentDateTime: new Date(at.getTime() - 1500),
      ...(roll % 9 === 0 ? { attachments: [{ kind: 'file' as const, name: 'notes.txt', contentType: 'text/plain', isInline: false, content: Buffer.from(`notes ${String(index)}`) }] } : {}),
    });
  }
  writer.addGroup({ displayName: 'All Company' }, PEOPLE.map(mail));
}
