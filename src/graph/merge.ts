/**
 * Owns: several asynchronous sequences as one, a few at a time.
 * Invariants: each runs one item ahead at most; when the consumer stops or one fails, all are returned.
 */

/** Items of all sequences as they come, at most `lanes` sequences running. Order holds within one sequence only. */
export async function* merge<T>(sources: readonly (() => AsyncGenerator<T, void, void>)[], lanes: number): AsyncGenerator<T, void, void> {
  const only = sources[0];
  if (only === undefined) return;
  if (sources.length === 1) {
    yield* only();
    return;
  }
  const running = new Map<AsyncGenerator<T, void, void>, Promise<{ readonly source: AsyncGenerator<T, void, void>; readonly result: IteratorResult<T, void> }>>();
  let next = 0;
  const step = (source: AsyncGenerator<T, void, void>): void => {
    const pending = source.next().then((result) => ({ source, result }));
    pending.catch(() => undefined);
    running.set(source, pending);
  };
  try {
    for (;;) {
      while (next < sources.length && running.size < lanes) step(sources[next++]!());
      if (running.size === 0) return;
      const { source, result } = await Promise.race(running.values());
      running.delete(source);
      if (result.done === true) continue;
      yield result.value;
      step(source);
    }
  } finally {
    await Promise.allSettled([...running.keys()].map((source) => source.return()));
  }
}
