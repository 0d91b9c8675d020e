/**
 * Owns: the bad day: which faults are on, and whether the next request meets one.
 * Does not own: carrying a fault out (server.ts, routes/).
 * Invariants: seeded and bounded: the same request is never refused twice in a row unless `repeatFaults` is on, so a client
 * that retries always gets through; `…Every: 0` is off.
 */
import { mix } from './random.js';

export interface Faults {
  /** `strict`: the documented $filter+$orderby rule; `live`: the lenient set of facts 1.1. */
  readonly filterMode: 'strict' | 'live';
  /** `eq` on subject and sender address misses about a third of its matches. */
  readonly lossyEq: boolean;
  /** Order of a filtered listing without $orderby. */
  readonly filteredOrder: 'oldest' | 'newest';
  /** `$count=true` over the whole mailbox with a filter answers -1. */
  readonly countMinusOne: boolean;
  /** Pages shorter than $top, with a nextLink. */
  readonly shortPages: boolean;
  /** Empty pages with a nextLink now and then. */
  readonly emptyPages: boolean;
  /** The last row of a page comes again on the next one. */
  readonly repeatRows: boolean;
  /** How many times mail still arrives, moves or is deleted while a client pages. */
  readonly busyMailbox: number;
  readonly unauthorizedEvery: number;
  readonly throttleEvery: number;
  /** Value of Retry-After, in seconds; may be a decimal, as the service's is. */
  readonly retryAfter: number;
  /** Requests at once per mailbox; the next is refused. 0: no limit. */
  readonly concurrencyLimit: number;
  /** Requests in ten minutes per mailbox. 0: no limit (the service has 10,000). */
  readonly requestLimit: number;
  readonly serviceUnavailableEvery: number;
  readonly gatewayTimeoutEvery: number;
  /** The connection is cut before an answer. */
  readonly resetEvery: number;
  /** The body ends before its Content-Length. */
  readonly truncateEvery: number;
  /** A complete body that is not JSON. */
  readonly malformedJsonEvery: number;
  /** The connection is cut after a write was carried out, without an answer; a $batch with a write in it too. */
  readonly cutAfterWriteEvery: number;
  /** 504 after a write was carried out, in parts of a batch too. */
  readonly gatewayTimeoutAfterWriteEvery: number;
  /** 409 or 412 ErrorIrresolvableConflict without cause for a change or a deletion, which is not carried out. */
  readonly spuriousConflictEvery: number;
  /** Megabytes of request bodies of writes a mailbox takes in five minutes. 0: no limit (the service has 150). */
  readonly uploadLimitMb: number;
  readonly latencyMs: number;
  /** `contains` in $filter is refused as InefficientFilter. */
  readonly refuseContains: boolean;
  /** `contains` finds only what starts a word, as an index of words does. */
  readonly containsWords: boolean;
  /** Events sorted descending come ascending (reported once: facts 1.3). */
  readonly invertedEventOrder: boolean;
  /** `$top` above 1000: clamped or refused. */
  readonly topTooLarge: 'clamp' | 'refuse';
  /** Every delta token answers 410 SyncStateNotFound. */
  readonly expireDelta: boolean;
  /** Mailboxes (userPrincipalName) that answer 403 ErrorAccessDenied. */
  readonly denyMailboxes: readonly string[];
  /** Lets a fault hit the same request again. */
  readonly repeatFaults: boolean;
}

export const NO_FAULTS: Faults = {
  filterMode: 'live', lossyEq: false, filteredOrder: 'oldest', countMinusOne: false, shortPages: false, emptyPages: false, repeatRows: false, busyMailbox: 0,
  unauthorizedEvery: 0, throttleEvery: 0, retryAfter: 1, concurrencyLimit: 4, requestLimit: 0, serviceUnavailableEvery: 0, gatewayTimeoutEvery: 0, resetEvery: 0,
  truncateEvery: 0, malformedJsonEvery: 0, cutAfterWriteEvery: 0, gatewayTimeoutAfterWriteEvery: 0, spuriousConflictEvery: 0, uploadLimitMb: 0,
  latencyMs: 0, refuseContains: false, containsWords: false, invertedEventOrder: false, topTooLarge: 'clamp', expireDelta: false, denyMailboxes: [], repeatFaults: false,
};

/** Faults that hit every n-th request. */
export type PeriodicFault = 'unauthorizedEvery' | 'throttleEvery' | 'serviceUnavailableEvery' | 'gatewayTimeoutEvery' | 'resetEvery' | 'truncateEvery' | 'malformedJsonEvery'
  | 'cutAfterWriteEvery' | 'gatewayTimeoutAfterWriteEvery' | 'spuriousConflictEvery';

export class FaultBox {
  readonly #seed: number;
  #faults: Faults;
  readonly #counters = new Map<PeriodicFault, number>();
  readonly #hit = new Set<string>();

  constructor(seed: number, initial: Partial<Faults> = {}) {
    this.#seed = seed;
    this.#faults = NO_FAULTS;
    this.set(initial);
  }

  get(): Faults {
    return this.#faults;
  }

  /** Changes the given faults and leaves the others. Throws TypeError for an unknown name or a wrongly typed value. */
  set(changes: Partial<Faults>): void {
    for (const [name, value] of Object.entries(changes)) {
      const known = NO_FAULTS[name as keyof Faults] as unknown;
      if (known === undefined) throw new TypeError(`There is no fault named '${name}'.`);
      if (typeof value !== typeof known || Array.isArray(value) !== Array.isArray(known)) throw new TypeError(`The fault '${name}' takes a ${Array.isArray(known) ? 'list' : typeof known}.`);
    }
    this.#faults = { ...this.#faults, ...changes };
    this.#counters.clear();
    this.#hit.clear();
  }

  reset(): void {
    this.#faults = NO_FAULTS;
    this.#counters.clear();
    this.#hit.clear();
  }

  /** True if this request meets the fault. `key` names the request, so that its repetition is let through. */
  strikes(fault: PeriodicFault, key: string): boolean {
    const every = this.#faults[fault];
    if (every <= 0) return false;
    const count = (this.#counters.get(fault) ?? 0) + 1;
    this.#counters.set(fault, count);
    // The phase differs by seed, so that not every run fails at the same request.
    if ((count + mix(this.#seed, fault.length)) % every !== 0) return false;
    if (this.#faults.repeatFaults) return true;
    this.#hit.add(key);
    return true;
  }

  /** True, once, for a request that was hit before: it then passes every fault. */
  spared(key: string): boolean {
    return !this.#faults.repeatFaults && this.#hit.delete(key);
  }

  /** Takes one of the remaining changes of a busy mailbox. */
  takeBusy(): boolean {
    if (this.#faults.busyMailbox <= 0) return false;
    this.#faults = { ...this.#faults, busyMailbox: this.#faults.busyMailbox - 1 };
    return true;
  }

  retryAfter(): string {
    return String(this.#faults.retryAfter);
  }
}
