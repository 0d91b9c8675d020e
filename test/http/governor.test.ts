import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Governor } from '../../src/http/governor.js';
import type { LaneKey, Permit } from '../../src/http/governor.js';
import { pause } from './server.js';

const lane = (mailbox: string | null, application = 'app'): LaneKey => ({ origin: 'https://graph.example', application, mailbox });
const one = (mailbox: string | null, application?: string) => [{ lane: lane(mailbox, application), slots: 1 }];

/** True if the promise is settled after the microtasks that are due. */
async function granted(promise: Promise<Permit>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
}

describe('Governor', () => {
  it('lets four run per application and mailbox, first come first served', async () => {
    const governor = new Governor();
    const order: number[] = [];
    let running = 0;
    let peak = 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const permit = await governor.acquire(one('a'));
        order.push(i);
        peak = Math.max(peak, ++running);
        await pause(2);
        running--;
        permit.release();
      }),
    );
    expect(peak).toBe(4);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(governor.usage(lane('a'))).toMatchObject({ inFlight: 0, waiting: 0, peak: 4, spent: 20 });
  });

  it('keeps mailboxes, applications and origins apart; ids by case, addresses not', async () => {
    const governor = new Governor();
    for (let i = 0; i < 4; i++) await governor.acquire(one('AAMkA'));
    expect(await granted(governor.acquire(one('AAMkA')))).toBe(false);
    expect(await granted(governor.acquire(one('AAMka')))).toBe(true);
    expect(await granted(governor.acquire(one('AAMkA', 'other')))).toBe(true);
    for (let i = 0; i < 4; i++) await governor.acquire(one('Ann@contoso.example'));
    expect(await granted(governor.acquire(one('ann@Contoso.example')))).toBe(false);
  });

  it('gives a batch all its slots together, and does not let later ones pass it', async () => {
    const governor = new Governor();
    const first = await governor.acquire(one('a'));
    const batch = governor.acquire([{ lane: lane('a'), slots: 4, requests: 20 }]);
    const late = governor.acquire(one('a'));
    expect(await granted(batch)).toBe(false);
    expect(await granted(late)).toBe(false);
    first.release();
    const held = await batch;
    expect(await granted(late)).toBe(false);
    held.release();
    held.release();
    await late;
    expect(governor.usage(lane('a'))).toMatchObject({ inFlight: 1, spent: 22 });
  });

  it('never deadlocks and never exceeds four, whatever mix of lanes is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.record({ box: fc.constantFrom('a', 'b', 'c'), slots: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 4 }), { maxLength: 25 }),
        fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
        async (tickets, cancels) => {
          const governor = new Governor();
          let done = 0;
          const running = new Map<string, number>();
          await Promise.all(
            tickets.map(async (demands, i) => {
              const controller = new AbortController();
              const wish = governor.acquire(demands.map(({ box, slots }) => ({ lane: lane(box), slots })), controller.signal);
              if (cancels[i] === true) queueMicrotask(() => controller.abort());
              try {
                const permit = await wish;
                const need = new Map<string, number>();
                for (const { box, slots } of demands) need.set(box, Math.min(4, (need.get(box) ?? 0) + slots));
                for (const [box, slots] of need) {
                  running.set(box, (running.get(box) ?? 0) + slots);
                  expect(running.get(box)).toBeLessThanOrEqual(4);
                }
                await new Promise((resolve) => setImmediate(resolve));
                for (const [box, slots] of need) running.set(box, running.get(box)! - slots);
                permit.release();
              } catch (error) {
                expect(error).toMatchObject({ code: 'CANCELLED' });
              }
              done++;
            }),
          );
          expect(done).toBe(tickets.length);
          for (const box of ['a', 'b', 'c']) expect(governor.usage(lane(box))).toMatchObject({ inFlight: 0, waiting: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes a cancelled waiter out of the queue, and lets those behind it through', async () => {
    const governor = new Governor();
    const held = await governor.acquire([{ lane: lane('a'), slots: 2 }]);
    const controller = new AbortController();
    const big = governor.acquire([{ lane: lane('a'), slots: 4 }], controller.signal);
    const small = governor.acquire(one('a'));
    expect(await granted(small)).toBe(false);
    controller.abort();
    await expect(big).rejects.toMatchObject({ code: 'CANCELLED' });
    await small;
    held.release();
    await expect(governor.acquire(one('a'), AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('grants nothing while a mailbox is paused', async () => {
    const governor = new Governor();
    governor.pause(lane('a'), 60);
    const started = performance.now();
    expect(await granted(governor.acquire(one('b')))).toBe(true);
    await governor.acquire(one('a'));
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  });

  it('lets a repeated request in first', async () => {
    const governor = new Governor();
    const held = await governor.acquire([{ lane: lane('a'), slots: 4 }]);
    const order: string[] = [];
    const late = governor.acquire(one('a')).then((permit) => (order.push('late'), permit));
    const again = governor.acquire([{ lane: lane('a'), slots: 4 }], undefined, { front: true }).then((permit) => (order.push('again'), permit));
    held.release();
    (await again).release();
    await late;
    expect(order).toEqual(['again', 'late']);
  });

  it('shares one limit among the names of one mailbox', async () => {
    const governor = new Governor();
    governor.alias(lane('id-1'), 'ann@contoso.example');
    governor.alias(lane('ann@contoso.example'), 'id-2');
    governor.alias(lane('id-2'), 'id-1');
    await governor.acquire([{ lane: lane('id-1'), slots: 2 }]);
    await governor.acquire([{ lane: lane('Ann@contoso.example'), slots: 2 }]);
    expect(await granted(governor.acquire(one('id-2')))).toBe(false);
  });

  it('gives the directory a lane of its own', async () => {
    const governor = new Governor();
    await governor.acquire([{ lane: lane(''), slots: 4 }]);
    expect(await granted(governor.acquire(one(null)))).toBe(true);
  });
});
