/**
 * Owns: running the jobs of one writing statement: how many at a time, stopping after a failure, cancelling, one outcome a row.
 * Does not own: the life of a job (write-job.ts), what goes into which call (write-batch.ts), what a row becomes (write.ts).
 * Invariants: every row gives exactly one outcome; after a failure under `stop` no row is begun; what is under way when the
 * statement is cancelled is waited for a moment, and unknown where no answer came.
 */
import { ExchangeSqlError } from '../errors.js';
import { allowManyListeners, sleep, throwIfAborted } from '../http/abort.js';
import { backoffMs, DEFAULT_RETRY } from '../http/retry.js';
import type { RetryPolicy } from '../http/retry.js';
import type { RowOutcome, WriteContext, WriteKind } from '../scan/write.js';
import type { GraphClient } from './client.js';
import { WriteSender } from './write-batch.js';
import { runJob } from './write-job.js';
import type { JobContext, JobEnd } from './write-job.js';
import type { WriteJob } from './write-step.js';

export interface RunOptions {
  /** What 404 means: nothing to do (delete), a conflict (update), or a plain refusal. */
  readonly kind: WriteKind | 'call';
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds that requests under way may take after a cancellation. */
  readonly graceMs?: number;
  /** Most writes in one call; default 20. */
  readonly batchSize?: number;
}

/** Jobs begun and not ended: enough for full batches in a row, and for several mailboxes side by side. */
const MOST_OPEN = 160;

/**
 * Sends the jobs. Outcomes come as they are known, in any order.
 *
 * @throws ExchangeSqlError CANCELLED or TIMEOUT, only if the signal is aborted before anything was sent.
 * @example
 * for await (const outcome of runJobs(client, jobs, context, { kind: 'insert' })) console.log(outcome.row, outcome.status);
 */
export async function* runJobs(client: GraphClient, jobs: Iterable<WriteJob>, context: WriteContext, options: RunOptions): AsyncGenerator<RowOutcome, void, void> {
  throwIfAborted(context.signal);
  const policy: RetryPolicy = { ...DEFAULT_RETRY, ...options.retry };
  const sender = new WriteSender(client, { statistics: context.statistics, ...(options.retry === undefined ? {} : { retry: options.retry }), ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }), ...(options.batchSize === undefined ? {} : { batchSize: options.batchSize }) });
  const onAbort = (): void => sender.stop('all');
  allowManyListeners(context.signal);
  context.signal.addEventListener('abort', onAbort, { once: true });
  const outcomes = new Mailbag<RowOutcome>();
  const job: JobContext = {
    sender,
    uploader: { sender, client, signal: context.signal, statistics: context.statistics },
    kind: options.kind,
    taken: new Set(),
    inTurn: turns(),
    waitMs: (attempt) => backoffMs(policy, policy.resetBaseMs, attempt),
    // A cancellation ends the wait; whatever is asked next finds the sender stopped.
    sleep: (ms) => sleep(ms, context.signal).catch(() => undefined),
  };
  const iterator = jobs[Symbol.iterator]();
  let open = 0;
  let exhausted = false;

  const end = (rows: readonly number[], ended: JobEnd): void => {
    if (ended.kind === 'failed' || ended.kind === 'unknown') {
      if (context.onRowError === 'stop') sender.stop('rows');
    }
    for (const outcome of outcomesOf(rows, ended)) outcomes.put(outcome);
  };
  const begin = async (next: WriteJob): Promise<void> => {
    open += 1;
    let ended: JobEnd;
    try {
      ended = await runJob(next, job);
    } catch (error) {
      ended = { kind: 'failed', error: error instanceof ExchangeSqlError ? error : new ExchangeSqlError('INTERNAL', 'A row could not be written because of a defect of the driver.', { cause: error }) };
    }
    open -= 1;
    end(next.rows, ended);
    more();
  };
  const more = (): void => {
    while (!exhausted && open < MOST_OPEN) {
      const next = iterator.next();
      if (next.done === true) exhausted = true;
      else if (sender.stopped) end(next.value.rows, { kind: 'skipped' });
      else void begin(next.value);
    }
    if (exhausted && open === 0) outcomes.close();
  };

  try {
    more();
    yield* outcomes;
  } finally {
    context.signal.removeEventListener('abort', onAbort);
    sender.stop('all');
  }
}

function outcomesOf(rows: readonly number[], ended: JobEnd): RowOutcome[] {
  switch (ended.kind) {
    case 'done': {
      const written = new Map(ended.rows.map((row) => [row.row, row]));
      return rows.map((row) => ({ row, status: 'done', key: written.get(row)?.key ?? {}, values: written.get(row)?.values ?? [] }));
    }
    case 'gone':
      return rows.map((row) => ({ row, status: 'done', key: {}, values: [], gone: true }));
    case 'failed':
    case 'unknown': {
      const { kind: status, error } = ended;
      return rows.map((row) => ({ row, status, error }));
    }
    case 'skipped':
      return rows.map((row) => ({ row, status: 'skipped' }));
  }
}

/** Work of the same name one after another, in the order asked. */
function turns(): JobContext['inTurn'] {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const before = last.get(name);
    const now = before === undefined ? work() : before.then(work, work);
    last.set(name, now);
    const forget = (): void => {
      if (last.get(name) === now) last.delete(name);
    };
    void now.then(forget, forget);
    return now;
  };
}

/** Values put by many, taken by one. */
class Mailbag<T> implements AsyncIterable<T> {
  #values: T[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  put(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const values = this.#values;
      this.#values = [];
      yield* values;
      if (this.#values.length > 0) continue;
      if (this.#closed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
