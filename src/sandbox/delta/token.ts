/**
 * Owns: delta and skip tokens: opaque text that carries where a round stands and the options it began with.
 * Does not own: rounds (round.ts).
 * Invariants: a token works only for the collection it was given for; a changed or foreign one is 410 SyncStateNotFound.
 */
import { GraphError } from '../graph-error.js';
import { mixText } from '../random.js';

export interface Round {
  /** What is tracked: `message/<folder>`, `view/<calendar>/<from>/<to>` … */
  readonly subject: string;
  /** `full`: everything there is; `changes`: what changed after `since`. */
  readonly phase: 'full' | 'changes';
  readonly since: number;
  /** Changes up to this one belong to the round. */
  readonly until: number;
  /** Where the next page starts, in the terms of the phase. */
  readonly after: readonly number[];
  readonly select: string;
  readonly filter: string;
  readonly changeType: string;
}

export const syncStateNotFound = (): GraphError => new GraphError(410, 'SyncStateNotFound', 'The sync state generation is not found; generation=0;');

export function writeToken(round: Round, seed: number): string {
  const text = JSON.stringify([round.subject, round.phase, round.since, round.until, round.after, round.select, round.filter, round.changeType]);
  return Buffer.from(`${mixText(seed, text).toString(16).padStart(8, '0')}${text}`, 'utf8').toString('base64url');
}

export function readToken(token: string, subject: string, seed: number): Round {
  const decoded = Buffer.from(token, 'base64url').toString('utf8');
  const text = decoded.slice(8);
  if (mixText(seed, text).toString(16).padStart(8, '0') !== decoded.slice(0, 8)) throw syncStateNotFound();
  const [tracked, phase, since, until, after, select, filter, changeType] = JSON.parse(text) as [string, Round['phase'], number, number, number[], string, string, string];
  if (tracked !== subject) throw syncStateNotFound();
  return { subject: tracked, phase, since, until, after, select, filter, changeType };
}
