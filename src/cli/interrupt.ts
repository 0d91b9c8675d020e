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
  // Without any listener Node gives the signal its default action back (a library that cleans up on exit, as the lock of sign-ins
  // does, listens as well); they are back when the event loop turns.
  const sqliteWorks = (): void => {
    if (!wanted || back !== undefined) return;
    const listeners = process.listeners('SIGINT');
    process.removeAllListeners('SIGINT');
    back = setImmediate(() => {
      back = undefined;
      for (const one of listeners) if (one !== listener || wanted) process.on('SIGINT', one);
    });
  };
  process.on('SIGINT', listener);
  subscribe(SQLITE_WORKS, sqliteWorks);
  return {
    remove: () => {
      wanted = false;
      unsubscribe(SQLITE_WORKS, sqliteWorks);
      process.removeListener('SIGINT', listener);
    },
  };
}
