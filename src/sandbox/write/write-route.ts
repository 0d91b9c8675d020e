/**
 * Owns: the shape of a write route.
 * Does not own: any route.
 * Invariants: patterns are owner-relative in their shortest form (routes/path.ts `shorten`).
 */
import type { Route } from '../context.js';

/** Method, pattern (`:` stands for an id), route. */
export type WriteRoute = readonly [method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', pattern: string, route: Route];
