/** Files that procedures read and write: where they may be, and what becomes of names that anybody wrote. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeFileName } from '../../src/driver/file-name.js';
import { fileStore } from '../../src/driver/files.js';
import { refusal } from './office.js';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'files-'));
const bytes = Buffer.from('hello');

test.skipIf(process.platform === 'win32')('a pipe or a device is no file, and is not waited for', async () => {
  const pipe = join(fresh(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const files = fileStore('any');
  for (const path of [pipe, '/dev/zero', tmpdir()]) {
    expect((await refusal(files.read('LocalFile', path, 100))).code, path).toBe('BAD_VALUE');
    expect((await refusal(files.contents('LocalFile', path, 100))).code, path).toBe('BAD_VALUE');
  }
});

describe('a name becomes harmless', () => {
  test.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..', 'attachment'],
    ['.', 'attachment'],
    ['', 'attachment'],
    ['   ', 'attachment'],
    ['.bashrc', 'bashrc'],
    ['C:\\Windows\\system32\\evil.dll', 'C__Windows_system32_evil.dll'],
    ['/abs/path.txt', '_abs_path.txt'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com1.tar.gz', '_com1.tar.gz'],
    ['COM¹.txt', '_COM¹.txt'],
    ['invoice\u202Efdp.exe', 'invoice_fdp.exe'],
    ['a\u0000b\nc\td.txt', 'a_b_c_d.txt'],
    ['name.txt. . ', 'name.txt'],
    ['what?*"<>|:.txt', 'what_______.txt'],
    ['Grüße 🎉.txt', 'Grüße 🎉.txt'],
  ])('%j → %j', (given, safe) => {
    expect(safeFileName(given)).toBe(safe);
  });

  test('long names keep their ending', () => {
    const name = safeFileName(`${'ä'.repeat(500)}.pdf`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name.endsWith('ä.pdf')).toBe(true);
  });

  test('any text becomes one visible segment of a path, and stays what it is from then on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const name = safeFileName(given);
        expect(name).toMatch(/^[^./\\:*?"<>|\u0000-\u001f\u202a-\u202e][^/\\:*?"<>|\u0000-\u001f\u202a-\u202e]*$/u);
        expect(name).not.toMatch(/[. ]$/);
        expect(basename(join('/x', name))).toBe(name);
        expect(dirname(join('/x', name))).toBe('/x');
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(201);
        expect(safeFileName(name)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });
});

describe('writing', () => {
  test('never overwrites: a taken name gets a number, a dangling link counts as taken', async () => {
    const folder = fresh();
    const store = fileStore('any');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'a (3).txt'));
    const paths = [await store.write('LocalFolder', folder, 'a.txt', bytes), await store.write('LocalFolder', folder, 'a.txt', Buffer.from('2')), await store.write('LocalFolder', folder, 'a.txt', Buffer.from('4'))];
    expect(paths.map((path) => basename(path))).toEqual(['a.txt', 'a (2).txt', 'a (4).txt']);
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['hello', '2', '4']);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });

  test('a name never leaves the folder', async () => {
    const folder = fresh();
    const path = await fileStore('any').write('LocalFolder', join(folder, 'in'), '../../out.txt', bytes);
    expect(dirname(path)).toBe(join(folder, 'in'));
    expect(readdirSync(folder)).toEqual(['in']);
  });
});

describe('access', () => {
  const confined = (): { readonly root: string; readonly outside: string } => {
    const base = fresh();
    const root = join(base, 'shared');
    const outside = join(base, 'outside');
    for (const folder of [root, outside, join(root, 'sub')]) mkdirSync(folder);
    writeFileSync(join(outside, 'secret.txt'), 'secret');
    writeFileSync(join(root, 'own.txt'), 'own');
    symlinkSync(outside, join(root, 'door'));
    symlinkSync(join(outside, 'secret.txt'), join(root, 'window.txt'));
    return { root, outside };
  };

  test('off refuses everything, naming the input', async () => {
    const store = fileStore('off');
    for (const work of [store.read('LocalFile', '/etc/hostname', 100), store.write('LocalFolder', fresh(), 'a', bytes)]) {
      expect(await refusal(work)).toMatchObject({ code: 'STATEMENT_REFUSED', message: expect.stringMatching(/Local(File|Folder)/) as unknown });
    }
  });

  test('a folder confines: paths below it work, relative to it and absolute', async () => {
    const { root } = confined();
    const store = fileStore({ folder: root });
    expect(Buffer.from(await store.read('LocalFile', 'own.txt', 100)).toString()).toBe('own');
    expect(Buffer.from(await store.read('LocalFile', join(root, 'sub', '..', 'own.txt'), 100)).toString()).toBe('own');
    expect(await store.write('LocalFolder', 'sub', 'a.txt', bytes)).toBe(join(root, 'sub', 'a.txt'));
    expect(await store.write('LocalFolder', '.', 'a.txt', bytes)).toBe(join(root, 'a.txt'));
  });

  test.each([
    ['..', 'up'],
    ['../outside/secret.txt', 'up to a file'],
    ['sub/../../outside', 'up in the middle'],
    ['/etc', 'absolute'],
    ['/nothing/of/that/name', 'absolute, not there'],
    ['door', 'a link to a folder'],
    ['door/secret.txt', 'through a link'],
    ['window.txt', 'a link to a file'],
  ])('%s is refused (%s)', async (path) => {
    const { root, outside } = confined();
    const store = fileStore({ folder: root });
    expect((await refusal(store.read('LocalFile', path, 100))).code).toBe('STATEMENT_REFUSED');
    if (!path.endsWith('.txt')) expect((await refusal(store.write('LocalFolder', path, 'x.txt', bytes))).code).toBe('STATEMENT_REFUSED');
    expect(readdirSync(outside)).toEqual(['secret.txt']);
  });

  test('what cannot be read says so, with the input', async () => {
    const folder = fresh();
    writeFileSync(join(folder, 'big.bin'), Buffer.alloc(1000));
    const store = fileStore('any');
    expect(await refusal(store.read('LocalFile', join(folder, 'none.txt'), 100))).toMatchObject({ code: 'BAD_VALUE', message: expect.stringContaining('LocalFile') as unknown });
    expect(await refusal(store.read('LocalFile', folder, 100))).toMatchObject({ code: 'BAD_VALUE' });
    expect(await refusal(store.read('LocalFile', join(folder, 'big.bin'), 999))).toMatchObject({ code: 'BAD_VALUE', message: expect.stringContaining('1000 bytes') as unknown });
    expect((await store.read('LocalFile', join(folder, 'big.bin'), 1000)).length).toBe(1000);
  });

  test('contents are read piece by piece, under the same rules', async () => {
    const { root } = confined();
    const content = await fileStore({ folder: root }).contents('LocalFile', 'own.txt', 100);
    expect([content.size, Buffer.from(await content.read(1, 3)).toString()]).toEqual([3, 'wn']);
    expect((await refusal(fileStore({ folder: root }).contents('LocalFile', 'window.txt', 100))).code).toBe('STATEMENT_REFUSED');
    expect((await refusal(fileStore('off').contents('LocalFile', 'own.txt', 100))).code).toBe('STATEMENT_REFUSED');
    expect((await refusal(fileStore({ folder: root }).contents('LocalFile', 'own.txt', 2))).message).toContain('3 bytes');
    writeFileSync(join(root, 'own.txt'), 'o');
    expect((await refusal(content.read(0, 3))).message).toContain('became shorter');
  });
});
