/**
 * Owns: how the service compares texts and reads moments.
 * Does not own: which property is which.
 * Invariants: pure; folding two texts equal never depends on what stands around them (so that prefixes fold to prefixes).
 */

/** Upper- and lower-case made one, independent of language: strings compare without case on the service (facts 1.1). */
export function foldText(text: string): string {
  const lower = text.toLowerCase();
  // Lower-casing writes a sigma at a word's end differently, which would make 'ΣΑΣ' not start with 'σας' folded.
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower;
}

const MOMENT = /^(-?\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,12}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

export interface Moment {
  /** Milliseconds since 1970, plus a half if the text is finer than a millisecond, as if the text were in UTC when it names no offset. */
  readonly ms: number;
  /** True if the text has an offset or Z. */
  readonly zoned: boolean;
}

/** Reads an ISO date or date-time; undefined if it is none or the day does not exist. */
export function readMoment(text: string): Moment | undefined {
  const parts = MOMENT.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((index) => Number(parts[index] ?? 0)) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  let ms = Date.UTC(2000, month - 1, day, hour, minute, second);
  if (year >= 100) ms = Date.UTC(year, month - 1, day, hour, minute, second);
  else {
    const early = new Date(ms);
    early.setUTCFullYear(year, month - 1, day);
    ms = early.getTime();
  }
  if (new Date(ms).getUTCDate() !== day) return undefined;
  if (parts[7] !== undefined) {
    // A double has no room for 100 ns beside the years: what is finer than a millisecond only counts as 'later than it'.
    ms += Number(parts[7].slice(0, 3).padEnd(3, '0')) + (/[1-9]/.test(parts[7].slice(3)) ? 0.5 : 0);
  }
  const offset = parts[8];
  if (offset === undefined) return { ms, zoned: false };
  if (offset.toUpperCase() === 'Z') return { ms, zoned: true };
  const digits = offset.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return { ms: ms + (offset.startsWith('-') ? minutes : -minutes) * 60_000, zoned: true };
}

const WORD = /[\p{L}\p{N}_]/u;

/** True if `needle` is found in `text` (both folded); with `words` only where a word begins. */
export function containsText(text: string, needle: string, words: boolean): boolean {
  let at = text.indexOf(needle);
  if (!words) return at >= 0;
  while (at >= 0) {
    if (at === 0 || !WORD.test(lastCharacter(text, at))) return true;
    at = text.indexOf(needle, at + 1);
  }
  return false;
}

function lastCharacter(text: string, end: number): string {
  const code = text.charCodeAt(end - 1);
  return code >= 0xdc00 && code <= 0xdfff && end > 1 ? text.slice(end - 2, end) : text.charAt(end - 1);
}
