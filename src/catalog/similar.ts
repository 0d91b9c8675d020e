/**
 * Owns: did-you-mean names.
 * Does not own: which names are offered, or the error that shows them.
 * Invariants: pure; the best guess first; no guess rather than a wild one.
 */

/**
 * Up to `most` of `candidates` that `name` may have been meant as.
 *
 * @example
 * similarNames('Mesages', ['Messages', 'Events']); // ['Messages']
 */
export function similarNames(name: string, candidates: readonly string[], most = 3): string[] {
  const wanted = fold(name);
  if (wanted === '') return [];
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return candidates
    .map((candidate, index) => ({ candidate, index, score: score(wanted, fold(candidate), limit) }))
    .filter((guess) => guess.score !== undefined)
    .sort((a, b) => (a.score ?? 0) - (b.score ?? 0) || a.index - b.index)
    .slice(0, most)
    .map((guess) => guess.candidate);
}

/** Names differ in case and underscores most: `received_datetime`, `fromemailaddressaddress`. */
const fold = (name: string): string => name.toLowerCase().replaceAll('_', '');

/** The smaller the closer; undefined if too far. */
function score(wanted: string, candidate: string, limit: number): number | undefined {
  const distance = editDistance(wanted, candidate);
  if (distance <= limit) return distance;
  // `subjects` of `subject` is near by distance; `from` or `address` of a flattened name only as a part of it.
  if (wanted.length >= 3 && candidate.includes(wanted)) return limit + 1 + (candidate.length - wanted.length) / 100;
  if (candidate.length >= 4 && wanted.includes(candidate)) return limit + 2 + (wanted.length - candidate.length) / 100;
  return undefined;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replace, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      current[j] = best;
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
