/**
 * Owns: HTML to text, for previews and `Prefer: outlook.body-content-type="text"`.
 * Does not own: sanitising.
 * Invariants: text in, text out; unknown entities stay as they are.
 */
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

export function htmlToText(html: string): string {
  const kept = html.replace(/<(style|script|head)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '').replace(/<!--[\s\S]*?-->/g, '');
  const lines = kept.replace(/\s+/g, ' ').replace(/<br\s*\/?>/gi, '\n').replace(/<\/(p|div|tr|li|h[1-6]|table|ul|ol)\s*>/gi, '\n').replace(/<[^>]*>/g, '');
  return lines
    .replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => {
      if (name.startsWith('#')) {
        const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
        return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : whole;
      }
      return ENTITIES[name.toLowerCase()] ?? whole;
    })
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The first 255 characters of the text, as Exchange makes bodyPreview. */
export function preview(content: string, contentType: string): string {
  // No preview needs more than the first part of a very long body.
  const start = content.length > 20_000 ? content.slice(0, 20_000) : content;
  const text = contentType === 'html' ? htmlToText(start) : start;
  return text.replace(/[ \t\r\n]+/g, ' ').trim().slice(0, 255);
}
