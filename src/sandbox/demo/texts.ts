/**
 * Owns: the words of the demo: subjects, sentences, bodies.
 * Does not own: who writes them and when.
 * Invariants: invented; subjects that trouble a query (quotes, wildcards, backslashes, scripts, letter case) are all in HARD_SUBJECTS.
 */
import { mixText } from '../random.js';
import { Dice } from './dice.js';

export interface Topic {
  /** `#` is replaced by a number. */
  readonly subject: string;
  /** Folder below the Inbox; undefined: the Inbox itself. */
  readonly folder: string | undefined;
  readonly words: readonly string[];
}

export const TOPICS: readonly Topic[] = [
  { subject: 'Budget # review', folder: undefined, words: ['budget', 'forecast', 'cost centre'] },
  { subject: 'Invoice # overdue', folder: 'Finance/Invoices', words: ['invoice', 'payment terms', 'reminder'] },
  { subject: 'Offer # for Northwind Traders', folder: 'Clients/Northwind', words: ['offer', 'discount', 'delivery date'] },
  { subject: 'Fabrikam: contract # draft', folder: 'Clients/Fabrikam/Contracts', words: ['contract', 'clause', 'signature'] },
  { subject: 'Project Ærø status #', folder: 'Projects/Ærø', words: ['milestone', 'risk', 'estimate'] },
  { subject: 'Lunch on floor #?', folder: undefined, words: ['lunch', 'canteen', 'soup'] },
  { subject: 'Angebot für Stückzahl #', folder: 'Clients/Adatum', words: ['Angebot', 'Lieferung', 'Größe'] },
  { subject: '会議の議事録 #', folder: 'Projects', words: ['会議', '予定', '確認'] },
  { subject: 'Отчёт за неделю #', folder: 'Projects/Отчёты', words: ['отчёт', 'задача', 'срок'] },
  { subject: 'עדכון משלוח #', folder: 'Suppliers', words: ['משלוח', 'מחסן', 'עדכון'] },
  { subject: 'Release # checklist ✅', folder: 'Projects/Releases', words: ['release', 'build', 'regression'] },
  { subject: 'Travel plan #', folder: 'Travel', words: ['flight', 'hotel', 'visa'] },
  { subject: 'Complaint #: late delivery', folder: 'Clients', words: ['complaint', 'courier', 'refund'] },
  { subject: 'Holiday list #', folder: undefined, words: ['holiday', 'cover', 'calendar'] },
];

export const BULK_SUBJECTS: readonly string[] = ['Weekly digest #', '50% off everything, issue #', '[build] #: failed', 'ALERT: disk_usage > 90% on host-#', 'Your receipt no. #'];

const LONG = `Minutes of the very long meeting: ${'agenda item, decision and owner; '.repeat(12)}end`;

/** Each occurs at least once in the main mailbox when it has enough messages. */
export const HARD_SUBJECTS: readonly string[] = [
  '', ' ', "It's Zoë's \"final\" offer", '100% done', '100_ done', 'C:\\temp\\new\\%PATH%', 'budget review', 'BUDGET REVIEW', 'Budget Review', LONG,
  "'; DROP TABLE Messages; --", '🎉🎉 Launch party 👩‍👩‍👧', 'تأكيد الحجز رقم 7', 'STRASSE / straße', 'İSTANBUL ıstanbul istanbul', 'ΟΔΥΣΣΕΥΣ οδυσσευς', 'ﬁnance ﬀ ligatures',
  'cafe\u0301 and café', 'Tab\there', '<b>not bold</b> &amp; so on', 'null', 'NULL', '0', '1e3', '2026-01-01', 'a,b;"c"\n', '{"json": true}', '[tag] Re: Re: Fwd: loop', '𝒳 astral', '\u200eleft‑to‑right mark',
];

const OPENINGS = ['Hi,', 'Hello all,', 'Dear colleagues,', 'Hei,', 'Guten Tag,', 'Good morning —', 'Здравствуйте,', '您好，', 'שלום,'];
const SENTENCES = [
  'please find the % attached as agreed in our last call.', 'The % has moved by a week because the supplier was late.', 'Could you check the % before Thursday noon?',
  'I have updated the table, and the % is now within 5% of the plan.', 'Nothing has changed since Monday, apart from the %.', 'We still need a decision on the %; otherwise we will miss the date.',
  'Let us take the % off the agenda & talk about it later.', "I don't think the % is ready, it isn't reviewed yet.", 'Everyone on the list has seen the %, so no further copies are needed.',
  'The figures for the % are in the shared folder under \\\\files\\ops\\2026.', 'Thanks for the quick answer about the %.', 'Two open points remain: the % and the room for the workshop.',
  'As always, the % comes with a caveat: numbers may change by quarter end.', 'My proposal: keep the % as it is and revisit it in spring.', 'The customer asked twice for the %, which is a first.',
];
const CLOSINGS = ['Best regards', 'Kind regards', 'Thanks!', 'Mvh', 'Viele Grüße', 'С уважением', '谢谢', 'Cheers 🙂'];

export const escapeHtml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const STYLE = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body dir="auto"><div style="font-family:Calibri,Arial,sans-serif;font-size:11pt;color:rgb(0,0,0)">';

function sentences(dice: Dice, words: readonly string[], count: number): string {
  let text = '';
  for (let index = 0; index < count; index++) text += `${index === 0 ? '' : ' '}${dice.pick(SENTENCES).replace('%', dice.pick(words))}`;
  return text;
}

/** Paragraphs of each topic, made once: a body is put together from them. */
const paragraphs = new Map<string, readonly string[]>();

function paragraphsOf(words: readonly string[]): readonly string[] {
  const key = words.join('\n');
  let pool = paragraphs.get(key);
  if (pool === undefined) {
    const dice = new Dice(mixText(7, key));
    pool = Array.from({ length: 96 }, () => `<p style="margin:0 0 8px 0">${escapeHtml(sentences(dice, words, dice.int(3, 6)))}</p>`);
    paragraphs.set(key, pool);
  }
  return pool;
}

/** About 1 to 2 kB of HTML. `quoted` stands below, as a reply carries it. */
export function htmlBody(dice: Dice, words: readonly string[], author: string, quoted: string | undefined, picture: string | undefined): string {
  const pool = paragraphsOf(words);
  let html = `${STYLE}<p>${dice.pick(OPENINGS)}</p>`;
  const count = dice.int(1, 4);
  for (let index = 0; index < count; index++) html += dice.pick(pool);
  if (picture !== undefined) html += `<p><img src="cid:${picture}" width="120" height="40" alt="logo"></p>`;
  html += `<p>${dice.pick(CLOSINGS)}<br>${escapeHtml(author)}</p></div>`;
  if (quoted !== undefined) html += `<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">${escapeHtml(quoted)}</font></div>`;
  return `${html}</body></html>`;
}

export function textBody(dice: Dice, words: readonly string[], author: string): string {
  return `${dice.pick(OPENINGS)}\r\n\r\n${sentences(dice, words, dice.int(2, 6))}\r\n\r\n${dice.pick(CLOSINGS)}\r\n${author}\r\n`;
}

/** A short HTML note for events, tasks and posts. */
export function noteBody(dice: Dice, words: readonly string[]): string {
  return `<html><body><p>${escapeHtml(sentences(dice, words, dice.int(1, 3)))}</p></body></html>`;
}
