/**
 * Owns: the ids the sandbox shows: computed from (seed, mailbox, kind, number, move count, day), and read back from the text.
 * Does not own: whether the row exists.
 * Invariants: ids are compared exactly; the ids of items 16k+6 and 16k+7 of a kind differ only by one letter's case, in both
 * spaces, as it happens in a real mailbox (facts 6.1: ids are case-sensitive base64); with `caseTwins` so do all items 2k and 2k+1.
 */
import { base64Digits, fromDigits, mix, toDigits } from './random.js';

/** The letter that tells kinds apart inside an id. */
export const KINDS = {
  message: 'M', event: 'E', contact: 'C', attachment: 'T', mailFolder: 'F', contactFolder: 'O', calendar: 'L', calendarGroup: 'G',
  todoList: 'D', todoTask: 'K', conversation: 'V', thread: 'H', post: 'P',
} as const;
export type Kind = keyof typeof KINDS;

const LETTERS: ReadonlyMap<string, Kind> = new Map(Object.entries(KINDS).map(([kind, letter]) => [letter, kind as Kind]));

/** Rows of one mailbox are numbered `mailbox * SPAN + ordinal`. */
export const SPAN = 4294967296;
export const mailboxOf = (row: number): number => Math.floor(row / SPAN);
export const ordinalOf = (row: number): number => row % SPAN;

export interface ItemRef {
  readonly kind: Kind;
  /** Row number, see `SPAN`. */
  readonly row: number;
  /** How often the item has moved: part of regular ids only. */
  readonly moves: number;
  /** Day number of an occurrence (see `dayNumber`), 0 for anything else. */
  readonly day: number;
}

/** Kinds whose ids do not depend on the preference (facts 6.1: folders and calendars are constant). */
const CONSTANT: ReadonlySet<Kind> = new Set(['mailFolder', 'contactFolder', 'calendar', 'calendarGroup', 'todoList', 'conversation', 'thread']);

const REGULAR_HEAD = 'AAMkAG';
const IMMUTABLE_HEAD = 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A';
const CONVERSATION_HEAD = 'AAQkAG';

export class Ids {
  readonly #seed: number;
  readonly #caseTwins: boolean;
  readonly #mailboxDigits = new Map<number, { readonly regular: string; readonly immutable: string; readonly folder: string }>();

  constructor(seed: number, caseTwins = false) {
    this.#seed = seed >>> 0;
    this.#caseTwins = caseTwins;
  }

  get seed(): number {
    return this.#seed;
  }

  #digitsOf(mailbox: number): { readonly regular: string; readonly immutable: string; readonly folder: string } {
    let digits = this.#mailboxDigits.get(mailbox);
    if (digits === undefined) {
      const store = base64Digits(22, this.#seed, mailbox, 2);
      digits = {
        regular: `${REGULAR_HEAD}${base64Digits(46, this.#seed, mailbox, 1)}LgBGAAAAAAD${store}BwA${base64Digits(37, this.#seed, mailbox, 3)}`,
        immutable: `${IMMUTABLE_HEAD}${base64Digits(61, this.#seed, mailbox, 4)}`,
        folder: `${base64Digits(46, this.#seed, mailbox, 1)}LgAAAAAA${store}AQB${base64Digits(8, this.#seed, mailbox, 5)}`,
      };
      this.#mailboxDigits.set(mailbox, digits);
    }
    return digits;
  }

  /** The id of an item as shown with (`immutable`) or without `Prefer: IdType="ImmutableId"`. */
  of(ref: ItemRef, immutable: boolean): string {
    const mailbox = mailboxOf(ref.row);
    const digits = this.#digitsOf(mailbox);
    const constant = CONSTANT.has(ref.kind);
    const moves = immutable || constant ? 0 : ref.moves;
    const head = constant
      ? (ref.kind === 'conversation' || ref.kind === 'thread' ? CONVERSATION_HEAD : REGULAR_HEAD) + digits.folder
      : immutable ? digits.immutable : digits.regular;
    return `${head}${toDigits(mailbox, 3)}${KINDS[ref.kind]}${toDigits(moves, 2)}${toDigits(ref.day, 4)}${this.#numberDigits(ref, immutable && !constant)}AAA=`;
  }

  /** Thirteen digits: pair number, one letter, a tail. Case pairs share everything but that letter's case. */
  #numberDigits(ref: ItemRef, immutable: boolean): string {
    const ordinal = ordinalOf(ref.row);
    const pair = Math.floor(ordinal / 2);
    const odd = ordinal % 2;
    const space = immutable ? 7 : 8;
    const letter = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.charAt(mix(this.#seed, pair, space) % 26);
    const casePair = this.#caseTwins || pair % 8 === 3;
    const shown = odd === 1 ? letter.toLowerCase() : letter;
    const tail = base64Digits(6, this.#seed, casePair ? pair : ordinal, ref.kind.length, space, casePair ? 1 : 2);
    return `${toDigits(pair, 6)}${shown}${tail}`;
  }

  /** Reads an id of either space. `undefined`: not shaped like an id of this service at all. */
  read(text: string): (ItemRef & { readonly immutable: boolean }) | undefined {
    if (!/^AA[A-Za-z0-9_-]{80,160}={0,2}$/.test(text)) return undefined;
    const tail = text.slice(-27);
    const kind = LETTERS.get(tail.charAt(3));
    const unknown = { kind: 'message', row: -1, moves: 0, day: 0, immutable: false } as const;
    if (kind === undefined) return unknown;
    const mailbox = fromDigits(tail.slice(0, 3));
    const moves = fromDigits(tail.slice(4, 6));
    const day = fromDigits(tail.slice(6, 10));
    const pair = fromDigits(tail.slice(10, 16));
    const immutable = text.startsWith(IMMUTABLE_HEAD);
    for (const odd of [0, 1]) {
      const ref = { kind, row: mailbox * SPAN + pair * 2 + odd, moves, day };
      if (this.of(ref, immutable) === text) return { ...ref, immutable };
    }
    return unknown;
  }

  /** changeKey of a row's version: 40 base64 characters, as Exchange's. */
  changeKey(row: number, version: number): string {
    return `CQAAABYAAAA${base64Digits(22, this.#seed, mailboxOf(row), 9)}${toDigits(mix(this.#seed, row, version, 10) % 16777216, 4)}${toDigits(version, 2)}A`;
  }
}
