/**
 * Owns: what else a mailbox has: categories, to-do lists, rules, settings, drive files.
 * Does not own: mail, events, contacts.
 * Invariants: rules and settings belong to the mailbox, not to its contents: they are there without demo items too.
 */
import type { JsonObject, MailboxWriter } from '../writer.js';
import { dateOf } from './calendar.js';
import type { Dice } from './dice.js';
import { CATEGORIES } from './mail.js';
import { noteBody } from './texts.js';

const DAY = 86_400_000;
const midnight = (ms: number): JsonObject => ({ dateTime: `${dateOf(ms)}T00:00:00.0000000`, timeZone: 'UTC' });

export function fillCategories(writer: MailboxWriter): void {
  for (const [name, color] of CATEGORIES) writer.addCategory(name, color);
}

export function fillTasks(writer: MailboxWriter, dice: Dice, now: Date, count: number): void {
  const lists = [writer.addTodoList('Tasks', 'defaultList'), writer.addTodoList('Groceries 🛒'), writer.addTodoList('Project Ærø: "next"')];
  const titles = ['Call the supplier', "Renew Zoë's badge", 'Buy milk 3.5%', 'Écrire le rapport', 'C:\\cleanup', 'проверить счёт', ''];
  for (let index = 0; index < count; index++) {
    const list = lists[index % lists.length];
    if (list === undefined) continue;
    const created = now.getTime() - dice.int(1, 200) * DAY;
    const status = dice.pick(['notStarted', 'notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred']);
    const due = dice.chance(0.6) ? created + dice.int(1, 60) * DAY : undefined;
    const steps = dice.chance(0.4) ? dice.int(1, 4) : 0;
    const checklist = Array.from({ length: steps }, (_, step): JsonObject => {
      const isChecked = status === 'completed' || dice.chance(0.4);
      return { displayName: `Step ${step + 1}: ${dice.pick(["don't forget", '100%', 'ask Bo'])}`, isChecked, checkedDateTime: isChecked ? new Date(created + DAY).toISOString() : null, createdDateTime: new Date(created).toISOString() };
    });
    writer.addTodoTask(list, {
      title: `${dice.pick(titles)}${index % 3 === 0 ? ` ${index}` : ''}`, status, importance: dice.pick(['low', 'normal', 'normal', 'high']), createdDateTime: new Date(created).toISOString(), lastModifiedDateTime: new Date(created + DAY).toISOString(),
      body: dice.chance(0.5) ? { contentType: 'html', content: noteBody(dice, ['list', 'order']) } : { contentType: 'text', content: '' }, categories: dice.chance(0.2) ? ['Follow_up'] : [],
      dueDateTime: due === undefined ? null : midnight(due), startDateTime: dice.chance(0.2) ? midnight(created) : null, completedDateTime: status === 'completed' ? midnight(created + 2 * DAY) : null,
      isReminderOn: due !== undefined && dice.chance(0.3), reminderDateTime: due === undefined ? null : { dateTime: `${dateOf(due)}T08:00:00.0000000`, timeZone: 'UTC' },
      recurrence: due !== undefined && index % 7 === 0
        ? { pattern: { type: 'weekly', interval: 1, month: 0, dayOfMonth: 0, daysOfWeek: ['monday'], firstDayOfWeek: 'sunday', index: 'first' }, range: { type: 'noEnd', startDate: dateOf(due), endDate: '0001-01-01', recurrenceTimeZone: 'UTC', numberOfOccurrences: 0 } }
        : null,
    }, checklist);
  }
}

export function fillRules(writer: MailboxWriter): void {
  const rules: readonly JsonObject[] = [
    { displayName: 'Newsletters out of the way', sequence: 1, isEnabled: true, conditions: { headerContains: ['List-Unsubscribe'] }, actions: { markAsRead: true, stopProcessingRules: true } },
    { displayName: "From Seán: it's important", sequence: 2, isEnabled: true, conditions: { fromAddresses: [{ emailAddress: { name: "Seán O'Brien", address: 'sean.obrien@fabrikam.example' } }] }, actions: { markImportance: 'high', assignCategories: ['Red category'] } },
    { displayName: '100% off', sequence: 3, isEnabled: false, conditions: { subjectContains: ['100%', '50_off'] }, actions: { delete: true }, exceptions: { senderContains: ['contoso.example'] } },
    { displayName: 'Large mail', sequence: 4, isEnabled: true, hasError: true, conditions: { withinSizeRange: { minimumSize: 5000, maximumSize: 100_000 }, hasAttachments: true }, actions: { forwardTo: [{ emailAddress: { name: 'Bo Okafor', address: 'bo@contoso.example' } }] } },
  ];
  for (const rule of rules) writer.addMessageRule(rule);
}

export function fillSettings(writer: MailboxWriter, index: number, timeZone: string, now: Date): void {
  const start = now.getTime() - 2 * DAY;
  writer.setMailboxSettings({
    timeZone, dateFormat: index % 2 === 0 ? 'yyyy-MM-dd' : 'dd/MM/yyyy', timeFormat: index % 2 === 0 ? 'HH:mm' : 'h:mm tt',
    language: index === 0 ? { locale: 'nb-NO', displayName: 'Norwegian Bokmål (Norway)' } : { locale: 'en-US', displayName: 'English (United States)' },
    automaticRepliesSetting: {
      status: index === 0 ? 'scheduled' : index === 1 ? 'alwaysEnabled' : 'disabled', externalAudience: index === 0 ? 'contactsOnly' : index === 1 ? 'all' : 'none',
      internalReplyMessage: index < 2 ? "<html><body>I'm away & back soon; ask <b>Bo</b>.</body></html>" : '', externalReplyMessage: index < 2 ? '<html><body>Out of office, 100%.</body></html>' : '',
      scheduledStartDateTime: midnight(start), scheduledEndDateTime: midnight(start + 9 * DAY),
    },
    workingHours: {
      daysOfWeek: index === 4 ? ['sunday', 'monday', 'tuesday', 'wednesday'] : ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      startTime: index % 2 === 0 ? '08:00:00.0000000' : '09:30:00.0000000', endTime: '17:00:00.0000000', timeZone: { name: timeZone },
    },
  });
}

const FILES: readonly (readonly [string, string, number])[] = [
  ['/Readme.txt', 'text/plain', 120], ['/Reports/2025/Q4 report.pdf', 'application/pdf', 48_000], ['/Reports/2025/Q4 figures 100%.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 9_000],
  ['/Reports/2026/draft_v1.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 15_000], ['/Photos/Ærø/IMG_0001.JPG', 'image/jpeg', 30_000], ['/Photos/Ærø/img_0001.jpg', 'image/jpeg', 30_001],
  ["/Photos/Zoë's dog 🐕.png", 'image/png', 700], ['/Contracts/Fabrikam/契約書.pdf', 'application/pdf', 2_000], ['/empty.bin', 'application/octet-stream', 0],
];

export function fillFiles(writer: MailboxWriter): void {
  for (const [path, type, size] of FILES) writer.addFile(path, Buffer.alloc(size, path), type);
}
