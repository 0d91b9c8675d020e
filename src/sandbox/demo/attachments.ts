/**
 * Owns: made-up attachments: files of several sizes, inline pictures, attached messages, links.
 * Does not own: which messages have them.
 * Invariants: contents are slices of one pool, so that many attachments cost no memory before they are stored.
 */
import { mix } from '../random.js';
import type { NewAttachment } from '../writer.js';
import type { Dice } from './dice.js';

const POOL = Buffer.alloc(256 * 1024);
for (let word = 0; word < POOL.length / 4; word++) POOL.writeUInt32LE(mix(0x5eed, word), word * 4);

/** A transparent picture of one pixel. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

const FILES: readonly (readonly [string, string])[] = [
  ['report #.pdf', 'application/pdf'], ['figures #.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['minutes #.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'], ["Zoë's notes #.txt", 'text/plain'], ['100%_final #.csv', 'text/csv'],
  ['Übersicht «#».pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'], ['図面 #.png', 'image/png'], ['no ending #', 'application/octet-stream'], ['back\\slash "#".log', 'text/plain'],
];

export function pictureAttachment(contentId: string): NewAttachment {
  return { kind: 'file', name: 'image001.png', contentType: 'image/png', isInline: true, contentId, content: PICTURE };
}

/** `large`: may be up to 200 kB; others stay below 6 kB. */
export function fileAttachment(dice: Dice, lastModified: Date, large: boolean): NewAttachment {
  const [name, contentType] = dice.pick(FILES);
  const size = large ? dice.int(20_000, 200_000) : dice.chance(0.02) ? 0 : Math.floor(40 * 150 ** dice.roll());
  const from = dice.int(0, POOL.length - size - 1);
  return { kind: 'file', name: name.replace('#', String(dice.int(1, 999))), contentType, isInline: false, content: POOL.subarray(from, from + size), lastModified };
}

/** An attached message, as MIME. */
export function itemAttachment(dice: Dice, at: Date): NewAttachment {
  const subject = `Forwarded note ${dice.int(1, 999)}`;
  const mime = `From: "Anna Schmidt" <anna.schmidt@northwind.example>\r\nTo: ada@contoso.example\r\nSubject: ${subject}\r\nDate: ${at.toUTCString()}\r\n`
    + `Message-ID: <attached.${dice.int(1, 999_999)}@northwind.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAs discussed.\r\n`;
  return { kind: 'item', name: subject, contentType: 'message/rfc822', isInline: false, content: Buffer.from(mime), lastModified: at };
}

export function referenceAttachment(dice: Dice, at: Date): NewAttachment {
  return { kind: 'reference', name: `Shared plan ${dice.int(1, 99)}`, contentType: null, isInline: false, content: new Uint8Array(0), lastModified: at };
}
