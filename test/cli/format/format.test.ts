import { Writable } from 'node:stream';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { writeRows, type Format } from '../../../src/cli/format/index.js';
import type { Column, Value } from '../../../src/driver/results.js';

const column = (name: string, type?: Column['type']): Column => ({ name, type, table: undefined, column: undefined, nullable: true, description: undefined });

async function* rowsOf(rows: readonly Value[][]): AsyncGenerator<Value[]> {
  yield* rows;
}

async function write(format: Format, columns: Column[], rows: Value[][], width = 60): Promise<string> {
  let text = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      setImmediate(done);
    },
    highWaterMark: 16,
  });
  await writeRows(format, columns, rowsOf(rows), Object.assign(out, { columns: width }));
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
