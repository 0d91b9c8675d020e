/**
 * Owns: Ctrl-C. The first one cancels; the second one is left to the system, which ends the process.
 * Invariants: while SQLite works on a statement the event loop does not turn and nothing could be cancelled, so then the
 * first one already is left to the system.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { SQLITE_WORKS } from '../engine/works.js';

export function onInterrupt(cancel: () => void): { remove(): void } {
  let wanted = true;
  let back: NodeJS.Immediate | undefined;
  const listener = (): void => {
    wanted = false;
    process.removeListener('SIGINT', listener);
    cancel();
  };
  // Without a listener Node gives the signal its default action back; it is ours again when the event loop turns.
  const sqliteWorks = (): void => {
    if (!wanted || back !== undefined) return;
    process.removeListener('SIGINT', listener);
    back = setImmediate(() => {
      back = undefined;
      if (wanted) process.on('SIGINT', listener);
    });
  };
  process.on('SIGINT', listener);
  subscribe(SQLITE_WORKS, sqliteWorks);
  return {
    remove: () => {
      wanted = false;
      clearImmediate(back);
      unsubscribe(SQLITE_WORKS, sqliteWorks);
      process.removeListener('SIGINT', listener);
    },
  };
}
