/**
 * Owns: the file of a trace: appending, starting a new one when it is full, dropping the oldest.
 * Does not own: what is written (trace.ts).
 * Invariants: files are for their owner only; full ones keep their name with the time of their end; later errors of the disk end the trace,
 * not the statement.
 */
import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { TraceSink } from './trace.js';

export interface LogFileLimits {
  /** Bytes; undefined for no limit. */
  readonly maxBytes: number | undefined;
  /** Files in all, the current one included; undefined for no limit. */
  readonly maxFiles: number | undefined;
}

/**
 * A sink that appends lines to a file.
 *
 * @throws what the file system says if the file cannot be opened.
 */
export function logFile(path: string, { maxBytes, maxFiles }: LogFileLimits): TraceSink {
  let file: number | undefined = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  const turn = (): void => {
    if (file === undefined) return;
    // Another connection or process may have turned it already.
    const still = fstatSync(file).ino === statSync(path, { throwIfNoEntry: false })?.ino;
    closeSync(file);
    file = undefined;
    if (still) {
      const end = extname(path);
      const stem = `${path.slice(0, path.length - end.length)}-${new Date().toISOString().replace(/[-:]/g, '').replace('.', '-')}`;
      let full = `${stem}${end}`;
      for (let more = 1; statSync(full, { throwIfNoEntry: false }) !== undefined; more += 1) full = `${stem}-${String(more)}${end}`;
      renameSync(path, full);
      if (maxFiles !== undefined) dropOldest(path, maxFiles);
    }
    file = openSync(path, 'a', 0o600);
    size = fstatSync(file).size;
  };
  return (line) => {
    if (file === undefined) return;
    try {
      const text = Buffer.from(`${line}\n`, 'utf8');
      if (maxBytes !== undefined && size > 0 && size + text.length > maxBytes) turn();
      if (file !== undefined) size += writeSync(file, text);
    } catch {
      file = undefined;
    }
  };
}

/** Full files of this log, oldest first by name, until so many are left with the current one. */
function dropOldest(path: string, maxFiles: number): void {
  const end = extname(path);
  const stem = basename(path, end);
  const full = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${stem}-`) && name.endsWith(end) && /^\d{8}T\d{6}-\d{3}Z(?:-\d+)?$/.test(name.slice(stem.length + 1, name.length - end.length)))
    .sort();
  for (const name of full.slice(0, Math.max(0, full.length - (maxFiles - 1)))) rmSync(join(dirname(path), name), { force: true });
}
