/**
 * Owns: refusals that several kinds of writes share.
 * Does not own: those facts section 5 lists (graph-error.ts).
 * Invariants: none.
 */
import { GraphError } from '../graph-error.js';

export const folderExists = (name: string): GraphError =>
  new GraphError(409, 'ErrorFolderExists', `A folder with the specified name already exists., Could not create folder '${name}'.`);

/** Folders, calendars and lists a mailbox is born with. */
export const standardFolder = (what: 'deleted' | 'renamed'): GraphError =>
  new GraphError(400, what === 'deleted' ? 'ErrorDeleteDistinguishedFolder' : 'ErrorInvalidRequest', `Distinguished folders cannot be ${what}.`);

export const tooMany = (name: string, places: number): GraphError =>
  new GraphError(400, 'ErrorInvalidArgument', `The property '${name}' can have at most ${String(places)} values.`);

export const invalidRecipients = (address: string): GraphError =>
  new GraphError(400, 'ErrorInvalidRecipients', `At least one recipient isn't valid., Recipient '${address}' isn't valid.`);
