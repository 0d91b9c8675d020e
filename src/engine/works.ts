/**
 * Owns: the diagnostics channel that tells when SQLite is about to work on a statement: until the event loop turns again
 * nothing can stop it (better-sqlite3 has neither interrupt nor progress handler), so a program may want its signals back.
 */
import { channel } from 'node:diagnostics_channel';

export const SQLITE_WORKS = 'exchange-sql:sqlite-works';

const works = channel(SQLITE_WORKS);

/** `rows`, with word before each step. Costs nothing where no one listens. */
export function announced<T>(rows: IterableIterator<T>): IterableIterator<T> {
  return works.hasSubscribers ? steps(rows) : rows;
}

function* steps<T>(rows: IterableIterator<T>): IterableIterator<T> {
  try {
    for (;;) {
      works.publish(undefined);
      const next = rows.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    rows.return?.();
  }
}
