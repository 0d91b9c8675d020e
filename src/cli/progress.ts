/**
 * Owns: the line on a terminal's stderr that shows a long read going on.
 * Invariants: nothing is written when stderr is no terminal; rows on the same terminal are never mixed with the line.
 */
import type { RunStatistics } from '../index.js';

export interface Progress {
  /** Passes rows on; once rows go to the same terminal, the line is gone for good. */
  watch<T>(rows: AsyncIterable<T> & { readonly statistics: RunStatistics }): AsyncGenerator<T, void, void>;
  stop(): void;
}

export interface ProgressTerminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Appears after this long, and is redrawn this often. */
const DELAY_MS = 700;
const REDRAW_MS = 200;

/** @param rowsOnTerminal true if the rows go to the terminal that shows the line. */
export function startProgress(stream: ProgressTerminal, rowsOnTerminal: boolean): Progress {
  let statistics = (): RunStatistics => ({ requests: 0, bytes: 0, rowsRead: 0, retries: 0 });
  let delivered = 0;
  let shown = false;
  const started = Date.now();
  const draw = (): void => {
    const elapsed = Date.now() - started;
    if (elapsed < DELAY_MS) return;
    shown = true;
    const { requests, rowsRead, retries } = statistics();
    const parts = [`${number(Math.max(rowsRead, delivered))} rows read`, `${number(requests)} ${requests === 1 ? 'request' : 'requests'}`, ...(retries > 0 ? [`${number(retries)} repeated`] : []), `${String(Math.round(elapsed / 1000))} s`];
    stream.write(`\r\u001b[K${parts.join(', ')} (Ctrl-C cancels)`);
  };
  const timer = stream.isTTY === true ? setInterval(draw, REDRAW_MS) : undefined;
  timer?.unref();
  const stop = (): void => {
    clearInterval(timer);
    if (shown) stream.write('\r\u001b[K');
    shown = false;
  };
  return {
    async *watch(source) {
      statistics = () => source.statistics;
      for await (const row of source) {
        delivered += 1;
        if (rowsOnTerminal && delivered === 1) stop();
        yield row;
      }
    },
    stop,
  };
}

const number = (value: number): string => value.toLocaleString('en');
