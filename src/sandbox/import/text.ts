/**
 * Owns: bytes to text, and unfolding of iCalendar and vCard lines.
 */

/** UTF-16 by its mark, else UTF-8, else Windows-1252. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Content lines: folded ones joined, empty ones left out (RFC 5545 3.1, RFC 6350 3.2). */
export function unfold(text: string): string[] {
  return text
    .replace(/(?:\r\n|\n|\r)+[ \t]/g, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '');
}
