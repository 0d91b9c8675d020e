import type { StoredSignIn, TokenStore } from './token-store.js';

/** Lives as long as the process; one for each name. */
export class MemoryStore implements TokenStore {
  static readonly #stores = new Map<string, MemoryStore>();
  readonly place = 'memory';
  readonly #entries = new Map<string, StoredSignIn>();
  #last: Promise<unknown> = Promise.resolve();

  static named(name: string): MemoryStore {
    let store = MemoryStore.#stores.get(name);
    if (store === undefined) MemoryStore.#stores.set(name, (store = new MemoryStore()));
    return store;
  }

  read(key: string): Promise<StoredSignIn | undefined> {
    return Promise.resolve(this.#entries.get(key));
  }

  update(key: string, change: (current: StoredSignIn | undefined) => Promise<StoredSignIn | undefined>): Promise<StoredSignIn | undefined> {
    const run = this.#last.then(async () => {
      const next = await change(this.#entries.get(key));
      if (next === undefined) this.#entries.delete(key);
      else this.#entries.set(key, next);
      return next;
    });
    this.#last = run.catch(() => undefined);
    return run;
  }
}
