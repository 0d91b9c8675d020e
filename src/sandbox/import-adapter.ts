/**
 * Owns: calling the importer for one mailbox of a running sandbox.
 * Does not own: file formats (import/).
 * Invariants: what could not be read is in the report, not thrown.
 */
import { importPaths, type ImportReport } from './import/index.js';
import type { SandboxWriter } from './writer.js';

export type { ImportReport } from './import/index.js';

export async function importInto(writer: SandboxWriter, upn: string, paths: readonly string[], now: Date, onProgress: ((done: number, total: number) => void) | undefined): Promise<ImportReport | undefined> {
  const mailbox = writer.mailbox(upn);
  if (mailbox === undefined) return undefined;
  return importPaths({ writer, mailbox, paths, now, ...(onProgress === undefined ? {} : { onProgress }) });
}
