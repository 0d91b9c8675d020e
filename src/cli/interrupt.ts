/**
 * Owns: Ctrl-C. The first one cancels the statement; while SQLite runs the event loop does not turn, so a second one is
 * left to the system, which ends the process.
 */
export function onInterrupt(cancel: () => void): { remove(): void } {
  const listener = (): void => {
    process.removeListener('SIGINT', listener);
    cancel();
  };
  process.on('SIGINT', listener);
  return {
    remove: () => {
      process.removeListener('SIGINT', listener);
    },
  };
}
