/**
 * Owns: how many requests run at once against one mailbox, and the pauses the service asks for.
 * Does not own: retrying, or knowing which requests go to which mailbox (the caller says).
 * Invariants: one instance per process (`governor`); per lane never more slots in use than its width; first come, first
 * served; nothing is granted while a lane is paused; a cancelled waiter leaves the queue at once.
 */
import { abortError } from './abort.js';

/** Graph: 4 concurrent requests per application and mailbox (facts 4.2); the 5th is refused in about 13 % of cases. */
export const MAILBOX_WIDTH = 4;
/** Directory objects have no limit of this kind (only resource units); a width keeps one process from flooding them. */
export const DIRECTORY_WIDTH = 8;
/** Graph: 10,000 requests in 10 minutes per application and mailbox (facts 4.2). Only reported, the service enforces it. */
export const BUDGET_REQUESTS = 10_000;
const BUDGET_WINDOW_MS = 600_000;
const BUCKET_MS = 10_000;

/** What shares one limit. Each part is opaque text and compared exactly, except an address, which mail systems do not compare by case. */
export interface LaneKey {
  readonly origin: string;
  /** Who asks: `Credential.applicationKey`. */
  readonly application: string;
  /** Mailbox as the URL names it, '' for the signed-in user's, null for what belongs to no mailbox. */
  readonly mailbox: string | null;
}

export interface LaneDemand {
  readonly lane: LaneKey;
  /** Requests the service will run at once there: 1, or min(4, parts) for a `$batch`. */
  readonly slots: number;
  /** Requests it counts for the budget; default `slots`. */
  readonly requests?: number;
}

export interface Permit {
  /** Milliseconds spent waiting. */
  readonly waitedMs: number;
  /** Gives the slots back, or does so in `lingerMs` milliseconds; calling it again does nothing. */
  release(lingerMs?: number): void;
}

interface Ticket {
  readonly demands: readonly { readonly lane: Lane; readonly slots: number; readonly requests: number }[];
  readonly grant: () => void;
}

class Lane {
  readonly queue: Ticket[] = [];
  readonly width: number;
  used = 0;
  peak = 0;
  pausedUntil = 0;
  timer: NodeJS.Timeout | undefined;
  readonly #buckets = new Map<number, number>();

  constructor(width: number) {
    this.width = width;
  }

  count(requests: number, now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + requests);
    for (const old of this.#buckets.keys()) {
      if ((bucket - old) * BUCKET_MS < BUDGET_WINDOW_MS) break;
      this.#buckets.delete(old);
    }
  }

  spent(now: number): number {
    let sum = 0;
    for (const [bucket, requests] of this.#buckets) if (now - bucket * BUCKET_MS < BUDGET_WINDOW_MS + BUCKET_MS) sum += requests;
    return sum;
  }

  idle(now: number): boolean {
    return this.used === 0 && this.queue.length === 0 && this.pausedUntil <= now && this.spent(now) === 0;
  }
}

export class Governor {
  readonly #lanes = new Map<string, Lane>();
  readonly #aliases = new Map<string, string>();
  /** Timers of slots that come back by themselves; nobody waiting, they do not keep the process alive. */
  readonly #lingering = new Set<NodeJS.Timeout>();

  /**
   * Waits for slots in all the lanes named, then takes them together.
   * A demand larger than its lane is cut to the lane's width.
   *
   * @throws ExchangeSqlError CANCELLED or TIMEOUT as soon as the signal is aborted.
   */
  acquire(demands: readonly LaneDemand[], signal?: AbortSignal, options: { readonly front?: boolean } = {}): Promise<Permit> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      const onAbort = (): void => {
        for (const { lane } of ticket.demands) {
          const at = lane.queue.indexOf(ticket);
          if (at >= 0) lane.queue.splice(at, 1);
        }
        // Those behind may fit now.
        for (const { lane } of ticket.demands) this.#serve(lane);
        reject(abortError(signal as AbortSignal));
      };
      const ticket: Ticket = {
        demands: this.#merge(demands),
        grant: () => {
          signal?.removeEventListener('abort', onAbort);
          let held = true;
          resolve({
            waitedMs: performance.now() - started,
            release: (lingerMs = 0) => {
              if (!held) return;
              held = false;
              if (lingerMs > 0) this.#later(lingerMs, () => { this.#giveBack(ticket); });
              else this.#giveBack(ticket);
            },
          });
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      // A ticket enters all its queues in one step, so the queues agree on the order and no two tickets can wait for each other.
      for (const { lane } of ticket.demands) {
        if (options.front === true) lane.queue.unshift(ticket);
        else lane.queue.push(ticket);
      }
      this.#serve(ticket.demands[0]?.lane);
      if (ticket.demands.length === 0) ticket.grant();
      // Somebody may be waiting for them now.
      for (const timer of this.#lingering) timer.ref();
    });
  }

  /** Nothing more is granted in this lane for `ms` milliseconds (Retry-After counts for the whole mailbox). */
  pause(key: LaneKey, ms: number): void {
    const lane = this.#lane(key);
    lane.pausedUntil = Math.max(lane.pausedUntil, Date.now() + ms);
  }

  /** From now on both names share the first one's lane: the same mailbox by address, by id or as the signed-in user's. */
  alias(key: LaneKey, other: string): void {
    const from = this.#resolve(laneName({ ...key, mailbox: other }));
    const to = this.#resolve(laneName(key));
    // Both are ends of their chains, so no circle can arise.
    if (from !== to) this.#aliases.set(from, to);
  }

  /** What is known of a lane; all zero if it was never used. */
  usage(key: LaneKey): { readonly inFlight: number; readonly waiting: number; readonly peak: number; readonly spent: number } {
    const lane = this.#lanes.get(this.#resolve(laneName(key)));
    if (lane === undefined) return { inFlight: 0, waiting: 0, peak: 0, spent: 0 };
    return { inFlight: lane.used, waiting: lane.queue.length, peak: lane.peak, spent: lane.spent(Date.now()) };
  }

  #giveBack(ticket: Ticket): void {
    for (const { lane, slots } of ticket.demands) lane.used -= slots;
    for (const { lane } of ticket.demands) this.#serve(lane);
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#lingering.delete(timer);
      work();
    }, ms);
    if (![...this.#lanes.values()].some(({ queue }) => queue.length > 0)) timer.unref();
    this.#lingering.add(timer);
  }

  #merge(demands: readonly LaneDemand[]): Ticket['demands'] {
    const merged = new Map<Lane, { slots: number; requests: number }>();
    for (const demand of demands) {
      const lane = this.#lane(demand.lane);
      const sum = merged.get(lane) ?? { slots: 0, requests: 0 };
      sum.slots = Math.min(lane.width, sum.slots + Math.max(1, demand.slots));
      sum.requests += demand.requests ?? demand.slots;
      merged.set(lane, sum);
    }
    return [...merged].map(([lane, sum]) => ({ lane, ...sum }));
  }

  /** Grants the heads of the queue as long as they fit; granting one may make it the turn of a ticket heading another lane. */
  #serve(first: Lane | undefined): void {
    const pending = first === undefined ? [] : [first];
    for (let lane = pending.pop(); lane !== undefined; lane = pending.pop()) {
      for (let ticket = lane.queue[0]; ticket !== undefined; ticket = lane.queue[0]) {
        const blocked = this.#blocked(ticket);
        if (blocked) break;
        const now = Date.now();
        for (const demand of ticket.demands) {
          demand.lane.queue.shift();
          demand.lane.used += demand.slots;
          demand.lane.peak = Math.max(demand.lane.peak, demand.lane.used);
          demand.lane.count(demand.requests, now);
          if (demand.lane !== lane) pending.push(demand.lane);
        }
        ticket.grant();
      }
    }
  }

  #blocked(ticket: Ticket): boolean {
    const now = Date.now();
    for (const { lane, slots } of ticket.demands) {
      if (lane.queue[0] !== ticket || lane.used + slots > lane.width) return true;
      if (lane.pausedUntil > now) {
        lane.timer ??= setTimeout(() => {
          lane.timer = undefined;
          this.#serve(lane);
        }, lane.pausedUntil - now);
        return true;
      }
    }
    return false;
  }

  #lane(key: LaneKey): Lane {
    const name = this.#resolve(laneName(key));
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      // A process that walks many mailboxes must not remember each for ever.
      if (this.#lanes.size >= 1000) this.#forget();
      lane = new Lane(key.mailbox === null ? DIRECTORY_WIDTH : MAILBOX_WIDTH);
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  #resolve(name: string): string {
    let end = name;
    for (let next = this.#aliases.get(end); next !== undefined; next = this.#aliases.get(end)) end = next;
    return end;
  }

  #forget(): void {
    const now = Date.now();
    for (const [name, lane] of this.#lanes) if (lane.idle(now)) this.#lanes.delete(name);
  }
}

function laneName({ origin, application, mailbox }: LaneKey): string {
  const box = mailbox === null ? 'directory' : `mailbox ${mailbox.includes('@') ? mailbox.toLowerCase() : mailbox}`;
  return JSON.stringify([origin, application, box]);
}

/** The governor of this process: shared by all connections, so that two of them do not add up to eight requests at one mailbox. */
export const governor = new Governor();
