/**
 * Owns: the messages of one mailbox: threads of incoming and sent mail, drafts, bulk mail, and the rows that trouble a query.
 * Does not own: meeting mail (meeting-mail.ts), words (texts.ts).
 * Invariants: exactly as many messages as asked for; everything is dated before `now`; a thread's messages name its first and
 * their parent as references.
 */
import type { FolderHandle, JsonObject, MailboxWriter, NewAttachment, NewMessage } from '../writer.js';
import { fileAttachment, itemAttachment, pictureAttachment, referenceAttachment } from './attachments.js';
import { Dice } from './dice.js';
import { CONTACTED, NEWSLETTERS, STAFF, recipient } from './people.js';
import type { Person } from './people.js';
import { BULK_SUBJECTS, HARD_SUBJECTS, TOPICS, htmlBody, textBody } from './texts.js';
import type { Topic } from './texts.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Mail goes back two years, denser towards the present. */
const SPAN = 730 * DAY;

export const CATEGORIES: readonly (readonly [string, string])[] = [
  ['Red category', 'preset0'], ['Green category', 'preset4'], ["Zoë's pile", 'preset7'], ['100% done', 'preset9'], ['Клиенты', 'preset2'], ['Follow_up', 'none'],
];
const CATEGORY_NAMES = CATEGORIES.map(([name]) => name);

const PROJECT_CODE = 'String {7d3a1c52-0e0f-4f57-8f1d-3c2a9b6f1e01} Name ProjectCode';
const EFFORT = 'Integer {7d3a1c52-0e0f-4f57-8f1d-3c2a9b6f1e01} Name Effort';

export interface MailJob {
  readonly writer: MailboxWriter;
  readonly owner: Person;
  readonly count: number;
  readonly seed: number;
  readonly now: Date;
  /** The main mailbox has the hard rows and the large attachments. */
  readonly main: boolean;
}

export function fillMail(job: MailJob): void {
  new Mail(job).fill();
}

interface Thread {
  readonly topic: Topic;
  readonly subject: string;
  readonly members: readonly Person[];
  readonly key: string;
}

class Mail {
  readonly #job: MailJob;
  readonly #dice: Dice;
  readonly #folders = new Map<string, FolderHandle>();
  #left: number;
  #serial = 0;
  #lastReceived: number;
  #large = 30;

  constructor(job: MailJob) {
    this.#job = job;
    this.#dice = new Dice(job.seed);
    this.#left = job.count;
    this.#lastReceived = job.now.getTime() - DAY;
  }

  fill(): void {
    // The folders exist even where no message falls into them.
    for (const topic of TOPICS) if (topic.folder !== undefined) this.#folder(`/Inbox/${topic.folder}`);
    if (this.#job.main) this.#hardRows();
    while (this.#left > 0) {
      const roll = this.#dice.roll();
      if (roll < 0.16) this.#bulk();
      else if (roll < 0.19) this.#draft();
      else this.#thread();
    }
  }

  #folder(path: string): FolderHandle {
    let handle = this.#folders.get(path);
    if (handle === undefined) {
      handle = this.#job.writer.mailFolder(path);
      this.#folders.set(path, handle);
    }
    return handle;
  }

  /** A moment in the past; now and then in the same second as the one before, or in the very same millisecond. */
  #moment(): number {
    const dice = this.#dice;
    if (dice.chance(0.04)) return Math.floor(this.#lastReceived / 1000) * 1000 + dice.int(0, 999);
    if (dice.chance(0.005)) return this.#lastReceived;
    const age = dice.roll() ** 1.6 * SPAN;
    this.#lastReceived = this.#job.now.getTime() - 60_000 - Math.floor(age);
    return this.#lastReceived;
  }

  #add(folder: string, message: NewMessage): void {
    if (this.#left <= 0) return;
    this.#left--;
    this.#job.writer.addMessage(this.#folder(folder), message);
  }

  #messageId(domain: string): string {
    this.#serial++;
    return `<${this.#job.seed.toString(36)}.${this.#serial.toString(36)}.${this.#dice.int(0, 0xffffff).toString(36)}@${domain}>`;
  }

  #thread(): void {
    const { owner } = this.#job;
    const dice = this.#dice;
    const topic = dice.pick(TOPICS);
    const others = dice.chance(0.6) ? dice.some(CONTACTED, dice.int(1, 3)) : dice.some(STAFF.filter((person) => person.address !== owner.address), dice.int(1, 3));
    const subject = topic.subject.replace('#', String(dice.int(1, 400)));
    const thread: Thread = { topic, subject, members: [owner, ...others], key: '' };
    const length = Math.min(1 + Math.floor(-Math.log(1 - dice.roll()) * 1.6), 12);
    let at = this.#moment();
    let first: string | undefined;
    let parent: string | undefined;
    for (let index = 0; index < length && at < this.#job.now.getTime(); index++) {
      const sender = index === 0 && dice.chance(0.75) ? (others[0] as Person) : dice.pick(thread.members);
      const id = this.#messageId(sender.address.split('@')[1] ?? 'contoso.example');
      this.#reply(thread, sender, index, at, id, first === undefined ? [] : parent === undefined || parent === first ? [first] : [first, parent]);
      first ??= id;
      parent = id;
      at += Math.floor((0.05 + dice.roll() * 30) * HOUR);
    }
  }

  #reply(thread: Thread, sender: Person, index: number, at: number, id: string, references: readonly string[]): void {
    const dice = this.#dice;
    const { owner } = this.#job;
    const mine = sender.address === owner.address;
    const to = thread.members.filter((person) => person !== sender);
    const copied = to.length > 1 && dice.chance(0.4) ? to.splice(1) : [];
    const picture = dice.chance(0.05) ? `image001.png@${this.#serial.toString(16).padStart(8, '0')}` : undefined;
    const forwarded = index > 0 && dice.chance(0.06);
    const quoted = index > 0 ? `From: ${dice.pick(thread.members).name}  Subject: ${thread.subject}. ${'> as written before; '.repeat(dice.int(1, 8))}` : undefined;
    const plain = dice.chance(0.12);
    const seen = mine || dice.chance(at < this.#job.now.getTime() - 20 * DAY ? 0.95 : 0.55);
    const folder = mine ? '/Sent Items' : this.#placeOf(thread.topic);
    this.#add(folder, {
      entity: {
        subject: index === 0 ? thread.subject : `${forwarded ? 'Fw' : 'Re'}: ${thread.subject}`,
        body: plain ? { contentType: 'text', content: textBody(dice, thread.topic.words, sender.name) } : { contentType: 'html', content: htmlBody(dice, thread.topic.words, sender.name, quoted, picture) },
        from: recipient(this.#spelled(sender)), sender: recipient(sender), toRecipients: to.map(recipient), ccRecipients: copied.map(recipient),
        bccRecipients: mine && dice.chance(0.03) ? [recipient(dice.pick(STAFF))] : [], replyTo: dice.chance(0.03) ? [recipient({ name: 'Desk', address: 'desk@fabrikam.example' })] : [],
        isRead: seen, isDraft: false, importance: dice.chance(0.07) ? 'high' : dice.chance(0.04) ? 'low' : 'normal', categories: dice.chance(0.12) ? dice.some(CATEGORY_NAMES, dice.int(1, 3)) : [],
        flag: this.#flag(at), inferenceClassification: dice.chance(0.1) ? 'other' : 'focused', internetMessageId: id,
        isDeliveryReceiptRequested: dice.chance(0.5) ? null : false, isReadReceiptRequested: dice.chance(0.02),
        ...(dice.chance(0.1) ? { internetMessageHeaders: this.#headers(sender) } : {}),
      },
      receivedDateTime: new Date(at), sentDateTime: new Date(mine ? at : at - dice.int(200, 90_000)), references,
      attachments: this.#attachments(at, picture),
      ...(dice.chance(0.04) ? { extendedProperties: [{ id: PROJECT_CODE, value: dice.pick(['Ærø-1', 'NW-20', "O'Brien"]) }, { id: EFFORT, value: String(dice.int(-5, 500)) }] } : {}),
    });
  }

  /** Senders' clients do not agree on the letter case of an address. */
  #spelled(person: Person): Person {
    return this.#dice.chance(0.08) ? { name: person.name, address: person.address.toUpperCase() } : person;
  }

  #placeOf(topic: Topic): string {
    const roll = this.#dice.roll();
    if (roll < 0.06) return '/Archive/2024';
    if (roll < 0.1) return '/Deleted Items';
    if (topic.folder === undefined || roll < 0.45) return '/Inbox';
    return `/Inbox/${topic.folder}`;
  }

  #flag(at: number): JsonObject {
    const dice = this.#dice;
    const roll = dice.roll();
    const moment = (ms: number): JsonObject => ({ dateTime: `${new Date(ms).toISOString().slice(0, 10)}T00:00:00.0000000`, timeZone: 'UTC' });
    if (roll < 0.03) return { flagStatus: 'flagged' };
    if (roll < 0.05) return { flagStatus: 'flagged', startDateTime: moment(at), dueDateTime: moment(at + dice.int(1, 14) * DAY) };
    if (roll < 0.07) return { flagStatus: 'complete', completedDateTime: moment(at + dice.int(1, 5) * DAY) };
    return { flagStatus: 'notFlagged' };
  }

  #headers(sender: Person): JsonObject[] {
    return [
      { name: 'Received', value: `from mx.${sender.address.split('@')[1] ?? ''} by mx.contoso.example with ESMTPS` },
      { name: 'X-Mailer', value: this.#dice.pick(['Outlook 16.0', 'Mutt/2.2', 'K-9 Mail "6"']) },
      { name: 'Authentication-Results', value: 'mx.contoso.example; spf=pass; dkim=pass' },
    ];
  }

  #attachments(at: number, picture: string | undefined): NewAttachment[] {
    const dice = this.#dice;
    const list: NewAttachment[] = picture === undefined ? [] : [pictureAttachment(picture)];
    if (!dice.chance(0.13)) return list;
    const when = new Date(at);
    const roll = dice.roll();
    if (roll < 0.08) list.push(itemAttachment(dice, when));
    else if (roll < 0.14) list.push(referenceAttachment(dice, when));
    else {
      const large = this.#job.main && this.#large > 0 && dice.chance(0.2);
      if (large) this.#large--;
      list.push(fileAttachment(dice, when, large));
      while (dice.chance(0.25)) list.push(fileAttachment(dice, when, false));
    }
    return list;
  }

  #bulk(): void {
    const dice = this.#dice;
    const sender = dice.pick(NEWSLETTERS);
    const at = this.#moment();
    const domain = sender.address.split('@')[1] ?? '';
    this.#add(dice.chance(0.15) ? '/Junk Email' : dice.chance(0.3) ? '/Inbox/Newsletters' : '/Inbox', {
      entity: {
        subject: dice.pick(BULK_SUBJECTS).replace('#', String(dice.int(1, 300))), body: { contentType: 'html', content: htmlBody(dice, ['offer', 'digest', 'build'], sender.name, undefined, undefined) },
        from: recipient(sender), sender: recipient({ name: 'bounce', address: `bounce@${domain}` }), toRecipients: dice.chance(0.3) ? [] : [recipient(this.#job.owner)],
        isRead: dice.chance(0.5), isDraft: false, inferenceClassification: 'other', internetMessageId: this.#messageId(domain),
        internetMessageHeaders: [{ name: 'List-Unsubscribe', value: `<https://${domain}/u?id=${dice.int(1, 9999)}>` }, { name: 'Precedence', value: 'bulk' }],
      },
      receivedDateTime: new Date(at), sentDateTime: new Date(at - dice.int(1000, 600_000)),
    });
  }

  #draft(): void {
    const dice = this.#dice;
    const at = this.#moment();
    const topic = dice.pick(TOPICS);
    // A draft may be quite bare: no subject, no recipients, no sender.
    const bare = dice.chance(0.3);
    this.#add('/Drafts', {
      entity: {
        subject: bare ? null : topic.subject.replace('#', '(draft)'), body: bare ? { contentType: 'html', content: '' } : { contentType: 'html', content: htmlBody(dice, topic.words, this.#job.owner.name, undefined, undefined) },
        from: bare ? null : recipient(this.#job.owner), sender: bare ? null : recipient(this.#job.owner), toRecipients: bare ? [] : [recipient(dice.pick(CONTACTED))],
        isRead: true, isDraft: true, internetMessageId: this.#messageId('contoso.example'), isDeliveryReceiptRequested: null,
      },
      receivedDateTime: new Date(at), sentDateTime: new Date(at),
    });
  }

  /** One message for each hard subject, all in one hour, several in the same second. */
  #hardRows(): void {
    const base = Math.floor((this.#job.now.getTime() - 3 * DAY) / 1000) * 1000;
    HARD_SUBJECTS.forEach((subject, index) => {
      const sender = CONTACTED[index % CONTACTED.length] as Person;
      const at = base + Math.floor(index / 5) * 60_000 + (index % 5) * 111;
      this.#add(index % 4 === 3 ? '/Inbox/Projects/Ærø' : '/Inbox', {
        entity: {
          subject, body: { contentType: index % 2 === 0 ? 'html' : 'text', content: index % 7 === 0 ? '' : index % 2 === 0 ? htmlBody(this.#dice, ['%', '_', '\\'], sender.name, subject, undefined) : `It's "${subject}"\r\n100%\r\n` },
          from: recipient(sender), toRecipients: [recipient(this.#job.owner)], isRead: index % 3 === 0, isDraft: false, categories: index % 6 === 0 ? ["Zoë's pile", '100% done'] : [],
          internetMessageId: this.#messageId('hard.example'), flag: this.#flag(at),
        },
        receivedDateTime: new Date(at), sentDateTime: new Date(at - 1234),
      });
    });
  }
}
