/**
 * Owns: what a route is given: the service's parts, the request, its options and preferences, the mailbox it is about.
 * Does not own: any of their logic.
 * Invariants: made once per request (and per part of a batch).
 */
import type { Clock } from './clock.js';
import type { GraphAnswer, GraphRequest } from './exchange.js';
import type { FaultBox } from './faults.js';
import type { Preferences } from './prefer.js';
import type { Scope } from './present.js';
import type { QueryOptions } from './query/options.js';
import type { RequestLog } from './request-log.js';
import type { Mailbox } from './store/mailboxes.js';
import type { Store } from './store/store.js';

export interface Service {
  readonly store: Store;
  readonly clock: Clock;
  readonly faults: FaultBox;
  readonly log: RequestLog;
}

export interface Context extends Scope {
  readonly service: Service;
  readonly store: Store;
  readonly request: GraphRequest;
  readonly options: QueryOptions;
  readonly preferences: Preferences;
  /** The mailbox (or group) the path names; the signed-in user's under /me. */
  readonly mailbox: Mailbox;
  /** The user the token belongs to. */
  readonly signedIn: Mailbox;
  /** `http://host/v1.0/$metadata#users('guid')` or `…#` below the root. */
  readonly contextBase: string;
}

export type Route = (context: Context, parameters: readonly string[]) => GraphAnswer | Promise<GraphAnswer>;
