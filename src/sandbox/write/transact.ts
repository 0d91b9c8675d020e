import type { Context } from '../context.js';

/** Runs `work` in one transaction of the store: a refusal in the middle leaves nothing behind. */
export function transact<T>(context: Pick<Context, 'store'>, work: () => T): T {
  return context.store.database.transaction(work);
}
