/**
 * Owns: the file of sign-ins: owner-only, replaced as a whole, locked between processes, optionally encrypted.
 * Invariants: a reader sees an old or a new file, never half of one; the lock is held around reading, asking the service and writing, so that
 * a refresh token that rotates is used once; a file others can read is refused.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import lockfile from 'proper-lockfile';
import { ExchangeSqlError } from '../../errors.js';
import { decryptEntries, encryptEntries, type EncryptedFile } from './encryption.js';
import type { StoredSignIn, TokenStore } from './token-store.js';

type Entries = Readonly<Record<string, StoredSignIn>>;
type FileContent = { readonly v: 1; readonly entries: Entries } | EncryptedFile;

/** A holder that was killed is found out after this long (ms). */
const STALE_MS = 15_000;
const UPDATE_MS = 3_000;
const PROPERTY = 'OAuthSettingsLocation';

export class FileStore implements TokenStore {
  readonly place: string;
  readonly #path: string;
  readonly #passphrase: string | undefined;

  constructor(path: string, passphrase: string | undefined) {
    this.#path = resolve(path);
    this.place = this.#path;
    this.#passphrase = passphrase === '' ? undefined : passphrase;
  }

  async read(key: string): Promise<StoredSignIn | undefined> {
    const entries = await this.#load();
    return Object.hasOwn(entries, key) ? entries[key] : undefined;
  }

  async update(key: string, change: (current: StoredSignIn | undefined) => Promise<StoredSignIn | undefined>): Promise<StoredSignIn | undefined> {
    await this.#prepare();
    const release = await this.#lock();
    try {
      const entries = await this.#load();
      const current = Object.hasOwn(entries, key) ? entries[key] : undefined;
      const next = await change(current);
      if (next === current) return next;
      const { [key]: _old, ...others } = entries;
      await this.#save(next === undefined ? others : { ...others, [key]: next });
      return next;
    } finally {
      await release();
    }
  }

  async #prepare(): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    } catch (error) {
      throw unusable(`The folder of ${PROPERTY} (${dirname(this.#path)}) cannot be made`, error);
    }
  }

  async #lock(): Promise<() => Promise<void>> {
    try {
      const release = await lockfile.lock(this.#path, {
        realpath: false,
        stale: STALE_MS,
        update: UPDATE_MS,
        retries: { retries: 200, minTimeout: 20, maxTimeout: 400, factor: 1.3, randomize: true },
        // The lock was taken for stale while this process was asleep: the write below would still be whole, so nothing is thrown here.
        onCompromised: () => undefined,
      });
      return () => release().catch(() => undefined);
    } catch (error) {
      throw unusable(`The file of ${PROPERTY} (${this.#path}) cannot be locked`, error);
    }
  }

  async #load(): Promise<Entries> {
    let text: string;
    try {
      const status = await lstat(this.#path);
      if (status.isSymbolicLink() || !status.isFile()) throw refused(`${PROPERTY} (${this.#path}) is not a file of its own but a link or a folder.`, 'Name the file itself.');
      if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) throw refused(`${PROPERTY} (${this.#path}) can be read by others.`, `Make it yours alone: chmod 600 ${this.#path}.`);
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof ExchangeSqlError) throw error;
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
      throw unusable(`The file of ${PROPERTY} (${this.#path}) cannot be read`, error);
    }
    if (text === '') return {};
    let content: FileContent;
    try {
      content = JSON.parse(text) as FileContent;
      if (content.v !== 1 || !('entries' in content || 'enc' in content)) throw new TypeError('unknown version');
    } catch (error) {
      throw refused(`${PROPERTY} (${this.#path}) is no token file of this program.`, 'Name another file, or remove this one and sign in again.', error);
    }
    if ('entries' in content) return content.entries;
    if (this.#passphrase === undefined) throw refused(`${PROPERTY} (${this.#path}) is encrypted.`, 'Give OAuthSettingsPassphrase.');
    return decryptEntries(content, this.#passphrase, this.#path) as Promise<Entries>;
  }

  async #save(entries: Entries): Promise<void> {
    const content: FileContent = this.#passphrase === undefined ? { v: 1, entries } : await encryptEntries(entries, this.#passphrase);
    const temporary = join(dirname(this.#path), `.${randomBytes(9).toString('base64url')}.tmp`);
    try {
      const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        await file.writeFile(JSON.stringify(content));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw unusable(`The file of ${PROPERTY} (${this.#path}) cannot be written`, error);
    }
  }
}

function refused(message: string, hint: string, cause?: unknown): ExchangeSqlError {
  return new ExchangeSqlError('CONNECTION_STRING', message, { hint, ...(cause === undefined ? {} : { cause }) });
}

function unusable(what: string, error: unknown): ExchangeSqlError {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return refused(`${what}${code}.`, `Name a place that can be written, or ${PROPERTY}=memory:// to keep tokens in memory only.`, error);
}
