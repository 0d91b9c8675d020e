/**
 * Owns: bodies and refusals of the directory, which has texts of its own.
 * Does not own: types (body.ts).
 * Invariants: every refusal here is 400 Request_BadRequest or 404 Request_ResourceNotFound.
 */
import type { Context } from '../context.js';
import { directoryNotFound, GraphError } from '../graph-error.js';
import type { Entity } from '../json.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Json, JsonObject } from '../writer.js';
import { readJson, readNested } from './index.js';

export const refused = (message: string): GraphError => new GraphError(400, 'Request_BadRequest', message);

export interface DirectoryBody {
  readonly given: Entity;
  /** Annotations (`members@odata.bind`) included. */
  readonly whole: JsonObject;
}

/** Throws for members outside `writable`. */
export function readDirectory(context: Context, type: 'user' | 'group', writable: ReadonlySet<string>): DirectoryBody {
  const whole = readJson(context);
  const given = readNested(whole, type);
  for (const name of Object.keys(given)) if (!name.includes('@') && !writable.has(name)) throw refused(`Property '${name}' is read-only and cannot be set.`);
  return { given, whole };
}

/** Throws unless every property has a value. */
export function require(given: Entity, type: 'User' | 'Group', names: readonly string[]): void {
  for (const name of names) {
    const value = given[name];
    if (value === undefined || value === null || value === '') throw refused(`A value is required for property '${name}' of resource '${type}'.`);
  }
}

export const taken = (property: string): GraphError => refused(`Another object with the same value for property ${property} already exists.`);

/** The object an `@odata.id` names: `…/directoryObjects/{id}`, `…/users/{id}`, `…/groups/{id}`. */
export function referenced(context: Context, reference: Json | undefined): Mailbox {
  const match = typeof reference === 'string' ? /\/(?:directoryObjects|users|groups)(?:\/([^/?]+)|\('([^']+)'\))$/.exec(reference) : null;
  const id = match === null ? undefined : decodeURIComponent(match[1] ?? match[2] ?? '');
  if (id === undefined) throw refused('Invalid URL format specified in payload.');
  const found = context.store.mailboxes.find(id);
  if (found === undefined) throw directoryNotFound(id);
  return found;
}
