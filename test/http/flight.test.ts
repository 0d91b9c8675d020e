import { describe, expect, it, onTestFinished } from 'vitest';
import { unneeded } from '../../src/http/abort.js';
import { Channel } from '../../src/http/channel.js';
import { LINGER_MS } from '../../src/http/flight.js';
import { Governor } from '../../src/http/governor.js';
import { HttpTransport } from '../../src/http/transport.js';
import { json, pause, serve } from './server.js';

/** A server that holds every answer back until told, and a channel to it with a governor of its own. */
async function held(): Promise<{ readonly send: (signal?: AbortSignal, timeoutMs?: number) => Promise<unknown>; readonly answer: () => void; readonly inFlight: () => number; readonly arrived: (count: number) => Promise<void>; readonly cut: () => number }> {
  const open: (() => void)[] = [];
  let cut = 0;
  const server = await serve((_request, response) => {
    response.on('close', () => { if (!response.writableFinished) cut++; });
    open.push(() => { json(response, { value: [] }); });
  });
  const governor = new Governor();
  const transport = new HttpTransport();
  onTestFinished(() => transport.close());
  const channel = new Channel({ origin: server.origin, transport, governor, authorizer: { applicationKey: 'app', refreshable: false, authorization: () => Promise.resolve('Bearer x') } });
  return {
    send: (signal, timeoutMs) => channel.send({
      method: 'GET', url: `${server.origin}/v1.0/me/messages`, lanes: [{ mailbox: 'a', slots: 1 }], expect: 'json', attempts: 1,
      ...(signal === undefined ? {} : { signal }), ...(timeoutMs === undefined ? {} : { timeoutMs }),
    }),
    answer: () => { for (const release of open.splice(0)) release(); },
    inFlight: () => governor.usage({ origin: server.origin, application: 'app', mailbox: 'a' }).inFlight,
    arrived: async (count) => { while (server.seen.length < count) await pause(5); },
    cut: () => cut,
  };
}

describe('a request that is given up', () => {
  it('and is only unneeded keeps its connection, and its slot until the service has answered', async () => {
    const { send, answer, inFlight, arrived, cut } = await held();
    const stop = new AbortController();
    const sent = Array.from({ length: 4 }, () => send(stop.signal));
    await arrived(4);
    stop.abort(unneeded('read'));
    // The callers know at once.
    expect((await Promise.allSettled(sent)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(inFlight()).toBe(4);
    const fifth = send();
    await pause(30);
    expect(inFlight()).toBe(4);
    answer();
    await arrived(5);
    expect([inFlight(), cut()]).toEqual([1, 0]);
    answer();
    await fifth;
    expect(inFlight()).toBe(0);
  });

  it('by its user is cut at once; its slot stays taken for a moment, as the service may still work on it', async () => {
    const { send, answer, inFlight, arrived, cut } = await held();
    const user = new AbortController();
    const sent = Array.from({ length: 4 }, () => send(user.signal));
    await arrived(4);
    user.abort();
    const started = performance.now();
    await Promise.allSettled(sent);
    await pause(20);
    expect([inFlight(), cut()]).toEqual([4, 4]);
    const next = send();
    await arrived(5);
    expect(performance.now() - started).toBeGreaterThan(LINGER_MS * 0.9);
    answer();
    await next;
  });

  it('for want of time as well', async () => {
    const { send, inFlight } = await held();
    await expect(send(undefined, 30)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await pause(10);
    expect(inFlight()).toBe(1);
    await pause(LINGER_MS + 100);
    expect(inFlight()).toBe(0);
  });
});
