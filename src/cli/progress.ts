/**
 * Owns: the line on a terminal's stderr that shows a long read going on. Nothing is written when stderr is no terminal.
 */
import type { WriteStream } from 'node:tty';

export interface Progress {
  /** Passes rows on and counts them. */
  count<T>(rows: AsyncIterable<T>): AsyncGenerator<T, void, void>;
  stop(): void;
}

/** Appears after this long. */
const DELAY_MS = 700;

export function startProgress(stream: WriteStream): Progress {
  let rows = 0;
  let shown = false;
  const started = Date.now();
  const timer = stream.isTTY
    ? setInterval(() => {
        if (Date.now() - started < DELAY_MS) return;
        shown = true;
        stream.write(`\r\u001b[K${rows === 0 ? 'reading' : `${String(rows)} rows`} … ${String(Math.round((Date.now() - started) / 1000))} s (Ctrl-C cancels)`);
      }, 200)
    : undefined;
  timer?.unref();
  return {
    async *count(source) {
      for await (const row of source) {
        rows += 1;
        yield row;
      }
    },
    stop: () => {
      clearInterval(timer);
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}
