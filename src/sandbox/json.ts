/**
 * Owns: small helpers over parsed JSON entities.
 * Does not own: what the members mean.
 * Invariants: none of these throw on a missing or wrongly typed member.
 */
import type { Json, JsonObject } from './writer.js';

/** An entity while it is being built. */
export type Entity = Record<string, Json>;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseEntity(text: string): Entity {
  return JSON.parse(text) as Entity;
}

/** The value at a slash-separated path; undefined when a step is missing. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (!isObject(current)) return undefined;
    current = current[step];
  }
  return current;
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export const iso = (ms: number): string => new Date(ms).toISOString();

/** Exchange shows whole seconds, cut off, not rounded. */
export const shownTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
