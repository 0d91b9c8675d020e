import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRowKey, encodeRowKey, longestRowKey } from '../../src/catalog/row-key.js';
import { loadCatalog } from '../../src/catalog/load.js';

const ID = 'AAMkAGVmMDEzMTM4LTZmYWUtNDdkNC1hMDZiLTU1OGY5OTZhYmY4OABGAAAAAAAiQ8W967B7TKBjgx9rVEURBwAiIsqMbYjsT5e-T7KzowPTAAAAAAEMAAAiIsqMbYjsT5e-T7KzowPTAAAYNKvwAAA=';

/** Any sequence of UTF-16 code units, halves of surrogate pairs included. */
const anyText = fc.array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })), { maxLength: 60 }).map((units) => String.fromCharCode(...units));
const ascii = fc.string({ unit: 'binary-ascii', maxLength: 600 });
const base64 = fc.stringMatching(/^[A-Za-z0-9_-]{1,200}={0,2}$/);

describe('RowKey', () => {
  it('gives back any text', () => {
    for (const id of ['', 'a', 'A', ID, ID.toLowerCase(), '\u0000', '\u0000\u0000', 'Ä', 'ß', '€', '😀', '\ud83d', 'aé', 'İı']) expect(decodeRowKey(encodeRowKey(id))).toBe(id);
    fc.assert(fc.property(fc.oneof(anyText, ascii, base64), (id) => decodeRowKey(encodeRowKey(id)) === id), { numRuns: 3000 });
  });

  it('has digits and capital letters only, so that folding changes nothing that tells two apart', () => {
    fc.assert(fc.property(fc.oneof(anyText, ascii), (id) => /^[0-9A-V]*$/.test(encodeRowKey(id))), { numRuns: 1000 });
    fc.assert(
      fc.property(base64, fc.func(fc.boolean()), (id, flip) => {
        const other = Array.from(id, (letter, at) => (flip(at) ? (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()) : letter)).join('');
        return (encodeRowKey(id).toLowerCase() === encodeRowKey(other).toLowerCase()) === (id === other);
      }),
      { numRuns: 1000 },
    );
  });

  it('is at most 8/5 as long as the id', () => {
    for (let n = 0; n <= 1200; n += 1) {
      const { length } = encodeRowKey('x'.repeat(n));
      expect(length).toBe(longestRowKey(n));
      expect(length).toBeLessThanOrEqual(Math.ceil((8 * n) / 5));
      // One and three characters have more texts than 32^1 and 32^4.
      if (n !== 1 && n !== 3) expect(length).toBeLessThanOrEqual((8 * n) / 5);
    }
    expect(encodeRowKey(ID)).toHaveLength(213);
    fc.assert(fc.property(anyText, (id) => encodeRowKey(id).length <= Math.ceil((16 * id.length + 1) / 5)), { numRuns: 1000 });
  });

  it('decodes what encoding gives and nothing else', () => {
    const key = encodeRowKey(ID);
    for (const other of [key.toLowerCase(), key.slice(0, -1), key.slice(0, 128), `${key}0`, `${key}=`, ` ${key}`, `${key} `, `${key.slice(0, -1)}${key.endsWith('V') ? 'U' : 'V'}`, '0', 'G', 'W', 'é', '-', ID]) {
      const decoded = decodeRowKey(other);
      // What is a RowKey is that of another text (cut at a whole character, that of the cut id).
      if (decoded !== undefined) expect([decoded === ID, encodeRowKey(decoded)]).toEqual([false, other]);
    }
    expect(decodeRowKey(key.toLowerCase())).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 20 }), fc.stringMatching(/^[0-9A-V]{0,20}$/)), (text) => {
        const decoded = decodeRowKey(text);
        return decoded === undefined || encodeRowKey(decoded) === text;
      }),
      { numRuns: 5000 },
    );
  });

  it('sorts as the ids do by code', () => {
    fc.assert(fc.property(ascii, ascii, (a, b) => (a < b) === (encodeRowKey(a) < encodeRowKey(b))), { numRuns: 1000 });
  });
});

describe('RowKey columns', () => {
  const catalog = loadCatalog('msgraph');

  it('are on every table with an id, and stand for the parent where a row has one', () => {
    for (const table of catalog.tables()) {
      const names = table.columns.map(({ name }) => name);
      expect([table.name, names.includes('RowKey')]).toEqual([table.name, names.includes('id')]);
      if (names.includes('id')) expect(names.indexOf('RowKey')).toBe(names.indexOf('id') + 1);
    }
    expect(catalog.column('MessageRecipients', 'messageRowKey')).toMatchObject({ compute: 'rowKey', column: 'messageId', references: 'Messages.RowKey' });
    expect(catalog.column('GroupMembers', 'groupRowKey')?.length).toBe(longestRowKey(36));
  });

  it('say what they are, why, and how long at most, so that they fit an index of SQL Server', () => {
    for (const table of catalog.tables()) {
      for (const column of table.columns.filter(({ compute }) => compute === 'rowKey')) {
        const id = table.columns.find(({ name }) => name === column.column)!;
        expect(column.description).toContain(column.column);
        expect(column.description).toMatch(/without case/);
        expect([table.name, column.length]).toEqual([table.name, id.length === undefined ? undefined : longestRowKey(id.length)]);
        expect(column.description).toContain(column.length === undefined ? '8/5' : String(column.length));
        expect(column.length ?? 0).toBeLessThanOrEqual(1700);
        expect([table.name, column.write?.create ?? false]).toEqual([table.name, (id.write?.create ?? false) !== false]);
        expect(column.write?.update).toBeUndefined();
      }
    }
    // A clustered key takes 900 bytes.
    expect(catalog.column('Messages', 'RowKey')?.length).toBeLessThanOrEqual(900);
  });
});
