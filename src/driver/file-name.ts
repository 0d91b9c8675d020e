/**
 * Owns: making a file name out of a text that anybody may have written (an attachment's name, a subject).
 * Does not own: where the file goes (files.ts).
 * Invariants: the result is one path segment on every system, visible, at most 200 bytes of UTF-8, and never empty.
 */

/** Device names of Windows, which stand for a device with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;
/** Separators and what Windows forbids, controls, and characters that hide or turn text around (`exe.txt` that reads `txt.exe`). */
const FORBIDDEN = /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;
const MOST_BYTES = 200;
const MOST_EXTENSION = 20;

export function safeFileName(given: string, fallback = 'attachment'): string {
  const cleaned = given
    .normalize('NFC')
    .replace(FORBIDDEN, '_')
    .replace(/\s+/g, ' ')
    // Hidden on Unix; `..` leads out.
    .replace(/^[\s.]+/, '')
    // Windows drops them, and would find another file.
    .replace(/[\s.]+$/, '');
  const { stem, extension } = splitName(cleaned);
  const base = stem === '' || RESERVED.test(stem.split('.')[0]!.trim()) ? `_${stem}` : stem;
  const name = base === '_' && extension === '' ? fallback : base;
  return `${cutBytes(name, MOST_BYTES - Buffer.byteLength(extension))}${extension}`;
}

/** `report (2).pdf` for n = 2. */
export function numberedName(name: string, n: number): string {
  const { stem, extension } = splitName(name);
  return `${stem} (${String(n)})${extension}`;
}

function splitName(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  return Buffer.byteLength(extension) > MOST_EXTENSION ? { stem: name, extension: '' } : { stem: name.slice(0, name.length - extension.length), extension };
}

/** The longest start of whole characters that fits, without a blank or a dot at its end. */
function cutBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let cut = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    cut += character;
  }
  return cut.replace(/[\s.]+$/, '');
}
