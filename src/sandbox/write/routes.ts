/**
 * Owns: the list of all write routes, by who they are about.
 * Does not own: what they do.
 * Invariants: paths are owner-relative in their shortest form (routes/path.ts `shorten`): `messages/:/move`, `events/:`, `contacts`, `lists/:/tasks`.
 */
import type { Route } from '../context.js';

/** Method, pattern (`:` stands for an id), route. */
export type WriteRoute = readonly [method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', pattern: string, route: Route];

/** Below `/me` and `/users/{id}`. */
export const MAILBOX_WRITES: readonly WriteRoute[] = [];
/** Below `/groups/{id}`. */
export const GROUP_WRITES: readonly WriteRoute[] = [];
/** Below the root: `/subscriptions`, `/users/{id}` itself is MAILBOX with the empty pattern, `/places/:`. */
export const TENANT_WRITES: readonly WriteRoute[] = [];
