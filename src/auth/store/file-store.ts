/**
 * Owns: the file of sign-ins: owner-only, replaced as a whole, locked between processes, optionally encrypted.
 * Does not own: reading and replacing such a file (own-file.ts), its encrypted form (encryption.ts).
 * Invariants: the lock is held around reading, asking the service and writing, so that a refresh token that rotates is used once.
 */
import { resolve } from 'node:path';
import { decryptEntries, encryptEntries, type EncryptedFile } from './encryption.js';
import { makeFolder, readOwnFile, refused, unusable, writeOwnFile, type OwnFile } from './own-file.js';
import type { StoredSignIn, TokenStore } from './token-store.js';

type Entries = Readonly<Record<string, StoredSignIn>>;
type FileContent = { readonly v: 1; readonly entries: Entries } | EncryptedFile;

/** A holder that was killed is found out after this long (ms). */
const STALE_MS = 15_000;
const UPDATE_MS = 3_000;
const PROPERTY = 'OAuthSettingsLocation';

export class FileStore implements TokenStore {
  readonly place: string;
  readonly #file: OwnFile;
  readonly #passphrase: string | undefined;

  constructor(path: string, passphrase: string | undefined) {
    this.#file = { path: resolve(path), label: PROPERTY, remedy: `Name a place that can be written, or ${PROPERTY}=memory:// to keep tokens in memory only.` };
    this.place = this.#file.path;
    this.#passphrase = passphrase === '' ? undefined : passphrase;
  }

  async read(key: string): Promise<StoredSignIn | undefined> {
    const entries = await this.#load();
    return Object.hasOwn(entries, key) ? entries[key] : undefined;
  }

  async update(key: string, change: (current: StoredSignIn | undefined) => Promise<StoredSignIn | undefined>): Promise<StoredSignIn | undefined> {
    await makeFolder(this.#file);
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

  async #lock(): Promise<() => Promise<void>> {
    try {
      // Loaded late: it listens to the signals of the process, which is not the business of a program that keeps no tokens.
      const { default: lockfile } = await import('proper-lockfile');
      const release = await lockfile.lock(this.#file.path, {
        realpath: false,
        stale: STALE_MS,
        update: UPDATE_MS,
        retries: { retries: 200, minTimeout: 20, maxTimeout: 400, factor: 1.3, randomize: true },
        // The lock was taken for stale while this process was asleep: the write below would still be whole, so nothing is thrown here.
        onCompromised: () => undefined,
      });
      return () => release().catch(() => undefined);
    } catch (error) {
      throw unusable(this.#file, 'cannot be locked', error);
    }
  }

  async #load(): Promise<Entries> {
    const { path } = this.#file;
    const text = (await readOwnFile(this.#file)) ?? '';
    if (text === '') return {};
    let content: FileContent;
    try {
      content = JSON.parse(text) as FileContent;
      if (content.v !== 1 || !('entries' in content || 'enc' in content)) throw new TypeError('unknown version');
    } catch (error) {
      throw refused(`${PROPERTY} (${path}) is no token file of this program.`, 'Name another file, or remove this one and sign in again.', error);
    }
    if ('entries' in content) return content.entries;
    if (this.#passphrase === undefined) throw refused(`${PROPERTY} (${path}) is encrypted.`, 'Give OAuthSettingsPassphrase.');
    return decryptEntries(content, this.#passphrase, path) as Promise<Entries>;
  }

  async #save(entries: Entries): Promise<void> {
    const content: FileContent = this.#passphrase === undefined ? { v: 1, entries } : await encryptEntries(entries, this.#passphrase);
    await writeOwnFile(this.#file, JSON.stringify(content));
  }
}
