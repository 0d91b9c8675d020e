/**
 * Owns: files of the machine as procedures may use them: none, those of one folder, or any.
 * Does not own: making a name harmless (file-name.ts).
 * Invariants: nothing is overwritten; with a folder set, no symbolic link and no `..` leads out of it; a file that could not be
 * written whole is removed.
 */
import { constants } from 'node:fs';
import { mkdir, open, realpath, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ExchangeSqlError } from '../errors.js';
import type { Files } from '../scan/procedure.js';
import { numberedName, safeFileName } from './file-name.js';

/** `any` is for programs that run for their own user; a process that serves others gives `off` or one folder. */
export type FileAccess = 'any' | 'off' | { readonly folder: string };

/** Numbers tried before a folder counts as full of files of that name. */
const MOST_NUMBERS = 10_000;

export function fileStore(access: FileAccess): FileStore {
  return new FileStore(access);
}

class FileStore implements Files {
  readonly #access: FileAccess;

  constructor(access: FileAccess) {
    this.#access = access;
  }

  demand(input: string): void {
    if (this.#access === 'off') throw new ExchangeSqlError('STATEMENT_REFUSED', `files cannot be used here: ${input} is refused`, { hint: 'Give and take contents as bytes instead, or have the administrator name a folder for files.' });
  }

  async read(input: string, path: string, most: number): Promise<Uint8Array> {
    const full = await this.#existing(input, path);
    const unreadable = (cause: unknown): ExchangeSqlError => new ExchangeSqlError('BAD_VALUE', `the file of ${input} cannot be read: '${path}'`, { hint: 'Check the path and the rights of this process.', cause });
    // A pipe would be waited for.
    const file = await open(full, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => Promise.reject(unreadable(cause)));
    try {
      const { size, isFile } = await file.stat().then((found) => ({ size: found.size, isFile: found.isFile() }));
      if (!isFile) throw unreadable(undefined);
      if (size > most) throw tooLarge(input, path, size, most);
      return await file.readFile().catch((cause: unknown) => Promise.reject(unreadable(cause)));
    } finally {
      await file.close();
    }
  }

  async contents(input: string, path: string, most: number): Promise<{ readonly size: number; read(start: number, end: number): Promise<Uint8Array> }> {
    const full = await this.#existing(input, path);
    const found = await stat(full);
    if (!found.isFile()) throw new ExchangeSqlError('BAD_VALUE', `the file of ${input} cannot be read: '${path}'`, { hint: 'Name a file.' });
    if (found.size > most) throw tooLarge(input, path, found.size, most);
    return {
      size: found.size,
      read: async (start, end) => {
        // The path is resolved: a link in its place now is somebody's trick.
        const file = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => Promise.reject(new ExchangeSqlError('BAD_VALUE', `the file of ${input} cannot be read: '${path}'`, { hint: 'Check the rights of this process.', cause })));
        try {
          const bytes = Buffer.alloc(end - start);
          const { bytesRead } = await file.read(bytes, 0, end - start, start);
          if (bytesRead < end - start) throw new ExchangeSqlError('BAD_VALUE', `the file of ${input} became shorter while it was sent: '${path}'`, { hint: 'Run the statement again when the file is complete.' });
          return bytes;
        } finally {
          await file.close();
        }
      },
    };
  }

  async write(input: string, folder: string, name: string, bytes: Uint8Array): Promise<string> {
    const directory = await this.#directory(input, folder);
    const safe = safeFileName(name);
    for (let n = 1; n <= MOST_NUMBERS; n += 1) {
      const path = join(directory, n === 1 ? safe : numberedName(safe, n));
      const file = await this.#create(input, path);
      if (file === undefined) continue;
      try {
        await file.writeFile(bytes);
        return path;
      } catch (cause) {
        await rm(path, { force: true });
        throw new ExchangeSqlError('BAD_VALUE', `the file '${path}' of ${input} could not be written`, { hint: 'Check the space and the rights in the folder.', cause });
      } finally {
        await file.close();
      }
    }
    throw new ExchangeSqlError('BAD_VALUE', `the folder '${folder}' of ${input} holds too many files named like '${safe}'`, { hint: 'Name another folder.' });
  }

  /** A new file, or undefined where something of that name is there, a dangling link too. */
  async #create(input: string, path: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
    try {
      return await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    } catch (cause) {
      if (isCode(cause, 'EEXIST') || isCode(cause, 'ELOOP')) return undefined;
      throw new ExchangeSqlError('BAD_VALUE', `no file can be made in the folder of ${input}: '${dirname(path)}'`, { hint: 'Check the rights of this process there.', cause });
    }
  }

  async #directory(input: string, folder: string): Promise<string> {
    const full = this.#resolve(input, folder);
    // Made before it is looked at: the check has to see where it really is.
    if (this.#access === 'any') await mkdir(full, { recursive: true }).catch(() => undefined);
    const real = await this.#real(input, full, folder);
    if (!(await stat(real)).isDirectory()) throw new ExchangeSqlError('BAD_VALUE', `${input} is no folder: '${folder}'`, { hint: 'Name a folder; the file gets a name of its own.' });
    return real;
  }

  async #existing(input: string, path: string): Promise<string> {
    return this.#real(input, this.#resolve(input, path), path);
  }

  #resolve(input: string, path: string): string {
    this.demand(input);
    if (path.includes('\0')) throw new ExchangeSqlError('BAD_VALUE', `the path of ${input} holds a zero character`);
    const { folder } = this.#access as Exclude<FileAccess, string>;
    return folder === undefined ? resolve(path) : resolve(folder, isAbsolute(path) ? path : join('.', path));
  }

  /** The path with all links resolved. @throws STATEMENT_REFUSED if it leads out of the folder, BAD_VALUE if there is none. */
  async #real(input: string, full: string, given: string): Promise<string> {
    const access = this.#access;
    const outside = (): ExchangeSqlError => new ExchangeSqlError('STATEMENT_REFUSED', `${input} leads out of the folder for files: '${given}'`, { hint: 'Give a path below the folder that the administrator named, without .. and links that lead out.' });
    const root = typeof access === 'string' ? undefined : await realpath(access.folder);
    // Before anything is asked of the disk: what is outside must not be told apart from what is not there.
    if (typeof access !== 'string' && !isBelow(resolve(access.folder), full) && !isBelow(root!, full)) throw outside();
    let real: string;
    try {
      real = await realpath(full);
    } catch (cause) {
      throw new ExchangeSqlError('BAD_VALUE', `there is no file or folder '${given}' for ${input}`, { hint: 'Check the path; it is one on the machine of the driver.', cause });
    }
    if (root !== undefined && !isBelow(root, real)) throw outside();
    return real;
  }
}

function tooLarge(input: string, path: string, size: number, most: number): ExchangeSqlError {
  return new ExchangeSqlError('BAD_VALUE', `the file of ${input} has ${String(size)} bytes: '${path}'`, { hint: `At most ${String(most)} bytes can be sent.` });
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
