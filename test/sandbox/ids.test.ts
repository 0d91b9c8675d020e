import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ids, KINDS, SPAN, type Kind } from '../../src/sandbox/ids.js';

const ids = new Ids(42);
const ref = fc.record({
  kind: fc.constantFrom(...(Object.keys(KINDS) as Kind[])), row: fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 10_000_000 })).map(([mailbox, ordinal]) => mailbox * SPAN + ordinal),
  moves: fc.integer({ min: 0, max: 4000 }), day: fc.integer({ min: 0, max: 200_000 }),
});

describe('ids', () => {
  test('an id is read back as what it was made from', () => {
    fc.assert(fc.property(ref, fc.boolean(), (item, immutable) => {
      const text = ids.of(item, immutable);
      const read = ids.read(text);
      expect(read).toMatchObject({ kind: item.kind, row: item.row, day: item.day });
      if (!immutable && read?.moves !== 0) expect(read?.moves).toBe(item.moves);
    }));
  });

  test('they look like the service’s: url-safe base64 of 120 to 152 characters', () => {
    fc.assert(fc.property(ref, fc.boolean(), (item, immutable) => {
      const text = ids.of(item, immutable);
      expect(text).toMatch(/^AA[A-Za-z0-9_-]+=?$/);
      expect(text.length % 4).toBe(0);
      expect(text.length).toBeGreaterThanOrEqual(120);
      expect(text.length).toBeLessThanOrEqual(152);
    }));
  });

  test('some neighbours differ only by letter case, in both spaces, and are still told apart', () => {
    for (const immutable of [true, false]) {
      const texts = Array.from({ length: 64 }, (_, index) => ids.of({ kind: 'message', row: SPAN + index + 1, moves: 0, day: 0 }, immutable));
      expect(new Set(texts).size).toBe(64);
      expect(new Set(texts.map((text) => text.toLowerCase())).size).toBe(60);
    }
  });

  test('all neighbours do where case twins are asked for', () => {
    const twins = new Ids(42, true);
    for (const immutable of [true, false]) {
      const texts = Array.from({ length: 64 }, (_, index) => twins.of({ kind: 'message', row: SPAN + index, moves: 0, day: 0 }, immutable));
      expect(new Set(texts).size).toBe(64);
      expect(new Set(texts.map((text) => text.toLowerCase())).size).toBe(32);
      texts.forEach((text, index) => expect(twins.read(text)?.row).toBe(SPAN + index));
    }
  });

  test('changing the case of any letter makes another id or none', () => {
    fc.assert(fc.property(ref, fc.nat(), (item, seed) => {
      const text = ids.of(item, true);
      const letters = [...text].flatMap((letter, index) => (/[a-z]/i.test(letter) ? [index] : []));
      const at = letters[seed % letters.length]!;
      const letter = text.charAt(at);
      const other = text.slice(0, at) + (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()) + text.slice(at + 1);
      const read = ids.read(other);
      expect(read === undefined || read.row !== item.row || read.kind !== item.kind || read.day !== item.day).toBe(true);
    }));
  });

  test('what is not shaped like an id is not read at all', () => {
    for (const text of ['', 'AAA', 'inbox', `AA${'!'.repeat(120)}`]) expect(ids.read(text)).toBeUndefined();
  });
});
