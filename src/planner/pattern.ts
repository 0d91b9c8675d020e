/**
 * Owns: what a LIKE or GLOB pattern says that a service can be asked: a prefix, or a text contained.
 * Does not own: which columns it may be asked for (classify.ts).
 * Invariants: every text that matches the pattern has the prefix, or contains the text.
 */

export interface Pattern {
  readonly kind: 'prefix' | 'contains';
  readonly text: string;
  readonly complete: boolean;
}

/**
 * A LIKE pattern as literal runs between wildcards. A pattern without a wildcard is no exact lookup: LIKE folds case.
 * SQLite stops a pattern at NUL, and an escape at its very end matches nothing.
 */
export function readLike(pattern: string, escape: string | undefined): Pattern | undefined {
  if (pattern.includes('\0')) return undefined;
  const parts: { readonly wildcard: boolean; readonly text: string }[] = [];
  let run = '';
  const flush = (): void => {
    if (run !== '') parts.push({ wildcard: false, text: run });
    run = '';
  };
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index]!;
    if (character === escape) {
      const next = characters[(index += 1)];
      if (next === undefined) return undefined;
      run += next;
    } else if (character === '%' || character === '_') {
      flush();
      parts.push({ wildcard: true, text: character });
    } else {
      run += character;
    }
  }
  flush();
  return usablePart(parts, '%');
}

/** GLOB: `*`, `?` and `[…]`; what follows a `[` is not looked at. */
export function readGlob(pattern: string): Pattern | undefined {
  if (pattern.includes('\0')) return undefined;
  const end = pattern.indexOf('[');
  const parts = [...(end < 0 ? pattern : pattern.slice(0, end)).matchAll(/[*?]|[^*?]+/g)].map(([text]) => ({ wildcard: text === '*' || text === '?', text }));
  return usablePart(end < 0 ? parts : [...parts, { wildcard: true, text: '[' }], '*');
}

function usablePart(parts: readonly { readonly wildcard: boolean; readonly text: string }[], many: string): Pattern | undefined {
  const first = parts[0];
  if (first === undefined) return undefined;
  const rest = parts.slice(1);
  const isMany = (part: { readonly wildcard: boolean; readonly text: string }): boolean => part.wildcard && part.text === many;
  if (!first.wildcard) return { kind: 'prefix', text: first.text, complete: rest.length > 0 && rest.every(isMany) };
  const runs = parts.filter(({ wildcard }) => !wildcard);
  const longest = runs.reduce<string>((best, { text }) => (text.length > best.length ? text : best), '');
  if (longest === '') return undefined;
  const complete = runs.length === 1 && parts.filter(({ wildcard }) => wildcard).every(isMany) && parts.at(-1)!.wildcard;
  return { kind: 'contains', text: longest, complete };
}
