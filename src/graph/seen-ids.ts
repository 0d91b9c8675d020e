/**
 * Owns: the ids a connection has met lately, to name the one that was meant when another text finds no row.
 * Does not own: when to ask (id-watch.ts).
 * Invariants: never decides which rows there are; holds a fixed number of texts; noting one costs a store, finding one a pass.
 */

/** About a megabyte of the longest usual ids. */
const MOST = 8192;

export type Likeness =
  /** The same but for the case of letters. */
  | 'case'
  /** Begins with the text, in whatever case. */
  | 'longer'
  | 'same';

export interface Found {
  readonly id: string;
  readonly likeness: Likeness;
}

export class SeenIds {
  readonly #ids: string[] = [];
  #next = 0;

  note(id: string): void {
    this.#ids[this.#next] = id;
    this.#next = this.#next + 1 === MOST ? 0 : this.#next + 1;
  }

  /** The id seen that is most like a text: the very same, else the same without case, else one that begins with it. */
  like(text: string): Found | undefined {
    const plain = fold(text);
    let best: Found | undefined;
    for (const id of this.#ids) {
      if (id === text) return { id, likeness: 'same' };
      if (best?.likeness === 'case' || id.length < text.length) continue;
      if (id.length === text.length) {
        if (fold(id) === plain) best = { id, likeness: 'case' };
      } else if (best === undefined && id.length > text.length && fold(id.slice(0, text.length)) === plain) best = { id, likeness: 'longer' };
    }
    return best;
  }
}

/** Ids are ASCII: only its letters are taken for the same in either case. */
export const fold = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** True if an item found by a key is another's: its id differs from the key by case only, or one is the beginning of the other. */
export function isOther(id: unknown, key: string): boolean {
  if (typeof id !== 'string' || id === key) return false;
  return id.startsWith(key) || key.startsWith(id) || fold(id) === fold(key);
}
