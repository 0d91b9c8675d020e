import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openStore, type StoredSignIn } from '../../../src/auth/store/index.js';
import { failureOf } from '../../http/server.js';
import { temporaryFolder } from '../../support/counterpart.js';

const folder = temporaryFolder();
const path = join(folder.path, 'tokens.json');
const ENTRY: StoredSignIn = { accessToken: 'canary-access', refreshToken: 'canary-refresh', expires: 1, updated: 2 };
const put = (location: string, passphrase?: string, key = 'one'): Promise<unknown> => openStore(location, passphrase).update(key, () => Promise.resolve(ENTRY));

beforeEach(() => rmSync(path, { force: true, recursive: true }));
afterAll(() => folder.remove());

it('keeps entries by key and removes them', async () => {
  await Promise.all(['one', 'two', 'three'].map((key) => put(path, undefined, key)));
  for (const key of ['one', 'two', 'three']) expect(await openStore(path).read(key)).toEqual(ENTRY);
  await openStore(path).update('two', () => Promise.resolve(undefined));
  expect(await openStore(path).read('two')).toBeUndefined();
  expect(await openStore(path).read('one')).toEqual(ENTRY);
  expect(await openStore(path).read('toString')).toBeUndefined();
});

it('what a change throws leaves the file as it was and the lock free', async () => {
  await put(path);
  await failureOf(openStore(path).update('one', () => Promise.reject(new Error('no'))));
  expect(await openStore(path).read('one')).toEqual(ENTRY);
  await put(path, undefined, 'two');
});

it('is unreadable with a passphrase, and says so of a wrong one', async () => {
  await put(path, 'canary-phrase');
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('canary');
  expect(text).toContain('A256GCM');
  expect(await openStore(path, 'canary-phrase').read('one')).toEqual(ENTRY);
  for (const phrase of ['canary-other', undefined]) {
    const error = await failureOf(openStore(path, phrase).read('one'));
    expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
    expect(error.message).not.toContain('canary');
    expect(String(error['hint'])).toContain('OAuthSettingsPassphrase');
  }
  const changed = JSON.parse(text) as { enc: { ct: string } };
  changed.enc.ct = `${changed.enc.ct.startsWith('A') ? 'B' : 'A'}${changed.enc.ct.slice(1)}`;
  writeFileSync(path, JSON.stringify(changed), { mode: 0o600 });
  expect((await failureOf(openStore(path, 'canary-phrase').read('one'))).message).toMatch(/was changed/);
});

it('refuses a file that others can read, a link, a folder and a file of something else', async () => {
  await put(path);
  chmodSync(path, 0o644);
  expect(await failureOf(put(path))).toMatchObject({ message: expect.stringContaining('can be read by others') as string, hint: expect.stringContaining('chmod 600') as string });
  rmSync(path);
  const target = join(folder.path, 'target.json');
  writeFileSync(target, '', { mode: 0o600 });
  symlinkSync(target, path);
  expect((await failureOf(put(path))).message).toMatch(/not a file of its own/);
  rmSync(path);
  mkdirSync(path);
  expect((await failureOf(put(path))).message).toMatch(/not a file of its own/);
  rmSync(path, { recursive: true });
  writeFileSync(path, '<html>', { mode: 0o600 });
  expect((await failureOf(put(path))).message).toMatch(/no token file/);
});

it('memory is shared by name within the process only', async () => {
  await put('memory://a');
  expect(await openStore('memory://a').read('one')).toEqual(ENTRY);
  expect(await openStore('memory://b').read('one')).toBeUndefined();
});
