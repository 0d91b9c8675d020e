/**
 * Owns: files of secrets for their owner only: read if nobody else can, replaced as a whole.
 * Does not own: what stands in them, locks.
 * Invariants: a reader sees an old or a new file, never half of one; a link, or a file that others can read, is refused.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExchangeSqlError } from '../../errors.js';

export interface OwnFile {
  readonly path: string;
  /** For messages: the property that names it, or what it is. */
  readonly label: string;
  /** What to do where it cannot be written. */
  readonly remedy: string;
}

/** Its text; undefined where there is none. @throws ExchangeSqlError CONNECTION_STRING */
export async function readOwnFile(file: OwnFile): Promise<string | undefined> {
  const { path, label } = file;
  try {
    const status = await lstat(path);
    if (status.isSymbolicLink() || !status.isFile()) throw refused(`${label} (${path}) is not a file of its own but a link or a folder.`, 'Name the file itself.');
    if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) throw refused(`${label} (${path}) can be read by others.`, `Make it yours alone: chmod 600 ${path}.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof ExchangeSqlError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(file, 'cannot be read', error);
  }
}

/** @throws ExchangeSqlError CONNECTION_STRING */
export async function writeOwnFile(file: OwnFile, text: string): Promise<void> {
  await makeFolder(file);
  const temporary = join(dirname(file.path), `.${randomBytes(9).toString('base64url')}.tmp`);
  try {
    const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file.path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unusable(file, 'cannot be written', error);
  }
}

export async function makeFolder(file: OwnFile): Promise<void> {
  try {
    await mkdir(dirname(file.path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(file, 'cannot be written: its folder cannot be made', error);
  }
}

export function refused(message: string, hint: string, cause?: unknown): ExchangeSqlError {
  return new ExchangeSqlError('CONNECTION_STRING', message, { hint, ...(cause === undefined ? {} : { cause }) });
}

export function unusable({ path, label, remedy }: OwnFile, what: string, error: unknown): ExchangeSqlError {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return refused(`${label} (${path}) ${what}${code}.`, remedy, error);
}
