import { Writable } from 'node:stream';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { writeRows, type Layout } from '../../../src/cli/format/index.js';
import type { Column, Value } from '../../../src/driver/results.js';

const column = (name: string, type?: Column['type']): Column => ({ name, type, table: undefined, column: undefined, nullable: true, description: undefined });

async function* rowsOf(rows: readonly Value[][]): AsyncGenerator<Value[]> {
  yield* rows;
}

async function write(format: Layout, columns: Column[], rows: Value[][], width = 60, terminal = false): Promise<string> {
  let text = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      setImmediate(done);
    },
    highWaterMark: 16,
  });
  await writeRows(format, columns, rowsOf(rows), Object.assign(out, { columns: width, isTTY: terminal }));
  await new Promise((resolve) => out.end(resolve));
  return text;
}

test('json is one array of objects, also when empty; repeated names keep both values', async () => {
  expect(await write('json', [column('a')], [])).toBe('[]\n');
  const text = await write('json', [column('a'), column('a'), column('__proto__')], [[1, 'x', null], [9007199254740993n, true, new Uint8Array([1])]]);
  expect(JSON.parse(text.replace('9007199254740993', '1'))[0]).toEqual(JSON.parse('{"a":1,"a_2":"x","__proto__":null}'));
  expect(text).toContain('"a":9007199254740993');
});

test('ndjson is one object a line', async () => {
  expect(await write('ndjson', [column('a')], [[1], [null]])).toBe('{"a":1}\n{"a":null}\n');
});

test('csv quotes as RFC 4180 says and keeps NULL apart from an empty text', async () => {
  expect(await write('csv', [column('a'), column('b,c')], [['x "y"\nz', null], ['', false]])).toBe('a,"b,c"\r\n"x ""y""\nz",\r\n"",false\r\n');
});

test('a table fits the width, whatever the characters', async () => {
  const text = await write('table', [column('subject', 'text'), column('n', 'integer'), column('name', 'text')], [['日本語の件名がとても長い場合はどうなるか', 7, 'é🙂'.repeat(30)], ['short', 1234, 'שלום']], 40);
  const lines = text.trimEnd().split('\n');
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(40);
  expect(lines[2]).toContain('…');
  expect(lines[3]).toContain('\u2068שלום\u2069');
  expect(lines.at(-1)).toBe('(2 rows)');
});

test('control characters and line breaks of a mail do not reach the terminal', async () => {
  const text = await write('table', [column('subject', 'text')], [['a\u001b[31mb\r\nc\u202ed']]);
  expect(text).not.toMatch(/\u001b|\u202e/);
  expect(text).toContain('a\\u001b[31mb⏎c\\u202ed');
});

test('rows too wide for a table are shown as records that fit', async () => {
  const columns = Array.from({ length: 20 }, (_, index) => column(`column_number_${String(index)}`, 'text'));
  const row = columns.map((_, index) => (index === 3 ? 'x'.repeat(200) : `value ${String(index)}`));
  const text = await write('table', columns, [row, row], 50);
  const lines = text.trimEnd().split('\n');
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(50);
  expect(lines[0]).toMatch(/^-\[ 1 \]-+$/);
  expect(lines[1]).toBe('column_number_0   value 0');
  expect(lines[4]).toMatch(/^column_number_3 {3}x+…$/);
  expect(lines).toHaveLength(43);
});

test('a file gets every format whole: no width, no escapes', async () => {
  const text = await write('table', [column('subject', 'text')], [['x'.repeat(300)]], Number.POSITIVE_INFINITY);
  expect(text).toContain('x'.repeat(300));
  expect(await write('csv', [column('a')], [['\u001b[31m']], 60, false)).toBe('a\r\n\u001b[31m\r\n');
});

test('no format moves the cursor of a terminal', async () => {
  for (const format of ['csv', 'json', 'ndjson', 'table', 'records'] as const) {
    const text = await write(format, [column('a', 'text')], [['a\u001b[31mb\u009bc\u202ed']], 60, true);
    expect(text).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(text).toContain('b');
  }
});

test('an expression is right-aligned when all its values are numbers', async () => {
  const text = await write('table', [column('n'), column('t')], [[1, 'a'], [null, 'b'], [100, 3]]);
  expect(text.split('\n')[2]).toBe('   1  a');
});

test('rows that came before an error are written', async () => {
  let text = '';
  const out = new Writable({ write: (chunk: Buffer, _encoding, done) => { text += chunk.toString(); done(); } });
  async function* failing(): AsyncGenerator<Value[]> {
    yield [1];
    throw new Error('broken');
  }
  await expect(writeRows('ndjson', [column('a')], failing(), out)).rejects.toThrow('broken');
  expect(text).toBe('{"a":1}\n');
});
