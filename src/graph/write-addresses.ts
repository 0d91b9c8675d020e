/**
 * Owns: lists of addresses as people write them (`Ann <ann@x>; ben@y`), and the addresses in JSON.
 * Invariants: pure.
 */

/** Elements of a plain list, separated by semicolons, or by commas where it has none. An address without @ is left to the caller. */
export function recipientsFromText(text: string, as: 'recipient' | 'attendee' | 'address'): readonly unknown[] {
  return split(text).map((one) => {
    const match = /^(.*?)\s*<([^<>]*)>$/s.exec(one);
    const name = match?.[1]?.replace(/^"(.*)"$/s, '$1').trim();
    const address = (match?.[2] ?? one).trim();
    const emailAddress = { ...(name === undefined || name === '' ? {} : { name }), address };
    return as === 'address' ? emailAddress : as === 'attendee' ? { emailAddress, type: 'required' } : { emailAddress };
  });
}

/** Outside quotes. */
function split(text: string): string[] {
  const separator = text.includes(';') ? ';' : ',';
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (!quoted && character === separator) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part].map((one) => one.trim()).filter((one) => one !== '');
}

/** The addresses of a JSON array of recipients or attendees. */
export function addressesIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const address = (one as { readonly emailAddress?: { readonly address?: unknown } } | null)?.emailAddress?.address;
    return typeof address === 'string' && address !== '' ? [address] : [];
  });
}
